/* Two profiles in one tree. */
#include "test.h"

/* Self of the only node with a frame of that text, on one side; -1: no such node. */
static int64_t self_of(const shf_profile *p, const char *text, enum shf_side side) {
  int64_t *self = malloc(shf_profile_nodes(p) * sizeof *self), found = -1;
  shf_sink *sink = test_sink();
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
  shf_profile *d = test_diff("a;b 640 0\n", "a;b 1280 0\n", false);
  CHECK_EQ(self_of(d, "b", SHF_SIDE_BEFORE), 640);
  CHECK_EQ(self_of(d, "b", SHF_SIDE_AFTER), 1280);
  CHECK_EQ(shf_profile_side_total(d, SHF_SIDE_BEFORE, SHF_ALLOC_SPACE), 640);
  CHECK(shf_profile_is_diff(d));
  shf_profile_free(d);
}

TEST(diff_keeps_stacks_of_one_side_alone) {
  shf_profile *d = test_diff("a;gone 640 0\n", "a;new 128 0\n", false);
  CHECK_EQ(self_of(d, "gone", SHF_SIDE_AFTER), 0);
  CHECK_EQ(self_of(d, "gone", SHF_SIDE_BEFORE), 640);
  CHECK_EQ(self_of(d, "new", SHF_SIDE_BEFORE), 0);
  CHECK_EQ(self_of(d, "new", SHF_SIDE_AFTER), 128);
  shf_profile_free(d);
}

TEST(diff_matches_a_function_that_moved) {
  shf_profile *d = test_diff("f@/a.js:10:3 640 0\n", "f@/a.js:12:3 128 0\n", false);
  CHECK_EQ(self_of(d, "f (/a.js:12:3)", SHF_SIDE_BEFORE), 640);
  CHECK_EQ(self_of(d, "f (/a.js:10:3)", SHF_SIDE_BEFORE), -1);
  shf_profile_free(d);
}

TEST(diff_pairs_equal_names_in_the_order_of_their_lines) {
  shf_profile *d = test_diff("@/a.js:10:1 64 0\n@/a.js:20:1 128 0\n",
                             "@/a.js:11:1 64 0\n@/a.js:21:1 128 0\n", false);
  CHECK_EQ(self_of(d, "(anonymous) (/a.js:11:1)", SHF_SIDE_BEFORE), 64);
  CHECK_EQ(self_of(d, "(anonymous) (/a.js:21:1)", SHF_SIDE_BEFORE), 128);
  shf_profile_free(d);
}

TEST(diff_leaves_a_function_that_stayed_where_it_is) {
  shf_profile *d = test_diff("@/a.js:20:1 128 0\n", "@/a.js:10:1 64 0\n@/a.js:20:1 192 0\n", false);
  CHECK_EQ(self_of(d, "(anonymous) (/a.js:20:1)", SHF_SIDE_BEFORE), 128);
  CHECK_EQ(self_of(d, "(anonymous) (/a.js:10:1)", SHF_SIDE_BEFORE), 0);
  shf_profile_free(d);
}

/* A function of /a.js, of so many samples of 64 bytes; a table ends with none. */
typedef struct seen {
  const char *name;
  int line, column, samples;
} seen;

static shf_profile *profile_of(const seen *rows) {
  char *text = calloc(1, 65536);
  size_t n = 0;
  for (; rows->samples; rows++)
    for (int i = 0; i < rows->samples; i++)
      n += (size_t)snprintf(text + n, 65536 - n, "%s@/a.js:%d:%d 64 0\n", rows->name, rows->line,
                            rows->column);
  shf_profile *p = test_profile(text);
  free(text);
  return p;
}

static shf_profile *diff_of(const seen *before, const seen *after) {
  shf_profile *a = profile_of(before), *b = profile_of(after), *d = NULL;
  CHECK_EQ(shf_profile_diff(a, b, SHF_ALLOC_SPACE, false, &d), SHF_OK);
  shf_profile_free(a);
  shf_profile_free(b);
  return d;
}

