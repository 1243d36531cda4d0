/* Folded stacks as they are read: every line of which readers disagree has its test. */
#include "reading.h"

static void check_read(const char *text, const char *expected) {
  shf_profile *p = read_good(text, strlen(text), SHF_TYPES);
  char *folded = test_folded(p, SHF_ALLOC_SPACE);
  CHECK_TEXT(folded, expected);
  free(folded);
  shf_profile_free(p);
}

static void check_refused(const char *text, uint64_t line, const char *message) {
  shf_error error = read_bad(text, strlen(text));
  CHECK_EQ(error.line, line);
  CHECK_TEXT(error.message, message);
}

static void check_meta(const char *text, const char *key, const char *expected) {
  shf_profile *p = read_good(text, strlen(text), SHF_TYPES);
  shf_str value = shf_profile_meta_get(p, key);
  char copy[128];
  snprintf(copy, sizeof copy, "%.*s", (int)value.len, value.ptr);
  CHECK_TEXT(copy, expected);
  shf_profile_free(p);
}

static void check_ignored(const char *text, const char *expected) {
  check_meta(text, "ignored", expected);
}

TEST(folded_read_adds_up_equal_stacks) {
  check_read("a;b 5\na 1\na;b 7\n", "a 1\na;b 12\n");
}

TEST(folded_read_is_a_trie_where_neighbouring_lines_are_not) {
  shf_profile *p = read_good("a 5\na b;z 1\na;z 1\n", 18, SHF_TYPES);
  CHECK_EQ(shf_profile_nodes(p), 5);
  shf_profile_free(p);
}

TEST(folded_read_knows_one_type) {
  shf_profile *p = read_good("a 5\n", 4, SHF_TYPES);
  CHECK_EQ(shf_profile_types(p), 1u << SHF_ALLOC_SPACE);
  shf_profile_free(p);
  p = read_good("a 5\n", 4, SHF_INUSE_OBJECTS);
  CHECK_EQ(shf_profile_types(p), 1u << SHF_INUSE_OBJECTS);
  CHECK_EQ(shf_profile_total(p, SHF_INUSE_OBJECTS), 5);
  shf_profile_free(p);
}

TEST(folded_read_needs_no_newline_at_the_end) {
  check_read("a;b 5\nc 6", "a;b 5\nc 6\n");
}

TEST(folded_read_leaves_out_blank_lines) {
  check_read("\n\na 1\n   \n\t\nb 2\n", "a 1\nb 2\n");
}

TEST(folded_read_leaves_out_comments) {
  check_read("# a comment\n# interval: 100\n#\na 1\n", "a 1\n");
  check_ignored("# a comment\na 1\n", "");
}

TEST(folded_read_takes_private_methods_for_frames) {
  check_read("#load;b 3\n", "#load;b 3\n");
}

TEST(folded_read_takes_crlf) {
  check_read("a;b 1\r\nc 2\r\n", "a;b 1\nc 2\n");
}

TEST(folded_read_takes_a_tab_before_the_count) {
  check_read("a;b\t4\nc \t 5\n", "a;b 4\nc 5\n");
}

TEST(folded_read_rounds_decimals_and_loses_nothing) {
  check_read("a 2.5\nb 2.25\nc 1.25\n", "a 3\nb 2\nc 1\n");
  check_read("a 0.4\na 0.4\na 0.4\n", "a 1\n");
  check_read("b 7.\n", "b 7\n");
}

TEST(folded_read_reports_what_it_rounds) {
  check_meta("a 0.156\nb 0.98\nc 0.343\nd 0.888\n", "rounded",
             "4 counts with decimals to whole numbers, 2 of them to 0");
  check_meta("a 2.5\nb 3.0\nc 4\n", "rounded",
             "1 count with decimals to whole numbers, 0 of them to 0");
  check_meta("a 2.0\nb 3.\nc 4\n", "rounded", "");
}

TEST(folded_read_leaves_out_a_byte_order_mark) {
  check_read("\xEF\xBB\xBFmain;a 1\nmain;b 2\n", "main;a 1\nmain;b 2\n");
}

