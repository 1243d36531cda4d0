/*
 * Finds leaks by the times when memory in use was allocated. A run is the span from 0 to 1. Without
 * its first and its last part, it is cut into slots. A leak leaves about as much in each of them;
 * a cache that filled leaves nothing in the late ones, a cache that drops its oldest entries
 * nothing in the early ones, and a burst fills one.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "profile/meta.h"
#include "profile/profile.h"

enum { SLOTS = 6, MIN_SAMPLES = 30, ROUNDS = 4 };

/* Parts of the span that are not judged: at its start a program warms up, at its end much is still
   used that will be freed soon. */
static const double WARM_UP = 0.1, YOUNG = 0.1;
/* The slots must take this part of the span. */
static const double MIN_SPAN = 0.4;
/* A program does not do the same at all times: by so much may its halves differ. */
static const double UNEVEN = 0.15;
/* Memory that stays is hardly ever freed: a cache that drops entries frees more than this part. */
static const double FREED = 0.02;

/* Live blocks of one size, stack and age. */
typedef struct row {
  uint32_t node, group; /* group: a frame */
  uint64_t size;
  double seconds;     /* span of the process */
  double from, to;    /* when they were allocated, as parts of the span */
  double bytes, each; /* estimated: all, and what one sampled block stands for */
  double live;        /* sampled blocks */
} row;

typedef struct group_rows {
  const row *rows;
  uint32_t count;
  bool stays;   /* nothing of the kind was freed */
  double young; /* part of the span */
} group_rows;

/* ---- Groups */

static uint32_t *find_groups(const shf_profile *p) {
  uint32_t *group = malloc(p->nnodes * sizeof *group);
  uint8_t *app = calloc(p->nnodes, 1);
  uint32_t *function = malloc(((size_t)p->nframes + 1) * sizeof *function);
  if (group && app && function) {
    for (uint32_t f = 0; f < p->nframes; f++)
      function[f] = f && shf__same_function(&p->frames[f - 1], &p->frames[f]) ? function[f - 1] : f;
    group[0] = SHF_NONE;
    for (uint32_t n = 1; n < p->nnodes; n++) {
      uint32_t parent = p->parent[n];
      enum shf_category category = shf_frame_category(p, p->frame[n], NULL);
      group[n] = group[parent];
      app[n] = app[parent];
      if (category == SHF_CAT_APP) app[n] = 1;
      if (category == SHF_CAT_APP || (category == SHF_CAT_PACKAGE && !app[n]))
        group[n] = function[p->frame[n]];
    }
  } else {
    free(group);
    group = NULL;
  }
  free(app);
  free(function);
  return group;
}

int shf_profile_leak_frames(const shf_profile *p, uint32_t *frames) {
  uint32_t *group = find_groups(p);
  if (!group) return SHF_E_NOMEM;
  for (uint32_t i = 0; i < p->buckets.count; i++)
    frames[i] = group[shf__bucket_node(&p->buckets, i)];
  free(group);
  return SHF_OK;
}

/* ---- Rows */

/* Seconds that a process was sampled; 0: it is not judged. */
static double span_of(const shf_profile *p, const shf_source *s, bool cut) {
  double time = (double)shf__meta_number(p, "time_ms");
  double duration = (double)shf__meta_number(p, "duration_ms"), since = (double)s->since_ms;
  bool known = s->gc == SHF_GC_FORCED || cut;
  if (!known || s->side != SHF_SIDE_NONE || s->run) return 0;
  if (since > 0 && time > since && time - since < duration) duration = time - since;
  return duration / 1000;
}

/* Ages are rounded to two digits: the blocks are spread over what is rounded to theirs. */
static void place_row(row *r, int64_t age) {
  int64_t unit = 1;
  while (age / unit >= 100) unit *= 10;
  double oldest = ((double)age + (double)unit / 2) / r->seconds;
  double youngest = ((double)age - (double)unit / 2) / r->seconds;
  r->from = 1 - fmin(fmax(oldest, 0), 1);
  r->to = 1 - fmin(fmax(youngest, 0), 1);
}

