/* The table of live blocks and what its samples add up to. */
#include <math.h>
#include <pthread.h>

#include "capture/capture.h"
#include "capture/label_sets.h"
#include "runtime/live_blocks.h"
#include "test.h"

static const void *block_at(uint64_t i) {
  return (const void *)(uintptr_t)(0x10000 + i * 16);
}

static shf_offheap_profile new_profile(uint64_t interval) {
  shf_offheap_profile t;
  CHECK_EQ(shf_offheap_profile_init(&t, interval), SHF_OK);
  return t;
}

/* A stack of one function in a.js; its name tells it. */
static uint32_t stack_of(shf_offheap_profile *t, uint32_t parent, const char *name,
                         const char *script) {
  uint32_t function, node;
  int32_t line = name[0];
  CHECK_EQ(shf_offheap_add_function(t, 7, (uint64_t)line, shf_str_of(name), shf_str_of(script),
                                    line, 1, &function),
           SHF_OK);
  CHECK_EQ(shf_offheap_child(t, parent, function, &node), SHF_OK);
  return node;
}

static void add(shf_offheap_profile *t, uint64_t block, uint64_t size, uint32_t node,
                uint32_t level) {
  shf_offheap_sample sample = {size, node, level, 0};
  CHECK_EQ(shf_live_blocks_add(block_at(block), t, &sample), SHF_OK);
}

static void discard(shf_offheap_profile *t) {
  shf_live_blocks_forget(t);
  CHECK_EQ(t->live, 0);
  shf_offheap_profile_free(t);
}

TEST(a_freed_block_is_allocated_but_not_alive) {
  shf_offheap_profile t = new_profile(1024);
  add(&t, 1, 100, 0, 0);
  add(&t, 2, 100, 0, 0);
  shf_live_blocks_on_free(block_at(1));
  shf_live_blocks_on_free(block_at(1));
  shf_live_blocks_on_free(block_at(3));
  shf_live_blocks_on_free(NULL);
  CHECK_EQ(t.buckets.count, 1);
  CHECK_EQ(t.buckets.rows[0].allocated, 2);
  CHECK_EQ(t.buckets.rows[0].live, 1);
  CHECK_EQ(t.live, 1);
  discard(&t);
}

TEST(an_address_that_comes_again_is_another_block) {
  shf_offheap_profile t = new_profile(1024);
  add(&t, 1, 100, 0, 0);
  add(&t, 1, 200, 0, 0);
  CHECK_EQ(t.live, 1);
  CHECK_EQ(t.buckets.rows[0].live, 0);
  CHECK_EQ(t.buckets.rows[1].live, 1);
  discard(&t);
}

TEST(the_table_grows_and_finds_everything_in_any_order) {
  enum { N = 100000 };
  shf_offheap_profile t = new_profile(1024);
  for (uint64_t i = 0; i < N; i++) add(&t, i, 100, 0, 0);
  CHECK_EQ(t.buckets.rows[0].live, N);
  for (uint64_t i = 0; i < N; i++) shf_live_blocks_on_free(block_at(i * 7919 % N));
  CHECK_EQ(t.buckets.rows[0].live, 0);
  CHECK_EQ(t.buckets.rows[0].allocated, N);
  discard(&t);
}

TEST(a_profile_forgets_only_its_own_blocks) {
  shf_offheap_profile a = new_profile(1024), b = new_profile(1024);
  for (uint64_t i = 0; i < 5000; i++) add(i % 3 ? &a : &b, i, 100, 0, 0);
  discard(&a);
  CHECK_EQ(b.live, 1667);
  for (uint64_t i = 0; i < 5000; i++) shf_live_blocks_on_free(block_at(i));
  CHECK_EQ(b.live, 0);
  discard(&b);
}

