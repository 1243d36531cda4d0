/*
 * Data of the viewer: the nodes that are wide enough by any known type, in the call tree's order,
 * and one sum for each run of neighbours that are not.
 */
#ifndef SHF_FLAMEGRAPH_VIEWER_ROWS_H
#define SHF_FLAMEGRAPH_VIEWER_ROWS_H

#include "svg.h"

typedef struct shf_viewer_row {
  uint32_t node, end; /* the node; for a sum, the nodes [node, end) */
  uint32_t up; /* levels up from the row before to a sibling of this one; 0: this is its callee */
  bool sum;
  bool valued; /* has values in the columns; set when these are written */
} shf_viewer_row;

typedef struct shf_viewer_data {
  const shf_profile *p;
  uint32_t types;         /* bit set of what p knows */
  float *max_share;       /* row n: largest share of the total, of any type; NULL: use `only` */
  const shf_layout *only; /* the layout, if the profile has one type */
  uint32_t *frame;        /* row f: number of frame f in the file, from 1 on; 0: none */
  uint32_t *numbered;     /* the frames by number */
  uint32_t frames;        /* rows of it */
  uint32_t *string;       /* row s: number of string s, likewise */
  shf_viewer_row *rows;
  uint32_t count, capacity;
  enum shf_side side;      /* side whose values are written; none: all */
  bool runs;               /* a difference with several runs on a side, or different intervals */
  double *run_variance[2]; /* row n: variance of the current type, self and total */
  struct shf_pruned *rest; /* made when something is pruned */
  bool varies[SHF_TYPES];  /* whether any variance is known */
  int code;
} shf_viewer_data;

int shf__viewer_data_new(shf_viewer_data *d, const shf_svg *svg);
void shf__viewer_data_free(shf_viewer_data *d);
/* The largest share of the total, of any type, of a node. */
float shf__viewer_data_max_share(const shf_viewer_data *d, uint32_t node);
/* Chooses the rows by a rule; false if the file would surely exceed the budget. */
bool shf__viewer_data_choose(shf_viewer_data *d, const shf_svg *svg, shf_rule rule);
/* Writes `<metadata>` of the chosen rows. */
void shf__viewer_data_write(shf_viewer_data *d, const shf_svg *svg, shf_xml *x);

/*
 * Adds `"lines"`: of each line of a function its frame's number, the line, and for each type self
 * and total. Nothing if the profile has no lines.
 */
void shf__viewer_data_lines(const shf_viewer_data *d, shf_xml *x);

#endif
