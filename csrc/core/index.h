/* A hash index over the rows of a table that its owner keeps. */
#ifndef SHF_INDEX_H
#define SHF_INDEX_H

#include <stddef.h>
#include <stdint.h>

typedef struct shf_index {
  uint32_t *slots; /* row numbers, SHF_NONE where free; linear probing */
  uint32_t mask;   /* slots - 1, a power of two less one */
  uint32_t used;
} shf_index;

/* Hash of a row of the owner's table. */
typedef uint32_t (*shf_row_hash)(const void *table, uint32_t row);

/*
 * Makes room for one more row; call before probing for an insertion.
 * @return 0, SHF_E_NOMEM, or SHF_E_LIMIT beyond 3 * 2^30 rows
 */
int shf_index_room(shf_index *index, shf_row_hash hash, const void *table);
void shf_index_free(shf_index *index);

uint32_t shf_hash_bytes(const void *bytes, size_t len);

static inline uint32_t shf_hash_u64(uint64_t x) {
  x ^= x >> 32;
  x *= 0x9E3779B97F4A7C15u;
  x ^= x >> 29;
  return (uint32_t)(x ^ x >> 32);
}

#endif
