/* What nodes themselves have, while folded lines are read. */
#ifndef SHF_FORMAT_FOLDED_COLUMNS_H
#define SHF_FORMAT_FOLDED_COLUMNS_H

#include <stdint.h>

/* All zero is an empty column. Rows take four bytes until a value does not fit. */
typedef struct shf__values {
  char *bytes;
  uint32_t room, rows; /* rows from `rows` on are 0 */
  uint32_t wide;       /* 1: of eight bytes */
} shf__values;

void shf__values_free(shf__values *v);
/* Adds to a row. @return 0, SHF_E_NOMEM, or SHF_E_LIMIT where the sum does not fit 64 bits */
int shf__values_add(shf__values *v, uint32_t row, int64_t value);
/* @param row below `rows` */
int64_t shf__values_at(const shf__values *v, uint32_t row);

#endif
