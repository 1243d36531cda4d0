/* Fewer stacks: by matching frames, or by size. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/decimal.h"
#include "profile/meta.h"
#include "profile/profile.h"

enum { FOCUSED = 1, IGNORED = 2, NEEDED = 4 };

/* Marks each node by its own frame and those of its callers. */
static void mark_nodes(const shf_profile *p, const shf_filter *f, uint8_t *flags) {
  flags[0] = f->focus ? 0 : FOCUSED;
  for (uint32_t n = 1; n < p->nnodes; n++) {
    uint32_t frame = p->frame[n];
    flags[n] = flags[p->parent[n]];
    if (f->focus && f->focus[frame]) flags[n] |= FOCUSED;
    if (f->ignore && f->ignore[frame]) flags[n] |= IGNORED;
  }
}

/* Whether to keep the buckets of the node. */
static bool stays(uint8_t flags) {
  return (flags & (FOCUSED | IGNORED)) == FOCUSED;
}

static bool has_buckets(const shf_profile *p, uint32_t node, const uint8_t *labels) {
  uint32_t b = p->first[node];
  while (b < p->first[node + 1] && labels && !labels[shf__bucket_labels(&p->buckets, b)]) b++;
  return b < p->first[node + 1];
}

/* Marks nodes with kept buckets, and all their callers. */
static void mark_needed(const shf_profile *p, const uint8_t *labels, uint8_t *flags) {
  for (uint32_t n = p->nnodes; n-- > 1;) {
    if (stays(flags[n]) && has_buckets(p, n, labels)) flags[n] |= NEEDED;
    if (flags[n] & NEEDED) flags[p->parent[n]] |= NEEDED;
  }
}

/* Copies the buckets of a node. Those of a stack of hidden frames only go to a leaf `(hidden)`. */
static int copy_buckets(shf__copy *c, uint32_t n) {
  uint32_t frame;
  shf_frame f = {0, 0, 0, 0, 0};
  if (c->node[n] != 0 || !has_buckets(c->from, n, c->kept)) return shf__copy_buckets(c, n);
  int code = shf_profile_string(c->to, shf_str_of("(hidden)"), &f.name);
  if (!code) code = shf_profile_frame(c->to, f, &frame);
  if (!code) code = shf_profile_node(c->to, 0, frame, &c->node[n]);
  if (!code) code = shf__copy_buckets(c, n);
  c->node[n] = 0; /* its callees become children of the root */
  return code;
}

static int copy_marked(shf__copy *c, const uint8_t *flags) {
  int code = stays(flags[0]) ? shf__copy_buckets(c, 0) : SHF_OK;
  for (uint32_t n = 1; n < c->from->nnodes && !code; n++) {
    if (!(flags[n] & NEEDED)) continue;
    code = shf__copy_node(c, n);
    if (!code && stays(flags[n])) code = copy_buckets(c, n);
  }
  return code;
}

/* Says that a filter left something out. */
static int add_metas(shf_profile *to, const shf_filter *f) {
  char text[24];
  shf_str key = shf_str_of(SHF_META_OLDER_THAN);
  int code = SHF_OK;
  if (f->focus || f->ignore || f->labels || f->older_than)
    code = shf_profile_meta(to, shf_str_of(SHF_META_FILTERED), shf_str_of("stacks left out"));
  if (code || !f->older_than) return code;
  snprintf(text, sizeof text, "%lld000", (long long)f->older_than);
  return shf__merge_meta(to, key, shf_str_of(text));
}

/* The sets of labels that both the mask and the age keep; NULL: all. *owned is to be freed. */
static int kept_sets(const shf_profile *p, const shf_filter *f, uint8_t **owned,
                     const uint8_t **kept) {
  *kept = f->labels;
  *owned = NULL;
  if (!f->older_than) return SHF_OK;
  uint32_t sets = shf_profile_label_sets(p);
  int64_t *ages = malloc(sets * sizeof *ages);
  uint8_t *mask = malloc(sets);
  if (ages && mask) {
    shf_profile_ages(p, ages);
    for (uint32_t set = 0; set < sets; set++)
      mask[set] = (!f->labels || f->labels[set]) && ages[set] >= f->older_than;
  }
  *kept = *owned = mask;
  bool there = ages && mask;
  free(ages);
  return there ? SHF_OK : SHF_E_NOMEM;
}

