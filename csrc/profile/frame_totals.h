/* The values of each frame over the whole tree. */
#ifndef SHF_PROFILE_FRAME_TOTALS_H
#define SHF_PROFILE_FRAME_TOTALS_H

#include "profile/profile.h"

typedef struct shf__frame_total {
  int64_t self, total; /* a recursive function is counted once a stack */
  double self_variance, total_variance;
  double self_cross, total_cross; /* see shf__bucket_cross_variance */
} shf__frame_total;

/* The sources of one side, or of one of its runs. */
enum { SHF__ALL = UINT32_MAX };
typedef struct shf__part {
  uint32_t side, run;
} shf__part;
extern const shf__part shf__everything;
static inline bool shf__part_has(shf__part part, const shf_source *s) {
  return (part.side == SHF__ALL || part.side == s->side) &&
         (part.run == SHF__ALL || part.run == s->run);
}

/*
 * Adds the values of one type and part to `rows`, one row for each frame.
 * @return 0 or SHF_E_NOMEM
 */
int shf__frame_totals(const shf_profile *p, shf_type type, shf__part part, shf__frame_total *rows);

#endif
