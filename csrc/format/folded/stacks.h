/* Adds folded stacks, `frame;frame;frame`, to a profile that is being built. */
#ifndef SHF_FORMAT_FOLDED_STACKS_H
#define SHF_FORMAT_FOLDED_STACKS_H

#include "text/string_builder.h"

typedef struct shf__folded_stacks shf__folded_stacks;

/* The caller keeps the profile. After a failure *out, unless NULL, can only be freed. */
int shf__folded_stacks_new(shf_profile *p, shf__folded_stacks **out);
/* NULL is allowed. */
void shf__folded_stacks_free(shf__folded_stacks *f);
/*
 * Adds a value to a stack; the empty stack is the root. The text must stay valid until the next
 * call or shf__folded_stacks_forget_line. After a failure it can only be freed.
 */
int shf__folded_stacks_add(shf__folded_stacks *f, const char *stack, size_t len, int64_t value);
/* To be called before the text of the last stack becomes invalid. */
void shf__folded_stacks_forget_line(shf__folded_stacks *f);
/* Ends the input: puts all values into the profile, as `type`. */
int shf__folded_stacks_end(shf__folded_stacks *f, shf_type type);

#endif
