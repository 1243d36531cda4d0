/* Copies V8's allocation tree into a capture. */
#ifndef SHF_V8_COPY_TREE_H
#define SHF_V8_COPY_TREE_H

#include <v8-profiler.h>

#include "capture/capture.h"
#include "v8/function_rows.h"
#include "v8/row_table.h"

namespace shf {

// Adds all functions and nodes, parents before children. `nodes` gets the row of each node by V8's
// id. V8 also samples its own work on the profile: such a sample may name a node that was not
// copied.
// @return 0 or a SHF_E… code
int CopyTree(v8::AllocationProfile *profile, FunctionRows *functions, shf_capture *c,
             RowTable *nodes);

}  // namespace shf

#endif
