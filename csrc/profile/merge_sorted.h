/* Merges sealed profiles in one walk through all trees. */
#ifndef SHF_PROFILE_MERGE_SORTED_H
#define SHF_PROFILE_MERGE_SORTED_H

#include "profile/profile.h"

/* Every input is looked at for each node. With more inputs, look-ups are as fast. */
enum { SHF__MERGE_SORTED_MAX = 16 };

/*
 * Adds the stacks of all copies to their common target, which has only its root and is sealed
 * next. Frames and sources of the copies have been set. *done is false, and nothing has been
 * added, when there are too many copies, or when the frames of one are in another order in the
 * target.
 */
int shf__merge_sorted(shf__copy *copies, uint32_t count, bool *done);

#endif
