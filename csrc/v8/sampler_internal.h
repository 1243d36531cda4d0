/* State and functions that the files of the sampler share. */
#ifndef SHF_V8_SAMPLER_INTERNAL_H
#define SHF_V8_SAMPLER_INTERNAL_H

#include <v8-profiler.h>
#include <v8.h>

#include <string>
#include <vector>

#include "v8/capture_labels.h"
#include "v8/copy_tree.h"
#include "v8/labels.h"
#include "v8/lines.h"
#include "v8/liveness.h"
#include "v8/object_types.h"
#include "v8/observer.h"
#include "v8/sample_clock.h"
#include "v8/sample_columns.h"
#include "v8/sampler.h"
#include "v8/scripts.h"

namespace shf {
// A requested interrupt of JavaScript. It never comes if the isolate ends first.
struct PendingInterrupt;
}  // namespace shf

struct shf_sampler {
  shf_sampler_options options;
  v8::Isolate *isolate;
  uint64_t interval;  // doubles at each restart
  uint64_t since_ms;
  uint64_t whole_collection_us;  // when the whole heap was last collected, or sampling began
  int flags;
  bool running;
  enum shf_liveness liveness;
  const char *reason;
  shf::GuardedLiveness guarded;
  bool types_wanted;        // by the capture that is made
  const char *types_limit;  // what it lacks of them; constant text
  shf::SampleClock clock;
  shf::V8Sampler v8_sampler;
  const char *v8_sampler_why;  // why it was not found, constant text
  // Calls `lines`, `labels` and `scripts`, where they want it.
  shf::SampleObserver observer;
  const char *observer_why;  // why it does not, constant text; empty otherwise
  shf::Locations locations;
  shf::Scripts scripts;
  bool scripts_nameless;    // whether the last capture had any that may have a sourceURL
  bool scripts_at_samples;  // whether they are read soon after samples
  shf::Lines *lines;        // nullptr: not wanted, or not possible
  const char *lines_why;    // why they are not possible; constant text
  std::string lines_limit;
  shf::Labels *labels;     // nullptr: the app has not set any, or not possible
  const char *labels_why;  // why they are not possible; constant text, or nullptr
  std::string labels_limit;
  shf::PendingInterrupt *labels_read;  // nullptr: not requested
  uint32_t v8_nodes;                   // of V8's tree at the last copy
  std::vector<shf_capture *> earlier;
  uint64_t earlier_bytes;

  // For the case that other code stops sampling.
  shf_capture *last_copy;                // the last capture that was copied
  uint64_t stopped_ms;                   // when that was detected; 0: never
  uint64_t last_sample_id;               // highest id of the samples so far
  uint64_t stopped_checked_us;           // time of the last check
  shf::PendingInterrupt *stopped_check;  // nullptr: not requested
  shf::PendingInterrupt *scripts_check;  // the same for reading scripts
  bool used_by_other;                    // V8 samples for other code

  // Allocated bytes, measured between collections: V8 has no public counter.
  uint64_t allocated, used_before, next_check;
  uint64_t allocated_earlier;           // before the last restart
  shf::PendingInterrupt *memory_check;  // nullptr: not requested

  uint64_t cached_at_us, caching_us;  // when locations were cached last, and how long it took
  bool busy;                          // a walk or copy is running: it must not be entered again

  // Callback at the heap limit.
  void (*at_limit)(void *arg);
  void *limit_arg;
  size_t limit_slack;
  size_t limit_met;     // the limit that was reached; 0: none
  size_t limit_raised;  // the last raised limit
  bool limit_added, limit_watched;

  void (*at_collection)(void *arg);
  void *collection_arg;

  bool collected;  // we forced a collection since the last capture
  uint64_t gc_us;  // its duration
};

namespace shf {

// All garbage collections; one name differs between V8 versions.
constexpr v8::GCType kCollections = static_cast<v8::GCType>(1 | 2 | 4);

uint64_t NowMs();  // Unix time
uint64_t NowUs();  // monotonic
uint64_t UsedHeap(v8::Isolate *isolate);

// Frames of a stack that V8 is asked for.
int V8Depth(const shf_sampler *s);
// Starts V8's own sampler, and looks for the table of samples where it is needed.
// @return as shf_sampler_start
int StartV8(shf_sampler *s);
bool FindTable(shf_sampler *s);
void StopV8(shf_sampler *s);
// Has V8's samples reported to those that want them; again after each start of V8's sampler.
void InstallObserver(shf_sampler *s);
// Copies V8's samples. `closing`: the segment ends with a restart, so live blocks are not
// counted; `gc`: a collection was forced before.
// @return as shf_sampler_capture; SHF_E_ABSENT where V8 has none of our samples
int CaptureFromV8(shf_sampler *s, bool closing, bool gc, shf_snapshot *out);
// Adds all stacks, and a bucket for samples that are equal in all columns.
// @return 0 or a SHF_E… code
int AddSamples(shf_sampler *s, v8::AllocationProfile *profile, const SampleColumns &columns,
               uint32_t source, FunctionRows *functions, CaptureLabels *labels, shf_capture *c);
// A segment without samples.
int EmptyCapture(const shf_sampler *s, bool gc, shf_snapshot *out);
// Calls `call` between instructions of JavaScript, unless the sampler stops before. `place`:
// holds the pending interrupt; does nothing if one is pending there already.
void RequestInterrupt(shf_sampler *s, PendingInterrupt **place, void (*call)(shf_sampler *s));
// The sampler stops: a requested interrupt does nothing. nullptr is allowed.
void CancelInterrupt(PendingInterrupt *pending);

// Reads the stack for scripts between instructions of JavaScript.
void ReadScriptsSoon(shf_sampler *s);
// Does so soon after samples from now on, if V8's layout is known.
void ReadScriptsAtSamples(shf_sampler *s);

// Limits the memory of dead samples and caches locations, by garbage collection callbacks.
void WatchMemory(shf_sampler *s);
void UnwatchMemory(shf_sampler *s);
// Starts counting allocated bytes from zero.
void ResetAllocationCount(shf_sampler *s);
// Bytes that the heap grew by between collections since sampling started.
uint64_t Allocated(const shf_sampler *s);
// Keeps a segment of earlier samples. @return false when memory is short: it is freed
bool AppendSegment(shf_sampler *s, shf_capture *segment);
// Call it after a restart.
void FindTableAfterRestart(shf_sampler *s);
// Caches the locations of the functions of all samples so far.
void CacheLocations(shf_sampler *s);

// Removes the callbacks at the heap limit.
void RemoveLimitCallbacks(shf_sampler *s);
// Whether V8's samples come from our own sampling.
bool SamplesBelongToUs(shf_sampler *s, const std::vector<v8::AllocationProfile::Sample> &samples);
// Checks soon, but not during this collection, whether other code stopped sampling.
void CheckStoppedSoon(shf_sampler *s);
// Captures where V8 had none of our samples: restarts sampling if possible.
int CaptureAfterRestart(shf_sampler *s, shf_snapshot *out);

}  // namespace shf

#endif
