#include "runtime/live_blocks.h"

#include <assert.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct entry {
  const void *block; /* NULL: free */
  shf_offheap_profile *profile;
  uint32_t bucket;
  uint32_t born; /* tenths of a second of the monotonic clock */
} entry;

/* The table of the process. */
static struct {
  pthread_mutex_t lock;
  entry *slots; /* linear probing, no tombstones */
  size_t mask, used;
} g = {.lock = PTHREAD_MUTEX_INITIALIZER};

/*
 * A counting filter, read without the lock: how many blocks of the table hash to a byte.
 * Almost all freed blocks were not sampled. A saturated byte stays saturated.
 */
enum { FILTER = 1 << 16, FULL = 255 };
static atomic_uchar filter[FILTER];

enum { MIN_SLOTS = 256, MAX_DRAWS = 10000 };

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

static size_t home_slot(const void *block, size_t mask) {
  return (size_t)(hash(block) >> 20) & mask;
}

/* The slot of a block, or the free slot where it would go. */
static size_t find(const entry *slots, size_t mask, const void *block) {
  size_t i = home_slot(block, mask);
  while (slots[i].block && slots[i].block != block) i = (i + 1) & mask;
  return i;
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

static int reserve(void) {
  if (!g.slots) return resize(MIN_SLOTS);
  return g.used < (g.mask + 1) / 4 * 3 ? SHF_OK : resize((g.mask + 1) * 2);
}

/* Memory shrinks with the number of entries. A failure does no harm. */
static void shrink(void) {
  if (g.used == 0) {
    free(g.slots);
    g.slots = NULL;
    g.mask = 0;
  } else if (g.mask >= 2 * (size_t)MIN_SLOTS && g.used < (g.mask + 1) / 8) {
    resize((g.mask + 1) / 2);
  }
}

/* Moves later entries up, so that no gap separates one from its home slot. */
static void erase(size_t gap) {
  assert(g.used > 0 && g.slots[gap].block);
  filter_add(g.slots[gap].block, -1);
  for (size_t i = (gap + 1) & g.mask; g.slots[i].block; i = (i + 1) & g.mask) {
    size_t home = home_slot(g.slots[i].block, g.mask);
    if (((i - home) & g.mask) < ((i - gap) & g.mask)) continue;
    g.slots[gap] = g.slots[i];
    gap = i;
  }
  g.slots[gap] = (entry){NULL, NULL, 0, 0};
  g.used--;
}

static void count_free(const entry *e) {
  assert(e->profile->live > 0 && e->profile->buckets.rows[e->bucket].live > 0);
  e->profile->buckets.rows[e->bucket].live--;
  e->profile->live--;
}

static uint32_t now_tenths(void) {
  struct timespec now = {0, 0};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint32_t)now.tv_sec * 10 + (uint32_t)(now.tv_nsec / 100000000);
}

static int add(const void *block, shf_offheap_profile *t, const shf_offheap_sample *sample) {
  uint32_t row;
  int code = reserve();
  if (!code) code = shf_offheap_bucket_of(&t->buckets, sample, &row);
  if (code) return code;
  if (t->buckets.rows[row].allocated == UINT32_MAX) return SHF_E_LIMIT;
  size_t i = find(g.slots, g.mask, block);
  if (g.slots[i].block) {
    count_free(&g.slots[i]); /* its free was not seen */
  } else {
    filter_add(block, 1);
    g.used++;
  }
  g.slots[i] = (entry){block, t, row, now_tenths()};
  t->buckets.rows[row].allocated++;
  t->buckets.rows[row].live++;
  t->live++;
  return SHF_OK;
}

int shf_live_blocks_add(const void *block, shf_offheap_profile *profile,
                        const shf_offheap_sample *sample) {
  pthread_mutex_lock(&g.lock);
  int code = add(block, profile, sample);
  pthread_mutex_unlock(&g.lock);
  return code;
}

void shf_live_blocks_on_free(const void *block) {
  if (!block || atomic_load_explicit(filter_of(block), memory_order_relaxed) == 0) return;
  pthread_mutex_lock(&g.lock);
  if (g.slots) {
    size_t i = find(g.slots, g.mask, block);
    if (g.slots[i].block) {
      count_free(&g.slots[i]);
      erase(i);
      shrink();
    }
  }
  pthread_mutex_unlock(&g.lock);
}

void shf_live_blocks_forget(shf_offheap_profile *profile) {
  pthread_mutex_lock(&g.lock);
  /* erase() may move an entry into slot i, so i is checked again */
  for (size_t i = 0; g.slots && profile->live && i <= g.mask;) {
    if (g.slots[i].profile != profile) {
      i++;
      continue;
    }
    count_free(&g.slots[i]);
    erase(i);
  }
  if (g.slots) shrink();
  pthread_mutex_unlock(&g.lock);
}

/* ---- Downsampling ---------------------------------------------------------- */

static double uniform(uint64_t *seed) {
  *seed ^= *seed << 13;
  *seed ^= *seed >> 7;
  *seed ^= *seed << 17;
  return (double)(*seed >> 11) * 0x1p-53;
}

static uint32_t binomial(uint32_t n, double p, uint64_t *seed) {
  uint32_t hits = 0;
  if (p >= 1) return n;
  if (n <= MAX_DRAWS) {
    for (uint32_t i = 0; i < n; i++) hits += uniform(seed) < p;
    return hits;
  }
  /* above this, a normal approximation: the sum of twelve uniform numbers */
  double normal = -6;
  for (int i = 0; i < 12; i++) normal += uniform(seed);
  double drawn = floor(n * p + normal * sqrt(n * p * (1 - p)) + 0.5);
  return drawn <= 0 ? 0 : drawn >= n ? n : (uint32_t)drawn;
}

