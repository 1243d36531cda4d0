/* The tree in canonical order: preorder, children by their frame's rank, none without a bucket. */
#include <string.h>

#include "profile/seal.h"

uint32_t *shf__seal_column(shf_profile *p, size_t rows) {
  uint32_t *made = shf_arena_grow(p->arena, NULL, rows ? rows : 1, sizeof *made);
  if (made) memset(made, 0, rows * sizeof *made);
  return made;
}

/* ---- Trees that stand in order already ---------------------------------------------- */

/* The way from the root to the node at hand: row d is its node of depth d. */
typedef struct way {
  uint32_t *nodes;
  uint32_t room;
  uint32_t depth;
} way;

/* Whether node `i` may stand behind those before it: below one of the way, last among siblings. */
static bool follows(const shf_profile *p, const way *path, uint32_t i) {
  const shf__link *links = p->tree.links;
  uint32_t parent = links[i].parent, above = p->depth[parent];
  if (above > path->depth || path->nodes[above] != parent) return false;
  if (above == path->depth) return true;
  uint32_t sibling = path->nodes[above + 1];
  return p->rank[links[sibling].frame] < p->rank[links[i].frame];
}

/*
 * Fills the depths of a tree in order, as files of ours hold it.
 * @return whether it is one; *code is the failure otherwise, if any
 */
static bool walk_ordered(shf_profile *p, way *path, int *code) {
  const shf__link *links = p->tree.links;
  uint32_t nodes = p->tree.count, b = 0;
  p->depth[0] = path->depth = 0;
  for (uint32_t i = 0; i < nodes; i++) {
    if (i && !follows(p, path, i)) return false;
    uint32_t depth = i ? p->depth[links[i].parent] + 1 : 0;
    *code = shf_arena_room(p->arena, (void **)&path->nodes, depth, &path->room, sizeof depth);
    if (*code) return false;
    path->nodes[depth] = i;
    path->depth = p->depth[i] = depth;
    if (depth > p->max_depth) p->max_depth = depth;
    bool leaf = i + 1 == nodes || links[i + 1].parent != i, has = false;
    for (; b < p->buckets.count && shf__bucket_node(&p->buckets, b) == i; b++) has = true;
    if (i && leaf && !has) return false;
  }
  /* a bucket that is left stands behind one of a later node */
  return b == p->buckets.count;
}

/* The frames' column is what is left of the links. */
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

/* Makes depth and frame of a tree that stands in order; any other one is left as it is. */
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

/* ---- What depths tell ------------------------------------------------------------------ */

/* Leaves the way down to `depth`; their subtrees end in front of node `i`. */
static void leave(shf_profile *p, way *path, uint32_t depth, uint32_t i) {
  while (path->depth + 1 > depth) p->end[path->nodes[path->depth--]] = i;
}

static void end_way(shf_profile *p, way *path, uint32_t nodes) {
  leave(p, path, 1, nodes);
  p->end[0] = nodes;
}

