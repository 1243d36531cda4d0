/* Memory that a profile counts for while other profiles are read; see core/budget.h. */
#ifndef SHF_PROFILE_MEMORY_USE_H
#define SHF_PROFILE_MEMORY_USE_H

#include "shf.h"

/*
 * Called at the end of a reading. *bytes: memory that the profile holds until it is freed.
 * @return false when outputs of so many nodes would exceed the limit
 */
bool shf__profile_memory_use(shf_profile *p, uint64_t *bytes);

#endif
