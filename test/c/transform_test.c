/* Group, remap, filter, prune, merge. */
#include "test.h"

/* Holds a profile against its folded lines and frees it. */
static void check_lines(shf_profile *p, const char *expected) {
  check_folded(p, SHF_ALLOC_SPACE, expected);
  shf_profile_free(p);
}

/* ---- group */

static void check_group(const char *lines, enum shf_group by, const char *expected) {
  shf_profile *p = test_profile(lines), *grouped = NULL;
  CHECK_EQ(shf_profile_group(p, by, &grouped), SHF_OK);
  shf_profile_free(p); /* the new one stands alone */
  if (grouped) check_lines(grouped, expected);
}

TEST(group_by_function_changes_nothing) {
  check_group("a@/x.js:1:1;b@/x.js:2:1 64 0\na@/x.js:1:1;a@/x.js:1:1 128 0\n", SHF_BY_FUNCTION,
              "a (/x.js:1:1);a (/x.js:1:1) 128\na (/x.js:1:1);b (/x.js:2:1) 64\n");
}

TEST(group_by_file_makes_neighbours_of_one_file_one) {
  check_group("a@/x.js:1:1;b@/x.js:2:1;c@/y.js:1:1;d@/x.js:3:1 64 0\na@/x.js:1:1 128 0\n",
              SHF_BY_FILE, "/x.js 128\n/x.js;/y.js;/x.js 64\n");
}

TEST(group_by_file_keeps_frames_without_a_file) {
  check_group("a@/x.js:1:1;(GC) 64 0\n", SHF_BY_FILE, "/x.js;(GC) 64\n");
}

TEST(group_by_file_takes_both_ways_to_write_a_path_as_one) {
  check_group("a@/x.mjs:1:1;b@file:///x.mjs:2:1 64 0\n", SHF_BY_FILE, "/x.mjs 64\n");
}

TEST(group_by_package_names_packages_node_and_app) {
  check_group(
      "m@/app/a.js:1:1;f@/app/node_modules/x/a.js:1:1;g@/app/node_modules/x/b.js:1:1;h@/app/"
      "node_modules/@s/y/a.js:1:1;r@node:fs:1:1;s@node:vm:1:1;(GC) 64 0\n",
      SHF_BY_PACKAGE, "(app);x (node_modules/x);@s/y (node_modules/@s/y);node:;(GC) 64\n");
}

TEST(group_keeps_totals) {
  shf_profile *p = test_profile("a@/x.js:1:1;b@/y.js:2:1 64 64\nc@/x.js:5:1 128 0\n"), *q;
  CHECK_EQ(shf_profile_group(p, SHF_BY_FILE, &q), SHF_OK);
  for (int t = 0; t < SHF_TYPES; t++)
    CHECK_EQ(shf_profile_total(q, (shf_type)t), shf_profile_total(p, (shf_type)t));
  shf_profile_free(p);
  shf_profile_free(q);
}

TEST(group_by_an_unknown_kind_is_refused) {
  shf_profile *p = test_profile("a 64 0\n"), *q = NULL;
  CHECK_EQ(shf_profile_group(p, (enum shf_group)(SHF_BY_PACKAGE + 1), &q), SHF_E_ARG);
  CHECK(q == NULL);
  shf_profile_free(p);
}

/* ---- remap */

static uint32_t frame_named(const shf_profile *p, const char *name) {
  for (uint32_t f = 0; f < shf_profile_frames(p); f++)
    if (shf_str_compare(shf_frame_name(p, f), shf_str_of(name)) == 0) return f;
  return SHF_NONE;
}

static shf_place place_of(const shf_profile *p, const char *frame, const char *name,
                          const char *file, int32_t line) {
  return (shf_place){frame_named(p, frame), shf_str_of(name), shf_str_of(file), line, 1, 0};
}

