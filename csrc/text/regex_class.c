/* Characters and classes of a regular expression. */
#include <stdlib.h>
#include <string.h>

#include "core/growable.h"
#include "core/str.h"
#include "text/regex_parse.h"
#include "text/string_builder.h"

enum { LAST_POINT = 0x10FFFF };

int shf__regex_take(shf__regex_parser *p, uint32_t *c) {
  size_t used;
  if (p->at == p->end) return SHF_E_FORMAT;
  *c = shf__utf8_next(p->at, (size_t)(p->end - p->at), &used);
  p->at += used;
  return *c == SHF__BAD_UTF8 ? SHF_E_FORMAT : SHF_OK;
}

bool shf__regex_follows(shf__regex_parser *p, const char *text) {
  size_t n = strlen(text);
  if ((size_t)(p->end - p->at) < n || memcmp(p->at, text, n) != 0) return false;
  p->at += n;
  return true;
}

/* ---- Ranges */

static int add_range(shf__regex_parser *p, uint32_t min, uint32_t max) {
  shf__regex *r = p->r;
  if (r->nranges >= SHF__REGEX_RANGES || min > max) return SHF_E_FORMAT;
  int code = shf__growable_reserve((void **)&r->ranges, r->nranges, &r->ranges_capacity,
                                   sizeof *r->ranges);
  if (!code) r->ranges[r->nranges++] = (shf__regex_range){min, max};
  return code;
}

/* Adds a range in both cases; only ASCII is supported. */
static int add_folded(shf__regex_parser *p, uint32_t min, uint32_t max) {
  int code = add_range(p, min, max);
  if (!p->fold || code) return code;
  if (max > 0x7f) return SHF_E_FORMAT;
  uint32_t from = min > 'a' ? min : 'a', to = max < 'z' ? max : 'z';
  if (from <= to) code = add_range(p, from - 32, to - 32);
  from = min > 'A' ? min : 'A';
  to = max < 'Z' ? max : 'Z';
  if (from <= to && !code) code = add_range(p, from + 32, to + 32);
  return code;
}

static void begin_class(shf__regex_parser *p) {
  p->begins = p->r->nranges;
}

/* The ranges since begin_class as an operand. */
static int end_class(shf__regex_parser *p) {
  p->atom = p->r->nrows;
  p->operand = true;
  return shf__regex_append(p->r,
                           (shf__regex_row){REGEX_CLASS, 0, p->begins, p->r->nranges - p->begins});
}

static int by_least(const void *a, const void *b) {
  const shf__regex_range *x = a, *y = b;
  return (x->min > y->min) - (x->min < y->min);
}

/* Replaces the ranges from `first` on by their complement. */
static int negate(shf__regex_parser *p, uint32_t first) {
  shf__regex *r = p->r;
  uint32_t count = r->nranges - first, next = 0;
  shf__regex_range *were = malloc(((size_t)count + 1) * sizeof *were);
  if (!were) return SHF_E_NOMEM;
  if (count) {
    memcpy(were, r->ranges + first, count * sizeof *were);
    qsort(were, count, sizeof *were, by_least);
  }
  r->nranges = first;
  int code = SHF_OK;
  for (uint32_t i = 0; i < count && !code; i++) {
    if (were[i].min > next) code = add_range(p, next, were[i].min - 1);
    if (were[i].max >= next) next = were[i].max + 1;
  }
  if (!code && next <= LAST_POINT) code = add_range(p, next, LAST_POINT);
  free(were);
  return code;
}

int shf__regex_character(shf__regex_parser *p, uint32_t c) {
  begin_class(p);
  int code = add_folded(p, c, c);
  return code ? code : end_class(p);
}

/* ---- Characters */

/* \d and the like, and [:alpha:] and the like: pairs of first and last character. */
typedef struct named {
  const char *name;
  const char *ranges;
} named;

static const named perl[] = {{"d", "09"}, {"w", "09AZ__az"}, {"s", "\t\n\f\r  "}};
static const named posix[] = {{"alnum", "09AZaz"},
                              {"alpha", "AZaz"},
                              {"ascii", "\001\177"},
                              {"blank", "\t\t  "},
                              {"cntrl", "\001\037\177\177"},
                              {"digit", "09"},
                              {"graph", "!~"},
                              {"lower", "az"},
                              {"print", " ~"},
                              {"punct", "!/:@[`{~"},
                              {"space", "\t\r  "},
                              {"upper", "AZ"},
                              {"word", "09AZ__az"},
                              {"xdigit", "09AFaf"}};

static int add_named(shf__regex_parser *p, const named *kind, bool negated) {
  uint32_t first = p->r->nranges;
  int code = SHF_OK;
  for (const char *at = kind->ranges; *at && !code; at += 2)
    code = p->fold ? add_folded(p, (uint8_t)at[0], (uint8_t)at[1])
                   : add_range(p, (uint8_t)at[0], (uint8_t)at[1]);
  return code || !negated ? code : negate(p, first);
}

