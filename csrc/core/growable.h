/* A column in malloc's memory that grows by one row at a time. */
#ifndef SHF_CORE_GROWABLE_H
#define SHF_CORE_GROWABLE_H

#include <assert.h>

#include "shf.h"

/* The slow path of shf__growable_reserve. */
int shf__growable_grow(void **rows, uint32_t count, uint32_t *capacity, size_t size);
/*
 * Makes space for one more row of `size` bytes after the `count` that there are.
 * @return 0, SHF_E_NOMEM, or SHF_E_LIMIT beyond 2^32 - 2 rows
 */
static inline int shf__growable_reserve(void **rows, uint32_t count, uint32_t *capacity,
                                        size_t size) {
  assert(count <= *capacity);
  return count < *capacity ? SHF_OK : shf__growable_grow(rows, count, capacity, size);
}

#endif
