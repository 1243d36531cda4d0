/* Two profiles in one tree. */
#include "test.h"

static shf_profile *diff(const char *before, const char *after, bool normalize) {
  shf_profile *a = test_profile(before), *b = test_profile(after), *d = NULL;
  CHECK_EQ(shf_profile_diff(a, b, SHF_ALLOC_SPACE, normalize, &d), SHF_OK);
  shf_profile_free(a);
  shf_profile_free(b);
  return d;
}

/* Self of the only node with a frame of that text, on one side; -1: no such node. */
static int64_t self_of(const shf_profile *p, const char *text, enum shf_side side) {
  int64_t *self = malloc(shf_profile_nodes(p) * sizeof *self), found = -1;
  shf_sink *sink;
  CHECK_EQ(shf_sink_memory(&sink), SHF_OK);
  shf_profile_side_sums(p, side, SHF_ALLOC_SPACE, self, NULL);
  for (uint32_t n = 1; n < shf_profile_nodes(p); n++) {
    shf_frame_text(p, shf_profile_frame_of(p, n), sink);
    char *name = test_sink_text(sink, NULL);
    if (strcmp(name, text) == 0) found = found < 0 ? self[n] : -2;
    free(name);
  }
  shf_sink_free(sink);
  free(self);
  return found;
}

TEST(diff_keeps_both_sides_of_a_stack) {
  shf_profile *d = diff("a;b 640 0\n", "a;b 1280 0\n", false);
  CHECK_EQ(self_of(d, "b", SHF_SIDE_BEFORE), 640);
  CHECK_EQ(self_of(d, "b", SHF_SIDE_AFTER), 1280);
  CHECK_EQ(shf_profile_side_total(d, SHF_SIDE_BEFORE, SHF_ALLOC_SPACE), 640);
  CHECK(shf_profile_is_diff(d));
  shf_profile_free(d);
}

TEST(diff_keeps_stacks_of_one_side_alone) {
  shf_profile *d = diff("a;gone 640 0\n", "a;new 128 0\n", false);
  CHECK_EQ(self_of(d, "gone", SHF_SIDE_AFTER), 0);
  CHECK_EQ(self_of(d, "gone", SHF_SIDE_BEFORE), 640);
  CHECK_EQ(self_of(d, "new", SHF_SIDE_BEFORE), 0);
  CHECK_EQ(self_of(d, "new", SHF_SIDE_AFTER), 128);
  shf_profile_free(d);
}

TEST(diff_matches_a_function_that_moved) {
  shf_profile *d = diff("f@/a.js:10:3 640 0\n", "f@/a.js:12:3 128 0\n", false);
  CHECK_EQ(self_of(d, "f (/a.js:12:3)", SHF_SIDE_BEFORE), 640);
  CHECK_EQ(self_of(d, "f (/a.js:10:3)", SHF_SIDE_BEFORE), -1);
  shf_profile_free(d);
}

TEST(diff_pairs_equal_names_in_the_order_of_their_lines) {
  shf_profile *d =
      diff("@/a.js:10:1 64 0\n@/a.js:20:1 128 0\n", "@/a.js:11:1 64 0\n@/a.js:21:1 128 0\n", false);
  CHECK_EQ(self_of(d, "(anonymous) (/a.js:11:1)", SHF_SIDE_BEFORE), 64);
  CHECK_EQ(self_of(d, "(anonymous) (/a.js:21:1)", SHF_SIDE_BEFORE), 128);
  shf_profile_free(d);
}

TEST(diff_leaves_a_function_that_stayed_where_it_is) {
  shf_profile *d = diff("@/a.js:20:1 128 0\n", "@/a.js:10:1 64 0\n@/a.js:20:1 192 0\n", false);
  CHECK_EQ(self_of(d, "(anonymous) (/a.js:20:1)", SHF_SIDE_BEFORE), 128);
  CHECK_EQ(self_of(d, "(anonymous) (/a.js:10:1)", SHF_SIDE_BEFORE), 0);
  shf_profile_free(d);
}

TEST(diff_does_not_match_functions_of_other_files) {
  shf_profile *d = diff("f@/a.js:1:1 64 0\n", "f@/b.js:1:1 64 0\n", false);
  CHECK_EQ(self_of(d, "f (/a.js:1:1)", SHF_SIDE_AFTER), 0);
  CHECK_EQ(self_of(d, "f (/b.js:1:1)", SHF_SIDE_BEFORE), 0);
  shf_profile_free(d);
}

TEST(diff_takes_processes_of_one_command_for_the_same) {
  shf_profile *d =
      diff("process 12 (node app.js);f 64 0\n", "process 345 (node app.js);f 128 0\n", false);
  CHECK_EQ(self_of(d, "f", SHF_SIDE_BEFORE), 64);
  CHECK_EQ(self_of(d, "f", SHF_SIDE_AFTER), 128);
  shf_profile_free(d);
}

TEST(diff_normalizes_before_to_after) {
  shf_profile *d = diff("f 640 0\ng 640 0\n", "f 1280 0\ng 1280 0\n", true);
  CHECK_EQ(self_of(d, "f", SHF_SIDE_BEFORE), 1280);
  CHECK_EQ(shf_profile_side_total(d, SHF_SIDE_BEFORE, SHF_ALLOC_SPACE), 2560);
  shf_profile_free(d);
}

TEST(diff_of_an_empty_profile_is_the_other_one) {
  shf_profile *d = diff("", "f 128 0\n", true);
  CHECK_EQ(self_of(d, "f", SHF_SIDE_AFTER), 128);
  CHECK_EQ(self_of(d, "f", SHF_SIDE_BEFORE), 0);
  shf_profile_free(d);
}
