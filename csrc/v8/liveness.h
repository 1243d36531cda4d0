/*
 * Which samples are alive, for V8s that keep dead samples but do not tell:
 * Node 20, 22 and 24 on Linux.
 *
 * V8 resets the weak handle of a sample when its object dies; whether the
 * handle is empty is all that is read here, from V8's own table of samples.
 * The table is found by values that only we know, and is read in lockstep with
 * the public GetSamples(): each private row must agree with the public one in
 * size and id. One mismatch rejects everything: a guess is never returned.
 */
#ifndef SHF_V8_LIVENESS_H
#define SHF_V8_LIVENESS_H

#include <v8-profiler.h>

#include <cstdint>
#include <vector>

namespace shf {

class GuardedLiveness {
 public:
  // Whether this build may try at all: known ABI, known container layout.
  static bool Supported();

  // Remembers V8's profiler as it is before sampling starts.
  void Before(v8::HeapProfiler *profiler);
  // Finds the table, given what sampling was started with.
  bool After(uint64_t interval, int depth, int flags);

  // One byte a sample, in the order of `samples`; false: not readable. No
  // collection may happen between GetAllocationProfile and this.
  bool Read(const std::vector<v8::AllocationProfile::Sample> &samples, std::vector<uint8_t> *live);

 private:
  static constexpr int kProfilerWords = 32;
  static constexpr int kSamplerWords = 64;

  const uintptr_t *profiler_ = nullptr;
  uintptr_t before_[kProfilerWords] = {};
  const uintptr_t *sampler_ = nullptr;  // V8's SamplingHeapProfiler
  const uintptr_t *table_ = nullptr;    // its unordered_map of samples
  size_t proven_ = 0;                   // samples that were read by safe reads so far
};

}  // namespace shf

#endif
