/* A profile.proto while it is read: read.c takes the fields, model.c makes a profile.
 */
#ifndef SHF_FORMAT_PPROF_READ_H
#define SHF_FORMAT_PPROF_READ_H

#include "core/growable.h"
#include "core/key_set.h"
#include "format/pprof/protobuf.h"
#include "format/reader.h"

/* Strings are places in the string table, which may come later. */
typedef struct shf__pp_type {
  uint32_t type, unit;
} shf__pp_type;

typedef struct shf__pp_mapping {
  uint64_t start, limit, offset;
  uint64_t file, build_id;
  uint32_t has; /* bit i: field PPROF_MAPPING_HAS_FUNCTIONS + i is true */
} shf__pp_mapping;

typedef struct shf__pp_function {
  uint64_t at; /* where it was met first */
  uint64_t name, system_name, file;
  int32_t start_line;
  int32_t line; /* of the first location that tells one, for shf__pprof_lines_are_calls */
  bool defined;
} shf__pp_function;

typedef struct shf__pp_location {
  uint64_t at;
  uint64_t mapping; /* id; it need not be known */
  uint64_t address;
  uint32_t line, lines; /* rows of `lines`, innermost first */
  bool defined;
} shf__pp_location;

typedef struct shf__pp_line {
  uint32_t function; /* row */
  int32_t line, column;
} shf__pp_line;

/* Which labels matter is known once the strings are. */
typedef struct shf__pp_label {
  uint32_t sample;
  uint64_t key;  /* string */
  uint64_t text; /* string; 0: it is the number */
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
  uint32_t node, behind; /* 1 and the row of the location; 0: none */
} shf__pp_seen;
enum { SHF__PP_SEEN = 8192 };

/* Packed ids of a sample, at the end of their room: those of the next one mostly end alike. */
typedef struct shf__pp_ids {
  unsigned char *room;
  size_t size, len;
} shf__pp_ids;

typedef struct shf__pprof {
  shf_profile *p;
  shf__builder part; /* of a field that has not ended */
  uint64_t offset;   /* of the first byte of `part`, or of the next push */

  uint64_t field; /* the number of the last one of the profile itself */
  uint64_t again; /* where sample types began a second time; 0: they did not */

  uint32_t *strings; /* place in the table to string id */
  uint32_t nstrings, strings_room;
  uint64_t furthest, furthest_at; /* the largest place referred to, and where */

  shf__pp_type *types;
  uint32_t ntypes, types_room;
  shf__pp_type period_type;
  int64_t period;
  int64_t time_nanos, duration_nanos;
  uint64_t default_type, drop_frames, keep_frames;
  uint64_t *comments; /* strings */
  uint32_t ncomments, comments_room;

  shf__key_set mapping_ids, function_ids, location_ids;
  shf__pp_mapping *mappings;
  uint32_t mappings_room;
  shf__pp_function *functions;
  uint32_t functions_room;
  shf__pp_location *locations;
  uint32_t locations_room;
  uint32_t *near; /* row i, for small ids: 1 and the row of location i, 0: not known to have one */
  uint32_t near_room;
  shf__pp_line *lines;
  uint32_t nlines, lines_room;

  uint32_t *sample_node; /* in p's tree, whose keys are rows of `locations` */
  uint32_t nsamples, nodes_room;
  int64_t *values; /* `width` of each sample */
  uint32_t nvalues, values_room;
  uint32_t width;
  uint64_t first_sample; /* where it begins */
  shf__pp_label *labels;
  uint32_t nlabels, labels_room;

  /* The sample at hand, leaf first, without what it shares with the path: rows base to depth. */
  shf__pp_step *stack;
  uint32_t base, depth, stack_room;
  uint32_t shared;    /* steps of the path */
  shf__pp_step *path; /* of the sample before, root first: samples in order share most of it */
  uint32_t path_depth, path_room;
  shf__pp_ids ids;
  shf__pp_seen
      seen[SHF__PP_SEEN]; /* by hash: a stack that comes again tells that there is no order */
} shf__pprof;

/* The failure of a field whose wire type is another than profile.proto's. */
int shf__pprof_wrong_wire(const shf__field *f, shf_error *error);
/* A reference to the string table, checked when all of it is known. */
uint64_t shf__pprof_string(shf__pprof *r, const shf__field *f);
/*
 * The next field of a message: wires[0] is how many field numbers are known, and behind it each has
 * a character: v for a varint, b for bytes, r for a repeated varint, which may be packed. Others
 * are left out.
 * @return whether there was one; *code is the failure otherwise, if any
 */
bool shf__pprof_next(shf__wire *w, const char *wires, shf__field *f, int *code, shf_error *error);

/* Each adds what a message holds that began at `at`. */
int shf__pprof_add_mapping(shf__pprof *r, shf__wire w, uint64_t at, shf_error *error);
int shf__pprof_add_function(shf__pprof *r, shf__wire w, uint64_t at, shf_error *error);
int shf__pprof_add_location(shf__pprof *r, shf__wire w, uint64_t at, shf_error *error);

/* Each number of a repeated field, packed or not: `packed` is zero at first. @return whether there
 * was one; *code is the failure otherwise, if any */
bool shf__pprof_number(const shf__wire *w, const shf__field *f, shf__wire *packed, uint64_t *value,
                       int *code, shf_error *error);
/* The row of a location, which may be defined later; `at`: where it was met. */
int shf__pprof_location(shf__pprof *r, uint64_t id, uint64_t at, uint32_t *row);

/* The stack of a sample: its location ids, in as many fields as there are, then its node. */
void shf__pprof_stack_begin(shf__pprof *r);
int shf__pprof_stack_ids(shf__pprof *r, const shf__wire *w, const shf__field *f, shf_error *error);
int shf__pprof_stack_end(shf__pprof *r, uint64_t at, uint32_t *node);
/* Looks nodes up from now on: stacks do not come in order. */
int shf__pprof_rows_leave(shf__pprof *r);

/* The text of a string that is known to be in the table. */
shf_str shf__pprof_text(const shf__pprof *r, uint64_t place);
/* Frees what r->p has taken over. */
void shf__pprof_samples_drop(shf__pprof *r);
/*
 * What drop_frames does to the stacks with a location, a mark of each, the caller's: NULL where
 * there is none. Lines that go from a location are gone.
 */
enum {
  SHF__PP_DROPPED = 1, /* the location goes, and all below it */
  SHF__PP_LAST         /* all below it goes */
};
int shf__pprof_prune(shf__pprof *r, uint8_t **marks);
/* Whether lines tell where functions stood, and not where those begin that do not say it. */
bool shf__pprof_lines_are_calls(const shf__pprof *r);
/* Fills r->p and seals it; all references are checked. */
int shf__pprof_model(shf__pprof *r);

#endif
