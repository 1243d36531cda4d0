/* A profile.proto while it is read: pprof_read.c takes the fields, pprof_model.c makes a profile.
 */
#ifndef SHF_FORMAT_PPROF_READ_H
#define SHF_FORMAT_PPROF_READ_H

#include "format/reader.h"
#include "format/rows.h"

/* Strings are places in the string table, which may come later. */
typedef struct shf__pp_type {
  uint32_t type, unit;
} shf__pp_type;

typedef struct shf__pp_function {
  uint64_t at; /* where it was met first */
  uint64_t name, file;
  int32_t start_line;
  bool defined;
} shf__pp_function;

typedef struct shf__pp_location {
  uint64_t at;
  uint64_t address;
  uint32_t line, lines; /* rows of `lines`, innermost first */
  bool defined;
} shf__pp_location;

typedef struct shf__pp_line {
  uint32_t function; /* row */
  int32_t line, column;
} shf__pp_line;

/* A numeric label: which ones matter is known once the strings are. */
typedef struct shf__pp_label {
  uint32_t sample;
  uint64_t key; /* string */
  int64_t number;
} shf__pp_label;

/* A location of a stack and its node in the tree. */
typedef struct shf__pp_step {
  uint64_t location; /* id */
  uint32_t node;
} shf__pp_step;

typedef struct shf__pprof {
  shf_profile *p;
  shf__text part;  /* of a field that has not ended */
  uint64_t offset; /* of the first byte of `part`, or of the next push */

  uint32_t *strings; /* place in the table to string id */
  uint32_t nstrings, strings_room;
  uint64_t furthest, furthest_at; /* the largest place referred to, and where */

  shf__pp_type *types;
  uint32_t ntypes, types_room;
  shf__pp_type period_type;
  int64_t period;
  int64_t time_nanos, duration_nanos;
  uint64_t default_type;
  uint64_t *comments; /* strings */
  uint32_t ncomments, comments_room;

  shf__keys mapping_ids, function_ids, location_ids;
  uint64_t executable; /* string: the first mapping's file name */
  shf__pp_function *functions;
  uint32_t functions_room;
  shf__pp_location *locations;
  uint32_t locations_room;
  shf__pp_line *lines;
  uint32_t nlines, lines_room;

  /* The tree of locations: row r of `links` is node r + 1, its key parent << 32 | location. */
  shf__keys links;
  uint32_t *sample_node;
  uint32_t nsamples, nodes_room;
  int64_t *values; /* `width` of each sample */
  uint32_t nvalues, values_room;
  uint32_t width;
  uint64_t first_sample; /* where it begins */
  shf__pp_label *labels;
  uint32_t nlabels, labels_room;
  uint64_t *stack; /* location ids of the sample at hand, leaf first */
  uint32_t depth, stack_room;
  shf__pp_step *path; /* of the sample before, root first: samples in order share most of it */
  uint32_t path_depth, path_room;
} shf__pprof;

/* The text of a string that is known to be in the table. */
shf_str shf__pprof_text(const shf__pprof *r, uint64_t place);
/* Fills r->p and seals it; all references are checked. */
int shf__pprof_model(shf__pprof *r);

#endif
