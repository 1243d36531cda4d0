/* How old memory in use is: the number label SHF_LABEL_AGE, in seconds. Conventions: shf.h. */
#ifndef SHF_AGES_H
#define SHF_AGES_H

#include "shf/profile.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The age of each set of labels, -1 where it is not known: shf_profile_label_sets() rows. */
void shf_profile_ages(const shf_profile *p, int64_t *ages);
/* Whether any age is known. */
bool shf_profile_has_ages(const shf_profile *p);

/* Whether the memory of a function stays: see shf_stays_name. */
enum shf_stays { SHF_STAYS_UNKNOWN, SHF_STAYS_LEAK, SHF_STAYS_FILLED, SHF_STAYS_YOUNG };

/* Seconds. A tenth of the bytes in use is younger than `low`, and a tenth is older than `high`. */
typedef struct shf_age_range {
  int64_t min, low, median, high, max; /* min is -1 where no age is known */
  enum shf_stays stays;
} shf_age_range;
/*
 * Of runs of 30 s or more: `leak` for one of the likely leaks (leaks.h); `filled` where nearly all
 * is from before the last third of the run, as in a cache that filled; `young` where nearly all is
 * from its last tenth, and perhaps garbage. NULL: none of them.
 */
const char *shf_stays_name(enum shf_stays stays);
/* What each of `frames` (all different) has itself in use. @return 0 or SHF_E_NOMEM */
int shf_profile_age_ranges(const shf_profile *p, const uint32_t *frames, uint32_t count,
                           shf_age_range *ranges);

#ifdef __cplusplus
}
#endif

#endif
