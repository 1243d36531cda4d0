/*
 * The C core of shap-flame: profiles of heap allocations.
 *
 * A capture (the bytes that a profiled process wrote) becomes a profile. Writers write a profile
 * to a sink, in any format.
 *
 * Conventions
 * - A function that can fail returns SHF_OK (0) or another enum shf_code. Nothing prints, exits or
 *   aborts. After a failure, the objects that were passed in are still valid, and their owner
 *   frees them.
 * - A pointer is never NULL unless a comment says that it may be.
 * - One thread builds a profile. Once it is sealed it is read-only, and any number of threads may
 *   read it at the same time.
 * - Text is UTF-8 with a length. It may hold any byte, NUL included.
 * - Lines and columns begin at 1; 0 means unknown.
 */
#ifndef SHF_H
#define SHF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SHF_VERSION "0.1.0"

/* No such row: the parent of the root, or a frame that does not exist. */
#define SHF_NONE UINT32_MAX

/* ---- Errors */

enum shf_code {
  SHF_OK = 0,
  SHF_E_NOMEM,  /* an allocation failed */
  SHF_E_IO,     /* a file could not be opened, written or renamed */
  SHF_E_FORMAT, /* the input is damaged or has another format */
  SHF_E_LIMIT,  /* more rows than 32-bit indices can number, a sum beyond 2^63 */
  SHF_E_ARG,    /* an argument is out of range */
  SHF_E_ABSENT  /* the profile does not have the value asked for */
};

/* Where and why a reader or a sink failed. */
typedef struct shf_error {
  const char *message; /* constant text, never freed; NULL: no error */
  uint64_t offset;     /* byte in the input, from 0; 0 for sinks */
  int sys;             /* errno of the system call that failed, else 0 */
  uint64_t line;       /* line of a text input, from 1; else 0 */
} shf_error;

/* A sentence for a code; constant, never NULL. */
const char *shf_code_text(int code);

/* ---- Text */

typedef struct shf_str {
  const char *ptr; /* not NUL-terminated */
  size_t len;      /* bytes */
} shf_str;

/* A NUL-terminated text as shf_str. */
shf_str shf_str_of(const char *text);
/* Order by bytes; a prefix comes before a longer text. */
int shf_str_compare(shf_str a, shf_str b);

/* ---- Sinks */

/* Where a writer's bytes go. After the first failure, every later write returns the same error. */
typedef struct shf_sink shf_sink;

/* A buffer in memory that grows. */
int shf_sink_memory(shf_sink **out);
/*
 * Writes to a temporary file beside `path`; shf_sink_finish renames it, so that `path` is never
 * half written. The file gets the mode of the one that it replaces, and its owner where that is
 * permitted; else mode 0666 less umask.
 */
int shf_sink_file(const char *path, shf_sink **out, shf_error *error);
/* An open file descriptor, which stays open and belongs to the caller. */
int shf_sink_fd(int fd, shf_sink **out);
/* Counts the bytes and keeps none. Writing more than `limit` bytes fails with SHF_E_LIMIT. */
int shf_sink_count(uint64_t limit, shf_sink **out);
/* The number of bytes written to a counting sink so far. */
uint64_t shf_sink_counted(const shf_sink *sink);
/*
 * Compresses (RFC 1952, without name and time) into `next`, which stays the caller's.
 * @param level 1 to 9
 */
int shf_sink_gzip(shf_sink *next, int level, shf_sink **out);

/* Accepts at most `limit` more bytes; then writing fails with SHF_E_LIMIT. */
void shf_sink_limit(shf_sink *sink, uint64_t limit);

