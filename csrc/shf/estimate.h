/* Values, with their standard errors. Conventions: shf.h. */
#ifndef SHF_ESTIMATE_H
#define SHF_ESTIMATE_H

#include "shf/profile.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * How many blocks one sampled block of `size` bytes represents: 1 / (1 - exp(-size / interval)).
 * 1 when the interval or the size is 0.
 */
double shf_weight(uint64_t size, uint64_t interval);
/*
 * Variance of a bucket's estimate: k (1 - p) (s / p)^2 for k sampled blocks of s bytes, each
 * sampled with probability p; s = 1 for objects. In a difference it is multiplied by the square
 * of the factor of its side.
 */
double shf_bucket_variance(const shf_profile *p, const shf_bucket *b, shf_type type);

/* The values of one function in the whole profile. */
typedef struct shf_row {
  uint32_t frame;
  int64_t self[SHF_TYPES];  /* rounded estimates */
  int64_t total[SHF_TYPES]; /* a recursive function counts once for a stack */
  double self_variance[SHF_TYPES];
  double total_variance[SHF_TYPES];
} shf_row;

/*
 * All functions, sorted by self of `type`, then total, then text. The caller frees the rows with
 * free().
 */
int shf_profile_rows(const shf_profile *p, shf_type type, shf_row **rows, uint32_t *count);
/*
 * For each of `frames` (all different): the nearest function above it that belongs to the app or
 * to a package, along the path that allocated most of its own `type`; in a difference, that grew
 * most. SHF_NONE where there is none, and for frames that are such functions themselves.
 * @return 0 or SHF_E_NOMEM
 */
int shf_profile_callers(const shf_profile *p, shf_type type, const uint32_t *frames, uint32_t count,
                        uint32_t *callers);
/*
 * Like shf_profile_callers, but the nearest functions of the app itself (not of packages, Node
 * or V8), nearest first. A recursive function appears once. SHF_NONE after the last one.
 */
enum { SHF_PATH = 3 };
int shf_profile_paths(const shf_profile *p, shf_type type, const uint32_t *frames, uint32_t count,
                      uint32_t (*paths)[SHF_PATH]);
/* Variance of the total of the whole profile. */
double shf_profile_variance(const shf_profile *p, shf_type type);

#ifdef __cplusplus
}
#endif

#endif
