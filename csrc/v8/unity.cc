// All of csrc/v8 as one source, which compiles in an eighth of the time: the compiler reads V8's
// headers once. So a name in an anonymous namespace must be the only one in this folder.

#include "v8/add_samples.cc"
#include "v8/array_buffer_hook.cc"
#include "v8/calls.cc"
#include "v8/capture_labels.cc"
#include "v8/copy_tree.cc"
#include "v8/cpu_profile.cc"
#include "v8/detour.cc"
#include "v8/detour_proof.cc"
#include "v8/function_rows.cc"
#include "v8/heap_limit.cc"
#include "v8/isolate.cc"
#include "v8/lines.cc"
#include "v8/liveness.cc"
#include "v8/loaded_object.cc"
#include "v8/memory_budget.cc"
#include "v8/observer.cc"
#include "v8/process_abort.cc"
#include "v8/profile_signal.cc"
#include "v8/safe_read.cc"
#include "v8/sampling_restart.cc"
#include "v8/scripts.cc"
#include "v8/stack_trace.cc"
#include "v8/weave.cc"

// the last: it has `using namespace shf`
#include "v8/sampler.cc"