int shf_sink_write(shf_sink *sink, const void *bytes, size_t len);
int shf_sink_puts(shf_sink *sink, const char *text);
int shf_sink_str(shf_sink *sink, shf_str text);
int shf_sink_u64(shf_sink *sink, uint64_t value);
int shf_sink_i64(shf_sink *sink, int64_t value);
/* printf with at most 512 bytes of result; not for names and paths, which may be longer. */
int shf_sink_printf(shf_sink *sink, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Flushes the buffer; a file sink renames its file, a gzip sink writes its trailer. */
int shf_sink_finish(shf_sink *sink, shf_error *error);
/* The code of the first failure, or SHF_OK. */
int shf_sink_code(const shf_sink *sink);
/* The reason of the first failure. */
shf_error shf_sink_error(const shf_sink *sink);
/*
 * Hands over the bytes of a memory sink, which the caller frees with free(); NULL and 0 when
 * empty.
 */
void shf_sink_take(shf_sink *sink, char **bytes, size_t *len);
/* Destroys the sink and removes an unfinished file. NULL is allowed. */
void shf_sink_free(shf_sink *sink);

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
 * frames, buckets by node, source, labels and size, sets by their labels, metadata by key. Equal contents give equal profiles,
 * whatever the order of additions. Required before the functions below; a later addition fails
 * with SHF_E_ARG.
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

/* ---- Estimates */

/*
 * How many blocks one sampled block of `size` bytes represents: 1 / (1 - exp(-size / interval)).
 * 1 when the interval or the size is 0.
 */
double shf_weight(uint64_t size, uint64_t interval);
/*
 * Variance of a bucket's estimate: k (1 - p) (s / p)^2 for k sampled blocks of s bytes, each
 * sampled with probability p; s = 1 for objects. In a difference it is multiplied by the square
 * of the factor of its side.
 */
double shf_bucket_variance(const shf_profile *p, const shf_bucket *b, shf_type type);

/* The values of one function in the whole profile. */
typedef struct shf_row {
  uint32_t frame;
  int64_t self[SHF_TYPES];  /* rounded estimates */
  int64_t total[SHF_TYPES]; /* a recursive function counts once for a stack */
  double self_variance[SHF_TYPES];
  double total_variance[SHF_TYPES];
} shf_row;

/*
 * All functions, sorted by self of `type`, then total, then text. The caller frees the rows with
 * free().
 */
int shf_profile_rows(const shf_profile *p, shf_type type, shf_row **rows, uint32_t *count);
/*
 * For each of `frames` (all different): the nearest function above it that belongs to the app or
 * to a package, along the path that allocated most of its own `type`; in a difference, that grew
 * most. SHF_NONE where there is none, and for frames that are such functions themselves.
 * @return 0 or SHF_E_NOMEM
 */
int shf_profile_callers(const shf_profile *p, shf_type type, const uint32_t *frames, uint32_t count,
                        uint32_t *callers);
/*
 * Like shf_profile_callers, but the nearest functions of the app itself (not of packages, Node
 * or V8), nearest first. A recursive function appears once. SHF_NONE after the last one.
 */
enum { SHF_PATH = 3 };
int shf_profile_paths(const shf_profile *p, shf_type type, const uint32_t *frames, uint32_t count,
                      uint32_t (*paths)[SHF_PATH]);
/* Variance of the total of the whole profile. */
double shf_profile_variance(const shf_profile *p, shf_type type);

/* ---- Transforms: each returns a new sealed profile */

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
} shf_filter;
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

/* ---- Differences */

/*
 * Both profiles in one tree; each source is marked with its side. A function of `before` that
 * only moved within its file is matched with the one of `after`: same name and file, in the
 * order of lines. Roots `process N (command)` that differ only in N become one. A side with
 * several runs is their mean.
 * @param normalize scale `before` to the total of `type` of `after`
 */
int shf_profile_diff(const shf_profile *before, const shf_profile *after, shf_type type,
                     bool normalize, shf_profile **out);
/* Whether the profile is a difference: any source has a side. */
bool shf_profile_is_diff(const shf_profile *p);
/*
 * Whether the two sides were sampled at different intervals. Errors then include what the
 * coarser side missed.
 */
