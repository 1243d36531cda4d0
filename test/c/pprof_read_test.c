/* profile.proto as it is read: what pprof accepts and refuses, and our own back again. */
#include <math.h>

#include "format/pprof/fields.h"
#include "reading.h"

/* ---- A profile put together field by field --------------------------------------- */

typedef struct made {
  uint8_t bytes[4096];
  size_t len;
} made;

static void put_varint(made *m, uint64_t value) {
  for (; value >= 0x80; value >>= 7) m->bytes[m->len++] = (uint8_t)(value | 0x80);
  m->bytes[m->len++] = (uint8_t)value;
}

static void number(made *m, unsigned field, uint64_t value) {
  put_varint(m, (uint64_t)field << 3 | PB_VARINT);
  put_varint(m, value);
}

static void bytes(made *m, unsigned field, const void *from, size_t len) {
  put_varint(m, (uint64_t)field << 3 | PB_BYTES);
  put_varint(m, len);
  memcpy(m->bytes + m->len, from, len);
  m->len += len;
}

static void message(made *m, unsigned field, const made *inner) {
  bytes(m, field, inner->bytes, inner->len);
}

static void text(made *m, const char *string) {
  bytes(m, PPROF_PROFILE_STRING_TABLE, string, strlen(string));
}

/* A message of up to three numbers: fields 1, 2, 3; 0 is left out. */
static made numbers(uint64_t first, uint64_t second, uint64_t third) {
  made m = {.len = 0};
  if (first) number(&m, 1, first);
  if (second) number(&m, 2, second);
  if (third) number(&m, 3, third);
  return m;
}

static void sample_type(made *m, uint64_t type, uint64_t unit) {
  made t = numbers(type, unit, 0);
  message(m, PPROF_PROFILE_SAMPLE_TYPE, &t);
}

static void function(made *m, uint64_t id, uint64_t name, uint64_t file) {
  made f = numbers(id, name, 0);
  if (file) number(&f, PPROF_FUNCTION_FILENAME, file);
  message(m, PPROF_PROFILE_FUNCTION, &f);
}

static void location(made *m, uint64_t id, uint64_t function_id, uint64_t line) {
  made l = numbers(id, 0, 0), inner = numbers(function_id, line, 0);
  if (function_id) message(&l, PPROF_LOCATION_LINE, &inner);
  message(m, PPROF_PROFILE_LOCATION, &l);
}

/* A sample of two locations (0: none), leaf first, with one value; nothing packed. */
static void sample(made *m, uint64_t leaf, uint64_t root, int64_t value) {
  made s = {.len = 0};
  if (leaf) number(&s, PPROF_SAMPLE_LOCATION_ID, leaf);
  if (root) number(&s, PPROF_SAMPLE_LOCATION_ID, root);
  number(&s, PPROF_SAMPLE_VALUE, (uint64_t)value);
  message(m, PPROF_PROFILE_SAMPLE, &s);
}

enum { BYTES = 1, MAIN, PARSE, FILE_JS, SPACE, COUNT, OTHER, STRINGS };

static void strings_of(made *m, const char *space, const char *other) {
  text(m, "");
  text(m, "bytes");
  text(m, "main");
  text(m, "parse");
  text(m, "/app/a.js");
  text(m, space);
  text(m, "count");
  text(m, other);
}

static void strings(made *m) {
  strings_of(m, "alloc_space", "other");
}

/* main calls parse: functions and locations 1 and 2. */
static void code(made *m) {
  function(m, 1, MAIN, FILE_JS);
  function(m, 2, PARSE, FILE_JS);
  location(m, 1, 1, 3);
  location(m, 2, 2, 7);
}

static made small(void) {
  made m = {.len = 0};
  sample_type(&m, SPACE, BYTES);
  sample(&m, 2, 1, 64);
  code(&m);
  strings(&m);
  return m;
}

static void check_read(const made *m, const char *expected) {
  shf_profile *p = read_good(m->bytes, m->len, SHF_TYPES);
  char *folded = test_folded(p, SHF_ALLOC_SPACE);
  CHECK_TEXT(folded, expected);
  free(folded);
  shf_profile_free(p);
}

static void check_refused(const made *m, const char *why) {
  shf_error error = read_bad(m->bytes, m->len);
  CHECK_TEXT(error.message ? error.message : "", why);
  CHECK(error.offset <= m->len);
}

static void check_meta(const shf_profile *p, const char *key, const char *expected) {
  shf_str value = shf_profile_meta_get(p, key);
  char copy[256];
  snprintf(copy, sizeof copy, "%.*s", (int)value.len, value.ptr);
  CHECK_TEXT(copy, expected);
}

/* ---- What is accepted ---------------------------------------------------------------- */

static const char SMALL[] = "main (/app/a.js:3);parse (/app/a.js:7) 64\n";

TEST(pprof_read_takes_the_leaf_first) {
  made m = small();
  check_read(&m, SMALL);
}

TEST(pprof_read_takes_packed_fields) {
  made m = {.len = 0}, s = {.len = 0};
  static const uint8_t ids[] = {2, 1}, values[] = {0xC0, 0};
  sample_type(&m, SPACE, BYTES);
  bytes(&s, PPROF_SAMPLE_LOCATION_ID, ids, 2);
  bytes(&s, PPROF_SAMPLE_VALUE, values, 2);
  message(&m, PPROF_PROFILE_SAMPLE, &s);
  code(&m);
  strings(&m);
  check_read(&m, SMALL);
}

/* A sample with these bytes as packed location ids, and ids behind them that are not packed. */
static void packed_sample(made *m, const char *ids, size_t len, uint64_t behind, int64_t value) {
  made s = {.len = 0};
  bytes(&s, PPROF_SAMPLE_LOCATION_ID, ids, len);
  if (behind) number(&s, PPROF_SAMPLE_LOCATION_ID, behind);
  number(&s, PPROF_SAMPLE_VALUE, (uint64_t)value);
  message(m, PPROF_PROFILE_SAMPLE, &s);
}

