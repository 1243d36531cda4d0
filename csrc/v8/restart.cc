/*
 * Anybody can stop V8's sampling: a client of the inspector does so without
 * asking. It is seen when a capture finds nothing of ours, or after a collection;
 * then sampling begins again, and what was copied last is kept.
 */
#include <cmath>
#include <cstdint>

#include "v8/sampler_internal.h"

namespace shf {
namespace {

using v8::AllocationProfile;

// Least time between two looks.
constexpr uint64_t kCheckStoppedUs = 100000;
// Samples whose counts are checked.
constexpr size_t kCheckedSamples = 64;

// What was allocated until the last copy is all there is.
void AppendLastCopy(shf_sampler *s) {
  if (s->last_copy) (void)AppendSegment(s, s->last_copy);
  s->last_copy = nullptr;
  s->stopped_ms = NowMs();
}

// V8 starts only where it samples for nobody. @return whether that was so
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

// Another sampler's ids begin anew, and its counts are scaled by another interval.
bool SamplesBelongToUs(shf_sampler *s, const std::vector<AllocationProfile::Sample> &samples) {
  uint64_t last = 0;
  for (const AllocationProfile::Sample &sample : samples)
    if (sample.sample_id > last) last = sample.sample_id;
  // Where only live samples are kept, the last one may have died.
  if (s->flags != 0 && last < s->last_sample_id) return false;
  double interval = static_cast<double>(s->interval);
  for (size_t i = 0; i < samples.size(); i += samples.size() / kCheckedSamples + 1) {
    double count = -1 / std::expm1(-static_cast<double>(samples[i].size) / interval);
    if (count < UINT32_MAX / 2 && std::fabs(count - samples[i].count) > 1) return false;
  }
  s->last_sample_id = last;
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