TEST(remap_gives_frames_other_names_and_places) {
  shf_profile *p = test_profile("a@/x.js:1:1;b@/x.js:1:9 64 0\na@/x.js:1:1;(GC) 8 0\n"), *q = NULL;
  shf_place places[] = {place_of(p, "b", "build", "/src/x.ts", 12)};
  CHECK_EQ(shf_profile_remap(p, places, 1, &q), SHF_OK);
  shf_profile_free(p);
  check_lines(q, "a (/x.js:1:1);(GC) 8\na (/x.js:1:1);build (/src/x.ts:12:1) 64\n");
}

TEST(remap_joins_what_becomes_equal_and_keeps_recursion) {
  shf_profile *p = test_profile("a@/x.js:1:1;b@/x.js:1:9 64 0\na@/x.js:1:1;c@/y.js:1:9 128 0\n");
  shf_profile *q = NULL;
  shf_place places[] = {place_of(p, "a", "f", "/s.ts", 1), place_of(p, "b", "f", "/s.ts", 1),
                        place_of(p, "c", "f", "/s.ts", 1)};
  CHECK_EQ(shf_profile_remap(p, places, 3, &q), SHF_OK);
  CHECK_EQ(shf_profile_frames(q), 1);
  CHECK_EQ(shf_profile_total(q, SHF_ALLOC_SPACE), shf_profile_total(p, SHF_ALLOC_SPACE));
  shf_profile_free(p);
  check_lines(q, "f (/s.ts:1:1);f (/s.ts:1:1) 192\n");
}

TEST(remap_of_a_frame_that_is_not_there_is_refused) {
  shf_profile *p = test_profile("a 64 0\n"), *q = NULL;
  shf_place place = {1, {"", 0}, {"", 0}, 0, 0, 0};
  CHECK_EQ(shf_profile_remap(p, &place, 1, &q), SHF_E_ARG);
  CHECK(q == NULL);
  shf_profile_free(p);
}

TEST(transforms_keep_the_texts_of_sources) {
  shf_profile *p = test_profile("a@/x.ts:1:1 64 0\n"), *q = NULL;
  CHECK_EQ(shf_profile_content(p, shf_str_of("/x.ts"), shf_str_of("first")), SHF_OK);
  CHECK_EQ(shf_profile_content(p, shf_str_of("/x.ts"), shf_str_of("second")), SHF_OK);
  shf_merge_input in = {p, shf_str_of("")};
  CHECK_EQ(shf_profile_merge(&in, 1, &q), SHF_OK);
  uint32_t file = shf_profile_frame_at(q, 0)->file;
  CHECK_EQ(shf_str_compare(shf_profile_content_of(q, file), shf_str_of("first")), 0);
  CHECK(shf_profile_content_of(q, 0).ptr == NULL);
  shf_profile_free(p);
  shf_profile_free(q);
}

/* ---- filter: frames are named by one letter */

static const uint8_t *matches(const shf_profile *p, const char *letters, uint8_t *marks) {
  if (!letters) return NULL;
  for (uint32_t f = 0; f < shf_profile_frames(p); f++)
    marks[f] = strchr(letters, shf_frame_name(p, f).ptr[0]) != NULL;
  return marks;
}

static void check_filter(const char *lines, const char *focus, const char *ignore, const char *hide,
                         const char *expected) {
  shf_profile *p = test_profile(lines), *q = NULL;
  uint8_t marks[3][16];
  shf_filter f = {matches(p, focus, marks[0]), matches(p, ignore, marks[1]),
                  matches(p, hide, marks[2]), NULL, 0};
  CHECK_EQ(shf_profile_filter(p, &f, &q), SHF_OK);
  shf_profile_free(p);
  if (q) check_lines(q, expected);
}

static const char three[] = "a;b;c 64 0\na;d 128 0\ne;b 256 0\na 512 0\n";

