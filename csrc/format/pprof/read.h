/* State of a profile.proto reader: read.c reads the fields, model.c builds the profile. */
#ifndef SHF_FORMAT_PPROF_READ_H
#define SHF_FORMAT_PPROF_READ_H

#include "core/growable.h"
#include "core/key_set.h"
#include "format/pprof/protobuf.h"
#include "format/reader.h"

/* A string is an index into the string table, which may come later in the file. */
typedef struct shf__pp_type {
  uint32_t type, unit;
} shf__pp_type;

typedef struct shf__pp_mapping {
  uint64_t start, limit, offset;
  uint64_t file, build_id;
  uint32_t has; /* bit i: field PPROF_MAPPING_HAS_FUNCTIONS + i is true */
} shf__pp_mapping;

typedef struct shf__pp_function {
  uint64_t at; /* offset of its first mention */
  uint64_t name, system_name, file;
  int32_t start_line;
  int32_t line; /* first known line, for shf__pprof_lines_are_calls */
  bool calls;   /* it has other lines than its start_line */
  bool defined;
} shf__pp_function;

typedef struct shf__pp_location {
  uint64_t at;
  uint64_t mapping; /* id; may be undefined */
  uint64_t address;
  uint32_t line, lines; /* rows of `lines`, innermost first */
  bool defined;
} shf__pp_location;

typedef struct shf__pp_line {
  uint32_t function; /* row */
  int32_t line, column;
} shf__pp_line;

/* Labels are kept until the string table tells which ones are read. */
typedef struct shf__pp_label {
  uint32_t sample;
  uint64_t key;  /* string */
  uint64_t text; /* string; 0: the label is a number */
  uint64_t unit; /* string */
  int64_t number;
} shf__pp_label;

/* A location of a stack. */
typedef struct shf__pp_step {
  uint64_t location; /* id */
  uint32_t node;     /* in the tree */
  uint32_t back;     /* bytes from where the id begins to the end of all, where they are packed */
} shf__pp_step;

/* A location that was met below a node. */
typedef struct shf__pp_seen {
  uint32_t node, below; /* 1 and the row of the location; 0: none */
} shf__pp_seen;
enum { SHF__PP_SEEN = 8192 };

/* Packed ids of a sample, at the end of their buffer: those of the next one mostly end alike. */
typedef struct shf__pp_ids {
  unsigned char *buffer;
  size_t size, len;
} shf__pp_ids;

typedef struct shf__pprof {
  shf_profile *p;
  shf__builder part; /* start of a field that continues in the next push */
  uint64_t offset;   /* of the first byte of `part`, or of the next push */

  uint64_t field; /* number of the last field of Profile */
  uint64_t again; /* offset where a second profile's sample types begin; 0: none */

  uint32_t *strings; /* index in the table to string id */
  uint32_t nstrings, strings_capacity;
  uint64_t furthest, furthest_at; /* the largest index that is used, and where */

  shf__pp_type *types;
  uint32_t ntypes, types_capacity;
  shf__pp_type period_type;
  int64_t period;
  int64_t time_nanos, duration_nanos;
  uint64_t default_type, drop_frames, keep_frames;
  uint64_t *comments; /* strings */
  uint32_t ncomments, comments_capacity;

  shf__key_set mapping_ids, function_ids, location_ids;
  shf__pp_mapping *mappings;
  uint32_t mappings_capacity;
  shf__pp_function *functions;
  uint32_t functions_capacity;
  shf__pp_location *locations;
  uint32_t locations_capacity;
  uint32_t *near; /* row i, for small ids: 1 and the row of location i, 0: not known to have one */
  uint32_t near_capacity;
  shf__pp_line *lines;
  uint32_t nlines, lines_capacity;

  uint32_t *sample_node; /* in p's tree, whose keys are rows of `locations` */
  uint32_t nsamples, nodes_capacity;
  int64_t *values; /* `width` of each sample */
  uint32_t nvalues, values_capacity;
  uint32_t width;
  uint64_t first_sample; /* its offset */
  shf__pp_label *labels;
  uint32_t nlabels, labels_capacity;

  /* The sample at hand, leaf first, without what it shares with the path: rows base to depth. */
  shf__pp_step *stack;
  uint32_t base, depth, stack_capacity;
  uint32_t shared;    /* steps of the path */
  shf__pp_step *path; /* of the sample before, root first: samples in order share most of it */
  uint32_t path_depth, path_capacity;
  shf__pp_ids ids;
  shf__pp_seen
      seen[SHF__PP_SEEN]; /* by hash: a stack that comes again tells that there is no order */
} shf__pprof;

/* The failure of a field whose wire type is another than profile.proto's. */
int shf__pprof_wrong_wire(const shf__field *f, shf_error *error);
/* Notes a reference to the string table, which is checked at the end of the input. */
uint64_t shf__pprof_string(shf__pprof *r, const shf__field *f);
/*
 * Reads the next known field of a message. wires[0] is the number of known fields; wires[n] is the
 * type of field n: v for a varint, b for bytes, r for a repeated varint, packed or not. Unknown
 * fields are skipped.
 * @return whether there was one; if not, *code is the failure, if any
 */
bool shf__pprof_next(shf__wire *w, const char *wires, shf__field *f, int *code, shf_error *error);

/* Each adds the content of a message that begins at offset `at`. */
int shf__pprof_add_mapping(shf__pprof *r, shf__wire w, uint64_t at, shf_error *error);
int shf__pprof_add_function(shf__pprof *r, shf__wire w, uint64_t at, shf_error *error);
int shf__pprof_add_location(shf__pprof *r, shf__wire w, uint64_t at, shf_error *error);

/* Reads the next number of a repeated field, packed or not; `packed` is zero at first.
 * @return whether there was one; if not, *code is the failure, if any */
bool shf__pprof_number(const shf__wire *w, const shf__field *f, shf__wire *packed, uint64_t *value,
                       int *code, shf_error *error);
/* Finds or adds the row of a location, which may be defined later; `at`: offset of the mention. */
int shf__pprof_location(shf__pprof *r, uint64_t id, uint64_t at, uint32_t *row);

/* The stack of a sample: its location ids, in as many fields as there are, then its node. */
void shf__pprof_stack_begin(shf__pprof *r);
int shf__pprof_stack_ids(shf__pprof *r, const shf__wire *w, const shf__field *f, shf_error *error);
int shf__pprof_stack_end(shf__pprof *r, uint64_t at, uint32_t *node);
/* Looks nodes up from now on: stacks do not come in order. */
int shf__pprof_rows_leave(shf__pprof *r);

/* A string of the table; `place` must be valid. */
shf_str shf__pprof_text(const shf__pprof *r, uint64_t place);
/* Frees the samples once they are in r->p. */
void shf__pprof_samples_drop(shf__pprof *r);
/*
 * Applies drop_frames and keep_frames: *drops, which the caller frees, has a byte for each
 * location, or is NULL if there is nothing to drop. Dropped lines are removed from locations.
 */
enum {
  SHF__PP_DROPPED = 1, /* drop the location and all below it */
  SHF__PP_LAST         /* drop all below it */
};
int shf__pprof_prune(shf__pprof *r, uint8_t **drops);
/* Finds the functions with lines of calls, among those with a start_line. */
void shf__pprof_mark_calls(shf__pprof *r);
/*
 * Whether line numbers of functions without a start_line are those of calls, not the first lines of
 * functions.
 */
bool shf__pprof_lines_are_calls(const shf__pprof *r);
/* Fills r->p and seals it; all references are already checked. */
int shf__pprof_model(shf__pprof *r);

#endif
