/* The capture's writer and reader. */
#include "capture_make.h"

/* ---- writer and reader */

TEST(capture_reads_back_as_written) {
  shf_capture *c = make_capture();
  shf_source source = {.interval = 4096,
                       .since_ms = 77,
                       .kind = SHF_OFFHEAP,
                       .gc = SHF_GC_FORCED,
                       .pid = 12,
                       .thread = 3,
                       .types = SHF_HAS_ALLOC,
                       .depth = 64};
  uint32_t row;
  made(shf_capture_source(c, &source, &row));
  make_meta(c, "command", "node a.js");
  shf_capture_function f = {0, 2, 9, 33, 4, 5};
  made(shf_capture_function_add(c, &f, &row));
  make_node(c, 1, SHF_NONE, 0);
  make_line(c, 7, 0, 0, 12);
  shf_capture_bucket b = {7, 0, 1000, 5, 4, 0, 0};
  made(shf_capture_bucket_add(c, &b));
  made(shf_capture_string(c, "a\0b", 3, &row));
  CHECK_EQ(row, 2);
  uint64_t length = shf_capture_length(c);
  made_bytes bytes = {NULL, 0};
  make_bytes(c, &bytes);
  CHECK_EQ(bytes.len, length);

  shf_capture_view v;
  shf_error error;
  CHECK_EQ(shf_capture_open(bytes.ptr, bytes.len, &v, &error), SHF_OK);
  CHECK_EQ(v.header.sources, 1);
  CHECK_EQ(v.header.nodes, 2);
  shf_source source_out;
  shf_capture_view_source(&v, 0, &source_out);
  CHECK(memcmp(&source, &source_out, sizeof source) == 0);
  shf_capture_meta m;
  shf_capture_view_meta(&v, 0, &m);
  CHECK(shf_str_compare(shf_capture_view_string(&v, m.key), shf_str_of("command")) == 0);
  CHECK(shf_str_compare(shf_capture_view_string(&v, m.value), shf_str_of("node a.js")) == 0);
  shf_capture_function f_out;
  shf_capture_view_function(&v, 0, &f_out);
  CHECK(memcmp(&f, &f_out, sizeof f) == 0);
  CHECK(shf_str_compare(shf_capture_view_string(&v, f_out.script), (shf_str){"a\0b", 3}) == 0);
  shf_capture_node n;
  shf_capture_view_node(&v, 1, &n);
  CHECK(n.id == 7 && n.parent == 0 && n.function == 0 && n.line == 12);
  shf_capture_bucket b_out;
  shf_capture_view_bucket(&v, 0, &b_out);
  CHECK(memcmp(&b, &b_out, sizeof b) == 0);
  free(bytes.ptr);
}

static void set_version(made_bytes *b, uint32_t version, size_t less) {
  b->len -= less;
  uint64_t length = b->len;
  memcpy(b->ptr + offsetof(shf_capture_header, version), &version, sizeof version);
  memcpy(b->ptr + offsetof(shf_capture_header, length), &length, sizeof length);
}

/* Turns make_small's capture into one of version 2, whose two buckets have 24 bytes each. */
static void make_version_2(made_bytes *b) {
  memmove(b->ptr + BUCKETS + 24, b->ptr + BUCKETS + 32, 24);
  memmove(b->ptr + BUCKETS + 48, b->ptr + BUCKETS + 64, b->len - BUCKETS - 64);
  set_version(b, 2, 16);
}

/* Turns that into one of version 1, whose three nodes have 12 bytes each, padded. */
static void make_version_1(made_bytes *b) {
  make_version_2(b);
  for (size_t i = 0; i < 3; i++) memmove(b->ptr + NODES + i * 12, b->ptr + NODES + i * 16, 12);
  memset(b->ptr + NODES + 36, 0, 4);
  memmove(b->ptr + NODES + 40, b->ptr + BUCKETS, b->len - BUCKETS);
  set_version(b, 1, 8);
}

