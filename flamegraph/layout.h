/*
 * Where frames stand: in units of the value, as flamegraph.pl counts them. A
 * frame begins where its caller does, plus the caller's own value, plus the
 * callees before it: in preorder that is the sum of the own values of all nodes
 * before it. One column says it all, 8 bytes a node; what is drawn takes 4 more.
 */
#ifndef SHF_FLAMEGRAPH_LAYOUT_H
#define SHF_FLAMEGRAPH_LAYOUT_H

#include "diff_totals.h"
#include "shf.h"

/*
 * What is drawn: nodes of at least `keep`, and down to depth `shallow` also
 * those of at least `keep_shallow`. A drawn node's caller is always drawn. What
 * `keep` asks for grows with the depth: see shf__layout_steepness.
 */
typedef struct shf_rule {
  int64_t keep;
  int64_t keep_shallow;
  uint32_t shallow;
} shf_rule;

typedef struct shf_layout {
  const shf_profile *p;
  uint32_t nodes;
  int64_t sum;                 /* the root's total */
  int64_t *start;              /* nodes + 1 rows, the last is the sum */
  bool dense;                  /* every node has a value */
  uint32_t *queue;             /* drawn nodes, row by row */
  uint32_t queue_capacity;     /* rows of it */
  uint32_t row_begin, row_end; /* the row of callers, in the queue */
  uint32_t kept;               /* rows of the queue in use */
  uint32_t depth;              /* of the callers */
  shf_rule rule;
  shf_diff_totals diff; /* of a difference; then values are the union's */
  uint32_t x0, width;   /* tenths of a pixel: where `all` begins, how wide it is */
} shf_layout;

/* A stretch of a row. */
typedef struct shf_span {
  int64_t x, width; /* tenths of a pixel */
} shf_span;

int shf__layout_new(shf_layout *l, const shf_profile *p, shf_type type);
void shf__layout_free(shf_layout *l);

/* The least value that is `pixels` wide; at least 1. */
int64_t shf__layout_value(const shf_layout *l, double pixels);

/*
 * By how much more a node of a depth must have than one near the root for being
 * drawn: 1 as far down as a reader looks, beyond it ever more. A recursion of
 * thousands of levels is wide on each of them: it would be drawn before all that
 * stands beside it.
 */
double shf__layout_steepness(uint32_t depth);

/* From the root's row on. A layout may be walked any number of times. */
void shf__layout_start(shf_layout *l, shf_rule rule);
/* On to the next row, of what was kept of this one. False when nothing was. */
bool shf__layout_next(shf_layout *l);

/*
 * A caller's callees that have a value: first and next in [node, end);
 * SHF_NONE when there is no more.
 */
uint32_t shf__layout_child(const shf_layout *l, uint32_t parent);
uint32_t shf__layout_sibling(const shf_layout *l, uint32_t parent, uint32_t child);
/* Whether a callee of the current row is drawn; if so it is to be in the next row. */
bool shf__layout_kept(const shf_layout *l, uint32_t child);
/* False where memory is short: the layout is then to be given up. */
bool shf__layout_keep(shf_layout *l, uint32_t child);
/* Nodes that have a value, from the node down. */
uint32_t shf__layout_frames(const shf_layout *l, uint32_t node);

/* Edges are rounded, not widths: neighbours touch, and errors never add up. */
shf_span shf__layout_span(const shf_layout *l, int64_t start, int64_t end);
/* Whether it is of a difference. */
static inline bool shf__layout_compares(const shf_layout *l) {
  return l->diff.variance != NULL;
}
static inline int64_t shf__layout_end_of(const shf_layout *l, uint32_t node) {
  return l->start[shf_profile_end(l->p, node)];
}
static inline int64_t shf__layout_total(const shf_layout *l, uint32_t node) {
  return shf__layout_end_of(l, node) - l->start[node];
}

#endif
