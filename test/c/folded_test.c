/* Folded stacks: what flamegraph.pl, inferno and speedscope all read. */
#include "test.h"

static void check_lines(const char *lines, const char *expected) {
  shf_profile *p = test_profile(lines);
  check_folded(p, SHF_ALLOC_SPACE, expected);
  shf_profile_free(p);
}

/* A profile of one frame a name, each with 64 bytes allocated. */
static shf_profile *of_names(const shf_str *names, size_t count) {
  shf_profile *p = test_new(SHF_HAS_ALLOC);
  for (size_t i = 0; i < count; i++) test_block(p, test_node(p, 0, names[i]));
  return test_seal(p);
}

static void check_name(const char *name, size_t len, const char *expected) {
  shf_str one = {name, len};
  shf_profile *p = of_names(&one, 1);
  check_folded(p, SHF_ALLOC_SPACE, expected);
  shf_profile_free(p);
}
#define CHECK_NAME(name, expected) check_name(name, sizeof(name) - 1, expected)

TEST(folded_writes_a_line_a_stack_root_first) {
  check_lines("main@/app/a.js:1:1;parse@/app/b.js:2:3 128 64\nmain@/app/a.js:1:1 64 0\n",
              "main (/app/a.js:1:1) 64\nmain (/app/a.js:1:1);parse (/app/b.js:2:3) 128\n");
}

TEST(folded_writes_each_stack_once) {
  check_lines("a;b 64 0\na;b 128 0\n", "a;b 192\n");
}

TEST(folded_order_does_not_depend_on_the_order_of_adding) {
  shf_profile *p = test_profile("b 64 0\na;z 64 0\na 64 0\n");
  shf_profile *q = test_profile("a 64 0\na;z 64 0\nb 64 0\n");
  char *one = test_folded(p, SHF_ALLOC_SPACE), *other = test_folded(q, SHF_ALLOC_SPACE);
  CHECK_TEXT(one, other);
  free(one);
  free(other);
  shf_profile_free(p);
  shf_profile_free(q);
}

TEST(folded_leaves_out_stacks_without_the_type) {
  shf_profile *p = test_profile("a;b 128 0\na;c 64 64\n");
  check_folded(p, SHF_INUSE_SPACE, "a;c 64\n");
  shf_profile_free(p);
}

TEST(folded_counts_objects) {
  shf_profile *p = test_profile("a 128 0\n");
  check_folded(p, SHF_ALLOC_OBJECTS, "a 2\n");
  shf_profile_free(p);
}

TEST(folded_of_an_unknown_type_is_absent) {
  shf_str name = {"a", 1};
  shf_profile *p = of_names(&name, 1);
  shf_sink *sink = test_sink();
  CHECK_EQ(shf_folded_write(p, SHF_INUSE_SPACE, sink), SHF_E_ABSENT);
  CHECK_EQ(shf_folded_write(p, SHF_TYPES, sink), SHF_E_ARG);
  shf_sink_free(sink);
  shf_profile_free(p);
}

TEST(folded_semicolons_become_fullwidth) {
  CHECK_NAME("a;b",
             "a\xEF\xBC\x9B"
             "b 64\n");
}

TEST(folded_lines_are_no_comments) {
  CHECK_NAME("#", "\xEF\xBC\x83 64\n");
  CHECK_NAME("# a", "\xEF\xBC\x83 a 64\n");
  CHECK_NAME("#a", "#a 64\n");
}

TEST(folded_control_characters_become_spaces) {
  CHECK_NAME("a\r\nb\tc\0d\x1b[1m\x7f\xC2\x85z", "a  b c d [1m  z 64\n");
}

TEST(folded_line_separators_become_spaces) {
  CHECK_NAME(
      "a\xE2\x80\xA8"
      "b\xE2\x80\xA9"
      "c",
      "a b c 64\n");
}

TEST(folded_broken_utf8_becomes_replacement_characters) {
  CHECK_NAME("a\xFF\xED\xA0\x80z\xE6\xBC",
             "a\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBDz"
             "\xEF\xBF\xBD 64\n");
}

