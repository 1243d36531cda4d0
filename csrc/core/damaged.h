/* The failure of an input that breaks the rules of its format. */
#ifndef SHF_CORE_DAMAGED_H
#define SHF_CORE_DAMAGED_H

#include "shf.h"

/* @return SHF_E_FORMAT */
static inline int shf__damaged(shf_error *error, const char *message, uint64_t offset) {
  if (error) *error = (shf_error){.message = message, .offset = offset};
  return SHF_E_FORMAT;
}

#endif
