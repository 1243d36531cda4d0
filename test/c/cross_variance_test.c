/* Differences of profiles that were sampled by other intervals: what a side may have missed. */
#include <math.h>

#include "test.h"

enum { BLOCK = 64 };

static uint64_t state = 88172645463325252;

static double chance(void) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (double)(state >> 11) / 9007199254740992.0;
}

/* So many of `n` blocks as samples: the gaps between them are exponential. */
static uint32_t drawn(double n, double interval) {
  uint32_t k = 0;
  for (double at = -log(1 - chance()) * interval; at < n * BLOCK;
       at += -log(1 - chance()) * interval)
    k++;
  return k;
}

/* Functions f and g of so many samples; 0: not seen. Interval 0: figures are exact, `f` blocks. */
static shf_profile *side(uint64_t interval, uint32_t f, uint32_t g) {
  shf_profile *p;
  uint32_t source;
  const uint32_t samples[2] = {f, g};
  CHECK_EQ(shf_profile_new(&p), SHF_OK);
  shf_source all = {.interval = interval, .pid = 1, .types = SHF_HAS_ALLOC};
  CHECK_EQ(shf_profile_source(p, all, &source), SHF_OK);
  for (int i = 0; i < 2; i++) {
    if (!samples[i]) continue;
    uint32_t node = test_node(p, 0, shf_str_of(i ? "g" : "f"));
    double blocks = samples[i] * shf_weight(BLOCK, interval);
    shf_bucket b = {.size = interval ? BLOCK : 0, .node = node, .source = source};
    if (interval) b.allocated = samples[i];
    b.value[SHF_ALLOC_OBJECTS] = llround(blocks);
    b.value[SHF_ALLOC_SPACE] = llround(blocks * BLOCK);
    CHECK_EQ(shf_profile_bucket(p, &b), SHF_OK);
  }
  CHECK_EQ(shf_profile_seal(p), SHF_OK);
  return p;
}

static shf_profile *diff(shf_profile *before, shf_profile *after) {
  shf_profile *d = NULL;
  CHECK_EQ(shf_profile_diff(before, after, SHF_ALLOC_SPACE, false, &d), SHF_OK);
  shf_profile_free(before);
  shf_profile_free(after);
  return d;
}

static shf_profile *runs(shf_profile *const *each, uint32_t count) {
  shf_profile *all = NULL;
  CHECK_EQ(shf_profile_merge_runs((const shf_profile *const *)each, count, &all), SHF_OK);
  for (uint32_t i = 0; i < count; i++) shf_profile_free(each[i]);
  return all;
}

/* Of the function f; frees the difference. */
static shf_change change_of(shf_profile *d, shf_type type) {
  shf_change *rows, found = {0};
  uint32_t count;
  CHECK_EQ(shf_profile_changes(d, type, &rows, &count), SHF_OK);
  for (uint32_t i = 0; i < count; i++) {
    shf_str name = shf_frame_name(d, rows[i].frame);
    if (name.len == 1 && *name.ptr == 'f') found = rows[i];
  }
  free(rows);
  shf_profile_free(d);
  return found;
}

static double error_of(const shf_change *c) {
  return sqrt(c->self_variance[0] + c->self_variance[1]);
}

static enum shf_verdict verdict_of(const shf_change *c) {
  return shf_change_verdict(c->self[0], c->self[1], c->self_variance[0] + c->self_variance[1]);
}

static void check_near(double is, double should) {
  CHECK(is > 0.99 * should && is < 1.01 * should);
}

TEST(what_the_coarser_side_missed_has_that_sides_error) {
  shf_change c = change_of(diff(side(262144, 0, 50), side(16384, 13, 800)), SHF_ALLOC_SPACE);
  check_near(error_of(&c), sqrt((double)c.self[1] * 262144));
  CHECK_EQ(verdict_of(&c), SHF_WITHIN_NOISE);
  c = change_of(diff(side(16384, 13, 800), side(262144, 0, 50)), SHF_ALLOC_SPACE);
  check_near(error_of(&c), sqrt((double)c.self[0] * 262144));
  CHECK_EQ(verdict_of(&c), SHF_WITHIN_NOISE);
}

TEST(what_the_coarser_side_missed_has_an_error_of_objects_too) {
  shf_change c = change_of(diff(side(262144, 0, 50), side(16384, 13, 800)), SHF_ALLOC_OBJECTS);
  check_near(error_of(&c), sqrt((double)c.self[1] * 262144 / BLOCK));
}

TEST(what_is_far_beyond_the_coarser_interval_still_grew) {
  shf_change c = change_of(diff(side(262144, 0, 50), side(16384, 200, 800)), SHF_ALLOC_SPACE);
  CHECK_EQ(verdict_of(&c), SHF_GREW);
}

TEST(equal_intervals_add_no_error) {
  shf_change c = change_of(diff(side(16384, 0, 50), side(16384, 13, 800)), SHF_ALLOC_SPACE);
  CHECK(c.self_variance[0] == 0);
  check_near(error_of(&c), sqrt(13) * 16384);
}

