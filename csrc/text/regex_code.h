/* A compiled expression: regex_parse.c makes it and regex.c runs it. */
#ifndef SHF_TEXT_REGEX_CODE_H
#define SHF_TEXT_REGEX_CODE_H

#include "text/regex.h"

enum shf__regex_op {
  REGEX_CLASS, /* one character in its ranges */
  REGEX_SPLIT, /* continues with the next row and at `to` */
  REGEX_JUMP,  /* continues at `to` */
  REGEX_BEGIN, /* this and the next three consume no character */
  REGEX_END,
  REGEX_EDGE,
  REGEX_NO_EDGE
};

/*
 * The code of each part is entered at its first row and left after its last one. Targets are
 * relative, so that a part can be copied and moved.
 */
typedef struct shf__regex_row {
  uint8_t op;
  int32_t to;            /* relative to this row */
  uint32_t first, count; /* ranges of a class */
} shf__regex_row;

typedef struct shf__regex_range {
  uint32_t min, max; /* code points */
} shf__regex_range;

struct shf__regex {
  shf__regex_row *rows;
  uint32_t nrows, rows_capacity;
  shf__regex_range *ranges;
  uint32_t nranges, ranges_capacity;
  uint32_t *states; /* memory for running: see regex.c */
};

enum { SHF__REGEX_ROWS = 10000, SHF__REGEX_RANGES = 100000 };

/* Adds a row. @return 0, SHF_E_NOMEM, or SHF_E_FORMAT beyond SHF__REGEX_ROWS */
int shf__regex_append(shf__regex *r, shf__regex_row row);

/* Compiles the expression into rows and ranges. */
int shf__regex_parse(shf_str expression, shf__regex *r);

static inline bool shf__regex_is_word(uint32_t c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

#endif
