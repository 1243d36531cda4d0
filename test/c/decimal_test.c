/*
 * Numbers in a program whose locale has a comma: strtod and snprintf of this program are those of
 * such a locale, whatever is installed.
 */
#include <float.h>
#include <math.h>
#include <stdarg.h>

#include "core/decimal.h"
#include "reading.h"

static const char *point = ","; /* of the locale */

double __real_strtod(const char *text, char **end);
double __wrap_strtod(const char *text, char **end);
int __wrap_snprintf(char *out, size_t capacity, const char *format, ...);

/* What a point ends, as it is none. */
double __wrap_strtod(const char *text, char **end) {
  char copy[128];
  char *stop;
  snprintf(copy, sizeof copy, "%s", text);
  char *dot = strchr(copy, '.');
  if (dot) *dot = 0;
  double value = __real_strtod(copy, &stop);
  if (end) *end = (char *)(uintptr_t)text + (stop - copy);
  return value;
}

int __wrap_snprintf(char *out, size_t capacity, const char *format, ...) {
  va_list args;
  va_start(args, format);
  int n = vsnprintf(out, capacity, format, args);
  va_end(args);
  bool fraction = strchr(format, 'g') && !strchr(format, 's');
  char *dot = fraction ? strchr(out, '.') : NULL;
  if (!dot || (size_t)n + strlen(point) > capacity) return n;
  memmove(dot + strlen(point), dot + 1, strlen(dot));
  memcpy(dot, point, strlen(point));
  return n + (int)strlen(point) - 1;
}

static void check_put(double value, int figures, const char *expected) {
  char text[SHF__DECIMAL];
  CHECK_EQ(shf__decimal_put(text, value, figures), strlen(expected));
  CHECK_TEXT(text, expected);
}

TEST(decimals_are_written_with_a_point) {
  static const char *const points[] = {".", ",", "\xD9\xAB"};
  for (size_t i = 0; i < 3; i++) {
    point = points[i];
    check_put(0.5, 6, "0.5");
    check_put(-2.25, 6, "-2.25");
    check_put(3, 6, "3");
    check_put(1e300, 17, "1.0000000000000001e+300");
    check_put(-1.5e-7, 6, "-1.5e-07");
  }
  point = ",";
}

TEST(decimals_are_read_with_a_point) {
  static const struct {
    const char *text;
    double value;
  } good[] = {{"0", 0},
              {"-0", 0},
              {"12", 12},
              {"0.5", 0.5},
              {"-2.25", -2.25},
              {"1e3", 1000},
              {"1E+3", 1000},
              {"25e-1", 2.5},
              {"1.5e2", 150},
              {"0e999999999999", 0},
              {"1e-999999999999", 0},
              {"123456789012345678901234567890", 123456789012345678901234567890.0}};
  double value;
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
    CHECK(shf__decimal_parse(good[i].text, strlen(good[i].text), &value));
    CHECK(value == good[i].value);
  }
  CHECK(shf__decimal_parse("1e999999999999", 14, &value) && isinf(value));
  CHECK(shf__decimal_parse("1.5;", 3, &value) && value == 1.5);
}

TEST(decimals_of_another_syntax_are_refused) {
  static const char *const bad[] = {"",    "-",  "+1",  ".5",  "5.", "01", "-01", "0x10",  "inf",
                                    "nan", "1e", "1e+", "1,5", "1 ", " 1", "1-2", "1.2.3", "--1"};
  double value;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    CHECK(!shf__decimal_parse(bad[i], strlen(bad[i]), &value));
}

/* Valgrind computes with 64 bits where the machine has 80. */
static bool has_long_doubles(void) {
  volatile long double one = 1, step = LDBL_EPSILON;
  volatile long double sum = one + step;
  return LDBL_EPSILON < DBL_EPSILON && sum != one;
}

/* All doubles that are written in 17 figures come back, or their neighbours do. */
TEST(decimals_come_back_as_they_were) {
  double most = has_long_doubles() ? 2.3e-16 : 4e-15;
  char text[SHF__DECIMAL];
  uint64_t seed = 1;
  for (int i = 0; i < 100000; i++) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    double value, is = ldexp((double)(seed >> 11), (int)(seed % 200) - 150);
    size_t len = shf__decimal_put(text, is, 17);
    CHECK(shf__decimal_parse(text, len, &value));
    CHECK(fabs(value - is) <= fabs(is) * most);
  }
}

TEST(a_heapprofile_says_the_same_in_any_locale) {
  const char *text =
      "{\"head\":{\"callFrame\":{\"functionName\":\"f\",\"url\":\"\",\"lineNumber\":2.0},"
      "\"selfSize\":2.6e1,\"id\":1}}";
  shf_profile *p = read_good(text, strlen(text), SHF_TYPES);
  CHECK_EQ(shf_profile_total(p, SHF_INUSE_SPACE), 26);
  shf_profile_free(p);
}

TEST(a_heapprofile_takes_numbers_of_json_alone) {
  static const char *const bad[] = {"0x10", "1e", "01", "1.", "-", "1-2", "+1", "infinity", "nan"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    char text[128];
    int len = sprintf(text, "{\"head\":{\"selfSize\":%s,\"id\":1}}", bad[i]);
    shf_error error = read_bad(text, (size_t)len);
    CHECK_TEXT(error.message, "invalid JSON");
    len = sprintf(text, "{\"other\":[%s],\"head\":{}}", bad[i]);
    error = read_bad(text, (size_t)len);
    CHECK_TEXT(error.message, "invalid JSON");
  }
}

TEST(what_a_side_was_scaled_by_is_the_same_in_any_locale) {
  shf_profile *d = test_diff("f 1920 0\n", "f 640 0\n", true);
  shf_str text = shf_profile_meta_get(d, "normalized");
  CHECK(text.len == 19 && memcmp(text.ptr, "0.33333333333333331", 19) == 0);
  shf_figure figures[2];
  CHECK_EQ(shf_profile_figures(d, SHF_ALLOC_SPACE, figures), SHF_OK);
  CHECK(figures[0].variance > 0 && figures[0].variance < figures[1].variance);
  shf_profile_free(d);
}

TEST(the_sum_of_small_frames_names_its_limit_with_a_point) {
  shf_profile *p = test_profile("a 6400000 0\nb 64 0\nc 64 0\n"), *least;
  CHECK_EQ(shf_profile_prune(p, SHF_ALLOC_SPACE, 0.5, &least), SHF_OK);
  char *folded = test_folded(least, SHF_ALLOC_SPACE);
  CHECK_TEXT(folded, "(2 frames below 0.5%) 128\na 6400000\n");
  free(folded);
  shf_profile_free(least);
  shf_profile_free(p);
}
