/* speedscope's JSON. */
#include "output/formats.h"
#include "test.h"

static int write_to(shf_sink *sink, const shf_profile *p, shf_type type) {
  const shf__write_options o = {.type = type};
  return shf__format_write(shf__format_find("speedscope"), p, &o, sink);
}

static char *speedscope(shf_profile *p, shf_type type) {
  shf_sink *sink = test_sink();
  char *text = test_written(sink, write_to(sink, p, type), NULL);
  shf_profile_free(p);
  return text;
}

static void check_file(shf_profile *p, shf_type type, const char *part) {
  char *text = speedscope(p, type);
  check_has(text, part);
  free(text);
}

TEST(speedscope_has_a_profile_for_each_type) {
  char *text = speedscope(test_profile("a;b 64 0\na;b;c@/app/c.js:7:3 128 64\n"), SHF_INUSE_SPACE);
  const char *shared = strstr(text, "\"shared\""); /* behind the version */
  CHECK(shared != NULL);
  if (shared) check_golden("nested.speedscope.txt", shared, strlen(shared));
  free(text);
}

TEST(speedscope_leaves_out_types_that_are_not_known) {
  shf_profile *p = test_new(SHF_HAS_INUSE);
  uint32_t node = test_node(p, 0, shf_str_of("f"));
  shf_bucket b = {64, {0, 0, 1, 64}, node, 0, 1, 1, 0};
  CHECK_EQ(shf_profile_bucket(p, &b), SHF_OK);
  char *text = speedscope(test_seal(p), SHF_INUSE_SPACE);
  CHECK(strstr(text, "alloc_") == NULL);
  CHECK(strstr(text, "\"activeProfileIndex\":1}") != NULL);
  free(text);
}

TEST(speedscope_names_what_was_run) {
  shf_profile *p = test_new(SHF_HAS_ALLOC);
  CHECK_EQ(shf_profile_meta(p, shf_str_of("command"), shf_str_of("node \"a\".js")), SHF_OK);
  check_file(test_seal(p), SHF_ALLOC_SPACE, "\"name\":\"node \\\"a\\\".js\",\n\"shared\"");
}

TEST(speedscope_escapes_controls_and_broken_utf8) {
  check_file(test_profile("q\"\\\x01\xFF@/a\x02.js:1:1 64 0\n"), SHF_ALLOC_SPACE,
             "{\"name\":\"q\\\"\\\\\\u0001\xEF\xBF\xBD\",\"file\":\"/a\\u0002.js\",\"line\":1,");
}

TEST(speedscope_puts_what_has_no_stack_under_a_root) {
  char *text = speedscope(test_stack(0, ""), SHF_ALLOC_SPACE);
  CHECK(strstr(text, "\"frames\":[\n{\"name\":\"(root)\"}]") != NULL);
  CHECK(strstr(text, "\"samples\":[\n[0]],\"weights\":[64],\"endValue\":64}") != NULL);
  free(text);
}

TEST(speedscope_leaves_out_losses) {
  shf_profile *p = test_new(SHF_HAS_ALLOC);
  uint32_t node = test_node(p, 0, shf_str_of("lost"));
  shf_bucket b = {64, {-1, -64, 0, 0}, node, 0, 0, 0, 0};
  CHECK_EQ(shf_profile_bucket(p, &b), SHF_OK);
  check_file(test_seal(p), SHF_ALLOC_SPACE, "\"samples\":[\n],\"weights\":[],\"endValue\":0}");
}

TEST(speedscope_of_an_unknown_type_is_absent) {
  shf_profile *p = test_seal(test_new(SHF_HAS_ALLOC));
  shf_sink *sink = test_sink();
  CHECK_EQ(write_to(sink, p, SHF_INUSE_SPACE), SHF_E_ABSENT);
  CHECK_EQ(write_to(sink, p, SHF_TYPES), SHF_E_ARG);
  shf_sink_free(sink);
  shf_profile_free(p);
}

TEST(speedscope_has_no_place_for_a_difference) {
  shf_profile *p = test_profile("a 64 0\n"), *d;
  CHECK_EQ(shf_profile_diff(p, p, SHF_ALLOC_SPACE, false, &d), SHF_OK);
  shf_sink *sink = test_sink();
  CHECK_EQ(write_to(sink, d, SHF_ALLOC_SPACE), SHF_E_ARG);
  shf_sink_free(sink);
  shf_profile_free(d);
  shf_profile_free(p);
}