TEST(folded_read_leaves_out_what_no_reader_counts) {
  check_read("a;b 1e3\nc -4\nd\nno number here\nok 1\n", "ok 1\n");
  check_ignored("a;b 1e3\nok 1\n", "1 line without a count, the first is line 1");
  check_ignored("ok 1\nc -4\nd\n\n5\n", "3 lines without a count, the first is line 2");
}

TEST(folded_read_refuses_a_text_without_a_count) {
  check_refused("\nHello\nworld\n", 2,
                "no count at the end: not a pprof, .heapprofile, capture or folded stacks file");
}

TEST(folded_read_refuses_two_columns) {
  check_refused("a 1\na;b 3 9\n", 2,
                "two counts: differential files are not supported; if the first belongs to the "
                "name, write _ for the space before it");
  check_refused("a;fn 3 4\n", 1,
                "two counts: differential files are not supported; if the first belongs to the "
                "name, write _ for the space before it");
}

TEST(folded_read_takes_names_with_numbers_inside) {
  check_read("worker 1 of all;fn3 4\n", "worker 1 of all;fn3 4\n");
}

TEST(folded_read_takes_empty_frames_for_anonymous_ones) {
  check_read("a;;b 1\n;c 2\nd; 3\n", "(anonymous);c 2\na;(anonymous);b 1\nd;(anonymous) 3\n");
}

TEST(folded_read_gives_the_root_its_own) {
  check_read("(root) 5\n 6\na 1\n", "(root) 11\na 1\n");
}

TEST(folded_read_leaves_out_what_is_worth_nothing) {
  check_read("a;b 0\nc 1\n", "c 1\n");
}

TEST(folded_read_keeps_control_characters) {
  static const char text[] =
      "a\x02"
      "b;\x1b[1m 5\n";
  shf_profile *p = read_good(text, sizeof text - 1, SHF_TYPES);
  shf_str name = shf_frame_name(p, shf_profile_frame_of(p, 1));
  CHECK_EQ(name.len, 3);
  CHECK(memcmp(name.ptr,
               "a\x02"
               "b",
               3) == 0);
  name = shf_frame_name(p, shf_profile_frame_of(p, 2));
  CHECK(name.len == 4 && memcmp(name.ptr, "\x1b[1m", 4) == 0);
  shf_profile_free(p);
}

/* No text has one: what has is a binary file, some of whose lines end like stacks. */
TEST(folded_read_refuses_bytes_of_0_wherever_they_are) {
  static const char first[] = "a\0b;c 5\n", last[] = "a;b 1\n# \0", left_out[] = "a;b 1\n\0\nc 2\n";
  static const char *const why = "a zero byte: not text, pprof, .heapprofile or a capture";
  shf_error error = read_bad(first, sizeof first - 1);
  CHECK_TEXT(error.message, why);
  CHECK_EQ(error.line, 1);
  error = read_bad(last, sizeof last - 1);
  CHECK_TEXT(error.message, why);
  CHECK_EQ(error.line, 2);
  error = read_bad(left_out, sizeof left_out - 1);
  CHECK_TEXT(error.message, why);
  CHECK_EQ(error.line, 2);
}

TEST(folded_read_keeps_line_separators_and_broken_utf8) {
  static const char text[] = "a\xE2\x80\xA8z;b\xFF 5\n";
  shf_profile *p = read_good(text, sizeof text - 1, SHF_TYPES);
  CHECK_EQ(shf_frame_name(p, shf_profile_frame_of(p, 1)).len, 5);
  CHECK_EQ(shf_frame_name(p, shf_profile_frame_of(p, 2)).len, 2);
  shf_profile_free(p);
}

TEST(folded_read_counts_beyond_2_to_the_53) {
  check_read("a 9007199254740993\n", "a 9007199254740993\n");
}

TEST(folded_read_adds_counts_of_one_stack_beyond_32_bits) {
  check_read("a 2147483647\na;b 1\na 1\nc 4294967295\nc 4294967295\n",
             "a 2147483648\na;b 1\nc 8589934590\n");
}