static void check_place(const shf_profile *d, const seen *at, int before, int after) {
  char text[64];
  const char *name = *at->name ? at->name : "(anonymous)";
  snprintf(text, sizeof text, "%s (/a.js:%d:%d)", name, at->line, at->column);
  CHECK_EQ(self_of(d, text, SHF_SIDE_BEFORE), 64 * before);
  CHECK_EQ(self_of(d, text, SHF_SIDE_AFTER), 64 * after);
}

/* Row by row the same function, compared either way round. */
static void check_pairs(const seen *before, const seen *after) {
  shf_profile *there = diff_of(before, after), *back = diff_of(after, before);
  for (uint32_t i = 0; before[i].samples; i++) {
    check_place(there, &after[i], before[i].samples, after[i].samples);
    check_place(back, &before[i], after[i].samples, before[i].samples);
  }
  shf_profile_free(there);
  shf_profile_free(back);
}

TEST(diff_matches_equal_names_that_moved_to_the_position_of_others) {
  check_pairs((const seen[]){{"", 2, 1, 10}, {"", 3, 1, 100}, {"", 4, 1, 30}, {0}},
              (const seen[]){{"", 3, 1, 12}, {"", 4, 1, 90}, {"", 5, 1, 33}, {0}});
}

TEST(diff_matches_equal_names_that_moved_past_others_that_stayed) {
  check_pairs((const seen[]){{"", 2, 1, 10},
                             {"", 3, 1, 100},
                             {"f", 4, 1, 3},
                             {"", 5, 1, 30},
                             {"", 6, 1, 200},
                             {"", 7, 1, 20},
                             {0}},
              (const seen[]){{"", 2, 1, 12},
                             {"", 3, 1, 90},
                             {"f", 5, 1, 3},
                             {"", 6, 1, 33},
                             {"", 7, 1, 210},
                             {"", 8, 1, 20},
                             {0}});
}

TEST(diff_matches_equal_names_by_their_surroundings) {
  check_pairs((const seen[]){{"f", 3, 1, 9}, {"g", 5, 1, 9}, {"", 6, 1, 10}, {"", 8, 1, 40}, {0}},
              (const seen[]){{"f", 5, 1, 9}, {"g", 7, 1, 9}, {"", 8, 1, 40}, {"", 10, 1, 40}, {0}});
}

TEST(diff_matches_equal_names_that_moved_in_one_long_line) {
  check_pairs((const seen[]){{"", 1, 100, 10}, {"", 1, 120, 90}, {"", 1, 300, 40}, {0}},
              (const seen[]){{"", 1, 120, 10}, {"", 1, 140, 90}, {"", 1, 320, 40}, {0}});
}

TEST(diff_finds_a_new_function_at_the_position_of_an_old_one) {
  const seen before[] = {{"", 2, 1, 50}, {"", 3, 1, 10}, {"f", 4, 1, 9}, {0}};
  const seen after[] = {{"", 2, 1, 70}, {"", 3, 1, 50}, {"", 4, 1, 10}, {"f", 5, 1, 9}, {0}};
  shf_profile *d = diff_of(before, after);
  check_place(d, &after[0], 0, 70);
  check_place(d, &after[1], 50, 50);
  check_place(d, &after[2], 10, 10);
  shf_profile_free(d);
}

TEST(diff_finds_a_removed_function_whose_position_another_has) {
  const seen before[] = {{"", 2, 1, 70}, {"", 3, 1, 50}, {"", 4, 1, 10}, {"f", 5, 1, 9}, {0}};
  const seen after[] = {{"", 2, 1, 50}, {"", 3, 1, 10}, {"f", 4, 1, 9}, {0}};
  shf_profile *d = diff_of(before, after);
  check_place(d, &after[0], 50, 50);
  check_place(d, &after[1], 10, 10);
  CHECK_EQ(self_of(d, "(anonymous) (/a.js:2)", SHF_SIDE_BEFORE), 64 * 70);
  shf_profile_free(d);
}

