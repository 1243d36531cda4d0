/* The viewer's script, its style within; embed.js makes viewer_data.c of the viewer's files. */
#ifndef SHF_VIEWER_H
#define SHF_VIEWER_H

#include <stddef.h>

extern const char shf__viewer_script[];
extern const size_t shf__viewer_bytes;

#endif
