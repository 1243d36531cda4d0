/* The sides of a difference: their sums, runs and scales. */
#include <math.h>

#include "core/decimal.h"
#include "profile/profile.h"

bool shf_profile_is_diff(const shf_profile *p) {
  for (uint32_t i = 0; i < p->nsources; i++)
    if (p->sources[i].side != SHF_SIDE_NONE) return true;
  return false;
}

uint32_t shf_profile_runs(const shf_profile *p, enum shf_side side) {
  uint32_t runs = 1;
  for (uint32_t i = 0; i < p->nsources; i++)
    if (p->sources[i].side == (uint32_t)side && p->sources[i].run > runs) runs = p->sources[i].run;
  return runs;
}

void shf_profile_side_sums(const shf_profile *p, enum shf_side side, shf_type type, int64_t *self,
                           int64_t *total) {
  for (uint32_t n = 0; n < p->nnodes; n++) {
    int64_t sum = 0;
    for (uint32_t i = p->first[n]; i < p->first[n + 1]; i++)
      if (p->sources[shf__bucket_source(&p->buckets, i)].side == (uint32_t)side)
        sum += shf__bucket_value(&p->buckets, i, type);
    if (self) self[n] = sum;
    if (total) total[n] = sum;
  }
  if (!total) return;
  for (uint32_t n = p->nnodes; n-- > 1;) total[p->parent[n]] += total[n];
}

int64_t shf_profile_side_total(const shf_profile *p, enum shf_side side, shf_type type) {
  int64_t sum = 0;
  for (uint32_t i = 0; i < p->buckets.count; i++)
    if (p->sources[shf__bucket_source(&p->buckets, i)].side == (uint32_t)side)
      sum += shf__bucket_value(&p->buckets, i, type);
  return sum;
}

/* The factor of the side before, apart from the mean of its runs. */
static double normalized(const shf_profile *p) {
  shf_str text = shf_profile_meta_get(p, SHF__SCALE_KEY);
  double scale;
  if (!shf__decimal_parse(text.ptr, text.len, &scale)) return 1;
  return scale > 0 && isfinite(scale) ? scale : 1;
}

void shf__profile_set_scales(shf_profile *p) {
  double before = normalized(p) / shf_profile_runs(p, SHF_SIDE_BEFORE);
  double after = 1.0 / shf_profile_runs(p, SHF_SIDE_AFTER);
  p->scale[SHF_SIDE_NONE] = 1;
  p->scale[SHF_SIDE_BEFORE] = before * before;
  p->scale[SHF_SIDE_AFTER] = after * after;
}