TEST(capture_of_version_2_is_read) {
  made_bytes b = make_small();
  make_version_2(&b);
  shf_capture_view v;
  CHECK_EQ(shf_capture_open(b.ptr, b.len, &v, NULL), SHF_OK);
  shf_capture_bucket second;
  shf_capture_view_bucket(&v, 1, &second);
  CHECK(second.size == 100 && second.allocated == 1 && second.labels == 0 && second.age == 0);
  shf_profile *p = NULL;
  CHECK_EQ(shf_profile_from_capture(b.ptr, b.len, &p, NULL), SHF_OK);
  CHECK_EQ(shf_profile_total(p, SHF_ALLOC_SPACE), 148);
  shf_profile_free(p);
  free(b.ptr);
}

TEST(capture_of_version_1_is_read) {
  made_bytes b = make_small();
  make_version_1(&b);
  shf_capture_view v;
  CHECK_EQ(shf_capture_open(b.ptr, b.len, &v, NULL), SHF_OK);
  shf_capture_node n;
  shf_capture_view_node(&v, 2, &n);
  CHECK(n.id == 20 && n.parent == 1 && n.function == 2 && n.line == 0);
  shf_profile *p = NULL;
  CHECK_EQ(shf_profile_from_capture(b.ptr, b.len, &p, NULL), SHF_OK);
  CHECK_EQ(shf_profile_total(p, SHF_ALLOC_SPACE), 148);
  shf_profile_free(p);
  free(b.ptr);
}

TEST(capture_parts_are_padded_to_eight) {
  made_bytes b = make_small();
  shf_capture_view v;
  CHECK_EQ(shf_capture_open(b.ptr, b.len, &v, NULL), SHF_OK);
  const unsigned char *start = (const unsigned char *)b.ptr;
  CHECK_EQ(b.len % 8, 0);
  CHECK_EQ((v.functions - start) % 8, 0);
  CHECK_EQ((v.nodes - start) % 8, 0);
  CHECK_EQ((v.buckets - start) % 8, 0);
  free(b.ptr);
}

TEST(capture_is_read_at_any_alignment) {
  made_bytes b = make_small();
  char *moved = malloc(b.len + 8);
  if (!moved) abort();
  for (size_t at = 0; at < 8; at++) {
    memcpy(moved + at, b.ptr, b.len);
    shf_profile *p = NULL;
    CHECK_EQ(shf_profile_from_capture(moved + at, b.len, &p, NULL), SHF_OK);
    shf_profile_free(p);
  }
  free(moved);
  free(b.ptr);
}

TEST(capture_opens_the_first_of_two_segments) {
  made_bytes b = make_small();
  size_t one = b.len;
  append_bytes(&b, "garbage", 7);
  shf_capture_view v;
  CHECK_EQ(shf_capture_open(b.ptr, b.len, &v, NULL), SHF_OK);
  CHECK_EQ(v.header.length, one);
  free(b.ptr);
}

TEST(capture_string_in_place_keeps_its_true_length) {
  shf_capture *c = make_capture();
  char *text;
  made(shf_capture_string_reserve(c, 100, &text));
  memcpy(text, "short", 5);
  CHECK_EQ(shf_capture_string_commit(c, 5), 0);
  uint32_t id;
  made(shf_capture_string(c, "next", 4, &id));
  CHECK_EQ(id, 1);
  make_function(c, "(root)", "", 0);
  make_node(c, 1, SHF_NONE, 0);
  made_bytes b = {NULL, 0};
  make_bytes(c, &b);
  shf_capture_view v;
  CHECK_EQ(shf_capture_open(b.ptr, b.len, &v, NULL), SHF_OK);
  CHECK(shf_str_compare(shf_capture_view_string(&v, 0), shf_str_of("short")) == 0);
  CHECK(shf_str_compare(shf_capture_view_string(&v, 1), shf_str_of("next")) == 0);
  free(b.ptr);
}

