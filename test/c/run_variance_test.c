/* Several runs of one program: their mean, their spread, and limits on them. */
#include <math.h>

#include "test.h"

/* Runs whose only function allocates so many bytes, in blocks of 64. */
static shf_profile *runs_of(const int64_t *bytes, uint32_t count) {
  const shf_profile *each[8] = {NULL};
  shf_profile *all = NULL;
  for (uint32_t i = 0; i < count; i++) {
    char line[64];
    snprintf(line, sizeof line, "f@/a.js:1:1 %lld 0\n", (long long)bytes[i]);
    each[i] = test_profile(line);
  }
  CHECK_EQ(shf_profile_merge_runs(each, count, &all), SHF_OK);
  for (uint32_t i = 0; i < count; i++) shf_profile_free((shf_profile *)(uintptr_t)each[i]);
  return all;
}

static shf_profile *diff_of(const int64_t *before, uint32_t befores, const int64_t *after,
                            uint32_t afters) {
  shf_profile *a = runs_of(before, befores), *b = runs_of(after, afters), *d = NULL;
  CHECK_EQ(shf_profile_diff(a, b, SHF_ALLOC_SPACE, false, &d), SHF_OK);
  shf_profile_free(a);
  shf_profile_free(b);
  return d;
}

static shf_figure figure_of(const int64_t *bytes, uint32_t count) {
  shf_profile *p = runs_of(bytes, count);
  shf_figure f = {0};
  CHECK_EQ(shf_profile_figure(p, SHF_SIDE_NONE, SHF_ALLOC_SPACE, &f), SHF_OK);
  shf_profile_free(p);
  return f;
}

TEST(runs_are_distinguished_and_counted) {
  const int64_t bytes[] = {6400, 64000, 640000};
  shf_profile *p = runs_of(bytes, 3);
  CHECK_EQ(shf_profile_runs(p, SHF_SIDE_NONE), 3);
  CHECK_EQ(shf_profile_total(p, SHF_ALLOC_SPACE), 6400 + 64000 + 640000);
  CHECK_EQ(shf_profile_buckets(p), 3);
  shf_profile_free(p);
}

TEST(runs_of_runs_stand_for_all_of_them) {
  const int64_t bytes[] = {640, 1280};
  shf_profile *two = runs_of(bytes, 2), *one = runs_of(bytes, 1), *all = NULL;
  const shf_profile *inputs[] = {two, one};
  CHECK_EQ(shf_profile_merge_runs(inputs, 2, &all), SHF_OK);
  CHECK_EQ(shf_profile_runs(all, SHF_SIDE_NONE), 3);
  shf_profile_free(two);
  shf_profile_free(one);
  shf_profile_free(all);
}

TEST(runs_of_processes_have_one_root) {
  shf_profile *a = test_profile("process 12 (node a.js);f 640 0\n"),
              *b = test_profile("process 99 (node a.js);f 640 0\n"), *all = NULL;
  const shf_profile *inputs[] = {a, b};
  CHECK_EQ(shf_profile_merge_runs(inputs, 2, &all), SHF_OK);
  CHECK_EQ(shf_profile_nodes(all), 3);
  shf_profile_free(a);
  shf_profile_free(b);
  shf_profile_free(all);
}

TEST(figure_of_runs_is_their_mean) {
  const int64_t bytes[] = {64000, 128000, 192000};
  shf_figure f = figure_of(bytes, 3);
  CHECK_EQ(f.value, 128000);
  CHECK_EQ(f.runs, 3);
}

TEST(runs_that_agree_have_the_error_of_sampling_alone) {
  const int64_t bytes[] = {64000000, 64000000, 64000000, 64000000};
  shf_figure one = figure_of(bytes, 1), four = figure_of(bytes, 4);
  CHECK(fabs(four.variance * 4 / one.variance - 1) < 1e-9);
}

