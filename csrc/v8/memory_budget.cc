/*
 * Limits the memory of sampling. V8 keeps dead samples: when they may fill the limit, the
 * counts so far become a segment, and sampling restarts at twice the interval.
 */
#include <memory>
#include <new>

#include "v8/sampler_internal.h"

namespace shf {
namespace {

using v8::Isolate;

// Measured maximum of RSS for a dead sample (96 bytes in V8, 33 in a walk, and as much again
// of malloc's overhead) and for a node of V8's tree.
constexpr uint64_t kSampleBytes = 256, kNodeBytes = 384;
// Locations are cached again when kCacheShare times the duration of the last time has passed:
// at most one percent of the time.
constexpr uint64_t kCacheShare = 100;

bool Watched(const shf_sampler *s) {
  return s->flags != 0 && s->options.max_memory != 0;
}

// Keeps the interval where there is no memory even to append the segment.
void RestartAtLargerInterval(shf_sampler *s, shf_capture *segment) {
  if (!AppendSegment(s, segment)) {
    s->next_check = s->allocated * 2 + 1;
    return;
  }
  EndLinesOfSegment(s);
  shf_capture_free(s->last_copy);
  s->last_copy = nullptr;
  StopV8(s);
  if (s->interval <= UINT64_MAX / 4) s->interval *= 2;
  if (StartV8(s)) return;
  FindTableAfterRestart(s);
  ResetAllocationCount(s);
}

void CheckMemory(shf_sampler *s) {
  shf_snapshot shot = {};
  if (!s->running) return;
  if (CaptureFromV8(s, true, false, &shot)) {
    // Other code samples, or memory is short.
    s->next_check = s->allocated * 2 + 1;
    return;
  }
  uint64_t bytes =
      uint64_t{shot.samples} * kSampleBytes + uint64_t{s->v8_nodes} * kNodeBytes + s->earlier_bytes;
  if (s->lines) bytes += s->lines->calls.Bytes();
  if (s->labels) bytes += s->labels->Bytes();
  shf_sampler_free_v8_profile(shot.unfreed_v8_profile);
  if (bytes >= s->options.max_memory / 4 * 3) {
    RestartAtLargerInterval(s, shot.now);
    return;
  }
  // Blocks are larger than the interval, or the program allocates more slowly: check later.
  double filled = static_cast<double>(bytes) / static_cast<double>(s->options.max_memory);
  double factor = filled < 0.1 ? 8 : 0.8 / filled;
  s->next_check = static_cast<uint64_t>(static_cast<double>(s->allocated) * factor) + 1;
  shf_capture_free(shot.now);
}

void OnEachCollection(Isolate *, v8::GCType type, v8::GCCallbackFlags, void *data) {
  shf_sampler *s = static_cast<shf_sampler *>(data);
  uint64_t now = NowUs();
  DrainSoon(s);
  if (s->labels) s->labels->OnCollection();
  s->clock.Note(now);
  if (type == v8::kGCTypeMarkSweepCompact) s->whole_collection_us = now;
  if (s->scripts.Due(now)) ReadScriptsSoon(s);
}

void BeforeCollection(Isolate *isolate, v8::GCType type, v8::GCCallbackFlags, void *data) {
  shf_sampler *s = static_cast<shf_sampler *>(data);
  bool due = NowUs() - s->cached_at_us >= s->caching_us * kCacheShare;
  if (type == v8::kGCTypeMarkSweepCompact && due) CacheLocations(s);
  uint64_t used = UsedHeap(isolate);
  if (used > s->used_before) s->allocated += used - s->used_before;
  if (s->allocated >= s->next_check) RequestInterrupt(s, &s->memory_check, CheckMemory);
}

void BudgetAfterCollection(Isolate *isolate, v8::GCType, v8::GCCallbackFlags, void *data) {
  shf_sampler *s = static_cast<shf_sampler *>(data);
  s->used_before = UsedHeap(isolate);
  CheckStoppedSoon(s);
}

// Bytes that can be allocated until dead samples may fill the limit.
uint64_t BytesUntilFull(const shf_sampler *s) {
  uint64_t bound = s->options.max_memory;
  uint64_t left = bound > s->earlier_bytes + bound / 4 ? bound - s->earlier_bytes : bound / 4;
  uint64_t samples = left / kSampleBytes + 1;
  return samples > UINT64_MAX / s->interval ? UINT64_MAX : samples * s->interval;
}

}  // namespace

// V8 loses the locations of functions when it collects their scripts.
void CacheLocations(shf_sampler *s) {
  if (s->busy) return;
  uint64_t begin = NowUs();
  v8::HandleScope scope(s->isolate);
  s->busy = true;
  std::unique_ptr<v8::AllocationProfile> profile(
      s->isolate->GetHeapProfiler()->GetAllocationProfile());
  shf_capture *scratch;
  if (profile && shf_capture_new(&scratch) == SHF_OK) {
    try {
      RowTable nodes;
      FunctionRows functions(s->isolate, s->scripts, &s->locations, scratch);
      CopyTree(profile.get(), &functions, scratch, &nodes);
    } catch (const std::bad_alloc &) {
      // some functions will have no file
    }
    shf_capture_free(scratch);
  }
  s->busy = false;
  s->cached_at_us = NowUs();
  s->caching_us = s->cached_at_us - begin;
}

// Called by V8, which no exception may reach.
bool AppendSegment(shf_sampler *s, shf_capture *segment) {
  try {
    s->earlier.push_back(segment);
  } catch (const std::bad_alloc &) {
    shf_capture_free(segment);
    return false;
  }
  shf_capture_compact(segment);
  s->earlier_bytes += shf_capture_length(segment);
  return true;
}

void FindTableAfterRestart(shf_sampler *s) {
  s->last_sample_id = 0;
  bool found = GuardedLiveness::Supported() && FindTable(s);
  if (s->liveness != SHF_LIVENESS_GUARDED || found) return;
  s->liveness = SHF_LIVENESS_NONE;
  s->reason = "V8's table of samples was not found again";
}

void ResetAllocationCount(shf_sampler *s) {
  s->allocated_earlier = Allocated(s);
  s->allocated = 0;
  s->next_check = BytesUntilFull(s);
  s->used_before = UsedHeap(s->isolate);
}

uint64_t Allocated(const shf_sampler *s) {
  uint64_t used = s->used_before ? UsedHeap(s->isolate) : 0;
  uint64_t since = used > s->used_before ? used - s->used_before : 0;
  return s->allocated_earlier + s->allocated + since;
}

void WatchMemory(shf_sampler *s) {
  ResetAllocationCount(s);
  s->isolate->AddGCPrologueCallback(OnEachCollection, s, kCollections);
  if (!Watched(s)) return;
  s->isolate->AddGCPrologueCallback(BeforeCollection, s, kCollections);
  s->isolate->AddGCEpilogueCallback(BudgetAfterCollection, s, kCollections);
}

void UnwatchMemory(shf_sampler *s) {
  s->isolate->RemoveGCPrologueCallback(OnEachCollection, s);
  if (!Watched(s)) return;
  s->isolate->RemoveGCPrologueCallback(BeforeCollection, s);
  s->isolate->RemoveGCEpilogueCallback(BudgetAfterCollection, s);
}

}  // namespace shf

uint64_t shf_sampler_allocated(const shf_sampler *s) {
  return shf::Watched(s) ? shf::Allocated(s) : 0;
}
