/*
 * Canonical order of the tree: preorder, siblings by the rank of their frame, no node without a
 * bucket in its subtree.
 */
#include <string.h>

#include "profile/seal.h"

enum { AHEAD = 16 }; /* rows to prefetch ahead */

uint32_t *shf__seal_column(shf_profile *p, size_t rows) {
  uint32_t *made = shf_arena_grow(p->arena, NULL, rows ? rows : 1, sizeof *made);
  if (made) memset(made, 0, rows * sizeof *made);
  return made;
}

/* ---- Trees that are in order already */

/* The path from the root to the current node: row d is the node of depth d. */
typedef struct way {
  uint32_t *nodes;
  uint32_t capacity;
  uint32_t depth;
} way;

/*
 * Whether node `i` may follow the nodes before it: its parent is on the path, and it is the last
 * sibling.
 */
static bool follows(const shf_profile *p, const way *path, uint32_t i) {
  const shf__link *links = p->tree.links;
  uint32_t parent = links[i].parent, above = p->depth[parent];
  if (above > path->depth || path->nodes[above] != parent) return false;
  if (above == path->depth) return true;
  uint32_t sibling = path->nodes[above + 1];
  return p->rank[links[sibling].frame] < p->rank[links[i].frame];
}

/*
 * Fills the depths of a tree that is already in order, as in our own files.
 * @return whether it is; otherwise *code is the failure, if any
 */
static bool walk_ordered(shf_profile *p, way *path, int *code) {
  const shf__link *links = p->tree.links;
  uint32_t nodes = p->tree.count, b = 0;
  p->depth[0] = path->depth = 0;
  for (uint32_t i = 0; i < nodes; i++) {
    if (i && !follows(p, path, i)) return false;
    uint32_t depth = i ? p->depth[links[i].parent] + 1 : 0;
    *code =
        shf_arena_reserve(p->arena, (void **)&path->nodes, depth, &path->capacity, sizeof depth);
    if (*code) return false;
    path->nodes[depth] = i;
    path->depth = p->depth[i] = depth;
    if (depth > p->max_depth) p->max_depth = depth;
    bool leaf = i + 1 == nodes || links[i + 1].parent != i, has = false;
    for (; b < p->buckets.count && shf__bucket_node(&p->buckets, b) == i; b++) has = true;
    if (i && leaf && !has) return false;
  }
  /* a bucket that is left is out of order */
  return b == p->buckets.count;
}

/* Turns the links into the column of frames, in place. */
static int keep_frames(shf_profile *p) {
  shf__tree *t = &p->tree;
  char *frames = (char *)t->links;
  for (uint32_t i = 0; i < t->count; i++) {
    uint32_t frame = i ? p->rank[t->links[i].frame] : SHF_NONE;
    memcpy(frames + i * sizeof frame, &frame, sizeof frame);
  }
  p->frame = shf_arena_grow(p->arena, t->links, t->count, sizeof *p->frame);
  if (!p->frame) return SHF_E_NOMEM;
  p->nnodes = t->count;
  t->links = NULL;
  return SHF_OK;
}

/* Makes depth and frame of a tree that is in order; leaves any other tree as it is. */
static int take_ordered(shf_profile *p) {
  way path = {NULL, 0, 0};
  p->depth = shf_arena_grow(p->arena, NULL, p->tree.count, sizeof *p->depth);
  int code = p->depth ? SHF_OK : SHF_E_NOMEM;
  bool ordered = !code && walk_ordered(p, &path, &code);
  shf_arena_drop(p->arena, path.nodes);
  if (ordered) return keep_frames(p);
  shf_arena_drop(p->arena, p->depth);
  p->depth = NULL;
  p->max_depth = 0;
  return code;
}

/* ---- Columns that follow from depths */

/* Leaves the path down to `depth`; these subtrees end before node `i`. */
static void leave(shf_profile *p, way *path, uint32_t depth, uint32_t i) {
  while (path->depth + 1 > depth) p->end[path->nodes[path->depth--]] = i;
}

static void end_way(shf_profile *p, way *path, uint32_t nodes) {
  leave(p, path, 1, nodes);
  p->end[0] = nodes;
}

/* Fills parent and end. */
static int build_tree_index(shf_profile *p) {
  way path = {NULL, 0, 0};
  p->parent = shf_arena_grow(p->arena, NULL, p->nnodes, sizeof *p->parent);
  p->end = shf_arena_grow(p->arena, NULL, p->nnodes, sizeof *p->end);
  int code = p->parent && p->end ? SHF_OK : SHF_E_NOMEM;
  for (uint32_t i = 0; i < p->nnodes && !code; i++) {
    uint32_t depth = p->depth[i];
    if (depth) leave(p, &path, depth, i);
    code = shf_arena_reserve(p->arena, (void **)&path.nodes, depth, &path.capacity, sizeof depth);
    if (code) break;
    p->parent[i] = depth ? path.nodes[depth - 1] : SHF_NONE;
    path.nodes[depth] = i;
    path.depth = depth;
  }
  if (!code) end_way(p, &path, p->nnodes);
  shf_arena_drop(p->arena, path.nodes);
  return code;
}

int shf__seal_first(shf_profile *p) {
  p->first = shf_arena_grow(p->arena, NULL, (size_t)p->nnodes + 1, sizeof *p->first);
  if (!p->first) return SHF_E_NOMEM;
  for (uint32_t n = 0, b = 0; n <= p->nnodes; n++) {
    while (b < p->buckets.count && shf__bucket_node(&p->buckets, b) < n) b++;
    p->first[n] = b;
  }
  return SHF_OK;
}