TEST(calls_are_found_again_and_natives_by_their_name) {
  shf_offheap_profile t = new_profile(1024);
  uint32_t a = stack_of(&t, 0, "a", "/a.js"), again, native, same;
  CHECK_EQ(shf_offheap_child(&t, 0, shf_offheap_find_function(&t, 7, 'a'), &again), SHF_OK);
  CHECK_EQ(a, again);
  CHECK_EQ(shf_offheap_find_function(&t, 8, 'a'), SHF_NONE);
  for (int i = 0; i < 2; i++)
    CHECK_EQ(shf_offheap_add_function(&t, 0, 0, shf_str_of("map"), shf_str_of(""), 0, 0,
                                      i ? &same : &native),
             SHF_OK);
  CHECK_EQ(native, same);
  discard(&t);
}

static int put(void *sink, const void *bytes, size_t len) {
  return shf_sink_write(sink, bytes, len);
}

static shf_profile *profile_of(const shf_offheap_profile *t, uint32_t depth) {
  shf_source source = {.depth = depth, .gc = SHF_GC_FORCED};
  shf_capture *c;
  shf_profile *p = NULL;
  shf_error error;
  CHECK_EQ(shf_live_blocks_capture(t, &source, false, &c), SHF_OK);
  shf_sink *sink = test_sink();
  size_t len;
  char *bytes = test_written(sink, shf_capture_emit(c, put, sink), &len);
  CHECK_EQ(shf_profile_from_capture(bytes, len, &p, &error), SHF_OK);
  free(bytes);
  shf_capture_free(c);
  return p;
}

static void check_profile(const shf_offheap_profile *t, uint32_t depth, shf_type type,
                          const char *expected) {
  shf_profile *p = profile_of(t, depth);
  check_folded(p, type, expected);
  shf_profile_free(p);
}

TEST(the_leaf_stands_at_the_innermost_call_of_the_apps) {
  shf_offheap_profile t = new_profile(1);
  uint32_t a = stack_of(&t, 0, "a", "/a.js");
  uint32_t alloc = stack_of(&t, a, "b", "node:buffer");
  add(&t, 1, 1000000, alloc, 0);
  add(&t, 2, 500000, 0, 0);
  shf_live_blocks_on_free(block_at(2));
  check_profile(&t, 0, SHF_ALLOC_SPACE,
                "(off-heap) 500000\n"
                "a (/a.js:97:1);b (node:buffer:98:1);(off-heap) (/a.js:97:1) 1000000\n");
  check_profile(&t, 0, SHF_INUSE_SPACE,
                "a (/a.js:97:1);b (node:buffer:98:1);(off-heap) (/a.js:97:1) 1000000\n");
  discard(&t);
}

TEST(a_cut_stack_is_marked_and_the_leaf_is_no_frame_of_it) {
  shf_offheap_profile t = new_profile(1);
  uint32_t a = stack_of(&t, 0, "a", "/a.js"), b = stack_of(&t, a, "b", "/a.js");
  uint32_t c = stack_of(&t, b, "c", "/a.js");
  add(&t, 1, 100000, b, 0);
  add(&t, 2, 300000, c, 0);
  check_profile(&t, 2, SHF_ALLOC_SPACE,
                "(truncated);b (/a.js:98:1);c (/a.js:99:1);(off-heap) (/a.js:99:1) 300000\n"
                "a (/a.js:97:1);b (/a.js:98:1);(off-heap) (/a.js:98:1) 100000\n");
  discard(&t);
}

TEST(live_blocks_have_an_age_and_freed_ones_none) {
  shf_offheap_profile t = new_profile(1);
  for (uint64_t i = 0; i < 5; i++) add(&t, i, 1000, 0, 0);
  for (uint64_t i = 0; i < 2; i++) shf_live_blocks_on_free(block_at(i));
  shf_profile *p = profile_of(&t, 0);
  int64_t ages[4] = {0};
  CHECK(shf_profile_label_sets(p) >= 2 && shf_profile_label_sets(p) <= 4);
  shf_profile_ages(p, ages);
  CHECK_EQ(ages[0], -1);
  CHECK(ages[1] >= 0);
  int64_t aged = 0;
  for (uint32_t i = 0; i < shf_profile_buckets(p); i++) {
    const shf_bucket b = shf_profile_bucket_at(p, i);
    if (b.labels) aged += b.live;
    CHECK_EQ(b.live, b.labels ? b.allocated : 0);
  }
  CHECK_EQ(aged, 3);
  shf_profile_free(p);
  discard(&t);
}

