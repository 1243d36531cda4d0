/* What a sampler is, for the files that it is made of. */
#ifndef SHF_V8_SAMPLER_INTERNAL_H
#define SHF_V8_SAMPLER_INTERNAL_H

#include <v8-profiler.h>
#include <v8.h>

#include <vector>

#include "v8/copy_tree.h"
#include "v8/liveness.h"
#include "v8/sampler.h"
#include "v8/scripts.h"

namespace shf {
// A call that V8 was asked for amid JavaScript; never comes where the isolate ends first.
struct PendingInterrupt;
}  // namespace shf

struct shf_sampler {
  shf_sampler_options options;
  v8::Isolate *isolate;
  uint64_t interval;  // doubles at each restart
  uint64_t since_ms;
  int flags;
  bool running;
  enum shf_liveness liveness;
  const char *reason;
  shf::GuardedLiveness guarded;
  shf::Locations locations;
  shf::Scripts scripts;
  std::vector<shf_capture *> earlier;
  uint64_t earlier_bytes;

  // What is needed when somebody else stops the sampling.
  shf_capture *last_copy;                // what was copied last
  uint64_t stopped_ms;                   // when it was seen; 0: never
  uint64_t last_sample_id;               // of the samples seen
  uint64_t stopped_checked_us;           // when it was looked for last
  shf::PendingInterrupt *stopped_check;  // nullptr: not asked for
  shf::PendingInterrupt *scripts_check;  // the same, for scripts
  bool used_by_other;                    // V8 samples for somebody else

  // Allocated bytes, counted between collections: V8 has no such counter in public.
  uint64_t allocated, used_before, next_check;
  uint64_t allocated_earlier;           // before the last restart
  shf::PendingInterrupt *memory_check;  // nullptr: not asked for

  uint64_t cached_at_us, caching_us;  // when places were learnt last, and how long it took
  bool busy;                          // a walk or copy is under way: it must not be entered again

  // What is done at the heap's limit.
  void (*at_limit)(void *arg);
  void *limit_arg;
  size_t limit_slack;
  size_t limit_met;     // the limit that was met; 0: none
  size_t limit_raised;  // what it was raised to last
  bool limit_added, limit_watched;

  void (*at_collection)(void *arg);
  void *collection_arg;

  bool collected;  // by us, since the last capture
  uint64_t gc_us;  // how long that took
};

namespace shf {

// Every collection; one name differs between V8s.
constexpr v8::GCType kCollections = static_cast<v8::GCType>(1 | 2 | 4);

uint64_t NowMs();  // Unix time
uint64_t NowUs();  // monotonic
uint64_t UsedHeap(v8::Isolate *isolate);

// Starts V8's own sampler, and looks for the table of samples where it is needed.
// @return as shf_sampler_start
int StartV8(shf_sampler *s);
bool FindTable(shf_sampler *s);
void StopV8(shf_sampler *s);
// Copies what V8 has. `closing`: the segment ends with a restart, and what
// lives is counted no more; `gc`: a collection was forced before.
// @return as shf_sampler_capture; SHF_E_ABSENT where V8 has nothing of ours
int CaptureFromV8(shf_sampler *s, bool closing, bool gc, shf_snapshot *out);
// A segment without samples.
int EmptyCapture(const shf_sampler *s, bool gc, shf_snapshot *out);
// Has `take` called amid JavaScript, unless the sampler stops before. `place`: where the
// sampler keeps the turn while it waits; where one waits there already, that is all.
void RequestInterrupt(shf_sampler *s, PendingInterrupt **place, void (*call)(shf_sampler *s));

// Bounds what dead samples take, where they are kept; learns places meanwhile.
void WatchMemory(shf_sampler *s);
void UnwatchMemory(shf_sampler *s);
// Counts what is allocated from here on.
void ResetAllocationCount(shf_sampler *s);
// What V8's heap grew by between collections since sampling began, in bytes.
uint64_t Allocated(const shf_sampler *s);
// What was counted becomes a segment of its own. @return false when memory is short: it is freed
bool AppendSegment(shf_sampler *s, shf_capture *segment);
// After sampling was started again.
void FindTableAfterRestart(shf_sampler *s);
// Learns where the functions of every sample so far were defined.
void CacheLocations(shf_sampler *s);

// No call at the heap's limit any more.
void RemoveLimitCallbacks(shf_sampler *s);
// Whether V8's samples are those that we asked for.
bool SamplesBelongToUs(shf_sampler *s, const std::vector<v8::AllocationProfile::Sample> &samples);
// Looks soon, but not in this collection, whether somebody stopped the sampling.
void CheckStoppedSoon(shf_sampler *s);
// Take() where V8 had nothing of ours.
int CaptureAfterRestart(shf_sampler *s, shf_snapshot *out);

}  // namespace shf

#endif