TEST(capture_bucket_grows_by_more_blocks) {
  shf_capture *c = make_capture();
  make_source(c, 0, SHF_HAS_INUSE, 0);
  make_root(c);
  shf_capture_bucket first = {1, 0, 8, 1, 1, 0, 0}, second = {1, 0, 16, 2, 0, 0, 0}, out;
  made(shf_capture_bucket_add(c, &first));
  made(shf_capture_bucket_add(c, &second));
  shf_capture_bucket_more(c, 1, 3, 4);
  CHECK_EQ(shf_capture_buckets(c), 2);
  made_bytes b = {NULL, 0};
  make_bytes(c, &b);
  shf_capture_view v;
  CHECK_EQ(shf_capture_open(b.ptr, b.len, &v, NULL), SHF_OK);
  shf_capture_view_bucket(&v, 0, &out);
  CHECK(memcmp(&first, &out, sizeof out) == 0);
  shf_capture_view_bucket(&v, 1, &out);
  CHECK(out.size == 16 && out.allocated == 5 && out.live == 4);
  free(b.ptr);
}

TEST(capture_refuses_more_text_than_32_bits_count) {
  shf_capture *c = make_capture();
  char *text;
  CHECK_EQ(shf_capture_string_reserve(c, (size_t)UINT32_MAX + 1, &text), SHF_E_LIMIT);
  CHECK_EQ(shf_capture_length(c), 64);
  shf_capture_free(c);
}

TEST(capture_free_allows_null) {
  shf_capture_free(NULL);
  test_checked(); /* it came back */
}

TEST(capture_compact_sums_equal_buckets) {
  shf_capture *c = make_capture();
  shf_capture_compact(c);
  make_source(c, 0, SHF_HAS_ALLOC | SHF_HAS_INUSE, 0);
  make_root(c);
  make_call(c, 0, "f", "", 0);
  make_bucket(c, 1, 32, 5, 4);
  make_bucket(c, 0, 16, 1, 1);
  make_bucket(c, 1, 16, 2, 0);
  make_bucket(c, 1, 32, 7, 6);
  shf_capture_compact(c);
  CHECK_EQ(shf_capture_buckets(c), 3);
  make_bucket(c, 0, 99, 1, 1);
  made_bytes bytes = {NULL, 0};
  make_bytes(c, &bytes);
  shf_capture_view v;
  CHECK_EQ(shf_capture_open(bytes.ptr, bytes.len, &v, NULL), SHF_OK);
  uint32_t allocated = 0, live = 0;
  for (uint32_t i = 0; i < v.header.buckets; i++) {
    shf_capture_bucket b;
    shf_capture_view_bucket(&v, i, &b);
    allocated += b.allocated;
    live += b.live;
    if (b.node == 10 && b.size == 32) CHECK(b.allocated == 12 && b.live == 10);
  }
  CHECK(allocated == 16 && live == 12);
  free(bytes.ptr);
}

static int stop_at_third(void *self, const void *bytes, size_t len) {
  (void)bytes;
  (void)len;
  return ++*(int *)self == 3 ? 42 : 0;
}

TEST(capture_emit_stops_when_the_callback_fails) {
  shf_capture *c = make_capture();
  make_source(c, 0, SHF_HAS_INUSE, 0);
  make_root(c);
  int calls = 0;
  CHECK_EQ(shf_capture_emit(c, stop_at_third, &calls), 42);
  CHECK_EQ(calls, 3);
  shf_capture_free(c);
}

/* ---- damage: a small capture with one field changed */

static void check_damage(size_t at, uint64_t value, size_t width, uint64_t offset,
                         const char *message) {
  made_bytes b = make_small();
  shf_capture_view v;
  shf_error error = {.message = NULL};
  memcpy(b.ptr + at, &value, width);
  CHECK_EQ(shf_capture_open(b.ptr, b.len, &v, &error), SHF_E_FORMAT);
  CHECK_EQ(error.offset, offset);
  CHECK_TEXT(error.message ? error.message : "", message);
  CHECK_EQ(error.sys, 0);
  CHECK_EQ(shf_capture_open(b.ptr, b.len, &v, NULL), SHF_E_FORMAT);
  free(b.ptr);
}