static uint32_t fill_rows(const shf_profile *p, const uint32_t *group, const int64_t *ages,
                          const double *spans, row *rows) {
  uint32_t n = 0;
  for (uint32_t i = 0; i < p->buckets.count; i++) {
    const shf_bucket b = shf__bucket(&p->buckets, i);
    double seconds = spans[b.source];
    int64_t age = ages[b.labels], bytes = b.value[SHF_INUSE_SPACE];
    if (age < 0 || seconds <= 0 || b.live == 0 || bytes <= 0 || group[b.node] == SHF_NONE) continue;
    row *r = &rows[n++];
    *r = (row){.node = b.node, .group = group[b.node], .size = b.size, .seconds = seconds};
    r->bytes = (double)bytes;
    r->live = b.live;
    r->each = r->bytes / r->live;
    place_row(r, age);
  }
  return n;
}

static int by_stack(const void *a, const void *b) {
  const row *x = a, *y = b;
  if (x->node != y->node) return x->node < y->node ? -1 : 1;
  return (x->size > y->size) - (x->size < y->size);
}

static int by_group(const void *a, const void *b) {
  const row *x = a, *y = b;
  if (x->group != y->group) return x->group < y->group ? -1 : 1;
  return by_stack(a, b);
}

/* Counts the blocks that were freed, of stacks and sizes of which some live: by frame. */
static void count_freed(const shf_profile *p, const row *rows, uint32_t n, double *freed) {
  for (uint32_t i = 0; i < p->buckets.count && n; i++) {
    const shf_bucket b = shf__bucket(&p->buckets, i);
    const row key = {.node = b.node, .size = b.size};
    const row *found = bsearch(&key, rows, n, sizeof *rows, by_stack);
    if (!found) continue;
    /* without the number of allocated blocks, that of freed ones is not known */
    freed[found->group] += b.allocated ? (double)b.allocated - b.live : HUGE_VAL;
  }
}

/* ---- The judgement */

typedef struct slots {
  double bytes[SLOTS], variance[SLOTS];
  double before; /* bytes in the first part, which is not judged */
  double all, variances;
} slots;

static double overlap(const row *r, double from, double to) {
  double common = fmin(r->to, to) - fmax(r->from, from);
  if (r->to <= r->from) return r->from >= from && r->from < to ? 1 : 0;
  return common > 0 ? common / (r->to - r->from) : 0;
}

/* @param largest blocks that stand for more are left out */
static void fill_slots(const group_rows *g, double start, double first, double end, double largest,
                       slots *s) {
  double width = (end - first) / SLOTS;
  *s = (slots){.all = 0};
  for (uint32_t i = 0; i < g->count; i++) {
    const row *r = &g->rows[i];
    if (r->each > largest) continue;
    s->before += r->bytes * overlap(r, start, first);
    for (int k = 0; k < SLOTS; k++) {
      double part = overlap(r, first + k * width, first + (k + 1) * width);
      s->bytes[k] += part * r->bytes;
      s->variance[k] += part * r->bytes * r->each;
    }
  }
  for (int k = 0; k < SLOTS; k++) {
    s->all += s->bytes[k];
    s->variances += s->variance[k];
  }
}