TEST(folded_keeps_other_scripts_and_emoji) {
  CHECK_NAME("\xE6\xBC\xA2\xE5\xAD\x97\xF0\x9F\x98\x80<anonymous>\"'",
             "\xE6\xBC\xA2\xE5\xAD\x97\xF0\x9F\x98\x80<anonymous>\"' 64\n");
}

TEST(folded_trims_white_space) {
  CHECK_NAME("  a b \n", "a b 64\n");
}

TEST(folded_names_are_never_empty) {
  CHECK_NAME("", "(anonymous) 64\n");
  CHECK_NAME(" \n", "(anonymous) 64\n");
}

TEST(folded_frames_never_end_in_a_number) {
  CHECK_NAME("worker 1", "worker_1 64\n");
  CHECK_NAME("worker1", "worker1 64\n");
}

TEST(folded_frames_that_become_alike_are_one) {
  check_lines("a;x\ty;k 64 0\na;x y;k 128 0\na;x y 64 0\n", "a;x y 64\na;x y;k 192\n");
}

TEST(folded_lines_are_sorted_by_what_is_written) {
  /* a tab stands before a space, # behind a blank: neither is what is written */
  check_lines("a\tz 64 0\na b 64 0\n", "a b 64\na z 64\n");
  check_lines("# x 64 0\nb 64 0\n", "b 64\n\xEF\xBC\x83 x 64\n");
  check_lines("x;\x01q 64 0\nx;p 64 0\n", "x;p 64\nx;q 64\n");
  check_lines("w 1 64 0\nw\x1f 2 64 0\n", "w _2 64\nw_1 64\n");
}

TEST(folded_lines_that_become_alike_are_one_wherever_they_stand) {
  check_lines("a\x01z 64 0\na b 64 0\na z 64 0\n", "a b 64\na z 128\n");
  check_lines("(root) 64 0\nroot;c 64 0\nroot 64 0\n", "root 128\nroot;c 64\n");
  check_lines("b;c 1 64 0\nb;c_1 64 0\n", "b;c_1 128\n");
}

TEST(folded_frames_stay_in_order_where_one_begins_another) {
  check_lines("ab 64 0\na!;c 64 0\na;b 64 0\na~\t~ 64 0\n", "a!;c 64\na;b 64\nab 64\na~ ~ 64\n");
}

TEST(folded_writes_what_the_root_has_itself) {
  check_lines("a 64 0\n", "a 64\n");
  shf_profile *p = test_stack(0, "");
  check_folded(p, SHF_ALLOC_SPACE, "(root) 64\n");
  shf_profile_free(p);
}

TEST(folded_writes_stacks_ten_thousand_deep) {
  shf_profile *p = test_stack(10000, "f");
  char *text = test_folded(p, SHF_ALLOC_SPACE);
  CHECK_EQ(strlen(text), 2 * 10000 - 1 + strlen(" 64\n"));
  free(text);
  shf_profile_free(p);
}

TEST(folded_matches_its_golden_file) {
  shf_profile *p = test_profile(
      "main@/app/main.js:1:1;parse@/app/src/parser.js:12:3 192000 64000\n"
      "main@/app/main.js:1:1;parse@/app/src/parser.js:12:3;get x@/app/src/node.js:7:5 64000 0\n"
      "main@/app/main.js:1:1;read@file:///app/b.mjs:3:9;(off-heap) 640000 640000\n"
      "(GC) 6400 0\n");
  char *text = test_folded(p, SHF_ALLOC_SPACE);
  check_golden("stacks.folded", text, strlen(text));
  free(text);
  shf_profile_free(p);
}

TEST(frame_named_like_the_root_is_not_the_root) {
  shf_profile *p = test_profile("(root) 64 0\n");
  check_folded(p, SHF_ALLOC_SPACE, "root 64\n");
  shf_profile_free(p);
}
