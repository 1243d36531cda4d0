#include "format/folded/prefix_cache.h"

#include <string.h>
#include <time.h>

#include "core/large_alloc.h"
#include "shf.h"

/* The cache grows after FULL insertions per row. */
enum { INITIAL_CAPACITY = 1 << 12, MAX_CAPACITY = 1 << 22, FULL = 4 };

static const uint32_t HIT = 1; /* bit of `more`: found since it was put */

/* The seed must not be predictable for the author of a file. */
void shf__prefix_cache_init(shf__prefix_cache *c) {
  struct timespec now = {0, 0};
  clock_gettime(CLOCK_MONOTONIC, &now);
  uint64_t mixed = (uint64_t)now.tv_nsec << 34 ^ (uint64_t)now.tv_sec ^ (uintptr_t)c;
  *c = (shf__prefix_cache){.seed = mixed * 0x9E3779B97F4A7C15u | 1};
}

void shf__prefix_cache_free(shf__prefix_cache *c) {
  shf_large_free(c->rows, c->capacity * sizeof *c->rows);
  c->rows = NULL;
  c->capacity = 0;
}

static shf__prefix_entry *row_of(const shf__prefix_cache *c, uint64_t hash) {
  return &c->rows[hash & (c->capacity - 1)];
}

/* Doubles the table in place: an entry stays, or moves up by the old capacity. */
static int grow(shf__prefix_cache *c) {
  uint32_t old = c->capacity, capacity = old ? old * 2 : INITIAL_CAPACITY;
  if (c->puts / FULL < old || old == MAX_CAPACITY) return SHF_OK;
  shf__prefix_entry *rows =
      shf_large_resize_zeros(c->rows, old * sizeof *rows, capacity * sizeof *rows);
  if (!rows) return SHF_E_NOMEM;
  c->rows = rows;
  c->capacity = capacity;
  for (uint32_t i = 0; i < old; i++) {
    if (!rows[i].node || !(rows[i].hash & old)) continue;
    rows[i + old] = rows[i];
    rows[i].node = 0;
  }
  return SHF_OK;
}

/* An entry that was found survives one overwrite. */
int shf__prefix_cache_put(shf__prefix_cache *c, shf__prefix prefix, uint32_t node) {
  int code = grow(c);
  if (code) return code;
  shf__prefix_entry *row = row_of(c, prefix.hash);
  c->puts++;
  if (row->node && (row->more & HIT))
    row->more &= ~HIT;
  else
    *row = (shf__prefix_entry){prefix.hash, prefix.more & ~HIT, node};
  return SHF_OK;
}

uint32_t shf__prefix_cache_find(const shf__prefix_cache *c, shf__prefix prefix) {
  if (!c->rows) return 0;
  shf__prefix_entry *row = row_of(c, prefix.hash);
  if (row->hash != prefix.hash || (row->more | HIT) != (prefix.more | HIT)) return 0;
  if (row->node) row->more |= HIT;
  return row->node;
}

#ifdef __SIZEOF_INT128__
__extension__ typedef unsigned __int128 wide;

static uint64_t word_at(const char *bytes) {
  uint64_t word;
  memcpy(&word, bytes, sizeof word);
  return word;
}

typedef struct hash_state {
  uint64_t a, b;
} hash_state;

/* Uses both halves of the product and the input. */
static hash_state mix(hash_state l, const char *text) {
  uint64_t x = l.a ^ word_at(text), y = l.b ^ word_at(text + 8);
  wide product = (wide)x * y;
  return (hash_state){(uint64_t)product + y, (uint64_t)(product >> 64) ^ (x << 32 | x >> 32)};
}

/* Two independent states, so that their multiplications overlap. */
uint32_t shf__prefix_cache_hash(const shf__prefix_cache *c, const char *text, size_t len,
                                shf__prefix prefixes[SHF__STRIDES]) {
  const uint64_t odd = 0x9E3779B97F4A7C15u;
  hash_state even = {c->seed, ~c->seed * odd}, other = {c->seed * odd, even.b * odd};
  uint32_t k = 0;
  for (; k < SHF__STRIDES && len >= SHF__STRIDE; k++, len -= SHF__STRIDE) {
    for (const char *end = text + SHF__STRIDE; text < end; text += 32) {
      even = mix(even, text);
      other = mix(other, text + 16);
    }
    uint64_t a = even.a + (other.a << 17 | other.a >> 47), b = even.b + other.b;
    prefixes[k] = (shf__prefix){a ^ a >> 32, (uint32_t)(b ^ b >> 32)};
  }
  return k;
}
#else
uint32_t shf__prefix_cache_hash(const shf__prefix_cache *c, const char *text, size_t len,
                                shf__prefix prefixes[SHF__STRIDES]) {
  (void)c, (void)text, (void)len, (void)prefixes;
  return 0;
}
#endif
