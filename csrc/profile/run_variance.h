/* How far figures of several runs lie apart, and what that says of their mean. */
#ifndef SHF_PROFILE_RUN_VARIANCE_H
#define SHF_PROFILE_RUN_VARIANCE_H

#include "profile/frame_totals.h"

/* Beyond so many standard errors a change is noise once in a hundred times. */
#define SHF__Z_99 2.576

/* A figure of each run of a side, already divided by the number of the runs. */
typedef struct shf__run_sums {
  double sum, squares;
  double sampling; /* variance of the sum by sampling alone */
  double cross;    /* the same by how the other side samples: see shf__bucket_cross_variance */
} shf__run_sums;

static inline void shf__run_sums_add(shf__run_sums *t, double value, double variance,
                                     double cross) {
  t->sum += value;
  t->squares += value * value;
  t->sampling += variance;
  t->cross += cross;
}

/* The variance of a mean, widened so that SHF__Z_99 standard errors of it are beyond 99 %. */
double shf__run_variance(const shf__run_sums *t, uint32_t runs);
/*
 * The same of both sides of a difference, widened for the sum of both: at least what sampling
 * gives their change if nothing changed.
 */
void shf__run_variances(const shf__run_sums *before, const shf__run_sums *after,
                        const uint32_t runs[2], double variance[2]);

/* Which part of a profile run `at` (0-based) of a side is; `runs` is the side's number of them. */
shf__part shf__run_part(enum shf_side side, uint32_t runs, uint32_t at);

#endif
