/*
 * The call tree while it grows. A node's first child is known by its parent, the others are found
 * in an index: most nodes are the only child that their parent has, and stand right behind it.
 */
#ifndef SHF_PROFILE_TREE_H
#define SHF_PROFILE_TREE_H

#include "core/arena.h"
#include "core/hash_index.h"

typedef struct shf__link {
  uint32_t parent, frame; /* SHF_NONE, SHF_NONE: the root */
  uint32_t first;         /* child, SHF_NONE: none that look-ups know */
} shf__link;

typedef struct shf__tree {
  shf__link *links; /* in the arena */
  uint32_t count, capacity;
  uint32_t known;       /* rows below it are known to look-ups */
  shf_hash_index index; /* by (parent, frame): the known nodes that are no first child */
} shf__tree;

/* The child of `parent` with that frame, added if missing. The ids are not checked. */
int shf__tree_child(shf__tree *t, shf_arena *arena, uint32_t parent, uint32_t frame, uint32_t *id);
/* Adds a child that the caller knows to be new: look-ups learn of it when there is one. */
int shf__tree_append(shf__tree *t, shf_arena *arena, uint32_t parent, uint32_t frame, uint32_t *id);
/* Frees all; an empty tree again. */
void shf__tree_drop(shf__tree *t, shf_arena *arena);

static inline uint32_t shf__tree_hash(uint32_t parent, uint32_t frame) {
  return shf_hash_u64((uint64_t)parent << 32 | frame);
}

#endif
