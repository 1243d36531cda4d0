#include "runtime/live_blocks.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

typedef struct entry {
  const void *block; /* NULL: free */
  shf_tally *tally;
  uint32_t bucket;
} entry;

/* One for the process. */
static struct {
  pthread_mutex_t lock;
  entry *slots; /* linear probing, no tombstones */
  size_t mask, used;
} g = {.lock = PTHREAD_MUTEX_INITIALIZER};

/*
 * Before the lock: how many remembered blocks share a byte. Almost all blocks that
 * are freed were not sampled. A byte that is full stays so.
 */
enum { FILTER = 1 << 16, FULL = 255 };
static atomic_uchar filter[FILTER];

enum { SMALLEST = 256, MANY = 10000 };

static uint64_t hash(const void *block) {
  return ((uint64_t)(uintptr_t)block >> 4) * 0x9E3779B97F4A7C15u;
}

static atomic_uchar *filter_of(const void *block) {
  return &filter[hash(block) >> 48 & (FILTER - 1)];
}

static void filter_add(const void *block, int change) {
  atomic_uchar *byte = filter_of(block);
  unsigned char n = atomic_load_explicit(byte, memory_order_relaxed);
  if (n < FULL) atomic_store_explicit(byte, (unsigned char)(n + change), memory_order_relaxed);
}

static size_t home_of(const void *block, size_t mask) {
  return (size_t)(hash(block) >> 20) & mask;
}

/* Where a block is or would be. */
static size_t find(const entry *slots, size_t mask, const void *block) {
  size_t at = home_of(block, mask);
  while (slots[at].block && slots[at].block != block) at = (at + 1) & mask;
  return at;
}

static int resize(size_t count) {
  entry *fresh = calloc(count, sizeof *fresh);
  if (!fresh) return SHF_E_NOMEM;
  for (size_t i = 0; g.slots && i <= g.mask; i++)
    if (g.slots[i].block) fresh[find(fresh, count - 1, g.slots[i].block)] = g.slots[i];
  free(g.slots);
  g.slots = fresh;
  g.mask = count - 1;
  return SHF_OK;
}

static int room(void) {
  if (!g.slots) return resize(SMALLEST);
  return g.used < (g.mask + 1) / 4 * 3 ? SHF_OK : resize((g.mask + 1) * 2);
}

/* Memory follows what is remembered; that it cannot is no harm. */
static void shrink(void) {
  if (g.used == 0) {
    free(g.slots);
    g.slots = NULL;
    g.mask = 0;
  } else if (g.mask >= 2 * (size_t)SMALLEST && g.used < (g.mask + 1) / 8) {
    resize((g.mask + 1) / 2);
  }
}

/* The entries behind move up, so that no gap parts them from their home. */
static void take_out(size_t gap) {
  filter_add(g.slots[gap].block, -1);
  for (size_t at = (gap + 1) & g.mask; g.slots[at].block; at = (at + 1) & g.mask) {
    size_t home = home_of(g.slots[at].block, g.mask);
    if (((at - home) & g.mask) < ((at - gap) & g.mask)) continue;
    g.slots[gap] = g.slots[at];
    gap = at;
  }
  g.slots[gap] = (entry){NULL, NULL, 0};
  g.used--;
}

static void died(const entry *e) {
  e->tally->buckets.rows[e->bucket].live--;
  e->tally->live--;
}

static int add(const void *block, shf_tally *t, const shf_tally_sample *sample) {
  uint32_t row;
  int code = room();
  if (!code) code = shf_tally_bucket_of(&t->buckets, sample, &row);
  if (code) return code;
  if (t->buckets.rows[row].allocated == UINT32_MAX) return SHF_E_LIMIT;
  size_t at = find(g.slots, g.mask, block);
  if (g.slots[at].block) {
    died(&g.slots[at]); /* it was freed where nobody watched */
  } else {
    filter_add(block, 1);
    g.used++;
  }
  g.slots[at] = (entry){block, t, row};
  t->buckets.rows[row].allocated++;
  t->buckets.rows[row].live++;
  t->live++;
  return SHF_OK;
}

int shf_blocks_add(const void *block, shf_tally *tally, const shf_tally_sample *sample) {
  pthread_mutex_lock(&g.lock);
  int code = add(block, tally, sample);
  pthread_mutex_unlock(&g.lock);
  return code;
}

void shf_blocks_freed(const void *block) {
  if (!block || atomic_load_explicit(filter_of(block), memory_order_relaxed) == 0) return;
  pthread_mutex_lock(&g.lock);
  if (g.slots) {
    size_t at = find(g.slots, g.mask, block);
    if (g.slots[at].block) {
      died(&g.slots[at]);
      take_out(at);
      shrink();
    }
  }
  pthread_mutex_unlock(&g.lock);
}

void shf_blocks_forget(shf_tally *tally) {
  pthread_mutex_lock(&g.lock);
  /* what moves up comes to `at` again; what moves over the end was looked at */
  for (size_t at = 0; g.slots && tally->live && at <= g.mask;) {
    if (g.slots[at].tally != tally) {
      at++;
      continue;
    }
    died(&g.slots[at]);
    take_out(at);
  }
  if (g.slots) shrink();
  pthread_mutex_unlock(&g.lock);
}