/* Location 129 is 81 01 and location 1 is 01; `alone` calls nobody. */
TEST(pprof_read_distinguishes_ids_with_equal_low_bytes) {
  made m = {.len = 0};
  sample_type(&m, SPACE, BYTES);
  packed_sample(&m, "\x02\x01", 2, 0, 1);
  packed_sample(&m, "\x02\x81\x01", 3, 0, 2);
  packed_sample(&m, "\x81\x01", 2, 0, 4);
  packed_sample(&m, "\x01", 1, 0, 8);
  packed_sample(&m, "\x02\x02\x01", 3, 0, 16);
  packed_sample(&m, "\x02\x01", 2, 0, 32);
  code(&m);
  function(&m, 3, OTHER, 0);
  location(&m, 129, 3, 0);
  strings_of(&m, "alloc_space", "alone");
  check_read(&m,
             "alone 4\nalone;parse (/app/a.js:7) 2\nmain (/app/a.js:3) 8\n"
             "main (/app/a.js:3);parse (/app/a.js:7) 33\n"
             "main (/app/a.js:3);parse (/app/a.js:7);parse (/app/a.js:7) 16\n");
}

TEST(pprof_read_takes_ids_in_several_fields) {
  made m = {.len = 0}, two = {.len = 0};
  sample_type(&m, SPACE, BYTES);
  packed_sample(&m, "\x02\x01", 2, 0, 1);
  packed_sample(&m, "\x02", 1, 1, 2);
  packed_sample(&m, "\x02\x01", 2, 1, 4);
  bytes(&two, PPROF_SAMPLE_LOCATION_ID, "\x02\x01", 2);
  bytes(&two, PPROF_SAMPLE_LOCATION_ID, "\x02\x01", 2);
  number(&two, PPROF_SAMPLE_VALUE, 8);
  message(&m, PPROF_PROFILE_SAMPLE, &two);
  packed_sample(&m, "\x02\x01", 2, 0, 16);
  code(&m);
  strings(&m);
  check_read(&m,
             "main (/app/a.js:3);main (/app/a.js:3);parse (/app/a.js:7) 4\n"
             "main (/app/a.js:3);parse (/app/a.js:7) 19\n"
             "main (/app/a.js:3);parse (/app/a.js:7);main (/app/a.js:3);parse (/app/a.js:7) 8\n");
}

/* Ids may be written longer than they need be. */
TEST(pprof_read_takes_long_ids_for_the_same) {
  made m = {.len = 0};
  sample_type(&m, SPACE, BYTES);
  packed_sample(&m, "\x02\x01", 2, 0, 1);
  packed_sample(&m, "\x82\x00\x81\x00", 4, 0, 2);
  packed_sample(&m, "\x82\x00\x81\x00", 4, 0, 4);
  packed_sample(&m, "\x00", 0, 0, 8);
  code(&m);
  strings(&m);
  check_read(&m, "(root) 8\nmain (/app/a.js:3);parse (/app/a.js:7) 7\n");
}

TEST(pprof_read_takes_strings_first_or_last) {
  made m = {.len = 0};
  strings(&m);
  code(&m);
  sample(&m, 2, 1, 64);
  sample_type(&m, SPACE, BYTES);
  check_read(&m, SMALL);
}

TEST(pprof_read_leaves_out_unknown_fields) {
  made m = {.len = 0}, inner = {.len = 0};
  sample_type(&m, SPACE, BYTES);
  number(&m, 99, 7);
  bytes(&m, 200, "xyz", 3);
  put_varint(&m, 100 << 3 | PB_FIXED64);
  memcpy(m.bytes + m.len, "12345678", 8);
  m.len += 8;
  put_varint(&m, 101 << 3 | PB_FIXED32);
  memcpy(m.bytes + m.len, "1234", 4);
  m.len += 4;
  number(&inner, PPROF_SAMPLE_LOCATION_ID, 2);
  number(&inner, PPROF_SAMPLE_LOCATION_ID, 1);
  number(&inner, PPROF_SAMPLE_VALUE, 64);
  number(&inner, 50, 1);
  message(&m, PPROF_PROFILE_SAMPLE, &inner);
  code(&m);
  strings(&m);
  check_read(&m, SMALL);
}

TEST(pprof_read_takes_any_ids) {
  made m = {.len = 0};
  sample_type(&m, SPACE, BYTES);
  function(&m, UINT64_MAX, MAIN, FILE_JS);
  function(&m, 77, PARSE, FILE_JS);
  location(&m, 1u << 31, UINT64_MAX, 3);
  location(&m, UINT64_MAX - 5, 77, 7);
  sample(&m, UINT64_MAX - 5, 1u << 31, 64);
  strings(&m);
  check_read(&m, SMALL);
}

TEST(pprof_read_takes_an_unknown_mapping) {
  made m = {.len = 0}, l = numbers(1, 99, 0x1234);
  sample_type(&m, SPACE, BYTES);
  message(&m, PPROF_PROFILE_LOCATION, &l);
  sample(&m, 1, 0, 5);
  strings(&m);
  check_read(&m, "0x1234 5\n");
}

TEST(pprof_read_takes_locations_without_lines_by_their_address) {
  made m = {.len = 0}, l = numbers(2, 0, 0xABC);
  sample_type(&m, SPACE, BYTES);
  message(&m, PPROF_PROFILE_LOCATION, &l);
  function(&m, 1, MAIN, FILE_JS);
  location(&m, 1, 1, 3);
  sample(&m, 2, 1, 5);
  strings(&m);
  check_read(&m, "main (/app/a.js:3);0xabc 5\n");
}

TEST(pprof_read_takes_inlined_lines_innermost_first) {
  made m = {.len = 0}, l = numbers(1, 0, 0), inner = numbers(2, 7, 0), outer = numbers(1, 3, 0);
  sample_type(&m, SPACE, BYTES);
  message(&l, PPROF_LOCATION_LINE, &inner);
  message(&l, PPROF_LOCATION_LINE, &outer);
  message(&m, PPROF_PROFILE_LOCATION, &l);
  function(&m, 1, MAIN, FILE_JS);
  function(&m, 2, PARSE, FILE_JS);
  sample(&m, 1, 0, 64);
  strings(&m);
  check_read(&m, SMALL);
}

TEST(pprof_read_takes_samples_without_locations) {
  made m = {.len = 0};
  sample_type(&m, SPACE, BYTES);
  sample(&m, 0, 0, 9);
  strings(&m);
  check_read(&m, "(root) 9\n");
}