bool shf_profile_is_uneven(const shf_profile *p);
/* Like shf_profile_sums, for the buckets of one side. */
void shf_profile_side_sums(const shf_profile *p, enum shf_side side, shf_type type, int64_t *self,
                           int64_t *total);
/* The total of one side. */
int64_t shf_profile_side_total(const shf_profile *p, enum shf_side side, shf_type type);

/*
 * The values of a function in one type: [0] before, [1] after. For several runs, a variance is
 * the variance of their mean: that of sampling or, when the runs differ by more than sampling
 * explains, that of the runs, widened by Student's t. A side with one run borrows the spread of
 * the other. A side that saw fewer samples gets the error of its own interval.
 */
typedef struct shf_change {
  uint32_t frame;
  int64_t self[2], total[2]; /* a recursive function counts once for a stack */
  double self_variance[2], total_variance[2];
} shf_change;
/*
 * All functions of a difference that have a value on either side: largest change of self first,
 * then of total, then by text. The caller frees the rows with free(). SHF_E_ARG when the profile
 * is no difference.
 */
int shf_profile_changes(const shf_profile *p, shf_type type, shf_change **rows, uint32_t *count);
/*
 * The variance of the change of every node: of its total, or of its self when `self` is set.
 * `variance` has shf_profile_nodes() rows and belongs to the caller.
 */
int shf_profile_change_variances(const shf_profile *p, shf_type type, bool self, double *variance);

enum shf_verdict { SHF_WITHIN_NOISE, SHF_GREW, SHF_SHRANK };
/*
 * Whether a change is beyond sampling noise with 99 % confidence. Without a variance, every
 * change is.
 */
enum shf_verdict shf_change_verdict(int64_t before, int64_t after, double variance);
/* "within noise", "grew" or "shrank". */
const char *shf_verdict_name(enum shf_verdict verdict);

/* ---- Limits */

/* The total of a profile, or of one side of a difference; for several runs, their mean. */
typedef struct shf_figure {
  int64_t value;
  double variance;  /* as in shf_change */
  uint64_t samples; /* sampled blocks of all runs */
  uint32_t runs;
} shf_figure;
int shf_profile_figure(const shf_profile *p, enum shf_side side, shf_type type, shf_figure *out);
/* Both sides of a difference. A side with one run borrows the spread of the other. */
int shf_profile_figures(const shf_profile *p, shf_type type, shf_figure out[2]);

enum shf_judgement {
  SHF_HOLDS,
  SHF_EXCEEDED, /* with 99 % confidence */
  SHF_UNSURE    /* too few samples to decide */
};
/* Whether a figure exceeds a limit; SHF_UNSURE when it does, but within noise. */
enum shf_judgement shf_judge_limit(const shf_figure *f, double limit);
/*
 * Whether figures[1] grew by more than `percent` of figures[0]. SHF_UNSURE when neither this nor
 * the opposite is beyond noise, and the noise is larger than that growth and than 5 % of
 * figures[0].
 */
enum shf_judgement shf_judge_growth(const shf_figure figures[2], double percent);

/* ---- Captures */

/*
 * Reads a capture (csrc/capture/capture.h describes the layout). Frames of scripts below the
 * path in the capture's metadata line `hide` are removed; their callees become children of their
 * caller. `error` may be NULL.
 */
int shf_profile_from_capture(const void *bytes, size_t len, shf_profile **out, shf_error *error);

/* ---- Readers */

enum shf_format {
  SHF_FORMAT_UNKNOWN,
  SHF_FORMAT_CAPTURE,
  SHF_FORMAT_PPROF,
  SHF_FORMAT_HEAPPROFILE,
  SHF_FORMAT_FOLDED
};
/*
 * The format of an input by its first bytes, which are not gzipped. Folded stacks have no
 * signature: they are assumed when nothing else fits. UNKNOWN only for an empty input.
 */
enum shf_format shf_format_of(const void *bytes, size_t len);

