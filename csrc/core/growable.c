#include "core/growable.h"

#include <stdlib.h>

#include "core/budget.h"

int shf__growable_grow(void **rows, uint32_t count, uint32_t *capacity, size_t size) {
  if (count >= SHF_NONE - 1) return SHF_E_LIMIT;
  uint64_t want = (uint64_t)*capacity + *capacity / 2 + 16;
  if (want > SHF_NONE - 1) want = SHF_NONE - 1;
  if (want > SIZE_MAX / size) return SHF_E_NOMEM;
  if (!shf__budget_resize((size_t)*capacity * size, (size_t)want * size)) return SHF_E_NOMEM;
  void *grown = realloc(*rows, (size_t)want * size);
  if (!grown) return SHF_E_NOMEM;
  *rows = grown;
  *capacity = (uint32_t)want;
  return SHF_OK;
}
