/* A delta: what a process allocated between two captures, and by what its memory in use changed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/str.h"
#include "profile/meta.h"
#include "profile/profile.h"

/* A bucket whose counts may be negative until those of both captures are added up. */
typedef struct row {
  shf_bucket b;
  int64_t allocated, live;
} row;

/* A block's age, and its type, which only live blocks have, change from one capture to the next. */
static bool stays(const shf_profile *p, const shf_label *l) {
  shf_str key = shf_profile_text(p, l->key);
  return !shf__str_equals(key, SHF_LABEL_AGE) && !shf__str_equals(key, SHF_LABEL_TYPE);
}

/* Replaces the sets of a copy by sets of what stays; `to` has the texts of all of them. */
static int keep_labels(shf__copy *c) {
  int code = SHF_OK;
  for (uint32_t set = 1; set < shf_profile_label_sets(c->from) && !code; set++) {
    uint32_t count, kept = 0;
    const shf_label *labels = shf_profile_labels_of(c->from, set, &count);
    shf_label *rows = malloc((count ? count : 1) * sizeof *rows);
    if (!rows) return SHF_E_NOMEM;
    for (uint32_t i = 0; i < count && !code; i++) {
      if (!stays(c->from, &labels[i])) continue;
      rows[kept] = labels[i];
      code = shf__label_copy(c->from, &labels[i], c->to, &rows[kept++]);
    }
    if (!code) code = shf_profile_label_set(c->to, rows, kept, &c->labels[set]);
    free(rows);
  }
  return code;
}

/* Whether two sources are the same sampling, which may have found out more or less since. */
static bool same_sampling(const shf_source *a, const shf_source *b) {
  return a->interval == b->interval && a->since_ms == b->since_ms && a->kind == b->kind &&
         a->pid == b->pid && a->thread == b->thread;
}

static void join_sources(shf__copy *before, const shf__copy *after) {
  for (uint32_t i = 0; i < before->from->nsources; i++)
    for (uint32_t k = 0; k < after->from->nsources; k++)
      if (same_sampling(&before->from->sources[i], &after->from->sources[k]))
        before->source[i] = after->source[k];
}

static int add_rows(shf__copy *c, int64_t sign, row *rows, uint32_t *count) {
  int code = SHF_OK;
  c->scale = (double)sign;
  for (uint32_t n = 0; n < c->from->nnodes && !code; n++) {
    code = shf__copy_node(c, n);
    for (uint32_t i = c->from->first[n]; i < c->from->first[n + 1] && !code; i++) {
      row *r = &rows[(*count)++];
      r->b = shf__copy_bucket(c, i, c->node[n]);
      r->allocated = sign * (int64_t)r->b.allocated;
      r->live = sign * (int64_t)r->b.live;
      if (c->beyond) code = SHF_E_LIMIT;
    }
  }
  return code;
}

static int by_bucket(const void *a, const void *b) {
  const shf_bucket *x = &((const row *)a)->b, *y = &((const row *)b)->b;
  if (x->node != y->node) return x->node < y->node ? -1 : 1;
  if (x->source != y->source) return x->source < y->source ? -1 : 1;
  if (x->labels != y->labels) return x->labels < y->labels ? -1 : 1;
  return (x->size > y->size) - (x->size < y->size);
}

/* Adds `r` to the equal row `sum`. @return false if a sum does not fit 64 bits */
static bool add_row(row *sum, const row *r) {
  bool beyond = false;
  sum->allocated += r->allocated;
  sum->live += r->live;
  for (int t = 0; t < SHF_TYPES; t++)
    beyond |= __builtin_add_overflow(sum->b.value[t], r->b.value[t], &sum->b.value[t]);
  return !beyond;
}

static uint32_t count_of(int64_t sum) {
  if (sum <= 0) return 0;
  return sum < UINT32_MAX ? (uint32_t)sum : UINT32_MAX;
}

static bool is_zero(const shf_bucket *b) {
  for (int t = 0; t < SHF_TYPES; t++)
    if (b->value[t] != 0) return false;
  return true;
}

static int add_sums(shf_profile *to, row *rows, uint32_t count) {
  int code = SHF_OK;
  if (count > 1) qsort(rows, count, sizeof *rows, by_bucket);
  for (uint32_t i = 0, end; i < count && !code; i = end) {
    row sum = rows[i];
    for (end = i + 1; end < count && by_bucket(&rows[i], &rows[end]) == 0; end++)
      if (!add_row(&sum, &rows[end])) return SHF_E_LIMIT;
    sum.b.allocated = count_of(sum.allocated);
    sum.b.live = count_of(sum.live);
    if (!is_zero(&sum.b)) code = shf_profile_bucket(to, &sum.b);
  }
  return code;
}

static int set_duration(const shf_profile *before, const shf_profile *after, shf_profile *to) {
  uint64_t from = shf__meta_number(before, "time_ms"), end = shf__meta_number(after, "time_ms");
  char text[24];
  if (from == 0 || end < from) return SHF_OK;
  snprintf(text, sizeof text, "%llu", (unsigned long long)(end - from));
  return shf_profile_meta(to, shf_str_of("duration_ms"), shf_str_of(text));
}

static int fill(shf__copy *before, shf__copy *after, row *rows) {
  uint32_t count = 0;
  join_sources(before, after);
  int code = keep_labels(after);
  if (!code) code = keep_labels(before);
  if (!code) code = shf__copy_nodes(after);
  if (!code) code = shf__copy_nodes(before);
  if (!code) code = add_rows(after, 1, rows, &count);
  if (!code) code = add_rows(before, -1, rows, &count);
  if (!code) code = add_sums(after->to, rows, count);
  if (!code) code = shf__copy_metas(after);
  return code ? code : set_duration(before->from, after->from, after->to);
}

int shf_profile_delta(const shf_profile *before, const shf_profile *after, shf_profile **out) {
  if (shf_profile_is_diff(before) || shf_profile_is_diff(after)) return SHF_E_ARG;
  shf_profile *to;
  int code = shf_profile_new(&to);
  if (code) return code;
  shf__copy copies[2];
  memset(copies, 0, sizeof copies);
  size_t buckets = (size_t)before->buckets.count + after->buckets.count;
  row *rows = buckets < SHF_NONE ? malloc((buckets + 1) * sizeof *rows) : NULL;
  if (!rows) code = SHF_E_NOMEM;
  if (!code) code = shf__copy_init(&copies[1], after, to);
  if (!code) code = shf__copy_init(&copies[0], before, to);
  if (!code) code = fill(&copies[0], &copies[1], rows);
  for (int i = 0; i < 2; i++) shf__copy_free(&copies[i]);
  free(rows);
  if (!code) code = shf_profile_seal(to);
  if (code) {
    shf_profile_free(to);
    return code;
  }
  *out = to;
  return SHF_OK;
}
