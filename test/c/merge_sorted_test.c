/* Sealed trees in one walk, held against the same stacks copied one by one. */
#include "profile/merge_sorted.h"
#include "test.h"

enum { LINES = 40, TEXT = 16384 };

static uint32_t random_below(uint32_t *state, uint32_t limit) {
  *state = *state * 1664525u + 1013904223u;
  return (*state >> 8) % limit;
}

/* Stacks of few functions, so that trees have much in common; some texts begin others. */
static shf_profile *random_profile(uint32_t seed) {
  static const char *const names[] = {"a", "a!", "ab", "b", "c@/x.js:1:1", "c@/x.js:20:1", "d"};
  char text[TEXT];
  size_t len = 0;
  for (int line = 0; line < LINES; line++) {
    uint32_t depth = 1 + random_below(&seed, 6);
    for (uint32_t d = 0; d < depth; d++)
      len += (size_t)snprintf(text + len, TEXT - len, "%s%s", d ? ";" : "",
                              names[random_below(&seed, sizeof names / sizeof *names)]);
    len += (size_t)snprintf(text + len, TEXT - len, " %u %u\n", 64 * random_below(&seed, 9),
                            64 * random_below(&seed, 3));
  }
  return test_profile(text);
}

static void check_same_frame(const shf_profile *p, const shf_profile *q, uint32_t node) {
  const shf_frame *f = shf_profile_frame_at(p, shf_profile_frame_of(p, node));
  const shf_frame *g = shf_profile_frame_at(q, shf_profile_frame_of(q, node));
  CHECK_EQ(shf_str_compare(shf_profile_text(p, f->name), shf_profile_text(q, g->name)), 0);
  CHECK_EQ(shf_str_compare(shf_profile_text(p, f->file), shf_profile_text(q, g->file)), 0);
  CHECK(f->line == g->line && f->column == g->column);
}

/* Row by row. */
static void check_same(const shf_profile *p, const shf_profile *q) {
  CHECK_EQ(shf_profile_nodes(p), shf_profile_nodes(q));
  CHECK_EQ(shf_profile_buckets(p), shf_profile_buckets(q));
  CHECK_EQ(shf_profile_frames(p), shf_profile_frames(q));
  CHECK_EQ(shf_profile_sources(p), shf_profile_sources(q));
  CHECK_EQ(shf_profile_max_depth(p), shf_profile_max_depth(q));
  if (shf_profile_nodes(p) != shf_profile_nodes(q)) return;
  for (uint32_t n = 0; n < shf_profile_nodes(p); n++) {
    CHECK_EQ(shf_profile_parent(p, n), shf_profile_parent(q, n));
    CHECK_EQ(shf_profile_depth(p, n), shf_profile_depth(q, n));
    CHECK_EQ(shf_profile_end(p, n), shf_profile_end(q, n));
    CHECK_EQ(shf_profile_bucket_first(p, n + 1), shf_profile_bucket_first(q, n + 1));
    if (n) check_same_frame(p, q, n);
  }
  if (shf_profile_buckets(p) != shf_profile_buckets(q)) return;
  for (uint32_t b = 0; b < shf_profile_buckets(p); b++) {
    shf_bucket x = shf_profile_bucket_at(p, b), y = shf_profile_bucket_at(q, b);
    CHECK(test_same_bucket(&x, &y));
  }
}

static const enum shf_side sides[] = {SHF_SIDE_BEFORE, SHF_SIDE_AFTER};

/* The inputs in one profile, joined or copied one by one. */
static shf_profile *together(shf_profile *const *inputs, uint32_t count, bool sided, double scale,
                             bool joined) {
  shf__copy copies[SHF__MERGE_SORTED_MAX];
  shf_profile *to;
  bool done = false;
  CHECK_EQ(shf_profile_new(&to), SHF_OK);
  for (uint32_t i = 0; i < count; i++) {
    CHECK_EQ(sided ? shf__copy_init_side(&copies[i], inputs[i], sides[i % 2], to)
                   : shf__copy_init(&copies[i], inputs[i], to),
             SHF_OK);
    if (i == 0) copies[i].scale = scale;
  }
  if (joined) {
    CHECK_EQ(shf__merge_sorted(copies, count, &done), SHF_OK);
    CHECK(done);
  }
  for (uint32_t i = 0; i < count; i++) {
    if (!done) {
      CHECK_EQ(shf__copy_nodes(&copies[i]), SHF_OK);
      CHECK_EQ(shf__copy_stacks(&copies[i]), SHF_OK);
    }
    shf__copy_free(&copies[i]);
  }
  CHECK_EQ(shf_profile_seal(to), SHF_OK);
  return to;
}

