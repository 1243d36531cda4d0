/*
 * Rows of a sealed profile are in preorder, siblings by the rank of their frame. So of the next
 * nodes of all inputs, the deepest one comes first, as it is below the node that was added last;
 * and of nodes of the same depth, which are siblings, the one with the lowest rank. No node is
 * looked up, and each column is read once.
 */
#include "profile/merge_sorted.h"

#include <stdlib.h>
#include <string.h>

#include "core/large_alloc.h"
#include "profile/seal.h"

/* The position in an input. */
typedef struct cursor {
  shf__copy *copy;
  uint32_t *rank;          /* of each frame in the target; SHF_NONE: no node has the frame */
  uint32_t at;             /* row of the next node */
  uint32_t depth;          /* of that node; 0: at the end */
  uint32_t next;           /* rank of its frame */
  uint32_t bucket;         /* its first bucket, if any */
  bool consumed;           /* what was taken is given back to the system, */
  uint32_t node0, bucket0; /* so far up to these rows */
} cursor;

enum { STRIDE = 64 * 1024, AHEAD = 8 };

/* Nobody reads these rows any more: see shf_profile_consume. */
static void give_back(cursor *c) {
  const shf_profile *p = c->copy->from;
  shf_large_discard(p->depth + c->node0, (c->at - c->node0) * sizeof *p->depth);
  shf_large_discard(p->frame + c->node0, (c->at - c->node0) * sizeof *p->frame);
  size_t stride = p->buckets.stride;
  shf_large_discard(p->buckets.rows + c->bucket0 * stride, (c->bucket - c->bucket0) * stride);
  c->node0 = c->at;
  c->bucket0 = c->bucket;
}

static void step(cursor *c) {
  const shf_profile *p = c->copy->from;
  c->at++;
  if (c->consumed && c->at - c->node0 >= STRIDE) give_back(c);
  c->depth = c->at < p->nnodes ? p->depth[c->at] : 0;
  if (c->depth) c->next = c->rank[p->frame[c->at]];
  /* ranks are read in random order */
  if (c->at + AHEAD < p->nnodes) __builtin_prefetch(&c->rank[p->frame[c->at + AHEAD]]);
}

/*
 * Sets the ranks of the frames that nodes have.
 * @return whether they are in the order of the frames
 */
static bool rank_frames(cursor *c) {
  const shf_profile *p = c->copy->from, *to = c->copy->to;
  uint32_t last = SHF_NONE;
  for (uint32_t n = 1; n < p->nnodes; n++) c->rank[p->frame[n]] = 0;
  for (uint32_t f = 0; f < p->nframes; f++) {
    if (c->rank[f] == SHF_NONE) continue;
    c->rank[f] = to->rank[c->copy->frame[f]];
    if (last != SHF_NONE && c->rank[f] <= last) return false;
    last = c->rank[f];
  }
  return true;
}

static int open_cursors(cursor *cursors, shf__copy *copies, uint32_t count, bool *ordered) {
  int code = SHF_OK;
  for (uint32_t i = 0; i < count && !code; i++) code = shf__copy_frames(&copies[i]);
  if (!code) code = shf__seal_rank(copies[0].to);
  *ordered = !code;
  for (uint32_t i = 0; i < count && *ordered; i++) {
    size_t rows = copies[i].from->nframes;
    cursors[i] = (cursor){.copy = &copies[i], .rank = malloc((rows + 1) * sizeof(uint32_t))};
    cursors[i].consumed = copies[i].from->consumed;
    for (uint32_t k = 0; k < count; k++)
      if (k != i && copies[k].from == copies[i].from) cursors[i].consumed = false;
    if (!cursors[i].rank) return SHF_E_NOMEM;
    memset(cursors[i].rank, 0xff, rows * sizeof(uint32_t));
    *ordered = rank_frames(&cursors[i]);
  }
  return code;
}

/* Adds the buckets of the current node to `node`. */
static int take_buckets(cursor *c, uint32_t node) {
  const shf__buckets *from = &c->copy->from->buckets;
  shf_profile *to = c->copy->to;
  int code = SHF_OK;
  while (c->bucket < from->count && shf__bucket_node(from, c->bucket) == c->at && !code) {
    shf_bucket copy = shf__copy_bucket(c->copy, c->bucket++, node);
    code = c->copy->beyond ? SHF_E_LIMIT : shf__buckets_add(&to->buckets, to->arena, &copy);
  }
  return code;
}

/* Takes the next node of every input that is at this place. */
static int take_nodes(cursor *cursors, uint32_t count, shf_profile *to, uint32_t depth,
                      uint32_t rank) {
  uint32_t first = to->buckets.count, node = to->nnodes, kept;
  int code = SHF_OK;
  for (uint32_t i = 0; i < count && !code; i++) {
    cursor *c = &cursors[i];
    if (depth && (c->depth != depth || c->next != rank)) continue;
    code = take_buckets(c, node);
    step(c);
  }
  if (code) return code;
  code = shf__buckets_order(&to->buckets, to->arena, first, to->buckets.count, &kept);
  to->buckets.count = first + kept;
  return code;
}

/* Makes space for one more row in the columns of the tree. */
static int grow_tree(shf_profile *to, uint32_t *capacity) {
  uint32_t depth_capacity = *capacity;
  int code = shf_arena_reserve(to->arena, (void **)&to->depth, to->nnodes, &depth_capacity,
                               sizeof *to->depth);
  if (!code)
    code =
        shf_arena_reserve(to->arena, (void **)&to->frame, to->nnodes, capacity, sizeof *to->frame);
  return code;
}

static int walk(cursor *cursors, uint32_t count, shf_profile *to) {
  uint32_t depth = 0, rank = SHF_NONE, capacity = 0;
  int code = SHF_OK;
  do {
    code = grow_tree(to, &capacity);
    if (code) return code;
    to->depth[to->nnodes] = depth;
    if (depth > to->max_depth) to->max_depth = depth;
    to->frame[to->nnodes] = rank;
    code = take_nodes(cursors, count, to, depth, rank);
    to->nnodes++;
    depth = 0;
    for (uint32_t i = 0; i < count; i++) {
      const cursor *c = &cursors[i];
      if (c->depth < depth || (c->depth == depth && c->next >= rank)) continue;
      depth = c->depth;
      rank = c->next;
    }
  } while (depth && !code);
  return code;
}

int shf__merge_sorted(shf__copy *copies, uint32_t count, bool *done) {
  cursor cursors[SHF__MERGE_SORTED_MAX];
  *done = false;
  if (count == 0 || count > SHF__MERGE_SORTED_MAX || copies[0].to->tree.count != 1) return SHF_OK;
  memset(cursors, 0, sizeof cursors);
  bool ordered;
  int code = open_cursors(cursors, copies, count, &ordered);
  if (!code && ordered) {
    shf__tree_drop(&copies[0].to->tree, copies[0].to->arena);
    code = walk(cursors, count, copies[0].to);
    *done = true;
  }
  for (uint32_t i = 0; i < count; i++) free(cursors[i].rank);
  return code;
}
