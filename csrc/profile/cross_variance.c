/*
 * The error of one side of a difference at the places that only the other side sampled.
 *
 * A side without samples of a function is no more certain of that than its interval allows. If
 * nothing changed, both sides have the blocks that were sampled, and the variance of the change is
 * that of both estimates. A bucket of n blocks of s bytes then contributes n s^2 u, with
 * u = (1 - p) / p at the interval of the other side. At equal intervals that is the bucket's own
 * variance, so only a difference of intervals widens anything.
 */
#include <math.h>
#include <stdlib.h>

#include "profile/frame_totals.h"

typedef struct known {
  uint32_t side, kind;
  uint64_t interval;
} known;

static int by_interval(const void *a, const void *b) {
  const known *x = a, *y = b;
  if (x->side != y->side) return x->side < y->side ? -1 : 1;
  if (x->kind != y->kind) return x->kind < y->kind ? -1 : 1;
  return (x->interval > y->interval) - (x->interval < y->interval);
}

/*
 * The interval at which `side` would have sampled what a source of that kind and interval
 * sampled: the same interval if the side has it, else its coarsest one of that kind, or of any
 * kind, since a file may not mention a kind of which nothing was sampled.
 */
static uint64_t seen_by(const known *all, uint32_t count, known wanted) {
  uint32_t low = 0, high = count;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    if (by_interval(&all[middle], &wanted) <= 0)
      low = middle + 1;
    else
      high = middle;
  }
  /* all rows before `low` are at most the wanted one */
  if (low && by_interval(&all[low - 1], &wanted) == 0) return wanted.interval;
  uint64_t coarsest = 0;
  bool any = false;
  if (low && all[low - 1].side == wanted.side && all[low - 1].kind == wanted.kind)
    coarsest = all[low - 1].interval, any = true;
  for (; low < count && all[low].side == wanted.side && all[low].kind == wanted.kind; low++)
    coarsest = all[low].interval, any = true;
  for (uint32_t i = 0; !any && i < count; i++)
    if (all[i].side == wanted.side && all[i].interval > coarsest) coarsest = all[i].interval;
  return coarsest;
}

int shf__profile_set_cross_intervals(shf_profile *p) {
  uint32_t count = p->nsources;
  if (!shf_profile_is_diff(p)) return SHF_OK;
  p->cross_interval = shf_arena_alloc(p->arena, count, sizeof *p->cross_interval);
  known *all = malloc(count * sizeof *all);
  if (!p->cross_interval || !all) {
    free(all);
    return SHF_E_NOMEM;
  }
  for (uint32_t i = 0; i < count; i++)
    all[i] = (known){p->sources[i].side, p->sources[i].kind, p->sources[i].interval};
  qsort(all, count, sizeof *all, by_interval);
  for (uint32_t i = 0; i < count; i++) {
    const shf_source *s = &p->sources[i];
    uint32_t other = s->side == SHF_SIDE_BEFORE ? SHF_SIDE_AFTER : SHF_SIDE_BEFORE;
    p->cross_interval[i] = seen_by(all, count, (known){other, s->kind, s->interval});
    if (p->cross_interval[i] != s->interval) p->uneven = true;
  }
  free(all);
  return SHF_OK;
}

bool shf_profile_is_uneven(const shf_profile *p) {
  return p->uneven;
}

/* (1 - p) / p of a block. A block of unknown size is small: one byte. */
static double unseen(double size, uint64_t interval) {
  if (!(size > 0)) return (double)interval;
  return shf_weight(size < 1 ? 1 : (uint64_t)size, interval) - 1;
}

double shf__bucket_cross_variance(const shf_profile *p, const shf_bucket *b, shf_type type,
                                  double own) {
  const shf_source *s = &p->sources[b->source];
  uint32_t other = s->side == SHF_SIDE_BEFORE ? SHF_SIDE_AFTER : SHF_SIDE_BEFORE;
  if (!p->cross_interval ||
      (p->cross_interval[b->source] == s->interval && p->scale[s->side] == p->scale[other]))
    return own;
  bool inuse = type == SHF_INUSE_OBJECTS || type == SHF_INUSE_SPACE;
  double bytes = fabs((double)b->value[inuse ? SHF_INUSE_SPACE : SHF_ALLOC_SPACE]);
  double blocks = fabs((double)b->value[inuse ? SHF_INUSE_OBJECTS : SHF_ALLOC_OBJECTS]);
  double size = b->size ? (double)b->size : blocks > 0 ? bytes / blocks : 0;
  double each = shf_type_is_space(type) ? bytes * (size > 0 ? size : 1) : size > 0 ? blocks : 0;
  return each * unseen(size, p->cross_interval[b->source]) * sqrt(p->scale[other]);
}
