/* Rows of figures that are as wide as what they hold. */
#include "profile/buckets.h"
#include "test.h"

enum { ROWS = 200 };

typedef struct table {
  shf__buckets rows;
  shf_arena *arena;
} table;

static table made(void) {
  table t = {{NULL, 0, 0, 0, {0}, {0}}, shf_arena_new()};
  CHECK(t.arena != NULL);
  return t;
}

static void add(table *t, shf_bucket b) {
  CHECK_EQ(shf__buckets_add(&t->rows, t->arena, &b), SHF_OK);
}

static void check_bucket(const table *t, uint32_t row, shf_bucket b) {
  shf_bucket held = shf__bucket(&t->rows, row);
  CHECK_EQ(held.node, b.node);
  CHECK_EQ(held.source, b.source);
  CHECK_EQ(held.allocated, b.allocated);
  CHECK_EQ(held.live, b.live);
  CHECK(held.size == b.size);
  for (int type = 0; type < SHF_TYPES; type++) {
    CHECK_EQ(held.value[type], b.value[type]);
    CHECK_EQ(shf__bucket_value(&t->rows, row, (shf_type)type), b.value[type]);
  }
  CHECK_EQ(shf__bucket_node(&t->rows, row), b.node);
  CHECK_EQ(shf__bucket_source(&t->rows, row), b.source);
}

static uint64_t random_bits(uint64_t *state) {
  *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return *state >> 11;
}

/* Small at first, of any size and sign later. */
static shf_bucket random_bucket(uint32_t row, uint64_t *state) {
  int shift = row < ROWS / 2 ? 33 : (int)(random_bits(state) % 54);
  shf_bucket b = {.node = row};
  if (row > ROWS / 4) b.size = random_bits(state) >> shift;
  if (row > ROWS / 3) b.source = (uint32_t)random_bits(state);
  if (row % 3) b.allocated = (uint32_t)random_bits(state);
  if (row % 5 == 4) b.live = b.allocated / 2;
  for (int type = 0; type < (int)(row / 50 + 1); type++)
    b.value[type] = (int64_t)(random_bits(state) >> shift) * (random_bits(state) % 2 ? 1 : -1);
  return b;
}

TEST(buckets_are_what_was_added_however_their_columns_grew) {
  table t = made();
  shf_bucket all[ROWS];
  uint64_t state = 7;
  for (uint32_t i = 0; i < ROWS; i++) add(&t, all[i] = random_bucket(i, &state));
  CHECK_EQ(t.rows.count, ROWS);
  for (uint32_t i = 0; i < ROWS; i++) check_bucket(&t, i, all[i]);
  shf_arena_free(t.arena);
}

TEST(a_column_takes_no_byte_until_it_holds_something) {
  table t = made();
  add(&t, (shf_bucket){.node = 5});
  CHECK_EQ(t.rows.stride, 4);
  add(&t, (shf_bucket){.node = 6, .value = {0, 100}});
  CHECK_EQ(t.rows.stride, 8);
  add(&t, (shf_bucket){.node = 7, .value = {0, -100}, .size = 24, .allocated = 1});
  CHECK_EQ(t.rows.stride, 16);
  add(&t, (shf_bucket){.node = 8, .value = {0, INT64_MIN}});
  CHECK_EQ(t.rows.stride, 20);
  check_bucket(&t, 0, (shf_bucket){.node = 5});
  check_bucket(&t, 2, (shf_bucket){.node = 7, .value = {0, -100}, .size = 24, .allocated = 1});
  shf_arena_free(t.arena);
}

TEST(the_largest_figures_fit) {
  static const uint64_t sizes[] = {INT32_MAX, UINT64_C(1) << 31, UINT32_MAX, INT64_MAX, UINT64_MAX};
  static const int64_t values[] = {INT32_MIN, INT32_MAX + INT64_C(1), INT64_MAX, INT64_MIN, -1};
  table t = made();
  for (uint32_t i = 0; i < 5; i++)
    add(&t, (shf_bucket){.size = sizes[i], .value = {values[i]}, .live = UINT32_MAX});
  for (uint32_t i = 0; i < 5; i++)
    check_bucket(&t, i, (shf_bucket){.size = sizes[i], .value = {values[i]}, .live = UINT32_MAX});
  shf_arena_free(t.arena);
}

