/* The changes between the sides of a difference, and their errors. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "profile/run_variance.h"

enum shf_verdict shf_change_verdict(int64_t before, int64_t after, double variance) {
  double change = (double)after - (double)before;
  if (fabs(change) <= SHF__Z_99 * sqrt(variance)) return SHF_WITHIN_NOISE;
  return change > 0 ? SHF_GREW : SHF_SHRANK;
}

const char *shf_verdict_name(enum shf_verdict verdict) {
  static const char *const names[] = {"within noise", "grew", "shrank"};
  return names[verdict];
}

/* ---- Functions */

typedef struct tallies {
  shf__run_sums self[2], total[2];
} tallies;

static int add_side(const shf_profile *p, shf_type type, int at, uint32_t runs,
                    shf__frame_total *sums, shf_change *rows, tallies *all) {
  enum shf_side side = at ? SHF_SIDE_AFTER : SHF_SIDE_BEFORE;
  int code = SHF_OK;
  for (uint32_t run = 0; run < runs && !code; run++) {
    memset(sums, 0, p->nframes * sizeof *sums);
    code = shf__frame_totals(p, type, shf__run_part(side, runs, run), sums);
    for (uint32_t f = 0; f < p->nframes && !code; f++) {
      rows[f].self[at] += sums[f].self;
      rows[f].total[at] += sums[f].total;
      shf__run_sums_add(&all[f].self[at], (double)sums[f].self, sums[f].self_variance,
                        sums[f].self_cross);
      shf__run_sums_add(&all[f].total[at], (double)sums[f].total, sums[f].total_variance,
                        sums[f].total_cross);
    }
  }
  return code;
}

static int add_sides(const shf_profile *p, shf_type type, shf_change *rows) {
  const uint32_t runs[2] = {shf_profile_runs(p, SHF_SIDE_BEFORE),
                            shf_profile_runs(p, SHF_SIDE_AFTER)};
  size_t capacity = p->nframes ? p->nframes : 1;
  shf__frame_total *sums = malloc(capacity * sizeof *sums);
  tallies *all = calloc(capacity, sizeof *all);
  int code = sums && all ? SHF_OK : SHF_E_NOMEM;
  for (int at = 0; at < 2 && !code; at++) code = add_side(p, type, at, runs[at], sums, rows, all);
  for (uint32_t f = 0; f < p->nframes && !code; f++) {
    rows[f].frame = f;
    shf__run_variances(&all[f].self[0], &all[f].self[1], runs, rows[f].self_variance);
    shf__run_variances(&all[f].total[0], &all[f].total[1], runs, rows[f].total_variance);
  }
  free(sums);
  free(all);
  return code;
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
  size_t capacity = p->nframes ? p->nframes : 1;
  shf_change *rows = calloc(capacity, sizeof *rows);
  int code = rows ? add_sides(p, type, rows) : SHF_E_NOMEM;
  if (code) {
    free(rows);
    return code;
  }
  uint32_t known = 0;
  for (uint32_t f = 0; f < p->nframes; f++)
    if (rows[f].total[0] || rows[f].total[1]) rows[known++] = rows[f];
  qsort(rows, known, sizeof *rows, largest_first);
  *out = rows;
  *count = known;
  return SHF_OK;
}

/* ---- Nodes */

/* Values of one part of a profile, for each node. */
typedef struct parts {
  double *sum, *variance, *cross;
} parts;

static void part_sums(const shf_profile *p, shf_type type, bool self, shf__part part, parts *to) {
  memset(to->sum, 0, p->nnodes * sizeof *to->sum);
  memset(to->variance, 0, p->nnodes * sizeof *to->variance);
  memset(to->cross, 0, p->nnodes * sizeof *to->cross);
  for (uint32_t i = 0; i < p->buckets.count; i++) {
    const shf_bucket b = shf__bucket(&p->buckets, i);
    if (!shf__part_has(part, &p->sources[b.source])) continue;
    double own = shf_bucket_variance(p, &b, type);
    to->sum[b.node] += (double)b.value[type];
    to->variance[b.node] += own;
    to->cross[b.node] += shf__bucket_cross_variance(p, &b, type, own);
  }
  for (uint32_t n = p->nnodes; !self && n-- > 1;) {
    to->sum[p->parent[n]] += to->sum[n];
    to->variance[p->parent[n]] += to->variance[n];
    to->cross[p->parent[n]] += to->cross[n];
  }
}

/* One run on each side: the same as spread_nodes, with less memory. */
static void sampled_nodes(const shf_profile *p, shf_type type, bool self, parts *to) {
  part_sums(p, type, self, shf__everything, to);
  for (uint32_t n = 0; n < p->nnodes; n++)
    if (to->cross[n] > to->variance[n]) to->variance[n] = to->cross[n];
}

static void spread_nodes(const shf_profile *p, shf_type type, bool self, const uint32_t runs[2],
                         parts *to, shf__run_sums *tally[2]) {
  for (int at = 0; at < 2; at++) {
    for (uint32_t run = 0; run < runs[at]; run++) {
      enum shf_side side = at ? SHF_SIDE_AFTER : SHF_SIDE_BEFORE;
      part_sums(p, type, self, shf__run_part(side, runs[at], run), to);
      for (uint32_t n = 0; n < p->nnodes; n++)
        shf__run_sums_add(&tally[at][n], to->sum[n], to->variance[n], to->cross[n]);
    }
  }
  for (uint32_t n = 0; n < p->nnodes; n++) {
    double both[2];
    shf__run_variances(&tally[0][n], &tally[1][n], runs, both);
    to->variance[n] = both[0] + both[1];
  }
}

static int change_variances(const shf_profile *p, shf_type type, bool self, parts *to) {
  const uint32_t runs[2] = {shf_profile_runs(p, SHF_SIDE_BEFORE),
                            shf_profile_runs(p, SHF_SIDE_AFTER)};
  if (runs[0] == 1 && runs[1] == 1) {
    sampled_nodes(p, type, self, to);
    return SHF_OK;
  }
  shf__run_sums *tally[2] = {calloc(p->nnodes, sizeof **tally), calloc(p->nnodes, sizeof **tally)};
  int code = tally[0] && tally[1] ? SHF_OK : SHF_E_NOMEM;
  if (!code) spread_nodes(p, type, self, runs, to, tally);
  free(tally[0]);
  free(tally[1]);
  return code;
}

int shf_profile_change_variances(const shf_profile *p, shf_type type, bool self, double *variance) {
  if (type >= SHF_TYPES || !shf_profile_is_diff(p)) return SHF_E_ARG;
  parts to = {malloc(p->nnodes * sizeof *to.sum), variance, malloc(p->nnodes * sizeof *to.cross)};
  int code = to.sum && to.cross ? change_variances(p, type, self, &to) : SHF_E_NOMEM;
  free(to.sum);
  free(to.cross);
  return code;
}
