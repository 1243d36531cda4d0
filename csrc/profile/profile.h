/* The columns of a profile. Only csrc/profile/ includes this file. */
#ifndef SHF_PROFILE_PROFILE_H
#define SHF_PROFILE_PROFILE_H

#include "core/arena.h"
#include "core/hash_index.h"
#include "core/string_table.h"
#include "profile/binaries.h"
#include "profile/buckets.h"
#include "profile/labels.h"
#include "profile/same_function.h"
#include "profile/tree.h"
#include "shf.h"

typedef struct shf_meta_line {
  uint32_t key, value; /* string ids */
} shf_meta_line;

typedef struct shf_content {
  uint32_t file; /* string id */
  shf_str text;
} shf_content;

struct shf_profile {
  shf_arena *arena; /* owns every column and text */
  shf_string_table strings;

  shf_frame *frames;
  uint32_t nframes, frames_capacity;
  shf_hash_index frame_index;

  shf_line *lines; /* of a function view; see shf_profile_lines */
  uint32_t nlines;
  bool has_lines; /* any frame has the line of a call */

  uint32_t *rank; /* of the first `ranked` frames: position in canonical order */
  uint32_t ranked;

  shf__tree tree; /* while the profile is built; empty after sealing or a sorted merge */

  /* The call tree: parents come before their children; row 0 is the root. shf_profile_seal fills
     these columns; a sorted merge or location_tree.h may have filled depth and frame before. */
  uint32_t *parent, *frame;
  uint32_t nnodes, nodes_capacity;
  uint32_t *end;   /* one past the last row of the subtree */
  uint32_t *depth; /* 0 for the root */
  uint32_t *first; /* nnodes + 1 rows: first bucket of each node */
  uint32_t max_depth;

  shf__buckets buckets;
  shf__labels labels;
  shf_source *sources;
  uint32_t nsources, sources_capacity;
  shf_hash_index source_index; /* freed by sealing, like frame_index */
  shf_meta_line *metas;
  uint32_t nmetas, metas_capacity;

  shf__mapping *mappings;
  uint32_t nmappings, mappings_capacity;
  shf_hash_index mapping_index; /* freed by sealing */
  shf__code *codes;             /* row f: of frame f; unknown for frames from `ncodes` on */
  uint32_t ncodes, codes_capacity;
  bool unmapped; /* see shf__profile_set_unmapped */

  /* Source texts that are on no disk, by file; few. */
  shf_content *contents;
  uint32_t ncontents, contents_capacity;

  int64_t total[SHF_TYPES];
  double scale[3];          /* factor of the variances of each side */
  uint64_t *cross_interval; /* of each source of a difference: the other side's interval for what it
                               saw */
  uint64_t held;            /* bytes counted by core/budget.h until the profile is freed */
  bool uneven;              /* a cross interval is another than the source's own */
  bool sealed;
  bool consumed; /* see shf_profile_consume */
  bool compact;  /* asked for before sealing: parent, end and first may be left out. They are there
                 all  three, or none is: see shf_profile_build_index */
};

/* The file of functions that are part of V8, such as Array's push. */
#define SHF__NATIVE "native"
/* The leaf of memory outside of the heap; its position is that of the allocating call. */
#define SHF__OFFHEAP "(off-heap)"

/* Metadata line of a difference: the factor of the side before. */
#define SHF__SCALE_KEY "normalized"

/* The value of a metadata line; empty when it is absent. */
shf_str shf__profile_meta_value(const shf_profile *p, shf_str key);
/* Computes the totals. @return 0, or SHF_E_LIMIT beyond 2^63 - 1 */
int shf__profile_add_up(shf_profile *p);
/* For a capture: adds a line to the limits when V8 sampled less than was allocated
 * (missed_samples.c). */
int shf__profile_set_missed(shf_profile *p);
/* Sets p->scale from the sources and the metadata. */
void shf__profile_set_scales(shf_profile *p);
/* Sets p->cross_interval of a difference. @return 0 or SHF_E_NOMEM */
int shf__profile_set_cross_intervals(shf_profile *p);
/*
 * The variance that a bucket adds to a change if nothing changed: as the other side would have
 * sampled it. Equal to `own`, its own variance, when both sides sample alike.
 */
double shf__bucket_cross_variance(const shf_profile *p, const shf_bucket *b, shf_type type,
                                  double own);

/* In place of a frame in shf__copy.frame: its nodes are left out. */
enum { SHF__HIDDEN = UINT32_MAX - 1 }; /* as a row of `frame`: no node for it */

/*
 * Copies stacks from one profile into another one that is being built; every string, frame,
 * source and node is added once. A transform sets rows of `frame` beforehand to replace frames.
 */
