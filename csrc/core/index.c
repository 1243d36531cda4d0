#include "core/index.h"

#include <stdlib.h>
#include <string.h>

#include "core/pages.h"
#include "shf.h"

int shf_index_room(shf_index *ix, shf_row_hash hash, const void *table) {
  uint64_t slots = ix->slots ? (uint64_t)ix->mask + 1 : 0;
  if (slots - slots / 4 > ix->used) return SHF_OK;
  uint64_t grown = slots ? slots * 2 : 64;
  if (grown > UINT64_C(1) << 32) return SHF_E_LIMIT;
  uint32_t *fresh = shf_pages_resize(NULL, 0, (size_t)grown * sizeof *fresh);
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
  shf_pages_free(ix->slots, (size_t)slots * sizeof *fresh);
  ix->slots = fresh;
  ix->mask = mask;
  return SHF_OK;
}

void shf_index_free(shf_index *ix) {
  shf_pages_free(ix->slots, ((size_t)ix->mask + 1) * sizeof *ix->slots);
  ix->slots = NULL;
  ix->mask = ix->used = 0;
}

static uint64_t word_at(const unsigned char *p) {
  uint64_t word;
  memcpy(&word, p, sizeof word);
  return word;
}

/* Up to eight bytes, not cleared by a loop: what is short is read twice over. */
static uint64_t short_word(const unsigned char *p, size_t len) {
  uint32_t low, high;
  if (len == 0) return 0;
  if (len < 4) return (uint64_t)p[0] << 16 | (uint64_t)p[len / 2] << 8 | p[len - 1];
  memcpy(&low, p, 4);
  memcpy(&high, p + len - 4, 4);
  return (uint64_t)high << 32 | low;
}

/* Both words into one: each bit of the product depends on all of them. */
static uint64_t fold(uint64_t a, uint64_t b) {
#ifdef __SIZEOF_INT128__
  __extension__ typedef unsigned __int128 wide;
  wide product = (wide)a * b;
  return (uint64_t)product ^ (uint64_t)(product >> 64);
#else
  uint64_t mixed = (a ^ a >> 32) * 0xC2B2AE3D27D4EB4Fu ^ (b ^ b >> 29) * 0x9E3779B97F4A7C15u;
  return mixed ^ mixed >> 31;
#endif
}

/* Sixteen bytes a step; the last step overlaps the one before. */
uint32_t shf_hash_bytes(const void *bytes, size_t len) {
  const uint64_t odd = 0xC2B2AE3D27D4EB4Fu, even = 0x9E3779B97F4A7C16u;
  const unsigned char *p = bytes, *end = p + len;
  uint64_t a = len * 0x9E3779B97F4A7C15u;
  if (len <= 8) return shf_hash_u64((a ^ short_word(p, len)) * odd);
  for (; end - p > 16; p += 16) a = fold(a ^ word_at(p) ^ odd, word_at(p + 8) ^ even);
  uint64_t last = word_at(end - 8);
  a = fold(a ^ (end - p > 8 ? word_at(p) : last) ^ odd, last ^ even);
  return (uint32_t)(a ^ a >> 32);
}
