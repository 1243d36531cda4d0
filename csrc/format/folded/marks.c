#include "format/folded/marks.h"

#include <string.h>
#include <time.h>

#include "core/large_alloc.h"
#include "shf.h"

/* Marks are put FULL times as often as there are rows before there are more. */
enum { FIRST_ROOM = 1 << 12, MOST_ROOM = 1 << 22, FULL = 4 };

static const uint32_t FOUND = 1; /* in `more` */

/* Not to be known by who writes a file. */
void shf__marks_init(shf__marks *m) {
  struct timespec now = {0, 0};
  clock_gettime(CLOCK_MONOTONIC, &now);
  uint64_t mixed = (uint64_t)now.tv_nsec << 34 ^ (uint64_t)now.tv_sec ^ (uintptr_t)m;
  *m = (shf__marks){.seed = mixed * 0x9E3779B97F4A7C15u | 1};
}

void shf__marks_free(shf__marks *m) {
  shf_large_free(m->rows, m->room * sizeof *m->rows);
  m->rows = NULL;
  m->room = 0;
}

static shf__mark *row_of(const shf__marks *m, uint64_t hash) {
  return &m->rows[hash & (m->room - 1)];
}

/* In place: a row stays where it is, or goes as far as there were rows. */
static int grow(shf__marks *m) {
  uint32_t old = m->room, room = old ? old * 2 : FIRST_ROOM;
  if (m->made / FULL < old || old == MOST_ROOM) return SHF_OK;
  shf__mark *rows = shf_large_resize_zeros(m->rows, old * sizeof *rows, room * sizeof *rows);
  if (!rows) return SHF_E_NOMEM;
  m->rows = rows;
  m->room = room;
  for (uint32_t i = 0; i < old; i++) {
    if (!rows[i].node || !(rows[i].hash & old)) continue;
    rows[i + old] = rows[i];
    rows[i].node = 0;
  }
  return SHF_OK;
}

/* One that was found is passed over once. */
int shf__marks_put(shf__marks *m, shf__prefix prefix, uint32_t node) {
  int code = grow(m);
  if (code) return code;
  shf__mark *row = row_of(m, prefix.hash);
  m->made++;
  if (row->node && (row->more & FOUND))
    row->more &= ~FOUND;
  else
    *row = (shf__mark){prefix.hash, prefix.more & ~FOUND, node};
  return SHF_OK;
}

uint32_t shf__marks_find(const shf__marks *m, shf__prefix prefix) {
  if (!m->rows) return 0;
  shf__mark *row = row_of(m, prefix.hash);
  if (row->hash != prefix.hash || (row->more | FOUND) != (prefix.more | FOUND)) return 0;
  if (row->node) row->more |= FOUND;
  return row->node;
}

#ifdef __SIZEOF_INT128__
__extension__ typedef unsigned __int128 wide;

static uint64_t word_at(const char *bytes) {
  uint64_t word;
  memcpy(&word, bytes, sizeof word);
  return word;
}

typedef struct lane {
  uint64_t a, b;
} lane;

/* Both halves of the product are kept, and what went into it. */
static lane stir(lane l, const char *text) {
  uint64_t x = l.a ^ word_at(text), y = l.b ^ word_at(text + 8);
  wide product = (wide)x * y;
  return (lane){(uint64_t)product + y, (uint64_t)(product >> 64) ^ (x << 32 | x >> 32)};
}

/* Two lanes: while one waits for its product, the other is multiplied. */
uint32_t shf__marks_hash(const shf__marks *m, const char *text, size_t len,
                         shf__prefix prefixes[SHF__STRIDES]) {
  const uint64_t odd = 0x9E3779B97F4A7C15u;
  lane even = {m->seed, ~m->seed * odd}, other = {m->seed * odd, even.b * odd};
  uint32_t k = 0;
  for (; k < SHF__STRIDES && len >= SHF__STRIDE; k++, len -= SHF__STRIDE) {
    for (const char *end = text + SHF__STRIDE; text < end; text += 32) {
      even = stir(even, text);
      other = stir(other, text + 16);
    }
    uint64_t a = even.a + (other.a << 17 | other.a >> 47), b = even.b + other.b;
    prefixes[k] = (shf__prefix){a ^ a >> 32, (uint32_t)(b ^ b >> 32)};
  }
  return k;
}
#else
uint32_t shf__marks_hash(const shf__marks *m, const char *text, size_t len,
                         shf__prefix prefixes[SHF__STRIDES]) {
  (void)m, (void)text, (void)len, (void)prefixes;
  return 0;
}
#endif
