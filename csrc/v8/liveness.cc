#include "v8/liveness.h"

#include <node_version.h>

#include <cstring>

#if defined(__linux__) && defined(__GLIBCXX__)
#include <errno.h>
#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>
#define SHF_CAN_READ 1
#endif

namespace shf {

#ifdef SHF_CAN_READ

namespace {

// Samples whose memory is read through the kernel before plain loads are trusted.
constexpr size_t kProven = 1000;

// A pipe tells whether memory is readable: write(2) fails with EFAULT where not.
bool ReadThroughPipe(void *to, const void *from, size_t len) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return false;
  bool whole = write(ends[1], from, len) == static_cast<ssize_t>(len) &&
               read(ends[0], to, len) == static_cast<ssize_t>(len);
  close(ends[0]);
  close(ends[1]);
  return whole;
}

// Copies memory that may not be there. Sandboxes refuse the first way.
bool SafeRead(void *to, const void *from, size_t len) {
  iovec local = {to, len};
  iovec remote = {const_cast<void *>(from), len};
  ssize_t n = process_vm_readv(getpid(), &local, 1, &remote, 1, 0);
  if (n == static_cast<ssize_t>(len)) return true;
  if (n < 0 && (errno == EPERM || errno == ENOSYS)) return ReadThroughPipe(to, from, len);
  return false;
}

bool ReadWords(bool safe, uintptr_t *to, const uintptr_t *from, size_t words) {
  if (from == nullptr || reinterpret_cast<uintptr_t>(from) % sizeof *from) return false;
  if (safe) return SafeRead(to, from, words * sizeof *to);
  memcpy(to, from, words * sizeof *to);
  return true;
}

// libstdc++'s unordered_map: buckets, bucket count, first node, size, policy
// (two words), one spare bucket.
constexpr int kMapWords = 7, kMapFirst = 2, kMapSize = 3;
// Its node: next, key (a sample), value (a unique_ptr to the same sample).
constexpr int kNodeWords = 3;
// V8's sample: size, tree node, weak handle, profiler, id.
constexpr int kSampleWords = 5, kSampleHandle = 2, kSampleProfiler = 3, kSampleId = 4;

}  // namespace

bool GuardedLiveness::Supported() {
  return NODE_MODULE_VERSION == 115 || NODE_MODULE_VERSION == 127 || NODE_MODULE_VERSION == 137;
}

void GuardedLiveness::Before(v8::HeapProfiler *profiler) {
  sampler_ = table_ = nullptr;
  proven_ = 0;
  profiler_ = reinterpret_cast<const uintptr_t *>(profiler);
  if (!SafeRead(before_, profiler_, sizeof before_)) profiler_ = nullptr;
}

// V8 keeps (int depth, uint64_t interval, int flags) right behind its table.
bool GuardedLiveness::After(uint64_t interval, int depth, int flags) {
  uintptr_t after[kProfilerWords];
  if (!profiler_ || !SafeRead(after, profiler_, sizeof after)) return false;
  for (int slot = 0; slot < kProfilerWords; slot++) {
    if (before_[slot] != 0 || after[slot] < 0x10000) continue;
    const uintptr_t *candidate = reinterpret_cast<const uintptr_t *>(after[slot]);
    uintptr_t words[kSamplerWords];
    if (!ReadWords(true, words, candidate, kSamplerWords)) continue;
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
                           std::vector<uint8_t> *live) {
  uintptr_t map[kMapWords];
  if (!table_ || !ReadWords(true, map, table_, kMapWords)) return false;
  if (map[kMapSize] != samples.size()) return false;
  live->resize(samples.size());
  const uintptr_t *at = reinterpret_cast<const uintptr_t *>(map[kMapFirst]);
  for (size_t i = 0; i < samples.size(); i++) {
    bool safe = proven_ < kProven;
    uintptr_t node[kNodeWords], sample[kSampleWords];
    if (!ReadWords(safe, node, at, kNodeWords) || node[1] != node[2]) return false;
    const uintptr_t *key = reinterpret_cast<const uintptr_t *>(node[1]);
    if (!ReadWords(safe, sample, key, kSampleWords)) return false;
    if (sample[0] != samples[i].size || sample[kSampleId] != samples[i].sample_id ||
        sample[kSampleProfiler] != reinterpret_cast<uintptr_t>(sampler_))
      return false;
    (*live)[i] = sample[kSampleHandle] != 0;
    at = reinterpret_cast<const uintptr_t *>(node[0]);
    if (safe) proven_++;
  }
  return at == nullptr;
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
                           std::vector<uint8_t> *) {
  return false;
}

#endif

}  // namespace shf
