/* The listing, and the numbers it is made of. */
#include <unistd.h>

#include "test.h"
#include "text/display_width.h"
#include "text/number.h"
#include "text/string_builder.h"

static const shf_listing_options PLAIN = {.type = SHF_ALLOC_SPACE, .width = 80};

static char *listing(const shf_profile *p, shf_listing_options o) {
  shf_sink *sink = test_sink();
  return test_written(sink, shf_listing_write(p, &o, sink), NULL);
}

static char *of_lines(const char *lines, shf_listing_options o) {
  shf_profile *p = test_profile(lines);
  char *text = listing(p, o);
  shf_profile_free(p);
  return text;
}

/* Something like a real run: long paths, packages, names of other scripts. */
static shf_profile *typical(void) {
  shf_profile *p = test_profile(
      "@/srv/app/main.js:1:1;parse@/srv/app/src/parser.js:12:3 296296256 19200000\n"
      "@/srv/app/main.js:1:1;parseExpressionOrSomethingElse@/srv/app/src/parser.js:345:13 "
      "164608960 64000\n"
      "@/srv/app/main.js:1:1;createScanner@/srv/app/node_modules/typescript/lib/_tsc.js:12345:25 "
      "91449472 640000\n"
      "@/srv/app/main.js:1:1;get x@/srv/app/node_modules/@babel/parser/lib/index.js:1234:8 "
      "50805248 0\n"
      "(GC) 28225152 0\n"
      "@/srv/app/main.js:1:1;readFileSync@node:fs:450:5 15680640 0\n"
      "@/srv/app/main.js:1:1;Foo<Bar>.baz(x)@/srv/app/lib/\xE6\xBC\xA2\xE5\xAD\x97.mjs:7:1 "
      "8711488 0\n"
      "@/srv/app/main.js:1:1;read@/srv/app/read.js:5:1;(off-heap) 1493760 1493760\n"
      "@/srv/app/main.js:1:1;aVeryLongFunctionNameThatOnlyBundlersAndCodeGeneratorsMake_$$Function"
      "@/srv/app/node_modules/.pnpm/a-package-with-a-long-name@1.2.3/node_modules/"
      "a-package-with-a-long-name/dist/internal/cjs/index.js:100:20 829824 0\n");
  CHECK_EQ(shf_profile_meta(p, shf_str_of("command"), shf_str_of("node bin/app.js --flag")), 0);
  CHECK_EQ(shf_profile_meta(p, shf_str_of("limit depth"),
                            shf_str_of("stacks deeper than 128 frames were cut: 1,234 of the "
                                       "80,000 that were sampled")),
           0);
  return p;
}

static void check_typical(const char *golden, shf_listing_options o) {
  shf_profile *p = typical();
  o.cwd = shf_str_of("/srv/app");
  char *text = listing(p, o);
  check_golden(golden, text, strlen(text));
  if (o.width) {
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
      CHECK(o.color || shf__display_width(shf_str_of(line)) <= o.width);
  }
  free(text);
  shf_profile_free(p);
}

TEST(listing_of_80_columns_matches_its_golden_file) {
  check_typical("listing-80.txt", PLAIN);
}

TEST(listing_without_a_width_cuts_nothing) {
  shf_listing_options o = PLAIN;
  o.width = 0;
  check_typical("listing-wide.txt", o);
}

TEST(listing_human_shows_units_for_bytes) {
  shf_listing_options o = PLAIN;
  o.width = 100;
  o.human = true;
  o.rows = 5;
  check_typical("listing-human.txt", o);
}

TEST(listing_with_color_matches_its_golden_file) {
  shf_listing_options o = PLAIN;
  o.color = true;
  o.rows = 3;
  check_typical("listing-color.txt", o);
}

TEST(listing_has_no_escape_without_color) {
  char *text = of_lines("a\x1b[31m\x07 64 0\n", PLAIN);
  CHECK(strchr(text, 0x1b) == NULL);
  CHECK(strchr(text, 0x07) == NULL);
  free(text);
}

static void check_line(const char *in, const char *out) {
  shf__builder line = {NULL, 0, 0, SHF_OK};
  shf__builder_line(&line, shf_str_of(in));
  shf__builder_add(&line, "", 1);
  CHECK_TEXT(line.ptr, out);
  shf__builder_free(&line);
}

