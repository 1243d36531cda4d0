/* The sampling error of estimates. */
#include "profile/profile.h"

/*
 * Blocks sampled with chance p, each worth s / p: the variance of their sum,
 * estimated from the k that were seen, is k (1 - p) (s / p)^2.
 */
double shf_bucket_variance(const shf_profile *p, const shf_bucket *b, shf_type type) {
  bool inuse = type == SHF_INUSE_OBJECTS || type == SHF_INUSE_SPACE;
  double sampled = inuse ? b->live : b->allocated;
  double seen = 1 / shf_weight(b->size, p->sources[b->source].interval);
  double each = (shf_type_is_space(type) ? (double)b->size : 1) / seen;
  return sampled * (1 - seen) * each * each * p->scale[p->sources[b->source].side];
}

double shf_profile_variance(const shf_profile *p, shf_type type) {
  double sum = 0;
  for (uint32_t i = 0; i < p->buckets.count; i++) {
    const shf_bucket b = shf__bucket(&p->buckets, i);
    sum += shf_bucket_variance(p, &b, type);
  }
  return sum;
}
