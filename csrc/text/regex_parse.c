/*
 * Parses from left to right without recursion: open groups are on a stack. Code is generated
 * while parsing; an operator inserts a row before its operand.
 */
#include <stdlib.h>
#include <string.h>

#include "text/regex_parse.h"

enum { REPEATS = 1000 };

/* ---- Code */

/* Inserts a row before row `at`; no earlier row may jump beyond `at`. */
static int insert(shf__regex_parser *p, uint32_t at, shf__regex_row row) {
  int code = shf__regex_append(p->r, row);
  if (code) return code;
  shf__regex_row *rows = p->r->rows;
  memmove(rows + at + 1, rows + at, (p->r->nrows - 1 - at) * sizeof *rows);
  rows[at] = row;
  return SHF_OK;
}

static int copy(shf__regex_parser *p, const shf__regex_row *rows, uint32_t count) {
  int code = SHF_OK;
  for (uint32_t i = 0; i < count && !code; i++) code = shf__regex_append(p->r, rows[i]);
  return code;
}

static int add_check(shf__regex_parser *p, enum shf__regex_op op) {
  p->atom = p->r->nrows;
  p->operand = true;
  return shf__regex_append(p->r, (shf__regex_row){(uint8_t)op, 0, 0, 0});
}

/* ---- Groups */

static int open_group(shf__regex_parser *p, bool fold, bool dot_all) {
  if (p->depth == SHF__REGEX_GROUPS) return SHF_E_FORMAT;
  p->groups[p->depth++] = (shf__regex_group){p->r->nrows, p->r->nrows, 0, p->fold, p->dot_all};
  p->fold = fold;
  p->dot_all = dot_all;
  p->operand = false;
  return SHF_OK;
}

/* After `(?`: a name, or flags for the group or for the rest of the current one. */
static int take_flags(shf__regex_parser *p) {
  bool fold = p->fold, dot_all = p->dot_all, on = true;
  if (shf__regex_follows(p, "P<") || shf__regex_follows(p, "<")) {
    while (p->at < p->end && shf__regex_is_word((uint8_t)*p->at)) p->at++;
    return shf__regex_follows(p, ">") ? open_group(p, fold, dot_all) : SHF_E_FORMAT;
  }
  for (; p->at < p->end; p->at++) {
    switch (*p->at) {
      case 'i':
        fold = on;
        break;
      case 's':
        dot_all = on;
        break;
      case 'U':
        break; /* only affects which match is found */
      case '-':
        on = false;
        break;
      case ':':
        p->at++;
        return open_group(p, fold, dot_all);
      case ')':
        p->at++;
        p->fold = fold;
        p->dot_all = dot_all;
        p->operand = false;
        return SHF_OK;
      default:
        return SHF_E_FORMAT;
    }
  }
  return SHF_E_FORMAT;
}

/* Sets the jumps from the end of each alternative to the end of the group. */
static void end_alternatives(shf__regex_parser *p) {
  const shf__regex_group *g = &p->groups[p->depth - 1];
  for (uint32_t jump = g->jumps; jump;) {
    shf__regex_row *row = &p->r->rows[jump - 1];
    jump = row->first;
    row->first = 0;
    row->to = (int32_t)(p->r->nrows - (uint32_t)(row - p->r->rows));
  }
}

static int next_alternative(shf__regex_parser *p) {
  shf__regex_group *g = &p->groups[p->depth - 1];
  int32_t len = (int32_t)(p->r->nrows - g->alternative);
  int code = insert(p, g->alternative, (shf__regex_row){REGEX_SPLIT, len + 2, 0, 0});
  if (!code) code = shf__regex_append(p->r, (shf__regex_row){REGEX_JUMP, 0, g->jumps, 0});
  g->jumps = p->r->nrows;
  g->alternative = p->r->nrows;
  p->operand = false;
  return code;
}

static int close_group(shf__regex_parser *p) {
  if (p->depth == 1) return SHF_E_FORMAT;
  end_alternatives(p);
  const shf__regex_group *g = &p->groups[--p->depth];
  p->fold = g->fold;
  p->dot_all = g->dot_all;
  p->atom = g->start;
  p->operand = true;
  return SHF_OK;
}

/* ---- Repetition */

/* {n}, {n,} or {n,m}. @return false for other text, which stands for itself */
static bool take_counts(shf__regex_parser *p, uint32_t *min, uint32_t *max) {
  const char *at = p->at;
  uint32_t counts[2] = {0, 0}, part = 0, digits = 0;
  for (; at < p->end && *at != '}'; at++) {
    if (*at == ',' && part == 0 && digits) {
      part = 1;
      digits = 0;
    } else if (*at >= '0' && *at <= '9' && digits < 6) {
      counts[part] = counts[part] * 10 + (uint32_t)(*at - '0');
      digits++;
    } else {
      return false;
    }
  }
  if (at == p->end || (part == 0 && digits == 0)) return false;
  *min = counts[0];
  *max = part == 0 ? counts[0] : digits ? counts[1] : UINT32_MAX;
  p->at = at + 1;
  return true;
}

