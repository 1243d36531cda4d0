/* What a profile that was read counts for while others are read. */
#ifndef SHF_PROFILE_CHARGE_H
#define SHF_PROFILE_CHARGE_H

#include "shf.h"

/*
 * At the end of a reading, see core/budget.h: *bytes is what the profile holds until it is freed.
 * @return false where what outputs need for its nodes would be too much
 */
bool shf__profile_charge(shf_profile *p, uint64_t *bytes);

#endif
