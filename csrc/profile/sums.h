/* Figures of each frame over the whole tree. */
#ifndef SHF_PROFILE_SUMS_H
#define SHF_PROFILE_SUMS_H

#include "profile/profile.h"

typedef struct shf__sums {
  int64_t self, total; /* a recursive function is counted once a stack */
  double self_variance, total_variance;
} shf__sums;

enum { SHF__ALL_SIDES = 3 };

/*
 * Adds up one type, of one side or of all, into `rows`: one for each frame, zero before.
 * @return 0 or SHF_E_NOMEM
 */
int shf__frame_sums(const shf_profile *p, shf_type type, uint32_t side, shf__sums *rows);

#endif
