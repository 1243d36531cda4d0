/* A hash index over the rows of a table that somebody else owns. */
#ifndef SHF_CORE_HASH_INDEX_H
#define SHF_CORE_HASH_INDEX_H

#include <stddef.h>
#include <stdint.h>

typedef struct shf_hash_index {
  uint32_t *slots; /* row numbers, SHF_NONE when free; linear probing */
  uint32_t mask;   /* number of slots - 1; the number is a power of two */
  uint32_t used;
} shf_hash_index;

/* Hash of a row of the owner's table. */
typedef uint32_t (*shf_row_hash)(const void *table, uint32_t row);

/*
 * Makes space for one more row; call it before probing for an insertion.
 * @return 0, SHF_E_NOMEM, or SHF_E_LIMIT beyond 3 * 2^30 rows
 */
int shf_hash_index_reserve(shf_hash_index *index, shf_row_hash hash, const void *table);
void shf_hash_index_free(shf_hash_index *index);

/*
 * Random for each process, so that no input can be crafted whose rows collide. Output must never
 * depend on it: the order of rows comes from sealing alone.
 */
__attribute__((visibility("hidden"))) extern uint64_t shf__hash_seed[2];

uint32_t shf_hash_bytes(const void *bytes, size_t len);

/* Mixes two words: every bit of the result depends on every bit of both. */
static inline uint64_t shf__hash_fold(uint64_t a, uint64_t b) {
#ifdef __SIZEOF_INT128__
  __extension__ typedef unsigned __int128 wide;
  wide product = (wide)a * b;
  return (uint64_t)product ^ (uint64_t)(product >> 64);
#else
  uint64_t mixed = (a ^ a >> 32) * 0xC2B2AE3D27D4EB4Fu ^ (b ^ b >> 29) * 0x9E3779B97F4A7C15u;
  return mixed ^ mixed >> 31;
#endif
}

static inline uint32_t shf_hash_u64(uint64_t x) {
  x = shf__hash_fold(x ^ shf__hash_seed[0], shf__hash_seed[1]);
  return (uint32_t)(x ^ x >> 32);
}

#endif
