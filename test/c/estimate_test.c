/* Weights, variances, rounding, and figures of functions. */
#include <math.h>

#include "capture_make.h"

static bool near(double a, double b) {
  return fabs(a - b) <= 1e-9 * fabs(b);
}

/* ---- weights and variances: the numbers are worked out apart from this code */

TEST(weight_of_a_block_as_large_as_the_interval) {
  CHECK(near(shf_weight(1000, 1000), 1.5819767068693265));
}

TEST(weight_of_a_small_block_is_nearly_interval_by_size) {
  CHECK(near(shf_weight(64, 65536), 1024.5000813802067));
}

TEST(weight_of_a_large_block_is_one) {
  CHECK(near(shf_weight(100 * 65536, 65536), 1));
}

TEST(weight_of_exact_figures_is_one) {
  CHECK(shf_weight(64, 0) == 1);
  CHECK(shf_weight(0, 65536) == 1);
  CHECK(shf_weight(0, 0) == 1);
}

TEST(weight_is_finite_for_any_numbers) {
  CHECK(isfinite(shf_weight(1, UINT64_MAX)));
  CHECK(shf_weight(UINT64_MAX, 1) == 1);
}

/* One bucket of 10 sampled blocks of 1000 bytes at interval 1000, 4 of them alive. */
static shf_profile *ten_blocks(uint64_t interval) {
  shf_capture *c = make_capture();
  make_source(c, interval, SHF_HAS_ALLOC | SHF_HAS_INUSE, 0);
  make_root(c);
  make_bucket(c, make_call(c, 0, "f", "/a.js", 1), 1000, 10, 4);
  made_bytes b = {NULL, 0};
  make_bytes(c, &b);
  shf_profile *p;
  made(shf_profile_from_capture(b.ptr, b.len, &p, NULL));
  free(b.ptr);
  return p;
}

TEST(variance_of_a_bucket) {
  shf_profile *p = ten_blocks(1000);
  const shf_bucket b = shf_profile_bucket_at(p, 0);
  /* 10 * e^-1 / (1 - e^-1)^2, and times 1000^2 for bytes */
  CHECK(near(shf_bucket_variance(p, &b, SHF_ALLOC_OBJECTS), 9.206735942077925));
  CHECK(near(shf_bucket_variance(p, &b, SHF_ALLOC_SPACE), 9206735.942077925));
  CHECK(near(shf_bucket_variance(p, &b, SHF_INUSE_OBJECTS), 0.4 * 9.206735942077925));
  CHECK(near(shf_profile_variance(p, SHF_INUSE_SPACE), 0.4 * 9206735.942077925));
  shf_profile_free(p);
}

TEST(variance_of_exact_figures_is_zero) {
  shf_profile *p = ten_blocks(0);
  for (int t = 0; t < SHF_TYPES; t++) CHECK(shf_profile_variance(p, (shf_type)t) == 0);
  shf_profile_free(p);
}

TEST(estimate_is_count_times_weight) {
  shf_profile *p = ten_blocks(1000);
  const shf_bucket b = shf_profile_bucket_at(p, 0);
  CHECK_EQ(b.value[SHF_ALLOC_OBJECTS], 6 + 9); /* 4 * 1.58 and 6 * 1.58, rounded apart */
  CHECK_EQ(b.value[SHF_ALLOC_SPACE], 6328 + 9492);
  CHECK_EQ(b.value[SHF_INUSE_OBJECTS], 6);
  CHECK_EQ(b.value[SHF_INUSE_SPACE], 6328);
  CHECK_EQ(b.allocated, 10);
  CHECK_EQ(b.live, 4);
  shf_profile_free(p);
}

TEST(exact_figures_are_not_changed) {
  shf_profile *p = ten_blocks(0);
  CHECK_EQ(shf_profile_total(p, SHF_ALLOC_OBJECTS), 10);
  CHECK_EQ(shf_profile_total(p, SHF_ALLOC_SPACE), 10000);
  CHECK_EQ(shf_profile_total(p, SHF_INUSE_OBJECTS), 4);
  CHECK_EQ(shf_profile_total(p, SHF_INUSE_SPACE), 4000);
  shf_profile_free(p);
}

/* ---- rounding */

