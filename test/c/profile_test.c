/* Building and sealing a profile, and reading it. */
#include "test.h"

static shf_profile *profile_new(void) {
  shf_profile *p = NULL;
  if (shf_profile_new(&p) != SHF_OK) abort();
  return p;
}

static const shf_source plain = {.pid = 1, .types = SHF_HAS_ALLOC | SHF_HAS_INUSE};

/* A frame that is only a name. */
static uint32_t frame_of(shf_profile *p, const char *name) {
  shf_frame f = {0, 0, 0, 0, 0};
  uint32_t id = SHF_NONE;
  CHECK_EQ(shf_profile_string(p, shf_str_of(name), &f.name), SHF_OK);
  CHECK_EQ(shf_profile_frame(p, f, &id), SHF_OK);
  return id;
}

static uint32_t node_of(shf_profile *p, uint32_t parent, const char *name) {
  uint32_t id = SHF_NONE;
  CHECK_EQ(shf_profile_node(p, parent, frame_of(p, name), &id), SHF_OK);
  return id;
}

static void add(shf_profile *p, uint32_t node, uint64_t size, int64_t alloc) {
  shf_bucket b = {size, {1, alloc, 0, 0}, node, 0, 1, 0, 0};
  CHECK_EQ(shf_profile_bucket(p, &b), SHF_OK);
}

static shf_profile *with_source(void) {
  shf_profile *p = profile_new();
  uint32_t source;
  CHECK_EQ(shf_profile_source(p, plain, &source), SHF_OK);
  return p;
}

/* ---- building */

TEST(empty_profile_is_a_root) {
  shf_profile *p = profile_new();
  CHECK_EQ(shf_profile_seal(p), SHF_OK);
  CHECK_EQ(shf_profile_nodes(p), 1);
  CHECK_EQ(shf_profile_parent(p, 0), SHF_NONE);
  CHECK_EQ(shf_profile_frame_of(p, 0), SHF_NONE);
  CHECK_EQ(shf_profile_end(p, 0), 1);
  CHECK_EQ(shf_profile_depth(p, 0), 0);
  CHECK_EQ(shf_profile_max_depth(p), 0);
  CHECK_EQ(shf_profile_buckets(p), 0);
  CHECK_EQ(shf_profile_total(p, SHF_ALLOC_SPACE), 0);
  shf_profile_free(p);
}

TEST(profile_free_allows_null) {
  shf_profile_free(NULL);
  test_checked(); /* it came back */
}

TEST(frames_of_equal_fields_are_one) {
  shf_profile *p = profile_new();
  shf_frame f = {0, 0, 3, 4, 0}, line = {0, 0, 4, 4, 0}, column = {0, 0, 3, 5, 0};
  uint32_t a, b, c, d;
  CHECK_EQ(shf_profile_frame(p, f, &a), SHF_OK);
  CHECK_EQ(shf_profile_frame(p, f, &b), SHF_OK);
  CHECK_EQ(shf_profile_frame(p, line, &c), SHF_OK);
  CHECK_EQ(shf_profile_frame(p, column, &d), SHF_OK);
  CHECK_EQ(a, b);
  CHECK(c != a && d != a && c != d);
  shf_profile_free(p);
}

TEST(nodes_of_one_parent_and_frame_are_one) {
  shf_profile *p = profile_new();
  uint32_t a = node_of(p, 0, "a");
  CHECK_EQ(node_of(p, 0, "a"), a);
  CHECK(node_of(p, a, "a") != a);
  shf_profile_free(p);
}

TEST(sources_that_are_equal_are_one) {
  shf_profile *p = profile_new();
  for (uint32_t i = 0; i < 20000; i++) {
    shf_source s = plain;
    uint32_t row;
    s.thread = i % 10000;
    CHECK_EQ(shf_profile_source(p, s, &row), SHF_OK);
    CHECK_EQ(row, i % 10000);
  }
  shf_profile_free(p);
}

