/* The rows that the viewer draws from. */
#include "svg_pruned.h"

#include <math.h>
#include <stdlib.h>

/* No row takes fewer bytes: up, frame, and their commas. */
enum { LEAST = 4, FIRST_ROOM = 1024 };

static float share(int64_t part, int64_t whole) {
  return (float)((double)part / (double)whole);
}

float shf__data_reach(const shf_data *d, uint32_t node) {
  if (d->reach) return d->reach[node];
  return d->only->sum > 0 ? share(shf__layout_total(d->only, node), d->only->sum) : 0;
}

/* `before` has a row for each bucket and one more: a node's buckets and those below it are one
 * stretch, as nodes are in preorder. */
static void widen(shf_data *d, shf_type type, int64_t sum, int64_t *before) {
  uint32_t buckets = shf_profile_buckets(d->p), nodes = shf_profile_nodes(d->p);
  before[0] = 0;
  for (uint32_t i = 0; i < buckets; i++)
    before[i + 1] = before[i] + shf_profile_bucket_at(d->p, i).value[type];
  for (uint32_t n = 0; n < nodes; n++) {
    int64_t total = before[shf_profile_bucket_first(d->p, shf_profile_end(d->p, n))] -
                    before[shf_profile_bucket_first(d->p, n)];
    if (share(total, sum) > d->reach[n]) d->reach[n] = share(total, sum);
  }
}

static int make_reach(shf_data *d) {
  d->reach = calloc(shf_profile_nodes(d->p), sizeof *d->reach);
  int64_t *before = malloc(((size_t)shf_profile_buckets(d->p) + 1) * sizeof *before);
  int code = d->reach && before ? SHF_OK : SHF_E_NOMEM;
  for (int t = 0; t < SHF_TYPES && !code; t++) {
    int64_t sum = shf_profile_total(d->p, (shf_type)t);
    if (d->types & 1u << t && sum > 0) widen(d, (shf_type)t, sum, before);
  }
  free(before);
  return code;
}

int shf__data_new(shf_data *d, const shf_picture *pic) {
  const shf_profile *p = pic->p;
  const shf_layout *l = &pic->layout;
  *d = (shf_data){.p = p, .types = shf_profile_types(p)};
  d->runs = shf_profile_runs(p, SHF_SIDE_BEFORE) > 1 || shf_profile_runs(p, SHF_SIDE_AFTER) > 1 ||
            shf_profile_is_uneven(p);
  size_t frames = (size_t)shf_profile_frames(p) + 1; /* never 0 */
  d->frame = malloc(frames * sizeof *d->frame);
  d->numbered = malloc(frames * sizeof *d->numbered);
  d->string = malloc(((size_t)shf_profile_strings(p) + 1) * sizeof *d->string);
  for (int t = 0; t < SHF_TYPES; t++) {
    d->varies[t] = d->types & 1u << t && (d->runs || shf_profile_variance(p, (shf_type)t) > 0);
  }
  bool one = d->types == 1u << pic->o.type && l->p == p && !shf__layout_compares(l);
  if (one) d->only = l;
  int code = d->frame && d->numbered && d->string ? SHF_OK : SHF_E_NOMEM;
  if (!code && !one) code = make_reach(d);
  if (code) shf__data_free(d);
  return code;
}

void shf__data_free(shf_data *d) {
  free(d->reach);
  free(d->frame);
  free(d->numbered);
  free(d->string);
  free(d->rows);
  free(d->spread[0]);
  free(d->spread[1]);
  shf__rest_free(d->rest);
  *d = (shf_data){0};
}

/* ---- Choosing ----------------------------------------------------------------- */

/* The share of the whole that a rule's value is; a little less, for shares are rounded. */
static double share_of(const shf_picture *pic, int64_t value) {
  if (pic->layout.sum <= 0) return pic->o.min_width / pic->o.width;
  return (double)value / (double)pic->layout.sum * (1 - 1e-6);
}

static bool add_row(shf_data *d, shf_data_row row) {
  if (d->count == d->room) {
    uint32_t room = d->room ? d->room * 2 : FIRST_ROOM;
    shf_data_row *rows = realloc(d->rows, room * sizeof *rows);
    if (!rows) {
      d->code = SHF_E_NOMEM;
      return false;
    }
    d->rows = rows;
    d->room = room;
  }
  d->rows[d->count++] = row;
  return true;
}

typedef struct limits {
  double wide, shallow_wide;
  uint32_t shallow;
} limits;

static bool chosen(const shf_data *d, const limits *l, uint32_t node) {
  uint32_t depth = shf_profile_depth(d->p, node);
  float reach = shf__data_reach(d, node);
  if (depth <= l->shallow && reach >= l->shallow_wide) return true;
  return reach >= l->wide * shf__layout_steepness(depth);
}

/* Behind the neighbours from `node` on that are not drawn; whether they hold anything. */
static uint32_t stretch_end(const shf_data *d, const limits *l, uint32_t node, bool *holds) {
  uint32_t nodes = shf_profile_nodes(d->p), parent = shf_profile_parent(d->p, node), n = node;
  *holds = false;
  while (n < nodes && shf_profile_parent(d->p, n) == parent && !chosen(d, l, n)) {
    if (shf__data_reach(d, n) > 0) *holds = true;
    n = shf_profile_end(d->p, n);
  }
  return n;
}

bool shf__data_choose(shf_data *d, const shf_picture *pic, shf_rule rule) {
  limits l = {share_of(pic, rule.keep), share_of(pic, rule.keep_shallow), rule.shallow};
  uint32_t nodes = shf_profile_nodes(d->p), last = 0;
  d->count = 0;
  for (uint32_t n = 1; n < nodes;) {
    if ((uint64_t)d->count * LEAST > pic->o.max_bytes) return false;
    uint32_t depth = shf_profile_depth(d->p, n);
    shf_data_row row = {n, n + 1, last + 1 - depth, false, false};
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