TEST(small_capture_has_the_layout_that_these_tests_assume) {
  made_bytes b = make_small();
  shf_capture_view v;
  CHECK_EQ(shf_capture_open(b.ptr, b.len, &v, NULL), SHF_OK);
  const unsigned char *start = (const unsigned char *)b.ptr;
  CHECK_EQ(v.sources - start, SOURCES);
  CHECK_EQ(v.metas - start, METAS);
  CHECK_EQ(v.ends - start, ENDS);
  CHECK_EQ(v.functions - start, FUNCTIONS);
  CHECK_EQ(v.nodes - start, NODES);
  CHECK_EQ(v.buckets - start, BUCKETS);
  free(b.ptr);
}

TEST(damaged_magic) {
  check_damage(6, '\n', 1, 0, "not a capture");
}
TEST(damaged_version) {
  check_damage(8, 0, 4, 8, "a capture of another version");
  check_damage(8, 4, 4, 8, "a capture of another version");
}
TEST(damaged_header_size) {
  check_damage(12, 72, 4, 8, "a capture of another version");
}
TEST(damaged_length_too_large) {
  made_bytes b = make_small();
  check_damage(16, b.len + 1, 8, b.len, "the capture is cut short");
  check_damage(16, UINT64_MAX, 8, b.len, "the capture is cut short");
  free(b.ptr);
}
TEST(damaged_length_too_small) {
  check_damage(16, 0, 8, 48, "text longer than the capture");
  check_damage(16, 64, 8, 24, "row counts do not add up to the length");
}
TEST(damaged_row_counts) {
  for (size_t at = 24; at < 48; at += 4) {
    if (at == 40) continue;
    check_damage(at, UINT32_MAX, 4, 24, "row counts do not add up to the length");
  }
  check_damage(40, UINT32_MAX, 4, 24, "row counts do not add up to the length");
}
TEST(damaged_root_count) {
  check_damage(40, 0, 4, 40, "a capture without a root");
}
TEST(damaged_text_length) {
  check_damage(48, UINT64_MAX, 8, 48, "text longer than the capture");
}
TEST(damaged_source) {
  check_damage(SOURCES + offsetof(shf_source, kind), 2, 4, SOURCES, "source of an unknown kind");
  check_damage(SOURCES + offsetof(shf_source, gc), 3, 4, SOURCES, "source of an unknown kind");
  check_damage(SOURCES + offsetof(shf_source, side), 1, 4, SOURCES, "source of an unknown kind");
  check_damage(SOURCES + offsetof(shf_source, run), 1, 4, SOURCES, "source of an unknown kind");
  for (uint64_t types = 0; types < 20; types++) {
    if (types == 3 || types == 12 || types == 15) continue;
    check_damage(SOURCES + offsetof(shf_source, types), types, 4, SOURCES,
                 "source of an unknown kind");
  }
}
TEST(damaged_string_ends) {
  check_damage(ENDS + 4, 3, 4, ENDS + 4, "string out of range");
  check_damage(ENDS + 28, 100000, 4, ENDS + 28, "string out of range");
}
TEST(damaged_meta) {
  check_damage(METAS, 8, 4, METAS, "meta line without its string");
  check_damage(METAS + 4, SHF_NONE, 4, METAS, "meta line without its string");
}
TEST(damaged_function) {
  check_damage(FUNCTIONS + 24, 8, 4, FUNCTIONS + 24, "function without its string");
  check_damage(FUNCTIONS + 28, 8, 4, FUNCTIONS + 24, "function without its string");
}
TEST(damaged_node_parent) {
  check_damage(NODES + 4, 0, 4, NODES, "node without its parent or function");
  check_damage(NODES + 16 + 4, 1, 4, NODES + 16, "node without its parent or function");
  check_damage(NODES + 16 + 4, SHF_NONE, 4, NODES + 16, "node without its parent or function");
}
TEST(damaged_node_function) {
  check_damage(NODES + 8, 3, 4, NODES, "node without its parent or function");
}
TEST(damaged_node_line) {
  check_damage(NODES + 16 + 12, UINT32_MAX, 4, NODES + 16, "node with a line below 0");
}
TEST(damaged_bucket_source) {
  check_damage(BUCKETS + 4, 1, 4, BUCKETS,
               "bucket without its source or labels, or with wrong counts");
}
TEST(damaged_bucket_counts) {
  const char *message = "bucket without its source or labels, or with wrong counts";
  check_damage(BUCKETS + 32 + 20, 2, 4, BUCKETS + 32, message);
  check_damage(BUCKETS + 32 + 16, 0, 4, BUCKETS + 32, message);
}

