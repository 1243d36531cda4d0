/* The report as JSON. */
#include "test.h"

static char *json(const shf_profile *p, uint32_t rows) {
  shf_listing_options o = {.type = SHF_ALLOC_SPACE, .rows = rows, .cwd = shf_str_of("/app")};
  shf_sink *sink = test_sink();
  return test_written(sink, shf_json_write(p, &o, sink), NULL);
}

static shf_profile *with_meta(void) {
  shf_profile *p = test_profile(
      "main@/app/main.js:1:1;parse@/app/src/parser.js:12:3 192000 64000\n"
      "main@/app/main.js:1:1 640 0\n");
  CHECK_EQ(shf_profile_meta(p, shf_str_of("command"), shf_str_of("node \"a b\".js")), SHF_OK);
  CHECK_EQ(shf_profile_meta(p, shf_str_of("hide"), shf_str_of("/secret")), SHF_OK);
  return p;
}

TEST(json_matches_its_golden_file) {
  shf_profile *p = with_meta();
  char *text = json(p, 0);
  check_golden("report.json", text, strlen(text));
  free(text);
  shf_profile_free(p);
}

TEST(json_leaves_out_internal_meta) {
  shf_profile *p = with_meta();
  char *text = json(p, 0);
  CHECK(strstr(text, "secret") == NULL);
  free(text);
  shf_profile_free(p);
}

TEST(json_integers_are_exact) {
  shf_profile *p = test_profile("big 9007199254740993 0\n");
  char *text = json(p, 0);
  CHECK(strstr(text,
               "\"self\":{\"alloc_objects\":140737488355328,"
               "\"alloc_space\":9007199254740993,") != NULL);
  free(text);
  shf_profile_free(p);
}

TEST(json_holds_at_most_the_rows_asked_for) {
  shf_profile *p = with_meta();
  char *text = json(p, 1);
  CHECK(strstr(text, "\"name\":\"parse\"") != NULL);
  CHECK(strstr(text, "\"name\":\"main\"") == NULL);
  free(text);
  shf_profile_free(p);
}

TEST(json_of_an_unknown_type_is_absent) {
  shf_profile *p = test_seal(test_new(SHF_HAS_ALLOC));
  shf_listing_options o = {.type = SHF_INUSE_SPACE};
  shf_sink *sink = test_sink();
  CHECK_EQ(shf_json_write(p, &o, sink), SHF_E_ABSENT);
  shf_sink_free(sink);
  shf_profile_free(p);
}