static int by_value(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double median_of(const slots *s) {
  double sorted[SLOTS];
  memcpy(sorted, s->bytes, sizeof sorted);
  qsort(sorted, SLOTS, sizeof *sorted, by_value);
  return (sorted[SLOTS / 2 - 1] + sorted[SLOTS / 2]) / 2;
}

/* Whether no slot is empty, and both halves have about the same. More in one slot is a burst beside
   it, and counts for no more than twice the median. */
static bool is_steady(slots *s, double median) {
  double each = s->variances / s->all, noise = sqrt(median * each), half[2] = {0, 0};
  double least = fmax(median / 2 - 2 * noise, median / 5);
  for (int k = 0; k < SLOTS; k++) {
    if (s->bytes[k] < least) return false;
    s->bytes[k] = fmin(s->bytes[k], 2 * median);
    half[k >= SLOTS / 2] += s->bytes[k];
  }
  double sum = half[0] + half[1];
  return fabs(half[0] - half[1]) <= 2 * sqrt(sum * each) + UNEVEN * sum;
}

/* @param start where the run begins for this memory, as a part of the span */
static bool judge(const group_rows *g, double start, double seconds, shf_leak *leak) {
  double first = start + WARM_UP * (1 - start), end = 1 - fmax(YOUNG * (1 - start), g->young);
  double largest = HUGE_VAL;
  slots s;
  if (end - first < MIN_SPAN) return false;
  for (int round = 0; round < ROUNDS; round++) {
    /* One block with more than half a slot is a table that grew, and copied what was there. */
    fill_slots(g, start, first, end, largest, &s);
    largest = s.all / (2 * SLOTS);
  }
  if (s.all <= 0 || s.all * s.all < MIN_SAMPLES * s.variances) return false;
  double median = median_of(&s), width = (end - first) / SLOTS;
  if (median <= 0 || !is_steady(&s, median)) return false;
  if (!g->stays && s.before < median / 5 * (first - start) / width) return false;
  double kept = 0;
  for (int k = 0; k < SLOTS; k++) kept += s.bytes[k];
  leak->rate = kept / ((end - first) * seconds);
  leak->rate_error = sqrt(s.variances) / ((end - first) * seconds);
  leak->seconds = (1 - start) * seconds;
  return true;
}

/* A leak may begin late, as when load comes: with its oldest block, if nothing older was freed. */
static bool judge_group(const group_rows *g, double min_seconds, shf_leak *leak) {
  double oldest = 1, seconds = 0;
  for (uint32_t i = 0; i < g->count; i++) {
    oldest = fmin(oldest, g->rows[i].from);
    seconds = fmax(seconds, g->rows[i].seconds);
  }
  leak->frame = g->rows[0].group;
  if (judge(g, 0, seconds, leak)) return true;
  return g->stays && oldest <= 0.5 && (1 - oldest) * seconds >= min_seconds &&
         judge(g, oldest, seconds, leak);
}

static void keep_largest(shf_leak leaks[SHF_LEAKS], uint32_t *count, const shf_leak *leak) {
  uint32_t at = *count;
  while (at > 0 && leaks[at - 1].rate < leak->rate) at--;
  if (at == SHF_LEAKS) return;
  if (*count < SHF_LEAKS) ++*count;
  memmove(&leaks[at + 1], &leaks[at], (*count - at - 1) * sizeof *leaks);
  leaks[at] = *leak;
}

static void judge_all(const shf_profile *p, row *rows, uint32_t n, double *freed,
                      double min_seconds, shf_leak leaks[SHF_LEAKS], uint32_t *count) {
  double cut = (double)shf__meta_number(p, SHF_META_OLDER_THAN) / 1000;
  if (n > 1) qsort(rows, n, sizeof *rows, by_stack);
  count_freed(p, rows, n, freed);
  if (n > 1) qsort(rows, n, sizeof *rows, by_group);
  for (uint32_t i = 0, end; i < n; i = end) {
    double live = 0;
    shf_leak leak;
    for (end = i; end < n && rows[end].group == rows[i].group; end++) live += rows[end].live;
    const group_rows g = {.rows = &rows[i],
                          .count = end - i,
                          .stays = freed[rows[i].group] <= FREED * live,
                          .young = cut / rows[i].seconds};
    if (judge_group(&g, min_seconds, &leak)) keep_largest(leaks, count, &leak);
  }
}

int shf_profile_leaks(const shf_profile *p, double min_seconds, shf_leak leaks[SHF_LEAKS],
                      uint32_t *count) {
  bool cut = shf_profile_meta_get(p, SHF_META_OLDER_THAN).len > 0;
  *count = 0;
  if (!shf_profile_has_ages(p) || (double)shf__meta_number(p, "duration_ms") < min_seconds * 1000)
    return SHF_OK;
  uint32_t *group = find_groups(p);
  int64_t *ages = malloc(shf_profile_label_sets(p) * sizeof *ages);
  double *spans = calloc((size_t)p->nsources + 1, sizeof *spans);
  row *rows = malloc(((size_t)p->buckets.count + 1) * sizeof *rows);
  double *freed = calloc((size_t)p->nframes + 1, sizeof *freed);
  int code = group && ages && spans && rows && freed ? SHF_OK : SHF_E_NOMEM;
  if (!code) {
    shf_profile_ages(p, ages);
    for (uint32_t i = 0; i < p->nsources; i++) {
      double seconds = span_of(p, &p->sources[i], cut);
      if (seconds >= min_seconds) spans[i] = seconds;
    }
    judge_all(p, rows, fill_rows(p, group, ages, spans, rows), freed, min_seconds, leaks, count);
  }
  free(group);
  free(ages);
  free(spans);
  free(rows);
  free(freed);
  return code;
}