TEST(filter_of_nothing_keeps_all) {
  check_filter(three, NULL, NULL, NULL, "a 512\na;b;c 64\na;d 128\ne;b 256\n");
}
TEST(focus_keeps_stacks_with_a_match_anywhere) {
  check_filter(three, "b", NULL, NULL, "a;b;c 64\ne;b 256\n");
  check_filter(three, "de", NULL, NULL, "a;d 128\ne;b 256\n");
}
TEST(focus_that_matches_nothing_leaves_nothing) {
  check_filter(three, "", NULL, NULL, "");
}
TEST(ignore_leaves_out_stacks_with_a_match_anywhere) {
  check_filter(three, NULL, "b", NULL, "a 512\na;d 128\n");
}
TEST(ignore_is_stronger_than_focus) {
  check_filter(three, "a", "d", NULL, "a 512\na;b;c 64\n");
}
TEST(hide_joins_callees_to_the_caller) {
  check_filter(three, NULL, NULL, "b", "a 512\na;c 64\na;d 128\ne 256\n");
  check_filter("a;b;c 64 0\na;c 128 0\n", NULL, NULL, "b", "a;c 192\n");
}
TEST(hide_of_a_whole_stack_shows_its_figures_as_hidden) {
  check_filter("a;b 64 0\nc 128 0\n", NULL, NULL, "ab", "(hidden) 64\nc 128\n");
  check_filter("a 64 0\na;b 128 0\na;b;c 256 0\n", NULL, NULL, "ab", "(hidden) 192\nc 256\n");
}
TEST(hide_leaves_figures_without_a_stack_at_the_root) {
  shf_profile *p = test_new(SHF_HAS_ALLOC), *q = NULL;
  uint8_t all[1] = {1};
  shf_filter f = {NULL, NULL, all, NULL, 0};
  test_block(p, 0);
  test_block(p, test_node(p, 0, shf_str_of("a")));
  CHECK_EQ(shf_profile_filter(test_seal(p), &f, &q), SHF_OK);
  CHECK_EQ(shf_profile_nodes(q), 2);
  CHECK_EQ(shf_profile_buckets(q), 2);
  check_lines(q, "(root) 64\n(hidden) 64\n");
  shf_profile_free(p);
}
TEST(focus_sees_hidden_frames) {
  check_filter(three, "b", NULL, "b", "a;c 64\ne 256\n");
}

TEST(filter_keeps_meta_and_sources) {
  shf_profile *p = test_profile("a 64 0\n"), *q;
  CHECK_EQ(shf_profile_meta(p, shf_str_of("k"), shf_str_of("v")), SHF_OK);
  uint8_t none[1] = {0};
  shf_filter f = {none, NULL, NULL, NULL, 0};
  CHECK_EQ(shf_profile_filter(p, &f, &q), SHF_OK);
  CHECK_EQ(shf_profile_buckets(q), 0);
  CHECK_EQ(shf_profile_sources(q), 1);
  CHECK_EQ(shf_str_compare(shf_profile_meta_get(q, "k"), shf_str_of("v")), 0);
  shf_profile_free(p);
  shf_profile_free(q);
}

TEST(filter_keeps_of_a_bucket_what_estimates_need) {
  shf_profile *p = test_profile("a;b 128 64\n"), *q;
  shf_filter f = {NULL, NULL, NULL, NULL, 0};
  CHECK_EQ(shf_profile_filter(p, &f, &q), SHF_OK);
  shf_bucket x = shf_profile_bucket_at(p, 0), y = shf_profile_bucket_at(q, 0);
  CHECK(test_same_bucket(&x, &y));
  shf_profile_free(p);
  shf_profile_free(q);
}

/* ---- prune */

static void check_prune(const char *lines, double percent, const char *expected) {
  shf_profile *p = test_profile(lines), *q = NULL;
  CHECK_EQ(shf_profile_prune(p, SHF_ALLOC_SPACE, percent, &q), SHF_OK);
  shf_profile_free(p);
  if (q) check_lines(q, expected);
}

TEST(prune_makes_small_subtrees_one_sum_of_their_parent) {
  check_prune("a 9600 0\na;b;c 64 0\na;d 128 0\nb 64 0\n", 5,
              "(1 frame below 5%) 64\na 9600\na;(3 frames below 5%) 192\n");
}
TEST(prune_keeps_a_subtree_that_is_just_large_enough) {
  check_prune("a 640 0\nb 5760 0\n", 10, "a 640\nb 5760\n");
}
TEST(prune_keeps_a_small_frame_over_a_large_one) {
  check_prune("a;b;c 9600 0\na 64 0\n", 5, "a 64\na;b;c 9600\n");
}
TEST(prune_by_nothing_keeps_all) {
  check_prune("a 64 0\nb 0 64\n", 0, "a 64\n");
}
TEST(prune_writes_the_percentage_short) {
  check_prune("a 64 0\nb 64000 0\n", 0.5, "(1 frame below 0.5%) 64\nb 64000\n");
}
TEST(prune_by_all_keeps_what_is_all) {
  check_prune("a;b 64 0\na;c 64 0\n", 100, "a;(2 frames below 100%) 128\n");
}