TEST(pprof_read_takes_negative_values) {
  made m = {.len = 0};
  sample_type(&m, SPACE, BYTES);
  sample(&m, 1, 0, -5);
  code(&m);
  strings(&m);
  shf_profile *p = read_good(m.bytes, m.len, SHF_TYPES);
  CHECK_EQ(shf_profile_total(p, SHF_ALLOC_SPACE), -5);
  shf_profile_free(p);
}

enum { ORDERED = 6 };

/* Stack i has 2 << i, half of it at a time where all come twice. */
static made in_order(const int *order, bool packed, bool twice) {
  static const char stacks[ORDERED][2] = {{1, 0}, {2, 1}, {3, 1}, {3, 0}, {2, 3}, {1, 3}};
  made m = {.len = 0};
  sample_type(&m, SPACE, BYTES);
  for (int i = 0; i < (twice ? 2 * ORDERED : ORDERED); i++) {
    int at = order[i % ORDERED], value = (twice ? 1 : 2) << at;
    const char *ids = stacks[at];
    if (packed)
      packed_sample(&m, ids, ids[1] ? 2 : 1, 0, value);
    else
      sample(&m, (uint64_t)ids[0], (uint64_t)ids[1], value);
  }
  code(&m);
  function(&m, 3, OTHER, FILE_JS);
  location(&m, 3, 3, 9);
  strings(&m);
  return m;
}

static void swap(int *a, int *b) {
  int was = *a;
  *a = *b;
  *b = was;
}

/* False behind the last one, which descends. */
static bool next_order(int *order) {
  int i = ORDERED - 1, k = ORDERED - 1;
  while (i > 0 && order[i - 1] > order[i]) i--;
  if (i == 0) return false;
  while (order[k] < order[i - 1]) k--;
  swap(&order[i - 1], &order[k]);
  for (k = ORDERED - 1; i < k; i++, k--) swap(&order[i], &order[k]);
  return true;
}

TEST(pprof_read_takes_samples_in_any_order) {
  int order[ORDERED] = {0, 1, 2, 3, 4, 5};
  do {
    for (int way = 0; way < 4; way++) {
      made m = in_order(order, way & 1, way & 2);
      check_read(&m,
                 "main (/app/a.js:3) 2\n"
                 "main (/app/a.js:3);other (/app/a.js:9) 8\n"
                 "main (/app/a.js:3);parse (/app/a.js:7) 4\n"
                 "other (/app/a.js:9) 16\n"
                 "other (/app/a.js:9);main (/app/a.js:3) 64\n"
                 "other (/app/a.js:9);parse (/app/a.js:7) 32\n");
    }
  } while (next_order(order));
}

TEST(pprof_read_adds_up_equal_samples) {
  made m = {.len = 0};
  sample_type(&m, SPACE, BYTES);
  sample(&m, 2, 1, 60);
  sample(&m, 2, 1, 4);
  code(&m);
  strings(&m);
  check_read(&m, SMALL);
}

TEST(pprof_read_takes_the_beginning_of_a_function_for_its_line) {
  made m = {.len = 0}, f = numbers(1, MAIN, 0);
  sample_type(&m, SPACE, BYTES);
  number(&f, PPROF_FUNCTION_FILENAME, FILE_JS);
  number(&f, PPROF_FUNCTION_START_LINE, 2);
  message(&m, PPROF_PROFILE_FUNCTION, &f);
  location(&m, 1, 1, 3);
  location(&m, 2, 1, 4);
  sample(&m, 1, 0, 5);
  sample(&m, 2, 0, 6);
  strings(&m);
  check_read(&m, "main (/app/a.js:2) 11\n");
}

/* Functions 1 and 2 of a file, without a start_line, at lines 3 and 4, and 7. */
static void check_lines(const char *file, const char *expected) {
  made m = {.len = 0};
  sample_type(&m, SPACE, BYTES);
  function(&m, 1, MAIN, OTHER);
  function(&m, 2, PARSE, OTHER);
  location(&m, 1, 1, 3);
  location(&m, 2, 2, 7);
  location(&m, 3, 1, 4);
  sample(&m, 2, 1, 5);
  sample(&m, 2, 3, 6);
  strings_of(&m, "alloc_space", file);
  check_read(&m, expected);
}

TEST(pprof_read_does_not_part_a_function_by_the_lines_of_its_calls) {
  check_lines("/app/a.js", "main (/app/a.js);parse (/app/a.js) 11\n");
  check_lines("/srv/m.rs", "main (/srv/m.rs);parse (/srv/m.rs) 11\n");
}

TEST(pprof_read_takes_lines_of_other_languages_for_those_of_calls) {
  made m = {.len = 0};
  sample_type(&m, SPACE, BYTES);
  function(&m, 1, MAIN, OTHER);
  location(&m, 1, 1, 3);
  sample(&m, 1, 0, 5);
  strings_of(&m, "alloc_space", "/srv/m.py");
  check_read(&m, "main (/srv/m.py) 5\n");
}

TEST(pprof_read_of_lines_of_calls_has_anonymous_functions_by_their_names) {
  made m = {.len = 0};
  sample_type(&m, SPACE, BYTES);
  function(&m, 1, OTHER, FILE_JS);
  location(&m, 1, 1, 30);
  location(&m, 2, 1, 31);
  sample(&m, 1, 2, 5);
  strings_of(&m, "alloc_space", "(anonymous:L#7:C#3)");
  check_read(&m, "(anonymous) (/app/a.js:7:3);(anonymous) (/app/a.js:7:3) 5\n");
}

TEST(pprof_read_takes_the_systems_name_where_there_is_no_other) {
  made m = {.len = 0}, f = numbers(1, 0, OTHER);
  sample_type(&m, SPACE, BYTES);
  number(&f, PPROF_FUNCTION_FILENAME, FILE_JS);
  message(&m, PPROF_PROFILE_FUNCTION, &f);
  location(&m, 1, 1, 3);
  sample(&m, 1, 0, 5);
  strings_of(&m, "alloc_space", "_ZN3foo3barEv");
  check_read(&m, "_ZN3foo3barEv (/app/a.js:3) 5\n");
}

/* ---- Sample types ----------------------------------------------------------------------- */

