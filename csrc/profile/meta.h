/* Metadata lines with numeric values. */
#ifndef SHF_PROFILE_META_H
#define SHF_PROFILE_META_H

#include "shf.h"

/* The value as a decimal number, or 0. */
uint64_t shf__meta_number(const shf_profile *p, const char *key);

#endif
