/* V8's tree of allocations into the rows of a capture. */
#ifndef SHF_WALK_H
#define SHF_WALK_H

#include <v8-profiler.h>

#include "capture/capture.h"

namespace shf {

// Adds all functions and nodes, parents before children. @return 0 or a SHF_E… code
int CopyTree(v8::Isolate *isolate, v8::AllocationProfile *profile, shf_capture *c);

}  // namespace shf

#endif
