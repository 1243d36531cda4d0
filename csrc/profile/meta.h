/* Metadata lines with numeric values. */
#ifndef SHF_PROFILE_META_H
#define SHF_PROFILE_META_H

#include "shf.h"
#include "text/string_builder.h"

/* Key of the line that says which lines of code are missing, and why. */
#define SHF__META_LINES "lines"
/* The value as a decimal number, or 0. */
uint64_t shf__meta_number(const shf_profile *p, const char *key);

/*
 * Sets a metadata line, or merges it with the one that is there. Times and pauses: the maximum;
 * bytes: the sum; what captures lack of their lines: the sum of samples, and all reasons; anything
 * else: the distinct values, separated by `; `.
 */
int shf__merge_meta(shf_profile *to, shf_str key, shf_str value);
/* Adds what lacks its lines, and why. Fewer than one sample in a thousand are not worth a word. */
void shf__meta_lines(const shf_profile *p, shf__builder *out);

#endif
