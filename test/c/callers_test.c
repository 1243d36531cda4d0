/* The nearest function with a source of its own above those that have none. */
#include "test.h"

static uint32_t frame_named(const shf_profile *p, const char *name) {
  for (uint32_t f = 0; f < shf_profile_frames(p); f++) {
    shf_str s = shf_frame_name(p, f);
    if (s.len == strlen(name) && memcmp(s.ptr, name, s.len) == 0) return f;
  }
  return SHF_NONE;
}

/* The caller's name; "" where there is none. */
static const char *caller_of(const char *stacks, const char *name) {
  static char text[64];
  shf_profile *p = test_profile(stacks);
  uint32_t frame = frame_named(p, name), caller = 0;
  CHECK(frame != SHF_NONE);
  CHECK_EQ(shf_profile_callers(p, SHF_ALLOC_SPACE, &frame, 1, &caller), SHF_OK);
  shf_str s = caller == SHF_NONE ? shf_str_of("") : shf_frame_name(p, caller);
  snprintf(text, sizeof text, "%.*s", (int)s.len, s.ptr);
  shf_profile_free(p);
  return text;
}

TEST(a_native_has_the_caller_that_allocated_most_through_it) {
  static const char stacks[] =
      "a@/a.js:1:1;split@native 100 0\n"
      "b@/a.js:9:1;split@native 60 0\n"
      "c@/a.js:5:1;b@/a.js:9:1;split@native 60 0\n";
  CHECK_TEXT(caller_of(stacks, "split"), "b");
}

TEST(in_a_difference_the_caller_is_that_of_most_growth) {
  shf_profile *d =
      test_diff("a@/a.js:1:1;split@native 6400 0\nc@/a.js:9:1;map@native 64 0\n",
                "a@/a.js:1:1;split@native 6464 0\nb@/a.js:5:1;split@native 640 0\n", false);
  uint32_t frames[] = {frame_named(d, "split"), frame_named(d, "map")}, callers[2];
  CHECK_EQ(shf_profile_callers(d, SHF_ALLOC_SPACE, frames, 2, callers), SHF_OK);
  CHECK_EQ(callers[0], frame_named(d, "b"));
  CHECK_EQ(callers[1], SHF_NONE);
  shf_profile_free(d);
}

TEST(callers_without_a_source_are_passed_over) {
  static const char stacks[] = "a@/a.js:1:1;write@node:net:3:1;map@native;copy@native 100 0\n";
  CHECK_TEXT(caller_of(stacks, "copy"), "a");
  CHECK_TEXT(caller_of(stacks, "map"), "");
}

TEST(a_function_of_a_package_is_a_caller) {
  static const char stacks[] = "a@/a.js:1:1;p@/node_modules/p/i.js:1:1;map@native 100 0\n";
  CHECK_TEXT(caller_of(stacks, "map"), "p");
}

TEST(a_function_with_a_source_has_no_caller) {
  CHECK_TEXT(caller_of("a@/a.js:1:1;b@/a.js:9:1 100 0\n", "b"), "");
}

TEST(a_frame_at_the_root_has_no_caller) {
  CHECK_TEXT(caller_of("run@node:net:3:1;map@native 100 0\n", "map"), "");
  CHECK_TEXT(caller_of("map@native 100 0\na@/a.js:1:1 5 0\n", "map"), "");
}

TEST(several_frames_are_answered_at_once) {
  shf_profile *p = test_profile(
      "a@/a.js:1:1;map@native 100 0\n"
      "b@/a.js:9:1;sort@native 60 0\n");
  uint32_t frames[] = {frame_named(p, "sort"), frame_named(p, "a"), frame_named(p, "map")};
  uint32_t callers[3];
  CHECK_EQ(shf_profile_callers(p, SHF_ALLOC_SPACE, frames, 3, callers), SHF_OK);
  CHECK_EQ(callers[0], frame_named(p, "b"));
  CHECK_EQ(callers[1], SHF_NONE);
  CHECK_EQ(callers[2], frame_named(p, "a"));
  shf_profile_free(p);
}