TEST(a_side_that_has_both_intervals_is_compared_by_the_same) {
  const shf_merge_input inputs[] = {{side(16384, 0, 800), {NULL, 0}},
                                    {side(262144, 0, 50), {NULL, 0}}};
  shf_profile *both = NULL;
  CHECK_EQ(shf_profile_merge(inputs, 2, &both), SHF_OK);
  for (int i = 0; i < 2; i++) shf_profile_free((shf_profile *)(uintptr_t)inputs[i].profile);
  shf_change c = change_of(diff(both, side(16384, 13, 800)), SHF_ALLOC_SPACE);
  check_near(error_of(&c), sqrt(13) * 16384);
}

TEST(what_is_exact_has_the_error_of_the_side_that_sampled) {
  shf_change c = change_of(diff(side(65536, 0, 50), side(0, 1000, 8000)), SHF_ALLOC_SPACE);
  CHECK_EQ(c.self[1], 64000);
  check_near(error_of(&c), sqrt(64000.0 * 65536));
}

TEST(a_single_run_that_saw_nothing_has_its_own_error_not_that_of_three) {
  shf_profile *const three[] = {side(16384, 7, 9), side(16384, 7, 9), side(16384, 7, 9)};
  shf_change c = change_of(diff(runs(three, 3), side(16384, 0, 9)), SHF_ALLOC_SPACE);
  check_near(error_of(&c), sqrt(7) * 16384);
}

TEST(several_runs_that_saw_nothing_have_the_error_of_their_mean) {
  shf_profile *const three[] = {side(262144, 0, 50), side(262144, 0, 50), side(262144, 0, 50)};
  shf_change c = change_of(diff(runs(three, 3), side(16384, 13, 800)), SHF_ALLOC_SPACE);
  check_near(error_of(&c), sqrt((double)c.self[1] * 262144 / 3));
}

TEST(nodes_have_the_error_of_the_side_that_missed_them) {
  shf_profile *d = diff(side(262144, 0, 50), side(16384, 13, 800));
  double *variance = calloc(shf_profile_nodes(d), sizeof *variance);
  CHECK_EQ(shf_profile_change_variances(d, SHF_ALLOC_SPACE, false, variance), SHF_OK);
  check_near(sqrt(variance[1]), sqrt(13.0 * 16384 * 262144));
  shf_profile_free(d);
  free(variance);
}

TEST(growth_of_what_the_baseline_missed_is_not_judged) {
  shf_profile *d = diff(side(262144, 0, 0), side(16384, 13, 0));
  shf_figure f[2];
  CHECK_EQ(shf_profile_figures(d, SHF_ALLOC_SPACE, f), SHF_OK);
  CHECK(f[0].variance > 0);
  CHECK_EQ(shf_judge_growth(f, 10), SHF_UNSURE);
  shf_profile_free(d);
}

/* Of 4,000 pairs of one program, how many of a hundred are no noise. */
static double found(double bytes, uint64_t before, uint64_t after) {
  int sure = 0;
  for (int i = 0; i < 4000; i++) {
    uint32_t k[2] = {drawn(bytes / BLOCK, (double)before), drawn(bytes / BLOCK, (double)after)};
    if (!k[0] && !k[1]) continue;
    shf_change c = change_of(diff(side(before, k[0], 1), side(after, k[1], 1)), SHF_ALLOC_SPACE);
    if (verdict_of(&c) != SHF_WITHIN_NOISE) sure++;
  }
  return sure / 40.0;
}

TEST(an_unchanged_program_has_one_false_verdict_in_a_hundred) {
  const double sizes[] = {1e5, 3e5, 1e6, 4e6};
  for (int i = 0; i < 4; i++) {
    CHECK(found(sizes[i], 262144, 16384) < 2);
    CHECK(found(sizes[i], 16384, 262144) < 2);
  }
}

TEST(a_difference_says_that_intervals_differ) {
  shf_profile *d = diff(side(262144, 0, 50), side(16384, 13, 800));
  shf_listing_options o = {.type = SHF_ALLOC_SPACE};
  shf_sink *sink = test_sink();
  char *text = test_written(sink, shf_diff_write(d, &o, sink), NULL);
  check_has(text, "Intervals differ: 262,144 bytes before, 16,384 bytes after; ");
  free(text);
  sink = test_sink();
  text = test_written(sink, shf_diff_markdown_write(d, &o, 0, sink), NULL);
  check_has(text, "Intervals differ: 262,144 bytes before, 16,384 bytes after; ");
  free(text);
  shf_profile_free(d);
  d = diff(side(16384, 1, 50), side(16384, 13, 800));
  sink = test_sink();
  text = test_written(sink, shf_diff_write(d, &o, sink), NULL);
  check_lacks(text, "differ");
  free(text);
  shf_profile_free(d);
}

TEST(a_picture_draws_what_the_coarser_side_missed_as_noise) {
  shf_profile *d = diff(side(262144, 0, 50), side(16384, 13, 800));
  shf_svg_options o = {.type = SHF_ALLOC_SPACE};
  shf_sink *sink = test_sink();
  char *text = test_written(sink, shf_svg_write(d, &o, sink), NULL);
  char *title = strstr(text, "<title>f");
  CHECK(title != NULL);
  char *end = title ? strstr(title, "</title>") : NULL;
  if (end) *end = 0;
  if (title) check_has(title, "within noise");
  free(text);
  shf_profile_free(d);
}