TEST(prune_keeps_totals_of_all_types) {
  shf_profile *p = test_profile("a 9600 64\na;b 64 6400\nc 128 128\n"), *q;
  CHECK_EQ(shf_profile_prune(p, SHF_ALLOC_SPACE, 5, &q), SHF_OK);
  for (int t = 0; t < SHF_TYPES; t++)
    CHECK_EQ(shf_profile_total(q, (shf_type)t), shf_profile_total(p, (shf_type)t));
  shf_profile_free(p);
  shf_profile_free(q);
}

TEST(prune_refuses_what_is_no_percentage) {
  shf_profile *p = test_profile("a 64 0\n"), *q = NULL;
  CHECK_EQ(shf_profile_prune(p, SHF_ALLOC_SPACE, -1, &q), SHF_E_ARG);
  CHECK_EQ(shf_profile_prune(p, SHF_ALLOC_SPACE, 101, &q), SHF_E_ARG);
  CHECK_EQ(shf_profile_prune(p, SHF_ALLOC_SPACE, 0.0 / 0.0, &q), SHF_E_ARG);
  CHECK_EQ(shf_profile_prune(p, SHF_TYPES, 1, &q), SHF_E_ARG);
  CHECK(q == NULL);
  shf_profile_free(p);
}

/* ---- merge */

TEST(merge_adds_equal_stacks) {
  shf_profile *p = test_profile("a;b 64 0\n"), *q = test_profile("a;b 128 0\nc 64 0\n"), *sum;
  shf_merge_input in[] = {{p, {"", 0}}, {q, {"", 0}}};
  CHECK_EQ(shf_profile_merge(in, 2, &sum), SHF_OK);
  CHECK_EQ(shf_profile_sources(sum), 1);
  CHECK_EQ(shf_profile_buckets(sum), 2);
  check_lines(sum, "a;b 192\nc 64\n");
  shf_profile_free(p);
  shf_profile_free(q);
}

TEST(merge_puts_stacks_under_their_roots) {
  shf_profile *p = test_profile("a;b 64 0\n"), *sum;
  shf_merge_input in[] = {{p, shf_str_of("one")}, {p, {"", 0}}, {p, shf_str_of("two")}};
  CHECK_EQ(shf_profile_merge(in, 3, &sum), SHF_OK);
  check_lines(sum, "a;b 64\none;a;b 64\ntwo;a;b 64\n");
  shf_profile_free(p);
}

TEST(merge_of_nothing_is_empty) {
  shf_profile *sum;
  CHECK_EQ(shf_profile_merge(NULL, 0, &sum), SHF_OK);
  CHECK_EQ(shf_profile_nodes(sum), 1);
  shf_profile_free(sum);
}

TEST(merge_beyond_63_bits_is_a_limit) {
  shf_profile *p, *sum = NULL;
  uint32_t source;
  shf_bucket b = {0, {0, INT64_MAX, 0, 0}, 0, 0, 0, 0, 0};
  CHECK_EQ(shf_profile_new(&p), SHF_OK);
  CHECK_EQ(shf_profile_source(p, (shf_source){.types = SHF_HAS_ALLOC}, &source), SHF_OK);
  CHECK_EQ(shf_profile_bucket(p, &b), SHF_OK);
  CHECK_EQ(shf_profile_seal(p), SHF_OK);
  shf_merge_input in[] = {{p, {"", 0}}, {p, {"", 0}}};
  CHECK_EQ(shf_profile_merge(in, 2, &sum), SHF_E_LIMIT);
  CHECK(sum == NULL);
  shf_profile_free(p);
}