static shf_profile *of_type(const char *type, uint64_t unit) {
  made m = {.len = 0};
  sample_type(&m, SPACE, unit);
  sample(&m, 2, 1, 64);
  code(&m);
  strings_of(&m, type, "nanoseconds");
  return read_good(m.bytes, m.len, SHF_TYPES);
}

static void check_type(const char *type, uint64_t unit, shf_type expected, const char *types) {
  shf_profile *p = of_type(type, unit);
  CHECK_EQ(shf_profile_types(p), 1u << expected);
  CHECK_EQ(shf_profile_total(p, expected), 64);
  check_meta(p, "sample_types", types);
  shf_profile_free(p);
}

TEST(pprof_read_of_the_largest_value_is_read_again_from_folded_stacks) {
  made m = {.len = 0};
  sample_type(&m, SPACE, BYTES);
  sample(&m, 2, 1, INT64_MAX);
  code(&m);
  strings(&m);
  shf_profile *p = read_good(m.bytes, m.len, SHF_TYPES), *q;
  CHECK_EQ(shf_profile_total(p, SHF_ALLOC_SPACE), INT64_MAX);
  char *folded = test_folded(p, SHF_ALLOC_SPACE);
  q = read_good(folded, strlen(folded), SHF_TYPES);
  CHECK_EQ(shf_profile_total(q, SHF_ALLOC_SPACE), INT64_MAX);
  free(folded);
  shf_profile_free(p);
  shf_profile_free(q);
}

TEST(pprof_read_refuses_values_that_add_up_beyond_2_to_the_63) {
  made m = {.len = 0};
  sample_type(&m, SPACE, BYTES);
  sample(&m, 2, 1, INT64_MAX);
  sample(&m, 1, 0, 1);
  code(&m);
  strings(&m);
  shf_profile *p;
  shf_error error;
  CHECK_EQ(shf_profile_read(m.bytes, m.len, SHF_TYPES, &p, &error), SHF_E_LIMIT);
  CHECK_TEXT(error.message,
             "figures that add up beyond 2^63, or more rows than 32 bits can number");
}

TEST(pprof_read_knows_gos_types) {
  check_type("alloc_objects", COUNT, SHF_ALLOC_OBJECTS, "");
  check_type("alloc_space", BYTES, SHF_ALLOC_SPACE, "");
  check_type("inuse_objects", COUNT, SHF_INUSE_OBJECTS, "");
  check_type("inuse_space", BYTES, SHF_INUSE_SPACE, "");
}

TEST(pprof_read_takes_other_types_for_the_nearest) {
  check_type("space", BYTES, SHF_INUSE_SPACE, "space/bytes as inuse_space");
  check_type("objects", COUNT, SHF_INUSE_OBJECTS, "objects/count as inuse_objects");
  check_type("alloc_in_new_tlab_bytes", BYTES, SHF_ALLOC_SPACE,
             "alloc_in_new_tlab_bytes/bytes as alloc_space");
  check_type("samples", COUNT, SHF_ALLOC_OBJECTS, "samples/count taken for alloc_objects");
  check_type("cpu", OTHER, SHF_ALLOC_SPACE, "cpu/nanoseconds taken for alloc_space");
}

TEST(pprof_read_takes_objects_and_space_together) {
  made m = {.len = 0}, s = {.len = 0};
  sample_type(&m, OTHER, COUNT);
  sample_type(&m, SPACE, BYTES);
  number(&s, PPROF_SAMPLE_LOCATION_ID, 1);
  number(&s, PPROF_SAMPLE_VALUE, 3);
  number(&s, PPROF_SAMPLE_VALUE, 96);
  message(&m, PPROF_PROFILE_SAMPLE, &s);
  code(&m);
  strings_of(&m, "space", "objects");
  shf_profile *p = read_good(m.bytes, m.len, SHF_TYPES);
  CHECK_EQ(shf_profile_types(p), SHF_HAS_INUSE);
  CHECK_EQ(shf_profile_total(p, SHF_INUSE_OBJECTS), 3);
  CHECK_EQ(shf_profile_total(p, SHF_INUSE_SPACE), 96);
  CHECK_EQ(shf_profile_bucket_at(p, 0).size, 32);
  shf_profile_free(p);
}

TEST(pprof_read_says_which_type_it_left_out) {
  made m = {.len = 0}, s = {.len = 0};
  sample_type(&m, SPACE, BYTES);
  sample_type(&m, OTHER, BYTES);
  number(&s, PPROF_SAMPLE_VALUE, 3);
  number(&s, PPROF_SAMPLE_VALUE, 96);
  message(&m, PPROF_PROFILE_SAMPLE, &s);
  strings(&m);
  shf_profile *p = read_good(m.bytes, m.len, SHF_TYPES);
  CHECK_EQ(shf_profile_total(p, SHF_ALLOC_SPACE), 3);
  check_meta(p, "sample_types", "alloc_space/bytes as alloc_space, other/bytes not read");
  shf_profile_free(p);
}

/* A sample of as many values, 1, 2, 3 …, of the types `name/unit`, up to NULL. */
static shf_profile *of_types(const char *const *types) {
  made m = {.len = 0}, s = {.len = 0};
  uint64_t count = 0;
  number(&s, PPROF_SAMPLE_LOCATION_ID, 1);
  for (; types[count]; count++) {
    sample_type(&m, STRINGS + 2 * count, STRINGS + 2 * count + 1);
    number(&s, PPROF_SAMPLE_VALUE, count + 1);
  }
  message(&m, PPROF_PROFILE_SAMPLE, &s);
  code(&m);
  strings(&m);
  for (uint64_t i = 0; i < count; i++) {
    const char *slash = strchr(types[i], '/');
    bytes(&m, PPROF_PROFILE_STRING_TABLE, types[i], (size_t)(slash - types[i]));
    text(&m, slash + 1);
  }
  return read_good(m.bytes, m.len, SHF_TYPES);
}

