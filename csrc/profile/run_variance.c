#include "profile/run_variance.h"

#include <math.h>

typedef struct spread {
  double variance;  /* of the mean */
  double between;   /* variance of one run beyond sampling */
  double estimated; /* part of `variance` that is estimated from the runs */
  double freedom;   /* degrees of freedom of that part */
} spread;

/*
 * The 95 % quantile of chi-squared divided by its degrees of freedom (Wilson and Hilferty): a
 * spread up to so many times the expected variance is ordinary.
 */
static double expected_at_most(double freedom) {
  double a = 2 / (9 * freedom), root = 1 - a + 1.645 * sqrt(a);
  return root * root * root;
}

/* The two-sided 99 % quantile of Student's t; between rows linear in 1 / freedom. */
static double student(double freedom) {
  static const struct {
    double freedom, t;
  } rows[] = {{1, 63.657}, {2, 9.925},  {3, 5.841},  {4, 4.604},  {5, 4.032},
              {6, 3.707},  {8, 3.355},  {10, 3.169}, {15, 2.947}, {20, 2.845},
              {30, 2.750}, {60, 2.660}, {120, 2.617}};
  enum { ROWS = sizeof rows / sizeof *rows };
  if (freedom <= 1) return rows[0].t;
  int i = 1;
  while (i < ROWS && rows[i].freedom < freedom) i++;
  double far = i < ROWS ? 1 / rows[i].freedom : 0, far_t = i < ROWS ? rows[i].t : SHF__Z_99;
  double near = 1 / rows[i - 1].freedom, part = (near - 1 / freedom) / (near - far);
  return rows[i - 1].t + part * (far_t - rows[i - 1].t);
}

static spread spread_of(const shf__run_sums *t, uint32_t runs) {
  spread s = {t->sampling, 0, 0, 0};
  if (runs < 2) return s;
  double n = runs, observed = n * (t->squares - t->sum * t->sum / n) / (n - 1);
  if (!(observed > t->sampling)) return s;
  s.variance = observed;
  s.between = (observed - t->sampling) * n;
  if (observed > t->sampling * expected_at_most(n - 1)) {
    s.estimated = observed;
    s.freedom = n - 1;
  }
  return s;
}

/* The factor of the variances, by Welch's degrees of freedom. */
static double widening(const spread *sides, int count) {
  double variance = 0, parts = 0;
  for (int i = 0; i < count; i++) {
    variance += sides[i].variance;
    if (sides[i].freedom > 0) parts += sides[i].estimated * sides[i].estimated / sides[i].freedom;
  }
  if (!(parts > 0)) return 1;
  double t = student(variance * variance / parts) / SHF__Z_99;
  return t * t;
}

double shf__run_variance(const shf__run_sums *t, uint32_t runs) {
  spread s = spread_of(t, runs);
  return s.variance * widening(&s, 1);
}

/* One run has no spread: it gets that of the other side. */
static void borrow(spread *one, spread *other) {
  one->variance += other->between;
  if (other->freedom > 0) other->estimated += other->between;
}

/* Adds the error of the side that would have seen less. */
static void add_unseen(shf__run_sums *before, shf__run_sums *after) {
  double first = after->cross - after->sampling, second = before->cross - before->sampling;
  double more = first + second;
  if (!(more > 0)) return;
  double of_before = first > 0 ? first : 0, of_after = second > 0 ? second : 0;
  before->sampling += more * (of_before / (of_before + of_after));
  after->sampling += more * (of_after / (of_before + of_after));
}

void shf__run_variances(const shf__run_sums *before, const shf__run_sums *after,
                        const uint32_t runs[2], double variance[2]) {
  shf__run_sums both[2] = {*before, *after};
  add_unseen(&both[0], &both[1]);
  spread sides[2] = {spread_of(&both[0], runs[0]), spread_of(&both[1], runs[1])};
  if (runs[0] < 2) borrow(&sides[0], &sides[1]);
  if (runs[1] < 2) borrow(&sides[1], &sides[0]);
  double wider = widening(sides, 2);
  for (int i = 0; i < 2; i++) variance[i] = sides[i].variance * wider;
}

shf__part shf__run_part(enum shf_side side, uint32_t runs, uint32_t at) {
  return (shf__part){(uint32_t)side, runs > 1 ? at + 1 : SHF__ALL};
}
