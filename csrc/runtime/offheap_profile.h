/*
 * The off-heap profile of one thread: a call tree, and for each stack, block size and
 * interval the number of sampled and of live blocks.
 *
 * Only the thread itself changes the tree. Any thread may change the counts by freeing a
 * block: only live_blocks.c touches them, with its lock held.
 */
#ifndef SHF_RUNTIME_OFFHEAP_PROFILE_H
#define SHF_RUNTIME_OFFHEAP_PROFILE_H

#include "capture/capture.h"
#include "core/arena.h"
#include "core/hash_index.h"
#include "core/string_table.h"

enum { SHF_OFFHEAP_LEVELS = 48 }; /* intervals: each twice the one before */

typedef struct shf_offheap_function {
  int32_t script_id;
  uint32_t name, script; /* strings */
  int32_t line, column;
  uint64_t call; /* with script_id its key; 0 without a script, where the name is it */
} shf_offheap_function;

typedef struct shf_offheap_node {
  uint32_t parent; /* row, below its own; SHF_NONE for the root, row 0 */
  uint32_t function;
} shf_offheap_node;

typedef struct shf_offheap_bucket {
  uint64_t size;
  uint32_t node, level;
  uint32_t labels; /* a set of the process (capture/label_sets.h); 0: none */
  uint32_t allocated, live;
} shf_offheap_bucket;

typedef struct shf_offheap_buckets {
  shf_offheap_bucket *rows;
  uint32_t count, capacity;
  shf_hash_index index;
} shf_offheap_buckets;

typedef struct shf_offheap_profile {
  shf_arena *arena; /* of the strings */
  shf_string_table strings;
  shf_offheap_function *functions;
  shf_offheap_node *nodes;
  uint32_t nfunctions, function_capacity, nnodes, node_capacity;
  shf_hash_index function_index, node_index;
  uint64_t text;     /* bytes of the strings */
  uint64_t interval; /* of level 0 */
  /* only live_blocks.c, with its lock held */
  shf_offheap_buckets buckets;
  uint32_t live; /* entries in the table of live blocks */
} shf_offheap_profile;

/* A sampled block. */
typedef struct shf_offheap_sample {
  uint64_t size;
  uint32_t node;
  uint32_t level;  /* the interval it was drawn at: interval << level */
  uint32_t labels; /* a set of the process; 0: none */
} shf_offheap_sample;

int shf_offheap_profile_init(shf_offheap_profile *t, uint64_t interval);
void shf_offheap_profile_free(shf_offheap_profile *t);

/* The function of a call; SHF_NONE when it was not added. `script_id` is not 0. */
uint32_t shf_offheap_find_function(const shf_offheap_profile *t, int32_t script_id, uint64_t call);
/* Adds a function, or finds the equal one where it has no script. */
int shf_offheap_add_function(shf_offheap_profile *t, int32_t script_id, uint64_t call, shf_str name,
                             shf_str script, int32_t line, int32_t column, uint32_t *id);
/* The child of `parent` with that function, added if missing. */
int shf_offheap_child(shf_offheap_profile *t, uint32_t parent, uint32_t function, uint32_t *id);

/* The bucket of a sample's key, added with no counts if missing. */
int shf_offheap_bucket_of(shf_offheap_buckets *b, const shf_offheap_sample *key, uint32_t *row);
void shf_offheap_buckets_free(shf_offheap_buckets *b);

/* Bytes of the calls, and of the counts without the table of blocks. */
uint64_t shf_offheap_call_bytes(const shf_offheap_profile *t);
uint64_t shf_offheap_count_bytes(const shf_offheap_profile *t);

/* The leaf of all stacks. Its line is that of the innermost call of the app's code. */
#define SHF_OFFHEAP_LEAF "(off-heap)"

/* What owns a block: a Buffer, as any typed array, is a view of it. */
#define SHF_OFFHEAP_TYPE "ArrayBuffer"

/* A live block: its row in the buckets, and its age as in a capture's bucket. */
typedef struct shf_offheap_age {
  uint32_t bucket, age;
} shf_offheap_age;

/*
 * Writes the profile into an empty segment. Sources are copies of `source` with kind,
 * interval and types set.
 * @param ages of all live blocks, sorted by bucket, then age
 * @param types live blocks have the type SHF_OFFHEAP_TYPE
 */
int shf_offheap_profile_write(const shf_offheap_profile *t, const shf_source *source,
                              const shf_offheap_age *ages, bool types, shf_capture *c);

#endif