static void check_merged_meta(const char *key, const char *one, const char *other,
                              const char *expected) {
  shf_profile *p = test_profile("a 64 0\n"), *q = test_profile("a 64 0\n"), *sum;
  CHECK_EQ(shf_profile_meta(p, shf_str_of(key), shf_str_of(one)), SHF_OK);
  CHECK_EQ(shf_profile_meta(q, shf_str_of(key), shf_str_of(other)), SHF_OK);
  shf_merge_input in[] = {{p, {"", 0}}, {q, {"", 0}}};
  CHECK_EQ(shf_profile_merge(in, 2, &sum), SHF_OK);
  shf_str value = shf_profile_meta_get(sum, key);
  char text[64] = "";
  strncat(text, value.ptr, value.len < 63 ? value.len : 63);
  CHECK_TEXT(text, expected);
  shf_profile_free(p);
  shf_profile_free(q);
  shf_profile_free(sum);
}

TEST(merge_keeps_an_equal_line_of_meta_once) {
  check_merged_meta("node", "v22", "v22", "v22");
}
TEST(merge_joins_different_lines_of_meta) {
  check_merged_meta("node", "v20", "v22", "v20; v22");
  check_merged_meta("node", "v22.1", "v22", "v22.1; v22");
}
TEST(merge_does_not_join_what_is_there_already) {
  check_merged_meta("node", "v20; v22", "v22", "v20; v22");
}
TEST(merge_keeps_a_line_of_meta_that_one_has) {
  check_merged_meta("node", "", "v22", "v22");
}
TEST(merge_keeps_the_largest_time) {
  check_merged_meta("end_ms", "999", "1000", "1000");
  check_merged_meta("pause_us", "1000", "999", "1000");
}
TEST(merge_keeps_lines_of_meta_with_long_keys) {
  check_merged_meta(
      "a key of more than sixty-four bytes, which nobody writes, but may all the same", "one",
      "two", "one; two");
}

/* ---- trees that are deep and wide */

/* `chains` stacks of `depth` calls, figures at their ends only. */
static shf_profile *chains(uint32_t count, uint32_t depth) {
  shf_profile *p;
  uint32_t source;
  if (shf_profile_new(&p) != SHF_OK) abort();
  CHECK_EQ(shf_profile_source(p, (shf_source){.types = SHF_HAS_ALLOC}, &source), SHF_OK);
  for (uint32_t i = 0; i < count; i++) {
    uint32_t node = 0, frame = 0;
    for (uint32_t d = 0; d < depth; d++) {
      shf_frame f = {0, 0, (int32_t)(d == 0 ? i : 0), (int32_t)(d % 7), 0};
      CHECK_EQ(shf_profile_frame(p, f, &frame), SHF_OK);
      CHECK_EQ(shf_profile_node(p, node, frame, &node), SHF_OK);
    }
    shf_bucket b = {8, {1, 8, 0, 0}, node, source, 1, 0, 0};
    CHECK_EQ(shf_profile_bucket(p, &b), SHF_OK);
  }
  CHECK_EQ(shf_profile_seal(p), SHF_OK);
  return p;
}

TEST(stacks_ten_thousand_deep_are_filtered_in_linear_time) {
  shf_profile *p = chains(30, 10000), *q = NULL;
  shf_filter f = {NULL, NULL, NULL, NULL, 0};
  CHECK_EQ(shf_profile_filter(p, &f, &q), SHF_OK);
  CHECK_EQ(shf_profile_nodes(q), shf_profile_nodes(p));
  shf_profile_free(q);
  CHECK_EQ(shf_profile_prune(p, SHF_ALLOC_SPACE, 10, &q), SHF_OK);
  CHECK_EQ(shf_profile_nodes(q), 2);
  shf_profile_free(q);
  CHECK_EQ(shf_profile_group(p, SHF_BY_FILE, &q), SHF_OK);
  CHECK_EQ(shf_profile_total(q, SHF_ALLOC_SPACE), 240);
  shf_profile_free(q);
  shf_profile_free(p);
}
