/* The column of what nodes have while folded lines are read. */
#include "format/folded/columns.h"
#include "shf.h"
#include "test.h"

enum { ROWS = 100 * 1000 }; /* more than what malloc holds, and less */

static void check_rows(const shf__values *v, uint32_t rows, int64_t times) {
  for (uint32_t i = 0; i < rows; i++)
    CHECK_EQ(shf__values_at(v, i), i % 3 ? 0 : ((int64_t)i - 1000) * times);
}

static void add_rows(shf__values *v, uint32_t rows, int64_t times) {
  for (uint32_t i = 0; i < rows; i += 3)
    CHECK_EQ(shf__values_add(v, i, ((int64_t)i - 1000) * times), SHF_OK);
}

TEST(folded_values_are_zero_until_they_are_added_to) {
  shf__values v = {.bytes = NULL};
  add_rows(&v, ROWS, 1);
  CHECK(!v.wide);
  CHECK_EQ(v.rows, ROWS - (ROWS - 1) % 3);
  check_rows(&v, v.rows, 1);
  shf__values_free(&v);
  CHECK(v.bytes == NULL && v.rows == 0);
}

TEST(folded_values_stay_when_one_needs_eight_bytes) {
  const int64_t edges[] = {INT32_MAX, (int64_t)INT32_MAX + 1, INT32_MIN, (int64_t)INT32_MIN - 1};
  for (uint32_t i = 0; i < 4; i++) {
    for (uint32_t rows = 100; rows <= ROWS; rows *= 10) {
      shf__values v = {.bytes = NULL};
      add_rows(&v, rows, 1);
      CHECK_EQ(shf__values_add(&v, 1, edges[i]), SHF_OK);
      CHECK_EQ(v.wide, i % 2);
      CHECK_EQ(shf__values_at(&v, 1), edges[i]);
      CHECK_EQ(shf__values_add(&v, 1, -edges[i]), SHF_OK);
      check_rows(&v, v.rows, 1);
      add_rows(&v, rows, INT32_MAX - 1);
      CHECK(v.wide);
      add_rows(&v, ROWS * 2, 0);
      check_rows(&v, rows, INT32_MAX);
      shf__values_free(&v);
    }
  }
}

TEST(folded_values_refuse_a_sum_beyond_2_to_the_63) {
  shf__values v = {.bytes = NULL};
  CHECK_EQ(shf__values_add(&v, 7, INT64_MAX), SHF_OK);
  CHECK_EQ(shf__values_add(&v, 7, 1), SHF_E_LIMIT);
  CHECK_EQ(shf__values_at(&v, 7), INT64_MAX);
  shf__values_free(&v);
}
