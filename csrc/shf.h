/*
 * shap-flame's C core: one header for profiles of heap allocations.
 *
 * A capture (bytes that a profiled process wrote) becomes a profile; every
 * output is written from a profile to a sink.
 *
 * Conventions
 * - Functions that can fail return 0 (SHF_OK) or one of enum shf_code. Nothing
 *   prints, exits or aborts. After a failure the objects passed in are still
 *   valid and are to be destroyed by their owner.
 * - Pointers are never NULL unless a comment says that they may be.
 * - A profile is built by one thread. Once sealed it is read-only, and any
 *   number of threads may read and write it out at the same time.
 * - Text is UTF-8 and length-counted; it may hold any byte, NUL included.
 * - Lines and columns are 1-based; 0 means unknown.
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

/* No such row: the parent of the root, an absent frame. */
#define SHF_NONE UINT32_MAX

/* ---- Errors ------------------------------------------------------------ */

enum shf_code {
  SHF_OK = 0,
  SHF_E_NOMEM,  /* an allocation failed */
  SHF_E_IO,     /* a file could not be opened, written or renamed */
  SHF_E_FORMAT, /* the input is not what it claims to be */
  SHF_E_LIMIT,  /* more rows than 32-bit indices can number, a sum beyond 2^63 */
  SHF_E_ARG,    /* an argument is out of its range */
  SHF_E_ABSENT  /* the profile does not know what was asked for */
};

/* Where and why a reader or a sink stopped. */
typedef struct shf_error {
  const char *message; /* constant text, never freed; NULL when there is none */
  uint64_t offset;     /* byte in the input, 0-based; 0 for sinks */
  int sys;             /* errno of the call that failed, else 0 */
  uint64_t line;       /* in a text of lines, 1-based; else 0 */
} shf_error;

/* A constant sentence for a code, never NULL. */
const char *shf_code_text(int code);

/* ---- Text -------------------------------------------------------------- */

typedef struct shf_str {
  const char *ptr; /* not NUL-terminated */
  size_t len;      /* bytes */
} shf_str;

/* A NUL-terminated text as shf_str. */
shf_str shf_str_of(const char *text);
/* Bytewise order; a shorter text stands before a longer one that it begins. */
int shf_str_compare(shf_str a, shf_str b);

/* ---- Sinks -------------------------------------------------------------- */

/* Where a writer's bytes go. The first failure sticks: later writes return it. */
typedef struct shf_sink shf_sink;

/* Growing memory. */
int shf_sink_memory(shf_sink **out);
/*
 * A file that appears under `path` only when it is complete: written beside it
 * under a temporary name, renamed by shf_sink_finish. Its mode is that of the file it
 * replaces, and its owner where that may be; else 0666 less umask.
 */
int shf_sink_file(const char *path, shf_sink **out, shf_error *error);
/* An open descriptor; it stays open and belongs to the caller. */
int shf_sink_fd(int fd, shf_sink **out);
/* Keeps nothing, and counts; beyond `limit` bytes writing fails with SHF_E_LIMIT. */
int shf_sink_count(uint64_t limit, shf_sink **out);
/* What was written to such a sink by now. */
uint64_t shf_sink_counted(const shf_sink *sink);
/*
 * gzip (RFC 1952, no name, no time) in front of `next`, which stays the
 * caller's. `level` 1 to 9.
 */
int shf_sink_gzip(shf_sink *next, int level, shf_sink **out);

/* It takes at most so many more bytes: SHF_E_LIMIT beyond. */
void shf_sink_limit(shf_sink *sink, uint64_t limit);

