/* The viewer's script, its style within; build_viewer.js makes viewer_data.c of the viewer's files.
 */
#ifndef SHF_FLAMEGRAPH_VIEWER_H
#define SHF_FLAMEGRAPH_VIEWER_H

#include <stddef.h>

extern const char shf__viewer_script[];
extern const size_t shf__viewer_bytes;

#endif
