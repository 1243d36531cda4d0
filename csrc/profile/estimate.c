/* What samples stand for, and how sure that is. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "profile/profile.h"

/* The chance that a block of `size` bytes is sampled. */
static double chance(uint64_t size, uint64_t interval) {
  if (size == 0 || interval == 0) return 1;
  return -expm1(-(double)size / (double)interval);
}

double shf_weight(uint64_t size, uint64_t interval) {
  return 1 / chance(size, interval);
}

/*
 * Blocks sampled with chance p, each worth s / p: the variance of their sum,
 * estimated from the k that were seen, is k (1 - p) (s / p)^2.
 */
double shf_bucket_variance(const shf_profile *p, const shf_bucket *b, shf_type type) {
  bool inuse = type == SHF_INUSE_OBJECTS || type == SHF_INUSE_SPACE;
  double sampled = inuse ? b->live : b->allocated;
  double seen = chance(b->size, p->sources[b->source].interval);
  double each = (shf_type_is_space(type) ? (double)b->size : 1) / seen;
  return sampled * (1 - seen) * each * each;
}

double shf_profile_variance(const shf_profile *p, shf_type type) {
  double sum = 0;
  for (uint32_t i = 0; i < p->nbuckets; i++) sum += shf_bucket_variance(p, &p->buckets[i], type);
  return sum;
}

/* Walks the tree; a frame is open while the walk is below a node of it. */
typedef struct walk {
  const shf_profile *p;
  int64_t *total;   /* of each node */
  double *variance; /* likewise */
  uint32_t *path;   /* the open nodes, root first */
  uint32_t *open;   /* of each frame: open nodes */
} walk;

static void walk_free(walk *w) {
  free(w->total);
  free(w->variance);
  free(w->path);
  free(w->open);
}

static int walk_init(walk *w, const shf_profile *p) {
  w->p = p;
  w->total = malloc(p->nnodes * sizeof *w->total);
  w->variance = malloc(p->nnodes * sizeof *w->variance);
  w->path = malloc(((size_t)p->max_depth + 1) * sizeof *w->path);
  w->open = calloc(p->nframes ? p->nframes : 1, sizeof *w->open);
  return w->total && w->variance && w->path && w->open ? SHF_OK : SHF_E_NOMEM;
}

static void sum_variances(const walk *w, shf_type type) {
  const shf_profile *p = w->p;
  for (uint32_t n = 0; n < p->nnodes; n++) {
    double sum = 0;
    for (uint32_t b = p->first[n]; b < p->first[n + 1]; b++)
      sum += shf_bucket_variance(p, &p->buckets[b], type);
    w->variance[n] = sum;
  }
}

static void sum_type(walk *w, shf_type type, shf_row *rows) {
  const shf_profile *p = w->p;
  shf_profile_sums(p, type, w->total, NULL);
  sum_variances(w, type);
  for (uint32_t n = 1; n < p->nnodes; n++) {
    rows[p->frame[n]].self[type] += w->total[n];
    rows[p->frame[n]].self_variance[type] += w->variance[n];
  }
  for (uint32_t n = p->nnodes; n-- > 1;) {
    w->total[p->parent[n]] += w->total[n];
    w->variance[p->parent[n]] += w->variance[n];
  }
  uint32_t depth = 0;
  for (uint32_t n = 1; n < p->nnodes; n++) {
    while (depth && p->end[w->path[depth - 1]] <= n) w->open[p->frame[w->path[--depth]]]--;
    uint32_t f = p->frame[n];
    if (w->open[f]++ == 0) {
      rows[f].total[type] += w->total[n];
      rows[f].total_variance[type] += w->variance[n];
    }
    w->path[depth++] = n;
  }
  while (depth) w->open[p->frame[w->path[--depth]]]--;
}

typedef struct sort_key {
  int64_t self, total;
  uint32_t frame; /* canonical order is by text */
} sort_key;

static int most_first(const void *a, const void *b) {
  const sort_key *x = a, *y = b;
  if (x->self != y->self) return x->self > y->self ? -1 : 1;
  if (x->total != y->total) return x->total > y->total ? -1 : 1;
  return (x->frame > y->frame) - (x->frame < y->frame);
}

static int sort_rows(shf_row *rows, uint32_t n, shf_type type) {
  sort_key *keys = malloc((n ? n : 1) * sizeof *keys);
  shf_row *copy = malloc((n ? n : 1) * sizeof *copy);
  if (!keys || !copy) {
    free(keys);
    free(copy);
    return SHF_E_NOMEM;
  }
  for (uint32_t i = 0; i < n; i++) keys[i] = (sort_key){rows[i].self[type], rows[i].total[type], i};
  qsort(keys, n, sizeof *keys, most_first);
  memcpy(copy, rows, n * sizeof *rows);
  for (uint32_t i = 0; i < n; i++) rows[i] = copy[keys[i].frame];
  free(keys);
  free(copy);
  return SHF_OK;
}

int shf_profile_rows(const shf_profile *p, shf_type type, shf_row **out, uint32_t *count) {
  if (type >= SHF_TYPES) return SHF_E_ARG;
  walk w;
  shf_row *rows = calloc(p->nframes ? p->nframes : 1, sizeof *rows);
  int code = walk_init(&w, p);
  if (!rows) code = SHF_E_NOMEM;
  if (!code) {
    for (uint32_t f = 0; f < p->nframes; f++) rows[f].frame = f;
    for (int t = 0; t < SHF_TYPES; t++) sum_type(&w, (shf_type)t, rows);
    code = sort_rows(rows, p->nframes, type);
  }
  walk_free(&w);
  if (code) {
    free(rows);
    return code;
  }
  *out = rows;
  *count = p->nframes;
  return SHF_OK;
}