/* Which values are read as ours, 0 for none. */
static void check_types(const char *const *types, int64_t alloc_objects, int64_t alloc_space,
                        int64_t inuse_objects, int64_t inuse_space) {
  const int64_t expected[] = {alloc_objects, alloc_space, inuse_objects, inuse_space};
  shf_profile *p = of_types(types);
  for (int t = 0; t < SHF_TYPES; t++) {
    int64_t total = shf_profile_total(p, (shf_type)t);
    if (total != expected[t])
      test_fail(__FILE__, __LINE__, "%s…: %s is %lld, not %lld", types[0],
                shf_type_name((shf_type)t), (long long)total, (long long)expected[t]);
    CHECK_EQ(shf_profile_types(p) >> t & 1, expected[t] != 0);
  }
  shf_profile_free(p);
}
#define CHECK_TYPES(a, b, c, d, ...) \
  check_types((const char *const[]){__VA_ARGS__, NULL}, a, b, c, d)

TEST(pprof_read_chooses_types_by_name_and_unit_not_by_place) {
  /* ddtrace of Python, PHP, Ruby and .NET */
  CHECK_TYPES(3, 4, 0, 5, "cpu-time/nanoseconds", "cpu-samples/count", "alloc-samples/count",
              "alloc-space/bytes", "heap-space/bytes");
  CHECK_TYPES(4, 5, 0, 0, "sample/count", "wall-time/nanoseconds", "cpu-time/nanoseconds",
              "alloc-samples/count", "alloc-size/bytes");
  CHECK_TYPES(3, 0, 4, 5, "cpu-time/nanoseconds", "alloc-samples-unscaled/count",
              "alloc-samples/count", "heap-live-samples/count", "heap-live-size/bytes");
  CHECK_TYPES(1, 2, 3, 4, "alloc-samples/count", "alloc-size/bytes", "inuse-objects/count",
              "inuse-space/bytes");
  /* tcmalloc, Android, async-profiler */
  CHECK_TYPES(0, 0, 1, 2, "objects/count", "space/bytes", "resident_space/bytes",
              "stale_space/bytes");
  CHECK_TYPES(3, 4, 1, 2, "Unreleased malloc count/count", "Unreleased malloc size/bytes",
              "Total malloc count/count", "Total malloc size/bytes");
  CHECK_TYPES(2, 1, 0, 0, "alloc_in_new_tlab_bytes/bytes", "alloc_in_new_tlab_objects/count");
  CHECK_TYPES(0, 2, 0, 3, "time/nanoseconds", "allocatedBytes/bytes", "inUseSpace/bytes");
}

TEST(pprof_read_takes_a_better_name_before_one_that_stands_first) {
  CHECK_TYPES(0, 2, 0, 1, "heap/bytes", "alloc_space/bytes");
  CHECK_TYPES(0, 2, 0, 0, "allocated/bytes", "alloc_space/bytes");
  CHECK_TYPES(0, 2, 0, 0, "alloc_space/nanoseconds", "alloc-space/bytes");
}

TEST(pprof_read_takes_a_time_for_bytes_only_where_nothing_else_is) {
  CHECK_TYPES(0, 2, 0, 0, "wall/nanoseconds", "resident_space/bytes");
  CHECK_TYPES(1, 2, 0, 0, "samples/count", "cpu/nanoseconds");
}

TEST(pprof_read_reports_what_it_took_for_allocated) {
  const char *const types[] = {"resident_space/bytes", "stale_space/bytes", NULL};
  shf_profile *p = of_types(types);
  check_meta(p, "sample_types",
             "resident_space/bytes taken for alloc_space, stale_space/bytes not read");
  shf_profile_free(p);
}

TEST(pprof_read_scales_units) {
  CHECK_TYPES(0, 1024, 0, 2 << 20, "alloc_space/kilobytes", "inuse_space/megabytes");
  CHECK_TYPES(0, 1024, 0, INT64_C(2) << 30, "alloc_space/kB", "inuse_space/GB");
  CHECK_TYPES(0, 1024, 0, 2 << 20, "alloc_space/KiB", "inuse_space/MiB");
  CHECK_TYPES(0, 1, 0, INT64_C(2) << 40, "alloc_space/B", "inuse_space/terabyte");
  check_type("inuse_space", BYTES, SHF_INUSE_SPACE, "");
}

TEST(pprof_read_reports_unknown_units) {
  const char *const types[] = {"alloc_space/pages", "inuse_objects/", NULL};
  shf_profile *p = of_types(types);
  check_meta(p, "sample_types",
             "alloc_space/pages taken for alloc_space, inuse_objects/ taken for inuse_objects");
  shf_profile_free(p);
}

TEST(pprof_read_refuses_scaled_values_beyond_2_to_the_63) {
  made m = {.len = 0};
  sample_type(&m, SPACE, OTHER);
  sample(&m, 2, 1, INT64_MAX / 1024 + 1);
  code(&m);
  strings_of(&m, "alloc_space", "kilobytes");
  shf_profile *p;
  shf_error error;
  CHECK_EQ(shf_profile_read(m.bytes, m.len, SHF_TYPES, &p, &error), SHF_E_LIMIT);
}

TEST(pprof_read_scales_the_period) {
  made m = small(), type = numbers(SPACE, STRINGS, 0);
  text(&m, "kilobytes");
  message(&m, PPROF_PROFILE_PERIOD_TYPE, &type);
  number(&m, PPROF_PROFILE_PERIOD, 512);
  shf_profile *p = read_good(m.bytes, m.len, SHF_TYPES);
  CHECK_EQ(shf_profile_source_at(p, 0)->interval, 512 * 1024);
  shf_profile_free(p);
}

/* ---- Labels, period, comments --------------------------------------------------------------- */

static void labelled(made *m, uint64_t key, uint64_t value, int64_t space) {
  made s = {.len = 0}, label = numbers(key, 0, value);
  number(&label, PPROF_LABEL_NUM_UNIT, BYTES);
  number(&s, PPROF_SAMPLE_LOCATION_ID, 1);
  number(&s, PPROF_SAMPLE_VALUE, (uint64_t)space);
  message(&s, PPROF_SAMPLE_LABEL, &label);
  message(m, PPROF_PROFILE_SAMPLE, &s);
}

