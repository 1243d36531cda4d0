/* The report as GitHub's Markdown. */
#include "test.h"

static char *markdown(const shf_profile *p, uint32_t rows, size_t max_bytes) {
  shf_listing_options o = {.type = SHF_ALLOC_SPACE, .rows = rows, .cwd = shf_str_of("/app")};
  shf_sink *sink = test_sink();
  return test_written(sink, shf_markdown_write(p, &o, max_bytes, sink), NULL);
}

static void check_file(const char *lines, const char *part) {
  shf_profile *p = test_profile(lines);
  char *text = markdown(p, 0, 0);
  check_has(text, part);
  free(text);
  shf_profile_free(p);
}

static shf_profile *many_rows(void) {
  static char lines[8192];
  size_t len = 0;
  for (int i = 0; i < 100; i++)
    len += (size_t)snprintf(lines + len, sizeof lines - len, "f%d@/app/a.js:%d:1 %d 0\n", i, i + 1,
                            64 * (100 - i));
  return test_profile(lines);
}

TEST(markdown_matches_its_golden_file) {
  shf_profile *p = test_profile(
      "main@/app/main.js:1:1;parse@/app/src/parser.js:12:3 192000 64000\n"
      "main@/app/main.js:1:1;<anonymous>@/lib/b.js:1:20 64000 0\n"
      "a|b`c`@/app/x.js:1:1 6400 0\n");
  CHECK_EQ(shf_profile_meta(p, shf_str_of("command"), shf_str_of("node `x` | y.js")), SHF_OK);
  CHECK_EQ(shf_profile_meta(p, shf_str_of("limit depth"), shf_str_of("cut at <128>")), SHF_OK);
  char *text = markdown(p, 0, 0);
  check_golden("report.md", text, strlen(text));
  free(text);
  shf_profile_free(p);
}

TEST(markdown_escapes_pipes) {
  check_file("a|b 64 0\n", "`a\\|b`");
}

TEST(markdown_replaces_a_pipe_behind_a_backslash) {
  check_file("a\\|b 64 0\n",
             "`a\\\xEF\xBD\x9C"
             "b`");
}

TEST(markdown_fences_backticks) {
  check_file("a``b 64 0\n", "``` a``b ```");
}

TEST(markdown_keeps_rows_on_one_line) {
  check_file("a\rb 64 0\n", "`a b`");
}

TEST(markdown_stops_at_a_row_before_its_budget) {
  shf_profile *p = many_rows();
  for (size_t most = 100; most < 6000; most += 137) {
    char *text = markdown(p, 0, most);
    size_t len = strlen(text);
    CHECK(len <= most);
    CHECK(len == 0 || text[len - 1] == '\n');
    free(text);
  }
  shf_profile_free(p);
}

TEST(markdown_says_what_its_budget_cut) {
  shf_profile *p = many_rows();
  char *text = markdown(p, 0, 1500);
  CHECK(strstr(text, "\n\nLeft out: ") != NULL);
  free(text);
  shf_profile_free(p);
}

TEST(markdown_says_what_rows_cut) {
  shf_profile *p = many_rows();
  char *text = markdown(p, 99, 0);
  CHECK(strstr(text, "\n\nLeft out: 1 function with 64 bytes (0.02%).\n") != NULL);
  free(text);
  shf_profile_free(p);
}

TEST(markdown_without_a_budget_holds_all_rows) {
  shf_profile *p = many_rows();
  char *text = markdown(p, 0, 0);
  CHECK(strstr(text, "`f99 (a.js:100:1)`") != NULL);
  CHECK(strstr(text, "Left out") == NULL);
  free(text);
  shf_profile_free(p);
}