TEST(rows_that_are_not_there_are_refused) {
  shf_profile *p = with_source();
  uint32_t id, frame = frame_of(p, "f");
  CHECK_EQ(shf_profile_frame(p, (shf_frame){99, 0, 0, 0, 0}, &id), SHF_E_ARG);
  CHECK_EQ(shf_profile_frame(p, (shf_frame){0, 99, 0, 0, 0}, &id), SHF_E_ARG);
  CHECK_EQ(shf_profile_node(p, 0, frame + 1, &id), SHF_E_ARG);
  CHECK_EQ(shf_profile_node(p, 1, frame, &id), SHF_E_ARG);
  CHECK_EQ(shf_profile_node(p, SHF_NONE, SHF_NONE, &id), SHF_E_ARG);
  shf_bucket no_node = {.node = 1}, no_source = {.source = 1};
  CHECK_EQ(shf_profile_bucket(p, &no_node), SHF_E_ARG);
  CHECK_EQ(shf_profile_bucket(p, &no_source), SHF_E_ARG);
  shf_profile_free(p);
}

TEST(sealed_profile_takes_no_more) {
  shf_profile *p = with_source();
  add(p, node_of(p, 0, "a"), 1, 1);
  CHECK_EQ(shf_profile_seal(p), SHF_OK);
  uint32_t id;
  shf_bucket b = {.size = 1};
  CHECK_EQ(shf_profile_seal(p), SHF_E_ARG);
  CHECK_EQ(shf_profile_frame(p, (shf_frame){0, 0, 9, 9, 0}, &id), SHF_E_ARG);
  CHECK_EQ(shf_profile_node(p, 0, 0, &id), SHF_E_ARG);
  CHECK_EQ(shf_profile_source(p, plain, &id), SHF_E_ARG);
  CHECK_EQ(shf_profile_bucket(p, &b), SHF_E_ARG);
  CHECK_EQ(shf_profile_nodes(p), 2);
  shf_profile_free(p);
}

/* ---- meta */

static void set(shf_profile *p, const char *key, const char *value) {
  CHECK_EQ(shf_profile_meta(p, shf_str_of(key), shf_str_of(value)), SHF_OK);
}

static void check_meta(const shf_profile *p, const char *key, const char *value) {
  CHECK_EQ(shf_str_compare(shf_profile_meta_get(p, key), shf_str_of(value)), 0);
}

TEST(meta_is_sorted_by_key) {
  shf_profile *p = profile_new();
  set(p, "node", "v22");
  set(p, "arch", "x64");
  set(p, "platform", "linux");
  CHECK_EQ(shf_profile_metas(p), 3);
  shf_str key, value, last = {"", 0};
  for (uint32_t i = 0; i < 3; i++) {
    shf_profile_meta_at(p, i, &key, &value);
    CHECK(shf_str_compare(last, key) < 0);
    last = key;
  }
  check_meta(p, "node", "v22");
  shf_profile_free(p);
}

TEST(meta_is_replaced) {
  shf_profile *p = profile_new();
  set(p, "node", "v20");
  set(p, "node", "v22");
  CHECK_EQ(shf_profile_metas(p), 1);
  check_meta(p, "node", "v22");
  shf_profile_free(p);
}

TEST(meta_without_a_value_is_removed) {
  shf_profile *p = profile_new();
  set(p, "a", "1");
  set(p, "b", "2");
  set(p, "a", "");
  set(p, "absent", "");
  CHECK_EQ(shf_profile_metas(p), 1);
  check_meta(p, "a", "");
  check_meta(p, "b", "2");
  shf_profile_free(p);
}

/* ---- sealing */

TEST(seal_orders_nodes_in_preorder_by_text) {
  shf_profile *p = test_profile("b;z 64 0\na;c;d 64 0\nb;y 64 0\na;b 64 0\n");
  static const char *const names[] = {"", "a", "b", "c", "d", "b", "y", "z"};
  static const uint32_t parents[] = {SHF_NONE, 0, 1, 1, 3, 0, 5, 5},
                        ends[] = {8, 5, 3, 5, 5, 8, 7, 8}, depths[] = {0, 1, 2, 2, 3, 1, 2, 2};
  CHECK_EQ(shf_profile_nodes(p), 8);
  for (uint32_t n = 0; n < 8; n++) {
    CHECK_EQ(shf_profile_parent(p, n), parents[n]);
    CHECK_EQ(shf_profile_end(p, n), ends[n]);
    CHECK_EQ(shf_profile_depth(p, n), depths[n]);
    if (n == 0) continue;
    shf_str name = shf_frame_name(p, shf_profile_frame_of(p, n));
    CHECK_EQ(shf_str_compare(name, shf_str_of(names[n])), 0);
  }
  CHECK_EQ(shf_profile_max_depth(p), 3);
  shf_profile_free(p);
}