static int copy_filtered(shf__copy *c, const void *how) {
  const shf_filter *f = how;
  uint8_t *flags = calloc(c->from->nnodes, sizeof *flags), *owned;
  int code = kept_sets(c->from, f, &owned, &c->kept);
  if (!flags) code = SHF_E_NOMEM;
  if (!code) {
    mark_nodes(c->from, f, flags);
    mark_needed(c->from, c->kept, flags);
    for (uint32_t i = 0; f->hide && i < c->from->nframes; i++)
      if (f->hide[i]) c->frame[i] = SHF__HIDDEN;
    c->inuse_only = f->older_than > 0;
    for (uint32_t i = 0; i < c->to->nsources && c->inuse_only; i++)
      c->to->sources[i].types = SHF_HAS_INUSE;
    code = copy_marked(c, flags);
  }
  free(flags);
  free(owned);
  return code ? code : add_metas(c->to, f);
}

int shf_profile_filter(const shf_profile *p, const shf_filter *f, shf_profile **out) {
  if (f->older_than < 0 || f->older_than > INT64_MAX / 1000) return SHF_E_ARG;
  return shf__copy_filled(p, copy_filtered, f, out);
}

/* Adds one leaf for all small children of `parent`. */
static int add_sum(shf__copy *c, uint32_t parent, uint32_t count, double percent, uint32_t *id) {
  char text[64 + SHF__DECIMAL], number[SHF__DECIMAL];
  shf__decimal_put(number, percent, 6);
  snprintf(text, sizeof text, "(%lu %s below %s%%)", (unsigned long)count,
           count == 1 ? "frame" : "frames", number);
  shf_frame f = {0, 0, 0, 0, 0};
  uint32_t frame;
  int code = shf_profile_string(c->to, shf_str_of(text), &f.name);
  if (!code) code = shf_profile_frame(c->to, f, &frame);
  return code ? code : shf_profile_node(c->to, parent, frame, id);
}

typedef struct threshold {
  shf_type type;
  double percent;
} threshold;

/* The tree of the function view, and for each node its row in it. */
typedef struct functions_tree {
  shf__tree tree;
  uint32_t *row;
  int64_t *total; /* of each row */
  uint32_t *size; /* rows of its subtree */
} functions_tree;

static int grow_functions(const shf_profile *p, shf_arena *arena, functions_tree *t) {
  uint32_t *function = shf_arena_alloc(arena, p->nframes, sizeof *function);
  t->row = shf_arena_alloc(arena, p->nnodes, sizeof *t->row);
  int code = function && t->row ? SHF_OK : SHF_E_NOMEM;
  for (uint32_t f = 0; f < p->nframes && !code; f++)
    function[f] = f && shf__same_function(&p->frames[f - 1], &p->frames[f]) ? function[f - 1] : f;
  if (!code) code = shf__tree_append(&t->tree, arena, SHF_NONE, SHF_NONE, &t->row[0]);
  for (uint32_t n = 1; n < p->nnodes && !code; n++)
    code =
        shf__tree_child(&t->tree, arena, t->row[p->parent[n]], function[p->frame[n]], &t->row[n]);
  return code;
}

static int sum_functions(const shf_profile *p, shf_arena *arena, const int64_t *total,
                         functions_tree *t) {
  uint32_t rows = t->tree.count;
  t->total = shf_arena_alloc(arena, rows, sizeof *t->total);
  t->size = shf_arena_alloc(arena, rows, sizeof *t->size);
  if (!t->total || !t->size) return SHF_E_NOMEM;
  for (uint32_t r = 0; r < rows; r++) {
    t->total[r] = 0;
    t->size[r] = 1;
  }
  for (uint32_t n = 0; n < p->nnodes; n++) t->total[t->row[n]] += total[n];
  for (uint32_t r = rows; r-- > 1;) t->size[t->tree.links[r].parent] += t->size[r];
  return SHF_OK;
}

