/* A set of 64-bit keys, numbered in the order of their first addition. */
#ifndef SHF_CORE_KEY_SET_H
#define SHF_CORE_KEY_SET_H

#include "core/hash_index.h"

/* All zero is an empty set. */
typedef struct shf__key_set {
  uint64_t *rows;
  uint32_t count, capacity;
  shf_hash_index index;
} shf__key_set;

/* Finds the key's row, or adds it as the last row. @return 0, SHF_E_NOMEM or SHF_E_LIMIT */
int shf__key_set_add(shf__key_set *k, uint64_t key, uint32_t *row);
/* The key's row, or SHF_NONE. */
uint32_t shf__key_set_find(const shf__key_set *k, uint64_t key);
void shf__key_set_free(shf__key_set *k);

#endif
