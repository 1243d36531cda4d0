/*
 * What the viewer draws from: the nodes that are worth a pixel by any of the
 * known types, in the call tree's order, and a sum for each stretch of
 * neighbours that are not.
 */
#ifndef SHF_FLAMEGRAPH_VIEWER_ROWS_H
#define SHF_FLAMEGRAPH_VIEWER_ROWS_H

#include "svg.h"

typedef struct shf_viewer_row {
  uint32_t node, end; /* its own row, or the stretch [node, end) when it is a sum */
  uint32_t up; /* levels from the row before up to this one's caller's callees; 0: its callee */
  bool sum;
  bool valued; /* has values in the columns: set while these are written */
} shf_viewer_row;

typedef struct shf_viewer_data {
  const shf_profile *p;
  uint32_t types; /* bit set of what p knows */
  float
      *max_share; /* rows as nodes: the greatest share of the total, of any type; NULL: by `only` */
  const shf_layout *only; /* of a profile of one type: its layout says as much */
  uint32_t *frame;        /* rows as frames: the number in the file, 0: none; numbers begin at 1 */
  uint32_t *numbered;     /* the frames in the order of their numbers */
  uint32_t frames;        /* rows of it */
  uint32_t *string;       /* rows as strings: numbers likewise */
  shf_viewer_row *rows;
  uint32_t count, capacity;
  enum shf_side side;      /* whose values are being written; none: all */
  bool runs;               /* of a difference: several on a side, or intervals that differ */
  double *run_variance[2]; /* rows as nodes: the variance of the type in hand, self and total */
  struct shf_pruned *rest; /* made when first something is pruned */
  bool varies[SHF_TYPES];  /* whether any variance is known */
  int code;
} shf_viewer_data;

int shf__viewer_data_new(shf_viewer_data *d, const shf_svg *svg);
void shf__viewer_data_free(shf_viewer_data *d);
/* The greatest share of the total, of any type, that a node has. */
float shf__viewer_data_max_share(const shf_viewer_data *d, uint32_t node);
/* Chooses the rows by the rule of a picture; false when their file is surely above the budget. */
bool shf__viewer_data_choose(shf_viewer_data *d, const shf_svg *svg, shf_rule rule);
/* `<metadata>`, of the rows that were chosen. */
void shf__viewer_data_write(shf_viewer_data *d, const shf_svg *svg, shf_xml *x);

#endif
