#include "v8/v8_sampler.h"

namespace shf {

#ifdef SHF_CAN_OBSERVE

namespace {

// Isolate, heap, last sample id, last node id, then the observer: its table of functions, interval,
// profiler, heap, random numbers, interval.
constexpr int kIsolate = 0, kHeap = 1, kStepSize = 5, kProfiler = 6, kObserverHeap = 7,
              kSamplerInterval = 9, kSamplerWords = 10;

bool IsOurs(const uintptr_t *words, const v8::Isolate *isolate, uint64_t interval,
            uintptr_t sampler) {
  return words[kIsolate] == reinterpret_cast<uintptr_t>(isolate) &&
         words[V8Sampler::kLastId] == 0 && words[kStepSize] == interval &&
         words[kSamplerInterval] == interval && words[kProfiler] == sampler &&
         words[kObserverHeap] == words[kHeap];
}

}  // namespace

void V8Sampler::Before(v8::HeapProfiler *profiler) {
  words_ = nullptr;
  profiler_ = reinterpret_cast<const uintptr_t *>(profiler);
  if (!SafeRead(before_, profiler_, kProfilerWords)) profiler_ = nullptr;
}

const char *V8Sampler::Find(v8::Isolate *isolate, uint64_t interval) {
  uintptr_t after[kProfilerWords], words[kSamplerWords];
  words_ = nullptr;
  if (!profiler_ || !SafeRead(after, profiler_, kProfilerWords))
    return "V8's profiler is not readable";
  for (int slot = 0; slot < kProfilerWords; slot++) {
    if (before_[slot] != 0 || after[slot] < 0x10000) continue;
    if (!SafeRead(words, reinterpret_cast<const uintptr_t *>(after[slot]), kSamplerWords)) continue;
    if (!IsOurs(words, isolate, interval, after[slot])) continue;
    words_ = reinterpret_cast<uintptr_t *>(after[slot]);
    holder_ = profiler_ + slot;
    return nullptr;
  }
  return "V8's observer of allocations was not found";
}

#else

void V8Sampler::Before(v8::HeapProfiler *) {}

const char *V8Sampler::Find(v8::Isolate *, uint64_t) {
  return "this Node's V8 is not known";
}

#endif

}  // namespace shf
