/* The lines of a sampler's stacks: what observes V8's samples, and what is known of their calls. */
#ifndef SHF_V8_LINES_H
#define SHF_V8_LINES_H

#include <cstdint>
#include <string>

#include "v8/calls.h"

struct shf_sampler;

namespace shf {

struct PendingInterrupt;

struct Lines {
  Lines(v8::Isolate *isolate, uint64_t max_memory) : calls(isolate, max_memory) {}

  Calls calls;
  // Samples of the last capture, and those without lines; of all segments.
  uint64_t samples = 0, without = 0;
  uint64_t earlier_samples = 0, earlier_without = 0;
  PendingInterrupt *drain = nullptr;
};

// Before V8's sampler starts for the first time. Without lines, the sampler knows why.
void StartLines(shf_sampler *s);
// After V8's sampler has stopped.
void StopLines(shf_sampler *s);
// Call it before a collection: joins samples that wait for it too long, soon, or now where
// JavaScript takes no interrupts.
void DrainSoon(shf_sampler *s);
// The samples so far belong to a segment that ends.
void EndLinesOfSegment(shf_sampler *s);
// What is missing in the last capture, for the reader of the profile; empty where nothing is.
std::string LinesLimit(const shf_sampler *s);

}  // namespace shf

#endif
