/* A regular expression while it is read. */
#ifndef SHF_TEXT_REGEX_PARSE_H
#define SHF_TEXT_REGEX_PARSE_H

#include "text/regex_code.h"

enum { SHF__REGEX_GROUPS = 100 };

typedef struct shf__regex_group {
  uint32_t start;       /* row */
  uint32_t alternative; /* row where the one at hand begins */
  uint32_t jumps;       /* 1 and the last row that is to jump to the group's end; 0: none */
  bool fold, dot_all;   /* flags as they were outside */
} shf__regex_group;

typedef struct shf__regex_parser {
  shf__regex *r;
  const char *at, *end;
  shf__regex_group groups[SHF__REGEX_GROUPS];
  uint32_t depth; /* of groups; 1: outside of all */
  bool fold, dot_all;
  uint32_t atom;   /* row where the last operand begins */
  bool operand;    /* whether there is one that an operator may follow */
  bool quoted;     /* between \Q and \E */
  uint32_t begins; /* row of the first range of a class that is being read */
} shf__regex_parser;

/* The next character of the expression. */
int shf__regex_take(shf__regex_parser *p, uint32_t *c);
/* Takes the text where it comes next. */
bool shf__regex_follows(shf__regex_parser *p, const char *text);
/* An operand: that character, any, or one of a class, whose `[` has been taken. */
int shf__regex_character(shf__regex_parser *p, uint32_t c);
int shf__regex_dot(shf__regex_parser *p);
int shf__regex_class(shf__regex_parser *p);
/* The same of what a backslash begins, which has been taken. */
int shf__regex_escape(shf__regex_parser *p);

#endif