/*
 * Reads any of these formats, gzipped or not; the format is detected. Stacks are merged as they
 * arrive, so memory depends on the tree and not on the size of the text. Offsets in errors count
 * unzipped bytes.
 */
typedef struct shf_reader shf_reader;

/*
 * @param single the type of inputs that have one value without a type: folded stacks and
 * .heapprofile. SHF_TYPES: alloc_space and inuse_space
 */
int shf_reader_new(shf_type single, shf_reader **out);
/* Reads the next bytes. After a failure the reader can only be freed. `error` may be NULL. */
int shf_reader_push(shf_reader *r, const void *bytes, size_t len, shf_error *error);
/* Ends the input and gives a sealed profile. */
int shf_reader_finish(shf_reader *r, shf_profile **out, shf_error *error);
/* NULL is allowed. */
void shf_reader_free(shf_reader *r);

typedef struct shf_read_options {
  shf_type single; /* as for shf_reader_new */
  bool compact;    /* the profile may be compact, see shf_profile_build_index */
  /*
   * Most bytes that this reading may take, with what other readings of this process take and
   * profiles that were read so hold, and with what outputs will need: SHF_E_LIMIT beyond. 0: any.
   */
  uint64_t max_memory;
  bool by_size; /* and at most what an input of its size can need: 128 MiB and 64 bytes for each
                   byte */
} shf_read_options;

/* Reads a file descriptor to its end; it stays open and belongs to the caller. */
int shf_profile_read_fd(int fd, const shf_read_options *o, shf_profile **out, shf_error *error);
int shf_profile_read_bytes(const void *bytes, size_t len, const shf_read_options *o,
                           shf_profile **out, shf_error *error);
/* The same without a memory limit. */
int shf_profile_read(const void *bytes, size_t len, shf_type single, shf_profile **out,
                     shf_error *error);

/* ---- Frames as text */

/*
 * Writes `name (file:line:column)`: `(anonymous)` without a name, no column or line where
 * unknown, only the name without a file. Bytes are not escaped; writers of formats do that.
 */
int shf_frame_text(const shf_profile *p, uint32_t frame, shf_sink *sink);
/* The name, or `(anonymous)`; never empty. */
shf_str shf_frame_name(const shf_profile *p, uint32_t frame);
/* The file without a leading `file://`; empty when there is none. */
shf_str shf_frame_path(const shf_profile *p, uint32_t frame);

enum shf_category {
  SHF_CAT_APP,     /* files of the program */
  SHF_CAT_PACKAGE, /* below node_modules */
  SHF_CAT_NODE,    /* Node's own: node:… */
  SHF_CAT_V8,      /* V8's own: (GC), (V8 API), natives */
  SHF_CAT_OFFHEAP, /* (off-heap) */
  SHF_CAT_OTHER,   /* process and worker roots, (truncated), pruned subtrees */
  SHF_CATEGORIES
};
/*
 * The category of a frame. For SHF_CAT_PACKAGE, *package is the name of the package with its
 * scope, as in `@babel/core`, else empty; `package` may be NULL.
 */
enum shf_category shf_frame_category(const shf_profile *p, uint32_t frame, shf_str *package);
/* "app", "package", "node", "v8", "offheap", "other". */
const char *shf_category_name(enum shf_category category);

/* ---- Writers */

/*
 * Each writes the whole profile to the sink and does not finish the sink. SHF_E_ABSENT when the
 * profile does not have the type.
 */

/* The signature of a writer without options of its own; lib/formats.js lists all formats. */
typedef int shf_writer(const shf_profile *p, shf_type type, shf_sink *sink);

/*
 * Folded stacks, as flamegraph.pl reads them: one line for each stack that has `type`. A
 * difference has two columns, before and after, as difffolded.pl writes them.
 */
int shf_folded_write(const shf_profile *p, shf_type type, shf_sink *sink);

