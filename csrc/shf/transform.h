/* Transforms: each returns a new sealed profile. Conventions: shf.h. */
#ifndef SHF_TRANSFORM_H
#define SHF_TRANSFORM_H

#include "shf/profile.h"
#include "shf/sink.h"

#ifdef __cplusplus
extern "C" {
#endif

enum shf_group {
  SHF_BY_LINE,     /* the line of the call becomes the frame's line; unknown: the function stays */
  SHF_BY_FUNCTION, /* without lines of calls, which become a table: the function view */
  SHF_BY_FILE,
  SHF_BY_PACKAGE
};

/*
 * Replaces frames by their group. A file's or package's node and its parent that get the same frame
 * become one node.
 */
int shf_profile_group(const shf_profile *p, enum shf_group by, shf_profile **out);

/* The values of one line of a function. */
typedef struct shf_line {
  uint32_t frame;
  int32_t line; /* 0: unknown */
  int64_t self[SHF_TYPES];
  int64_t total[SHF_TYPES]; /* with what the calls on this line allocated; recursive calls from it
                               count once for a stack */
  double self_variance[SHF_TYPES];
} shf_line;
/*
 * The lines of a function view by frame, then line. A function none of whose lines is known has no
 * row. There are none in other profiles, in differences, and in transforms of a function view.
 */
uint32_t shf_profile_lines(const shf_profile *p);
const shf_line *shf_profile_line_at(const shf_profile *p, uint32_t row);
/* The lines of a function: rows [*first, *end). */
void shf_profile_lines_of(const shf_profile *p, uint32_t frame, uint32_t *first, uint32_t *end);

/* The new name and position of a frame. Texts belong to the caller. */
typedef struct shf_place {
  uint32_t frame;
  shf_str name, file;
  int32_t line, column, call;
} shf_place;
/*
 * Renames and moves frames, as source maps say. Frames that become equal become one. When
 * `places` names a frame twice, the last entry counts.
 */
int shf_profile_remap(const shf_profile *p, const shf_place *places, uint32_t count,
                      shf_profile **out);
/*
 * Adds the source text of a file that may not be on disk. Transforms keep it, output files do
 * not contain it. It may be added at any time before other threads read the profile. The first
 * text of a file stays.
 */
int shf_profile_content(shf_profile *p, shf_str file, shf_str text);
/*
 * Prefix of a file name. The content under "script:FILE" is what V8 knew about a script that ran
 * under that name: the length of its text in UTF-16 units, a line feed, and its source map as a
 * data: URL, or nothing.
 */
#define SHF_SCRIPT_FACTS "script:"
uint32_t shf_profile_contents(const shf_profile *p);
void shf_profile_content_at(const shf_profile *p, uint32_t i, shf_str *file, shf_str *text);
/* The source text of a file; `ptr` is NULL when there is none. */
shf_str shf_profile_content_of(const shf_profile *p, uint32_t file);

/*
 * Which stacks to keep. Arrays may be NULL. Those of frames have one byte for each frame, non-zero
 * where the expression matches.
 */
typedef struct shf_filter {
  const uint8_t *focus;  /* keep only stacks that contain such a frame */
  const uint8_t *ignore; /* drop stacks that contain such a frame */
  const uint8_t *hide;   /* remove the frame: its callees become children of its caller; stacks
                            without any other frame become the leaf `(hidden)` */
  const uint8_t *labels; /* one byte for each set of labels: 0 where its memory is left out */
  /* Seconds: keeps only what is in use and at least so old. What was allocated is no longer known
     then. 0: all */
  int64_t older_than;
} shf_filter;
/* Of `older_than` of all filters, in milliseconds: a metadata line. */
#define SHF_META_OLDER_THAN "older_than_ms"
int shf_profile_filter(const shf_profile *p, const shf_filter *f, shf_profile **out);
/* Which labels become frames `KEY: value`, or `(no KEY)`. */
typedef struct shf_label_frames {
  const shf_str *roots, *leaves; /* keys of frames above and below a stack, outermost first */
  uint32_t nroots, nleaves;
  bool alone; /* without the frames of the stack */
} shf_label_frames;
int shf_profile_label_frames(const shf_profile *p, const shf_label_frames *how, shf_profile **out);
/*
 * Replaces the subtrees below `percent` of the total of `type` by one leaf of their parent, `(N
 * frames below P%)`, which keeps their values.
 */
int shf_profile_prune(const shf_profile *p, shf_type type, double percent, shf_profile **out);

typedef struct shf_merge_input {
  const shf_profile *profile;
  shf_str root; /* name of a frame to put above its stacks; empty: none */
} shf_merge_input;
int shf_profile_merge(const shf_merge_input *inputs, uint32_t count, shf_profile **out);
/*
 * Merges runs of the same program into one profile; the `run` of the sources tells them apart.
 * Values are the sums of all runs. An input may hold several runs itself.
 */
int shf_profile_merge_runs(const shf_profile *const *inputs, uint32_t count, shf_profile **out);
/* Number of runs in a profile, or in one side of a difference; at least 1. */
uint32_t shf_profile_runs(const shf_profile *p, enum shf_side side);

/*
 * Declares that the profile is used in one more merge or difference and then freed. Its stacks
 * may be compacted, and are released while they are read. After this call, nothing else may read
 * the stacks; strings, frames, sources, metadata and totals stay readable.
 */
void shf_profile_consume(shf_profile *p);
/*
 * Completes a compact profile. A compact profile holds only a part of its tree in memory: enough to
 * write pprof or folded stacks, to merge and to compare. Anything else that reads stacks needs
 * this call first, while no other thread reads them. A merge or a difference of consumed profiles
 * may be compact.
 */
int shf_profile_build_index(shf_profile *p);

#ifdef __cplusplus
}
#endif

#endif
