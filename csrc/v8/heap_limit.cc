/*
 * Writes a capture when the heap is about to reach its limit, and again when the program has
 * freed enough in between.
 */
#include <algorithm>

#include "v8/sampler_internal.h"

namespace {

using shf::UsedHeap;
using v8::Isolate;

void LimitAfterCollection(Isolate *, v8::GCType, v8::GCCallbackFlags, void *data) {
  shf_sampler_below_limit(static_cast<shf_sampler *>(data));
}

// The heap may be far above its limit by now. V8 gives up if the new limit does not help,
// and would never call Node's own callback.
size_t Raise(shf_sampler *s, size_t limit) {
  s->limit_raised = std::max<size_t>(limit, UsedHeap(s->isolate)) + s->limit_slack;
  return s->limit_raised;
}

// V8 calls the last added callback: once ours is removed, it calls Node's own.
size_t NearLimit(void *data, size_t current, size_t) {
  shf_sampler *s = static_cast<shf_sampler *>(data);
  if (s->limit_met || s->busy) return Raise(s, current);  // reached during a capture
  s->limit_met = s->limit_raised = current;
  s->at_limit(s->limit_arg);
  s->isolate->RemoveNearHeapLimitCallback(NearLimit, 0);
  s->limit_added = false;
  if (!s->limit_watched)
    s->isolate->AddGCEpilogueCallback(LimitAfterCollection, s, v8::kGCTypeMarkSweepCompact);
  s->limit_watched = true;
  // The capture may have reached the limit itself. V8 kills the process unless the returned
  // limit is above the current one.
  return Raise(s, s->limit_raised);
}

}  // namespace

namespace shf {

void RemoveLimitCallbacks(shf_sampler *s) {
  if (s->limit_added) s->isolate->RemoveNearHeapLimitCallback(NearLimit, 0);
  if (s->limit_watched) s->isolate->RemoveGCEpilogueCallback(LimitAfterCollection, s);
  s->limit_added = s->limit_watched = false;
}

}  // namespace shf

extern "C" {

void shf_sampler_at_limit(shf_sampler *s, size_t slack, void (*call)(void *arg), void *arg) {
  s->at_limit = call;
  s->limit_arg = arg;
  s->limit_slack = slack;
  s->limit_met = 0;
  if (!s->limit_added) s->isolate->AddNearHeapLimitCallback(NearLimit, s);
  s->limit_added = true;
}

bool shf_sampler_below_limit(shf_sampler *s) {
  if (!s->at_limit || !s->limit_met) return true;
  // V8 does not set a limit below five fourths of the live heap.
  if (s->limit_added || UsedHeap(s->isolate) > s->limit_met / 5 * 4) return false;
  s->isolate->AddNearHeapLimitCallback(NearLimit, s);
  s->isolate->RemoveNearHeapLimitCallback(NearLimit, s->limit_met);
  shf_sampler_at_limit(s, s->limit_slack, s->at_limit, s->limit_arg);
  return true;
}

}  // extern "C"