static int star(shf__regex_parser *p, uint32_t from) {
  int32_t len = (int32_t)(p->r->nrows - from);
  int code = insert(p, from, (shf__regex_row){REGEX_SPLIT, len + 2, 0, 0});
  return code ? code : shf__regex_append(p->r, (shf__regex_row){REGEX_JUMP, -len - 1, 0, 0});
}

static int maybe(shf__regex_parser *p, uint32_t from) {
  int32_t len = (int32_t)(p->r->nrows - from);
  return insert(p, from, (shf__regex_row){REGEX_SPLIT, len + 1, 0, 0});
}

/* Repeats the operand; `max` UINT32_MAX: unlimited. */
static int repeat(shf__regex_parser *p, uint32_t min, uint32_t max) {
  uint32_t from = p->atom, count = p->r->nrows - from;
  bool open = max == UINT32_MAX;
  if (min > REPEATS || (!open && (max > REPEATS || max < min))) return SHF_E_FORMAT;
  shf__regex_row *once = malloc(((size_t)count + 1) * sizeof *once);
  if (!once) return SHF_E_NOMEM;
  if (count) memcpy(once, p->r->rows + from, count * sizeof *once);
  p->r->nrows = from;
  int code = SHF_OK;
  for (uint32_t i = 0; i < min && !code; i++) code = copy(p, once, count);
  for (uint32_t i = min; i < (open ? min + 1 : max) && !code; i++) {
    uint32_t row = p->r->nrows;
    code = copy(p, once, count);
    if (!code) code = open ? star(p, row) : maybe(p, row);
  }
  free(once);
  return code;
}

/* An operator needs an operand, which another operator is not. */
static int take_operator(shf__regex_parser *p, char c, uint32_t min, uint32_t max) {
  if (!p->operand) return SHF_E_FORMAT;
  p->operand = false;
  shf__regex_follows(p, "?"); /* a lazy operator: only affects which match is found */
  if (c == '?') return maybe(p, p->atom);
  if (c == '*') return star(p, p->atom);
  if (c == '+')
    return shf__regex_append(
        p->r, (shf__regex_row){REGEX_SPLIT, -(int32_t)(p->r->nrows - p->atom), 0, 0});
  return repeat(p, min, max);
}

/* ---- All of it */

static int take_backslash(shf__regex_parser *p) {
  if (shf__regex_follows(p, "A")) return add_check(p, REGEX_BEGIN);
  if (shf__regex_follows(p, "z")) return add_check(p, REGEX_END);
  if (shf__regex_follows(p, "b")) return add_check(p, REGEX_EDGE);
  if (shf__regex_follows(p, "B")) return add_check(p, REGEX_NO_EDGE);
  if (shf__regex_follows(p, "Q")) {
    p->quoted = true;
    return SHF_OK;
  }
  return shf__regex_escape(p);
}

static int take_part(shf__regex_parser *p) {
  uint32_t c, min, max;
  int code = shf__regex_take(p, &c);
  if (code) return code;
  switch (c) {
    case '(':
      return shf__regex_follows(p, "?") ? take_flags(p) : open_group(p, p->fold, p->dot_all);
    case ')':
      return close_group(p);
    case '|':
      return next_alternative(p);
    case '*':
    case '?':
    case '+':
      return take_operator(p, (char)c, 0, 0);
    case '{':
      if (take_counts(p, &min, &max)) return take_operator(p, '{', min, max);
      return shf__regex_character(p, c);
    case '[':
      return shf__regex_class(p);
    case '.':
      return shf__regex_dot(p);
    case '^':
      return add_check(p, REGEX_BEGIN);
    case '$':
      return add_check(p, REGEX_END);
    case '\\':
      return take_backslash(p);
    default:
      return shf__regex_character(p, c);
  }
}

int shf__regex_parse(shf_str expression, shf__regex *r) {
  shf__regex_parser p = {
      .r = r, .at = expression.ptr, .end = expression.ptr + expression.len, .depth = 1};
  int code = SHF_OK;
  while (p.at < p.end && !code) {
    if (p.quoted && shf__regex_follows(&p, "\\E")) {
      p.quoted = false;
    } else if (p.quoted) {
      uint32_t c;
      code = shf__regex_take(&p, &c);
      if (!code) code = shf__regex_character(&p, c);
    } else {
      code = take_part(&p);
    }
  }
  if (!code && p.depth != 1) code = SHF_E_FORMAT;
  if (!code) end_alternatives(&p);
  return code;
}