TEST(seal_orders_frames_so_that_folded_lines_are_sorted) {
  shf_profile *p = test_profile("a!;x 64 0\na;x 64 0\na<;x 64 0\nab;x 64 0\na 64 0\n");
  check_folded(p, SHF_ALLOC_SPACE, "a!;x 64\na 64\na;x 64\na<;x 64\nab;x 64\n");
  shf_profile_free(p);
}

TEST(seal_drops_stacks_without_figures) {
  shf_profile *p = with_source();
  uint32_t a = node_of(p, 0, "a"), b = node_of(p, a, "b");
  node_of(p, b, "unused");
  node_of(p, 0, "alone");
  add(p, b, 8, 8);
  CHECK_EQ(shf_profile_seal(p), SHF_OK);
  CHECK_EQ(shf_profile_nodes(p), 3);
  CHECK_EQ(shf_profile_end(p, 1), 3);
  shf_profile_free(p);
}

TEST(seal_sums_buckets_of_one_node_source_and_size) {
  shf_profile *p = with_source();
  uint32_t a = node_of(p, 0, "a"), other;
  shf_source offheap = plain;
  offheap.kind = SHF_OFFHEAP;
  CHECK_EQ(shf_profile_source(p, offheap, &other), SHF_OK);
  add(p, a, 16, 100);
  add(p, a, 8, 1);
  shf_bucket b = {16, {2, 50, 1, 25}, a, 0, 2, 1, 0};
  CHECK_EQ(shf_profile_bucket(p, &b), SHF_OK);
  b.source = other;
  CHECK_EQ(shf_profile_bucket(p, &b), SHF_OK);
  CHECK_EQ(shf_profile_seal(p), SHF_OK);
  CHECK_EQ(shf_profile_buckets(p), 3);
  CHECK_EQ(shf_profile_bucket_first(p, 0), 0);
  CHECK_EQ(shf_profile_bucket_first(p, 1), 0);
  CHECK_EQ(shf_profile_bucket_first(p, 2), 3);
  CHECK_EQ(shf_profile_bucket_at(p, 0).size, 8);
  const shf_bucket sum = shf_profile_bucket_at(p, 1);
  CHECK_EQ(sum.size, 16);
  CHECK_EQ(sum.value[SHF_ALLOC_OBJECTS], 3);
  CHECK_EQ(sum.value[SHF_ALLOC_SPACE], 150);
  CHECK_EQ(sum.value[SHF_INUSE_SPACE], 25);
  CHECK_EQ(sum.allocated, 3);
  CHECK_EQ(sum.live, 1);
  CHECK_EQ(shf_profile_source_at(p, shf_profile_bucket_at(p, 2).source)->kind, SHF_OFFHEAP);
  shf_profile_free(p);
}

/* Adds the rows 0 to 199 of a made-up profile in the order of `order`. */
static shf_profile *in_order(const uint32_t *order, uint32_t count) {
  shf_profile *p = profile_new();
  for (uint32_t i = 0; i < count; i++) {
    uint32_t row = order[i], node = 0, x = row * 2654435761u;
    shf_source s = plain;
    char text[32];
    s.pid = row % 3 + 1;
    s.interval = 512 * (row % 2);
    for (uint32_t depth = 0; depth < 1 + row % 5; depth++, x /= 4) {
      shf_frame f = {0, 0, (int32_t)(x % 3), (int32_t)(row % 2), 0};
      uint32_t frame;
      snprintf(text, sizeof text, "f%u", x % 4);
      CHECK_EQ(shf_profile_string(p, shf_str_of(text), &f.name), SHF_OK);
      CHECK_EQ(shf_profile_string(p, shf_str_of(row % 4 ? "/a.js" : ""), &f.file), SHF_OK);
      CHECK_EQ(shf_profile_frame(p, f, &frame), SHF_OK);
      CHECK_EQ(shf_profile_node(p, node, frame, &node), SHF_OK);
    }
    shf_bucket b = {8 * (row % 3), {row, row * 8, row / 2, row * 4}, node, 0, row, row / 2, 0};
    CHECK_EQ(shf_profile_source(p, s, &b.source), SHF_OK);
    CHECK_EQ(shf_profile_bucket(p, &b), SHF_OK);
    snprintf(text, sizeof text, "key %u", row % 7);
    set(p, text, "value");
  }
  CHECK_EQ(shf_profile_seal(p), SHF_OK);
  return p;
}

