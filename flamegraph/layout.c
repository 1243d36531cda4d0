#include "layout.h"

#include <math.h>
#include <stdlib.h>

/*
 * `end` holds each node's own value at first. A cursor runs through each node,
 * and what it says at last is where the node ends.
 */
static void place(shf_layout *l) {
  for (uint32_t n = 1; n < l->nodes; n++) {
    uint32_t parent = shf_profile_parent(l->p, n);
    l->end[n] += l->end[parent];
    l->end[parent] += l->total[n];
  }
}

int shf__layout_new(shf_layout *l, const shf_profile *p, shf_type type) {
  *l = (shf_layout){.p = p, .nodes = shf_profile_nodes(p)};
  l->total = malloc(l->nodes * sizeof *l->total);
  l->end = malloc(l->nodes * sizeof *l->end);
  l->queue = malloc(l->nodes * sizeof *l->queue);
  if (!l->total || !l->end || !l->queue) {
    shf__layout_free(l);
    return SHF_E_NOMEM;
  }
  int code = shf__sides_new(&l->sides, p, type, l->end, l->total);
  if (code) {
    shf__layout_free(l);
    return code;
  }
  if (!shf__layout_compares(l)) shf_profile_sums(p, type, l->end, l->total);
  for (uint32_t n = 0; n < l->nodes; n++) {
    if (l->end[n] < 0 || l->total[n] < 0) {
      shf__layout_free(l);
      return SHF_E_ARG;
    }
  }
  l->sum = l->total[0];
  place(l);
  return SHF_OK;
}

void shf__layout_free(shf_layout *l) {
  free(l->total);
  free(l->end);
  free(l->queue);
  shf__sides_free(&l->sides);
  l->total = l->end = NULL;
  l->queue = NULL;
}

int64_t shf__layout_value(const shf_layout *l, double pixels) {
  if (l->sum <= 0 || l->width == 0) return 1;
  double value = ceil(pixels * 10 / l->width * (double)l->sum);
  if (!(value > 1)) return 1;
  /* Doubles of 2^63 and above do not fit; such a value keeps nothing anyway. */
  return value < 9.2e18 ? (int64_t)value : INT64_MAX;
}

void shf__layout_start(shf_layout *l, shf_rule rule) {
  l->rule = rule;
  l->queue[0] = 0;
  l->row_begin = 0;
  l->row_end = 1;
  l->depth = 0;
  l->kept = 1;
}

bool shf__layout_next(shf_layout *l) {
  l->row_begin = l->row_end;
  l->row_end = l->kept;
  l->depth++;
  return l->row_begin < l->row_end;
}

/* `n` or the first sibling behind it that has a value. */
static uint32_t with_value(const shf_layout *l, uint32_t parent, uint32_t n) {
  uint32_t end = shf_profile_end(l->p, parent);
  while (n < end && l->total[n] == 0) n = shf_profile_end(l->p, n);
  return n < end ? n : SHF_NONE;
}

uint32_t shf__layout_child(const shf_layout *l, uint32_t parent) {
  return with_value(l, parent, parent + 1);
}

uint32_t shf__layout_sibling(const shf_layout *l, uint32_t parent, uint32_t child) {
  return with_value(l, parent, shf_profile_end(l->p, child));
}

bool shf__layout_kept(const shf_layout *l, uint32_t child) {
  int64_t value = l->total[child];
  if (value >= l->rule.keep) return true;
  return l->depth < l->rule.shallow && value >= l->rule.keep_shallow;
}

void shf__layout_keep(shf_layout *l, uint32_t child) {
  l->queue[l->kept++] = child;
}

uint32_t shf__layout_frames(const shf_layout *l, uint32_t node) {
  uint32_t end = shf_profile_end(l->p, node), count = 0;
  for (uint32_t n = node; n < end; n++) count += l->total[n] > 0;
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