TEST(blocks_have_the_labels_of_their_allocation) {
  const shf_str labels[] = {shf_str_of("route"), shf_str_of("/a")};
  uint32_t set = shf_label_sets_add(labels, 2, false);
  uint64_t seed = 42;
  shf_offheap_profile t = new_profile(1);
  for (uint64_t i = 0; i < 6; i++) {
    shf_offheap_sample sample = {1000000, 0, 0, i < 4 ? set : 0};
    CHECK_EQ(shf_live_blocks_add(block_at(i), &t, &sample), SHF_OK);
  }
  for (uint64_t i = 0; i < 3; i++) shf_live_blocks_on_free(block_at(i));
  CHECK_EQ(shf_live_blocks_downsample(&t, 1, &seed), SHF_OK);
  shf_profile *p = profile_of(&t, 0);
  uint64_t allocated = 0, live = 0;
  for (uint32_t i = 0; i < shf_profile_buckets(p); i++) {
    const shf_bucket b = shf_profile_bucket_at(p, i);
    uint32_t count;
    const shf_label *of = shf_profile_labels_of(p, b.labels, &count);
    for (uint32_t j = 0; j < count; j++) {
      if (of[j].text == 0) continue; /* the age */
      allocated += b.allocated;
      live += b.live;
    }
  }
  CHECK_EQ(allocated, 4);
  CHECK_EQ(live, 1);
  shf_profile_free(p);
  discard(&t);
}

TEST(each_interval_is_a_source_of_its_own) {
  shf_offheap_profile t = new_profile(1000);
  uint32_t a = stack_of(&t, 0, "a", "/a.js");
  add(&t, 1, 1000, a, 0);
  add(&t, 2, 1000, a, 2);
  shf_profile *p = profile_of(&t, 0);
  CHECK_EQ(shf_profile_sources(p), 2);
  CHECK_EQ(shf_profile_source_at(p, 0)->interval + shf_profile_source_at(p, 1)->interval, 5000);
  CHECK_EQ(shf_profile_source_at(p, 0)->kind, SHF_OFFHEAP);
  double exact = 1000 * (shf_weight(1000, 1000) + shf_weight(1000, 4000));
  CHECK_EQ(shf_profile_total(p, SHF_ALLOC_SPACE), (int64_t)floor(exact + 0.5));
  shf_profile_free(p);
  discard(&t);
}

TEST(without_a_sample_there_is_a_source_nevertheless) {
  shf_offheap_profile t = new_profile(1000);
  shf_profile *p = profile_of(&t, 0);
  CHECK_EQ(shf_profile_sources(p), 1);
  CHECK_EQ(shf_profile_types(p), SHF_HAS_ALLOC | SHF_HAS_INUSE);
  CHECK_EQ(shf_profile_total(p, SHF_ALLOC_SPACE), 0);
  shf_profile_free(p);
  discard(&t);
}

/* Sums by the estimator, in double. */
static void estimate(const shf_offheap_profile *t, double *alloc, double *inuse) {
  *alloc = *inuse = 0;
  for (uint32_t i = 0; i < t->buckets.count; i++) {
    const shf_offheap_bucket *b = &t->buckets.rows[i];
    double each = (double)b->size * shf_weight(b->size, t->interval << b->level);
    *alloc += b->allocated * each;
    *inuse += b->live * each;
  }
}

