#include "format/folded/columns.h"

#include <string.h>

#include "core/large_alloc.h"
#include "shf.h"

static size_t width_of(const shf__values *v) {
  return v->wide ? sizeof(int64_t) : sizeof(int32_t);
}

void shf__values_free(shf__values *v) {
  shf_large_free(v->bytes, v->room * width_of(v));
  *v = (shf__values){.bytes = NULL};
}

int64_t shf__values_at(const shf__values *v, uint32_t row) {
  int32_t narrow;
  int64_t value;
  if (v->wide) {
    memcpy(&value, v->bytes + row * sizeof value, sizeof value);
    return value;
  }
  memcpy(&narrow, v->bytes + row * sizeof narrow, sizeof narrow);
  return narrow;
}

static void put(shf__values *v, uint32_t row, int64_t value) {
  int32_t narrow = (int32_t)value;
  if (v->wide)
    memcpy(v->bytes + row * sizeof value, &value, sizeof value);
  else
    memcpy(v->bytes + row * sizeof narrow, &narrow, sizeof narrow);
}

/* In place, the last row first: each lies behind where it was. */
static int widen(shf__values *v) {
  size_t from = v->room * sizeof(int32_t), to = v->room * sizeof(int64_t);
  char *bytes = shf_large_resize_zeros(v->bytes, from, to);
  if (!bytes) return SHF_E_NOMEM;
  v->bytes = bytes;
  for (uint32_t i = v->rows; i-- > 0;) {
    int64_t value = shf__values_at(v, i);
    memcpy(bytes + i * sizeof value, &value, sizeof value);
  }
  v->wide = 1;
  return SHF_OK;
}

static int grow(shf__values *v, uint32_t row) {
  uint64_t want = (uint64_t)row + row / 2 + 64;
  if (want > UINT32_MAX) want = UINT32_MAX;
  if (want > SIZE_MAX / sizeof(int64_t)) return SHF_E_NOMEM;
  char *bytes = shf_large_resize_zeros(v->bytes, v->room * width_of(v), want * width_of(v));
  if (!bytes) return SHF_E_NOMEM;
  v->bytes = bytes;
  v->room = (uint32_t)want;
  return SHF_OK;
}

int shf__values_add(shf__values *v, uint32_t row, int64_t value) {
  int code = row < v->room ? SHF_OK : grow(v, row);
  if (code) return code;
  if (row >= v->rows) v->rows = row + 1;
  int64_t sum = shf__values_at(v, row);
  if (__builtin_add_overflow(sum, value, &sum)) return SHF_E_LIMIT;
  if (!v->wide && sum != (int32_t)sum) code = widen(v);
  if (!code) put(v, row, sum);
  return code;
}