/* The share of the samples of `b` that would also have been drawn at `level`. */
static double share(const shf_offheap_profile *t, const shf_offheap_bucket *b, uint32_t level) {
  if (b->level >= level) return 1;
  return shf_weight(b->size, t->interval << b->level) / shf_weight(b->size, t->interval << level);
}

static shf_offheap_sample key_at(const shf_offheap_bucket *b, uint32_t level) {
  return (shf_offheap_sample){b->size, b->node, b->level > level ? b->level : level, b->labels};
}

static int downsample_dead(const shf_offheap_profile *t, uint32_t level, uint64_t *seed,
                           shf_offheap_buckets *to) {
  int code = SHF_OK;
  for (uint32_t i = 0; i < t->buckets.count && !code; i++) {
    const shf_offheap_bucket *b = &t->buckets.rows[i];
    uint32_t row, dead = binomial(b->allocated - b->live, share(t, b, level), seed);
    if (dead == 0) continue;
    shf_offheap_sample key = key_at(b, level);
    code = shf_offheap_bucket_of(to, &key, &row);
    if (!code) to->rows[row].allocated += dead;
  }
  return code;
}

/* Sets the new bucket of each entry in `rows`; SHF_NONE where the entry is dropped. */
static int downsample_live(shf_offheap_profile *t, uint32_t level, uint64_t *seed,
                           shf_offheap_buckets *to, uint32_t *rows) {
  int code = SHF_OK;
  for (size_t i = 0; g.slots && i <= g.mask && !code; i++) {
    const entry *e = &g.slots[i];
    rows[i] = SHF_NONE;
    if (e->profile != t) continue;
    const shf_offheap_bucket *b = &t->buckets.rows[e->bucket];
    if (uniform(seed) >= share(t, b, level)) continue;
    shf_offheap_sample key = key_at(b, level);
    code = shf_offheap_bucket_of(to, &key, &rows[i]);
    if (code) continue;
    to->rows[rows[i]].allocated++;
    to->rows[rows[i]].live++;
  }
  return code;
}

/* Cannot fail: the new table has the size of the old one. */
static void replace(shf_offheap_profile *t, shf_offheap_buckets *to, const uint32_t *rows,
                    entry *fresh) {
  for (size_t i = 0; g.slots && i <= g.mask; i++) {
    entry e = g.slots[i];
    if (!e.block) continue;
    /* downsample_live() set each row: NOLINTNEXTLINE(clang-analyzer-core.uninitialized.Assign) */
    if (e.profile == t) e.bucket = rows[i];
    if (e.profile == t && rows[i] == SHF_NONE) {
      filter_add(e.block, -1);
      t->live--;
      g.used--;
      continue;
    }
    fresh[find(fresh, g.mask, e.block)] = e;
  }
  free(g.slots);
  g.slots = fresh;
  shf_offheap_buckets_free(&t->buckets);
  t->buckets = *to;
  shrink();
}

int shf_live_blocks_downsample(shf_offheap_profile *t, uint32_t level, uint64_t *seed) {
  shf_offheap_buckets to;
  memset(&to, 0, sizeof to);
  pthread_mutex_lock(&g.lock);
  size_t slots = g.slots ? g.mask + 1 : 1;
  uint32_t *rows = malloc(slots * sizeof *rows);
  entry *fresh = calloc(slots, sizeof *fresh);
  int code = rows && fresh ? downsample_dead(t, level, seed, &to) : SHF_E_NOMEM;
  if (!code) code = downsample_live(t, level, seed, &to, rows);
  if (code) {
    free(fresh);
    shf_offheap_buckets_free(&to);
  } else {
    replace(t, &to, rows, fresh);
  }
  free(rows);
  pthread_mutex_unlock(&g.lock);
  return code;
}

/* ---- Captures -------------------------------------------------------------- */

static int by_bucket_and_age(const void *a, const void *b) {
  const shf_offheap_age *x = a, *y = b;
  if (x->bucket != y->bucket) return x->bucket < y->bucket ? -1 : 1;
  return (x->age > y->age) - (x->age < y->age);
}

static int write_with_ages(const shf_offheap_profile *t, const shf_source *source, bool types,
                           shf_capture *c) {
  uint32_t count = 0, now = now_tenths();
  shf_offheap_age *ages = malloc(((size_t)t->live + 1) * sizeof *ages);
  if (!ages) return SHF_E_NOMEM;
  for (size_t i = 0; g.slots && i <= g.mask; i++) {
    const entry *e = &g.slots[i];
    if (e->profile != t) continue;
    ages[count++] =
        (shf_offheap_age){e->bucket, shf_capture_age((now - e->born) * UINT64_C(100000))};
  }
  assert(count == t->live);
  if (count > 1) qsort(ages, count, sizeof *ages, by_bucket_and_age);
  int code = shf_offheap_profile_write(t, source, ages, types, c);
  free(ages);
  return code;
}

int shf_live_blocks_capture(const shf_offheap_profile *profile, const shf_source *source,
                            bool types, shf_capture **out) {
  int code = shf_capture_new(out);
  if (code) return code;
  pthread_mutex_lock(&g.lock);
  code = write_with_ages(profile, source, types, *out);
  pthread_mutex_unlock(&g.lock);
  if (!code) return SHF_OK;
  shf_capture_free(*out);
  *out = NULL;
  return code;
}
