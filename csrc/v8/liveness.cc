#include "v8/liveness.h"

#include <node_version.h>

#include <cstring>

#include "v8/safe_read.h"

#if defined(SHF_SAFE_READ) && defined(__GLIBCXX__)
#define SHF_CAN_READ 1
#endif

namespace shf {

#ifdef SHF_CAN_READ

namespace {

// Samples that are read through the kernel before plain loads are used.
constexpr size_t kProvenSamples = 1000;

bool PlainRead(const Range *ranges, int count) {
  for (int i = 0; i < count; i++) {
    if (!Possible(ranges[i])) return false;
    memcpy(ranges[i].to, ranges[i].from, ranges[i].words * sizeof(uintptr_t));
  }
  return true;
}

// libstdc++'s unordered_map: buckets, bucket count, first node, size, policy
// (two words), one spare bucket.
constexpr int kMapWords = 7, kMapFirst = 2, kMapSize = 3;
// Its node: next, key (a sample), value (a unique_ptr to the same sample).
constexpr int kMapNodeWords = 3;
// V8's sample: size, tree node, weak handle, profiler, id.
constexpr int kSampleWords = 5, kSampleHandle = 2, kSampleProfiler = 3, kSampleId = 4;

}  // namespace

bool GuardedLiveness::Supported() {
  return NODE_MODULE_VERSION == 115 || NODE_MODULE_VERSION == 127 || NODE_MODULE_VERSION == 137 ||
         NODE_MODULE_VERSION == 147;
}

void GuardedLiveness::Before(v8::HeapProfiler *profiler) {
  sampler_ = table_ = nullptr;
  proven_ = 0;
  profiler_ = reinterpret_cast<const uintptr_t *>(profiler);
  if (!SafeRead(before_, profiler_, kProfilerWords)) profiler_ = nullptr;
}

// V8 keeps (int depth, uint64_t interval, int flags) right behind its table.
bool GuardedLiveness::After(uint64_t interval, int depth, int flags) {
  uintptr_t after[kProfilerWords];
  if (!profiler_ || !SafeRead(after, profiler_, kProfilerWords)) return false;
  for (int slot = 0; slot < kProfilerWords; slot++) {
    if (before_[slot] != 0 || after[slot] < 0x10000) continue;
    const uintptr_t *candidate = reinterpret_cast<const uintptr_t *>(after[slot]);
    uintptr_t words[kSamplerWords];
    if (!SafeRead(words, candidate, kSamplerWords)) continue;
    for (int i = kMapWords + 1; i + 2 < kSamplerWords; i++) {
      if (static_cast<int>(words[i]) != depth || words[i + 1] != interval ||
          static_cast<int>(words[i + 2]) != flags)
        continue;
      sampler_ = candidate;
      table_ = candidate + i - kMapWords;
      return true;
    }
  }
  return false;
}

bool GuardedLiveness::Read(const std::vector<v8::AllocationProfile::Sample> &samples,
                           std::vector<uint8_t> *live, ObjectTypes *types) {
  uintptr_t map[kMapWords], node[kMapNodeWords], sample[kSampleWords], next[kMapNodeWords] = {};
  if (!table_ || !SafeRead(map, table_, kMapWords)) return false;
  if (map[kMapSize] != samples.size()) return false;
  live->resize(samples.size());
  if (samples.empty()) return true;
  if (!SafeRead(node, reinterpret_cast<const uintptr_t *>(map[kMapFirst]), kMapNodeWords))
    return false;
  for (size_t i = 0; i < samples.size(); i++) {
    if (node[1] != node[2]) return false;
    Range ranges[2] = {
        {sample, reinterpret_cast<const uintptr_t *>(node[1]), kSampleWords},
        {next, reinterpret_cast<const uintptr_t *>(node[0]), kMapNodeWords},
    };
    int count = i + 1 < samples.size() ? 2 : 1;
    bool safe = proven_ < kProvenSamples;
    if (!(safe ? SafeRead(ranges, count) : PlainRead(ranges, count))) return false;
    if (sample[0] != samples[i].size || sample[kSampleId] != samples[i].sample_id ||
        sample[kSampleProfiler] != reinterpret_cast<uintptr_t>(sampler_))
      return false;
    (*live)[i] = sample[kSampleHandle] != 0;
    if (types && sample[kSampleHandle] && !types->Add(i, sample[kSampleHandle], safe)) return false;
    if (safe) proven_++;
    if (count == 1) return node[0] == 0;
    memcpy(node, next, sizeof node);
  }
  return false;
}

#else

bool GuardedLiveness::Supported() {
  return false;
}

void GuardedLiveness::Before(v8::HeapProfiler *) {}

bool GuardedLiveness::After(uint64_t, int, int) {
  return false;
}

bool GuardedLiveness::Read(const std::vector<v8::AllocationProfile::Sample> &,
                           std::vector<uint8_t> *, ObjectTypes *) {
  return false;
}

#endif

}  // namespace shf
