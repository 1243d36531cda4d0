/*
 * The capture: what a profiled process writes, flat, in one piece.
 *
 * A file or buffer holds one or more segments, one behind the other. When the
 * sampler restarts at another interval, what it had counted becomes a segment
 * of its own. All numbers are little-endian, all offsets from the segment's
 * first byte. A segment is
 *
 *   header   64 bytes, struct shf_capture_header
 *   sources  struct shf_source rows
 *   metas    struct shf_capture_meta rows
 *   ends     uint32_t rows: where string i ends in the text; it begins where
 *            string i - 1 ends
 *   functions, nodes, buckets: rows of the structs below
 *   text     UTF-8 of all strings, not terminated
 *
 * each part padded with zeros to a multiple of 8 bytes. Node row 0 is V8's
 * root; a node's parent stands before it. A bucket names its node by V8's id,
 * so that the profiled process need not look it up.
 */
#ifndef SHF_CAPTURE_CAPTURE_H
#define SHF_CAPTURE_CAPTURE_H

#include "shf.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SHF_CAPTURE_MAGIC "SHFCAP\r\n" /* 8 bytes; a text-mode copy breaks it */
#define SHF_CAPTURE_VERSION 1u

typedef struct shf_capture_header {
  char magic[8];
  uint32_t version;
  uint32_t header; /* bytes of this header: 64 */
  uint64_t length; /* bytes of the segment, header included */
  uint32_t sources, metas, strings, functions, nodes, buckets; /* rows */
  uint64_t text;                                               /* bytes */
  uint64_t zero;
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
  uint32_t id;       /* V8's node id */
  uint32_t parent;   /* row; SHF_NONE for the root */
  uint32_t function; /* row */
} shf_capture_node;

typedef struct shf_capture_bucket {
  uint32_t node;      /* V8's node id */
  uint32_t source;    /* row */
  uint64_t size;      /* bytes of a block */
  uint32_t allocated; /* blocks sampled, dead and alive; 0 where only live ones are kept */
  uint32_t live;
} shf_capture_bucket;

/* ---- Writing ------------------------------------------------------------- */

/* Growable rows of one segment. Row adders return 0, SHF_E_NOMEM or SHF_E_LIMIT. */
typedef struct shf_capture shf_capture;

int shf_capture_new(shf_capture **out);
void shf_capture_free(shf_capture *c);

/* Not interned: each call adds a string. */
int shf_capture_string(shf_capture *c, const char *text, size_t len, uint32_t *id);
/* Room for a string of at most `len` bytes, to be written in place... */
int shf_capture_string_reserve(shf_capture *c, size_t len, char **text);
/* ...and its true length, at most that. */
uint32_t shf_capture_string_commit(shf_capture *c, size_t len);
int shf_capture_source(shf_capture *c, const shf_source *source, uint32_t *row);
int shf_capture_meta_add(shf_capture *c, shf_str key, shf_str value);
int shf_capture_function_add(shf_capture *c, const shf_capture_function *f, uint32_t *row);
int shf_capture_node_add(shf_capture *c, const shf_capture_node *n, uint32_t *row);
int shf_capture_bucket_add(shf_capture *c, const shf_capture_bucket *b);
/* Adds so many blocks to bucket `row`, counted from 0. */
void shf_capture_bucket_more(shf_capture *c, uint32_t row, uint32_t allocated, uint32_t live);
uint32_t shf_capture_nodes(const shf_capture *c);
uint32_t shf_capture_buckets(const shf_capture *c);
/* Sums buckets of equal node, source and size; the order of rows changes. */
void shf_capture_compact(shf_capture *c);
/* What it says of the living is void from now on: keeps what was allocated. Meta lines go. */
void shf_capture_close(shf_capture *c);

/* Bytes of the segment. */
uint64_t shf_capture_length(const shf_capture *c);
/*
 * Hands out the segment piece by piece, in order.
 * `put` returns 0 to go on; any other value ends and is returned.
 */
int shf_capture_emit(const shf_capture *c, int (*put)(void *self, const void *bytes, size_t len),
                     void *self);

/* ---- Reading ------------------------------------------------------------- */

/* One segment, checked; its parts point into the input. */
typedef struct shf_capture_view {
  shf_capture_header header;
  const unsigned char *sources, *metas, *ends, *functions, *nodes, *buckets;
  const char *text;
} shf_capture_view;

/*
 * Checks lengths, counts, kinds and that every index is in range (bucket node ids
 * excepted: the profile resolves them).
 * @param bytes where a segment begins, any alignment
 * @param len bytes that are there; the segment may be shorter
 * @return 0 or SHF_E_FORMAT with error->offset from `bytes`
 */
int shf_capture_open(const void *bytes, size_t len, shf_capture_view *view, shf_error *error);
shf_str shf_capture_view_string(const shf_capture_view *v, uint32_t id);
void shf_capture_view_source(const shf_capture_view *v, uint32_t row, shf_source *out);
void shf_capture_view_meta(const shf_capture_view *v, uint32_t row, shf_capture_meta *out);
void shf_capture_view_function(const shf_capture_view *v, uint32_t row, shf_capture_function *out);
void shf_capture_view_node(const shf_capture_view *v, uint32_t row, shf_capture_node *out);
void shf_capture_view_bucket(const shf_capture_view *v, uint32_t row, shf_capture_bucket *out);

#ifdef __cplusplus
}
#endif

#endif
