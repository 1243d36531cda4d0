/* What the tables of a difference share: rows, cells, verdicts. */
#ifndef SHF_FORMAT_TABLE_DIFF_TABLE_H
#define SHF_FORMAT_TABLE_DIFF_TABLE_H

#include "text/number.h"
#include "text/string_builder.h"

/* Functions ordered by the change of self, or of total. */
typedef struct shf__diff_part {
  shf_change *rows;
  uint32_t count;
  uint32_t shown; /* number of rows to show */
  bool total;
} shf__diff_part;

typedef struct shf__diff_table {
  const shf_profile *p;
  const shf_listing_options *o;
  shf_figure totals[2];
  /* By self: all that changed, significant changes first, then noise. By total: significant
   * changes that are mostly their callees', except those of Node's own functions. */
  shf__diff_part self, total;
} shf__diff_table;

enum {
  SHF__CHANGE,
  SHF__CHANGE_ERROR,
  SHF__PERCENT,
  SHF__BEFORE,
  SHF__AFTER,
  SHF__OTHER,
  SHF__DIFF_CELLS
};
typedef char shf__diff_cells[SHF__DIFF_CELLS][SHF__NUMBER + 1];
/* The last title is that of the other change: total in the table by self. */
const char *shf__diff_title(const shf__diff_part *part, int cell);

/* SHF_E_ARG if the profile is not a difference. Close it after a failure too. */
int shf__diff_open(shf__diff_table *t, const shf_profile *p, const shf_listing_options *o);
void shf__diff_close(shf__diff_table *t);

enum shf_verdict shf__diff_verdict(const shf__diff_part *part, const shf_change *row);

void shf__diff_row_cells(const shf__diff_table *t, const shf__diff_part *part,
                         const shf_change *row, shf__diff_cells cells);
/* Adds `alloc_space  1 to 2 bytes: +1 ± 1 (+100.0%), grew`. */
void shf__diff_total(const shf__diff_table *t, shf__builder *out);
/* Adds what ± means, and the number of runs: one line each. */
void shf__diff_notes(const shf__diff_table *t, shf__builder *out);
/* Adds the name and its place. */
void shf__diff_callsite(const shf__diff_table *t, uint32_t frame, shf__builder *out);
/* Adds how many functions are left out after the first `self` and `total`, if any. */
void shf__diff_left_out(const shf__diff_table *t, uint32_t self, uint32_t total, shf__builder *out);

#endif
