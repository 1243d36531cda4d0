/* The profile's columns; only csrc/profile/ includes this. */
#ifndef SHF_PROFILE_PROFILE_H
#define SHF_PROFILE_PROFILE_H

#include "core/arena.h"
#include "core/hash_index.h"
#include "core/string_table.h"
#include "profile/binaries.h"
#include "profile/buckets.h"
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
  shf_arena *arena; /* owns every column and every text */
  shf_string_table strings;

  shf_frame *frames;
  uint32_t nframes, frames_capacity;
  shf_hash_index frame_index;

  uint32_t *rank; /* of each of `ranked` frames its place among them in canonical order */
  uint32_t ranked;

  shf__tree tree; /* while it is built: gone once sealed, or where trees were joined */

  /* The call tree: a parent's row is below its children's; row 0 is the root. From here on filled
     by shf_profile_seal; while stacks come in order (see keys.h) depth and frame already are. */
  uint32_t *parent, *frame;
  uint32_t nnodes, nodes_capacity;
  uint32_t *end;   /* first row behind the subtree */
  uint32_t *depth; /* 0 for the root */
  uint32_t *first; /* nnodes + 1 rows: where a node's buckets begin */
  uint32_t max_depth;

  shf__buckets buckets;
  shf_source *sources;
  uint32_t nsources, sources_capacity;
  shf_hash_index source_index; /* gone once sealed, as frame_index is */
  shf_meta_line *metas;
  uint32_t nmetas, metas_capacity;

  shf__mapping *mappings;
  uint32_t nmappings, mappings_capacity;
  shf_hash_index mapping_index; /* gone once sealed */
  shf__code *codes;             /* row f: of frame f; of frames beyond `ncodes` none is known */
  uint32_t ncodes, codes_capacity;
  bool unmapped; /* see shf__profile_set_unmapped */

  /* Texts of sources that are on no disk, by file; few. */
  shf_content *contents;
  uint32_t ncontents, contents_capacity;

  int64_t total[SHF_TYPES];
  double scale[3];          /* of the variances of each side */
  uint64_t *cross_interval; /* of each source of a difference: the other side's interval for what it
                               saw */
  bool uneven;              /* any of them is another than the source's own */
  uint64_t held;            /* bytes that count as a reading's until the profile is freed */
  bool sealed;
  bool spent; /* see shf_profile_spend */
  bool lean;  /* asked for before sealing: parent, end and first may be left out. They are there all
                 three, or none is: see shf_profile_shape */
};

/* The file of functions that V8 brings along, such as Array's push. */
#define SHF__NATIVE "native"
/* The leaf of memory outside of the heap; its place is the call that made it. */
#define SHF__OFFHEAP "(off-heap)"

/* Meta line of a difference: what the side before was multiplied by. */
#define SHF__SCALE_KEY "normalized"

/* A meta line's value, empty if absent. */
shf_str shf__profile_meta_value(const shf_profile *p, shf_str key);
/* Sums all buckets anew. @return 0 or SHF_E_LIMIT beyond 2^63 - 1 */
int shf__profile_add_up(shf_profile *p);
/* Of a capture: a line of limits where V8 sampled less than was allocated (missed.c). */
int shf__profile_set_missed(shf_profile *p);
/* Sets p->scale from the sources and the meta. */
void shf__profile_set_scales(shf_profile *p);
/* Sets p->across of a difference. @return 0 or SHF_E_NOMEM */
int shf__profile_set_cross_intervals(shf_profile *p);
/*
 * What a bucket adds to the variance of a change if nothing changed: as the other side would have
 * seen it. `own` is its own variance, which it is where both sides sample alike.
 */
double shf__bucket_cross_variance(const shf_profile *p, const shf_bucket *b, shf_type type,
                                  double own);

/*
 * Copies stacks from one profile into another that is being built, each
 * string, frame, source and node once. Rows of `frame` are preset by those
 * who want other frames than the source's.
 */
