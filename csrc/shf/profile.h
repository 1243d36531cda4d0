/* A profile: its parts, how it is built and how it is read. Conventions: shf.h. */
#ifndef SHF_PROFILE_H
#define SHF_PROFILE_H

#include "shf/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- The model */

/* The four values of a profile, with the names and the order of Go's heap profiles. */
typedef enum shf_type {
  SHF_ALLOC_OBJECTS,
  SHF_ALLOC_SPACE, /* bytes */
  SHF_INUSE_OBJECTS,
  SHF_INUSE_SPACE, /* bytes */
  SHF_TYPES
} shf_type;

#define SHF_HAS_ALLOC (1u << SHF_ALLOC_OBJECTS | 1u << SHF_ALLOC_SPACE)
#define SHF_HAS_INUSE (1u << SHF_INUSE_OBJECTS | 1u << SHF_INUSE_SPACE)

/* "alloc_space" and so on. */
const char *shf_type_name(shf_type type);
/* The type of a name, or SHF_TYPES when there is no such type. */
shf_type shf_type_parse(const char *name);
/* Whether the type counts bytes (space) and not objects. */
bool shf_type_is_space(shf_type type);

/*
 * A function: name, file, line and column; and the line of the call in it. Functions with lines of
 * calls have a frame for each of them. Texts, categories and filters ignore `call`.
 */
typedef struct shf_frame {
  uint32_t name;  /* string id; empty for an anonymous function */
  uint32_t file;  /* string id: a path, a file: URL, node:…, or empty */
  int32_t line;   /* where the function begins */
  int32_t column; /* in UTF-16 units, as in V8 */
  int32_t call;   /* line of the call or, in a leaf, of the allocation; at least 0 */
} shf_frame;

enum shf_source_kind { SHF_HEAP = 0, SHF_OFFHEAP = 1 };
enum shf_gc { SHF_GC_NONE = 0, SHF_GC_FORCED = 1, SHF_GC_UNKNOWN = 2 };
/* In a difference: which of the two profiles a source comes from. */
enum shf_side { SHF_SIDE_NONE = 0, SHF_SIDE_BEFORE = 1, SHF_SIDE_AFTER = 2 };

/* How a bucket was sampled: one process, thread and memory kind. */
typedef struct shf_source {
  uint64_t interval; /* mean bytes between samples; 0: exact, or unknown */
  uint64_t since_ms; /* in use covers blocks allocated since then; Unix milliseconds */
  uint32_t kind;     /* enum shf_source_kind */
  uint32_t gc;       /* enum shf_gc: whether a collection was forced before the capture */
  uint32_t pid;      /* 0: unknown */
  uint32_t thread;   /* Node's threadId; 0 is the main thread */
  uint32_t types;    /* bit set of the shf_types that were measured */
  uint32_t depth;    /* limit of frames in a stack; 0: unknown */
  uint32_t side;     /* enum shf_side */
  uint32_t run;      /* from 1 on in a profile of several runs; 0: a single run */
} shf_source;

/* The keys of our own labels: seconds since a live block was allocated, and its constructor. */
#define SHF_LABEL_AGE "age"
#define SHF_LABEL_TYPE "type"

/* What is known of memory besides its stack, as in pprof: a key with a text or a number. */
typedef struct shf_label {
  int64_t number; /* 0 when there is a text */
  uint32_t key;   /* string id */
  uint32_t text;  /* string id; 0: the label is a number */
  uint32_t unit;  /* of the number: string id */
} shf_label;

/* The blocks of one size that one stack allocated. */
typedef struct shf_bucket {
  uint64_t size;            /* bytes of one block; 0: unknown */
  int64_t value[SHF_TYPES]; /* estimates, rounded once */
  uint32_t node;            /* leaf of the stack in the call tree */
  uint32_t source;          /* row in the sources */
  uint32_t allocated;       /* sampled blocks, freed ones included; 0: unknown */
  uint32_t live;            /* those of them that were alive at the capture */
  uint32_t labels;          /* set of labels; 0: none */
} shf_bucket;

typedef struct shf_profile shf_profile;

/* ---- Building a profile */

int shf_profile_new(shf_profile **out);
/* NULL is allowed. */
void shf_profile_free(shf_profile *p);

