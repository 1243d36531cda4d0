/* Every function with its figures. */
#include <stdlib.h>
#include <string.h>

#include "profile/frame_totals.h"

static int sum_type(const shf_profile *p, shf_type type, shf__frame_total *sums, shf_row *rows) {
  memset(sums, 0, p->nframes * sizeof *sums);
  int code = shf__frame_totals(p, type, shf__everything, sums);
  for (uint32_t f = 0; f < p->nframes && !code; f++) {
    rows[f].self[type] = sums[f].self;
    rows[f].total[type] = sums[f].total;
    rows[f].self_variance[type] = sums[f].self_variance;
    rows[f].total_variance[type] = sums[f].total_variance;
  }
  return code;
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
  size_t capacity = p->nframes ? p->nframes : 1;
  shf_row *rows = calloc(capacity, sizeof *rows);
  shf__frame_total *sums = malloc(capacity * sizeof *sums);
  int code = rows && sums ? SHF_OK : SHF_E_NOMEM;
  for (uint32_t f = 0; f < p->nframes && !code; f++) rows[f].frame = f;
  for (int t = 0; t < SHF_TYPES && !code; t++) code = sum_type(p, (shf_type)t, sums, rows);
  if (!code) code = sort_rows(rows, p->nframes, type);
  free(sums);
  if (code) {
    free(rows);
    return code;
  }
  *out = rows;
  *count = p->nframes;
  return SHF_OK;
}
