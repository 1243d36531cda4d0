/* Many stacks into a profile that is being built. */
#ifndef SHF_PROFILE_ADD_STACKS_H
#define SHF_PROFILE_ADD_STACKS_H

#include "shf.h"

typedef struct shf__stack {
  const uint32_t *frames; /* outermost first */
  uint32_t depth;
  uint32_t shared; /* frames that the stack before it has too, below the same node */
  uint32_t node;   /* that it stands below, 0 for the root; set to the leaf's */
} shf__stack;

/*
 * Adds the nodes of all stacks, a step of each in turn: while one waits for
 * memory, so do the others, at the same time.
 * @param count at most SHF__STACKS_MAX
 * @return 0, SHF_E_ARG for what is more than there is, or as shf_profile_node
 */
enum { SHF__STACKS_MAX = 24 };
int shf__profile_stacks(shf_profile *p, shf__stack *stacks, uint32_t count);

/* The profile may be lean once it is sealed: see shf_profile_shape. */
void shf__profile_lean(shf_profile *p);

/* The parent of a node of a profile that is being built. */
uint32_t shf__profile_caller(const shf_profile *p, uint32_t node);

#endif