TEST(diff_leaves_what_stayed_though_few_samples_beside_it_look_moved) {
  const seen before[] = {{"", 2, 1, 1}, {"", 3, 1, 400}, {"", 9, 1, 50}, {0}};
  const seen after[] = {{"", 3, 1, 400}, {"", 4, 1, 1}, {"", 9, 1, 50}, {0}};
  shf_profile *d = diff_of(before, after);
  check_place(d, &after[0], 400, 400);
  check_place(d, &after[2], 50, 50);
  shf_profile_free(d);
}

TEST(diff_does_not_match_functions_of_other_files) {
  shf_profile *d = test_diff("f@/a.js:1:1 64 0\n", "f@/b.js:1:1 64 0\n", false);
  CHECK_EQ(self_of(d, "f (/a.js:1:1)", SHF_SIDE_AFTER), 0);
  CHECK_EQ(self_of(d, "f (/b.js:1:1)", SHF_SIDE_BEFORE), 0);
  shf_profile_free(d);
}

TEST(diff_takes_processes_of_one_command_for_the_same) {
  shf_profile *d =
      test_diff("process 12 (node app.js);f 64 0\n", "process 345 (node app.js);f 128 0\n", false);
  CHECK_EQ(self_of(d, "f", SHF_SIDE_BEFORE), 64);
  CHECK_EQ(self_of(d, "f", SHF_SIDE_AFTER), 128);
  shf_profile_free(d);
}

TEST(diff_normalizes_before_to_after) {
  shf_profile *d = test_diff("f 640 0\ng 640 0\n", "f 1280 0\ng 1280 0\n", true);
  CHECK_EQ(self_of(d, "f", SHF_SIDE_BEFORE), 1280);
  CHECK_EQ(shf_profile_side_total(d, SHF_SIDE_BEFORE, SHF_ALLOC_SPACE), 2560);
  shf_profile_free(d);
}

TEST(diff_of_an_empty_profile_is_the_other_one) {
  shf_profile *d = test_diff("", "f 128 0\n", true);
  CHECK_EQ(self_of(d, "f", SHF_SIDE_AFTER), 128);
  CHECK_EQ(self_of(d, "f", SHF_SIDE_BEFORE), 0);
  shf_profile_free(d);
}

TEST(diff_of_sides_further_apart_than_63_bits_is_a_limit) {
  shf_profile *before = test_profile("f -4611686018427387904 0\n");
  shf_profile *after = test_profile("f 4611686018427387904 0\n"), *d = NULL;
  CHECK_EQ(shf_profile_diff(before, after, SHF_ALLOC_SPACE, false, &d), SHF_E_LIMIT);
  CHECK_EQ(shf_profile_diff(after, after, SHF_ALLOC_SPACE, false, &d), SHF_E_LIMIT);
  shf_profile_free(before);
  shf_profile_free(after);
}

static char *listing(const char *before, const char *after, shf_listing_options o) {
  shf_profile *d = test_diff(before, after, false);
  shf_sink *sink = test_sink();
  char *text = test_written(sink, shf_diff_write(d, &o, sink), NULL);
  shf_profile_free(d);
  return text;
}

static const shf_listing_options PLAIN = {.type = SHF_ALLOC_SPACE};
static const shf_listing_options NARROW = {.type = SHF_ALLOC_SPACE, .width = 80, .human = true};

TEST(diff_listing_has_certain_changes_first) {
  char *text = listing("big@/a.js:1:1 640 0\nsame@/a.js:9:1 64 0\n",
                       "big@/a.js:2:1 64000000 0\nsame@/a.js:9:1 128 0\n", PLAIN);
  check_golden("diff.txt", text, strlen(text));
  free(text);
}

TEST(diff_listing_says_what_it_left_out) {
  const shf_listing_options one = {.type = SHF_ALLOC_SPACE, .rows = 1};
  char *text = listing("f 64 0\ng 64 0\n", "f 6400 0\ng 128 0\n", one);
  CHECK(strstr(text, "Left out: 1 function") != NULL);
  free(text);
}