static void check_same_frame(const shf_profile *p, const shf_profile *q, uint32_t row) {
  const shf_frame *x = shf_profile_frame_at(p, row), *y = shf_profile_frame_at(q, row);
  CHECK_EQ(shf_str_compare(shf_profile_text(p, x->name), shf_profile_text(q, y->name)), 0);
  CHECK_EQ(shf_str_compare(shf_profile_text(p, x->file), shf_profile_text(q, y->file)), 0);
  CHECK(x->line == y->line && x->column == y->column);
}

static void check_same(const shf_profile *p, const shf_profile *q) {
  CHECK_EQ(shf_profile_nodes(p), shf_profile_nodes(q));
  CHECK_EQ(shf_profile_frames(p), shf_profile_frames(q));
  CHECK_EQ(shf_profile_buckets(p), shf_profile_buckets(q));
  CHECK_EQ(shf_profile_sources(p), shf_profile_sources(q));
  CHECK_EQ(shf_profile_metas(p), shf_profile_metas(q));
  for (uint32_t n = 0; n < shf_profile_nodes(p); n++) {
    CHECK_EQ(shf_profile_parent(p, n), shf_profile_parent(q, n));
    CHECK_EQ(shf_profile_frame_of(p, n), shf_profile_frame_of(q, n));
    CHECK_EQ(shf_profile_bucket_first(p, n), shf_profile_bucket_first(q, n));
  }
  for (uint32_t i = 0; i < shf_profile_frames(p); i++) check_same_frame(p, q, i);
  for (uint32_t i = 0; i < shf_profile_buckets(p); i++) {
    shf_bucket x = shf_profile_bucket_at(p, i), y = shf_profile_bucket_at(q, i);
    CHECK(test_same_bucket(&x, &y));
  }
  for (uint32_t i = 0; i < shf_profile_sources(p); i++)
    CHECK(memcmp(shf_profile_source_at(p, i), shf_profile_source_at(q, i), sizeof(shf_source)) ==
          0);
}

TEST(seal_gives_the_same_rows_for_any_order_of_adding) {
  enum { ROWS = 200 };
  uint32_t order[ROWS], x = 1;
  for (uint32_t i = 0; i < ROWS; i++) order[i] = i;
  shf_profile *p = in_order(order, ROWS);
  char *expected = test_folded(p, SHF_ALLOC_SPACE);
  for (int round = 0; round < 20; round++) {
    for (uint32_t i = ROWS - 1; i > 0; i--) {
      x = x * 1664525 + 1013904223;
      uint32_t j = (x >> 8) % (i + 1), old = order[i];
      order[i] = order[j];
      order[j] = old;
    }
    shf_profile *q = in_order(order, ROWS);
    char *text = test_folded(q, SHF_ALLOC_SPACE);
    CHECK_TEXT(text, expected);
    check_same(p, q);
    free(text);
    shf_profile_free(q);
  }
  free(expected);
  shf_profile_free(p);
}

static void check_overflow(int64_t first, int64_t second, uint64_t size, int code) {
  shf_profile *p = with_source();
  add(p, node_of(p, 0, "a"), 8, first);
  add(p, node_of(p, 0, "a"), size, second);
  CHECK_EQ(shf_profile_seal(p), code);
  shf_profile_free(p);
}

TEST(sum_beyond_63_bits_is_a_limit) {
  check_overflow(INT64_MAX - 1, 1, 8, SHF_OK);
  check_overflow(INT64_MAX, 1, 8, SHF_E_LIMIT);
  check_overflow(INT64_MAX, 1, 16, SHF_E_LIMIT);
  check_overflow(INT64_MIN, -1, 16, SHF_E_LIMIT);
  check_overflow(-INT64_MAX, 0, 16, SHF_OK);
  check_overflow(-INT64_MAX, -1, 16, SHF_E_LIMIT); /* its sign could not be turned */
}

TEST(sum_of_a_part_is_never_beyond_63_bits) {
  shf_profile *p = with_source();
  uint32_t a = node_of(p, 0, "a");
  add(p, a, 8, INT64_MAX);
  add(p, 0, 8, -INT64_MAX);
  add(p, a, 16, 5);
  CHECK_EQ(shf_profile_seal(p), SHF_E_LIMIT);
  shf_profile_free(p);
}