TEST(runs_that_spread_have_the_error_of_their_spread) {
  const int64_t bytes[] = {64000000, 640000000, 64000000, 640000000};
  shf_figure f = figure_of(bytes, 4);
  /* s^2 / n of these four, widened by (t / 2.576)^2 with 3 degrees of freedom */
  double mean = 352000000, each = 288000000, plain = 4 * each * each / 3 / 4;
  double wider = 5.841 / 2.576;
  CHECK_EQ(f.value, (int64_t)mean);
  CHECK(fabs(f.variance / (plain * wider * wider) - 1) < 1e-6);
}

TEST(side_of_one_run_has_the_spread_of_the_other) {
  const int64_t wide[] = {64000000, 640000000, 64000000, 640000000}, one[] = {640000000};
  shf_profile *d = diff_of(wide, 4, one, 1);
  shf_change *rows;
  uint32_t count;
  CHECK_EQ(shf_profile_changes(d, SHF_ALLOC_SPACE, &rows, &count), SHF_OK);
  CHECK_EQ(rows[0].self[0], 352000000);
  CHECK_EQ(rows[0].self[1], 640000000);
  /* a single run lies as far from its mean as one of the others: n times the mean's variance */
  double ratio = rows[0].self_variance[1] / rows[0].self_variance[0];
  CHECK(ratio > 3.9 && ratio < 4.1);
  CHECK_EQ(shf_change_verdict(rows[0].self[0], rows[0].self[1],
                              rows[0].self_variance[0] + rows[0].self_variance[1]),
           SHF_WITHIN_NOISE);
  free(rows);
  shf_profile_free(d);
}

TEST(nodes_have_the_variance_of_their_function) {
  const int64_t before[] = {64000000, 128000000}, after[] = {640000000, 320000000};
  shf_profile *d = diff_of(before, 2, after, 2);
  double nodes[2];
  shf_change *rows;
  uint32_t count;
  CHECK_EQ(shf_profile_nodes(d), 2);
  CHECK_EQ(shf_profile_change_variances(d, SHF_ALLOC_SPACE, false, nodes), SHF_OK);
  CHECK_EQ(shf_profile_changes(d, SHF_ALLOC_SPACE, &rows, &count), SHF_OK);
  double all = rows[0].total_variance[0] + rows[0].total_variance[1];
  CHECK(fabs(nodes[1] / all - 1) < 1e-9);
  CHECK(fabs(nodes[0] / all - 1) < 1e-9);
  CHECK_EQ(shf_profile_change_variances(d, SHF_ALLOC_SPACE, true, nodes), SHF_OK);
  CHECK(fabs(nodes[1] / all - 1) < 1e-9);
  CHECK(nodes[0] == 0);
  free(rows);
  shf_profile_free(d);
}

TEST(mean_of_runs_adds_up_to_the_byte) {
  char line[512] = "";
  for (int i = 0; i < 9; i++) {
    char one[32];
    snprintf(one, sizeof one, "f%d %d 0\n", i, 64 * (i + 1));
    strcat(line, one);
  }
  shf_profile *a = test_profile(line), *none = test_profile(""), *runs = NULL, *d = NULL;
  const shf_profile *inputs[] = {a, none, none, none, none, none, none};
  CHECK_EQ(shf_profile_merge_runs(inputs, 7, &runs), SHF_OK);
  CHECK_EQ(shf_profile_diff(runs, a, SHF_ALLOC_SPACE, false, &d), SHF_OK);
  int64_t mean = shf_profile_side_total(d, SHF_SIDE_BEFORE, SHF_ALLOC_SPACE);
  CHECK(llabs(mean * 7 - 64 * 45) <= 3);
  shf_profile_free(a);
  shf_profile_free(none);
  shf_profile_free(runs);
  shf_profile_free(d);
}

/* ---- limits */

TEST(limit_is_exceeded_with_99_percent_confidence) {
  shf_figure f = {.value = 1258, .variance = 10000, .runs = 1};
  CHECK_EQ(shf_judge_limit(&f, 1000), SHF_EXCEEDED);
  CHECK_EQ(shf_judge_limit(&f, 1001), SHF_UNSURE);
  CHECK_EQ(shf_judge_limit(&f, 1257.9), SHF_UNSURE);
  CHECK_EQ(shf_judge_limit(&f, 1258), SHF_HOLDS);
}

