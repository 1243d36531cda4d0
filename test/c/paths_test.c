/* The nearest functions of the app above those that allocate. */
#include "test.h"

static uint32_t frame_named(const shf_profile *p, const char *name) {
  for (uint32_t f = 0; f < shf_profile_frames(p); f++) {
    shf_str s = shf_frame_name(p, f);
    if (s.len == strlen(name) && memcmp(s.ptr, name, s.len) == 0) return f;
  }
  return SHF_NONE;
}

/* `b a`: the names of the path; frees the profile. */
static const char *path_of(shf_profile *p, const char *name) {
  static char text[128];
  uint32_t frame = frame_named(p, name), path[1][SHF_PATH];
  CHECK(frame != SHF_NONE);
  CHECK_EQ(shf_profile_paths(p, SHF_ALLOC_SPACE, &frame, 1, path), SHF_OK);
  *text = 0;
  for (int i = 0; i < SHF_PATH && path[0][i] != SHF_NONE; i++) {
    shf_str s = shf_frame_name(p, path[0][i]);
    size_t used = strlen(text);
    snprintf(text + used, sizeof text - used, "%s%.*s", i ? " " : "", (int)s.len, s.ptr);
  }
  shf_profile_free(p);
  return text;
}

TEST(a_path_has_only_functions_of_the_app_nearest_first) {
  CHECK_TEXT(path_of(test_profile("run@/a.js:1:1;tick@node:net:3:1;page@/a.js:9:1;"
                                  "parse@/app/node_modules/pg/i.js:1:1;split@native 100 0\n"),
                     "split"),
             "page run");
}

TEST(a_helper_of_the_app_has_a_path_too) {
  CHECK_TEXT(path_of(test_profile("run@/a.js:1:1;page@/a.js:9:1;keep@/b.js:2:1 100 0\n"), "keep"),
             "page run");
}

TEST(a_path_has_at_most_three_functions) {
  CHECK_TEXT(
      path_of(test_profile("a@/a.js:1:1;b@/a.js:2:1;c@/a.js:3:1;d@/a.js:4:1;e@native 9 0\n"), "e"),
      "d c b");
}

TEST(a_path_follows_the_largest_share_at_each_step) {
  CHECK_TEXT(path_of(test_profile("x@/a.js:1:1;page@/a.js:9:1;split@native 600 0\n"
                                  "y@/a.js:2:1;page@/a.js:9:1;split@native 500 0\n"
                                  "z@/a.js:3:1;page@/a.js:9:1;split@native 500 0\n"
                                  "w@/a.js:4:1;rest@/a.js:8:1;split@native 1500 0\n"),
                     "split"),
             "page x");
}

TEST(a_function_that_calls_itself_is_once_in_a_path) {
  CHECK_TEXT(
      path_of(test_profile("a@/a.js:1:1;b@/a.js:2:1;b@/a.js:2:1;b@/a.js:2:1;c@native 9 0\n"), "c"),
      "b a");
  CHECK_TEXT(path_of(test_profile("a@/a.js:1:1;b@/a.js:2:1;b@/a.js:2:1;b@/a.js:2:1 9 0\n"), "b"),
             "a");
}

TEST(a_stack_without_the_app_has_no_path) {
  CHECK_TEXT(path_of(test_profile("tick@node:net:3:1;parse@/app/node_modules/pg/i.js:1:1 100 0\n"),
                     "parse"),
             "");
}

TEST(in_a_difference_a_path_is_that_of_most_growth) {
  shf_profile *d =
      test_diff("a@/a.js:1:1;split@native 6400 0\n",
                "a@/a.js:1:1;split@native 6464 0\nb@/a.js:5:1;split@native 640 0\n", false);
  CHECK_TEXT(path_of(d, "split"), "b");
}
