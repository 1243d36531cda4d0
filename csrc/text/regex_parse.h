/* The parser of regular expressions. */
#ifndef SHF_TEXT_REGEX_PARSE_H
#define SHF_TEXT_REGEX_PARSE_H

#include "text/regex_code.h"

enum { SHF__REGEX_GROUPS = 100 };

typedef struct shf__regex_group {
  uint32_t start;       /* row */
  uint32_t alternative; /* first row of the current alternative */
  uint32_t jumps;       /* 1 + the last row that jumps to the group's end; 0: none */
  bool fold, dot_all;   /* the flags outside of the group */
} shf__regex_group;

typedef struct shf__regex_parser {
  shf__regex *r;
  const char *at, *end;
  shf__regex_group groups[SHF__REGEX_GROUPS];
  uint32_t depth; /* open groups; 1: none */
  bool fold, dot_all;
  uint32_t atom;   /* first row of the last operand */
  bool operand;    /* whether an operator may follow */
  bool quoted;     /* between \Q and \E */
  uint32_t begins; /* first range of the class that is being parsed */
} shf__regex_parser;

/* Takes the next character. */
int shf__regex_take(shf__regex_parser *p, uint32_t *c);
/* Takes `text` if it comes next. */
bool shf__regex_follows(shf__regex_parser *p, const char *text);
/* Adds an operand: this character, any character, or a class, whose `[` has been taken. */
int shf__regex_character(shf__regex_parser *p, uint32_t c);
int shf__regex_dot(shf__regex_parser *p);
int shf__regex_class(shf__regex_parser *p);
/* Adds the operand that follows a backslash, which has been taken. */
int shf__regex_escape(shf__regex_parser *p);

#endif