/* Calls of a function on several lines are kept or lost together, as without lines. */
static int mark_small_functions(const shf_profile *p, const int64_t *total, double limit,
                                uint8_t *keep, uint32_t *lost) {
  functions_tree t = {.row = NULL};
  shf_arena *arena = shf_arena_new();
  int code = arena ? grow_functions(p, arena, &t) : SHF_E_NOMEM;
  if (!code) code = sum_functions(p, arena, total, &t);
  uint32_t *gone = code ? NULL : shf_arena_alloc(arena, t.tree.count, sizeof *gone);
  uint8_t *kept = code ? NULL : shf_arena_alloc(arena, t.tree.count, 1);
  if (!code && !(gone && kept)) code = SHF_E_NOMEM;
  for (uint32_t r = 0; r < t.tree.count && !code; r++) {
    uint32_t parent = r ? t.tree.links[r].parent : 0;
    gone[r] = 0;
    kept[r] = r == 0 || (kept[parent] && (double)t.total[r] >= limit);
    if (!kept[r] && kept[parent]) gone[parent] += t.size[r];
  }
  for (uint32_t n = 0; n < p->nnodes && !code; n++) {
    keep[n] = kept[t.row[n]];
    lost[n] = gone[t.row[n]];
  }
  shf_hash_index_free(&t.tree.index);
  shf_arena_free(arena);
  return code;
}

/* Finds the nodes to keep, and how many frames each of them loses. */
static int mark_small(const shf_profile *p, const threshold *l, uint8_t *keep, uint32_t *lost) {
  int64_t *total = malloc(p->nnodes * sizeof *total);
  if (!total) return SHF_E_NOMEM;
  shf_profile_sums(p, l->type, NULL, total);
  double limit = (double)total[0] * l->percent / 100;
  if (p->has_lines) {
    int code = mark_small_functions(p, total, limit, keep, lost);
    free(total);
    return code;
  }
  keep[0] = 1;
  for (uint32_t n = 1; n < p->nnodes; n++) {
    uint32_t parent = p->parent[n];
    keep[n] = keep[parent] && (double)total[n] >= limit;
    if (keep[parent] && !keep[n]) lost[parent] += p->end[n] - n;
  }
  free(total);
  return SHF_OK;
}

static int copy_kept(shf__copy *c, const uint8_t *keep, const uint32_t *lost, double percent) {
  const shf_profile *p = c->from;
  int code = SHF_OK;
  for (uint32_t n = 0; n < p->nnodes && !code; n++) {
    uint32_t parent = p->parent[n];
    if (keep[n])
      code = shf__copy_node(c, n);
    else if (keep[parent])
      code = add_sum(c, c->node[parent], lost[parent], percent, &c->node[n]);
    else
      c->node[n] = c->node[parent];
    if (!code) code = shf__copy_buckets(c, n);
  }
  return code;
}

static int copy_pruned(shf__copy *c, const void *how) {
  const threshold *l = how;
  uint8_t *keep = malloc(c->from->nnodes);
  uint32_t *lost = calloc(c->from->nnodes, sizeof *lost);
  int code = keep && lost ? mark_small(c->from, l, keep, lost) : SHF_E_NOMEM;
  if (!code) code = copy_kept(c, keep, lost, l->percent);
  free(keep);
  free(lost);
  return code;
}

int shf_profile_prune(const shf_profile *p, shf_type type, double percent, shf_profile **out) {
  if (type >= SHF_TYPES || !(percent >= 0 && percent <= 100)) return SHF_E_ARG;
  const threshold l = {type, percent};
  return shf__copy_filled(p, copy_pruned, &l, out);
}
