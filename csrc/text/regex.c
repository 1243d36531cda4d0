#include "text/regex.h"

#include <stdlib.h>

#include "text/regex_code.h"
#include "text/string_builder.h"

/* A set of rows; `dense` has them in the order of their addition. */
typedef struct set {
  uint32_t *dense, *sparse;
  uint32_t count;
} set;

#define NO_CHARACTER UINT32_MAX

/* A position in the text. */
typedef struct place {
  uint32_t before, after; /* characters, or NO_CHARACTER */
} place;

int shf__regex_new(shf_str expression, shf__regex **out) {
  shf__regex *r = calloc(1, sizeof *r);
  int code = r ? shf__regex_parse(expression, r) : SHF_E_NOMEM;
  /* two sets of two columns, and a stack: each row pushes at most two others, once */
  if (!code) r->states = calloc((size_t)r->nrows * 6 + 8, sizeof *r->states);
  if (!code && !r->states) code = SHF_E_NOMEM;
  if (code) {
    shf__regex_free(r);
    return code;
  }
  *out = r;
  return SHF_OK;
}

void shf__regex_free(shf__regex *r) {
  if (!r) return;
  free(r->rows);
  free(r->ranges);
  free(r->states);
  free(r);
}

static bool has(const set *s, uint32_t row) {
  return s->sparse[row] < s->count && s->dense[s->sparse[row]] == row;
}

static bool check_holds(const shf__regex_row *row, place at) {
  bool edge = (at.before != NO_CHARACTER && shf__regex_is_word(at.before)) !=
              (at.after != NO_CHARACTER && shf__regex_is_word(at.after));
  switch (row->op) {
    case REGEX_BEGIN:
      return at.before == NO_CHARACTER;
    case REGEX_END:
      return at.after == NO_CHARACTER;
    case REGEX_EDGE:
      return edge;
    default:
      return !edge;
  }
}

/* Adds a row and all rows that it reaches without a character. Row `nrows` is the end. */
static void add(const shf__regex *r, uint32_t row, place at, set *s, uint32_t *stack) {
  uint32_t depth = 0;
  stack[depth++] = row;
  while (depth) {
    uint32_t i = stack[--depth];
    if (has(s, i)) continue;
    s->sparse[i] = s->count;
    s->dense[s->count++] = i;
    if (i == r->nrows || r->rows[i].op == REGEX_CLASS) continue;
    bool split = r->rows[i].op == REGEX_SPLIT, jump = r->rows[i].op == REGEX_JUMP;
    if (split || jump) stack[depth++] = (uint32_t)((int64_t)i + r->rows[i].to);
    if (split || (!jump && check_holds(&r->rows[i], at))) stack[depth++] = i + 1;
  }
}

static bool in_class(const shf__regex *r, const shf__regex_row *row, uint32_t c) {
  for (uint32_t i = row->first; i < row->first + row->count; i++)
    if (c >= r->ranges[i].min && c <= r->ranges[i].max) return true;
  return false;
}

static uint32_t take(shf_str *text) {
  size_t used;
  if (text->len == 0) return NO_CHARACTER;
  uint32_t c = shf__utf8_next(text->ptr, text->len, &used);
  text->ptr += used;
  text->len -= used;
  return c == SHF__BAD_UTF8 ? 0xFFFD : c;
}

/* The rows that a character leads to. @return the number of steps */
static uint64_t step(const shf__regex *r, const set *now, uint32_t c, place at, set *next,
                     uint32_t *stack) {
  uint64_t cost = now->count;
  next->count = 0;
  for (uint32_t i = 0; i < now->count; i++) {
    uint32_t row = now->dense[i];
    if (row == r->nrows || r->rows[row].op != REGEX_CLASS) continue;
    cost += r->rows[row].count;
    if (in_class(r, &r->rows[row], c)) add(r, row + 1, at, next, stack);
  }
  return cost;
}

bool shf__regex_matches(shf__regex *r, shf_str text, uint64_t *steps) {
  size_t rows = (size_t)r->nrows + 1;
  uint32_t *columns = r->states, *stack = columns + 4 * rows;
  set sets[2] = {{columns, columns + rows, 0}, {columns + 2 * rows, columns + 3 * rows, 0}};
  set *now = &sets[0], *next = &sets[1];
  place at = {NO_CHARACTER, take(&text)};
  add(r, 0, at, now, stack);
  while (at.after != NO_CHARACTER && now->count) {
    uint32_t c = at.after;
    at = (place){c, take(&text)};
    uint64_t cost = step(r, now, c, at, next, stack);
    if (cost >= *steps) {
      *steps = 0;
      return false;
    }
    *steps -= cost;
    set *was = now;
    now = next;
    next = was;
  }
  return at.after == NO_CHARACTER && has(now, r->nrows);
}
