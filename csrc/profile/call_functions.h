/*
 * Finds the function of a call. Stacks of off-heap memory have the place of each call, stacks of
 * the heap have that of each function, and the lines of the calls in it.
 */
#ifndef SHF_PROFILE_CALL_FUNCTIONS_H
#define SHF_PROFILE_CALL_FUNCTIONS_H

#include "profile/profile.h"

typedef struct shf__call_function {
  shf_frame begin; /* its call: the last one that is known */
  uint32_t outer;  /* the nearest row before it that has a later call; SHF_NONE: none */
} shf__call_function;

typedef struct shf__call_functions {
  shf__call_function *rows; /* by file, name and place */
  uint32_t count;
} shf__call_functions;

/* Collects the functions that the profile has so far. */
int shf__call_functions_init(shf__call_functions *c, const shf_profile *p);
void shf__call_functions_free(shf__call_functions *c);
/*
 * `frame` has the place of a call: it becomes its function, and its call that line. Where the
 * function is not known, the place stays.
 */
void shf__call_functions_join(const shf__call_functions *c, shf_frame *frame);

#endif
