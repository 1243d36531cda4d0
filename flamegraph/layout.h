/*
 * Positions of frames in units of the value, as in flamegraph.pl. A frame begins where its caller
 * does, plus the caller's self value, plus the callees before it: in preorder that is the sum of
 * the self values of all nodes before it. So one column of 8 bytes a node is enough; drawn nodes
 * take 4 bytes more.
 */
#ifndef SHF_FLAMEGRAPH_LAYOUT_H
#define SHF_FLAMEGRAPH_LAYOUT_H

#include "diff_totals.h"
#include "shf.h"

/*
 * Which nodes are drawn: those with a total of at least `keep`, and down to depth `shallow` also
 * those of at least `keep_shallow`. The caller of a drawn node is always drawn. Deep nodes need
 * more than `keep`: see shf__layout_steepness.
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
  int64_t *start;              /* nodes + 1 rows; the last is the sum */
  bool dense;                  /* every node has a value */
  uint32_t *queue;             /* drawn nodes, row by row */
  uint32_t queue_capacity;     /* rows allocated */
  uint32_t row_begin, row_end; /* the callers' row within the queue */
  uint32_t kept;               /* rows in use */
  uint32_t depth;              /* of the callers */
  shf_rule rule;
  shf_diff_totals diff; /* of a difference; then layout values are those of both sides together */
  uint32_t x0, width;   /* start and width of `all`, in tenths of a pixel */
} shf_layout;

/* A part of a row. */
typedef struct shf_span {
  int64_t x, width; /* tenths of a pixel */
} shf_span;

int shf__layout_new(shf_layout *l, const shf_profile *p, shf_type type);
void shf__layout_free(shf_layout *l);

/* The smallest value that is `pixels` wide; at least 1. */
int64_t shf__layout_value(const shf_layout *l, double pixels);

/*
 * The factor by which `keep` grows with the depth: 1 for the first levels, then ever more. A deep
 * recursion is wide on each of its thousands of levels and would take the whole byte budget.
 */
double shf__layout_steepness(uint32_t depth);

/* Begins a walk at the root's row. A layout may be walked any number of times. */
void shf__layout_start(shf_layout *l, shf_rule rule);
/* Goes on to the callees of the nodes kept in this row. False if there are none. */
bool shf__layout_next(shf_layout *l);

/* The first and the next callee with a value; SHF_NONE: no more. */
uint32_t shf__layout_child(const shf_layout *l, uint32_t parent);
uint32_t shf__layout_sibling(const shf_layout *l, uint32_t parent, uint32_t child);
/* Whether a callee of the current row is drawn; if so, the caller adds it with _keep. */
bool shf__layout_kept(const shf_layout *l, uint32_t child);
/* Adds it to the next row. False if memory is short: then give up the layout. */
bool shf__layout_keep(shf_layout *l, uint32_t child);
/* The number of nodes with a value in the subtree. */
uint32_t shf__layout_frames(const shf_layout *l, uint32_t node);

/* Rounds edges, not widths, so neighbours touch and errors do not add up. */
shf_span shf__layout_span(const shf_layout *l, int64_t start, int64_t end);
/* Whether the profile is a difference. */
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