TEST(pprof_read_takes_the_label_bytes_for_the_block_size) {
  made m = {.len = 0}, type = numbers(OTHER, BYTES, 0);
  sample_type(&m, SPACE, BYTES);
  /* 3 blocks of 1000 bytes sampled at 500: 1 / (1 - exp(-2)) = 1.156518 each */
  labelled(&m, BYTES, 1000, 3470);
  code(&m);
  strings_of(&m, "alloc_space", "space");
  message(&m, PPROF_PROFILE_PERIOD_TYPE, &type);
  number(&m, PPROF_PROFILE_PERIOD, 500);
  shf_profile *p = read_good(m.bytes, m.len, SHF_TYPES);
  const shf_bucket b = shf_profile_bucket_at(p, 0);
  CHECK_EQ(b.size, 1000);
  CHECK_EQ(b.allocated, 3);
  CHECK_EQ(shf_profile_source_at(p, b.source)->interval, 500);
  CHECK(shf_profile_variance(p, SHF_ALLOC_SPACE) > 0);
  shf_profile_free(p);
}

TEST(pprof_read_takes_other_labels_for_no_size) {
  made m = {.len = 0};
  sample_type(&m, SPACE, BYTES);
  labelled(&m, OTHER, 1000, 3470);
  labelled(&m, FILE_JS, 7, 30);
  code(&m);
  strings(&m);
  shf_profile *p = read_good(m.bytes, m.len, SHF_TYPES);
  CHECK_EQ(shf_profile_buckets(p), 2);
  CHECK_EQ(shf_profile_label_sets(p), 3);
  for (uint32_t i = 0; i < 2; i++) CHECK_EQ(shf_profile_bucket_at(p, i).size, 0);
  CHECK_EQ(shf_profile_total(p, SHF_ALLOC_SPACE), 3500);
  shf_profile_free(p);
}

TEST(pprof_read_takes_a_period_of_other_units_for_no_interval) {
  made m = small(), type = numbers(OTHER, COUNT, 0);
  message(&m, PPROF_PROFILE_PERIOD_TYPE, &type);
  number(&m, PPROF_PROFILE_PERIOD, 500);
  shf_profile *p = read_good(m.bytes, m.len, SHF_TYPES);
  CHECK_EQ(shf_profile_source_at(p, 0)->interval, 0);
  shf_profile_free(p);
}

TEST(pprof_read_takes_comments_for_meta) {
  made m = small();
  text(&m, "command: node a.js: b");
  text(&m, "a remark");
  text(&m, "another");
  number(&m, PPROF_PROFILE_COMMENT, STRINGS);
  number(&m, PPROF_PROFILE_COMMENT, STRINGS + 1);
  static const uint8_t packed[] = {STRINGS + 2, 0};
  bytes(&m, PPROF_PROFILE_COMMENT, packed, 2);
  number(&m, PPROF_PROFILE_TIME_NANOS, 1793709296123000000);
  number(&m, PPROF_PROFILE_DURATION_NANOS, 1500000000);
  number(&m, PPROF_PROFILE_DEFAULT_SAMPLE_TYPE, SPACE);
  shf_profile *p = read_good(m.bytes, m.len, SHF_TYPES);
  check_meta(p, "command", "node a.js: b");
  check_meta(p, "comment", "a remark; another");
  check_meta(p, "time_ms", "1793709296123");
  check_meta(p, "duration_ms", "1500");
  check_meta(p, "default_type", "alloc_space");
  shf_profile_free(p);
}

TEST(pprof_read_takes_anonymous_functions_for_such) {
  static const char *const names[] = {"(anonymous)", "(anonymous) (a.js:7:3)",
                                      "(anonymous:L#7:C#3)"};
  for (size_t i = 0; i < 3; i++) {
    made m = {.len = 0}, l = numbers(1, 0, 0), line = numbers(1, 7, 3);
    sample_type(&m, SPACE, BYTES);
    function(&m, 1, OTHER, FILE_JS);
    message(&l, PPROF_LOCATION_LINE, &line);
    message(&m, PPROF_PROFILE_LOCATION, &l);
    sample(&m, 1, 0, 5);
    strings_of(&m, "alloc_space", names[i]);
    check_read(&m, "(anonymous) (/app/a.js:7:3) 5\n");
  }
}

#define SEVERAL                                                               \
  "several profiles one after the other, where each needs a file of its own " \
  "(report a.pb.gz b.pb.gz)"

TEST(pprof_read_refuses_concatenated_profiles) {
  made m = small(), two = m;
  memcpy(two.bytes + two.len, m.bytes, m.len);
  two.len += m.len;
  shf_error error = read_bad(two.bytes, two.len);
  CHECK_TEXT(error.message, SEVERAL);
  CHECK_EQ(error.offset, m.len);
}

/* ---- What is refused --------------------------------------------------------------------------
 */

TEST(pprof_read_refuses_what_is_cut_short) {
  made m = small();
  for (size_t len = 4; len < m.len; len++) {
    shf_profile *p;
    shf_error error;
    int status = shf_profile_read(m.bytes, len, SHF_TYPES, &p, &error);
    /* without its last strings, which nothing refers to, it is whole */
    bool whole = len == m.len - sizeof "\x32\x05other" + 1 ||
                 len == m.len - sizeof "\x32\x05other\x32\x05" "count" + 1;
    CHECK_EQ(status, whole ? SHF_OK : SHF_E_FORMAT);
    if (status == SHF_OK) shf_profile_free(p);
  }
  m.len--;
  shf_error error = read_bad(m.bytes, m.len);
  CHECK_TEXT(error.message, "the profile is cut short");
  CHECK_EQ(error.offset, m.len);
}

TEST(pprof_read_refuses_a_first_string_that_is_not_empty) {
  made m = {.len = 0};
  sample_type(&m, SPACE, BYTES);
  uint64_t at = m.len;
  text(&m, "x");
  shf_error error = read_bad(m.bytes, m.len);
  CHECK_TEXT(error.message, "the first string is not empty");
  CHECK_EQ(error.offset, at);
}

TEST(pprof_read_refuses_a_profile_without_strings) {
  made m = {.len = 0};
  sample_type(&m, 0, 0);
  number(&m, PPROF_PROFILE_TIME_NANOS, 5);
  check_refused(&m, "a profile without strings");
}

