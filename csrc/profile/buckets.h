/*
 * The buckets of a profile. A column takes no memory until one of its values is not 0, and four
 * bytes until one needs eight. Most profiles use few columns, and buckets are most of a large
 * profile.
 */
#ifndef SHF_PROFILE_BUCKETS_H
#define SHF_PROFILE_BUCKETS_H

#include <string.h>

#include "core/arena.h"
#include "shf.h"

enum shf__bucket_column {
  SHF__SOURCE,
  SHF__LABELS,
  SHF__ALLOCATED,
  SHF__LIVE,
  SHF__SIZE,
  SHF__VALUE,
  SHF__BUCKET_COLUMNS = SHF__VALUE + SHF_TYPES
};

typedef struct shf__buckets {
  char *rows;
  uint32_t count, capacity;
  uint32_t stride; /* bytes of a row; the node comes first */
  uint8_t at[SHF__BUCKET_COLUMNS];
  uint8_t width[SHF__BUCKET_COLUMNS]; /* 0, 4 or 8 */
} shf__buckets;

static inline const char *shf__bucket_row(const shf__buckets *b, uint32_t row) {
  return b->rows + (size_t)row * b->stride;
}

static inline uint32_t shf__bucket_node(const shf__buckets *b, uint32_t row) {
  uint32_t node;
  memcpy(&node, shf__bucket_row(b, row), sizeof node);
  return node;
}

static inline void shf__bucket_move_to(const shf__buckets *b, uint32_t row, uint32_t node) {
  memcpy(b->rows + (size_t)row * b->stride, &node, sizeof node);
}

shf_bucket shf__bucket(const shf__buckets *b, uint32_t row);
uint32_t shf__bucket_source(const shf__buckets *b, uint32_t row);
uint32_t shf__bucket_labels(const shf__buckets *b, uint32_t row);
int64_t shf__bucket_value(const shf__buckets *b, uint32_t row, shf_type type);

/* Adds a row. @return 0, SHF_E_NOMEM, or SHF_E_LIMIT beyond 2^32 - 2 rows */
int shf__buckets_add(shf__buckets *b, shf_arena *arena, const shf_bucket *bucket);
/* Replaces one. @return 0 or SHF_E_NOMEM */
int shf__buckets_set(shf__buckets *b, shf_arena *arena, uint32_t row, const shf_bucket *bucket);
/* Copies row `from` over row `to`. */
void shf__buckets_move(shf__buckets *b, uint32_t from, uint32_t to);
/*
 * Moves the rows of node n to next[n] and on, in their order; `next` is counted up. There is at
 * least one row, and each row of the result is some row's.
 * @return 0 or SHF_E_NOMEM
 */
int shf__buckets_order_by_node(shf__buckets *b, shf_arena *arena, uint32_t *next);
/*
 * Sorts the rows [from, end) of one node by source, labels and size, and adds up equal ones.
 * @param kept how many rows are left, from `from` on
 * @return 0, SHF_E_NOMEM, or SHF_E_LIMIT when a sum does not fit
 */
int shf__buckets_order(shf__buckets *b, shf_arena *arena, uint32_t from, uint32_t end,
                       uint32_t *kept);

#endif
