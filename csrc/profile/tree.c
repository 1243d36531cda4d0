#include "profile/tree.h"

#include <assert.h>

#include "shf.h"

static uint32_t row_hash(const void *table, uint32_t row) {
  const shf__link *link = &((const shf__link *)table)[row];
  return shf__tree_hash(link->parent, link->frame);
}

/* Adds a row to the index. @param at its free slot */
static void learn(shf__tree *t, uint32_t row, uint32_t at) {
  t->index.slots[at] = row;
  t->index.used++;
}

/* Adds the appended rows to the index. */
static int learn_all(shf__tree *t) {
  for (; t->known < t->count; t->known++) {
    const shf__link *link = &t->links[t->known];
    if (link->parent == SHF_NONE) continue;
    uint32_t *first = &t->links[link->parent].first;
    if (*first == SHF_NONE) {
      *first = t->known;
      continue;
    }
    int code = shf_hash_index_reserve(&t->index, row_hash, t->links);
    if (code) return code;
    uint32_t at = row_hash(t->links, t->known) & t->index.mask;
    while (t->index.slots[at] != SHF_NONE) at = (at + 1) & t->index.mask;
    learn(t, t->known, at);
  }
  return SHF_OK;
}

int shf__tree_append(shf__tree *t, shf_arena *arena, uint32_t parent, uint32_t frame,
                     uint32_t *id) {
  int code = shf_arena_reserve(arena, (void **)&t->links, t->count, &t->capacity, sizeof *t->links);
  if (code) return code;
  t->links[t->count] = (shf__link){parent, frame, SHF_NONE};
  *id = t->count++;
  return SHF_OK;
}

int shf__tree_child(shf__tree *t, shf_arena *arena, uint32_t parent, uint32_t frame, uint32_t *id) {
  assert(parent < t->count);
  int code = t->known < t->count ? learn_all(t) : SHF_OK;
  if (code) return code;
  uint32_t first = t->links[parent].first;
  if (first != SHF_NONE && t->links[first].frame == frame) {
    *id = first;
    return SHF_OK;
  }
  if (first == SHF_NONE) {
    code = shf__tree_append(t, arena, parent, frame, id);
    if (code) return code;
    t->links[parent].first = *id;
    t->known++;
    return SHF_OK;
  }
  code = shf_hash_index_reserve(&t->index, row_hash, t->links);
  if (code) return code;
  uint32_t at = shf__tree_hash(parent, frame) & t->index.mask, row;
  for (; (row = t->index.slots[at]) != SHF_NONE; at = (at + 1) & t->index.mask) {
    if (t->links[row].parent != parent || t->links[row].frame != frame) continue;
    *id = row;
    return SHF_OK;
  }
  code = shf__tree_append(t, arena, parent, frame, id);
  if (code) return code;
  learn(t, *id, at);
  t->known++;
  return SHF_OK;
}

void shf__tree_drop(shf__tree *t, shf_arena *arena) {
  shf_arena_drop(arena, t->links);
  shf_hash_index_free(&t->index);
  *t = (shf__tree){.links = NULL};
}