TEST(what_is_not_seen_never_reaches_a_terminal) {
  check_line(
      "a\xE2\x80\x8B"
      "b\xC2\xAD"
      "c\xF3\xA0\x81\x81"
      "d\xEF\xBB\xBF"
      "e",
      "a\xEF\xBF\xBD"
      "b\xEF\xBF\xBD"
      "c\xEF\xBF\xBD"
      "d\xEF\xBF\xBD"
      "e");
  check_line(
      "\xC2\x9B"
      "31mred\xC2\x85line",
      "31mred line");
}

TEST(no_name_is_a_command_to_the_log_of_a_job) {
  check_line("##[error]x", "## [error]x");
  check_line("a##vso[task]###[b]", "a##vso [task]### [b]");
  check_line("a[0] #[b] # #[c] ##", "a[0] #[b] # #[c] ##");
  shf__builder line = {NULL, 0, 0, SHF_OK};
  shf__builder_line_start(&line, shf_str_of(" \r::error::x"));
  shf__builder_add(&line, "", 1);
  CHECK_TEXT(line.ptr, ": :error::x");
  shf__builder_free(&line);
  char *text = of_lines(
      "::error::f@/srv/::warning::x/a_path_that_is_far_too_long_for_the_line_that_"
      "it_should_stand_on_and_so_has_its_own/x.js:1:1 640 0\n",
      (shf_listing_options){.type = SHF_ALLOC_SPACE, .width = 80, .cwd = shf_str_of("/srv")});
  for (char *at = strtok(text, "\n"); at; at = strtok(NULL, "\n"))
    CHECK(strncmp(at + strspn(at, " "), "::", 2) != 0);
  free(text);
}

TEST(a_text_without_a_character_begins_no_line) {
  static const char *const empty[] = {"", " \t"};
  for (size_t i = 0; i < 2; i++) {
    shf__builder line = {NULL, 0, 0, SHF_OK};
    shf__builder_line_start(&line, shf_str_of(empty[i]));
    CHECK(line.len == 0 && line.code == SHF_OK);
    shf__builder_free(&line);
  }
}

TEST(json_escapes_what_a_terminal_or_a_job_would_obey) {
  shf_profile *p = test_profile(
      "##[error]\xC2\x9B"
      "31m\xE2\x80\xAE\xF3\xA0\x81\x81 640 0\n");
  shf_sink *sink = test_sink();
  char *text = test_written(sink, shf_json_write(p, &PLAIN, sink), NULL);
  check_has(text, "\"##\\u005berror]\\u009b31m\\u202e\\udb40\\udc41\"");
  free(text);
  shf_profile_free(p);
}

TEST(listing_marks_that_turn_direction_never_reach_a_terminal) {
  char *text = of_lines("a\xE2\x80\xAEz 64 0\n", PLAIN);
  CHECK(strstr(text, "\xE2\x80\xAE") == NULL);
  check_has(text, "a\xEF\xBF\xBDz");
  free(text);
}

TEST(listing_says_what_rows_left_out) {
  shf_listing_options o = PLAIN;
  o.rows = 1;
  char *text = of_lines("a 640 0\nb 192 0\nc 128 0\n", o);
  check_has(text, "Left out: 2 functions with 320 bytes (33.33%).\n");
  free(text);
}

TEST(listing_says_nothing_when_nothing_was_left_out) {
  shf_listing_options o = PLAIN;
  o.rows = 3;
  char *text = of_lines("a 640 0\nb 192 0\nc 128 0\n", o);
  CHECK(strstr(text, "Left out") == NULL);
  free(text);
}

TEST(listing_says_what_stands_outside_any_function) {
  shf_profile *p = test_stack(0, "");
  char *text = listing(p, PLAIN);
  check_has(text, "  Outside any function: 64 bytes (100.00%).\n");
  free(text);
  shf_profile_free(p);
}

TEST(listing_lists_only_functions_that_allocate_themselves) {
  char *text = of_lines("caller;a 640 0\n", PLAIN);
  CHECK(strstr(text, "caller") == NULL);
  free(text);
}

