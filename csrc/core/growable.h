/* Columns that grow, and 64-bit keys as dense rows: what readers hold while they read. */
#ifndef SHF_CORE_GROWABLE_H
#define SHF_CORE_GROWABLE_H

#include "core/hash_index.h"
#include "shf.h"

/* shf__growable_reserve where there is none. */
int shf__growable_grow(void **rows, uint32_t count, uint32_t *capacity, size_t size);
/*
 * Makes room for one more row of `size` bytes behind `count`.
 * @return 0, SHF_E_NOMEM, or SHF_E_LIMIT beyond 2^32 - 2 rows
 */
static inline int shf__growable_reserve(void **rows, uint32_t count, uint32_t *capacity,
                                        size_t size) {
  return count < *capacity ? SHF_OK : shf__growable_grow(rows, count, capacity, size);
}

/* Keys in the order of their coming; all zero is an empty one. */
typedef struct shf__key_set {
  uint64_t *rows;
  uint32_t count, capacity;
  shf_hash_index index;
} shf__key_set;

/* The key's row, a new one where it has none yet: then it is the last. */
int shf__key_set_add(shf__key_set *k, uint64_t key, uint32_t *row);
/* SHF_NONE where the key has no row. */
uint32_t shf__key_set_find(const shf__key_set *k, uint64_t key);
void shf__key_set_free(shf__key_set *k);

#endif
