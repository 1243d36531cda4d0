#include "core/hash_index.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#ifdef __APPLE__
#include <sys/random.h>
#endif

#include "core/large_alloc.h"
#include "shf.h"

int shf_hash_index_reserve(shf_hash_index *ix, shf_row_hash hash, const void *table) {
  uint64_t slots = ix->slots ? (uint64_t)ix->mask + 1 : 0;
  assert((slots & (slots - 1)) == 0 && ix->used <= slots);
  if (slots - slots / 4 > ix->used) return SHF_OK;
  uint64_t grown = slots ? slots * 2 : 64;
  if (grown > UINT64_C(1) << 32) return SHF_E_LIMIT;
  uint32_t *fresh = shf_large_resize(NULL, 0, (size_t)grown * sizeof *fresh);
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
  shf_large_free(ix->slots, (size_t)slots * sizeof *fresh);
  ix->slots = fresh;
  ix->mask = mask;
  return SHF_OK;
}

void shf_hash_index_free(shf_hash_index *ix) {
  shf_large_free(ix->slots, ((size_t)ix->mask + 1) * sizeof *ix->slots);
  ix->slots = NULL;
  ix->mask = ix->used = 0;
}

static uint64_t word_at(const unsigned char *p) {
  uint64_t word;
  memcpy(&word, p, sizeof word);
  return word;
}

/* Up to eight bytes as a word. Shorter texts are read twice, overlapping, which needs no loop. */
static uint64_t short_word(const unsigned char *p, size_t len) {
  uint32_t low, high;
  if (len == 0) return 0;
  if (len < 4) return (uint64_t)p[0] << 16 | (uint64_t)p[len / 2] << 8 | p[len - 1];
  memcpy(&low, p, 4);
  memcpy(&high, p + len - 4, 4);
  return (uint64_t)high << 32 | low;
}

/* Sixteen bytes in a step; the last step overlaps the one before. */
uint32_t shf_hash_bytes(const void *bytes, size_t len) {
  const unsigned char *p = bytes, *end = p + len;
  const uint64_t other = shf__hash_seed[1];
  uint64_t a = len * 0x9E3779B97F4A7C15u ^ shf__hash_seed[0];
  if (len <= 8) {
    a = shf__hash_fold(a ^ short_word(p, len), other);
    return (uint32_t)(a ^ a >> 32);
  }
  for (; end - p > 16; p += 16) a = shf__hash_fold(a ^ word_at(p), word_at(p + 8) ^ other);
  uint64_t last = word_at(end - 8);
  a = shf__hash_fold(a ^ (end - p > 8 ? word_at(p) : last), last ^ other);
  return (uint32_t)(a ^ a >> 32);
}

/* ---- The seed */

uint64_t shf__hash_seed[2] = {0xC2B2AE3D27D4EB4Fu, 0x9E3779B97F4A7C15u};

/* Without random bytes from the system: the time and addresses. */
static void seed_by_chance(void) {
  struct timespec now = {0, 0};
  clock_gettime(CLOCK_MONOTONIC, &now);
  uint64_t time = (uint64_t)now.tv_sec << 30 ^ (uint64_t)now.tv_nsec;
  shf__hash_seed[0] ^= shf__hash_fold(time, (uintptr_t)&now);
  shf__hash_seed[1] ^= shf__hash_fold((uintptr_t)&shf__hash_seed, time << 17 ^ (uintptr_t)&errno);
}

/* Runs when the program or the addon is loaded, before any thread can hash. */
__attribute__((constructor)) static void seed(void) {
  uint64_t random[2];
  int kept = errno;
  if (getentropy(random, sizeof random) == 0)
    memcpy(shf__hash_seed, random, sizeof random);
  else
    seed_by_chance();
  shf__hash_seed[1] |= 1; /* a multiplier: never 0 */
  errno = kept;
}