TEST(listing_of_objects_shows_their_bytes_beside_them) {
  shf_listing_options o = PLAIN;
  o.type = SHF_INUSE_OBJECTS;
  char *text = of_lines("a 640 6400\n", o);
  check_has(text, "inuse_objects by function\n");
  check_has(text, "total  bytes  function\n");
  check_has(text, "100.00%    100  6,400  a\n");
  free(text);
}

TEST(listing_shortens_only_paths_below_the_working_directory) {
  shf_listing_options o = PLAIN;
  o.width = 0;
  o.cwd = shf_str_of("/app/");
  char *text = of_lines("a@/app/x.js:1:2 64 0\nb@/apple/y.js:3:4 64 0\n", o);
  check_has(text, "  a (x.js:1:2)\n");
  check_has(text, "  b (/apple/y.js:3:4)\n");
  free(text);
}

TEST(listing_says_whether_garbage_was_collected) {
  char *text = of_lines("a 64 64\n", PLAIN);
  check_has(text, "  Garbage was collected before the capture.\n");
  free(text);
}

TEST(listing_of_an_empty_profile_has_totals_only) {
  char *text = of_lines("", PLAIN);
  check_has(text, "alloc_space                     0 bytes\n");
  CHECK(strstr(text, "function") == NULL);
  free(text);
}

TEST(listing_of_an_unknown_type_is_absent) {
  shf_profile *p = test_seal(test_new(SHF_HAS_ALLOC));
  shf_listing_options o = {.type = SHF_INUSE_SPACE};
  shf_sink *sink = test_sink();
  CHECK_EQ(shf_listing_write(p, &o, sink), SHF_E_ABSENT);
  shf_sink_free(sink);
  shf_profile_free(p);
}

/* ---- Source lines --------------------------------------------------------- */

/* The listing of one function at `place` of a file that holds `source`. */
static char *with_source(const char *source, const char *place, bool url, uint32_t lines) {
  char path[] = "/tmp/shf source-XXXXXX", profile[256];
  int fd = mkstemp(path);
  CHECK(fd >= 0);
  CHECK_EQ(write(fd, source, strlen(source)), strlen(source));
  close(fd);
  snprintf(profile, sizeof profile, "f@%s%s%s:%s 64 0\n", url ? "file:///tmp/shf%20source-" : "",
           url ? path + strlen("/tmp/shf source-") : path, "", place);
  shf_listing_options o = PLAIN;
  o.source_lines = lines;
  char *text = of_lines(profile, o);
  unlink(path);
  return text;
}

static const char SOURCE[] = "// one\n  function f() {\r\n\treturn\x1b[1m {}\n  }\n// five\n";

TEST(listing_shows_source_from_the_first_line_on) {
  char *text = with_source(SOURCE, "2:3", false, 3);
  check_has(text,
            "         2 \xE2\x94\x82 function f() {\n"
            "         3 \xE2\x94\x82 return [1m {}\n"
            "         4 \xE2\x94\x82 }\n");
  CHECK(strstr(text, "five") == NULL);
  free(text);
}

TEST(listing_reads_source_by_file_url) {
  char *text = with_source(SOURCE, "2:3", true, 1);
  check_has(text, "2 \xE2\x94\x82 function f() {\n");
  free(text);
}

TEST(listing_shows_no_source_past_the_end_of_a_file) {
  char *text = with_source(SOURCE, "99:1", false, 3);
  CHECK(strstr(text, "\xE2\x94\x82") == NULL);
  free(text);
}

TEST(listing_of_files_that_are_missing_shows_no_source) {
  shf_listing_options o = PLAIN;
  o.source_lines = 3;
  char *text = of_lines("f@/nonexistent/x.js:1:1 64 0\ng@node:fs:1:1 64 0\nh@/tmp:1:1 64 0\n", o);
  CHECK(strstr(text, "\xE2\x94\x82") == NULL);
  free(text);
}

TEST(listing_shows_the_text_of_a_source_that_is_on_no_disk) {
  shf_profile *p = test_profile("f@/nonexistent/x.ts:2:3 64 0\ng@src/y.ts:1:1 64 0\n");
  CHECK_EQ(shf_profile_content(p, shf_str_of("/nonexistent/x.ts"), shf_str_of(SOURCE)), SHF_OK);
  CHECK_EQ(shf_profile_content(p, shf_str_of("src/y.ts"), shf_str_of("let y")), SHF_OK);
  shf_listing_options o = PLAIN;
  o.source_lines = 1;
  char *text = listing(p, o);
  check_has(text, "2 \xE2\x94\x82 function f() {\n");
  check_has(text, "1 \xE2\x94\x82 let y\n");
  free(text);
  shf_profile_free(p);
}

