/*
 * Allocations that V8 did not sample. V8 of Node 20 resets its count of bytes to the next sample
 * whenever its optimizing compiler compiles a function, so up to a page of allocations before
 * that is not sampled. The growth of V8's heap shows how much was missed.
 */
#include <math.h>
#include <stdio.h>

#include "profile/meta.h"
#include "profile/profile.h"

/*
 * Below so many standard errors, this fraction, or this many bytes, the difference may be noise
 * or V8's own memory, some hundred kilobytes of which every program has from its start.
 */
static const double MIN_ERRORS = 3, MIN_SHARE = 0.03, MIN_BYTES = 1 << 20;

static bool is_node_20(const shf_profile *p) {
  shf_str version = shf_profile_meta_get(p, "node");
  return version.len > 4 && memcmp(version.ptr, "v20.", 4) == 0;
}

int shf__profile_set_missed(shf_profile *p) {
  double sampled = 0, variance = 0, interval = 0;
  double counted = (double)shf__meta_number(p, "heap_allocated_bytes");
  if (counted == 0 || !is_node_20(p)) return SHF_OK;
  for (uint32_t i = 0; i < shf_profile_buckets(p); i++) {
    const shf_bucket b = shf_profile_bucket_at(p, i);
    const shf_source *source = shf_profile_source_at(p, b.source);
    if (source->kind != SHF_HEAP) continue;
    interval = fmax(interval, (double)source->interval);
    sampled += (double)b.value[SHF_ALLOC_SPACE];
    variance += shf_bucket_variance(p, &b, SHF_ALLOC_SPACE);
  }
  /* Few samples say little of their own error: what that many bytes would have is known. */
  variance = fmax(variance, counted * interval);
  double missed = counted - sampled;
  if (sampled == 0 || missed < MIN_BYTES || missed < MIN_SHARE * counted ||
      missed < MIN_ERRORS * sqrt(variance))
    return SHF_OK;
  char text[256];
  int len =
      snprintf(text, sizeof text,
               "heap figures are about %.0f %% low: V8 of Node 20 does not sample all that is "
               "allocated while it compiles functions; a smaller --interval or Node 22 "
               "misses less",
               100 * missed / counted);
  return shf_profile_meta(p, shf_str_of("limit_missed"), (shf_str){text, (size_t)len});
}