/* ---- Thinning -------------------------------------------------------------- */

static double uniform(uint64_t *seed) {
  *seed ^= *seed << 13;
  *seed ^= *seed >> 7;
  *seed ^= *seed << 17;
  return (double)(*seed >> 11) * 0x1p-53;
}

static uint32_t binomial(uint32_t n, double p, uint64_t *seed) {
  uint32_t hits = 0;
  if (p >= 1) return n;
  if (n <= MANY) {
    for (uint32_t i = 0; i < n; i++) hits += uniform(seed) < p;
    return hits;
  }
  /* so many that the sum of twelve uniform numbers is normal enough */
  double normal = -6;
  for (int i = 0; i < 12; i++) normal += uniform(seed);
  double drawn = floor(n * p + normal * sqrt(n * p * (1 - p)) + 0.5);
  return drawn <= 0 ? 0 : drawn >= n ? n : (uint32_t)drawn;
}

/* The part of the samples of `b` that would have been drawn at `level` too. */
static double share(const shf_tally *t, const shf_tally_bucket *b, uint32_t level) {
  if (b->level >= level) return 1;
  return shf_weight(b->size, t->interval << b->level) / shf_weight(b->size, t->interval << level);
}

static shf_tally_sample key_at(const shf_tally_bucket *b, uint32_t level) {
  return (shf_tally_sample){b->size, b->node, b->level > level ? b->level : level};
}

static int thin_dead(const shf_tally *t, uint32_t level, uint64_t *seed, shf_tally_buckets *to) {
  int code = SHF_OK;
  for (uint32_t i = 0; i < t->buckets.count && !code; i++) {
    const shf_tally_bucket *b = &t->buckets.rows[i];
    uint32_t row, dead = binomial(b->allocated - b->live, share(t, b, level), seed);
    if (dead == 0) continue;
    shf_tally_sample key = key_at(b, level);
    code = shf_tally_bucket_of(to, &key, &row);
    if (!code) to->rows[row].allocated += dead;
  }
  return code;
}

/* Marks the entries that go by a bucket that is none; the others know their new one. */
static int thin_live(shf_tally *t, uint32_t level, uint64_t *seed, shf_tally_buckets *to,
                     uint32_t *rows) {
  int code = SHF_OK;
  for (size_t at = 0; g.slots && at <= g.mask && !code; at++) {
    const entry *e = &g.slots[at];
    rows[at] = SHF_NONE;
    if (e->tally != t) continue;
    const shf_tally_bucket *b = &t->buckets.rows[e->bucket];
    if (uniform(seed) >= share(t, b, level)) continue;
    shf_tally_sample key = key_at(b, level);
    code = shf_tally_bucket_of(to, &key, &rows[at]);
    if (code) continue;
    to->rows[rows[at]].allocated++;
    to->rows[rows[at]].live++;
  }
  return code;
}

/* Nothing fails from here on: the table keeps its size, survivors find their place. */
static void replace(shf_tally *t, shf_tally_buckets *to, const uint32_t *rows, entry *fresh) {
  for (size_t at = 0; g.slots && at <= g.mask; at++) {
    entry e = g.slots[at];
    if (!e.block) continue;
    /* thin_live() set each row: NOLINTNEXTLINE(clang-analyzer-core.uninitialized.Assign) */
    if (e.tally == t) e.bucket = rows[at];
    if (e.tally == t && rows[at] == SHF_NONE) {
      filter_add(e.block, -1);
      t->live--;
      g.used--;
      continue;
    }
    fresh[find(fresh, g.mask, e.block)] = e;
  }
  free(g.slots);
  g.slots = fresh;
  shf_tally_buckets_free(&t->buckets);
  t->buckets = *to;
  shrink();
}

int shf_blocks_thin(shf_tally *t, uint32_t level, uint64_t *seed) {
  shf_tally_buckets to;
  memset(&to, 0, sizeof to);
  pthread_mutex_lock(&g.lock);
  size_t slots = g.slots ? g.mask + 1 : 1;
  uint32_t *rows = malloc(slots * sizeof *rows);
  entry *fresh = calloc(slots, sizeof *fresh);
  int code = rows && fresh ? thin_dead(t, level, seed, &to) : SHF_E_NOMEM;
  if (!code) code = thin_live(t, level, seed, &to, rows);
  if (code) {
    free(fresh);
    shf_tally_buckets_free(&to);
  } else {
    replace(t, &to, rows, fresh);
  }
  free(rows);
  pthread_mutex_unlock(&g.lock);
  return code;
}

int shf_blocks_capture(const shf_tally *tally, const shf_source *source, shf_capture **out) {
  int code = shf_capture_new(out);
  if (code) return code;
  pthread_mutex_lock(&g.lock);
  code = shf_tally_write(tally, source, *out);
  pthread_mutex_unlock(&g.lock);
  if (!code) return SHF_OK;
  shf_capture_free(*out);
  *out = NULL;
  return code;
}