TEST(a_bucket_that_is_set_widens_the_others) {
  table t = made();
  shf_bucket wide = {.node = 1, .source = 3, .size = UINT64_C(1) << 40, .value = {1, 2, 3, -4}};
  for (uint32_t i = 0; i < 3; i++) add(&t, (shf_bucket){.node = i, .value = {0, (int64_t)i}});
  CHECK_EQ(shf__buckets_set(&t.rows, t.arena, 1, &wide), SHF_OK);
  check_bucket(&t, 0, (shf_bucket){.node = 0});
  check_bucket(&t, 1, wide);
  check_bucket(&t, 2, (shf_bucket){.node = 2, .value = {0, 2}});
  shf_arena_free(t.arena);
}

TEST(buckets_are_put_in_the_order_of_their_nodes) {
  table t = made();
  uint32_t next[ROWS];
  for (uint32_t i = 0; i < ROWS; i++) {
    add(&t, (shf_bucket){.node = i, .value = {(int64_t)i << 33}});
    next[i] = i * 7 % ROWS;
  }
  CHECK_EQ(shf__buckets_order_by_node(&t.rows, t.arena, next), SHF_OK);
  for (uint32_t i = 0; i < ROWS; i++)
    check_bucket(&t, i * 7 % ROWS, (shf_bucket){.node = i, .value = {(int64_t)i << 33}});
  shf_arena_free(t.arena);
}

/* Few are put in order in place, many are not. */
static void check_order(uint32_t sizes, uint32_t each) {
  table t = made();
  uint32_t kept;
  add(&t, (shf_bucket){.node = 1, .size = 99});
  for (uint32_t i = 0; i < sizes * each; i++)
    add(&t, (shf_bucket){.node = 2, .size = sizes - i % sizes, .value = {INT32_MAX}, .live = 1});
  uint32_t end = t.rows.count;
  add(&t, (shf_bucket){.node = 3});
  CHECK_EQ(shf__buckets_order(&t.rows, t.arena, 1, end, &kept), SHF_OK);
  CHECK_EQ(kept, sizes);
  for (uint32_t i = 0; i < kept; i++)
    check_bucket(
        &t, 1 + i,
        (shf_bucket){.node = 2, .size = i + 1, .value = {INT32_MAX * (int64_t)each}, .live = each});
  check_bucket(&t, 0, (shf_bucket){.node = 1, .size = 99});
  check_bucket(&t, end, (shf_bucket){.node = 3});
  shf_arena_free(t.arena);
}

TEST(equal_buckets_of_a_node_are_summed_in_order) {
  check_order(2, 1);
  check_order(1, 2);
  check_order(3, 2);
  check_order(40, 5);
}

TEST(buckets_in_order_stay) {
  table t = made();
  uint32_t kept;
  for (uint32_t i = 0; i < 20; i++) add(&t, (shf_bucket){.source = i / 5, .size = i % 5});
  CHECK_EQ(shf__buckets_order(&t.rows, t.arena, 0, 20, &kept), SHF_OK);
  CHECK_EQ(kept, 20);
  for (uint32_t i = 0; i < 20; i++)
    check_bucket(&t, i, (shf_bucket){.source = i / 5, .size = i % 5});
  shf_arena_free(t.arena);
}

TEST(sums_of_buckets_that_do_not_fit_are_refused) {
  static const shf_bucket most[] = {{.value = {INT64_MAX}},
                                    {.value = {0, 0, 0, INT64_MIN}},
                                    {.allocated = UINT32_MAX},
                                    {.live = UINT32_MAX}};
  for (size_t i = 0; i < sizeof most / sizeof *most; i++) {
    table t = made();
    uint32_t kept;
    shf_bucket one = {.value = {1, 0, 0, -1}, .allocated = 1, .live = 1};
    add(&t, most[i]);
    add(&t, one);
    CHECK_EQ(shf__buckets_order(&t.rows, t.arena, 0, 2, &kept), SHF_E_LIMIT);
    shf_arena_free(t.arena);
  }
}
