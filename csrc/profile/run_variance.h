/* The spread of several runs, and what it says about their mean. */
#ifndef SHF_PROFILE_RUN_VARIANCE_H
#define SHF_PROFILE_RUN_VARIANCE_H

#include "profile/frame_totals.h"

/* Standard errors of a two-sided confidence of 99 %. */
#define SHF__Z_99 2.576

/* Sums over the runs of a side of a value that is already divided by the number of runs. */
typedef struct shf__run_sums {
  double sum, squares;
  double sampling; /* variance of `sum` by sampling alone */
  double cross;    /* the same by how the other side samples: see shf__bucket_cross_variance */
} shf__run_sums;

static inline void shf__run_sums_add(shf__run_sums *t, double value, double variance,
                                     double cross) {
  t->sum += value;
  t->squares += value * value;
  t->sampling += variance;
  t->cross += cross;
}

/* The variance of the mean, widened so that SHF__Z_99 standard errors cover 99 %. */
double shf__run_variance(const shf__run_sums *t, uint32_t runs);
/*
 * The same for both sides of a difference, widened for their difference; at least the variance
 * that sampling gives the change if nothing changed.
 */
void shf__run_variances(const shf__run_sums *before, const shf__run_sums *after,
                        const uint32_t runs[2], double variance[2]);

/* The sources of run `at` (from 0) of a side with `runs` runs. */
shf__part shf__run_part(enum shf_side side, uint32_t runs, uint32_t at);

#endif
