/*
 * Forced garbage collections, so that memory in use is without garbage.
 */
#include "v8/sampler_internal.h"

namespace {

using shf::CacheLocations;
using shf::NowMs;
using shf::NowUs;
using shf::UsedHeap;
using v8::Isolate;

// One pass over it takes about a millisecond for each megabyte.
constexpr uint64_t kSmallHeap = 12 << 20;
// Larger heaps get one pass; V8's thorough collection takes at least two, and compacts.
constexpr uint64_t kLargeHeap = 64 << 20;
// The collection of a small heap takes at most 1/100 of the sampled time.
constexpr uint64_t kCollectShare = 100;
// Shorter runs are not searched for leaks.
constexpr uint64_t kLongRunMs = SHF_LEAK_SECONDS * 1000;

// `cached`: the locations of all sampled functions are cached.
void Collect(shf_sampler *s, bool cached, void (*collect)(Isolate *isolate)) {
  uint64_t begin = NowUs();
  if (!cached) CacheLocations(s);
  collect(s->isolate);
  s->gc_us = NowUs() - begin;
  s->collected = true;
}

// Resets the level, so that a program that goes on collects as before.
void CollectOnce(Isolate *isolate) {
  isolate->MemoryPressureNotification(v8::MemoryPressureLevel::kCritical);
  isolate->MemoryPressureNotification(v8::MemoryPressureLevel::kNone);
}

}  // namespace

void shf_sampler_collect(shf_sampler *s, bool captured) {
  if (UsedHeap(s->isolate) > kLargeHeap)
    Collect(s, captured, CollectOnce);
  else
    Collect(s, captured, [](Isolate *isolate) { isolate->LowMemoryNotification(); });
}

void shf_sampler_collect_small(shf_sampler *s) {
  uint64_t used = UsedHeap(s->isolate), lived_ms = NowMs() - s->since_ms;
  if (used > kSmallHeap || (used >> 20) * kCollectShare > lived_ms) return;
  Collect(s, false, CollectOnce);
}

bool shf_sampler_collect_long_run(shf_sampler *s) {
  uint64_t used = UsedHeap(s->isolate), lived_ms = NowMs() - s->since_ms;
  if (s->busy || lived_ms < kLongRunMs || (used >> 20) * kCollectShare > lived_ms) return false;
  Collect(s, true, CollectOnce);
  return true;
}

uint64_t shf_sampler_uncollected_ms(const shf_sampler *s) {
  return (NowUs() - s->whole_collection_us) / 1000;
}
