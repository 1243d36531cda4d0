/*
 * V8's SamplingHeapProfiler, which no API gives. It is found by seven words that only we know, on
 * Node lines whose layout no longer changes. Finding it only reads.
 */
#ifndef SHF_V8_V8_SAMPLER_H
#define SHF_V8_V8_SAMPLER_H

#include <node_version.h>
#include <v8-profiler.h>

#include <cstdint>

#include "v8/safe_read.h"

#if defined(SHF_SAFE_READ) && defined(__GLIBCXX__) &&                                          \
    (defined(__x86_64__) || defined(__aarch64__)) &&                                           \
    (NODE_MODULE_VERSION == 115 || NODE_MODULE_VERSION == 127 || NODE_MODULE_VERSION == 137 || \
     NODE_MODULE_VERSION == 147)
#define SHF_CAN_OBSERVE 1
#endif

namespace shf {

class V8Sampler {
 public:
  // Records V8's profiler object. Call it before V8's sampler starts.
  void Before(v8::HeapProfiler *profiler);
  // Call it after V8's sampler has started and before anything is allocated.
  // @return why it was not found, constant text; nullptr: it was
  const char *Find(v8::Isolate *isolate, uint64_t interval);
  // Other code may have stopped V8's sampler, whose memory is freed then.
  bool Exists() const {
    return words_ && *holder_ == reinterpret_cast<uintptr_t>(words_);
  }
  // V8's number of its last sample; 0: it has taken none, or is not known.
  uint64_t LastId() const {
    return Exists() ? words_[kLastId] : 0;
  }
  // The object's words, of which kObserver is its observer's table of functions.
  uintptr_t *words() const {
    return words_;
  }

  static constexpr int kLastId = 2, kObserver = 4;

 private:
  static constexpr int kProfilerWords = 32;

  const uintptr_t *profiler_ = nullptr;  // V8's HeapProfiler
  uintptr_t before_[kProfilerWords] = {};
  uintptr_t *words_ = nullptr;
  const uintptr_t *holder_ = nullptr;  // the word of HeapProfiler that points to it
};

}  // namespace shf

#endif