TEST(capture_cut_at_any_byte_is_refused) {
  made_bytes b = make_small();
  for (size_t len = 0; len < b.len; len++) {
    char *cut = malloc(len ? len : 1); /* so that a read past the end is found */
    if (!cut) abort();
    memcpy(cut, b.ptr, len);
    shf_capture_view v;
    shf_error error;
    CHECK_EQ(shf_capture_open(cut, len, &v, &error), SHF_E_FORMAT);
    CHECK_EQ(error.offset, len);
    shf_profile *p = NULL;
    CHECK_EQ(shf_profile_from_capture(cut, len, &p, &error), SHF_E_FORMAT);
    CHECK(p == NULL);
    free(cut);
  }
  free(b.ptr);
}

TEST(capture_with_any_byte_changed_is_refused_or_read) {
  made_bytes b = make_small();
  for (size_t at = 0; at < b.len; at++) {
    for (int bit = 0; bit < 8; bit++) {
      b.ptr[at] = (char)(b.ptr[at] ^ 1 << bit);
      shf_profile *p = NULL;
      int code = shf_profile_from_capture(b.ptr, b.len, &p, NULL);
      CHECK(code == SHF_OK || code == SHF_E_FORMAT || code == SHF_E_LIMIT);
      shf_profile_free(p);
      b.ptr[at] = (char)(b.ptr[at] ^ 1 << bit);
    }
  }
  free(b.ptr);
}

/* ---- labels */

static void add_label(shf_capture *c, uint32_t set, const char *key, const char *value) {
  shf_capture_label l = {set, 0, 0, 0};
  made(shf_capture_string(c, key, strlen(key), &l.key));
  made(shf_capture_string(c, value, strlen(value), &l.value));
  made(shf_capture_label_add(c, &l));
}

static void add_bucket(shf_capture *c, uint32_t allocated, uint32_t live, uint32_t labels,
                       uint32_t age) {
  shf_capture_bucket b = {0, 0, 16, allocated, live, labels, age};
  made(shf_capture_bucket_add(c, &b));
}

/* Two sets: {a: 1}, {a: 1, b: 2}. */
static shf_capture *make_labels(void) {
  shf_capture *c = make_capture();
  make_source(c, 0, SHF_HAS_ALLOC | SHF_HAS_INUSE, 0);
  make_root(c);
  add_label(c, 1, "a", "1");
  add_label(c, 2, "a", "1");
  add_label(c, 2, "b", "2");
  return c;
}

static int opened(shf_capture *c, shf_error *error) {
  made_bytes b = {NULL, 0};
  make_bytes(c, &b);
  shf_capture_view v;
  int code = shf_capture_open(b.ptr, b.len, &v, error);
  free(b.ptr);
  return code;
}

