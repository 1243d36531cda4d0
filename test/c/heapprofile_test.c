/* V8's .heapprofile JSON. */
#include "test.h"

static char *heapprofile(const shf_profile *p, shf_type type) {
  shf_sink *sink = test_sink();
  return test_written(sink, shf_heapprofile_write(p, type, sink), NULL);
}

static char *of_lines(const char *lines, shf_type type) {
  shf_profile *p = test_profile(lines);
  char *text = heapprofile(p, type);
  shf_profile_free(p);
  return text;
}

static void check_file(const char *lines, const char *part) {
  char *text = of_lines(lines, SHF_ALLOC_SPACE);
  check_has(text, part);
  free(text);
}

/* Adds up the numbers behind each `key`. */
static long long sum_of(const char *text, const char *key) {
  long long sum = 0;
  for (const char *at = text; (at = strstr(at, key)) != NULL;) {
    at += strlen(key);
    sum += atoll(at);
  }
  return sum;
}

TEST(heapprofile_nests_children_in_their_callers) {
  char *text = of_lines("a;b 64 0\na;b;c 128 0\na;d 64 0\ne 64 0\n", SHF_ALLOC_SPACE);
  check_golden("nested.heapprofile.json", text, strlen(text));
  free(text);
}

TEST(heapprofile_positions_are_zero_based) {
  check_file("f@/app/a.js:12:3 64 0\n",
             "\"scriptId\":\"1\",\"url\":\"/app/a.js\",\"lineNumber\":11,\"columnNumber\":2}");
}

TEST(heapprofile_unknown_positions_are_minus_one) {
  check_file("(GC) 64 0\n",
             "\"scriptId\":\"0\",\"url\":\"\",\"lineNumber\":-1,\"columnNumber\":-1}");
}

TEST(heapprofile_gives_a_script_one_id) {
  check_file("f@/a.js:1:1;g@/b.js:1:1;h@/a.js:2:1 64 0\n",
             "\"functionName\":\"h\",\"scriptId\":\"1\"");
}

TEST(heapprofile_urls_are_as_in_the_frame) {
  check_file("f@file:///app/b.mjs:1:1 64 0\n", "\"url\":\"file:///app/b.mjs\"");
}

TEST(heapprofile_self_sizes_and_samples_add_up_to_the_total) {
  char *text = of_lines("a;b 64 0\na;b;c 128 0\na 640 0\n", SHF_ALLOC_SPACE);
  CHECK_EQ(sum_of(text, "\"selfSize\":"), 832);
  CHECK_EQ(sum_of(text, "\"size\":"), 832);
  free(text);
}

TEST(heapprofile_of_objects_holds_the_bytes_of_their_family) {
  char *text = of_lines("a 640 64\n", SHF_INUSE_OBJECTS);
  CHECK_EQ(sum_of(text, "\"selfSize\":"), 64);
  free(text);
}

TEST(heapprofile_leaves_out_subtrees_without_figures) {
  char *text = of_lines("a;dead 64 0\na;alive 64 64\n", SHF_INUSE_SPACE);
  CHECK(strstr(text, "alive") != NULL);
  CHECK(strstr(text, "dead") == NULL);
  free(text);
}

TEST(heapprofile_escapes_quotes_controls_and_broken_utf8) {
  check_file("q\"\\\x01\t\xFF\xE6\xBC\xA2 64 0\n",
             "\"q\\\"\\\\\\u0001\\t\xEF\xBF\xBD\xE6\xBC\xA2\"");
}

TEST(heapprofile_of_an_unknown_type_is_absent) {
  shf_profile *p = test_seal(test_new(SHF_HAS_ALLOC));
  shf_sink *sink = test_sink();
  CHECK_EQ(shf_heapprofile_write(p, SHF_INUSE_OBJECTS, sink), SHF_E_ABSENT);
  CHECK_EQ(shf_heapprofile_write(p, SHF_TYPES, sink), SHF_E_ARG);
  shf_sink_free(sink);
  shf_profile_free(p);
}

TEST(heapprofile_is_closed_ten_thousand_deep) {
  shf_profile *p = test_stack(10000, "");
  char *text = heapprofile(p, SHF_ALLOC_SPACE);
  int open = 0;
  for (const char *c = text; *c; c++) open += (*c == '{' || *c == '[') - (*c == '}' || *c == ']');
  CHECK_EQ(open, 0);
  CHECK_EQ(sum_of(text, "\"selfSize\":"), 64);
  free(text);
  shf_profile_free(p);
}