/* `count` buckets of odd sizes; the exact sums of what they stand for. */
static shf_profile *many_buckets(uint32_t count, uint64_t interval, double exact[SHF_TYPES]) {
  shf_capture *c = make_capture();
  make_source(c, interval, SHF_HAS_ALLOC | SHF_HAS_INUSE, 0);
  make_root(c);
  uint32_t f = make_call(c, 0, "f", "/a.js", 1), g = make_call(c, f, "g", "/a.js", 2);
  memset(exact, 0, SHF_TYPES * sizeof *exact);
  for (uint32_t i = 0; i < count; i++) {
    uint64_t size = 8 * (i + 1);
    uint32_t allocated = 1 + i % 3, live = i % (allocated + 1);
    double weight = shf_weight(size, interval);
    make_bucket(c, i % 2 ? f : g, size, allocated, live);
    exact[SHF_ALLOC_OBJECTS] += allocated * weight;
    exact[SHF_ALLOC_SPACE] += allocated * weight * (double)size;
    exact[SHF_INUSE_OBJECTS] += live * weight;
    exact[SHF_INUSE_SPACE] += live * weight * (double)size;
  }
  made_bytes b = {NULL, 0};
  make_bytes(c, &b);
  shf_profile *p;
  made(shf_profile_from_capture(b.ptr, b.len, &p, NULL));
  free(b.ptr);
  return p;
}

TEST(sum_of_rounded_figures_is_within_one_of_the_exact_sum) {
  static const uint64_t intervals[] = {1, 100, 4096, 65536, 524288};
  for (size_t i = 0; i < 5; i++) {
    double exact[SHF_TYPES];
    shf_profile *p = many_buckets(3000, intervals[i], exact);
    for (int t = 0; t < SHF_TYPES; t++)
      CHECK(fabs((double)shf_profile_total(p, (shf_type)t) - exact[t]) <= 1);
    shf_profile_free(p);
  }
}

TEST(no_bucket_has_more_in_use_than_allocated) {
  double exact[SHF_TYPES];
  shf_profile *p = many_buckets(3000, 4096, exact);
  int wrong = 0;
  for (uint32_t i = 0; i < shf_profile_buckets(p); i++) {
    const shf_bucket b = shf_profile_bucket_at(p, i);
    wrong += b.value[SHF_INUSE_OBJECTS] > b.value[SHF_ALLOC_OBJECTS];
    wrong += b.value[SHF_INUSE_SPACE] > b.value[SHF_ALLOC_SPACE];
    wrong += b.value[SHF_INUSE_OBJECTS] < 0 || b.value[SHF_INUSE_SPACE] < 0;
  }
  CHECK_EQ(wrong, 0);
  shf_profile_free(p);
}

TEST(sums_beyond_a_double_s_whole_numbers_stay_exact) {
  shf_capture *c = make_capture();
  make_source(c, 0, SHF_HAS_ALLOC | SHF_HAS_INUSE, 0);
  make_root(c);
  uint64_t size = (UINT64_C(1) << 52) + 1;
  make_bucket(c, 0, 0, 1, 1);
  make_bucket(c, 0, size, 1, 0);
  make_bucket(c, make_call(c, 0, "f", "", 0), 0, 1, 1);
  made_bytes b = {NULL, 0};
  make_bytes(c, &b);
  shf_profile *p;
  made(shf_profile_from_capture(b.ptr, b.len, &p, NULL));
  CHECK_EQ(shf_profile_total(p, SHF_ALLOC_SPACE), size);
  for (uint32_t i = 0; i < shf_profile_buckets(p); i++)
    CHECK(shf_profile_bucket_at(p, i).value[SHF_ALLOC_SPACE] >= 0);
  shf_profile_free(p);
  free(b.ptr);
}

TEST(figure_beyond_63_bits_is_a_limit) {
  shf_capture *c = make_capture();
  make_source(c, 0, SHF_HAS_ALLOC | SHF_HAS_INUSE, 0);
  make_root(c);
  make_bucket(c, 0, UINT64_C(1) << 62, 2, 2);
  made_bytes b = {NULL, 0};
  make_bytes(c, &b);
  shf_profile *p = NULL;
  CHECK_EQ(shf_profile_from_capture(b.ptr, b.len, &p, NULL), SHF_E_LIMIT);
  free(b.ptr);
}

/* Totals of one bucket of 3 allocated and 2 live blocks of 10 bytes whose source knows `types`. */
static void check_known(uint32_t types, int64_t alloc, int64_t inuse) {
  shf_capture *c = make_capture();
  make_source(c, 0, types, 0);
  make_root(c);
  make_bucket(c, 0, 10, 3, 2);
  made_bytes b = {NULL, 0};
  make_bytes(c, &b);
  shf_profile *p;
  made(shf_profile_from_capture(b.ptr, b.len, &p, NULL));
  CHECK_EQ(shf_profile_total(p, SHF_ALLOC_SPACE), alloc);
  CHECK_EQ(shf_profile_total(p, SHF_INUSE_SPACE), inuse);
  shf_profile_free(p);
  free(b.ptr);
}

