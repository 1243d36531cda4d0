/* Likely leaks: what the functions of an app have in use, judged by steady.c. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "profile/meta.h"
#include "profile/profile.h"
#include "profile/steady.h"

typedef shf__leak_row row;

/* Memory that stays is hardly ever freed: a cache that drops entries frees more than this part. */
static const double FREED = 0.02;
/* A function that V8 inlined amid the run: it and its caller have each this part of the memory at
   least, and free less than that part. */
enum { CALLERS = 4 };
static const double INLINED_PART = 0.05, INLINED_FREED = 0.5;

/* ---- Groups */

/* A function of Node is no leak of its own, but an app's may be inlined into it. */
static bool is_nodes_own(const shf_profile *p, uint32_t frame) {
  return shf_frame_category(p, frame, NULL) == SHF_CAT_NODE;
}

/* Of each node: the function that it counts for. @param caller the next one above; or NULL */
static uint32_t *find_groups(const shf_profile *p, uint32_t *caller) {
  uint32_t *group = malloc(p->nnodes * sizeof *group);
  uint8_t *app = calloc(p->nnodes, 1);
  uint32_t *function = malloc(((size_t)p->nframes + 1) * sizeof *function);
  if (group && app && function) {
    for (uint32_t f = 0; f < p->nframes; f++)
      function[f] = f && shf__same_function(&p->frames[f - 1], &p->frames[f]) ? function[f - 1] : f;
    group[0] = SHF_NONE;
    if (caller) caller[0] = SHF_NONE;
    for (uint32_t n = 1; n < p->nnodes; n++) {
      uint32_t parent = p->parent[n];
      enum shf_category category = shf_frame_category(p, p->frame[n], NULL);
      group[n] = group[parent];
      app[n] = app[parent];
      if (category == SHF_CAT_APP) app[n] = 1;
      bool none = group[n] == SHF_NONE || is_nodes_own(p, group[n]);
      if (category == SHF_CAT_APP || (category == SHF_CAT_PACKAGE && !app[n]) ||
          (category == SHF_CAT_NODE && none))
        group[n] = function[p->frame[n]];
      if (caller) caller[n] = group[n] == group[parent] ? caller[parent] : group[parent];
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
  uint32_t *group = find_groups(p, NULL);
  if (!group) return SHF_E_NOMEM;
  for (uint32_t i = 0; i < p->buckets.count; i++)
    frames[i] = group[shf__bucket_node(&p->buckets, i)];
  free(group);
  return SHF_OK;
}

/* ---- Rows */

/* A process, or a thread of it. */
typedef struct span {
  double seconds; /* how long it was sampled; 0: it is not judged */
  double young;   /* seconds at its end: memory of that time was left out, or may be garbage */
} span;

static span span_of(const shf_profile *p, const shf_source *s) {
  double time = (double)shf__meta_number(p, "time_ms"), since = (double)s->since_ms;
  double duration = (double)shf__meta_number(p, "duration_ms");
  double young = (double)shf__meta_number(p, SHF_META_OLDER_THAN);
  bool known = s->gc == SHF_GC_FORCED || young > 0;
  if (s->gc != SHF_GC_FORCED && shf_profile_meta_get(p, SHF_META_UNCOLLECTED).len) {
    young = fmax(young, (double)shf__meta_number(p, SHF_META_UNCOLLECTED));
    known = true;
  }
  if (!known || s->side != SHF_SIDE_NONE || s->run) return (span){0, 0};
  if (since > 0 && time > since && time - since < duration) duration = time - since;
  return (span){duration / 1000, young / 1000};
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
                          const uint32_t *caller, const span *spans, row *rows) {
  uint32_t n = 0;
  for (uint32_t i = 0; i < p->buckets.count; i++) {
    const shf_bucket b = shf__bucket(&p->buckets, i);
    const span of = spans[b.source];
    int64_t age = ages[b.labels], bytes = b.value[SHF_INUSE_SPACE];
    if (age < 0 || of.seconds <= 0 || b.live == 0 || bytes <= 0 || group[b.node] == SHF_NONE)
      continue;
    row *r = &rows[n++];
    *r = (row){.node = b.node, .group = group[b.node], .size = b.size, .seconds = of.seconds};
    r->caller = caller[b.node];
    r->young = of.young / of.seconds;
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
  if (x->caller != y->caller) return x->caller < y->caller ? -1 : 1;
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

static void keep_largest(shf_leak leaks[SHF_LEAKS], uint32_t *count, const shf_leak *leak) {
  uint32_t at = *count;
  while (at > 0 && leaks[at - 1].rate < leak->rate) at--;
  if (at == SHF_LEAKS) return;
  if (*count < SHF_LEAKS) ++*count;
  memmove(&leaks[at + 1], &leaks[at], (*count - at - 1) * sizeof *leaks);
  leaks[at] = *leak;
}

/* ---- Functions that V8 inlined amid the run */

/* Rows of one function that was called by another. */
typedef struct range {
  uint32_t begin, end, group, caller;
  double bytes;
} range;

typedef struct judgement {
  const shf_profile *p;
  row *rows; /* by group, then caller; behind them there is space for as many */
  uint32_t n;
  range *ranges, *sorted; /* the latter by bytes */
  uint32_t nranges;
  uint32_t *first; /* of each frame: its first range, or SHF_NONE */
  uint32_t *above; /* of each frame: a caller, or SHF_NONE */
  uint8_t *leaks;  /* of each frame */
  double *freed;   /* of each frame: blocks */
  double min_seconds;
} judgement;

static void find_ranges(judgement *j) {
  for (uint32_t i = 0, end; i < j->n; i = end) {
    const row *r = &j->rows[i];
    range *to = &j->ranges[j->nranges];
    *to = (range){.begin = i, .group = r->group, .caller = r->caller};
    for (end = i; end < j->n && j->rows[end].group == r->group && j->rows[end].caller == r->caller;
         end++)
      to->bytes += j->rows[end].bytes;
    to->end = end;
    if (j->first[r->group] == SHF_NONE) j->first[r->group] = j->nranges;
    j->sorted[j->nranges++] = *to;
  }
}

/* The rows of a function: *end is behind the last one. */
static uint32_t rows_of(const judgement *j, uint32_t group, uint32_t *end) {
  uint32_t i = j->first[group], begin = j->ranges[i].begin;
  while (i < j->nranges && j->ranges[i].group == group) i++;
  *end = j->ranges[i - 1].end;
  return begin;
}

/* @return blocks that were freed for each one that lives */
static double freed_part(const judgement *j, uint32_t group) {
  double live = 0;
  uint32_t end, i = rows_of(j, group, &end);
  for (; i < end; i++) live += j->rows[i].live;
  return j->freed[group] / live;
}

/* A function and its caller that are a leak together. */
typedef struct candidate {
  shf_leak leak;
  double uneven;
} candidate;

/* What a function allocated until V8 inlined it, and its caller from then on. */
static bool judge_inlined(const judgement *j, const range *r, uint32_t caller, candidate *c) {
  uint32_t end, begin = rows_of(j, caller, &end), count = r->end - r->begin;
  row *both = j->rows + j->n;
  double bytes = 0, freed = fmax(freed_part(j, r->group), freed_part(j, caller));
  for (uint32_t i = begin; i < end; i++) bytes += j->rows[i].bytes;
  if (fmin(bytes, r->bytes) < INLINED_PART * (bytes + r->bytes) || freed > INLINED_FREED)
    return false;
  memcpy(both, &j->rows[r->begin], count * sizeof *both);
  memcpy(both + count, &j->rows[begin], (end - begin) * sizeof *both);
  const shf__leak_rows g = {.rows = both, .count = count + end - begin, .stays = freed <= FREED};
  c->leak.frame = r->group;
  c->leak.caller = caller;
  return shf__is_leak(&g, j->min_seconds, true, &c->leak, &c->uneven);
}

static int by_bytes(const void *a, const void *b) {
  const range *x = a, *y = b;
  if (x->bytes != y->bytes) return x->bytes > y->bytes ? -1 : 1;
  return (x->begin > y->begin) - (x->begin < y->begin);
}

static int by_evenness(const void *a, const void *b) {
  const candidate *x = a, *y = b;
  if (x->uneven != y->uneven) return x->uneven < y->uneven ? -1 : 1;
  return (x->leak.frame > y->leak.frame) - (x->leak.frame < y->leak.frame);
}

/* The largest functions first, until that has taken a while. @return their number */
static uint32_t find_candidates(judgement *j, candidate *to) {
  uint64_t work = 0, most = 64 * (uint64_t)j->n + 1000000;
  uint32_t count = 0;
  if (j->nranges > 1) qsort(j->sorted, j->nranges, sizeof *j->sorted, by_bytes);
  for (uint32_t i = 0, end; i < j->nranges && work < most; i++) {
    const range *r = &j->sorted[i];
    if (j->leaks[r->group] || is_nodes_own(j->p, r->group)) continue;
    /* its caller may have been inlined as well */
    uint32_t caller = r->caller;
    for (int k = 0; k < CALLERS && caller != SHF_NONE; k++, caller = j->above[caller]) {
      if (j->first[caller] == SHF_NONE || j->leaks[caller] || caller == r->group) continue;
      uint32_t begin = rows_of(j, caller, &end);
      work += 2 * (uint64_t)(end - begin);
      if (!judge_inlined(j, r, caller, &to[count])) continue;
      count++;
      break;
    }
  }
  return count;
}

/* Of several functions that may have been inlined into one, the one that fits best is it. */
static int judge_all_inlined(judgement *j, shf_leak leaks[SHF_LEAKS], uint32_t *count) {
  candidate *all = malloc(((size_t)j->nranges + 1) * sizeof *all);
  if (!all) return SHF_E_NOMEM;
  uint32_t n = find_candidates(j, all);
  if (n > 1) qsort(all, n, sizeof *all, by_evenness);
  for (uint32_t i = 0; i < n; i++) {
    const shf_leak *leak = &all[i].leak;
    if (j->leaks[leak->frame] || j->leaks[leak->caller]) continue;
    j->leaks[leak->frame] = j->leaks[leak->caller] = 1;
    keep_largest(leaks, count, leak);
  }
  free(all);
  return SHF_OK;
}

/* @param late whether leaks may begin late */
static void judge_groups(judgement *j, bool late, shf_leak leaks[SHF_LEAKS], uint32_t *count) {
  for (uint32_t i = 0, end; i < j->n; i = end) {
    double live = 0, uneven;
    uint32_t group = j->rows[i].group;
    (void)rows_of(j, group, &end);
    if (j->leaks[group] || is_nodes_own(j->p, group)) continue;
    for (uint32_t k = i; k < end; k++) live += j->rows[k].live;
    const shf__leak_rows g = {
        .rows = &j->rows[i], .count = end - i, .stays = j->freed[group] <= FREED * live};
    shf_leak leak = {.frame = group, .caller = SHF_NONE};
    j->leaks[group] = shf__is_leak(&g, j->min_seconds, late, &leak, &uneven);
    if (j->leaks[group]) keep_largest(leaks, count, &leak);
  }
}

static int judge_all(const shf_profile *p, judgement *j, shf_leak leaks[SHF_LEAKS],
                     uint32_t *count) {
  if (j->n > 1) qsort(j->rows, j->n, sizeof *j->rows, by_stack);
  count_freed(p, j->rows, j->n, j->freed);
  if (j->n > 1) qsort(j->rows, j->n, sizeof *j->rows, by_group);
  find_ranges(j);
  judge_groups(j, false, leaks, count);
  int code = judge_all_inlined(j, leaks, count);
  if (!code) judge_groups(j, true, leaks, count);
  return code;
}

static void close_judgement(judgement *j) {
  free(j->rows);
  free(j->ranges);
  free(j->sorted);
  free(j->first);
  free(j->above);
  free(j->leaks);
  free(j->freed);
}

/* @return whether there was memory */
static bool open_judgement(const shf_profile *p, double min_seconds, judgement *j) {
  size_t buckets = (size_t)p->buckets.count + 1, frames = (size_t)p->nframes + 1;
  *j = (judgement){.p = p, .min_seconds = min_seconds};
  j->rows = malloc(2 * buckets * sizeof *j->rows);
  j->ranges = malloc(buckets * sizeof *j->ranges);
  j->sorted = malloc(buckets * sizeof *j->sorted);
  j->first = malloc(frames * sizeof *j->first);
  j->leaks = calloc(frames, 1);
  j->freed = calloc(frames, sizeof *j->freed);
  j->above = malloc(frames * sizeof *j->above);
  if (j->first) memset(j->first, 0xff, frames * sizeof *j->first);
  if (j->above) memset(j->above, 0xff, frames * sizeof *j->above);
  return j->rows && j->ranges && j->sorted && j->first && j->above && j->leaks && j->freed;
}

int shf_profile_leaks(const shf_profile *p, double min_seconds, shf_leak leaks[SHF_LEAKS],
                      uint32_t *count) {
  *count = 0;
  if (!shf_profile_has_ages(p) || (double)shf__meta_number(p, "duration_ms") < min_seconds * 1000)
    return SHF_OK;
  judgement j;
  uint32_t *caller = malloc(p->nnodes * sizeof *caller);
  uint32_t *group = caller ? find_groups(p, caller) : NULL;
  int64_t *ages = malloc(shf_profile_label_sets(p) * sizeof *ages);
  span *spans = calloc((size_t)p->nsources + 1, sizeof *spans);
  bool opened = open_judgement(p, min_seconds, &j);
  int code = group && ages && spans && opened ? SHF_OK : SHF_E_NOMEM;
  if (!code) {
    shf_profile_ages(p, ages);
    for (uint32_t i = 0; i < p->nsources; i++) {
      const span of = span_of(p, &p->sources[i]);
      if (of.seconds >= min_seconds) spans[i] = of;
    }
    j.n = fill_rows(p, group, ages, caller, spans, j.rows);
    for (uint32_t n = 1; n < p->nnodes; n++)
      if (group[n] != SHF_NONE) j.above[group[n]] = caller[n];
    code = judge_all(p, &j, leaks, count);
  }
  free(caller);
  free(group);
  free(ages);
  free(spans);
  close_judgement(&j);
  return code;
}