TEST(pprof_read_refuses_strings_out_of_range) {
  static const char why[] = "a string that is not in the table";
  made m = small();
  function(&m, 3, STRINGS, 0);
  check_refused(&m, why);
  m = small();
  sample_type(&m, STRINGS + 1000, BYTES);
  check_refused(&m, why);
  m = small();
  number(&m, PPROF_PROFILE_COMMENT, UINT64_MAX);
  check_refused(&m, why);
  m = small();
  number(&m, PPROF_PROFILE_DEFAULT_SAMPLE_TYPE, STRINGS);
  check_refused(&m, why);
  m = small();
  made mapping = numbers(1, 0, 0);
  number(&mapping, PPROF_MAPPING_FILENAME, STRINGS);
  message(&m, PPROF_PROFILE_MAPPING, &mapping);
  check_refused(&m, why);
  made l = {.len = 0};
  sample_type(&l, SPACE, BYTES);
  labelled(&l, STRINGS, 5, 5);
  code(&l);
  strings(&l);
  check_refused(&l, why);
}

TEST(pprof_read_refuses_samples_without_a_type) {
  made m = {.len = 0};
  sample(&m, 0, 0, 9);
  strings(&m);
  check_refused(&m, "samples, and no type of them");
}

TEST(pprof_read_takes_a_profile_of_nothing) {
  made m = {.len = 0};
  text(&m, "");
  text(&m, "x");
  shf_profile *p = read_good(m.bytes, m.len, SHF_TYPES);
  CHECK_EQ(shf_profile_nodes(p), 1);
  shf_profile_free(p);
}

TEST(pprof_read_refuses_another_number_of_values) {
  static const char why[] = "a sample with another number of values";
  made m = {.len = 0};
  sample_type(&m, SPACE, BYTES);
  sample_type(&m, OTHER, BYTES);
  sample(&m, 0, 0, 9);
  strings(&m);
  check_refused(&m, why);
  m = small();
  made none = {.len = 0};
  message(&m, PPROF_PROFILE_SAMPLE, &none);
  check_refused(&m, why);
}

TEST(pprof_read_refuses_ids_of_zero) {
  made m = small(), none = {.len = 0};
  message(&m, PPROF_PROFILE_MAPPING, &none);
  check_refused(&m, "a mapping without an id");
  m = small();
  function(&m, 0, MAIN, 0);
  check_refused(&m, "a function without an id");
  m = small();
  location(&m, 0, 1, 1);
  check_refused(&m, "a location without an id");
}

TEST(pprof_read_refuses_ids_twice) {
  made m = small(), mapping = numbers(4, 0, 0);
  message(&m, PPROF_PROFILE_MAPPING, &mapping);
  message(&m, PPROF_PROFILE_MAPPING, &mapping);
  check_refused(&m, "two mappings of one id");
  m = small();
  function(&m, 1, MAIN, 0);
  check_refused(&m, "two functions of one id");
  m = small();
  location(&m, 2, 1, 1);
  check_refused(&m, "two locations of one id");
}

TEST(pprof_read_refuses_unknown_locations) {
  made m = {.len = 0};
  sample_type(&m, SPACE, BYTES);
  uint64_t at = m.len;
  sample(&m, 9, 1, 64);
  code(&m);
  strings(&m);
  shf_error error = read_bad(m.bytes, m.len);
  CHECK_TEXT(error.message, "a sample with an unknown location");
  CHECK_EQ(error.offset, at);
  m.len = 0;
  sample_type(&m, SPACE, BYTES);
  made s = {.len = 0};
  number(&s, PPROF_SAMPLE_LOCATION_ID, 0);
  number(&s, PPROF_SAMPLE_VALUE, 1);
  message(&m, PPROF_PROFILE_SAMPLE, &s);
  strings(&m);
  check_refused(&m, "a sample with a location 0");
}

TEST(pprof_read_refuses_unknown_functions) {
  made m = small();
  location(&m, 3, 9, 1);
  check_refused(&m, "a line with an unknown function");
  m = small();
  made l = numbers(3, 0, 0), line = numbers(0, 5, 0);
  message(&l, PPROF_LOCATION_LINE, &line);
  message(&m, PPROF_PROFILE_LOCATION, &l);
  check_refused(&m, "a line without a function");
}

TEST(pprof_read_refuses_the_time_twice) {
  made m = small();
  number(&m, PPROF_PROFILE_TIME_NANOS, 5);
  uint64_t at = m.len;
  number(&m, PPROF_PROFILE_TIME_NANOS, 6);
  shf_error error = read_bad(m.bytes, m.len);
  CHECK_TEXT(error.message, SEVERAL);
  CHECK_EQ(error.offset, at);
}

TEST(pprof_read_refuses_wrong_wire_types) {
  made m = small();
  number(&m, PPROF_PROFILE_SAMPLE, 5);
  check_refused(&m, "a field of the wrong wire type");
  m = small();
  bytes(&m, PPROF_PROFILE_PERIOD, "x", 1);
  check_refused(&m, "a field of the wrong wire type");
  m = small();
  put_varint(&m, PPROF_PROFILE_SAMPLE << 3 | 3);
  check_refused(&m, "no field of a pprof profile");
}

TEST(pprof_read_refuses_fields_longer_than_their_message) {
  made m = small(), l = {.len = 0};
  put_varint(&l, PPROF_LOCATION_LINE << 3 | PB_BYTES);
  put_varint(&l, 100);
  message(&m, PPROF_PROFILE_LOCATION, &l);
  check_refused(&m, "a field is longer than its message");
  m = small();
  put_varint(&m, PPROF_PROFILE_STRING_TABLE << 3 | PB_BYTES);
  put_varint(&m, UINT64_MAX);
  check_refused(&m, "a field of more than 1 GiB");
}

TEST(pprof_read_refuses_numbers_that_do_not_end) {
  made m = small();
  for (int i = 0; i < 12; i++) m.bytes[m.len++] = 0xFF;
  check_refused(&m, "no field of a pprof profile");
  made n = {.len = 0}, s = {.len = 0};
  sample_type(&n, SPACE, BYTES);
  bytes(&s, PPROF_SAMPLE_VALUE, "\xFF", 1);
  message(&n, PPROF_PROFILE_SAMPLE, &s);
  strings(&n);
  check_refused(&n, "a packed number that does not end");
}

/* ---- Ours and back ------------------------------------------------------------------------------
 */

static char *written(const shf_profile *p, size_t *len) {
  shf_sink *sink = test_sink();
  return test_written(sink, shf_pprof_write(p, SHF_INUSE_SPACE, sink), len);
}

static char *listing(const shf_profile *p, shf_type type) {
  shf_listing_options o = {.type = type};
  shf_sink *sink = test_sink();
  return test_written(sink, shf_listing_write(p, &o, sink), NULL);
}