enum { SHF__HIDDEN = UINT32_MAX - 1 }; /* as a row of `frame`: no node for it */

typedef struct shf__copy {
  const shf_profile *from;
  shf_profile *to;
  uint32_t *frame;  /* from's frame to to's; SHF_NONE: not yet copied */
  uint32_t *source; /* from's source to to's */
  uint32_t *node;   /* from's node to to's, SHF_NONE: not yet copied; row 0 is preset to the root of
                       the copy. NULL until shf__copy_nodes */
  bool fresh;       /* each node is a new one: see shf__copy_apart */
  double scale;     /* of all values; 1 unless set */
  bool beyond;      /* a scaled value does not fit 64 bits */
  double carry[SHF_TYPES]; /* what rounding left, for the next value */
} shf__copy;

int shf__copy_init(shf__copy *c, const shf_profile *from, shf_profile *to);
/* The same, each source marked with a side of a difference. */
int shf__copy_init_side(shf__copy *c, const shf_profile *from, enum shf_side side, shf_profile *to);
/* The same, each source being of a run: `run` is the number of the profile's first one, or 0. */
int shf__copy_init_run(shf__copy *c, const shf_profile *from, uint32_t run, shf_profile *to);
void shf__copy_free(shf__copy *c);
/* Before nodes are copied one by one: makes c->node, and whole what was spent. */
int shf__copy_nodes(shf__copy *c);
/* Sets c->frame of each frame that a node has. */
int shf__copy_frames(shf__copy *c);
/*
 * For a copy into a profile without nodes: sets c->fresh where no two frames become one, so that
 * nodes need no look-up.
 */
int shf__copy_apart(shf__copy *c);
/* Sets c->node of a node whose parent's is set: in rows' order each parent comes first. */
int shf__copy_node(shf__copy *c, uint32_t node);
/* Copies a node's buckets to its copy. */
int shf__copy_buckets(shf__copy *c, uint32_t node);
/* Row of the buckets of `from` as it is at `node` of `to`. Each is asked for once, in the order of
 * rows. */
shf_bucket shf__copy_bucket(shf__copy *c, uint32_t row, uint32_t node);
/* All nodes and buckets, one by one. */
int shf__copy_stacks(shf__copy *c);
int shf__copy_metas(shf__copy *c);
/* A URL up to its query and fragment, where it begins with file:: what runs a module anew. */
shf_str shf__without_query(shf_str file);
/* Bytes of `file://` in front of a path, of `file:///` in front of a drive; 0: there is none. */
size_t shf__scheme_length(shf_str file);

/* In place of a frame: it is gone, and another of its name and file stands where it stood. */
enum { SHF__DISPLACED = SHF_NONE - 1 };
/* Presets the frames that are others of `names`, or displaced: row f of `frames`, or SHF_NONE. */
int shf__copy_name(shf__copy *c, const uint32_t *frames, const shf_profile *names);
/* For each frame of `before` what it is now: a frame of `after`, SHF__DISPLACED or SHF_NONE. */
int shf__match_frames(const shf_profile *before, const shf_profile *after, uint32_t *to);
/*
 * A new sealed profile of what `fill` copies, and of the metas; it gets a copy that was begun,
 * and `how`.
 */
typedef int (*shf__fill)(shf__copy *c, const void *how);
int shf__copy_filled(const shf_profile *p, shf__fill fill, const void *how, shf_profile **out);
/* Puts the codes in the order of the frames' ranks. */
int shf__codes_order(shf_profile *p);
/* All mappings, in their order: a pprof's first one is the program's own. */
int shf__mappings_copy(const shf_profile *from, shf_profile *to);
/* Tells `to` of frame `id` what `from` knows of its frame. */
int shf__codes_copy(const shf_profile *from, uint32_t frame, shf_profile *to, uint32_t id);
/* Interns a frame of `from` in `to`, and where its code is. */
int shf__copy_frame(const shf_profile *from, uint32_t frame, shf_profile *to, uint32_t *id);

#endif
