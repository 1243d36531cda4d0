/* Ages of memory in use, and their column in tables. */
#include "core/str.h"
#include "test.h"

/* Bytes that a function has in use, of one age; -1: not known. */
typedef struct aged {
  const char *function;
  int64_t bytes, age;
} aged;

static uint32_t age_set(shf_profile *p, int64_t age) {
  shf_label label = {.number = age};
  uint32_t set = 0;
  if (age < 0) return 0;
  CHECK_EQ(shf_profile_string(p, shf_str_of(SHF_LABEL_AGE), &label.key), SHF_OK);
  CHECK_EQ(shf_profile_string(p, shf_str_of("seconds"), &label.unit), SHF_OK);
  CHECK_EQ(shf_profile_label_set(p, &label, 1, &set), SHF_OK);
  return set;
}

static shf_profile *profile_of(const aged *rows, size_t count) {
  shf_profile *p = test_new(SHF_HAS_ALLOC | SHF_HAS_INUSE);
  for (size_t i = 0; i < count; i++) {
    int64_t n = rows[i].bytes;
    shf_bucket b = {.size = 64, .value = {n / 64, n, n / 64, n}, .allocated = 1, .live = 1};
    b.node = test_node(p, 0, shf_str_of(rows[i].function));
    b.labels = age_set(p, rows[i].age);
    CHECK_EQ(shf_profile_bucket(p, &b), SHF_OK);
  }
  return test_seal(p);
}
#define PROFILE(...) \
  profile_of((const aged[]){__VA_ARGS__}, sizeof((const aged[]){__VA_ARGS__}) / sizeof(aged))

static shf_age_range range_of(const shf_profile *p, const char *function) {
  shf_age_range range = {.min = 0};
  for (uint32_t f = 0; f < shf_profile_frames(p); f++)
    if (shf_str_compare(shf_frame_name(p, f), shf_str_of(function)) == 0)
      CHECK_EQ(shf_profile_age_ranges(p, &f, 1, &range), SHF_OK);
  return range;
}

TEST(ages_of_a_function_are_weighted_by_bytes) {
  shf_profile *p = PROFILE({"leak", 64, 1}, {"leak", 640, 10}, {"leak", 640, 50}, {"leak", 64, 58},
                           {"other", 64, 3}, {"unknown", 64, -1});
  shf_age_range r = range_of(p, "leak");
  CHECK_EQ(r.min, 1);
  CHECK_EQ(r.low, 10);
  CHECK_EQ(r.median, 10);
  CHECK_EQ(r.high, 50);
  CHECK_EQ(r.max, 58);
  CHECK_EQ(range_of(p, "other").median, 3);
  CHECK_EQ(range_of(p, "unknown").min, -1);
  CHECK(shf_profile_has_ages(p));
  shf_profile_free(p);
}

static char *listing_of(const shf_profile *p, shf_type type) {
  const shf_listing_options o = {.type = type, .width = 80};
  shf_sink *sink = test_sink();
  return test_written(sink, shf_listing_write(p, &o, sink), NULL);
}

TEST(tables_of_memory_in_use_have_a_column_of_ages) {
  shf_profile *p = PROFILE({"leak", 640, 2}, {"leak", 640, 58}, {"unknown", 64, -1});
  char *text = listing_of(p, SHF_INUSE_SPACE);
  check_has(text, "objects     age  function\n");
  check_has(text, "20  2-58 s  leak\n");
  check_has(text, " 1       -  unknown\n");
  check_lacks(text, "by age");
  free(text);
  text = listing_of(p, SHF_ALLOC_SPACE);
  check_lacks(text, " age");
  free(text);
  shf_profile_free(p);
}

TEST(json_has_the_ages_of_each_function) {
  shf_profile *p = PROFILE({"leak", 640, 2}, {"leak", 640, 58}, {"unknown", 64, -1});
  const shf_listing_options o = {.type = SHF_ALLOC_SPACE};
  shf_sink *sink = test_sink();
  char *text = test_written(sink, shf_json_write(p, &o, sink), NULL);
  check_has(text, "\"age\":{\"min\":2,\"low\":2,\"median\":2,\"high\":58,\"max\":58}");
  check_lacks(text, "\"age\":{\"min\":-1");
  check_lacks(text, "\"labels\"");
  free(text);
  shf_profile_free(p);
}

static void check_span(int64_t low, int64_t high, const char *expected) {
  shf_profile *p = PROFILE({"leak", 640, low}, {"leak", 640, high});
  char *text = listing_of(p, SHF_INUSE_SPACE);
  check_has(text, expected);
  free(text);
  shf_profile_free(p);
}

TEST(ages_are_in_the_largest_unit_of_which_there_are_two) {
  check_span(58, 58, "20  58 s  leak");
  check_span(0, 119, "  0-119 s  leak");
  check_span(20, 120, "  0-2 min  leak");
  check_span(1800, 7200, "  1-2 h  leak");
  check_span(86400, 200000, "  1-2 d  leak");
}

TEST(a_filter_by_age_keeps_memory_in_use_alone) {
  shf_profile *p = PROFILE({"leak", 640, 2}, {"leak", 1280, 60}, {"old", 64, 90},
                           {"unknown", 64, -1}),
              *old;
  const shf_filter f = {.older_than = 60}, invalid = {.older_than = -1};
  CHECK_EQ(shf_profile_filter(p, &invalid, &old), SHF_E_ARG);
  CHECK_EQ(shf_profile_filter(p, &f, &old), SHF_OK);
  check_folded(old, SHF_INUSE_SPACE, "leak 1280\nold 64\n");
  CHECK_EQ(shf_profile_types(old), SHF_HAS_INUSE);
  CHECK_EQ(shf_profile_total(old, SHF_ALLOC_SPACE), 0);
  CHECK(shf__str_equals(shf_profile_meta_get(old, SHF_META_OLDER_THAN), "60000"));
  CHECK(shf_profile_meta_get(old, SHF_META_FILTERED).len > 0);
  shf_profile_free(old);
  shf_profile_free(p);
}