static void drop_tree_index(shf_profile *p) {
  shf_arena_drop(p->arena, p->parent);
  shf_arena_drop(p->arena, p->end);
  shf_arena_drop(p->arena, p->first);
  p->parent = p->end = p->first = NULL;
}

void shf_profile_consume(shf_profile *p) {
  if (!p->sealed) return;
  p->consumed = true;
  drop_tree_index(p);
}

int shf_profile_build_index(shf_profile *p) {
  if (p->parent) return SHF_OK;
  int code = shf__seal_first(p);
  if (!code) code = build_tree_index(p);
  if (code) drop_tree_index(p);
  return code;
}

/* ---- Other trees */

/*
 * The links are reused, since trees are large: for a kept node, `first` becomes its first kept
 * child by rank, and `parent` its next sibling.
 */
enum { DROPPED = 0 }; /* in `first`: the root is no child */

/* Drops nodes without a bucket in their subtree. @return how many are kept */
static uint32_t keep_nodes(shf_profile *p) {
  shf__link *links = p->tree.links;
  uint32_t kept = 1;
  for (uint32_t i = 0; i < p->tree.count; i++) links[i].first = DROPPED;
  for (uint32_t b = 0; b < p->buckets.count; b++)
    links[shf__bucket_node(&p->buckets, b)].first = SHF_NONE;
  for (uint32_t i = p->tree.count; i-- > 1;) {
    if (links[i].first == DROPPED) continue;
    links[links[i].parent].first = SHF_NONE;
    kept++;
  }
  links[0].first = SHF_NONE;
  return kept;
}

/* The kept nodes, except the root, by the rank of their frame; linear time. */
static uint32_t *sort_nodes(shf_profile *p, uint32_t kept) {
  const shf__link *links = p->tree.links;
  uint32_t *at = shf__seal_column(p, (size_t)p->nframes + 1);
  uint32_t *sorted = at ? shf_arena_grow(p->arena, NULL, kept, sizeof *sorted) : NULL;
  for (uint32_t i = 1; i < p->tree.count && sorted; i++)
    if (links[i].first != DROPPED) at[p->rank[links[i].frame] + 1]++;
  for (uint32_t f = 1; f <= p->nframes && sorted; f++) at[f] += at[f - 1];
  for (uint32_t i = 1; i < p->tree.count && sorted; i++)
    if (links[i].first != DROPPED) sorted[at[p->rank[links[i].frame]]++] = i;
  shf_arena_drop(p->arena, at);
  return sorted;
}

static int chain_nodes(shf_profile *p, uint32_t kept) {
  shf__link *links = p->tree.links;
  uint32_t *sorted = sort_nodes(p, kept);
  if (!sorted) return SHF_E_NOMEM;
  for (uint32_t k = kept - 1; k-- > 0;) {
    if (k >= AHEAD) __builtin_prefetch(&links[sorted[k - AHEAD]], 1);
    uint32_t i = sorted[k], *first = &links[links[i].parent].first;
    links[i].parent = *first;
    *first = i;
  }
  shf_arena_drop(p->arena, sorted);
  return SHF_OK;
}

/* Fills depth and frame in preorder. Then `parent` of a link is the row of its node. */
static int place_nodes(shf_profile *p) {
  shf__link *links = p->tree.links;
  way path = {NULL, 0, 0}; /* row d: the sibling to come after the node of depth d */
  uint32_t i = 0, at = 0;
  int code = SHF_OK;
  while (i != SHF_NONE) {
    code = shf_arena_reserve(p->arena, (void **)&path.nodes, path.depth, &path.capacity, sizeof i);
    if (code) break;
    uint32_t next = i ? links[i].parent : SHF_NONE, child = links[i].first;
    if (next != SHF_NONE) __builtin_prefetch(&links[next], 1);
    path.nodes[path.depth] = next;
    p->depth[at] = path.depth;
    p->frame[at] = i ? p->rank[links[i].frame] : SHF_NONE;
    links[i].parent = at++;
    if (path.depth > p->max_depth) p->max_depth = path.depth;
    if (child != SHF_NONE) path.depth++;
    for (i = child; i == SHF_NONE && path.depth > 0;)
      if ((i = path.nodes[path.depth]) == SHF_NONE) path.depth--;
  }
  shf_arena_drop(p->arena, path.nodes);
  return code;
}

static int order_nodes(shf_profile *p) {
  uint32_t kept = keep_nodes(p);
  int code = chain_nodes(p, kept);
  if (code) return code;
  p->depth = shf_arena_grow(p->arena, NULL, kept, sizeof *p->depth);
  p->frame = shf_arena_grow(p->arena, NULL, kept, sizeof *p->frame);
  code = p->depth && p->frame ? place_nodes(p) : SHF_E_NOMEM;
  if (code) return code;
  for (uint32_t b = 0; b < p->buckets.count; b++)
    shf__bucket_move_to(&p->buckets, b, p->tree.links[shf__bucket_node(&p->buckets, b)].parent);
  p->nnodes = kept;
  shf__tree_drop(&p->tree, p->arena);
  return SHF_OK;
}

int shf__seal_nodes(shf_profile *p) {
  int code = p->nnodes ? SHF_OK : take_ordered(p);
  if (!code && !p->depth) code = order_nodes(p);
  return code || p->compact ? code : build_tree_index(p);
}
