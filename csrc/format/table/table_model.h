/* What the listing and the Markdown table share: rows, cells, notes. */
#ifndef SHF_FORMAT_TABLE_TABLE_MODEL_H
#define SHF_FORMAT_TABLE_TABLE_MODEL_H

#include "text/number.h"
#include "text/string_builder.h"

typedef struct shf__table {
  const shf_profile *p;
  const shf_listing_options *o;
  uint32_t types;       /* bit set of known types */
  shf_type counterpart; /* objects where the type is space, space where it is objects */
  shf_row *rows;        /* functions with self values, largest first */
  uint32_t count;       /* of rows */
  uint32_t shown;       /* number of rows to show */
  int64_t total;        /* of the type */
  shf_age_range *ages;  /* of the rows to show; NULL: none is known, or the type is not in use */
  shf_str key;          /* of the label whose values the rows are; empty: rows are functions */
} shf__table;

enum { SHF__SELF, SHF__ERROR, SHF__SHARE, SHF__TOTAL, SHF__COUNTERPART, SHF__AGE, SHF__CELLS };
typedef char shf__cells[SHF__CELLS][SHF__NUMBER];

/* SHF_E_ABSENT if the profile lacks the type. Close it after SHF_OK only. */
int shf__table_open(shf__table *r, const shf_profile *p, const shf_listing_options *o);
void shf__table_close(shf__table *r);

/*
 * For each label of a profile but ages: calls `write` with the table of its values, largest first,
 * at most SHF__LABEL_ROWS of them. `o` and what it points to must outlive the call.
 */
enum { SHF__LABEL_TABLES = 5, SHF__LABEL_ROWS = 10 };
int shf__table_labels(const shf_profile *p, const shf_listing_options *o,
                      int (*write)(void *self, const shf__table *table), void *self);

/* How many of the cells the table has: SHF__AGE is the last one, and may be absent. */
static inline int shf__table_width(const shf__table *r) {
  return r->ages ? SHF__CELLS : SHF__AGE;
}
/* Titles of the number columns. */
const char *shf__table_title(const shf__table *r, int cell);
/* What a row is: `function`, or the key of the label, safe for one line. */
void shf__table_subject(const shf__table *r, shf__builder *out);
/* @param row below r->shown */
void shf__table_cells(const shf__table *r, uint32_t row, shf__cells cells);

/*
 * The lines of a function that allocate themselves, in order: at most `max`, those that allocate
 * most. `lines` gets their rows among the profile's lines; *rest is the function's self beyond
 * them, on other lines or on unknown ones.
 * @return the number of lines; 0: none is known
 */
uint32_t shf__table_lines(const shf__table *r, const shf_row *row, uint32_t max, uint32_t *lines,
                          int64_t *rest);
/* A value of the table's type, formatted as in its cells. */
void shf__table_figure(const shf__table *r, int64_t value, char cell[SHF__NUMBER]);

/* Adds the name, or `path:line:column` (or nothing), each on one line. */
void shf__table_name(const shf__table *r, uint32_t frame, shf__builder *out);
void shf__table_place(const shf__table *r, uint32_t frame, shf__builder *out);

/* Adds ` ← page (server.js:40) ← …`: the app's functions that call it, or that there are none. */
void shf__table_path(const shf__table *r, uint32_t frame, const uint32_t *path, shf__builder *out);

/* The total of a type, `12,345,678 bytes`, and its standard error. */
void shf__table_total(const shf__table *r, shf_type type, shf__builder *value, shf__builder *error);
/* How values were sampled, and limits that were met: lines that end in LF. */
void shf__table_notes(const shf__table *r, shf__builder *out);
/* Sums up the rows after the first `shown`, if there are any. */
void shf__table_left_out(const shf__table *r, uint32_t shown, shf__builder *out);

#endif
