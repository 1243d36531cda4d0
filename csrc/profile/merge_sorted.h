/* Several sealed profiles into one, all trees in one walk. */
#ifndef SHF_PROFILE_MERGE_SORTED_H
#define SHF_PROFILE_MERGE_SORTED_H

#include "profile/profile.h"

/* At each node all inputs are looked at: beyond so many, looking nodes up is as fast. */
enum { SHF__MERGE_SORTED_MAX = 16 };

/*
 * Adds the stacks of all copies to the profile that they go to, which has no node but its root and
 * is to be sealed next. Frames and sources of the copies are those that they have been preset to.
 * *done is false where there are too many, or frames of one stand in another order than where they
 * come from: then no node and no bucket has been added.
 */
int shf__merge_sorted(shf__copy *copies, uint32_t count, bool *done);

#endif
