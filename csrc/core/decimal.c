/* strtod and printf use the decimal point of the locale; these functions do not. */
#include "core/decimal.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>

#include "core/str.h"

/* ---- Parts */

enum { EXPONENT_MAX = 100000 }; /* far beyond the exponent of any double */

/* A parsed number: digits × 10^exponent. */
typedef struct parts {
  bool negative;
  uint64_t digits; /* the leading digits that fit */
  long exponent;
} parts;

/*
 * Takes digits from `at` on; with `fraction` they follow the point.
 * @return the end of the digits
 */
static size_t take_digits(const char *text, size_t len, size_t at, bool fraction, parts *p) {
  for (; at < len && shf__is_digit(text[at]); at++) {
    bool fits = p->digits <= (UINT64_MAX - 9) / 10;
    if (fits) p->digits = p->digits * 10 + (uint64_t)(text[at] - '0');
    if (fits && fraction) p->exponent--;
    if (!fits && !fraction) p->exponent++;
  }
  return at;
}

/* Takes an exponent after the e. @return its end, or `at` when there is none */
static size_t take_exponent(const char *text, size_t len, size_t at, parts *p) {
  size_t i = at;
  bool negative = i < len && text[i] == '-';
  long exponent = 0;
  if (i < len && (text[i] == '-' || text[i] == '+')) i++;
  size_t first = i;
  for (; i < len && shf__is_digit(text[i]); i++)
    if (exponent < EXPONENT_MAX) exponent = exponent * 10 + (text[i] - '0');
  p->exponent += negative ? -exponent : exponent;
  return i > first ? i : at;
}

static bool take(const char *text, size_t len, parts *p) {
  *p = (parts){.negative = len && text[0] == '-'};
  size_t first = p->negative, at = take_digits(text, len, first, false, p);
  if (at == first || (text[first] == '0' && at > first + 1)) return false;
  if (at < len && text[at] == '.') {
    first = at + 1;
    at = take_digits(text, len, first, true, p);
    if (at == first) return false;
  }
  if (at < len && (text[at] == 'e' || text[at] == 'E')) {
    first = at + 1;
    at = take_exponent(text, len, first, p);
    if (at == first) return false;
  }
  return at == len;
}

/* ---- Numbers */

bool shf__decimal_valid(const char *text, size_t len) {
  parts p;
  return take(text, len, &p);
}

static long double power_of_ten(unsigned long exponent) {
  long double power = 1, square = 10;
  for (; exponent; exponent >>= 1) {
    if (exponent & 1) power *= square;
    square *= square;
  }
  return power;
}

bool shf__decimal_parse(const char *text, size_t len, double *value) {
  parts p;
  if (!take(text, len, &p)) return false;
  long double number = p.digits;
  /* in two steps: the power may overflow although the number does not */
  long half = p.exponent / 2;
  for (int i = 0; i < 2 && p.digits; i++) {
    long exponent = i ? p.exponent - half : half;
    long double power = power_of_ten((unsigned long)(exponent < 0 ? -exponent : exponent));
    number = exponent < 0 ? number / power : number * power;
  }
  *value = (double)(p.negative ? -number : number);
  return true;
}

bool shf__decimal_whole(const char *text, size_t len, double value, int64_t *whole) {
  size_t at = len && text[0] == '-';
  *whole = 0;
  for (size_t i = at; i < len; i++) {
    int digit = text[i] - '0';
    if (digit < 0 || digit > 9) {
      if (fabs(value) >= 9.2e18) return false;
      *whole = (int64_t)floor(value + 0.5);
      return true;
    }
    if (__builtin_mul_overflow(*whole, 10, whole) ||
        __builtin_add_overflow(*whole, at ? -digit : digit, whole))
      return false;
  }
  return true;
}

/* Replaces the decimal point of the locale, which may be several bytes, by one point. */
static size_t tidy(char *text) {
  size_t n = 0;
  bool other = false;
  for (const char *from = text; *from; from++) {
    bool plain = shf__is_digit(*from) || *from == '-' || *from == '+' || *from == 'e';
    if (plain || !other) text[n++] = plain ? *from : '.';
    other = !plain;
  }
  text[n] = 0;
  return n;
}

size_t shf__decimal_put(char *out, double value, int figures) {
  snprintf(out, SHF__DECIMAL, "%.*g", figures, value);
  return tidy(out);
}
