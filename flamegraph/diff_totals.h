/* Totals of both sides of a difference, by node. */
#ifndef SHF_FLAMEGRAPH_DIFF_TOTALS_H
#define SHF_FLAMEGRAPH_DIFF_TOTALS_H

#include "shf.h"

typedef struct shf_diff_totals {
  int64_t *total[2]; /* row n: node n, before and after; NULL: the profile is not a difference */
  double *variance;  /* row n: variance of the change of total */
  int64_t largest;   /* the largest absolute change of a total */
} shf_diff_totals;

/*
 * Does nothing if the profile is not a difference. `self` gets the values for the layout of both
 * sides together: the larger self of both sides, so that what is gone keeps its place.
 */
int shf__diff_totals_new(shf_diff_totals *s, const shf_profile *p, shf_type type, int64_t *self);
void shf__diff_totals_free(shf_diff_totals *s);

static inline int64_t shf__diff_totals_change(const shf_diff_totals *s, uint32_t node) {
  return s->total[1][node] - s->total[0][node];
}
enum shf_verdict shf__diff_totals_verdict(const shf_diff_totals *s, uint32_t node);

#endif