/* The class that a letter after a backslash names; NULL: none. */
static const named *perl_kind(uint32_t c) {
  for (size_t i = 0; i < sizeof perl / sizeof *perl; i++)
    if ((c | 32) == (uint32_t)perl[i].name[0]) return &perl[i];
  return NULL;
}

/* After \x: two digits, or any number of them in braces. */
static int take_hex(shf__regex_parser *p, uint32_t *c) {
  bool braced = shf__regex_follows(p, "{");
  uint32_t value = 0, digits = 0;
  for (; p->at < p->end && shf__hex_value(*p->at) >= 0 && (braced || digits < 2); digits++) {
    value = value * 16 + (uint32_t)shf__hex_value(*p->at++);
    if (value > LAST_POINT) return SHF_E_FORMAT;
  }
  if (digits == 0 || (!braced && digits != 2) || (braced && !shf__regex_follows(p, "}")))
    return SHF_E_FORMAT;
  *c = value;
  return SHF_OK;
}

/* The character that a backslash and what follows stand for. */
static int take_escape(shf__regex_parser *p, uint32_t *c) {
  static const char letters[] = "aftnrv", bytes[] = "\a\f\t\n\r\v";
  int code = shf__regex_take(p, c);
  if (code) return code;
  const char *at = *c && *c < 0x80 ? strchr(letters, (int)*c) : NULL;
  if (at) {
    *c = (uint8_t)bytes[at - letters];
    return SHF_OK;
  }
  if (*c == 'x') return take_hex(p, c);
  if (*c == '0' || (*c >= '1' && *c <= '7' && p->at < p->end && *p->at >= '0' && *p->at <= '7')) {
    *c -= '0';
    for (int i = 0; i < 2 && p->at < p->end && *p->at >= '0' && *p->at <= '7'; i++)
      *c = *c * 8 + (uint32_t)(*p->at++ - '0');
    return SHF_OK;
  }
  return *c < 0x80 && !shf__regex_is_word(*c) ? SHF_OK : SHF_E_FORMAT;
}

/* ---- Classes */

/* Takes [:name:] or \d if it comes next; then *taken is true. */
static int take_kind(shf__regex_parser *p, bool *taken) {
  *taken = true;
  if (shf__regex_follows(p, "[:")) {
    bool negated = shf__regex_follows(p, "^");
    for (size_t i = 0; i < sizeof posix / sizeof *posix; i++) {
      const char *was = p->at;
      if (shf__regex_follows(p, posix[i].name) && shf__regex_follows(p, ":]"))
        return add_named(p, &posix[i], negated);
      p->at = was;
    }
    return SHF_E_FORMAT;
  }
  if (p->end - p->at > 1 && p->at[0] == '\\' && perl_kind((uint8_t)p->at[1])) {
    uint32_t c = (uint8_t)p->at[1];
    p->at += 2;
    return add_named(p, perl_kind(c), c < 'a');
  }
  *taken = false;
  return SHF_OK;
}

static int take_one(shf__regex_parser *p, uint32_t *c) {
  int code = shf__regex_take(p, c);
  return code || *c != '\\' ? code : take_escape(p, c);
}

/* A character or a range of a class. */
static int take_range(shf__regex_parser *p) {
  uint32_t min, max;
  int code = take_one(p, &min);
  if (code) return code;
  max = min;
  if (p->end - p->at > 1 && p->at[0] == '-' && p->at[1] != ']') {
    p->at++;
    code = take_one(p, &max);
  }
  return code ? code : add_folded(p, min, max);
}

/* After the [. */
int shf__regex_class(shf__regex_parser *p) {
  bool negated = shf__regex_follows(p, "^"), first = true;
  begin_class(p);
  for (; first || !shf__regex_follows(p, "]"); first = false) {
    bool kind;
    int code = p->at == p->end ? SHF_E_FORMAT : take_kind(p, &kind);
    if (!code && !kind) code = take_range(p);
    if (code) return code;
  }
  int code = negated ? negate(p, p->begins) : SHF_OK;
  return code ? code : end_class(p);
}

int shf__regex_dot(shf__regex_parser *p) {
  begin_class(p);
  int code = p->dot_all ? add_range(p, 0, LAST_POINT) : add_range(p, 0, '\n' - 1);
  if (!code && !p->dot_all) code = add_range(p, '\n' + 1, LAST_POINT);
  return code ? code : end_class(p);
}

int shf__regex_escape(shf__regex_parser *p) {
  uint32_t c;
  if (p->at < p->end && perl_kind((uint8_t)*p->at)) {
    char letter = *p->at++;
    begin_class(p);
    int code = add_named(p, perl_kind((uint8_t)letter), letter < 'a');
    return code ? code : end_class(p);
  }
  int code = take_escape(p, &c);
  return code ? code : shf__regex_character(p, c);
}
