/* Which lines of source stand below each row of a table. */
#ifndef SHF_FORMAT_TABLE_SOURCE_ROWS_H
#define SHF_FORMAT_TABLE_SOURCE_ROWS_H

#include "format/table/source_lines.h"
#include "format/table/table_model.h"

/*
 * A function whose lines are known has those that allocate most; any other has its first line, from
 * which on its source is shown.
 */
typedef struct shf__source_rows {
  shf__source *sources;
  uint32_t *lines; /* by source: its row among the profile's lines; SHF_NONE: a function's first */
  uint32_t count, capacity, lines_capacity;
  uint32_t *first; /* row i of the table has the sources [first[i], first[i + 1]) */
  int64_t *rest;   /* by row: self beyond these lines */
} shf__source_rows;

/* As many lines for each row as the options want. To be freed whatever is returned. */
int shf__source_rows_find(shf__source_rows *s, const shf__table *table);
void shf__source_rows_free(shf__source_rows *s);

#endif