/* What `make` takes more of comes through one of its two callers. */
#define ROUTES_BEFORE                                                                            \
  "load@node:internal/loader:9:1;main@/app.js:1:1;page@/app.js:5:1;make@/app.js:2:1 6400000 0\n" \
  "load@node:internal/loader:9:1;main@/app.js:1:1;rest@/app.js:8:1;make@/app.js:2:1 6400000 0\n"
#define ROUTES_AFTER                                                                              \
  "load@node:internal/loader:9:1;main@/app.js:1:1;page@/app.js:5:1;make@/app.js:2:1 64000000 0\n" \
  "load@node:internal/loader:9:1;main@/app.js:1:1;rest@/app.js:8:1;make@/app.js:2:1 6400000 0\n"

TEST(diff_listing_shows_what_grew_by_what_it_calls) {
  char *text = listing(ROUTES_BEFORE, ROUTES_AFTER, PLAIN);
  check_golden("diff_total.txt", text, strlen(text));
  free(text);
}

TEST(diff_listing_leaves_a_total_within_noise_out) {
  char *text = listing("page;make 6400 0\n", "page;make 6464 0\n", PLAIN);
  CHECK(strstr(text, "make") != NULL);
  CHECK(strstr(text, "page") == NULL);
  free(text);
}

TEST(diff_listing_says_what_it_left_out_by_total) {
  const shf_listing_options one = {.type = SHF_ALLOC_SPACE, .rows = 1};
  char *text = listing(ROUTES_BEFORE, ROUTES_AFTER, one);
  CHECK(strstr(text, "Left out: 1 function by total.") != NULL);
  free(text);
}

static void check_columns(char *text, size_t most) {
  for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
    size_t columns = 0;
    for (char *c = line; *c; c++) columns += (*c & 0xc0) != 0x80;
    CHECK(columns <= most);
  }
}

TEST(diff_listing_gives_up_a_column_where_lines_are_narrow) {
  char *text = listing("a_function_of_a_long_name@/srv/app/lib/a.js:1:1 640 0\n",
                       "a_function_of_a_long_name@/srv/app/lib/a.js:1:1 960 0\n", NARROW);
  CHECK(strstr(text, "after ") == NULL);
  CHECK(strstr(text, "before ") != NULL);
  check_columns(text, 80);
  free(text);
}

TEST(diff_listing_gives_up_another_where_figures_are_long) {
  char *text = listing(
      "a_function_of_a_long_name@/srv/app/lib/a.js:1:1 397400 0\nb@/b.js:1:1 640 0\n",
      "a_function_of_a_long_name@/srv/app/lib/a.js:1:1 264000 0\nb@/b.js:1:1 123456 0\n", NARROW);
  CHECK(strstr(text, "after ") == NULL);
  CHECK(strstr(text, "before ") == NULL);
  CHECK(strstr(text, "change") != NULL);
  check_columns(text, 80);
  free(text);
}

/* ---- other formats */

enum { MARKDOWN, JSON, FOLDED };

static char *written(const char *before, const char *after, int format, size_t max_bytes) {
  shf_profile *d = test_diff(before, after, false);
  shf_listing_options o = {.type = SHF_ALLOC_SPACE};
  shf_sink *sink = test_sink();
  int code = format == MARKDOWN ? shf_diff_markdown_write(d, &o, max_bytes, sink)
             : format == JSON   ? shf_diff_json_write(d, &o, sink)
                                : shf_folded_write(d, SHF_ALLOC_SPACE, sink);
  char *text = test_written(sink, code, NULL);
  shf_profile_free(d);
  return text;
}

TEST(diff_markdown_is_a_table) {
  char *text = written("big@/a.js:1:1 640 0\np|pe@/a.js:9:1 64 0\n",
                       "big@/a.js:2:1 64000000 0\np|pe@/a.js:9:1 128 0\n", MARKDOWN, 0);
  check_golden("diff.md", text, strlen(text));
  free(text);
}

TEST(diff_markdown_has_a_table_by_total) {
  char *text = written(ROUTES_BEFORE, ROUTES_AFTER, MARKDOWN, 0);
  char *table = strstr(text, "| self | total | function, by alloc_space |\n");
  CHECK(table != NULL);
  CHECK(table && strstr(table, "| grew | `page (/app.js:5)` |\n") != NULL);
  CHECK(table && strstr(table, "`make ") == NULL);
  free(text);
}

