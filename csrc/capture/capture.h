/*
 * The capture: what a profiled process writes.
 *
 * A file or buffer holds one or more segments, one after the other. When the sampler restarts at
 * another interval, everything counted so far becomes a segment. Numbers are little-endian, offsets
 * count from the first byte of the segment. A segment is
 *
 *   header   64 bytes, struct shf_capture_header
 *   sources  struct shf_source rows
 *   metas    struct shf_capture_meta rows
 *   ends     uint32_t rows: the end of string i in the text; it begins at the end of string i - 1
 *   functions, nodes, buckets, labels: rows of the structs below
 *   text     UTF-8 of all strings, not terminated
 *
 * each part padded with zeros to a multiple of 8 bytes. Node row 0 is V8's root; a parent comes
 * before its children. A bucket refers to its node by V8's id, so that the profiled process need
 * not look up the row. Ids are unique within a segment.
 *
 * Version 1 had no line in its nodes, version 2 no labels and no age. Both are still read.
 */
#ifndef SHF_CAPTURE_CAPTURE_H
#define SHF_CAPTURE_CAPTURE_H

#include "shf.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SHF_CAPTURE_MAGIC "SHFCAP\r\n" /* 8 bytes; a text-mode copy breaks it */
#define SHF_CAPTURE_VERSION 3u

typedef struct shf_capture_header {
  char magic[8];
  uint32_t version;
  uint32_t header; /* bytes of this header: 64 */
  uint64_t length; /* bytes of the segment, header included */
  uint32_t sources, metas, strings, functions, nodes, buckets; /* rows */
  uint64_t text;                                               /* bytes */
  uint32_t labels;                                             /* rows */
  uint32_t zero;
} shf_capture_header;

typedef struct shf_capture_meta {
  uint32_t key, value; /* strings */
} shf_capture_meta;

typedef struct shf_capture_function {
  uint32_t name, script; /* strings; a script is a path, a URL or empty */
  int32_t script_id;     /* V8's; 0: no script */
  int32_t start_position;
  int32_t line, column; /* 1-based, 0 unknown: where the function begins */
} shf_capture_function;

typedef struct shf_capture_node {
  uint32_t id;       /* V8's node id, or a number of our own */
  uint32_t parent;   /* row; SHF_NONE for the root */
  uint32_t function; /* row */
  int32_t line;      /* of the call in this function, for a leaf of the allocation; 0: unknown */
} shf_capture_node;

typedef struct shf_capture_bucket {
  uint32_t node;      /* a node's id */
  uint32_t source;    /* row */
  uint64_t size;      /* bytes of a block */
  uint32_t allocated; /* sampled blocks, freed ones included; 0 when only live ones are known */
  uint32_t live;
  uint32_t labels; /* a set of labels; 0: none */
  uint32_t age;    /* of live blocks: seconds since they were allocated + 1; 0: not known */
} shf_capture_bucket;

/* A bucket's age from microseconds: of two significant digits, so that buckets stay few. */
static inline uint32_t shf_capture_age(uint64_t us) {
  uint64_t seconds = us / 1000000 + (us % 1000000 >= 500000), unit = 1;
  while (seconds / unit >= 100) unit *= 10;
  seconds = (seconds + unit / 2) / unit * unit;
  return seconds < UINT32_MAX ? (uint32_t)seconds + 1 : UINT32_MAX;
}

/* A label of a set. The rows of a set follow each other, sets ascend from 1. */
typedef struct shf_capture_label {
  uint32_t set;
  uint32_t key, value; /* strings */
  uint32_t zero;
} shf_capture_label;

/* ---- Writing */

/* Growable rows of one segment. Row adders return 0, SHF_E_NOMEM or SHF_E_LIMIT. */
typedef struct shf_capture shf_capture;

int shf_capture_new(shf_capture **out);
void shf_capture_free(shf_capture *c);

/* Adds a string; equal strings are not merged. */
int shf_capture_string(shf_capture *c, const char *text, size_t len, uint32_t *id);
/* Reserves `len` bytes for a string that the caller writes in place... */
int shf_capture_string_reserve(shf_capture *c, size_t len, char **text);
/* ...and sets its length, at most the reserved one. @return its id */
uint32_t shf_capture_string_commit(shf_capture *c, size_t len);
int shf_capture_source(shf_capture *c, const shf_source *source, uint32_t *row);
int shf_capture_meta_add(shf_capture *c, shf_str key, shf_str value);
int shf_capture_function_add(shf_capture *c, const shf_capture_function *f, uint32_t *row);
int shf_capture_node_add(shf_capture *c, const shf_capture_node *n, uint32_t *row);
int shf_capture_bucket_add(shf_capture *c, const shf_capture_bucket *b);
/* Adds blocks to the counts of bucket `row`. */
void shf_capture_bucket_more(shf_capture *c, uint32_t row, uint32_t allocated, uint32_t live);
/* Adds a label to the last set or to the next one. */
int shf_capture_label_add(shf_capture *c, const shf_capture_label *l);
uint32_t shf_capture_nodes(const shf_capture *c);
uint32_t shf_capture_buckets(const shf_capture *c);
/* Adds up buckets of equal node, source, size, labels and age; changes the order of rows. */
void shf_capture_compact(shf_capture *c);
/* Ends the segment: keeps the allocated counts, drops the live counts and the metadata. */
void shf_capture_close(shf_capture *c);

/* Size of the segment in bytes. */
uint64_t shf_capture_length(const shf_capture *c);
/*
 * Passes the segment to `put` in pieces, in order. `put` returns 0 to continue; any other value
 * stops and is returned.
 */
int shf_capture_emit(const shf_capture *c, int (*put)(void *self, const void *bytes, size_t len),
                     void *self);

/* ---- Reading */

/* A checked segment; its parts point into the input. */
typedef struct shf_capture_view {
  shf_capture_header header;
  const unsigned char *sources, *metas, *ends, *functions, *nodes, *buckets, *labels;
  const char *text;
  size_t node_size, bucket_size; /* bytes of a row */
} shf_capture_view;

/*
 * Checks lengths, counts, kinds, lines of calls, sets of labels and indices (except node ids of
 * buckets, which the profile resolves).
 * @param bytes the start of a segment, with any alignment
 * @param len available bytes; the segment may be shorter
 * @return 0, or SHF_E_FORMAT with error->offset relative to `bytes`
 */
int shf_capture_open(const void *bytes, size_t len, shf_capture_view *view, shf_error *error);
shf_str shf_capture_view_string(const shf_capture_view *v, uint32_t id);
void shf_capture_view_source(const shf_capture_view *v, uint32_t row, shf_source *out);
void shf_capture_view_meta(const shf_capture_view *v, uint32_t row, shf_capture_meta *out);
void shf_capture_view_function(const shf_capture_view *v, uint32_t row, shf_capture_function *out);
void shf_capture_view_node(const shf_capture_view *v, uint32_t row, shf_capture_node *out);
void shf_capture_view_bucket(const shf_capture_view *v, uint32_t row, shf_capture_bucket *out);
void shf_capture_view_label(const shf_capture_view *v, uint32_t row, shf_capture_label *out);

#ifdef __cplusplus
}
#endif

#endif