int shf_sink_write(shf_sink *sink, const void *bytes, size_t len);
int shf_sink_puts(shf_sink *sink, const char *text);
int shf_sink_str(shf_sink *sink, shf_str text);
int shf_sink_u64(shf_sink *sink, uint64_t value);
int shf_sink_i64(shf_sink *sink, int64_t value);
/* printf, at most 512 bytes of result; not for names or paths. */
int shf_sink_printf(shf_sink *sink, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Flushes; for a file renames it into place, for gzip writes its trailer. */
int shf_sink_finish(shf_sink *sink, shf_error *error);
/* The first failure's code, or 0. */
int shf_sink_code(const shf_sink *sink);
/* And its reason. */
shf_error shf_sink_error(const shf_sink *sink);
/* Hands over what a memory sink holds; free() it. NULL, 0 when empty. */
void shf_sink_take(shf_sink *sink, char **bytes, size_t *len);
/* Destroys; an unfinished file is removed. NULL is allowed. */
void shf_sink_free(shf_sink *sink);

/* ---- The model ---------------------------------------------------------- */

/* The four values of a profile, in Go's order and by Go's names. */
typedef enum shf_type {
  SHF_ALLOC_OBJECTS,
  SHF_ALLOC_SPACE, /* bytes */
  SHF_INUSE_OBJECTS,
  SHF_INUSE_SPACE, /* bytes */
  SHF_TYPES
} shf_type;

#define SHF_HAS_ALLOC (1u << SHF_ALLOC_OBJECTS | 1u << SHF_ALLOC_SPACE)
#define SHF_HAS_INUSE (1u << SHF_INUSE_OBJECTS | 1u << SHF_INUSE_SPACE)

/* "alloc_space" and so on; SHF_TYPES for a name that is none. */
const char *shf_type_name(shf_type type);
shf_type shf_type_parse(const char *name);
/* Whether the type counts bytes (space) rather than objects. */
bool shf_type_is_space(shf_type type);

/* A function, each (name, file, line, column) once. */
typedef struct shf_frame {
  uint32_t name;  /* string id; the empty string for an anonymous function */
  uint32_t file;  /* string id: a path, a file: URL, node:…, or empty */
  int32_t line;   /* where the function begins */
  int32_t column; /* in UTF-16 units, as V8 counts */
} shf_frame;

enum shf_source_kind { SHF_HEAP = 0, SHF_OFFHEAP = 1 };
enum shf_gc { SHF_GC_NONE = 0, SHF_GC_FORCED = 1, SHF_GC_UNKNOWN = 2 };
/* Of a difference: which of the two profiles a source is from. */
enum shf_side { SHF_SIDE_NONE = 0, SHF_SIDE_BEFORE = 1, SHF_SIDE_AFTER = 2 };

/* Where a bucket's figures were drawn from. */
typedef struct shf_source {
  uint64_t interval; /* mean bytes between samples; 0: exact or not known */
  uint64_t since_ms; /* in use covers blocks allocated since then, Unix ms */
  uint32_t kind;     /* enum shf_source_kind */
  uint32_t gc;       /* enum shf_gc: was a collection forced before the capture */
  uint32_t pid;      /* 0: not known */
  uint32_t thread;   /* Node's threadId; 0 is the main thread */
  uint32_t types;    /* bit set of the shf_types that it knows */
  uint32_t depth;    /* frames kept per stack; 0: not known */
  uint32_t side;     /* enum shf_side */
  uint32_t run;      /* of several runs of one program, from 1 on; 0: the only one */
} shf_source;

/* Blocks of one size that one stack allocated. */
typedef struct shf_bucket {
  uint64_t size;            /* bytes of a block; 0: not known */
  int64_t value[SHF_TYPES]; /* estimates, rounded once */
  uint32_t node;            /* the stack's leaf in the call tree */
  uint32_t source;          /* row of the sources */
  uint32_t allocated;       /* blocks sampled, dead and alive; 0: not known */
  uint32_t live;            /* of these, alive at the capture */
} shf_bucket;

typedef struct shf_profile shf_profile;

/* ---- Building a profile -------------------------------------------------- */

int shf_profile_new(shf_profile **out);
/* Frees everything the profile owns. NULL is allowed. */
void shf_profile_free(shf_profile *p);

/* Interns; the same bytes give the same id. Id 0 is the empty string. */
int shf_profile_string(shf_profile *p, shf_str text, uint32_t *id);
/* Interns a frame. */
int shf_profile_frame(shf_profile *p, shf_frame frame, uint32_t *id);
/* The child of `parent` (0 is the root) with that frame, added if missing. */
int shf_profile_node(shf_profile *p, uint32_t parent, uint32_t frame, uint32_t *id);
/* Adds a source, or finds the equal one. */
int shf_profile_source(shf_profile *p, shf_source source, uint32_t *id);
/* Adds figures; buckets of equal (node, source, size) become one when sealed. */
int shf_profile_bucket(shf_profile *p, const shf_bucket *bucket);
/* Sets, replaces or (empty value) removes a line of meta. */
int shf_profile_meta(shf_profile *p, shf_str key, shf_str value);
/*
 * Puts the profile in canonical order: nodes in preorder, children by
 * their frame's text, buckets by node, source and size, meta by key.
 * Equal contents give equal profiles whatever order they were added in.
 * Required before any reading below; adding afterwards is SHF_E_ARG.
 */
int shf_profile_seal(shf_profile *p);

/* ---- Reading a sealed profile -------------------------------------------- */

uint32_t shf_profile_nodes(const shf_profile *p); /* at least 1: the root */
/* Parent's row, below the child's own; SHF_NONE for the root. */
uint32_t shf_profile_parent(const shf_profile *p, uint32_t node);
/* Frame's row; SHF_NONE for the root. */
uint32_t shf_profile_frame_of(const shf_profile *p, uint32_t node);
/* Distance from the root: 0 for the root itself. */
uint32_t shf_profile_depth(const shf_profile *p, uint32_t node);
/* Both of all nodes, by their rows. */
const uint32_t *shf_profile_frame_rows(const shf_profile *p);
const uint32_t *shf_profile_depth_rows(const shf_profile *p);
/* First row behind the subtree of `node`: a subtree is [node, end). */
uint32_t shf_profile_end(const shf_profile *p, uint32_t node);
uint32_t shf_profile_max_depth(const shf_profile *p);

uint32_t shf_profile_frames(const shf_profile *p);
const shf_frame *shf_profile_frame_at(const shf_profile *p, uint32_t frame);
uint32_t shf_profile_strings(const shf_profile *p);
shf_str shf_profile_text(const shf_profile *p, uint32_t string);

uint32_t shf_profile_buckets(const shf_profile *p);
shf_bucket shf_profile_bucket_at(const shf_profile *p, uint32_t bucket);
/* The buckets of a node itself are [first(node), first(node + 1)). */
uint32_t shf_profile_bucket_first(const shf_profile *p, uint32_t node);
uint32_t shf_profile_sources(const shf_profile *p);
const shf_source *shf_profile_source_at(const shf_profile *p, uint32_t source);

uint32_t shf_profile_metas(const shf_profile *p);
void shf_profile_meta_at(const shf_profile *p, uint32_t row, shf_str *key, shf_str *value);
/* A meta line's value, empty if absent. */
shf_str shf_profile_meta_get(const shf_profile *p, const char *key);
/* The key of a line that says that stacks were left out: what the process counts is more. */
#define SHF_META_FILTERED "filtered"
/* A note to ourselves, not for outputs: paths of this machine, what an input counted. */
bool shf_meta_is_internal(shf_str key);

/* Bit set of the types that every source knows: `1u << type`. */
uint32_t shf_profile_types(const shf_profile *p);
/* The sum over the whole profile. */
int64_t shf_profile_total(const shf_profile *p, shf_type type);
/*
 * Self (the node's own buckets) and total (with all below it) of each node.
 * Each array has shf_profile_nodes() rows, is the caller's, and may be NULL.
 */
void shf_profile_sums(const shf_profile *p, shf_type type, int64_t *self, int64_t *total);

/* ---- Estimates ------------------------------------------------------------ */

/*
 * Blocks that one sampled block of `size` bytes stands for:
 * 1 / (1 - exp(-size / interval)). 1 when the interval or the size is 0.
 */
double shf_weight(uint64_t size, uint64_t interval);
/*
 * Variance of a bucket's estimate: k (1 - p) (s / p)^2, with s = 1 for objects. In a difference
 * times the square of what the values of its side were multiplied by.
 */
double shf_bucket_variance(const shf_profile *p, const shf_bucket *b, shf_type type);

/* One function's figures over the whole profile. */
typedef struct shf_row {
  uint32_t frame;
  int64_t self[SHF_TYPES];  /* rounded estimates */
  int64_t total[SHF_TYPES]; /* a recursive function is counted once a stack */
  double self_variance[SHF_TYPES];
  double total_variance[SHF_TYPES];
} shf_row;

/*
 * Every function with its figures, most `type` first (self, then total, then
 * by text). free() the rows.
 */
int shf_profile_rows(const shf_profile *p, shf_type type, shf_row **rows, uint32_t *count);
/*
 * For each of some frames, each at most once, the nearest function of the app or of a package
 * above it through which most of its own `type` came, or of a difference most of its growth;
 * SHF_NONE where there is none, and for those functions themselves.
 * @return 0 or SHF_E_NOMEM
 */
int shf_profile_callers(const shf_profile *p, shf_type type, const uint32_t *frames, uint32_t count,
                        uint32_t *callers);
/*
 * As shf_profile_callers, the nearest functions of the app above each frame, nearest first: none of
 * a package, of Node or of V8. One that calls itself is told once; SHF_NONE behind the last.
 */
enum { SHF_PATH = 3 };
int shf_profile_paths(const shf_profile *p, shf_type type, const uint32_t *frames, uint32_t count,
                      uint32_t (*paths)[SHF_PATH]);
/* Variance of the whole profile's total. */
double shf_profile_variance(const shf_profile *p, shf_type type);

/* ---- Transforms: each makes a new sealed profile --------------------------- */

enum shf_group { SHF_BY_FUNCTION, SHF_BY_FILE, SHF_BY_PACKAGE };

/* Regroups frames; neighbours that become one frame are one node. */
int shf_profile_group(const shf_profile *p, enum shf_group by, shf_profile **out);

/* What a frame becomes; texts are the caller's. */
typedef struct shf_place {
  uint32_t frame;
  shf_str name, file;
  int32_t line, column;
} shf_place;
/*
 * Other names and places for some frames, as source maps have them: what becomes
 * equal is one. A frame that is named twice takes the last place.
 */
int shf_profile_remap(const shf_profile *p, const shf_place *places, uint32_t count,
                      shf_profile **out);
/*
 * The text of a source that may be on no disk; transforms keep it, files do not
 * hold it. At any time before others read the profile. The first text of a file stays.
 */
int shf_profile_content(shf_profile *p, shf_str file, shf_str text);
/*
 * In front of a file's name: content of that name is what V8 knew of the script that it ran under
 * it: the length of its text in UTF-16 units, a line feed, and its map as a data: URL, or nothing.
 */
#define SHF_SCRIPT_FACTS "script:"
uint32_t shf_profile_contents(const shf_profile *p);
void shf_profile_content_at(const shf_profile *p, uint32_t i, shf_str *file, shf_str *text);
/* The text of a file, `ptr` NULL where there is none. */
shf_str shf_profile_content_of(const shf_profile *p, uint32_t file);

/*
 * Which stacks stay. Each array has a byte for each frame, non-zero where the
 * expression matches, and may be NULL.
 */
typedef struct shf_filter {
  const uint8_t *focus;  /* keep only stacks with such a frame */
  const uint8_t *ignore; /* leave out stacks with such a frame */
  const uint8_t *hide;   /* leave out the frame, its callees join its caller; what a stack of such
                            frames alone has is that of a leaf `(hidden)` */
} shf_filter;
int shf_profile_filter(const shf_profile *p, const shf_filter *f, shf_profile **out);
/*
 * Subtrees below `percent` of the total of `type` become one leaf
 * `(N frames below P%)` of their parent, their figures kept.
 */
int shf_profile_prune(const shf_profile *p, shf_type type, double percent, shf_profile **out);

typedef struct shf_merge_input {
  const shf_profile *profile;
  shf_str root; /* name of the frame that its stacks are put under; empty for none */
} shf_merge_input;
int shf_profile_merge(const shf_merge_input *inputs, uint32_t count, shf_profile **out);
/*
 * Runs of one program in one profile, told apart by their sources' `run`. Values are those of all
 * runs together. An input that holds runs itself stands for all of them.
 */
int shf_profile_merge_runs(const shf_profile *const *inputs, uint32_t count, shf_profile **out);
/* How many runs a profile, or a side of a difference, holds: at least 1. */
uint32_t shf_profile_runs(const shf_profile *p, enum shf_side side);

/*
 * Says that the profile takes part in one more merge or difference and is then freed: its stacks
 * may be kept in less memory, and are given back as they are taken. Nothing else may be asked
 * about them from now on; strings, frames, sources, meta and totals can be.
 */
void shf_profile_spend(shf_profile *p);
/*
 * A lean profile has not all of its tree in memory: it can be written as pprof or folded stacks,
 * merged and compared. shf_profile_shape makes the rest, before anything else is asked about its
 * stacks, and while nobody else reads them. What is merged or compared of spent profiles alone may
 * be lean.
 */
int shf_profile_shape(shf_profile *p);

/* ---- Differences --------------------------------------------------------------- */

/*
 * Both profiles in one tree, each source marked with its side. Functions of
 * `before` that only moved within their file become those of `after`: equal name
 * and file, in the order of their lines. Roots `process N (command)` that differ
 * in the process alone become one. Of several runs each side is the mean.
 * @param normalize scale `before` to the total of `type` of `after`
 */
int shf_profile_diff(const shf_profile *before, const shf_profile *after, shf_type type,
                     bool normalize, shf_profile **out);
/* Whether a profile is a difference: whether any source has a side. */
bool shf_profile_is_diff(const shf_profile *p);
/* Whether its sides sampled by different intervals: then errors count what the coarser missed. */
bool shf_profile_is_uneven(const shf_profile *p);
/* As shf_profile_sums, of the buckets of one side. */
void shf_profile_side_sums(const shf_profile *p, enum shf_side side, shf_type type, int64_t *self,
                           int64_t *total);
/* The sum of one side. */
int64_t shf_profile_side_total(const shf_profile *p, enum shf_side side, shf_type type);

/*
 * A function's figures of one type, [0] before and [1] after. Of several runs a variance is that of
 * their mean: of sampling, or where the runs spread more than sampling explains, of that spread,
 * widened as Student's t has it for so few runs. A side of one run is given the other's spread. A
 * side that saw nothing, or less than the other would have, has the error of its own interval.
 */
typedef struct shf_change {
  uint32_t frame;
  int64_t self[2], total[2]; /* a recursive function is counted once a stack */
  double self_variance[2], total_variance[2];
} shf_change;
/*
 * Every function of a difference that either side knows, the largest change of self first, then
 * of total, then by text. free() the rows. SHF_E_ARG where the profile is no difference.
 */
int shf_profile_changes(const shf_profile *p, shf_type type, shf_change **rows, uint32_t *count);
/*
 * The variance of the change of each node's total, or with `self` of its self, as in shf_change.
 * `variance` has shf_profile_nodes() rows and is the caller's.
 */
int shf_profile_change_variances(const shf_profile *p, shf_type type, bool self, double *variance);

enum shf_verdict { SHF_WITHIN_NOISE, SHF_GREW, SHF_SHRANK };
/*
 * Whether a change is more than sampling noise: beyond 2.576 standard errors, which chance alone
 * reaches once in a hundred. Any change is where no variance is known.
 */
enum shf_verdict shf_change_verdict(int64_t before, int64_t after, double variance);

/* ---- Limits ------------------------------------------------------------------ */

/* The total of a profile, or of a side of a difference: of several runs their mean. */
typedef struct shf_figure {
  int64_t value;
  double variance;  /* as in shf_change */
  uint64_t samples; /* blocks sampled, in all runs together */
  uint32_t runs;
} shf_figure;
int shf_profile_figure(const shf_profile *p, enum shf_side side, shf_type type, shf_figure *out);
/* Both sides of a difference: a side of one run has the other's spread. */
int shf_profile_figures(const shf_profile *p, shf_type type, shf_figure out[2]);

enum shf_judgement {
  SHF_HOLDS,
  SHF_EXCEEDED, /* by more than 2.576 standard errors */
  SHF_UNSURE    /* the samples are too few to tell */
};
/* Whether a figure is above a limit; unsure where it is, but by no more than noise. */
enum shf_judgement shf_judge_limit(const shf_figure *f, double limit);
/*
 * Whether after grew by more than so many percent of before. Unsure where neither that nor its
 * contrary is beyond noise, and the noise is larger than that growth, and than 5 % of before.
 */
enum shf_judgement shf_judge_growth(const shf_figure figures[2], double percent);

/* ---- Captures -------------------------------------------------------------- */

/*
 * Reads a capture (csrc/capture/capture.h has its layout). Frames of scripts
 * below the capture's meta line `hide` are left out, their callees join their
 * caller. `error` may be NULL.
 */
int shf_profile_from_capture(const void *bytes, size_t len, shf_profile **out, shf_error *error);

/* ---- Readers ----------------------------------------------------------------- */

enum shf_format {
  SHF_FORMAT_UNKNOWN,
  SHF_FORMAT_CAPTURE,
  SHF_FORMAT_PPROF,
  SHF_FORMAT_HEAPPROFILE,
  SHF_FORMAT_FOLDED
};
/*
 * The format of an input that begins with these bytes, not gzipped. Folded
 * stacks have no mark: they are what nothing else is; UNKNOWN only without bytes.
 */
enum shf_format shf_format_of(const void *bytes, size_t len);

/*
 * Reads any of these formats, gzipped or not, told by content. Stacks are merged
 * as they come: memory is bound to the tree and the samples, not to the text.
 * Offsets in errors count the unzipped bytes.
 */
typedef struct shf_reader shf_reader;

/*
 * `single` is what the figures of an input count that does not say it: folded
 * stacks and .heapprofile. SHF_TYPES: alloc_space and inuse_space.
 */
int shf_reader_new(shf_type single, shf_reader **out);
/* The next bytes. After a failure the reader can only be freed. `error` may be NULL. */
int shf_reader_push(shf_reader *r, const void *bytes, size_t len, shf_error *error);
/* No more bytes: a sealed profile. */
int shf_reader_finish(shf_reader *r, shf_profile **out, shf_error *error);
/* NULL is allowed. */
void shf_reader_free(shf_reader *r);

typedef struct shf_read_options {
  shf_type single; /* as for shf_reader_new */
  bool lean;       /* the profile may be lean, see shf_profile_shape */
  /*
   * Most bytes that this reading may take, with what other readings of this process take and
   * profiles that were read so hold, and with what outputs will need: SHF_E_LIMIT beyond. 0: any.
   */
  uint64_t max_memory;
  bool by_size; /* and no more than an input of its size can need: 128 MiB, and 64 a byte */
} shf_read_options;

/* From a descriptor to its end; it stays open and belongs to the caller. */
int shf_profile_read_fd(int fd, const shf_read_options *o, shf_profile **out, shf_error *error);
int shf_profile_read_bytes(const void *bytes, size_t len, const shf_read_options *o,
                           shf_profile **out, shf_error *error);
/* The same without a bound. */
int shf_profile_read(const void *bytes, size_t len, shf_type single, shf_profile **out,
                     shf_error *error);

/* ---- Frames as text ---------------------------------------------------------- */

/*
 * `name (file:line:column)`, `(anonymous)` without a name; an unknown column or
 * line is left out, and without a file only the name is written. Bytes are
 * written as they are; what a format must replace, its writer does.
 */
int shf_frame_text(const shf_profile *p, uint32_t frame, shf_sink *sink);
/* Never empty: the name, or `(anonymous)`. */
shf_str shf_frame_name(const shf_profile *p, uint32_t frame);
/* The file without a `file://` in front; empty when there is none. */
shf_str shf_frame_path(const shf_profile *p, uint32_t frame);

enum shf_category {
  SHF_CAT_APP,     /* the program's own files */
  SHF_CAT_PACKAGE, /* below node_modules */
  SHF_CAT_NODE,    /* node: internals */
  SHF_CAT_V8,      /* V8's own places: (GC), (V8 API), natives */
  SHF_CAT_OFFHEAP, /* (off-heap) */
  SHF_CAT_OTHER,   /* process and worker roots, (truncated), pruned sums */
  SHF_CATEGORIES
};
/*
 * A frame's category; *package (may be NULL) is the package's name with its
 * scope, as in `@babel/core`, for SHF_CAT_PACKAGE and else empty.
 */
enum shf_category shf_frame_category(const shf_profile *p, uint32_t frame, shf_str *package);
/* "app", "package", "node", "v8", "offheap", "other". */
const char *shf_category_name(enum shf_category category);

/* ---- Writers ------------------------------------------------------------------ */

/*
 * Each writes all of the profile to the sink and does not finish it.
 * SHF_E_ABSENT when the profile does not know the type asked for.
 */

/* What a format is that needs to be told no more; lib/formats.js names all formats. */
typedef int shf_writer(const shf_profile *p, shf_type type, shf_sink *sink);

/*
 * One line a stack that has `type`, as flamegraph.pl and its kin read it; of a difference two
 * columns, before and after, as difffolded.pl writes them.
 */
int shf_folded_write(const shf_profile *p, shf_type type, shf_sink *sink);

/*
 * profile.proto, not gzipped: put shf_sink_gzip behind it. `type` is the default one. A difference
 * is as pprof's -diff_base has it: what was before is negative and labelled pprof::base.
 */
int shf_pprof_write(const shf_profile *p, shf_type type, shf_sink *sink);

/* V8's .heapprofile JSON, as DevTools opens it. SHF_E_ARG for a difference. */
int shf_heapprofile_write(const shf_profile *p, shf_type type, shf_sink *sink);

/* Lines of a function's source; writes nothing where there is none. */
typedef struct shf_listing_options {
  shf_type type;
  uint32_t rows;         /* at most so many functions; 0: all */
  uint32_t width;        /* columns that a line may have; 0: any */
  uint32_t source_lines; /* lines shown under a callsite */
  shf_str source_roots;  /* real paths of folders, a NUL behind each: only below them are files
                            read; ptr NULL: anywhere but in /proc, /sys and /dev */
  shf_str cwd;           /* paths below it are shortened; may be empty */
  bool human;            /* 1.2 MB in place of 1,234,567 */
  bool color;            /* ANSI bold and dim */
} shf_listing_options;
int shf_listing_write(const shf_profile *p, const shf_listing_options *o, shf_sink *sink);
/* The same table as GitHub's Markdown; stops at a row before `max_bytes` (0: any). */
int shf_markdown_write(const shf_profile *p, const shf_listing_options *o, size_t max_bytes,
                       shf_sink *sink);
/* {"version":1,"meta":{…},"totals":{…},"functions":[…]}: README describes it. */
int shf_json_write(const shf_profile *p, const shf_listing_options *o, shf_sink *sink);

/*
 * A difference as tables: what grew, what shrank, and whether that is more than noise, by
 * self and then by what the functions call.
 */
int shf_diff_write(const shf_profile *p, const shf_listing_options *o, shf_sink *sink);
int shf_diff_markdown_write(const shf_profile *p, const shf_listing_options *o, size_t max_bytes,
                            shf_sink *sink);
/* {"version":1,"kind":"difference",…}: csrc/format/table/diff_json.c describes it. */
int shf_diff_json_write(const shf_profile *p, const shf_listing_options *o, shf_sink *sink);

typedef struct shf_svg_options {
  shf_type type;
  shf_str title;      /* empty: the capture's command */
  shf_str subtitle;   /* may be empty */
  shf_str notes;      /* may be empty; for the description, not drawn */
  uint32_t width;     /* px; 0: 1200 */
  uint32_t height;    /* px of a frame; 0: 16 */
  double min_width;   /* px; narrower frames become one grey block; 0: 0.1 */
  size_t max_bytes;   /* the whole file's budget; 0: 1 MB */
  bool inverted;      /* root on top (icicle) */
  bool reverse;       /* stacks begin at the function that allocated */
  shf_str font;       /* a CSS font-family for all texts; empty: the system's */
  uint32_t font_size; /* px of a frame's text; 0: by height */
  shf_str count_name; /* what is counted; empty: bytes or objects */
  shf_str name_type;  /* what frames are; empty: Function */
  /*
   * Empty: by category. Else one of hot, mem, io, js, red, orange, yellow, green,
   * aqua, blue, purple; another is SHF_E_ARG. A name has one colour in all files.
   * A difference ignores it: there, colour says what grew and what shrank.
   */
  shf_str colors;
  shf_str cwd; /* paths below it are shortened in titles; may be empty */
} shf_svg_options;
/*
 * A self-contained SVG that is right without scripts. The viewer that it carries
 * is a script of constant bytes.
 */
int shf_svg_write(const shf_profile *p, const shf_svg_options *o, shf_sink *sink);
/* The viewer's hash as a CSP's script-src wants it, without quotes: sha256-… */
const char *shf_viewer_sha256(void);

#ifdef __cplusplus
}
#endif

#endif