/* Parents and ends. */
static int shape_tree(shf_profile *p) {
  way path = {NULL, 0, 0};
  p->parent = shf_arena_grow(p->arena, NULL, p->nnodes, sizeof *p->parent);
  p->end = shf_arena_grow(p->arena, NULL, p->nnodes, sizeof *p->end);
  int code = p->parent && p->end ? SHF_OK : SHF_E_NOMEM;
  for (uint32_t i = 0; i < p->nnodes && !code; i++) {
    uint32_t depth = p->depth[i];
    if (depth) leave(p, &path, depth, i);
    code = shf_arena_room(p->arena, (void **)&path.nodes, depth, &path.room, sizeof depth);
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

static void drop_shape(shf_profile *p) {
  shf_arena_drop(p->arena, p->parent);
  shf_arena_drop(p->arena, p->end);
  shf_arena_drop(p->arena, p->first);
  p->parent = p->end = p->first = NULL;
}

void shf_profile_spend(shf_profile *p) {
  if (!p->sealed) return;
  p->spent = true;
  drop_shape(p);
}

int shf_profile_shape(shf_profile *p) {
  if (p->parent) return SHF_OK;
  int code = shf__seal_first(p);
  if (!code) code = shape_tree(p);
  if (code) drop_shape(p);
  return code;
}

/* ---- All others ------------------------------------------------------------------------ */

/* Columns as long as the tree, made when they are needed. */
typedef struct moving {
  shf__seal *seal;
  uint32_t *by_rank; /* nodes in the order of their frames' ranks */
  uint32_t *size;    /* nodes of the subtree that are kept, 0: dropped */
} moving;

/* Nodes by their frame's rank, in linear time; the root is left out. */
static int sort_nodes(shf_profile *p, moving *w) {
  uint32_t *at = shf__seal_column(p, (size_t)p->nframes + 1);
  w->by_rank = shf__seal_column(p, p->tree.count);
  if (!at || !w->by_rank) {
    shf_arena_drop(p->arena, at);
    return SHF_E_NOMEM;
  }
  for (uint32_t i = 1; i < p->tree.count; i++) at[p->rank[p->tree.links[i].frame] + 1]++;
  for (uint32_t f = 1; f <= p->nframes; f++) at[f] += at[f - 1];
  for (uint32_t i = 1; i < p->tree.count; i++)
    w->by_rank[at[p->rank[p->tree.links[i].frame]]++] = i;
  shf_arena_drop(p->arena, at);
  return SHF_OK;
}

/* Nodes of each subtree; those without a bucket are dropped. */
static int size_nodes(shf_profile *p, moving *w) {
  w->size = shf__seal_column(p, p->tree.count);
  if (!w->size) return SHF_E_NOMEM;
  w->size[0] = 1;
  for (uint32_t b = 0; b < p->buckets.count; b++) w->size[shf__bucket_node(&p->buckets, b)] = 1;
  for (uint32_t i = p->tree.count; i-- > 1;) {
    if (w->size[i] == 0) continue;
    uint32_t parent = p->tree.links[i].parent;
    if (w->size[parent] == 0) w->size[parent] = 1;
    w->size[parent] += w->size[i];
  }
  return SHF_OK;
}

/*
 * Rows in preorder, children by rank. A node's row is first its distance from
 * its parent's: a cursor that runs through the parent's children says it.
 */
static int place_nodes(shf_profile *p, moving *w) {
  uint32_t *cursor = shf__seal_column(p, p->tree.count);
  w->seal->place = shf__seal_column(p, p->tree.count);
  if (!cursor || !w->seal->place) {
    shf_arena_drop(p->arena, cursor);
    return SHF_E_NOMEM;
  }
  for (uint32_t k = 0; k + 1 < p->tree.count; k++) {
    uint32_t i = w->by_rank[k], parent = p->tree.links[i].parent;
    w->seal->place[i] = cursor[parent];
    cursor[parent] += w->size[i];
  }
  shf_arena_drop(p->arena, cursor);
  w->seal->place[0] = 0;
  for (uint32_t i = 1; i < p->tree.count; i++)
    w->seal->place[i] =
        w->size[i] ? w->seal->place[p->tree.links[i].parent] + 1 + w->seal->place[i] : SHF_NONE;
  return SHF_OK;
}

static int move_sizes(shf_profile *p, moving *w, uint32_t kept) {
  p->end = shf_arena_grow(p->arena, NULL, kept, sizeof *p->end);
  if (!p->end) return SHF_E_NOMEM;
  for (uint32_t i = 0; i < p->tree.count; i++) {
    uint32_t at = w->seal->place[i];
    if (at != SHF_NONE) p->end[at] = at + w->size[i];
  }
  shf_arena_drop(p->arena, w->size);
  w->size = NULL;
  return SHF_OK;
}

static int move_links(shf_profile *p, const moving *w, uint32_t kept) {
  p->parent = shf_arena_grow(p->arena, NULL, kept, sizeof *p->parent);
  p->frame = shf_arena_grow(p->arena, NULL, kept, sizeof *p->frame);
  if (!p->parent || !p->frame) return SHF_E_NOMEM;
  p->parent[0] = p->frame[0] = SHF_NONE;
  for (uint32_t i = 1; i < p->tree.count; i++) {
    uint32_t at = w->seal->place[i];
    if (at == SHF_NONE) continue;
    p->parent[at] = w->seal->place[p->tree.links[i].parent];
    p->frame[at] = p->rank[p->tree.links[i].frame];
  }
  shf__tree_drop(&p->tree, p->arena);
  return SHF_OK;
}

/* One column after the other, what is no longer needed freed in between: trees are large. */
static int move_nodes(shf_profile *p, moving *w) {
  uint32_t kept = w->size[0];
  shf_arena_drop(p->arena, w->by_rank);
  w->by_rank = NULL;
  int code = move_sizes(p, w, kept);
  if (!code) code = move_links(p, w, kept);
  if (code) return code;
  p->depth = shf_arena_grow(p->arena, NULL, kept, sizeof *p->depth);
  if (!p->depth) return SHF_E_NOMEM;
  p->depth[0] = 0;
  for (uint32_t at = 1; at < kept; at++) {
    p->depth[at] = p->depth[p->parent[at]] + 1;
    if (p->depth[at] > p->max_depth) p->max_depth = p->depth[at];
  }
  p->nnodes = kept;
  return SHF_OK;
}

int shf__seal_nodes(shf_profile *p, shf__seal *w) {
  int code = p->nnodes ? SHF_OK : take_ordered(p);
  if (code) return code;
  if (p->depth) return p->lean ? SHF_OK : shape_tree(p);
  moving m = {w, NULL, NULL};
  code = sort_nodes(p, &m);
  if (!code) code = size_nodes(p, &m);
  if (!code) code = place_nodes(p, &m);
  if (!code) code = move_nodes(p, &m);
  shf_arena_drop(p->arena, m.by_rank);
  shf_arena_drop(p->arena, m.size);
  return code;
}
