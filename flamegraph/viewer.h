/* The viewer's script, which contains its style; build_viewer.js generates viewer_data.c. */
#ifndef SHF_FLAMEGRAPH_VIEWER_H
#define SHF_FLAMEGRAPH_VIEWER_H

#include <stddef.h>

extern const char shf__viewer_script[];
extern const size_t shf__viewer_bytes;

#endif
