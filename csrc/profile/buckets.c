#include "profile/buckets.h"

#include <stdlib.h>

#include "core/large_alloc.h"

enum { FEW = 8 };

static uint32_t narrow(const shf__buckets *b, const char *row, int column) {
  uint32_t value = 0;
  if (b->width[column]) memcpy(&value, row + b->at[column], sizeof value);
  return value;
}

static int64_t wide(const shf__buckets *b, const char *row, int column) {
  int32_t four;
  int64_t value = 0;
  if (b->width[column] == sizeof value) {
    memcpy(&value, row + b->at[column], sizeof value);
  } else if (b->width[column]) {
    memcpy(&four, row + b->at[column], sizeof four);
    value = four;
  }
  return value;
}

uint32_t shf__bucket_source(const shf__buckets *b, uint32_t row) {
  return narrow(b, shf__bucket_row(b, row), SHF__SOURCE);
}

uint32_t shf__bucket_labels(const shf__buckets *b, uint32_t row) {
  return narrow(b, shf__bucket_row(b, row), SHF__LABELS);
}

int64_t shf__bucket_value(const shf__buckets *b, uint32_t row, shf_type type) {
  return wide(b, shf__bucket_row(b, row), SHF__VALUE + (int)type);
}

shf_bucket shf__bucket(const shf__buckets *b, uint32_t row) {
  const char *from = shf__bucket_row(b, row);
  shf_bucket bucket;
  memcpy(&bucket.node, from, sizeof bucket.node);
  bucket.source = narrow(b, from, SHF__SOURCE);
  bucket.labels = narrow(b, from, SHF__LABELS);
  bucket.allocated = narrow(b, from, SHF__ALLOCATED);
  bucket.live = narrow(b, from, SHF__LIVE);
  bucket.size = (uint64_t)wide(b, from, SHF__SIZE);
  for (int t = 0; t < SHF_TYPES; t++) bucket.value[t] = wide(b, from, SHF__VALUE + t);
  return bucket;
}

static uint8_t narrow_width(uint32_t value) {
  return value ? sizeof value : 0;
}

static uint8_t wide_width(int64_t value) {
  if (value == 0) return 0;
  return value == (int32_t)value ? sizeof(int32_t) : sizeof value;
}

static void put_wide(const shf__buckets *b, char *row, int column, int64_t value) {
  int32_t four = (int32_t)value;
  if (b->width[column] == sizeof value)
    memcpy(row + b->at[column], &value, sizeof value);
  else if (b->width[column])
    memcpy(row + b->at[column], &four, sizeof four);
}

static void put_narrow(const shf__buckets *b, char *row, int column, uint32_t value) {
  if (b->width[column]) memcpy(row + b->at[column], &value, sizeof value);
}

/* The bucket fits the layout. */
static void put(shf__buckets *b, uint32_t at, const shf_bucket *bucket) {
  char *row = b->rows + (size_t)at * b->stride;
  memcpy(row, &bucket->node, sizeof bucket->node);
  put_narrow(b, row, SHF__SOURCE, bucket->source);
  put_narrow(b, row, SHF__LABELS, bucket->labels);
  put_narrow(b, row, SHF__ALLOCATED, bucket->allocated);
  put_narrow(b, row, SHF__LIVE, bucket->live);
  put_wide(b, row, SHF__SIZE, (int64_t)bucket->size);
  for (int t = 0; t < SHF_TYPES; t++) put_wide(b, row, SHF__VALUE + t, bucket->value[t]);
}

static bool fits(const shf__buckets *b, const shf_bucket *bucket) {
  bool all = narrow_width(bucket->source) <= b->width[SHF__SOURCE] &&
             narrow_width(bucket->labels) <= b->width[SHF__LABELS] &&
             narrow_width(bucket->allocated) <= b->width[SHF__ALLOCATED] &&
             narrow_width(bucket->live) <= b->width[SHF__LIVE] &&
             wide_width((int64_t)bucket->size) <= b->width[SHF__SIZE];
  for (int t = 0; t < SHF_TYPES; t++)
    all = all && wide_width(bucket->value[t]) <= b->width[SHF__VALUE + t];
  return all;
}

static void widen_column(shf__buckets *b, int column, uint8_t width) {
  if (width > b->width[column]) b->width[column] = width;
  b->at[column] = (uint8_t)b->stride;
  b->stride += b->width[column];
}

/* Widens the layout so that `bucket` fits too. */
static void widen_layout(shf__buckets *b, const shf_bucket *bucket) {
  b->stride = sizeof bucket->node;
  widen_column(b, SHF__SOURCE, narrow_width(bucket->source));
  widen_column(b, SHF__LABELS, narrow_width(bucket->labels));
  widen_column(b, SHF__ALLOCATED, narrow_width(bucket->allocated));
  widen_column(b, SHF__LIVE, narrow_width(bucket->live));
  widen_column(b, SHF__SIZE, wide_width((int64_t)bucket->size));
  for (int t = 0; t < SHF_TYPES; t++) widen_column(b, SHF__VALUE + t, wide_width(bucket->value[t]));
}

