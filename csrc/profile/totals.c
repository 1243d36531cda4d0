/* The sums of a profile, and of each node. */
#include <assert.h>

#include "profile/profile.h"

/*
 * Positive and negative values are summed apart, so that no subtree exceeds 2^63 either; not
 * when its sign is turned, as in the base of a pprof difference, and not one side of a
 * difference minus the other.
 */
int shf__profile_add_up(shf_profile *p) {
  int64_t sums[SHF_TYPES][2] = {{0}}, apart;
  for (uint32_t i = 0; i < p->buckets.count; i++) {
    for (int t = 0; t < SHF_TYPES; t++) {
      int64_t value = shf__bucket_value(&p->buckets, i, (shf_type)t), *sum = &sums[t][value < 0];
      if (__builtin_add_overflow(*sum, value, sum) || *sum == INT64_MIN) return SHF_E_LIMIT;
    }
  }
  bool diff = shf_profile_is_diff(p);
  for (int t = 0; t < SHF_TYPES; t++) {
    if (diff && __builtin_sub_overflow(sums[t][0], sums[t][1], &apart)) return SHF_E_LIMIT;
    p->total[t] = sums[t][0] + sums[t][1];
  }
  return SHF_OK;
}

void shf_profile_sums(const shf_profile *p, shf_type type, int64_t *self, int64_t *total) {
  assert(p->sealed && p->first);
  for (uint32_t n = 0; n < p->nnodes; n++) {
    int64_t sum = 0;
    for (uint32_t b = p->first[n]; b < p->first[n + 1]; b++)
      sum += shf__bucket_value(&p->buckets, b, type);
    if (self) self[n] = sum;
    if (total) total[n] = sum;
  }
  if (!total) return;
  for (uint32_t n = p->nnodes; n-- > 1;) total[p->parent[n]] += total[n];
}
