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

TEST(markdown_replaces_a_pipe_after_a_backslash) {
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

TEST(markdown_of_what_is_in_use_names_the_apps_code) {
  shf_profile *p = test_profile(
      "run@/app/a.js:1:1;page@/app/b.js:9:1;parse@/app/node_modules/pg/i.js:1:1;split@native 64 "
      "6400\n"
      "tick@node:net:3:1;row@/app/node_modules/pg/i.js:7:1 64 640\n");
  shf_listing_options o = {.type = SHF_INUSE_SPACE, .cwd = shf_str_of("/app")};
  shf_sink *sink = test_sink();
  char *text = test_written(sink, shf_markdown_write(p, &o, 0, sink), NULL);
  check_has(text, "`split (native) \xE2\x86\x90 page (b.js:9) \xE2\x86\x90 run (a.js:1)` |");
  check_has(text, "`row (node_modules/pg/i.js:7:1) \xE2\x86\x90 no function of the app` |");
  free(text);
  text = markdown(p, 0, 0);
  check_lacks(text, "\xE2\x86\x90");
  free(text);
  shf_profile_free(p);
}

TEST(memory_of_several_processes_is_said_to_be_added_up) {
  shf_profile *p = test_new(SHF_HAS_ALLOC);
  test_block(p, test_node(p, 0, shf_str_of("f")));
  CHECK_EQ(shf_profile_meta(p, shf_str_of("rss_bytes"), shf_str_of("9000")), SHF_OK);
  CHECK_EQ(shf_profile_meta(p, shf_str_of("heap_bytes"), shf_str_of("3000")), SHF_OK);
  CHECK_EQ(shf_profile_meta(p, shf_str_of("pid"), shf_str_of("7; 8; 9")), SHF_OK);
  test_seal(p);
  char *text = markdown(p, 0, 0);
  check_has(text, "Memory of 3 processes, added up: RSS at its peak 0, at the end 9,000 bytes");
  free(text);
  shf_profile_free(p);
}

TEST(markdown_and_listing_show_the_memory_of_the_process) {
  static const char *const lines[][2] = {
      {"rss_bytes", "9000000"},         {"rss_start_bytes", "4000000"},
      {"rss_peak_bytes", "9500000"},    {"heap_bytes", "3000000"},
      {"rss_files_bytes", "2000000"},   {"external_bytes", "1500000"},
      {"array_buffers_bytes", "500000"}};
  shf_profile *p = test_new(SHF_HAS_ALLOC | SHF_HAS_INUSE), *part = NULL;
  test_block(p, test_node(p, 0, shf_str_of("f")));
  for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
    CHECK_EQ(shf_profile_meta(p, shf_str_of(lines[i][0]), shf_str_of(lines[i][1])), SHF_OK);
  test_seal(p);
  char *text = markdown(p, 0, 0);
  check_has(text,
            "Memory of the process: RSS at the start 4,000,000, at its peak 9,500,000, at the end "
            "9,000,000 bytes = heap 3,000,000 (of it sampled 0) + off-heap 500,000 + external, not "
            "sampled, 1,000,000 + code 2,000,000 + other native 2,500,000.");
  free(text);
  shf_sink *sink = test_sink();
  const shf_listing_options o = {.type = SHF_ALLOC_SPACE};
  text = test_written(sink, shf_json_write(p, &o, sink), NULL);
  check_has(text,
            "\"memory\":{\"rss\":9000000,\"rss_start\":4000000,\"rss_peak\":9500000,\"heap\":"
            "3000000,\"heap_sampled\":0,\"off_heap\":500000,\"external\":1000000,\"code\":2000000,"
            "\"native\":2500000},");
  free(text);
  const uint8_t none[1] = {0};
  CHECK_EQ(shf_profile_filter(p, &(shf_filter){.ignore = none}, &part), SHF_OK);
  text = markdown(part, 0, 0);
  check_lacks(text, "Memory of ");
  free(text);
  shf_profile_free(part);
  shf_profile_free(p);
}