TEST(limit_on_exact_figures_is_exact) {
  shf_figure f = {.value = 1001, .runs = 1};
  CHECK_EQ(shf_judge_limit(&f, 1000), SHF_EXCEEDED);
  CHECK_EQ(shf_judge_limit(&f, 1001), SHF_HOLDS);
}

TEST(growth_is_exceeded_beyond_its_percent_and_noise) {
  shf_figure f[2] = {{.value = 100000, .variance = 5e5}, {.value = 0, .variance = 5e5}};
  /* noise is 2.576 * sqrt(5e5 + 1.1^2 * 5e5) = 2708 */
  f[1].value = 112600;
  CHECK_EQ(shf_judge_growth(f, 10), SHF_HOLDS);
  f[1].value = 112800;
  CHECK_EQ(shf_judge_growth(f, 10), SHF_EXCEEDED);
  f[1].value = 90000;
  CHECK_EQ(shf_judge_growth(f, 10), SHF_HOLDS);
}

TEST(growth_is_unsure_where_noise_is_larger_than_it) {
  shf_figure f[2] = {{.value = 100000, .variance = 1e7}, {.value = 100000, .variance = 1e7}};
  CHECK_EQ(shf_judge_growth(f, 10), SHF_UNSURE);
  CHECK_EQ(shf_judge_growth(f, 15), SHF_HOLDS);
  CHECK_EQ(shf_judge_growth((shf_figure[]){{.value = 100000, .variance = 1e6},
                                           {.value = 100000, .variance = 1e6}},
                            0),
           SHF_HOLDS);
}

TEST(growth_holds_where_less_is_sure_though_noise_is_larger_than_it) {
  shf_figure f[2] = {{.value = 100000, .variance = 1e7}, {.value = 50000, .variance = 1e7}};
  CHECK_EQ(shf_judge_growth(f, 10), SHF_HOLDS);
  /* noise is 2.576 * sqrt(1e7 + 1.1^2 * 1e7) = 12110 */
  f[1].value = 97800;
  CHECK_EQ(shf_judge_growth(f, 10), SHF_HOLDS);
  f[1].value = 98000;
  CHECK_EQ(shf_judge_growth(f, 10), SHF_UNSURE);
}

TEST(growth_from_nothing_is_exceeded_where_it_is_sure) {
  shf_figure f[2] = {{.value = 0}, {.value = 7 * 65536, .variance = 7 * 65536.0 * 65536.0}};
  CHECK_EQ(shf_judge_growth(f, 10), SHF_EXCEEDED);
  f[1] = (shf_figure){.value = 65536, .variance = 65536.0 * 65536.0};
  CHECK_EQ(shf_judge_growth(f, 10), SHF_UNSURE);
  f[1] = (shf_figure){.value = 0};
  CHECK_EQ(shf_judge_growth(f, 10), SHF_HOLDS);
}

TEST(figures_beyond_what_doubles_hold_are_exact) {
  const int64_t before[] = {9007199254740993}, after[] = {9007199254740995};
  shf_profile *d = diff_of(before, 1, after, 1);
  shf_figure f[2];
  CHECK_EQ(shf_profile_figures(d, SHF_ALLOC_SPACE, f), SHF_OK);
  CHECK_EQ(f[0].value, before[0]);
  CHECK_EQ(f[1].value, after[0]);
  shf_profile_free(d);
  CHECK_EQ(figure_of(before, 1).value, before[0]);
}

TEST(figures_of_a_single_profile_are_refused) {
  shf_profile *p = test_profile("f 64 0\n");
  shf_figure f[2];
  double variance[2];
  CHECK_EQ(shf_profile_figures(p, SHF_ALLOC_SPACE, f), SHF_E_ARG);
  CHECK_EQ(shf_profile_change_variances(p, SHF_ALLOC_SPACE, false, variance), SHF_E_ARG);
  CHECK_EQ(shf_profile_figure(p, SHF_SIDE_NONE, SHF_TYPES, f), SHF_E_ARG);
  shf_profile_free(p);
}
