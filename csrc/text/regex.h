/*
 * Regular expressions in RE2's syntax. Matching is an automaton without backtracking: its time
 * is bounded by the product of both lengths. Not supported, and refused: Unicode classes (\p),
 * multi-line mode, \C, and letters beyond ASCII when case is ignored.
 */
#ifndef SHF_TEXT_REGEX_H
#define SHF_TEXT_REGEX_H

#include "shf.h"

typedef struct shf__regex shf__regex;

/* @return SHF_E_FORMAT when the expression is invalid, not supported or too large */
int shf__regex_new(shf_str expression, shf__regex **out);
void shf__regex_free(shf__regex *r); /* NULL is allowed */
/*
 * Whether the expression matches the whole text.
 * @param steps limit of steps, reduced by those taken; at 0 the result is false
 */
bool shf__regex_matches(shf__regex *r, shf_str text, uint64_t *steps);

#endif