TEST(listing_shows_the_far_column_of_a_bundle) {
  char bundle[5000];
  memset(bundle, 'x', sizeof bundle);
  memcpy(bundle + 3000, "function far(){}", 16);
  bundle[sizeof bundle - 1] = 0;
  char *text = with_source(bundle, "1:3001", false, 1);
  check_has(text, "1 \xE2\x94\x82 \xE2\x80\xA6xxx");
  check_has(text, "function far(){}");
  CHECK(strlen(text) < 1000);
  free(text);
}

/* ---- Numbers and text -------------------------------------------------------- */

static void check_grouped(int64_t value, const char *expected) {
  char text[SHF__NUMBER];
  CHECK_EQ(shf__number_grouped(text, value), strlen(expected));
  CHECK_TEXT(text, expected);
}

TEST(number_groups_thousands) {
  check_grouped(0, "0");
  check_grouped(999, "999");
  check_grouped(1000, "1,000");
  check_grouped(-1234567, "-1,234,567");
  check_grouped(INT64_MAX, "9,223,372,036,854,775,807");
  check_grouped(INT64_MIN, "-9,223,372,036,854,775,808");
}

static void check_bytes(int64_t value, const char *expected) {
  char text[SHF__NUMBER];
  CHECK_EQ(shf__number_bytes(text, value), strlen(expected));
  CHECK_TEXT(text, expected);
}

TEST(number_bytes_are_decimal) {
  check_bytes(0, "0 B");
  check_bytes(999, "999 B");
  check_bytes(1000, "1.0 kB");
  check_bytes(1234567, "1.2 MB");
  check_bytes(999949, "999.9 kB");
  check_bytes(999950, "1.0 MB");
  check_bytes(-1500, "-1.5 kB");
  check_bytes(INT64_MAX, "9.2 EB");
}

TEST(number_share_has_two_decimals) {
  char text[SHF__NUMBER];
  shf__number_share(text, 1, 3);
  CHECK_TEXT(text, "33.33%");
  shf__number_share(text, 0, 0);
  CHECK_TEXT(text, "-");
}

TEST(number_error_has_two_figures) {
  char text[SHF__NUMBER];
  shf__number_error(text, 1.5 * 1.5, 100);
  CHECK_TEXT(text, "1.5%");
  shf__number_error(text, 35 * 35, 100);
  CHECK_TEXT(text, "35%");
  shf__number_error(text, 1e-9, 100);
  CHECK_TEXT(text, "<0.1%");
  shf__number_error(text, 1e12, 1);
  CHECK_TEXT(text, ">999%");
  shf__number_error(text, 0, 100);
  CHECK_TEXT(text, "-");
}

TEST(number_time_is_utc) {
  char text[SHF__NUMBER];
  shf__number_time(text, 0);
  CHECK_TEXT(text, "1970-01-01 00:00:00 UTC");
  shf__number_time(text, 1709210096123);
  CHECK_TEXT(text, "2024-02-29 12:34:56 UTC");
  shf__number_time(text, 1798761599999);
  CHECK_TEXT(text, "2026-12-31 23:59:59 UTC");
}

TEST(width_counts_columns_of_a_terminal) {
  CHECK_EQ(shf__display_width(shf_str_of("abc")), 3);
  CHECK_EQ(shf__display_width(shf_str_of("\xE6\xBC\xA2\xE5\xAD\x97")), 4);
  CHECK_EQ(shf__display_width(shf_str_of("e\xCC\x81")), 1);
  CHECK_EQ(shf__display_width(shf_str_of("\xF0\x9F\x98\x80")), 2);
  CHECK_EQ(shf__display_width_head(shf_str_of("\xE6\xBC\xA2\xE5\xAD\x97"), 3).len, 3);
  CHECK_EQ(shf__display_width_tail(shf_str_of("\xE6\xBC\xA2\xE5\xAD\x97"), 3).len, 3);
}
