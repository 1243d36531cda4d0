#include "layout.h"

#include <math.h>
#include <stdlib.h>

#include "core/growable.h"

enum { INITIAL_CAPACITY = 1024, READ_ROWS = 256 /* depth that fits on a few screens */ };

/* Replaces each self value by the sum of those before it. False if one is negative. */
static bool place(shf_layout *l) {
  int64_t at = 0;
  for (uint32_t n = 0; n < l->nodes; n++) {
    int64_t own = l->start[n];
    if (own < 0) return false;
    l->start[n] = at;
    at += own;
  }
  l->start[l->nodes] = l->sum = at;
  l->dense = true;
  for (uint32_t n = 0; n < l->nodes && l->dense; n++) l->dense = shf__layout_total(l, n) > 0;
  return true;
}

static int fill(shf_layout *l, shf_type type) {
  l->start = malloc(((size_t)l->nodes + 1) * sizeof *l->start);
  l->queue_capacity = INITIAL_CAPACITY;
  l->queue = malloc(INITIAL_CAPACITY * sizeof *l->queue);
  if (!l->start || !l->queue) return SHF_E_NOMEM;
  int code = shf__diff_totals_new(&l->diff, l->p, type, l->start);
  if (code) return code;
  if (!shf__layout_compares(l)) shf_profile_sums(l->p, type, l->start, NULL);
  return place(l) ? SHF_OK : SHF_E_ARG;
}

int shf__layout_new(shf_layout *l, const shf_profile *p, shf_type type) {
  *l = (shf_layout){.p = p, .nodes = shf_profile_nodes(p)};
  int code = fill(l, type);
  if (code) shf__layout_free(l);
  return code;
}

void shf__layout_free(shf_layout *l) {
  free(l->start);
  free(l->queue);
  shf__diff_totals_free(&l->diff);
  l->start = NULL;
  l->queue = NULL;
  l->queue_capacity = 0;
}

int64_t shf__layout_value(const shf_layout *l, double pixels) {
  if (l->sum <= 0 || l->width == 0) return 1;
  double value = ceil(pixels * 10 / l->width * (double)l->sum);
  if (!(value > 1)) return 1;
  /* 2^63 and above does not fit; such a value keeps nothing anyway. */
  return value < 9.2e18 ? (int64_t)value : INT64_MAX;
}

void shf__layout_start(shf_layout *l, shf_rule rule) {
  l->rule = rule;
  l->queue[0] = 0;
  l->kept = 1;
  l->row_begin = 0;
  l->row_end = 1;
  l->depth = 0;
}

bool shf__layout_next(shf_layout *l) {
  l->row_begin = l->row_end;
  l->row_end = l->kept;
  l->depth++;
  return l->row_begin < l->row_end;
}

/* `n` or the first sibling after it that has a value. */
static uint32_t with_value(const shf_layout *l, uint32_t parent, uint32_t n) {
  uint32_t end = shf_profile_end(l->p, parent);
  while (n < end && shf__layout_total(l, n) == 0) n = shf_profile_end(l->p, n);
  return n < end ? n : SHF_NONE;
}

uint32_t shf__layout_child(const shf_layout *l, uint32_t parent) {
  return with_value(l, parent, parent + 1);
}

uint32_t shf__layout_sibling(const shf_layout *l, uint32_t parent, uint32_t child) {
  return with_value(l, parent, shf_profile_end(l->p, child));
}

double shf__layout_steepness(uint32_t depth) {
  double by = (double)depth / READ_ROWS;
  return by > 1 ? by * by * by : 1;
}

bool shf__layout_kept(const shf_layout *l, uint32_t child) {
  int64_t value = shf__layout_total(l, child);
  double least = (double)l->rule.keep * shf__layout_steepness(l->depth + 1);
  if (value >= l->rule.keep && (double)value >= least) return true;
  return l->depth < l->rule.shallow && value >= l->rule.keep_shallow;
}

bool shf__layout_keep(shf_layout *l, uint32_t child) {
  if (shf__growable_reserve((void **)&l->queue, l->kept, &l->queue_capacity, sizeof *l->queue))
    return false;
  l->queue[l->kept++] = child;
  return true;
}

uint32_t shf__layout_frames(const shf_layout *l, uint32_t node) {
  uint32_t end = shf_profile_end(l->p, node), count = 0;
  if (l->dense) return end - node;
  for (uint32_t n = node; n < end; n++) count += shf__layout_total(l, n) > 0;
  return count;
}

static int64_t edge(const shf_layout *l, int64_t value) {
  double x = l->sum > 0 ? (double)value / (double)l->sum * l->width : 0;
  return l->x0 + (int64_t)(x + 0.5);
}

shf_span shf__layout_span(const shf_layout *l, int64_t start, int64_t end) {
  shf_span s = {edge(l, start), 0};
  s.width = edge(l, end) - s.x;
  return s;
}