/* Leaves out the lines that begin so: what the picture carries and does not show. */
static void cut_lines(char *from, const char *begin) {
  for (char *at; (at = strstr(from, begin)) != NULL;) {
    char *end = strchr(at + 1, '\n');
    if (!end) return;
    memmove(at, end, strlen(end) + 1);
  }
}

static char *svg(const shf_profile *p, shf_type type) {
  shf_svg_options o = {.type = type};
  shf_sink *sink = test_sink();
  char *out = test_written(sink, shf_svg_write(p, &o, sink), NULL);
  cut_lines(out, "\n\"meta\":");
  cut_lines(out, "\n\"sources\":");
  return out;
}

/* A profile whose figures are what its block sizes and intervals say. */
static shf_profile *estimated(const uint64_t *intervals, uint32_t count) {
  static const char *const names[] = {"main", "", "parse", "(off-heap)", "Foo<Bar>.baz", ""};
  static const char *const files[] = {"/app/a.js", "/app/a.js", "/app/b.mjs",
                                      "",          "node:fs",   "/app/other/a.js"};
  shf_profile *p;
  CHECK_EQ(shf_profile_new(&p), SHF_OK);
  CHECK_EQ(shf_profile_meta(p, shf_str_of("command"), shf_str_of("node a.js")), SHF_OK);
  CHECK_EQ(shf_profile_meta(p, shf_str_of("time_ms"), shf_str_of("1793709296123")), SHF_OK);
  for (uint32_t i = 0; i < 200; i++) {
    shf_source source = {.interval = intervals[i % count],
                         .since_ms = 1793709200000,
                         .gc = i % count ? SHF_GC_NONE : SHF_GC_FORCED,
                         .types = SHF_HAS_ALLOC | SHF_HAS_INUSE};
    shf_bucket b = {.size = 16 + i * 37 % 100000, .allocated = 1 + i % 7, .live = i % 3};
    if (b.live > b.allocated) b.live = b.allocated;
    for (uint32_t n = 0; n < 1 + i % 4; n++) {
      shf_frame f = {0, 0, (int32_t)(i % 5 + 1), (int32_t)(i % 2 + 1), 0};
      uint32_t frame;
      CHECK_EQ(shf_profile_string(p, shf_str_of(names[(i + n) % 6]), &f.name), SHF_OK);
      CHECK_EQ(shf_profile_string(p, shf_str_of(files[(i + n) % 6]), &f.file), SHF_OK);
      if (f.file == 0) f.line = f.column = 0;
      CHECK_EQ(shf_profile_frame(p, f, &frame), SHF_OK);
      CHECK_EQ(shf_profile_node(p, b.node, frame, &b.node), SHF_OK);
    }
    double weight = shf_weight(b.size, source.interval);
    b.value[0] = (int64_t)(b.allocated * weight + 0.5);
    b.value[1] = (int64_t)(b.allocated * weight * (double)b.size + 0.5);
    b.value[2] = (int64_t)(b.live * weight + 0.5);
    b.value[3] = (int64_t)(b.live * weight * (double)b.size + 0.5);
    CHECK_EQ(shf_profile_source(p, source, &b.source), SHF_OK);
    CHECK_EQ(shf_profile_bucket(p, &b), SHF_OK);
  }
  CHECK_EQ(shf_profile_seal(p), SHF_OK);
  return p;
}

static void check_same(char *a, char *b) {
  CHECK_TEXT(b, a);
  free(a);
  free(b);
}

static void check_round_trip(const uint64_t *intervals, uint32_t count) {
  size_t len, again;
  shf_profile *p = estimated(intervals, count);
  char *one = written(p, &len);
  shf_profile *q = read_good(one, len, SHF_TYPES);
  char *two = written(q, &again);
  CHECK_EQ(again, len);
  CHECK(again == len && memcmp(one, two, len) == 0);
  for (int t = 0; t < SHF_TYPES; t++) {
    check_same(test_folded(p, (shf_type)t), test_folded(q, (shf_type)t));
    check_same(listing(p, (shf_type)t), listing(q, (shf_type)t));
    check_same(svg(p, (shf_type)t), svg(q, (shf_type)t));
    CHECK(fabs(shf_profile_variance(p, (shf_type)t) - shf_profile_variance(q, (shf_type)t)) <=
          1e-9 * shf_profile_variance(p, (shf_type)t));
  }
  free(one);
  free(two);
  shf_profile_free(p);
  shf_profile_free(q);
}

TEST(pprof_read_loses_nothing_of_ours) {
  static const uint64_t one[] = {16384};
  check_round_trip(one, 1);
}

TEST(pprof_read_loses_nothing_of_several_runs) {
  shf_profile *a = test_profile("f;g 640 64\nf 64 0\n"), *b = test_profile("f;g 1280 0\n"), *runs,
              *back;
  const shf_profile *inputs[] = {a, b};
  size_t len;
  CHECK_EQ(shf_profile_merge_runs(inputs, 2, &runs), SHF_OK);
  shf_sink *sink = test_sink();
  char *ours = test_written(sink, shf_pprof_write(runs, SHF_ALLOC_SPACE, sink), &len);
  CHECK_EQ(shf_profile_read(ours, len, SHF_TYPES, &back, NULL), SHF_OK);
  CHECK_EQ(shf_profile_runs(back, SHF_SIDE_NONE), 2);
  shf_figure was, is;
  CHECK_EQ(shf_profile_figure(runs, SHF_SIDE_NONE, SHF_ALLOC_SPACE, &was), SHF_OK);
  CHECK_EQ(shf_profile_figure(back, SHF_SIDE_NONE, SHF_ALLOC_SPACE, &is), SHF_OK);
  CHECK_EQ(is.value, was.value);
  CHECK_EQ(is.samples, was.samples);
  CHECK(fabs(is.variance - was.variance) < 1e-6 * was.variance);
  free(ours);
  shf_profile_free(a);
  shf_profile_free(b);
  shf_profile_free(runs);
  shf_profile_free(back);
}

TEST(pprof_read_loses_nothing_of_several_intervals) {
  static const uint64_t three[] = {16384, 65536, 524288};
  check_round_trip(three, 3);
}
