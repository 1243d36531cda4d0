#include "text/regex_code.h"

#include "core/growable.h"

int shf__regex_append(shf__regex *r, shf__regex_row row) {
  if (r->nrows >= SHF__REGEX_ROWS) return SHF_E_FORMAT;
  int code = shf__growable_reserve((void **)&r->rows, r->nrows, &r->rows_capacity, sizeof *r->rows);
  if (!code) r->rows[r->nrows++] = row;
  return code;
}