TEST(folded_read_counts_up_to_2_to_the_63) {
  check_read("a 9223372036854775807\n", "a 9223372036854775807\n");
  check_read("a 9223372036854775807.4\n", "a 9223372036854775807\n");
}

TEST(folded_read_refuses_counts_beyond_2_to_the_63) {
  check_refused("b 9223372036854775807.5\n", 1, "a count beyond 2^63");
  check_refused("a 1\nb 9223372036854775808\n", 2, "a count beyond 2^63");
  check_refused("b 99999999999999999999999\n", 1, "a count beyond 2^63");
}

TEST(folded_read_refuses_a_sum_beyond_2_to_the_63) {
  shf_profile *p;
  shf_error error;
  const char *text = "a 9000000000000000000\na 9000000000000000000\n";
  CHECK_EQ(shf_profile_read(text, strlen(text), SHF_TYPES, &p, &error), SHF_E_LIMIT);
  CHECK(error.message != NULL);
}

TEST(folded_read_takes_frames_apart) {
  shf_profile *p = read_good(
      "f (/app/a.js:12:3);get x (node:fs:7);(anonymous) (/app/b (1).js:2:1);g (h) (/x.js:1) 1\n",
      87, SHF_TYPES);
  static const struct {
    const char *name, *file;
    int line, column;
  } want[] = {{"f", "/app/a.js", 12, 3},
              {"get x", "node:fs", 7, 0},
              {"(anonymous)", "/app/b (1).js", 2, 1},
              {"g (h)", "/x.js", 1, 0}};
  for (uint32_t n = 1; n <= 4; n++) {
    uint32_t frame = shf_profile_frame_of(p, n);
    const shf_frame *f = shf_profile_frame_at(p, frame);
    shf_str name = shf_frame_name(p, frame), file = shf_frame_path(p, frame);
    CHECK(name.len == strlen(want[n - 1].name) &&
          memcmp(name.ptr, want[n - 1].name, name.len) == 0);
    CHECK(file.len == strlen(want[n - 1].file) &&
          memcmp(file.ptr, want[n - 1].file, file.len) == 0);
    CHECK_EQ(f->line, want[n - 1].line);
    CHECK_EQ(f->column, want[n - 1].column);
  }
  shf_profile_free(p);
}

TEST(folded_read_takes_no_place_where_there_is_none) {
  check_read("f (x);std::g(int, char) (a:0);h (b:01);i :5) 1\n",
             "f (x);std::g(int, char) (a:0);h (b:01);i :5) 1\n");
}

TEST(folded_read_and_written_is_the_same) {
  shf_profile *p = test_profile(
      "main@/app/main.js:1:1;parse@/app/src/parser.js:12:3 192000 64000\n"
      "main@/app/main.js:1:1;read@/app/b.mjs:3:9;(off-heap) 640000 640000\n"
      "@/app/main.js:1:1;(V8 API) 6400 0\n");
  char *text = test_folded(p, SHF_ALLOC_SPACE);
  check_read(text, text);
  free(text);
  shf_profile_free(p);
}

/* What is written as a space parts a place from its name at once, not only when it is read again.
 */
TEST(folded_read_takes_places_behind_and_before_what_becomes_a_space) {
  check_read("f\x01(file:///an/\x1d.js:3:4) 17\n", "f (/an/ .js:3:4) 17\n");
  check_read("f (file:///a.js:3:4)\x01 17\n", "f (/a.js:3:4) 17\n");
  check_read("f\xC2\x85(file:///a.js:3:4) 17\n", "f (/a.js:3:4) 17\n");
  check_read("\x01 f\xE2\x80\xA8(/a.js:3:4) 17\n", "f (/a.js:3:4) 17\n");
}

TEST(folded_read_takes_stacks_ten_thousand_deep) {
  size_t len = 0;
  char *text = malloc(200000);
  if (!text) abort();
  for (int i = 0; i < 10000; i++) len += (size_t)sprintf(text + len, "%sf%d", i ? ";" : "", i);
  len += (size_t)sprintf(text + len, " 1\n");
  shf_profile *p;
  shf_error error;
  CHECK_EQ(shf_profile_read(text, len, SHF_TYPES, &p, &error), SHF_OK);
  CHECK_EQ(shf_profile_max_depth(p), 10000);
  shf_profile_free(p);
  free(text);
}

