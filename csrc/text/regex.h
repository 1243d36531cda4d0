/*
 * Regular expressions in RE2's syntax, matched against whole texts in time that is bounded by the
 * product of both lengths: every state of the expression is looked at once a character.
 *
 * Left out, and refused as such: Unicode classes (\p), multi-line mode, \C, and letters beyond
 * ASCII where case is ignored.
 */
#ifndef SHF_TEXT_REGEX_H
#define SHF_TEXT_REGEX_H

#include "shf.h"

typedef struct shf__regex shf__regex;

/* @return SHF_E_FORMAT where it is no expression of these, or too large a one */
int shf__regex_new(shf_str expression, shf__regex **out);
void shf__regex_free(shf__regex *r); /* NULL is allowed */
/*
 * Whether it matches all of a text.
 * @param steps that may still be taken, and less afterwards; 0, and false, where they are used up
 */
bool shf__regex_matches(shf__regex *r, shf_str text, uint64_t *steps);

#endif
