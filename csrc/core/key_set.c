#include "core/key_set.h"

#include <stdlib.h>

#include "core/growable.h"

static uint32_t key_hash(const void *table, uint32_t row) {
  return shf_hash_u64(((const shf__key_set *)table)->rows[row]);
}

uint32_t shf__key_set_find(const shf__key_set *k, uint64_t key) {
  if (!k->index.slots) return SHF_NONE;
  uint32_t at = shf_hash_u64(key) & k->index.mask, row;
  for (; (row = k->index.slots[at]) != SHF_NONE; at = (at + 1) & k->index.mask)
    if (k->rows[row] == key) return row;
  return SHF_NONE;
}

int shf__key_set_add(shf__key_set *k, uint64_t key, uint32_t *out) {
  int code = shf_hash_index_reserve(&k->index, key_hash, k);
  if (code) return code;
  uint32_t at = shf_hash_u64(key) & k->index.mask, row;
  for (; (row = k->index.slots[at]) != SHF_NONE; at = (at + 1) & k->index.mask) {
    if (k->rows[row] != key) continue;
    *out = row;
    return SHF_OK;
  }
  code = shf__growable_reserve((void **)&k->rows, k->count, &k->capacity, sizeof *k->rows);
  if (code) return code;
  k->rows[k->count] = key;
  k->index.slots[at] = *out = k->count++;
  k->index.used++;
  return SHF_OK;
}

void shf__key_set_free(shf__key_set *k) {
  free(k->rows);
  shf_hash_index_free(&k->index);
  *k = (shf__key_set){.rows = NULL};
}