static void check_join(uint32_t seed, uint32_t count, bool sided, double scale) {
  shf_profile *inputs[SHF__MERGE_SORTED_MAX] = {NULL};
  for (uint32_t i = 0; i < count; i++) inputs[i] = random_profile(seed * 100 + i);
  shf_profile *joined = together(inputs, count, sided, scale, true);
  shf_profile *copied = together(inputs, count, sided, scale, false);
  check_same(joined, copied);
  for (uint32_t i = 0; i < count; i++) shf_profile_free(inputs[i]);
  shf_profile_free(joined);
  shf_profile_free(copied);
}

TEST(merge_sorted_of_two_sides_equals_copying) {
  for (uint32_t seed = 1; seed <= 50; seed++) check_join(seed, 2, true, 1);
}

TEST(merge_sorted_scales_as_copying_does) {
  for (uint32_t seed = 1; seed <= 20; seed++) check_join(seed, 2, true, 0.7);
}

TEST(merge_sorted_of_many_equals_copying) {
  for (uint32_t count = 1; count <= SHF__MERGE_SORTED_MAX; count++)
    check_join(count, count, false, 1);
}

TEST(merge_sorted_takes_empty_profiles) {
  shf_profile *inputs[] = {test_profile(""), test_profile("a;b 64 0\n")};
  for (int turn = 0; turn < 2; turn++) {
    shf_profile *swapped[] = {inputs[turn], inputs[1 - turn]};
    shf_profile *p = together(swapped, 2, false, 1, true);
    CHECK_EQ(shf_profile_nodes(p), 3);
    CHECK_EQ(shf_profile_total(p, SHF_ALLOC_SPACE), 64);
    shf_profile_free(p);
  }
  for (int i = 0; i < 2; i++) shf_profile_free(inputs[i]);
}

TEST(merge_sorted_leaves_too_many_inputs_to_copying) {
  shf__copy copies[SHF__MERGE_SORTED_MAX + 1];
  bool done = true;
  CHECK_EQ(shf__merge_sorted(copies, SHF__MERGE_SORTED_MAX + 1, &done), SHF_OK);
  CHECK(!done);
}

/* `a` becomes `z`: its callees stand elsewhere then. */
TEST(merge_sorted_leaves_frames_in_another_order_to_copying) {
  shf_profile *p = test_profile("a 64 0\nm 128 0\n"), *names = test_profile("z 64 0\n"), *to;
  uint32_t frames[] = {0, SHF_NONE};
  shf__copy c;
  bool done = true;
  CHECK_EQ(shf_profile_new(&to), SHF_OK);
  CHECK_EQ(shf__copy_init(&c, p, to), SHF_OK);
  CHECK_EQ(shf__copy_name(&c, frames, names), SHF_OK);
  CHECK_EQ(shf__merge_sorted(&c, 1, &done), SHF_OK);
  CHECK(!done);
  CHECK_EQ(shf__copy_nodes(&c), SHF_OK);
  CHECK_EQ(shf__copy_stacks(&c), SHF_OK);
  shf__copy_free(&c);
  CHECK_EQ(shf_profile_seal(to), SHF_OK);
  CHECK_EQ(shf_profile_bucket_at(to, 0).value[SHF_ALLOC_SPACE], 128);
  shf_profile_free(to);
  shf_profile_free(names);
  shf_profile_free(p);
}

/* ---- Profiles that are read for the last time */

static shf_profile *diff_of(const char *before, const char *after, bool consumed) {
  shf_profile *a = test_profile(before), *b = test_profile(after), *d = NULL;
  if (consumed) {
    shf_profile_consume(a);
    shf_profile_consume(b);
  }
  CHECK_EQ(shf_profile_diff(a, b, SHF_ALLOC_SPACE, false, &d), SHF_OK);
  shf_profile_free(a);
  shf_profile_free(b);
  return d;
}

