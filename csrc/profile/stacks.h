/* Many stacks into a profile that is being built. */
#ifndef SHF_STACKS_H
#define SHF_STACKS_H

#include "shf.h"

typedef struct shf__stack {
  const uint32_t *frames; /* root first */
  uint32_t depth;
  uint32_t node; /* set: the leaf's */
} shf__stack;

/*
 * Adds the nodes of all stacks, a step of each in turn: while one waits for
 * memory, so do the others, at the same time.
 * @param count at most SHF__STACKS_MAX
 */
enum { SHF__STACKS_MAX = 24 };
int shf__profile_stacks(shf_profile *p, shf__stack *stacks, uint32_t count);

/*
 * Adds a child that the caller knows to be new: it is not looked up, and not in the index until
 * shf_profile_node needs that. The ids are not checked.
 */
int shf__profile_node_new(shf_profile *p, uint32_t parent, uint32_t frame, uint32_t *id);

#endif
