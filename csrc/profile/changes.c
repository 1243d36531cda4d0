/* What changed between the sides of a difference, and how sure that is. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "profile/sums.h"

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

static int add_side(const shf_profile *p, shf_type type, int at, shf__sums *sums,
                    shf_change *rows) {
  enum shf_side side = at ? SHF_SIDE_AFTER : SHF_SIDE_BEFORE;
  double scale = variance_scale(p, side);
  memset(sums, 0, p->nframes * sizeof *sums);
  int code = shf__frame_sums(p, type, side, sums);
  for (uint32_t f = 0; f < p->nframes && !code; f++) {
    rows[f].self[at] = sums[f].self;
    rows[f].total[at] = sums[f].total;
    rows[f].self_variance[at] = sums[f].self_variance * scale;
    rows[f].total_variance[at] = sums[f].total_variance * scale;
  }
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
  size_t room = p->nframes ? p->nframes : 1;
  shf_change *rows = calloc(room, sizeof *rows);
  shf__sums *sums = malloc(room * sizeof *sums);
  int code = rows && sums ? SHF_OK : SHF_E_NOMEM;
  for (uint32_t f = 0; f < p->nframes && !code; f++) rows[f].frame = f;
  for (int at = 0; at < 2 && !code; at++) code = add_side(p, type, at, sums, rows);
  free(sums);
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
