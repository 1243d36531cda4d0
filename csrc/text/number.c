#include "text/number.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static size_t put(char *out, const char *text) {
  return (size_t)snprintf(out, SHF__NUMBER, "%s", text);
}

/* Writes digits; `comma` separates groups of three, 0: none. */
static size_t digits(char *out, int64_t value, char comma) {
  char reversed[SHF__NUMBER];
  size_t n = 0, figures = 0;
  uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
  do {
    if (comma && figures && figures % 3 == 0) reversed[n++] = comma;
    reversed[n++] = (char)('0' + rest % 10);
    rest /= 10;
    figures++;
  } while (rest);
  if (value < 0) reversed[n++] = '-';
  for (size_t i = 0; i < n; i++) out[i] = reversed[n - 1 - i];
  out[n] = 0;
  return n;
}

size_t shf__number_plain(char *out, int64_t value) {
  return digits(out, value, 0);
}

size_t shf__number_grouped(char *out, int64_t value) {
  return digits(out, value, ',');
}

size_t shf__number_bytes(char *out, int64_t bytes) {
  static const char *const units[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
  uint64_t size = bytes < 0 ? 0 - (uint64_t)bytes : (uint64_t)bytes;
  const char *sign = bytes < 0 ? "-" : "";
  if (size < 1000) return (size_t)snprintf(out, SHF__NUMBER, "%s%" PRIu64 " B", sign, size);
  unsigned unit = 1;
  uint64_t scale = 1000;
  /* use the next unit when rounding to a tenth would give 1000.0 */
  while (unit < 6 && size >= scale * 1000 - scale / 20) {
    scale *= 1000;
    unit++;
  }
  uint64_t tenths = size / (scale / 10);
  if (size % (scale / 10) >= scale / 20) tenths++;
  return (size_t)snprintf(out, SHF__NUMBER, "%s%" PRIu64 ".%u %s", sign, tenths / 10,
                          (unsigned)(tenths % 10), units[unit]);
}

size_t shf__number_share(char *out, int64_t part, int64_t whole) {
  if (whole == 0) return put(out, "-");
  long long hundredths = llround((double)part / (double)whole * 10000);
  unsigned long long size = (unsigned long long)llabs(hundredths);
  return (size_t)snprintf(out, SHF__NUMBER, "%s%llu.%02llu%%", hundredths < 0 ? "-" : "",
                          size / 100, size % 100);
}

size_t shf__number_error(char *out, double variance, int64_t estimate) {
  if (estimate == 0 || !(variance > 0)) return put(out, "-");
  double percent = sqrt(variance) / fabs((double)estimate) * 100;
  if (!(percent < 999.5)) return put(out, ">999%");
  if (percent >= 9.95) return (size_t)snprintf(out, SHF__NUMBER, "%lld%%", llround(percent));
  long long tenths = llround(percent * 10);
  if (tenths == 0) return put(out, "<0.1%");
  return (size_t)snprintf(out, SHF__NUMBER, "%lld.%lld%%", tenths / 10, tenths % 10);
}

size_t shf__number_tenths(char *out, double value) {
  if (!(value > 0)) return put(out, "0");
  if (!(value < 9e17)) value = 9e17;
  long long tenths = llround(value * 10);
  if (tenths % 10 == 0) return (size_t)snprintf(out, SHF__NUMBER, "%lld", tenths / 10);
  return (size_t)snprintf(out, SHF__NUMBER, "%lld.%lld", tenths / 10, tenths % 10);
}

size_t shf__number_ages(char *out, int64_t low, int64_t high) {
  static const struct {
    int64_t seconds;
    const char *name;
  } units[] = {{1, "s"}, {60, "min"}, {3600, "h"}, {86400, "d"}};
  size_t unit = 0;
  if (high < 0) return put(out, "-");
  while (unit < 3 && high >= 2 * units[unit + 1].seconds) unit++;
  int64_t each = units[unit].seconds;
  low = (low + each / 2) / each;
  high = high / each + (high % each + each / 2) / each;
  size_t n = 0;
  if (low < high) {
    n = digits(out, low, 0);
    out[n++] = '-';
  }
  n += digits(out + n, high, 0);
  return n + (size_t)snprintf(out + n, SHF__NUMBER - n, " %s", units[unit].name);
}

size_t shf__number_time(char *out, uint64_t unix_ms) {
  uint64_t seconds = unix_ms / 1000;
  unsigned second = (unsigned)(seconds % 86400);
  uint64_t days = seconds / 86400;
  if (days > 2932896) return put(out, "after the year 9999");
  /* years that begin in March: a leap day is the last day of a year */
  uint64_t d = days + 719468;
  uint64_t era = d / 146097, in_era = d % 146097;
  uint64_t year = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
  uint64_t in_year = in_era - (365 * year + year / 4 - year / 100);
  uint64_t march = (5 * in_year + 2) / 153;
  unsigned day = (unsigned)(in_year - (153 * march + 2) / 5 + 1);
  unsigned month = (unsigned)(march < 10 ? march + 3 : march - 9);
  unsigned whole = (unsigned)(year + era * 400 + (month <= 2));
  return (size_t)snprintf(out, SHF__NUMBER, "%04u-%02u-%02u %02u:%02u:%02u UTC", whole, month, day,
                          second / 3600, second / 60 % 60, second % 60);
}