TEST(count_beyond_32_bits_is_a_limit) {
  for (int live = 0; live < 2; live++) {
    shf_profile *p = with_source();
    shf_bucket b = {8, {1, 8, 0, 0}, 0, 0, live ? 0 : UINT32_MAX, live ? UINT32_MAX : 0, 0};
    CHECK_EQ(shf_profile_bucket(p, &b), SHF_OK);
    CHECK_EQ(shf_profile_bucket(p, &b), SHF_OK);
    CHECK_EQ(shf_profile_seal(p), SHF_E_LIMIT);
    shf_profile_free(p);
  }
}

/* ---- reading */

TEST(types_have_names_that_parse) {
  for (int t = 0; t < SHF_TYPES; t++) CHECK_EQ(shf_type_parse(shf_type_name((shf_type)t)), t);
  CHECK_EQ(shf_type_parse("space"), SHF_TYPES);
  CHECK_EQ(shf_type_parse(""), SHF_TYPES);
  CHECK_TEXT(shf_type_name(SHF_TYPES), "");
  CHECK(shf_type_is_space(SHF_ALLOC_SPACE) && shf_type_is_space(SHF_INUSE_SPACE));
  CHECK(!shf_type_is_space(SHF_ALLOC_OBJECTS) && !shf_type_is_space(SHF_INUSE_OBJECTS));
}

TEST(types_are_those_that_every_source_knows) {
  shf_profile *p = profile_new();
  shf_source s = plain;
  uint32_t row;
  CHECK_EQ(shf_profile_source(p, s, &row), SHF_OK);
  CHECK_EQ(shf_profile_types(p), SHF_HAS_ALLOC | SHF_HAS_INUSE);
  s.types = SHF_HAS_INUSE;
  CHECK_EQ(shf_profile_source(p, s, &row), SHF_OK);
  CHECK_EQ(shf_profile_types(p), SHF_HAS_INUSE);
  shf_profile_free(p);
}

TEST(sums_are_of_the_node_and_of_all_below_it) {
  shf_profile *p = test_profile("a 64 64\na;b 128 0\na;b;c 256 256\nd 512 0\n");
  int64_t self[5], total[5];
  shf_profile_sums(p, SHF_ALLOC_SPACE, self, total);
  static const int64_t selves[] = {0, 64, 128, 256, 512}, totals[] = {960, 448, 384, 256, 512};
  CHECK(memcmp(self, selves, sizeof self) == 0);
  CHECK(memcmp(total, totals, sizeof total) == 0);
  shf_profile_sums(p, SHF_INUSE_SPACE, self, NULL);
  CHECK_EQ(self[3], 256);
  shf_profile_sums(p, SHF_INUSE_OBJECTS, NULL, total);
  CHECK_EQ(total[0], 5);
  shf_profile_sums(p, SHF_ALLOC_SPACE, NULL, NULL);
  CHECK_EQ(shf_profile_total(p, SHF_ALLOC_SPACE), 960);
  CHECK_EQ(shf_profile_total(p, SHF_TYPES), 0);
  shf_profile_free(p);
}

TEST(figures_of_no_stack_stay_at_the_root) {
  shf_profile *p = with_source();
  add(p, 0, 8, 8);
  add(p, node_of(p, 0, "a"), 8, 16);
  CHECK_EQ(shf_profile_seal(p), SHF_OK);
  int64_t self[2], total[2];
  shf_profile_sums(p, SHF_ALLOC_SPACE, self, total);
  CHECK(self[0] == 8 && self[1] == 16 && total[0] == 24);
  shf_profile_free(p);
}

TEST(tree_of_a_hundred_thousand_calls_deep_is_sealed) {
  enum { DEEP = 100000 };
  shf_profile *p = with_source();
  uint32_t node = 0, frame = frame_of(p, "f");
  for (uint32_t i = 0; i < DEEP; i++) CHECK_EQ(shf_profile_node(p, node, frame, &node), SHF_OK);
  add(p, node, 8, 8);
  CHECK_EQ(shf_profile_seal(p), SHF_OK);
  CHECK_EQ(shf_profile_max_depth(p), DEEP);
  shf_row *rows;
  uint32_t count;
  CHECK_EQ(shf_profile_rows(p, SHF_ALLOC_SPACE, &rows, &count), SHF_OK);
  CHECK(count == 1 && rows[0].total[SHF_ALLOC_SPACE] == 8);
  free(rows);
  shf_profile_free(p);
}