TEST(folded_read_refuses_endless_lines) {
  size_t len = 17 * 1024 * 1024;
  char *text = malloc(len);
  if (!text) abort();
  memset(text, 'a', len);
  shf_profile *p;
  shf_error error;
  CHECK_EQ(shf_profile_read(text, len, SHF_TYPES, &p, &error), SHF_E_FORMAT);
  CHECK_EQ(error.line, 1);
  CHECK_TEXT(error.message, "a line of more than 16 MiB");
  free(text);
}

/* Many lines in any order are one tree, however the table of frames has grown. */
TEST(folded_read_holds_many_frames_apart) {
  size_t len = 0, capacity = 4 * 1024 * 1024;
  char *text = malloc(capacity);
  if (!text) abort();
  for (int i = 0; i < 50000; i++)
    len += (size_t)snprintf(text + len, capacity - len, "root;f%d;g%d 1\n", i % 5000, i);
  shf_profile *p;
  shf_error error;
  CHECK_EQ(shf_profile_read(text, len, SHF_TYPES, &p, &error), SHF_OK);
  CHECK_EQ(shf_profile_nodes(p), 1 + 1 + 5000 + 50000);
  CHECK_EQ(shf_profile_total(p, SHF_ALLOC_SPACE), 50000);
  shf_profile_free(p);
  free(text);
}

/*
 * Lines in no order, most of whose bytes some earlier one began with, are the stacks that they are
 * when each is read alone: frames longer than a stride, bytes that end in the middle of one, and
 * empty frames among them.
 */
static size_t put_stack(char *text, uint32_t seed) {
  static const char *const tails[] = {"", ";", "x", ";;"};
  size_t len = 0;
  uint32_t depth = 4 + seed % 13;
  for (uint32_t d = 0; d < depth; d++) {
    uint32_t kind = d < 3 ? seed / 7 % 3 : (seed >> d) % 5;
    len += (size_t)sprintf(text + len, "%sfunction%u_%0*u", d ? ";" : "", kind,
                           kind == 4 ? 500 : 40 + (int)(kind * 17), d);
  }
  return len + (size_t)sprintf(text + len, "%s", tails[seed / 3 % 4]);
}

TEST(folded_read_takes_what_lines_begin_with_for_the_same_frames_only) {
  enum { LINES = 3000, ROOM = 12 * 1024 };
  char *text = malloc((size_t)LINES * ROOM), line[ROOM];
  shf_profile **parts = malloc(LINES * sizeof(shf_profile *));
  shf_merge_input *inputs = malloc(LINES * sizeof *inputs);
  if (!text || !parts || !inputs) abort();
  size_t len = 0;
  for (uint32_t i = 0, seed = 1; i < LINES; i++, seed = seed * 1664525 + 1013904223) {
    size_t n = put_stack(line, seed >> 13);
    n += (size_t)sprintf(line + n, " %u\n", i % 5);
    memcpy(text + len, line, n);
    len += n;
    shf_error error;
    CHECK_EQ(shf_profile_read(line, n, SHF_TYPES, &parts[i], &error), SHF_OK);
    inputs[i] = (shf_merge_input){parts[i], {"", 0}};
  }
  shf_profile *merged, *whole = read_good(text, len, SHF_TYPES);
  CHECK_EQ(shf_profile_merge(inputs, LINES, &merged), SHF_OK);
  char *expected = test_folded(merged, SHF_ALLOC_SPACE), *is = test_folded(whole, SHF_ALLOC_SPACE);
  CHECK(strcmp(is, expected) == 0);
  CHECK_EQ(shf_profile_nodes(whole), shf_profile_nodes(merged));
  for (uint32_t i = 0; i < LINES; i++) shf_profile_free(parts[i]);
  shf_profile_free(merged);
  shf_profile_free(whole);
  free(expected);
  free(is);
  free(inputs);
  free(parts);
  free(text);
}