/* Interns a text: equal bytes have the same id. Id 0 is the empty string. */
int shf_profile_string(shf_profile *p, shf_str text, uint32_t *id);
/* Interns a frame. */
int shf_profile_frame(shf_profile *p, shf_frame frame, uint32_t *id);
/* The child of `parent` (0 is the root) with that frame; added when missing. */
int shf_profile_node(shf_profile *p, uint32_t parent, uint32_t frame, uint32_t *id);
/* Adds a source, or finds an equal one. */
int shf_profile_source(shf_profile *p, shf_source source, uint32_t *id);
/* Adds a set of labels, or finds an equal one: order and repetitions do not matter. */
int shf_profile_label_set(shf_profile *p, const shf_label *labels, uint32_t count, uint32_t *set);
/* Adds values to a node. Sealing adds up buckets of equal node, source, labels and size. */
int shf_profile_bucket(shf_profile *p, const shf_bucket *bucket);
/* Sets a metadata line, replaces it, or removes it when `value` is empty. */
int shf_profile_meta(shf_profile *p, shf_str key, shf_str value);
/*
 * Puts the profile into canonical order: nodes in preorder, siblings by the text of their
 * frames, buckets by node, source, labels and size, sets by their labels, metadata by key. Equal
 * contents give equal profiles, whatever the order of additions. Required before the functions
 * below; a later addition fails with SHF_E_ARG.
 */
int shf_profile_seal(shf_profile *p);

/* ---- Reading a sealed profile */

uint32_t shf_profile_nodes(const shf_profile *p); /* at least 1: the root */
/* Row of the parent, which is less than the node's own; SHF_NONE for the root. */
uint32_t shf_profile_parent(const shf_profile *p, uint32_t node);
/* Row of the frame; SHF_NONE for the root. */
uint32_t shf_profile_frame_of(const shf_profile *p, uint32_t node);
/* Distance from the root, which has depth 0. */
uint32_t shf_profile_depth(const shf_profile *p, uint32_t node);
/* Frame and depth of every node, as arrays. */
const uint32_t *shf_profile_frame_rows(const shf_profile *p);
const uint32_t *shf_profile_depth_rows(const shf_profile *p);
/* One past the last row of the subtree: a subtree is the rows [node, end). */
uint32_t shf_profile_end(const shf_profile *p, uint32_t node);
uint32_t shf_profile_max_depth(const shf_profile *p);

uint32_t shf_profile_frames(const shf_profile *p);
const shf_frame *shf_profile_frame_at(const shf_profile *p, uint32_t frame);
/* Whether any frame has the line of a call. */
bool shf_profile_has_lines(const shf_profile *p);
uint32_t shf_profile_strings(const shf_profile *p);
shf_str shf_profile_text(const shf_profile *p, uint32_t string);

uint32_t shf_profile_buckets(const shf_profile *p);
shf_bucket shf_profile_bucket_at(const shf_profile *p, uint32_t bucket);
/* The buckets of a node are the rows [first(node), first(node + 1)). */
uint32_t shf_profile_bucket_first(const shf_profile *p, uint32_t node);
uint32_t shf_profile_sources(const shf_profile *p);
const shf_source *shf_profile_source_at(const shf_profile *p, uint32_t source);

/* Sets of labels, of which 0 is empty; at least 1. */
uint32_t shf_profile_label_sets(const shf_profile *p);
/* The labels of a set by key, then value; NULL when there are none. */
const shf_label *shf_profile_labels_of(const shf_profile *p, uint32_t set, uint32_t *count);

/*
 * The keys of all labels, sorted by text: string ids.
 * @param keys which the caller frees with free(); NULL when there are none
 */
int shf_profile_label_keys(const shf_profile *p, uint32_t **keys, uint32_t *count);
/* What each set has: arrays of shf_profile_label_sets() rows, which belong to the caller. */
void shf_profile_label_sums(const shf_profile *p, shf_type type, double *total, double *variance);

uint32_t shf_profile_metas(const shf_profile *p);
void shf_profile_meta_at(const shf_profile *p, uint32_t row, shf_str *key, shf_str *value);
/* The value of a metadata line; empty when it is absent. */
shf_str shf_profile_meta_get(const shf_profile *p, const char *key);
/* Key of the line which says that a filter removed stacks, so that the process allocated more. */
#define SHF_META_FILTERED "filtered"
/*
 * Whether a metadata line is for shap-flame only and not for outputs, such as paths of this
 * machine.
 */
bool shf_meta_is_internal(shf_str key);

/* Bit set (`1u << type`) of the types that every source has measured. */
uint32_t shf_profile_types(const shf_profile *p);
/* The sum over all buckets. */
int64_t shf_profile_total(const shf_profile *p, shf_type type);
/*
 * Self (the buckets of the node) and total (with its whole subtree) of every node. Each array
 * has shf_profile_nodes() rows, belongs to the caller and may be NULL.
 */
void shf_profile_sums(const shf_profile *p, shf_type type, int64_t *self, int64_t *total);

#ifdef __cplusplus
}
#endif

#endif