TEST(diff_markdown_keeps_to_its_bytes_and_says_what_is_missing) {
  char before[4096] = "", after[4096] = "";
  for (int i = 0; i < 40; i++) {
    char line[64];
    snprintf(line, sizeof line, "f%d@/a.js:1:1 64 0\n", i);
    strcat(before, line);
    snprintf(line, sizeof line, "f%d@/a.js:1:1 %d 0\n", i, 6400000 + 64 * i);
    strcat(after, line);
  }
  char *text = written(before, after, MARKDOWN, 1500);
  CHECK(strlen(text) <= 1500);
  CHECK(strstr(text, "Left out: ") != NULL);
  CHECK_EQ(text[strlen(text) - 1], '\n');
  free(text);
}

TEST(diff_json_has_both_sides_of_all_types) {
  char *text = written("big@/a.js:1:1 640 64\n", "big@/a.js:2:1 64000000 0\nnew 64 64\n", JSON, 0);
  check_golden("diff.json", text, strlen(text));
  free(text);
}

TEST(diff_json_has_what_another_type_alone_knows) {
  shf_profile *d = test_diff("lives 640 640\ndies 64 0\n", "lives 1280 640\ndies 128 0\n", false);
  shf_listing_options o = {.type = SHF_INUSE_SPACE};
  shf_sink *sink = test_sink();
  char *text = test_written(sink, shf_diff_json_write(d, &o, sink), NULL),
       *lives = strstr(text, "\"name\":\"lives\""), *dies;
  CHECK(lives != NULL);
  dies = strstr(text, "\"name\":\"dies\"");
  CHECK(dies != NULL && dies > lives && strstr(dies + 1, "\"name\":") == NULL);
  CHECK(dies && strstr(dies, "\"alloc_space\":{\"before\":64,\"after\":128,") != NULL);
  free(text);
  shf_profile_free(d);
}

TEST(diff_folded_has_two_columns) {
  char *text = written("a;b 640 0\na;gone 64 0\n", "a;b 128 0\na;new 64 0\n", FOLDED, 0);
  CHECK_TEXT(text, "a;b 640 128\na;gone 64 0\na;new 0 64\n");
  free(text);
}

TEST(diff_folded_merges_frames_of_one_text) {
  char *text = written("a;b 640 0\n", "a;b 128 0\na;b  64 0\n", FOLDED, 0);
  CHECK_TEXT(text, "a;b 640 192\n");
  free(text);
}

TEST(diff_pprof_is_after_less_before_as_diff_base_has_it) {
  shf_profile *d = test_diff("f 640 0\n", "f 1280 0\n", false), *read;
  size_t len;
  shf_sink *sink = test_sink();
  char *bytes = test_written(sink, shf_pprof_write(d, SHF_ALLOC_SPACE, sink), &len);
  CHECK(memmem(bytes, len, "pprof::base", 11) != NULL);
  CHECK_EQ(shf_profile_read(bytes, len, SHF_TYPES, &read, NULL), SHF_OK);
  CHECK(shf_profile_is_diff(read));
  CHECK_EQ(shf_profile_side_total(read, SHF_SIDE_BEFORE, SHF_ALLOC_SPACE), 640);
  CHECK_EQ(shf_profile_side_total(read, SHF_SIDE_AFTER, SHF_ALLOC_SPACE), 1280);
  free(bytes);
  shf_profile_free(read);
  shf_profile_free(d);
}

TEST(diff_has_no_heapprofile) {
  shf_profile *d = test_diff("f 640 0\n", "f 1280 0\n", false);
  shf_sink *sink = test_sink();
  CHECK_EQ(shf_heapprofile_write(d, SHF_ALLOC_SPACE, sink), SHF_E_ARG);
  shf_sink_free(sink);
  shf_profile_free(d);
}

