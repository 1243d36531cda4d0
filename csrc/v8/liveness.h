/*
 * Which samples are alive, for V8 versions that keep dead samples without telling them
 * apart: Node 20, 22 and 24 on Linux.
 *
 * V8 resets the weak handle of a sample when its object dies. This code reads from V8's own
 * table of samples whether the handle is empty, and nothing else. It finds the table by the
 * values that sampling was started with, and reads it in step with the public GetSamples():
 * each private row must have the size and id of the public one. One mismatch rejects all.
 */
#ifndef SHF_V8_LIVENESS_H
#define SHF_V8_LIVENESS_H

#include <v8-profiler.h>

#include <cstdint>
#include <vector>

#include "v8/object_types.h"

namespace shf {

class GuardedLiveness {
 public:
  // Whether this build supports it: known ABI, known container layout.
  static bool Supported();

  // Records V8's profiler object before sampling starts.
  void Before(v8::HeapProfiler *profiler);
  // Finds the table by the values that sampling was started with.
  bool After(uint64_t interval, int depth, int flags);

  // One byte for each sample, in the order of `samples`; false: not readable. No garbage
  // collection may happen between GetAllocationProfile and this call.
  // @param types gets each live sample; nullptr: not wanted
  bool Read(const std::vector<v8::AllocationProfile::Sample> &samples, std::vector<uint8_t> *live,
            ObjectTypes *types);

 private:
  static constexpr int kProfilerWords = 32;
  static constexpr int kSamplerWords = 64;

  const uintptr_t *profiler_ = nullptr;
  uintptr_t before_[kProfilerWords] = {};
  const uintptr_t *sampler_ = nullptr;  // V8's SamplingHeapProfiler
  const uintptr_t *table_ = nullptr;    // its unordered_map of samples
  size_t proven_ = 0;                   // samples read by SafeRead so far
};

}  // namespace shf

#endif
