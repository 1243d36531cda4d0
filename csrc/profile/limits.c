/* Totals with their errors, compared with limits. */
#include <math.h>

#include "profile/run_variance.h"

/* Noise below this fraction of the value before is always small enough. */
static const double SMALL_NOISE = 0.05;

static uint64_t samples_of(const shf_bucket *b, shf_type type) {
  return type == SHF_INUSE_OBJECTS || type == SHF_INUSE_SPACE ? b->live : b->allocated;
}

/*
 * Returns the exact sum, which a double would round. `divisor` makes the value of a run its part
 * of the mean.
 */
static int64_t tally_run(const shf_profile *p, shf_type type, shf__part part, double divisor,
                         shf__run_sums *t, uint64_t *samples) {
  int64_t sum = 0;
  double variance = 0, cross = 0;
  for (uint32_t i = 0; i < p->buckets.count; i++) {
    const shf_bucket b = shf__bucket(&p->buckets, i);
    if (!shf__part_has(part, &p->sources[b.source])) continue;
    sum += b.value[type];
    double own = shf_bucket_variance(p, &b, type);
    variance += own;
    cross += shf__bucket_cross_variance(p, &b, type, own);
    *samples += samples_of(&b, type);
  }
  double square = divisor * divisor;
  shf__run_sums_add(t, (double)sum / divisor, variance / square, cross / square);
  return sum;
}

/* The sides of a difference are already means. */
static void tally_side(const shf_profile *p, enum shf_side side, shf_type type, shf_figure *f,
                       shf__run_sums *t) {
  *t = (shf__run_sums){.sum = 0};
  *f = (shf_figure){.runs = shf_profile_runs(p, side)};
  double divisor = side == SHF_SIDE_NONE ? f->runs : 1;
  for (uint32_t at = 0; at < f->runs; at++)
    f->value += tally_run(p, type, shf__run_part(side, f->runs, at), divisor, t, &f->samples);
  if (divisor > 1) f->value = llround(t->sum);
}

int shf_profile_figure(const shf_profile *p, enum shf_side side, shf_type type, shf_figure *out) {
  shf__run_sums t;
  if (type >= SHF_TYPES) return SHF_E_ARG;
  if (!(shf_profile_types(p) & 1u << type)) return SHF_E_ABSENT;
  tally_side(p, side, type, out, &t);
  out->variance = shf__run_variance(&t, out->runs);
  return SHF_OK;
}

int shf_profile_figures(const shf_profile *p, shf_type type, shf_figure out[2]) {
  shf__run_sums t[2];
  double variance[2];
  if (type >= SHF_TYPES || !shf_profile_is_diff(p)) return SHF_E_ARG;
  if (!(shf_profile_types(p) & 1u << type)) return SHF_E_ABSENT;
  tally_side(p, SHF_SIDE_BEFORE, type, &out[0], &t[0]);
  tally_side(p, SHF_SIDE_AFTER, type, &out[1], &t[1]);
  shf__run_variances(&t[0], &t[1], (const uint32_t[]){out[0].runs, out[1].runs}, variance);
  for (int i = 0; i < 2; i++) out[i].variance = variance[i];
  return SHF_OK;
}

enum shf_judgement shf_judge_limit(const shf_figure *f, double limit) {
  double above = (double)f->value - limit;
  if (above <= 0) return SHF_HOLDS;
  return above > SHF__Z_99 * sqrt(f->variance) ? SHF_EXCEEDED : SHF_UNSURE;
}

enum shf_judgement shf_judge_growth(const shf_figure figures[2], double percent) {
  double allowed = 1 + percent / 100, before = (double)figures[0].value;
  double above = (double)figures[1].value - allowed * before;
  double noise = SHF__Z_99 * sqrt(figures[1].variance + allowed * allowed * figures[0].variance);
  if (above > noise) return SHF_EXCEEDED;
  if (above < -noise) return SHF_HOLDS;
  double seen = percent / 100 > SMALL_NOISE ? percent / 100 : SMALL_NOISE;
  return noise > seen * before ? SHF_UNSURE : SHF_HOLDS;
}
