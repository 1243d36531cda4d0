/*
 * What one thread's off-heap samples add up to: a tree of calls, and for each
 * stack, size and interval how many blocks were sampled and are alive.
 *
 * The tree belongs to its thread. The counts are changed by whoever frees a
 * block: blocks.c alone touches them, under its lock.
 */
#ifndef SHF_RUNTIME_OFFHEAP_PROFILE_H
#define SHF_RUNTIME_OFFHEAP_PROFILE_H

#include "capture/capture.h"
#include "core/arena.h"
#include "core/hash_index.h"
#include "core/string_table.h"

enum { SHF_TALLY_LEVELS = 48 }; /* intervals: each twice the one before */

typedef struct shf_tally_function {
  int32_t script_id;
  uint32_t name, script; /* strings */
  int32_t line, column;
  uint64_t call; /* with script_id its key; 0 without a script, where the name is it */
} shf_tally_function;

typedef struct shf_tally_node {
  uint32_t parent; /* row, below its own; SHF_NONE for the root, row 0 */
  uint32_t function;
} shf_tally_node;

typedef struct shf_tally_bucket {
  uint64_t size;
  uint32_t node, level;
  uint32_t allocated, live;
} shf_tally_bucket;

typedef struct shf_tally_buckets {
  shf_tally_bucket *rows;
  uint32_t count, capacity;
  shf_hash_index index;
} shf_tally_buckets;

typedef struct shf_tally {
  shf_arena *arena; /* of the strings */
  shf_string_table strings;
  shf_tally_function *functions;
  shf_tally_node *nodes;
  uint32_t nfunctions, function_capacity, nnodes, node_capacity;
  shf_hash_index function_index, node_index;
  uint64_t text;     /* bytes of the strings */
  uint64_t interval; /* of level 0 */
  /* blocks.c's, under its lock */
  shf_tally_buckets buckets;
  uint32_t live; /* blocks that are remembered */
} shf_tally;

/* A block to be counted. */
typedef struct shf_tally_sample {
  uint64_t size;
  uint32_t node;
  uint32_t level; /* the interval it was drawn at: interval << level */
} shf_tally_sample;

int shf_tally_init(shf_tally *t, uint64_t interval);
void shf_tally_free(shf_tally *t);

/* The function of a call that is known; SHF_NONE when it is not. `script_id` is not 0. */
uint32_t shf_tally_find(const shf_tally *t, int32_t script_id, uint64_t call);
/* Adds a function, or finds the equal one where it has no script. */
int shf_tally_function_add(shf_tally *t, int32_t script_id, uint64_t call, shf_str name,
                           shf_str script, int32_t line, int32_t column, uint32_t *id);
/* The child of `parent` with that function, added if missing. */
int shf_tally_child(shf_tally *t, uint32_t parent, uint32_t function, uint32_t *id);

/* The bucket of a sample's key, added with no counts if missing. */
int shf_tally_bucket_of(shf_tally_buckets *b, const shf_tally_sample *key, uint32_t *row);
void shf_tally_buckets_free(shf_tally_buckets *b);

/* Bytes of the calls, and of the counts without the table of blocks. */
uint64_t shf_tally_call_bytes(const shf_tally *t);
uint64_t shf_tally_count_bytes(const shf_tally *t);

/* The leaf of all stacks; it stands at the call of the app's that made the memory. */
#define SHF_TALLY_LEAF "(off-heap)"

/*
 * Adds everything to an empty segment. `source` is what its sources have in
 * common: kind, interval and types are set here.
 */
int shf_tally_write(const shf_tally *t, const shf_source *source, shf_capture *c);

#endif
