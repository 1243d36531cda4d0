/* What changed between the sides of a difference, and how sure that is. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "profile/profile.h"

/* Beyond so many standard errors a change is noise once in a hundred times. */
static const double SURE = 2.576;

enum shf_verdict shf_change_verdict(int64_t before, int64_t after, double variance) {
  double change = (double)after - (double)before;
  if (fabs(change) <= SURE * sqrt(variance)) return SHF_WITHIN_NOISE;
  return change > 0 ? SHF_GREW : SHF_SHRANK;
}

/* What a side's variances are multiplied by: the square of what its values were. */
static double variance_scale(const shf_profile *p, enum shf_side side) {
  shf_str text = shf_profile_meta_get(p, SHF__SCALE_KEY);
  char number[40];
  if (side != SHF_SIDE_BEFORE || text.len == 0 || text.len >= sizeof number) return 1;
  memcpy(number, text.ptr, text.len);
  number[text.len] = 0;
  double scale = strtod(number, NULL);
  return scale > 0 && isfinite(scale) ? scale * scale : 1;
}

double shf_profile_side_variance(const shf_profile *p, enum shf_side side, shf_type type) {
  double sum = 0;
  for (uint32_t i = 0; i < p->nbuckets; i++)
    if (p->sources[p->buckets[i].source].side == (uint32_t)side)
      sum += shf_bucket_variance(p, &p->buckets[i], type);
  return sum * variance_scale(p, side);
}

/* One side at a time; a frame is open while the walk is below a node of it. */
typedef struct walk {
  int64_t *sum;
  double *variance;
  uint32_t *path; /* the open nodes, root first */
  uint32_t *open; /* of each frame: open nodes */
} walk;

static void walk_free(walk *w) {
  free(w->sum);
  free(w->variance);
  free(w->path);
  free(w->open);
}

static int walk_init(walk *w, const shf_profile *p) {
  w->sum = malloc(p->nnodes * sizeof *w->sum);
  w->variance = malloc(p->nnodes * sizeof *w->variance);
  w->path = malloc(((size_t)p->max_depth + 1) * sizeof *w->path);
  w->open = calloc(p->nframes ? p->nframes : 1, sizeof *w->open);
  return w->sum && w->variance && w->path && w->open ? SHF_OK : SHF_E_NOMEM;
}

static void node_variances(const shf_profile *p, enum shf_side side, shf_type type,
                           double *variance) {
  double scale = variance_scale(p, side);
  for (uint32_t n = 0; n < p->nnodes; n++) {
    double sum = 0;
    for (uint32_t i = p->first[n]; i < p->first[n + 1]; i++)
      if (p->sources[p->buckets[i].source].side == (uint32_t)side)
        sum += shf_bucket_variance(p, &p->buckets[i], type);
    variance[n] = sum * scale;
  }
}

static void add_totals(walk *w, const shf_profile *p, int at, shf_change *rows) {
  uint32_t depth = 0;
  for (uint32_t n = 1; n < p->nnodes; n++) {
    while (depth && p->end[w->path[depth - 1]] <= n) w->open[p->frame[w->path[--depth]]]--;
    shf_change *row = &rows[p->frame[n]];
    if (w->open[p->frame[n]]++ == 0) {
      row->total[at] += w->sum[n];
      row->total_variance[at] += w->variance[n];
    }
    w->path[depth++] = n;
  }
  while (depth) w->open[p->frame[w->path[--depth]]]--;
}

static void add_side(walk *w, const shf_profile *p, shf_type type, int at, shf_change *rows) {
  enum shf_side side = at ? SHF_SIDE_AFTER : SHF_SIDE_BEFORE;
  shf_profile_side_sums(p, side, type, w->sum, NULL);
  node_variances(p, side, type, w->variance);
  for (uint32_t n = 1; n < p->nnodes; n++) {
    rows[p->frame[n]].self[at] += w->sum[n];
    rows[p->frame[n]].self_variance[at] += w->variance[n];
  }
  for (uint32_t n = p->nnodes; n-- > 1;) {
    w->sum[p->parent[n]] += w->sum[n];
    w->variance[p->parent[n]] += w->variance[n];
  }
  add_totals(w, p, at, rows);
}

static int by_size(int64_t a, int64_t b) {
  uint64_t x = a < 0 ? 0 - (uint64_t)a : (uint64_t)a, y = b < 0 ? 0 - (uint64_t)b : (uint64_t)b;
  return x == y ? 0 : x > y ? -1 : 1;
}

static int largest_first(const void *a, const void *b) {
  const shf_change *x = a, *y = b;
  int order = by_size(x->self[1] - x->self[0], y->self[1] - y->self[0]);
  if (!order) order = by_size(x->total[1] - x->total[0], y->total[1] - y->total[0]);
  return order ? order : (x->frame > y->frame) - (x->frame < y->frame);
}

int shf_profile_changes(const shf_profile *p, shf_type type, shf_change **out, uint32_t *count) {
  if (type >= SHF_TYPES || !shf_profile_is_diff(p)) return SHF_E_ARG;
  walk w;
  shf_change *rows = calloc(p->nframes ? p->nframes : 1, sizeof *rows);
  int code = walk_init(&w, p);
  if (!rows) code = SHF_E_NOMEM;
  uint32_t known = 0;
  if (!code) {
    for (uint32_t f = 0; f < p->nframes; f++) rows[f].frame = f;
    for (int at = 0; at < 2; at++) add_side(&w, p, type, at, rows);
    for (uint32_t f = 0; f < p->nframes; f++)
      if (rows[f].total[0] || rows[f].total[1]) rows[known++] = rows[f];
    qsort(rows, known, sizeof *rows, largest_first);
  }
  walk_free(&w);
  if (code) {
    free(rows);
    return code;
  }
  *out = rows;
  *count = known;
  return SHF_OK;
}
