/*
 * The call tree while it grows. A parent knows its first child; other children are in a hash
 * index. Most nodes are an only child and directly follow their parent.
 */
#ifndef SHF_PROFILE_TREE_H
#define SHF_PROFILE_TREE_H

#include "core/arena.h"
#include "core/hash_index.h"

typedef struct shf__link {
  uint32_t parent, frame; /* SHF_NONE, SHF_NONE: the root */
  uint32_t first;         /* first child that look-ups know, or SHF_NONE */
} shf__link;

typedef struct shf__tree {
  shf__link *links; /* in the arena */
  uint32_t count, capacity;
  uint32_t known;       /* look-ups know the rows below it */
  shf_hash_index index; /* by (parent, frame): known nodes that are no first child */
} shf__tree;

/* The child of `parent` with that frame, added when missing. Frame ids are not checked. */
int shf__tree_child(shf__tree *t, shf_arena *arena, uint32_t parent, uint32_t frame, uint32_t *id);
/* Adds a child that is known to be new. The index gets it at the next look-up. */
int shf__tree_append(shf__tree *t, shf_arena *arena, uint32_t parent, uint32_t frame, uint32_t *id);
/* Frees everything; the tree is empty again. */
void shf__tree_drop(shf__tree *t, shf_arena *arena);

static inline uint32_t shf__tree_hash(uint32_t parent, uint32_t frame) {
  return shf_hash_u64((uint64_t)parent << 32 | frame);
}

#endif
