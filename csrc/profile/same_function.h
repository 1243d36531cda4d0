#ifndef SHF_PROFILE_SAME_FUNCTION_H
#define SHF_PROFILE_SAME_FUNCTION_H

#include "shf.h"

/*
 * Whether two frames of a profile are of the same function. The frames of a function follow each
 * other in a sealed profile.
 */
static inline bool shf__same_function(const shf_frame *a, const shf_frame *b) {
  return a->name == b->name && a->file == b->file && a->line == b->line && a->column == b->column;
}

#endif
