/* The sums that an output tells, taken from its bytes alone. */
#ifndef SHF_OUTPUT_SUMS_H
#define SHF_OUTPUT_SUMS_H

#include <errno.h>

#include "writers.h"

/* Whole numbers of 128 bits: no sum of 64-bit ones that fits in memory overflows. */
typedef __int128 sum128;

/* Behind the next `mark` in [at, end), or NULL. Marks hold a `"`, which no text in JSON does. */
static inline const char *behind(const char *at, const char *end, const char *mark) {
  const char *found = at ? memmem(at, (size_t)(end - at), mark, strlen(mark)) : NULL;
  return found ? found + strlen(mark) : NULL;
}

static inline int64_t number_at(const char *at) {
  char *end;
  errno = 0;
  long long value = strtoll(at, &end, 10);
  PROMISE(end > at && errno == 0);
  return value;
}

/* Of every number that follows `mark`. `bytes` end in NUL. */
static inline sum128 sum_behind(const char *at, const char *end, const char *mark) {
  sum128 sum = 0;
  while ((at = behind(at, end, mark))) sum += number_at(at);
  return sum;
}

/* The last number of each line, and of a difference the one before it. */
static inline void folded_sums(const output *o, uint32_t columns, sum128 sums[2]) {
  const char *at = o->bytes, *end = o->len ? at + o->len : at;
  sums[0] = sums[1] = 0;
  while (at < end) {
    const char *line = memchr(at, '\n', (size_t)(end - at));
    PROMISE(line);
    const char *number = line;
    for (uint32_t i = columns; i-- > 0;) {
      while (number > at && number[-1] != ' ') number--;
      PROMISE(number > at);
      sums[i] += number_at(number--);
    }
    at = line + 1;
  }
}

/* Whether a member stands behind `{"line":12,`: it is that of a line of a function. */
static inline bool is_of_line(const char *start, const char *member) {
  const char mark[] = "{\"line\":", *at = member;
  if (at > start && at[-1] == ',') at--;
  while (at > start && at[-1] >= '0' && at[-1] <= '9') at--;
  return at - start > (ptrdiff_t)strlen(mark) && memcmp(at - strlen(mark), mark, strlen(mark)) == 0;
}

/*
 * Of each function's `member` ("self", "total") its figure of `type`. The "self" of the lines of a
 * function must add up to the function's own.
 */
static inline sum128 json_sum(const output *o, const char *member, shf_type type) {
  const char *end = o->bytes + o->len, *at = behind(o->bytes, end, "\"functions\":[");
  char open[32], key[32];
  sum128 sum = 0, own = 0, lines = 0;
  bool has_lines = false, is_self = strcmp(member, "self") == 0;
  PROMISE(at);
  snprintf(open, sizeof open, "\"%s\":{", member);
  snprintf(key, sizeof key, "\"%s\":", shf_type_name(type));
  while ((at = behind(at, end, open))) {
    const char *close = memchr(at, '}', (size_t)(end - at));
    const char *figure = behind(at, close, key);
    sum128 value = figure ? number_at(figure) : 0;
    if (is_of_line(o->bytes, at - strlen(open))) {
      has_lines = true;
      lines += value;
      continue;
    }
    PROMISE(!has_lines || !is_self || lines == own);
    has_lines = false;
    own = value;
    lines = 0;
    sum += value;
  }
  PROMISE(!has_lines || !is_self || lines == own);
  return sum;
}

static inline int64_t json_total(const output *o, shf_type type) {
  const char *end = o->bytes + o->len, *at = behind(o->bytes, end, "\"totals\":{");
  char key[48];
  snprintf(key, sizeof key, "\"%s\":{\"value\":", shf_type_name(type));
  at = behind(at, end, key);
  PROMISE(at);
  return number_at(at);
}

/* The weights of the profile of `type`. */
static inline sum128 speedscope_sum(const output *o, shf_type type) {
  const char *end = o->bytes + o->len, *at;
  char key[64];
  sum128 sum = 0;
  snprintf(key, sizeof key, "{\"type\":\"sampled\",\"name\":\"%s\"", shf_type_name(type));
  at = behind(behind(o->bytes, end, key), end, "\"weights\":[");
  PROMISE(at);
  while (*at != ']') {
    sum += number_at(at);
    at += strcspn(at, ",]");
    if (*at == ',') at++;
  }
  return sum;
}

#endif
