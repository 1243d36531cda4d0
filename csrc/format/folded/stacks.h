/* Stacks as folded lines have them, `frame;frame;frame`, into a profile that is being built. */
#ifndef SHF_FORMAT_FOLDED_STACKS_H
#define SHF_FORMAT_FOLDED_STACKS_H

#include "text/string_builder.h"

typedef struct shf__folding shf__folding;

/* The profile stays the caller's. After a failure *out, unless NULL, can only be freed. */
int shf__folding_new(shf_profile *p, shf__folding **out);
/* NULL is allowed. */
void shf__folding_free(shf__folding *f);
/*
 * Adds a value to a stack; an empty one is the root. The text must stay where it is until the next
 * one is added, or shf__folding_forget is called. After a failure it can only be freed.
 */
int shf__folding_add(shf__folding *f, const char *stack, size_t len, int64_t value);
/* Before the text of the last stack goes. */
void shf__folding_forget(shf__folding *f);
/* No more: all is in the profile, as values of `type`. */
int shf__folding_end(shf__folding *f, shf_type type);

#endif