static int64_t labelled(const shf_profile *p, const char *key) {
  int64_t sum = 0;
  for (uint32_t i = 0; i < shf_profile_buckets(p); i++) {
    const shf_bucket b = shf_profile_bucket_at(p, i);
    uint32_t count;
    const shf_label *l = shf_profile_labels_of(p, b.labels, &count);
    for (uint32_t k = 0; k < count; k++)
      if (shf_str_compare(shf_profile_text(p, l[k].key), shf_str_of(key)) == 0)
        sum += b.value[SHF_ALLOC_SPACE];
  }
  return sum;
}

TEST(capture_s_labels_become_those_of_the_profile) {
  shf_capture *c = make_labels();
  add_bucket(c, 1, 1, 1, 0);
  add_bucket(c, 2, 2, 2, 0);
  add_bucket(c, 4, 4, 2, 31);
  add_bucket(c, 8, 0, 0, 0);
  made_bytes b = {NULL, 0};
  make_bytes(c, &b);
  shf_profile *p = NULL;
  made(shf_profile_from_capture(b.ptr, b.len, &p, NULL));
  CHECK_EQ(shf_profile_label_sets(p), 4);
  CHECK_EQ(labelled(p, "a"), 16 * 7);
  CHECK_EQ(labelled(p, "b"), 16 * 6);
  CHECK_EQ(labelled(p, SHF_LABEL_AGE), 16 * 4);
  shf_profile_free(p);
  free(b.ptr);
}

TEST(capture_s_age_is_a_number_of_seconds) {
  shf_capture *c = make_labels();
  add_bucket(c, 1, 1, 0, 31);
  made_bytes b = {NULL, 0};
  make_bytes(c, &b);
  shf_profile *p = NULL;
  made(shf_profile_from_capture(b.ptr, b.len, &p, NULL));
  uint32_t count;
  const shf_label *l = shf_profile_labels_of(p, 1, &count);
  CHECK(count == 1 && l[0].number == 30 && l[0].text == 0);
  CHECK(shf_str_compare(shf_profile_text(p, l[0].unit), shf_str_of("seconds")) == 0);
  shf_profile_free(p);
  free(b.ptr);
}

TEST(capture_s_buckets_of_other_labels_or_ages_are_not_summed) {
  shf_capture *c = make_labels();
  add_bucket(c, 1, 1, 1, 0);
  add_bucket(c, 1, 1, 2, 0);
  add_bucket(c, 1, 1, 2, 5);
  add_bucket(c, 1, 1, 1, 0);
  shf_capture_compact(c);
  CHECK_EQ(shf_capture_buckets(c), 3);
  shf_capture_free(c);
}

TEST(capture_s_age_of_freed_blocks_is_damage) {
  shf_error error;
  shf_capture *c = make_labels();
  add_bucket(c, 2, 1, 0, 5);
  CHECK_EQ(opened(c, &error), SHF_E_FORMAT);
}

TEST(capture_s_labels_must_be_in_order_and_there) {
  shf_error error;
  shf_capture *c = make_labels();
  add_bucket(c, 1, 1, 3, 0);
  CHECK_EQ(opened(c, &error), SHF_E_FORMAT);
  c = make_labels();
  add_label(c, 1, "c", "3");
  CHECK_EQ(opened(c, &error), SHF_E_FORMAT);
  c = make_labels();
  add_label(c, 4, "c", "3");
  CHECK_EQ(opened(c, &error), SHF_E_FORMAT);
}

TEST(capture_s_label_without_a_text_is_left_out) {
  shf_capture *c = make_labels();
  add_label(c, 3, "", "x");
  add_label(c, 3, "y", "");
  add_bucket(c, 1, 1, 3, 0);
  made_bytes b = {NULL, 0};
  make_bytes(c, &b);
  shf_profile *p = NULL;
  made(shf_profile_from_capture(b.ptr, b.len, &p, NULL));
  CHECK_EQ(shf_profile_label_sets(p), 1);
  shf_profile_free(p);
  free(b.ptr);
}
