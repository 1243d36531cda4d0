#include "core/index.h"

#include <stdlib.h>
#include <string.h>

#include "shf.h"

int shf_index_room(shf_index *ix, shf_row_hash hash, const void *table) {
  uint64_t slots = ix->slots ? (uint64_t)ix->mask + 1 : 0;
  if (slots - slots / 4 > ix->used) return SHF_OK;
  uint64_t grown = slots ? slots * 2 : 64;
  if (grown > UINT64_C(1) << 32) return SHF_E_LIMIT;
  uint32_t *fresh = malloc((size_t)grown * sizeof *fresh);
  if (!fresh) return SHF_E_NOMEM;
  memset(fresh, 0xff, (size_t)grown * sizeof *fresh);
  uint32_t mask = (uint32_t)(grown - 1);
  for (uint64_t i = 0; i < slots; i++) {
    uint32_t row = ix->slots[i];
    if (row == SHF_NONE) continue;
    uint32_t at = hash(table, row) & mask;
    while (fresh[at] != SHF_NONE) at = (at + 1) & mask;
    fresh[at] = row;
  }
  free(ix->slots);
  ix->slots = fresh;
  ix->mask = mask;
  return SHF_OK;
}

void shf_index_free(shf_index *ix) {
  free(ix->slots);
  ix->slots = NULL;
  ix->mask = ix->used = 0;
}

/* Eight bytes a step; the tail is padded with its own length. */
uint32_t shf_hash_bytes(const void *bytes, size_t len) {
  const unsigned char *p = bytes;
  uint64_t h = len * 0x9E3779B97F4A7C15u, word;
  for (; len >= 8; p += 8, len -= 8) {
    memcpy(&word, p, 8);
    h = (h ^ word) * 0xC2B2AE3D27D4EB4Fu;
    h ^= h >> 29;
  }
  word = len;
  if (len) memcpy(&word, p, len);
  h = (h ^ word ^ (uint64_t)len << 56) * 0xC2B2AE3D27D4EB4Fu;
  return shf_hash_u64(h);
}