TEST(downsampled_profiles_keep_their_total) {
  enum { N = 60000 };
  static const uint64_t sizes[] = {200, 5000, 300000};
  uint64_t seed = 42;
  shf_offheap_profile t = new_profile(1000);
  for (uint64_t i = 0; i < N; i++) add(&t, i, sizes[i % 3], (uint32_t)0, i % 2);
  for (uint64_t i = 0; i < N; i += 4) shf_live_blocks_on_free(block_at(i));
  double alloc, inuse, alloc_after, inuse_after;
  estimate(&t, &alloc, &inuse);
  uint32_t live = t.live;
  CHECK_EQ(shf_live_blocks_downsample(&t, 5, &seed), SHF_OK);
  estimate(&t, &alloc_after, &inuse_after);
  CHECK(fabs(alloc_after / alloc - 1) < 0.02);
  CHECK(fabs(inuse_after / inuse - 1) < 0.02);
  CHECK(t.live < live / 3 * 2);
  uint32_t counted = 0;
  for (uint32_t i = 0; i < t.buckets.count; i++) {
    CHECK_EQ(t.buckets.rows[i].level, 5);
    CHECK(t.buckets.rows[i].live <= t.buckets.rows[i].allocated);
    counted += t.buckets.rows[i].live;
  }
  CHECK_EQ(counted, t.live);
  for (uint64_t i = 0; i < N; i++) shf_live_blocks_on_free(block_at(i));
  CHECK_EQ(t.live, 0);
  discard(&t);
}

TEST(the_memory_of_a_profile_is_counted) {
  shf_offheap_profile t = new_profile(1000);
  uint64_t calls = shf_offheap_call_bytes(&t), counts = shf_offheap_count_bytes(&t);
  stack_of(&t, 0, "a", "/a.js");
  CHECK(shf_offheap_call_bytes(&t) >= calls + 60);
  add(&t, 1, 1000, 0, 0);
  CHECK(shf_offheap_count_bytes(&t) >= counts + sizeof(shf_offheap_bucket));
  discard(&t);
}

/* ---- Threads ------------------------------------------------------------------ */

enum { THREADS = 4, ROUNDS = 20000, KEPT = 64 };

typedef struct job {
  shf_offheap_profile profile;
  uint64_t base;
} job;

/* Allocates and frees; every eighth block is left for another thread to free. */
static void *allocate(void *arg) {
  job *j = arg;
  shf_offheap_sample sample = {64, 0, 0, 0};
  for (uint64_t i = 0; i < ROUNDS; i++) {
    if (shf_live_blocks_add(block_at(j->base + i), &j->profile, &sample) != SHF_OK) return arg;
    if (i >= KEPT && (i - KEPT) % 8) shf_live_blocks_on_free(block_at(j->base + i - KEPT));
  }
  return NULL;
}

static void *sweep(void *arg) {
  const job *jobs = arg;
  for (uint64_t i = 0; i < ROUNDS; i += 8)
    for (int t = 0; t < THREADS; t++) shf_live_blocks_on_free(block_at(jobs[t].base + i));
  return NULL;
}

TEST(threads_allocate_and_free_at_once) {
  static job jobs[THREADS];
  pthread_t threads[THREADS], sweeper;
  for (int i = 0; i < THREADS; i++) {
    jobs[i].profile = new_profile(1024);
    jobs[i].base = (uint64_t)i * ROUNDS;
    CHECK_EQ(pthread_create(&threads[i], NULL, allocate, &jobs[i]), 0);
  }
  CHECK_EQ(pthread_create(&sweeper, NULL, sweep, jobs), 0);
  void *failed;
  for (int i = 0; i < THREADS; i++) {
    CHECK_EQ(pthread_join(threads[i], &failed), 0);
    CHECK(failed == NULL);
  }
  CHECK_EQ(pthread_join(sweeper, NULL), 0);
  sweep(jobs);
  for (int i = 0; i < THREADS; i++) {
    CHECK_EQ(jobs[i].profile.buckets.rows[0].allocated, ROUNDS);
    CHECK_EQ(jobs[i].profile.live, KEPT - KEPT / 8);
    discard(&jobs[i].profile);
  }
}