/*
 * profile.proto, not gzipped: use shf_sink_gzip. `type` is the default sample type. A difference
 * is written as with pprof's -diff_base: values of `before` are negative and labelled
 * pprof::base.
 */
int shf_pprof_write(const shf_profile *p, shf_type type, shf_sink *sink);

/* V8's .heapprofile JSON, which DevTools opens. SHF_E_ARG for a difference. */
int shf_heapprofile_write(const shf_profile *p, shf_type type, shf_sink *sink);

/* Options of the tables. A source line that cannot be read is left out. */
typedef struct shf_listing_options {
  shf_type type;
  uint32_t rows;         /* at most so many functions; 0: all */
  uint32_t width;        /* columns of a line; 0: unlimited */
  uint32_t source_lines; /* source lines shown below a callsite */
  shf_str source_roots;  /* real paths of folders, each followed by a NUL: files are read only below
                            them; ptr NULL: anywhere except in /proc, /sys and /dev */
  shf_str cwd;           /* paths below it are shortened; may be empty */
  bool human;            /* 1.2 MB instead of 1,234,567 */
  bool color;            /* ANSI bold and dim */
} shf_listing_options;
int shf_listing_write(const shf_profile *p, const shf_listing_options *o, shf_sink *sink);
/* The same table in GitHub's Markdown. Stops after a row before `max_bytes` (0: unlimited). */
int shf_markdown_write(const shf_profile *p, const shf_listing_options *o, size_t max_bytes,
                       shf_sink *sink);
/* {"version":1,"meta":{…},"totals":{…},"functions":[…]}: README describes it. */
int shf_json_write(const shf_profile *p, const shf_listing_options *o, shf_sink *sink);

/*
 * A difference as tables: what grew, what shrank, and whether that is more than noise; by self,
 * then by what the functions call.
 */
int shf_diff_write(const shf_profile *p, const shf_listing_options *o, shf_sink *sink);
int shf_diff_markdown_write(const shf_profile *p, const shf_listing_options *o, size_t max_bytes,
                            shf_sink *sink);
/* {"version":1,"kind":"difference",…}: csrc/format/table/diff_json.c describes it. */
int shf_diff_json_write(const shf_profile *p, const shf_listing_options *o, shf_sink *sink);

typedef struct shf_svg_options {
  shf_type type;
  shf_str title;      /* empty: the command of the capture */
  shf_str subtitle;   /* may be empty */
  shf_str notes;      /* may be empty; part of the description, not drawn */
  uint32_t width;     /* px; 0: 1200 */
  uint32_t height;    /* px of one frame; 0: 16 */
  double min_width;   /* px; narrower frames are summed up in one grey block; 0: 0.1 */
  size_t max_bytes;   /* limit for the whole file; 0: 1 MB */
  bool inverted;      /* root on top (icicle) */
  bool reverse;       /* stacks begin with the function that allocated */
  shf_str font;       /* CSS font-family of all texts; empty: the system's */
  uint32_t font_size; /* px of a frame's text; 0: by height */
  shf_str count_name; /* what is counted; empty: bytes or objects */
  shf_str name_type;  /* what frames are; empty: Function */
  /*
   * Empty: by category. Else hot, mem, io, js, red, orange, yellow, green, aqua, blue or
   * purple; any other is SHF_E_ARG. A name has the same colour in all files. Ignored for a
   * difference, where the colour shows what grew and what shrank.
   */
  shf_str colors;
  shf_str cwd; /* paths below it are shortened in titles; may be empty */
} shf_svg_options;
/*
 * A self-contained SVG that also works with scripts disabled. Its viewer is a script of constant
 * bytes.
 */
int shf_svg_write(const shf_profile *p, const shf_svg_options *o, shf_sink *sink);
/* The hash of the viewer for a CSP's script-src, without quotes: sha256-… */
const char *shf_viewer_sha256(void);

#ifdef __cplusplus
}
#endif

#endif
