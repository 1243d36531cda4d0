/* Both sides of a difference, node by node. */
#ifndef SHF_FLAMEGRAPH_DIFF_TOTALS_H
#define SHF_FLAMEGRAPH_DIFF_TOTALS_H

#include "shf.h"

typedef struct shf_sides {
  int64_t *total[2]; /* rows as nodes, before and after; NULL: the profile is no difference */
  double *variance;  /* rows as nodes, of the change of total */
  int64_t largest;   /* the size of the largest change of a total */
} shf_sides;

/*
 * Of a profile that is no difference: nothing. `self` gets what a union is laid
 * out by: the larger of both sides' self, so that what is gone keeps its place.
 */
int shf__sides_new(shf_sides *s, const shf_profile *p, shf_type type, int64_t *self);
void shf__sides_free(shf_sides *s);

static inline int64_t shf__sides_change(const shf_sides *s, uint32_t node) {
  return s->total[1][node] - s->total[0][node];
}
enum shf_verdict shf__sides_verdict(const shf_sides *s, uint32_t node);

#endif
