/* Whether the lines of allocations are right in code of Maglev: see detour.h. */
#ifndef SHF_V8_DETOUR_PROOF_H
#define SHF_V8_DETOUR_PROOF_H

#include <v8.h>

#include "v8/calls.h"
#include "v8/observer.h"

namespace shf {

/*
 * Has Maglev compile a function of known allocations, samples them, and compares their lines.
 * `calls` then leaves out the lines that are not right: takes the detour only if each line is right
 * with it. Takes a few milliseconds, and only once in a process. Call it before V8's sampler
 * starts.
 */
void ProveLeafLines(v8::Isolate *isolate, SampleObserver *observer, Calls *calls);

}  // namespace shf

#endif