/* In place, from the last row on: each row moves towards the end. */
static int widen(shf__buckets *b, shf_arena *arena, const shf_bucket *bucket) {
  shf__buckets to = *b;
  widen_layout(&to, bucket);
  if (b->capacity) {
    to.rows = shf_arena_grow(arena, b->rows, b->capacity, to.stride);
    if (!to.rows) return SHF_E_NOMEM;
    b->rows = to.rows;
  }
  for (uint32_t i = b->count; i-- > 0;) {
    shf_bucket moved = shf__bucket(b, i);
    put(&to, i, &moved);
  }
  *b = to;
  return SHF_OK;
}

int shf__buckets_set(shf__buckets *b, shf_arena *arena, uint32_t row, const shf_bucket *bucket) {
  int code = fits(b, bucket) ? SHF_OK : widen(b, arena, bucket);
  if (!code) put(b, row, bucket);
  return code;
}

int shf__buckets_add(shf__buckets *b, shf_arena *arena, const shf_bucket *bucket) {
  int code = b->stride && fits(b, bucket) ? SHF_OK : widen(b, arena, bucket);
  if (!code) code = shf_arena_reserve(arena, (void **)&b->rows, b->count, &b->capacity, b->stride);
  if (!code) put(b, b->count++, bucket);
  return code;
}

void shf__buckets_move(shf__buckets *b, uint32_t from, uint32_t to) {
  if (from != to)
    memcpy(b->rows + (size_t)to * b->stride, b->rows + (size_t)from * b->stride, b->stride);
}

int shf__buckets_order_by_node(shf__buckets *b, shf_arena *arena, uint32_t *next) {
  char *rows = shf_arena_grow(arena, NULL, b->capacity, b->stride);
  if (!rows) return SHF_E_NOMEM;
  for (uint32_t i = 0; i < b->count; i++) {
    uint32_t to = next[shf__bucket_node(b, i)]++;
    memcpy(rows + (size_t)to * b->stride, shf__bucket_row(b, i), b->stride);
  }
  shf_arena_drop(arena, b->rows);
  b->rows = rows;
  return SHF_OK;
}

/* ---- Equal ones as one */

static int by_fields(const void *a, const void *b) {
  const shf_bucket *x = a, *y = b;
  if (x->source != y->source) return x->source < y->source ? -1 : 1;
  if (x->labels != y->labels) return x->labels < y->labels ? -1 : 1;
  return (x->size > y->size) - (x->size < y->size);
}

static bool in_order(const shf_bucket *rows, uint32_t n) {
  for (uint32_t i = 1; i < n; i++)
    if (by_fields(&rows[i - 1], &rows[i]) >= 0) return false;
  return true;
}

static void sort(shf_bucket *rows, uint32_t n) {
  if (n > FEW) {
    qsort(rows, n, sizeof *rows, by_fields);
    return;
  }
  for (uint32_t i = 1; i < n; i++) {
    shf_bucket moved = rows[i];
    uint32_t at = i;
    for (; at && by_fields(&rows[at - 1], &moved) > 0; at--) rows[at] = rows[at - 1];
    rows[at] = moved;
  }
}

static int add_up(shf_bucket *to, const shf_bucket *b) {
  for (int t = 0; t < SHF_TYPES; t++)
    if (__builtin_add_overflow(to->value[t], b->value[t], &to->value[t])) return SHF_E_LIMIT;
  if (__builtin_add_overflow(to->allocated, b->allocated, &to->allocated)) return SHF_E_LIMIT;
  return __builtin_add_overflow(to->live, b->live, &to->live) ? SHF_E_LIMIT : SHF_OK;
}

static int sum_equal(shf_bucket *rows, uint32_t n, uint32_t *kept) {
  *kept = 0;
  for (uint32_t i = 0; i < n; i++) {
    if (*kept && by_fields(&rows[*kept - 1], &rows[i]) == 0) {
      int code = add_up(&rows[*kept - 1], &rows[i]);
      if (code) return code;
    } else {
      rows[(*kept)++] = rows[i];
    }
  }
  return SHF_OK;
}

static int order(shf__buckets *b, shf_arena *arena, uint32_t from, uint32_t n, shf_bucket *rows,
                 uint32_t *kept) {
  for (uint32_t i = 0; i < n; i++) rows[i] = shf__bucket(b, from + i);
  if (in_order(rows, n)) return SHF_OK;
  sort(rows, n);
  int code = sum_equal(rows, n, kept);
  for (uint32_t i = 0; i < *kept && !code; i++)
    code = shf__buckets_set(b, arena, from + i, &rows[i]);
  return code;
}

int shf__buckets_order(shf__buckets *b, shf_arena *arena, uint32_t from, uint32_t end,
                       uint32_t *kept) {
  uint32_t n = end - from;
  shf_bucket few[FEW];
  *kept = n;
  if (n < 2) return SHF_OK;
  if (n <= FEW) return order(b, arena, from, n, few, kept);
  size_t bytes = (size_t)n * sizeof(shf_bucket);
  shf_bucket *rows = shf_large_resize(NULL, 0, bytes);
  if (!rows) return SHF_E_NOMEM;
  int code = order(b, arena, from, n, rows, kept);
  shf_large_free(rows, bytes);
  return code;
}