static char *folded_of(const shf_profile *p) {
  shf_sink *sink;
  char *text;
  size_t len;
  CHECK_EQ(shf_sink_memory(&sink), SHF_OK);
  CHECK_EQ(shf_folded_write(p, SHF_ALLOC_SPACE, sink), SHF_OK);
  CHECK_EQ(shf_sink_write(sink, "", 1), SHF_OK);
  shf_sink_take(sink, &text, &len);
  shf_sink_free(sink);
  return text;
}

static void check_consumed(const char *before, const char *after) {
  shf_profile *kept = diff_of(before, after, false), *consumed = diff_of(before, after, true);
  char *compact = folded_of(consumed);
  CHECK_EQ(shf_profile_build_index(kept), SHF_OK);
  CHECK_EQ(shf_profile_build_index(consumed), SHF_OK);
  check_same(kept, consumed);
  char *folded = folded_of(kept);
  CHECK_TEXT(compact, folded);
  free(compact);
  free(folded);
  shf_profile_free(kept);
  shf_profile_free(consumed);
}

TEST(consumed_profiles_give_the_same_difference) {
  check_consumed("a;b 64 0\na;c 128 64\n", "a;b 64 0\na;d;e 128 64\nf 64 64\n");
}

TEST(consumed_profiles_that_are_copied_give_the_same_difference) {
  check_consumed("f@/a.js:1:1;g@/a.js:8:1 64 0\nf@/a.js:2:1 128 0\n",
                 "f@/a.js:3:1;g@/a.js:8:1 64 0\nf@/a.js:2:1 64 0\n");
}

TEST(a_consumed_profile_can_be_both_sides) {
  shf_profile *a = test_profile("a;b 64 0\na;c 128 64\n"), *d = NULL;
  shf_profile_consume(a);
  CHECK_EQ(shf_profile_diff(a, a, SHF_ALLOC_SPACE, false, &d), SHF_OK);
  CHECK_EQ(shf_profile_side_total(d, SHF_SIDE_BEFORE, SHF_ALLOC_SPACE), 192);
  CHECK_EQ(shf_profile_side_total(d, SHF_SIDE_AFTER, SHF_ALLOC_SPACE), 192);
  shf_profile_free(d);
  shf_profile_free(a);
}

TEST(a_consumed_profile_still_knows_its_totals_and_sources) {
  shf_profile *a = test_profile("a;b 64 0\n");
  shf_profile_consume(a);
  CHECK_EQ(shf_profile_total(a, SHF_ALLOC_SPACE), 64);
  CHECK_EQ(shf_profile_sources(a), 1);
  shf_profile_free(a);
}

/* Of 500 functions, each with 400 callees: more rows than are given back at once. */
static shf_profile *large_profile(uint32_t first) {
  enum { CALLERS = 500, CALLEES = 400 };
  shf_profile *p = test_new(SHF_HAS_ALLOC);
  uint32_t frames[CALLERS + 1];
  for (uint32_t i = 0; i <= CALLERS; i++)
    CHECK_EQ(shf_profile_frame(p, (shf_frame){0, 0, (int32_t)(first + i + 1), 1, 0}, &frames[i]),
             SHF_OK);
  for (uint32_t i = 0; i < CALLERS; i++) {
    uint32_t caller, callee;
    CHECK_EQ(shf_profile_node(p, 0, frames[i], &caller), SHF_OK);
    for (uint32_t k = 0; k < CALLEES; k++) {
      CHECK_EQ(shf_profile_node(p, caller, frames[k], &callee), SHF_OK);
      test_block(p, callee);
    }
  }
  return test_seal(p);
}

TEST(consumed_profiles_of_many_rows_give_the_same_sum) {
  shf_profile *out[2];
  for (int consumed = 0; consumed < 2; consumed++) {
    shf_profile *a = large_profile(0), *b = large_profile(100);
    if (consumed) {
      shf_profile_consume(a);
      shf_profile_consume(b);
    }
    shf_merge_input in[] = {{a, shf_str_of("")}, {b, shf_str_of("")}};
    CHECK_EQ(shf_profile_merge(in, 2, &out[consumed]), SHF_OK);
    CHECK_EQ(shf_profile_build_index(out[consumed]), SHF_OK);
    shf_profile_free(a);
    shf_profile_free(b);
  }
  check_same(out[0], out[1]);
  for (int i = 0; i < 2; i++) shf_profile_free(out[i]);
}
