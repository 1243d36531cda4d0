/* Chooses the rows of the viewer's data. */
#include "svg_pruned.h"

#include <math.h>
#include <stdlib.h>

#include "core/growable.h"

/* at least up, frame, and their commas */
enum { ROW_MIN_BYTES = 4 };

static float share(int64_t part, int64_t whole) {
  return (float)((double)part / (double)whole);
}

float shf__viewer_data_max_share(const shf_viewer_data *d, uint32_t node) {
  if (d->max_share) return d->max_share[node];
  return d->only->sum > 0 ? share(shf__layout_total(d->only, node), d->only->sum) : 0;
}

/* `before` has a row for each bucket and one more. Nodes are in preorder, so the buckets of a
 * subtree are contiguous. */
static void raise_max_shares(shf_viewer_data *d, shf_type type, int64_t sum, int64_t *before) {
  uint32_t buckets = shf_profile_buckets(d->p), nodes = shf_profile_nodes(d->p);
  before[0] = 0;
  for (uint32_t i = 0; i < buckets; i++)
    before[i + 1] = before[i] + shf_profile_bucket_at(d->p, i).value[type];
  for (uint32_t n = 0; n < nodes; n++) {
    int64_t total = before[shf_profile_bucket_first(d->p, shf_profile_end(d->p, n))] -
                    before[shf_profile_bucket_first(d->p, n)];
    if (share(total, sum) > d->max_share[n]) d->max_share[n] = share(total, sum);
  }
}

static int find_max_shares(shf_viewer_data *d) {
  d->max_share = calloc(shf_profile_nodes(d->p), sizeof *d->max_share);
  int64_t *before = malloc(((size_t)shf_profile_buckets(d->p) + 1) * sizeof *before);
  int code = d->max_share && before ? SHF_OK : SHF_E_NOMEM;
  for (int t = 0; t < SHF_TYPES && !code; t++) {
    int64_t sum = shf_profile_total(d->p, (shf_type)t);
    if (d->types & 1u << t && sum > 0) raise_max_shares(d, (shf_type)t, sum, before);
  }
  free(before);
  return code;
}

int shf__viewer_data_new(shf_viewer_data *d, const shf_svg *svg) {
  const shf_profile *p = svg->p;
  const shf_layout *l = &svg->layout;
  *d = (shf_viewer_data){.p = p, .types = shf_profile_types(p)};
  d->runs = shf_profile_runs(p, SHF_SIDE_BEFORE) > 1 || shf_profile_runs(p, SHF_SIDE_AFTER) > 1 ||
            shf_profile_is_uneven(p);
  size_t frames = (size_t)shf_profile_frames(p) + 1; /* never 0 */
  d->frame = malloc(frames * sizeof *d->frame);
  d->numbered = malloc(frames * sizeof *d->numbered);
  d->string = malloc(((size_t)shf_profile_strings(p) + 1) * sizeof *d->string);
  for (int t = 0; t < SHF_TYPES; t++) {
    d->varies[t] = d->types & 1u << t && (d->runs || shf_profile_variance(p, (shf_type)t) > 0);
  }
  bool one = d->types == 1u << svg->o.type && l->p == p && !shf__layout_compares(l);
  if (one) d->only = l;
  int code = d->frame && d->numbered && d->string ? SHF_OK : SHF_E_NOMEM;
  if (!code && !one) code = find_max_shares(d);
  if (code) shf__viewer_data_free(d);
  return code;
}

void shf__viewer_data_free(shf_viewer_data *d) {
  free(d->max_share);
  free(d->frame);
  free(d->numbered);
  free(d->string);
  free(d->rows);
  free(d->run_variance[0]);
  free(d->run_variance[1]);
  shf__pruned_free(d->rest);
  *d = (shf_viewer_data){0};
}

/* ---- Choosing ----------------------------------------------------------------- */

/* A rule's value as a share of the total; slightly less, as shares are rounded. */
static double share_of(const shf_svg *svg, int64_t value) {
  if (svg->layout.sum <= 0) return svg->o.min_width / svg->o.width;
  return (double)value / (double)svg->layout.sum * (1 - 1e-6);
}

static bool add_row(shf_viewer_data *d, shf_viewer_row row) {
  int code = shf__growable_reserve((void **)&d->rows, d->count, &d->capacity, sizeof *d->rows);
  if (code) {
    d->code = code;
    return false;
  }
  d->rows[d->count++] = row;
  return true;
}

typedef struct limits {
  double wide, shallow_wide;
  uint32_t shallow;
} limits;

static bool chosen(const shf_viewer_data *d, const limits *l, uint32_t node) {
  uint32_t depth = shf_profile_depth(d->p, node);
  float max_share = shf__viewer_data_max_share(d, node);
  if (depth <= l->shallow && max_share >= l->shallow_wide) return true;
  return max_share >= l->wide * shf__layout_steepness(depth);
}

/* The end of the run of undrawn siblings from `node` on; *holds: whether they have values. */
static uint32_t stretch_end(const shf_viewer_data *d, const limits *l, uint32_t node, bool *holds) {
  uint32_t nodes = shf_profile_nodes(d->p), parent = shf_profile_parent(d->p, node), n = node;
  *holds = false;
  while (n < nodes && shf_profile_parent(d->p, n) == parent && !chosen(d, l, n)) {
    if (shf__viewer_data_max_share(d, n) > 0) *holds = true;
    n = shf_profile_end(d->p, n);
  }
  return n;
}

bool shf__viewer_data_choose(shf_viewer_data *d, const shf_svg *svg, shf_rule rule) {
  limits l = {share_of(svg, rule.keep), share_of(svg, rule.keep_shallow), rule.shallow};
  uint32_t nodes = shf_profile_nodes(d->p), last = 0;
  d->count = 0;
  for (uint32_t n = 1; n < nodes;) {
    if ((uint64_t)d->count * ROW_MIN_BYTES > svg->o.max_bytes) return false;
    uint32_t depth = shf_profile_depth(d->p, n);
    shf_viewer_row row = {n, n + 1, last + 1 - depth, false, false};
    bool holds = true;
    if (!chosen(d, &l, n)) {
      row.sum = true;
      row.end = stretch_end(d, &l, n, &holds);
    }
    if (holds && !add_row(d, row)) return false;
    if (holds) last = depth;
    n = row.end;
  }
  return true;
}
