/*
 * Other code can stop V8's sampler at any time, for example an inspector client. We detect it
 * when a capture finds none of our samples, or after a garbage collection. Then sampling
 * starts again, and the last copy is kept as a segment.
 */
#include <cmath>
#include <cstdint>

#include "v8/sampler_internal.h"

namespace shf {
namespace {

using v8::AllocationProfile;

// Minimum time between two checks.
constexpr uint64_t kCheckStoppedUs = 100000;
// Maximum number of samples whose counts are checked.
constexpr size_t kCheckedSamples = 64;

// What was allocated after the last copy is lost.
void AppendLastCopy(shf_sampler *s) {
  if (s->last_copy) (void)AppendSegment(s, s->last_copy);
  EndLinesOfSegment(s);
  s->last_copy = nullptr;
  s->stopped_ms = NowMs();
}

// V8 starts only if no sampler runs. @return whether sampling started again
bool Restart(shf_sampler *s) {
  GuardedLiveness guarded = s->guarded;
  if (StartV8(s)) {
    s->guarded = guarded;
    return false;
  }
  if (!s->used_by_other) AppendLastCopy(s);
  s->used_by_other = false;
  FindTableAfterRestart(s);
  ResetAllocationCount(s);
  return true;
}

void CheckStopped(shf_sampler *s) {
  s->stopped_checked_us = NowUs();
  if (s->running && !s->busy) Restart(s);
}

}  // namespace

// Another sampler's ids start again, and its counts are scaled by another interval.
bool SamplesBelongToUs(shf_sampler *s, const std::vector<AllocationProfile::Sample> &samples) {
  uint64_t last = 0;
  for (const AllocationProfile::Sample &sample : samples)
    if (sample.sample_id > last) last = sample.sample_id;
  // If only live samples are kept, the last one may be dead.
  if (s->flags != 0 && last < s->last_sample_id) return false;
  double interval = static_cast<double>(s->interval);
  for (size_t i = 0; i < samples.size(); i += samples.size() / kCheckedSamples + 1) {
    double count = -1 / std::expm1(-static_cast<double>(samples[i].size) / interval);
    if (count < UINT32_MAX / 2 && std::fabs(count - samples[i].count) > 1) return false;
  }
  s->last_sample_id = last;
  s->clock.NoteId(NowUs(), last);
  return true;
}

void CheckStoppedSoon(shf_sampler *s) {
  if (NowUs() - s->stopped_checked_us >= kCheckStoppedUs)
    RequestInterrupt(s, &s->stopped_check, CheckStopped);
}

int CaptureAfterRestart(shf_sampler *s, shf_snapshot *out) {
  if (Restart(s)) return CaptureFromV8(s, false, s->collected, out);
  if (!s->used_by_other) AppendLastCopy(s);
  s->used_by_other = true;
  return EmptyCapture(s, s->collected, out);
}

}  // namespace shf