TEST(diff_listing_of_a_plain_profile_is_refused) {
  shf_profile *p = test_profile("f 64 0\n");
  shf_listing_options o = {.type = SHF_ALLOC_SPACE};
  shf_sink *sink = test_sink();
  CHECK_EQ(shf_diff_write(p, &o, sink), SHF_E_ARG);
  shf_sink_free(sink);
  shf_profile_free(p);
}

TEST(changes_count_a_recursive_function_once_a_stack) {
  shf_profile *d = test_diff("f;f 640 0\n", "f;f 1280 0\n", false);
  shf_change *rows;
  uint32_t count;
  CHECK_EQ(shf_profile_changes(d, SHF_ALLOC_SPACE, &rows, &count), SHF_OK);
  CHECK_EQ(count, 1);
  CHECK_EQ(rows[0].total[0], 640);
  CHECK_EQ(rows[0].total[1], 1280);
  free(rows);
  shf_profile_free(d);
}

TEST(verdict_is_noise_below_99_percent_confidence) {
  CHECK_EQ(shf_change_verdict(0, 257, 10000), SHF_WITHIN_NOISE);
  CHECK_EQ(shf_change_verdict(0, 258, 10000), SHF_GREW);
  CHECK_EQ(shf_change_verdict(258, 0, 10000), SHF_SHRANK);
  CHECK_EQ(shf_change_verdict(5, 6, 0), SHF_GREW);
  CHECK_EQ(shf_change_verdict(5, 5, 0), SHF_WITHIN_NOISE);
}

/* A profile of one function: its alloc_space and its inuse_space. */
static shf_profile *of_values(const char *name, int64_t allocated, int64_t in_use) {
  shf_profile *p = test_new(SHF_HAS_ALLOC | SHF_HAS_INUSE);
  shf_bucket b = {.node = test_node(p, 0, shf_str_of(name))};
  b.value[SHF_ALLOC_SPACE] = allocated;
  b.value[SHF_INUSE_SPACE] = in_use;
  CHECK_EQ(shf_profile_bucket(p, &b), SHF_OK);
  return test_seal(p);
}

static void check_diff(shf_profile *before, shf_profile *after, bool normalize, int code) {
  shf_profile *d = NULL;
  CHECK_EQ(shf_profile_diff(before, after, SHF_ALLOC_SPACE, normalize, &d), code);
  shf_profile_free(d);
  shf_profile_free(before);
  shf_profile_free(after);
}

TEST(diff_beyond_2_to_the_63_is_a_limit) {
  const int64_t most = INT64_MAX;
  check_diff(of_values("f", most, 0), of_values("f", 1, 0), false, SHF_E_LIMIT);
  check_diff(of_values("f", most, 0), of_values("g", -1, 0), false, SHF_E_LIMIT);
  check_diff(of_values("f", -most, 0), of_values("f", most, 0), false, SHF_E_LIMIT);
  check_diff(of_values("f", most - 1, 0), of_values("f", -1, 0), false, SHF_OK);
}

TEST(diff_that_is_scaled_beyond_2_to_the_63_is_a_limit) {
  check_diff(of_values("f", 1, INT64_MAX), of_values("f", 1000, 1), true, SHF_E_LIMIT);
  check_diff(of_values("f", 1, INT64_MIN + 1), of_values("g", 1000, 1), true, SHF_E_LIMIT);
  check_diff(of_values("f", 1, 1000), of_values("f", 1000, 1), true, SHF_OK);
}

TEST(normalized_side_has_its_variance_scaled) {
  shf_profile *d = test_diff("f 640 0\n", "f 1280 0\n", true),
              *plain = test_diff("f 640 0\n", "f 1280 0\n", false);
  shf_figure scaled, other;
  CHECK_EQ(shf_profile_figure(d, SHF_SIDE_BEFORE, SHF_ALLOC_SPACE, &scaled), SHF_OK);
  CHECK_EQ(shf_profile_figure(plain, SHF_SIDE_BEFORE, SHF_ALLOC_SPACE, &other), SHF_OK);
  CHECK(scaled.variance > 3.99 * other.variance && scaled.variance < 4.01 * other.variance);
  shf_profile_free(d);
  shf_profile_free(plain);
}