TEST(figures_of_types_that_the_source_does_not_know_are_zero) {
  check_known(SHF_HAS_ALLOC, 30, 0);
  check_known(SHF_HAS_INUSE, 0, 20);
  check_known(SHF_HAS_ALLOC | SHF_HAS_INUSE, 30, 20);
}

/* ---- rows */

static const shf_row *row_of(const shf_profile *p, const shf_row *rows, uint32_t count,
                             const char *name) {
  for (uint32_t i = 0; i < count; i++)
    if (shf_str_compare(shf_frame_name(p, rows[i].frame), shf_str_of(name)) == 0) return &rows[i];
  static const shf_row none = {.frame = SHF_NONE};
  CHECK(!"a row of that name");
  return &none;
}

TEST(rows_have_self_and_total) {
  shf_profile *p = test_profile("a;b 64 64\na;c 128 0\nd;b 256 64\na 512 0\n");
  shf_row *rows;
  uint32_t count;
  CHECK_EQ(shf_profile_rows(p, SHF_ALLOC_SPACE, &rows, &count), SHF_OK);
  CHECK_EQ(count, 4);
  const shf_row *a = row_of(p, rows, count, "a"), *b = row_of(p, rows, count, "b");
  CHECK(a->self[SHF_ALLOC_SPACE] == 512 && a->total[SHF_ALLOC_SPACE] == 704);
  CHECK(b->self[SHF_ALLOC_SPACE] == 320 && b->total[SHF_ALLOC_SPACE] == 320);
  CHECK(b->self[SHF_INUSE_OBJECTS] == 2 && a->total[SHF_INUSE_OBJECTS] == 1);
  free(rows);
  shf_profile_free(p);
}

TEST(rows_count_a_recursive_function_once_a_stack) {
  shf_profile *p = test_profile("f;f;f 64 0\nf;g;f 128 0\ng;f 256 0\n");
  shf_row *rows;
  uint32_t count;
  CHECK_EQ(shf_profile_rows(p, SHF_ALLOC_SPACE, &rows, &count), SHF_OK);
  const shf_row *f = row_of(p, rows, count, "f"), *g = row_of(p, rows, count, "g");
  CHECK_EQ(f->total[SHF_ALLOC_SPACE], 448);
  CHECK_EQ(f->self[SHF_ALLOC_SPACE], 448);
  CHECK_EQ(g->total[SHF_ALLOC_SPACE], 384);
  CHECK_EQ(g->self[SHF_ALLOC_SPACE], 0);
  CHECK(near(f->total_variance[SHF_ALLOC_SPACE], shf_profile_variance(p, SHF_ALLOC_SPACE)));
  free(rows);
  shf_profile_free(p);
}

static void check_order(const char *lines, shf_type type, const char *expected) {
  shf_profile *p = test_profile(lines);
  shf_row *rows;
  uint32_t count;
  char names[256] = "";
  CHECK_EQ(shf_profile_rows(p, type, &rows, &count), SHF_OK);
  for (uint32_t i = 0; i < count; i++) {
    shf_str name = shf_frame_name(p, rows[i].frame);
    strncat(names, name.ptr, name.len);
  }
  CHECK_TEXT(names, expected);
  free(rows);
  shf_profile_free(p);
}

TEST(rows_are_sorted_by_self_then_total_then_text) {
  check_order("a 64 256\nb 256 64\n", SHF_ALLOC_SPACE, "ba");
  check_order("a 64 256\nb 256 64\n", SHF_INUSE_SPACE, "ab");
  check_order("a;c 64 0\nb;c 256 0\n", SHF_ALLOC_SPACE, "cba");
  check_order("c 64 0\nb 64 0\na 64 0\n", SHF_ALLOC_SPACE, "abc");
}

TEST(rows_of_an_unknown_type_are_refused) {
  shf_profile *p = test_profile("a 64 0\n");
  shf_row *rows = NULL;
  uint32_t count;
  CHECK_EQ(shf_profile_rows(p, SHF_TYPES, &rows, &count), SHF_E_ARG);
  CHECK(rows == NULL);
  shf_profile_free(p);
}

TEST(rows_of_nothing_are_none) {
  shf_profile *p = test_profile("");
  shf_row *rows;
  uint32_t count = 9;
  CHECK_EQ(shf_profile_rows(p, SHF_ALLOC_SPACE, &rows, &count), SHF_OK);
  CHECK_EQ(count, 0);
  free(rows);
  shf_profile_free(p);
}
