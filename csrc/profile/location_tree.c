#include "profile/location_tree.h"

#include <stdlib.h>

#include "profile/seal.h"

/* ---- Rows */

static int reserve_rows(shf_profile *p, uint32_t count) {
  int code = SHF_OK;
  while (p->nodes_capacity - p->nnodes < count && !code) {
    uint32_t capacity = p->nodes_capacity;
    code =
        shf__arena_grow_column(p->arena, (void **)&p->depth, capacity, &capacity, sizeof *p->depth);
    if (!code)
      code = shf__arena_grow_column(p->arena, (void **)&p->frame, p->nodes_capacity,
                                    &p->nodes_capacity, sizeof *p->frame);
  }
  return code;
}

int shf__profile_rows_begin(shf_profile *p) {
  int code = reserve_rows(p, 1);
  if (code) return code;
  shf__tree_drop(&p->tree, p->arena);
  p->depth[0] = 0;
  p->frame[0] = SHF_NONE;
  p->nnodes = 1;
  p->compact = true;
  return SHF_OK;
}

bool shf__profile_in_rows(const shf_profile *p) {
  return p->nnodes > 0;
}

int shf__profile_rows_add(shf_profile *p, uint32_t depth, uint32_t count, uint32_t **keys) {
  int code = reserve_rows(p, count);
  if (code) return code;
  for (uint32_t i = 0; i < count; i++) p->depth[p->nnodes + i] = depth + i;
  if (count && depth + count - 1 > p->max_depth) p->max_depth = depth + count - 1;
  *keys = p->frame + p->nnodes;
  p->nnodes += count;
  return SHF_OK;
}

/* Row d of a way: what was last at depth d. */
static uint32_t *way_of(const shf_profile *p) {
  uint32_t *way = malloc(((size_t)p->max_depth + 1) * sizeof *way);
  if (way) way[0] = 0;
  return way;
}

static bool rows_ordered(const shf_profile *p, const uint32_t *ranks, uint32_t *way) {
  uint32_t before = 0;
  for (uint32_t i = 1; i < p->nnodes; i++) {
    uint32_t depth = p->depth[i], rank = ranks[p->frame[i]];
    if (depth <= before && rank <= way[depth]) return false;
    way[depth] = rank;
    before = depth;
  }
  return true;
}

int shf__profile_rows_name(shf_profile *p, const uint32_t *frame, uint32_t keys, bool *ordered) {
  int code = shf__seal_rank(p);
  if (code) return code;
  uint32_t *way = way_of(p), *ranks = malloc(((size_t)keys + 1) * sizeof *ranks);
  if (way && ranks) {
    for (uint32_t k = 0; k < keys; k++)
      ranks[k] = frame[k] == SHF_NONE ? SHF_NONE : p->rank[frame[k]];
    *ordered = rows_ordered(p, ranks, way);
    for (uint32_t i = 1; i < p->nnodes && *ordered; i++) p->frame[i] = ranks[p->frame[i]];
  } else {
    code = SHF_E_NOMEM;
  }
  free(way);
  free(ranks);
  return code;
}

int shf__profile_rows_leave(shf_profile *p, uint32_t **out) {
  uint32_t nodes = p->nnodes, *depth = p->depth, *key = p->frame, *way = way_of(p);
  uint32_t *node = malloc(nodes * sizeof *node);
  p->depth = p->frame = NULL;
  p->nnodes = p->nodes_capacity = p->max_depth = 0;
  int code = way && node ? SHF_OK : SHF_E_NOMEM;
  if (!code) code = shf__tree_append(&p->tree, p->arena, SHF_NONE, SHF_NONE, &node[0]);
  for (uint32_t i = 1; i < nodes && !code; i++) {
    code = shf__profile_key(p, way[depth[i] - 1], key[i], &node[i]);
    way[depth[i]] = node[i];
  }
  shf_arena_drop(p->arena, depth);
  shf_arena_drop(p->arena, key);
  free(way);
  if (code) {
    free(node);
    return code;
  }
  *out = node;
  return SHF_OK;
}

/* ---- Trees */

int shf__profile_key(shf_profile *p, uint32_t parent, uint32_t key, uint32_t *id) {
  return shf__tree_child(&p->tree, p->arena, parent, key, id);
}

uint32_t shf__profile_key_nodes(const shf_profile *p) {
  return p->nnodes ? p->nnodes : p->tree.count;
}

uint32_t shf__profile_key_of(const shf_profile *p, uint32_t node) {
  return p->nnodes ? p->frame[node] : p->tree.links[node].frame;
}

void shf__profile_keys_name(shf_profile *p, const uint32_t *frame) {
  shf__tree *t = &p->tree;
  shf_hash_index_free(&t->index);
  t->known = 0;
  t->links[0].first = SHF_NONE;
  for (uint32_t i = 1; i < t->count; i++) {
    t->links[i].frame = frame[t->links[i].frame];
    t->links[i].first = SHF_NONE;
  }
}

int shf__profile_keys_expand(shf_profile *p, shf__below *below, void *self, uint32_t **out) {
  uint32_t root, *node = malloc(p->tree.count * sizeof *node);
  if (!node) return SHF_E_NOMEM;
  shf__tree keys = p->tree;
  p->tree = (shf__tree){.links = NULL};
  int code = shf__tree_append(&p->tree, p->arena, SHF_NONE, SHF_NONE, &root);
  node[0] = 0;
  for (uint32_t i = 1; i < keys.count && !code; i++) {
    const shf__key_node of = {i, keys.links[i].parent, keys.links[i].frame};
    node[i] = node[of.parent];
    code = below(self, &of, &node[i]);
  }
  shf__tree_drop(&keys, p->arena);
  *out = node;
  return code;
}