typedef struct shf__copy {
  const shf_profile *from;
  shf_profile *to;
  uint32_t *frame;         /* from frames of `from` to frames of `to`; SHF_NONE: not yet copied */
  uint32_t *source;        /* from sources of `from` to sources of `to` */
  uint32_t *labels;        /* from sets of labels of `from` to those of `to` */
  const uint8_t *kept;     /* of each set of labels: 0 where buckets are left out; NULL: none is */
  uint32_t *node;          /* likewise; row 0 is the root of the copy. NULL until shf__copy_nodes */
  bool inuse_only;         /* leaves out what was allocated */
  bool fresh;              /* each node is new: see shf__copy_apart */
  double scale;            /* factor of all values */
  bool beyond;             /* a scaled value does not fit 64 bits */
  double carry[SHF_TYPES]; /* rounding error, added to the next value */
} shf__copy;

int shf__copy_init(shf__copy *c, const shf_profile *from, shf_profile *to);
/* The same; each source is marked with a side of a difference. */
int shf__copy_init_side(shf__copy *c, const shf_profile *from, enum shf_side side, shf_profile *to);
/* The same; each source belongs to a run. `run` is the number of the first run of `from`, or 0. */
int shf__copy_init_run(shf__copy *c, const shf_profile *from, uint32_t run, shf_profile *to);
void shf__copy_free(shf__copy *c);
/* Before nodes are copied one by one: makes c->node, and whole what was consumed. */
int shf__copy_nodes(shf__copy *c);
/* Sets c->frame of each frame that a node has. */
int shf__copy_frames(shf__copy *c);
/*
 * For a copy into a profile without nodes: sets c->fresh if no two frames become one, so that
 * nodes need no look-up.
 */
int shf__copy_apart(shf__copy *c);
/* Copies a node whose parent has been copied. In the order of rows, a parent comes first. */
int shf__copy_node(shf__copy *c, uint32_t node);
/* Copies a node's buckets to its copy. */
int shf__copy_buckets(shf__copy *c, uint32_t node);
/* A bucket of `from` as a bucket of `node` of `to`. Called once for each bucket, in their order. */
shf_bucket shf__copy_bucket(shf__copy *c, uint32_t row, uint32_t node);
/* Copies all nodes and buckets. */
int shf__copy_stacks(shf__copy *c);
int shf__copy_metas(shf__copy *c);
/*
 * A file: URL without its query and fragment, which a module gets when it is loaded again. Other
 * names stay.
 */
shf_str shf__without_query(shf_str file);
/* Length of `file://` before a path, or of `file:///` before a Windows drive; 0 without. */
size_t shf__scheme_length(shf_str file);

/* In place of a frame: it is gone, and another one of its name and file is at its position. */
enum { SHF__DISPLACED = SHF_NONE - 1 };
/*
 * Sets the frames that are displaced, or whose function has another identity in `names`, that of
 * frame `frames[f]`, or SHF_NONE. A call moves by as many lines as its function.
 */
int shf__copy_name(shf__copy *c, const uint32_t *frames, const shf_profile *names);
/*
 * For each frame of `before`: the first frame of the matching function of `after`, SHF__DISPLACED
 * or SHF_NONE.
 */
int shf__match_frames(const shf_profile *before, const shf_profile *after, uint32_t *to);
/* Makes a new sealed profile: `fill` copies the stacks, then the metadata follows. */
typedef int (*shf__fill)(shf__copy *c, const void *how);
int shf__copy_filled(const shf_profile *p, shf__fill fill, const void *how, shf_profile **out);
/* Sorts the codes by the ranks of their frames. */
int shf__codes_order(shf_profile *p);
/* Copies all mappings in their order: the first one of a pprof is the main program. */
int shf__mappings_copy(const shf_profile *from, shf_profile *to);
/* Before frames are copied: no program is implied in a merge of different programs. */
void shf__mix_programs(shf_profile *to, const shf_profile *a, const shf_profile *b);
/* Copies the code of a frame of `from` to frame `id` of `to`. */
int shf__codes_copy(const shf_profile *from, uint32_t frame, shf_profile *to, uint32_t id);
/* Adds a frame of `from`, with its code, to `to`. */
int shf__copy_frame(const shf_profile *from, uint32_t frame, shf_profile *to, uint32_t *id);
/* The same with these positions in place of its own. */
int shf__copy_frame_at(const shf_profile *from, uint32_t frame, int32_t line, int32_t column,
                       int32_t call, shf_profile *to, uint32_t *id);
/* Fills the lines of `view`, the function view of `p`. */
int shf__fill_lines(const shf_profile *p, shf_profile *view);

#endif
