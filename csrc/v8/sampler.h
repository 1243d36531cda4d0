/*
 * C interface of the V8 sampler: the functions that need V8's C++ API. They work on the
 * isolate of the calling thread, except where a comment says otherwise.
 */
#ifndef SHF_V8_SAMPLER_H
#define SHF_V8_SAMPLER_H

#include "capture/capture.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct shf_sampler shf_sampler;

typedef struct shf_sampler_options {
  uint64_t interval;   /* mean bytes between samples, at least 1 */
  uint32_t depth;      /* max frames per stack */
  bool exact_depth;    /* cut stacks silently, as V8 does; else a cut is marked */
  bool alloc;          /* count collected objects too */
  bool inuse;          /* count live objects */
  bool lines;          /* with inlined functions, and the line of each call, where possible */
  uint64_t max_memory; /* bytes that dead samples may take; 0: no limit */
  uint32_t pid, thread;
} shf_sampler_options;

/* How the sampler knows which samples are alive. */
enum shf_liveness {
  SHF_LIVENESS_NONE,    /* it does not: in use is not known */
  SHF_LIVENESS_PUBLIC,  /* by V8's public API */
  SHF_LIVENESS_GUARDED, /* read from V8's own table, checked sample by sample */
  SHF_LIVENESS_ONLY     /* only live samples are kept: alloc is not known */
};

/*
 * Starts sampling the current isolate.
 * @return 0, SHF_E_NOMEM, SHF_E_ARG, or SHF_E_ABSENT where a sampler runs already
 */
int shf_sampler_start(const shf_sampler_options *options, shf_sampler **out);
/* Stops and frees. */
void shf_sampler_stop(shf_sampler *s);
enum shf_liveness shf_sampler_liveness(const shf_sampler *s);
/* Why liveness is limited, constant text; empty when it is not. */
const char *shf_sampler_reason(const shf_sampler *s);

/* What lines lack in the last capture; empty where nothing is missing, or none were asked for. */
const char *shf_sampler_lines_limit(shf_sampler *s);
/* How long the app's thread waited for samples to be joined with lines, at the longest. */
uint64_t shf_sampler_lines_us(const shf_sampler *s);

/*
 * To call now and then, when JavaScript does not run: notes the time of the last sample, for ages,
 * as collections may be far apart, and lets the app's async contexts go. On the isolate's thread.
 */
void shf_sampler_idle(shf_sampler *s);

/* How it is known which labels an allocation has. */
enum shf_label_contexts {
  SHF_LABELS_NONE,   /* it is not */
  SHF_LABELS_FRAMES, /* by the frame of the async context */
  SHF_LABELS_HOOKS   /* by the number of the execution, see shf_sampler_label_slots */
};
/*
 * From now on, samples have the labels of their async context.
 * @param probe a number that an AsyncLocalStorage holds in the current context: that one then holds
 *   numbers of sets (capture/label_sets.h)
 */
enum shf_label_contexts shf_sampler_label_contexts(shf_sampler *s, double probe);
/*
 * Without frames: pairs of an execution's number and its set, which JavaScript writes. Execution n
 * is pair n % count. They outlive the sampler. `count`: a power of two
 */
void shf_sampler_label_slots(shf_sampler *s, const int32_t *slots, uint32_t count);
/* The set of the current context; 0: none. May allocate on V8's heap. */
uint32_t shf_sampler_label_set(shf_sampler *s);
/*
 * Samples have this set from now on where their context has none. 0: none.
 * @return false: labels are not known, see shf_sampler_labels_limit()
 */
bool shf_sampler_label_base(shf_sampler *s, uint32_t set);
/* Why labels are not known, or what they lack in the last capture; empty where nothing is missing.
 */
const char *shf_sampler_labels_limit(shf_sampler *s);

/* Why the last capture lacks types, or some of them; empty where nothing is missing. */
const char *shf_sampler_types_limit(const shf_sampler *s);

/* A copy of V8's samples. */
typedef struct shf_snapshot {
  shf_capture *now;                  /* the caller's; shf_capture_free */
  const shf_capture *const *earlier; /* the sampler's: segments from before a restart */
  uint32_t earlier_count;
  uint32_t samples;                /* that V8 keeps */
  void *unfreed_v8_profile;        /* shf_sampler_free_v8_profile, on any thread */
  uint64_t gc_us, get_us, copy_us; /* pause: forced collection, V8's walk, our copy */
  bool inuse_lost;                 /* liveness could not be read this time */
  bool collected;                  /* a collection was forced for it */
} shf_snapshot;

/*
 * Forces a full garbage collection (one pass for a large heap); the next capture records it.
 * Do not call it while the environment is torn down: live memory would count as garbage.
 * @param captured a capture was written just now, and no JavaScript has run since
 */
void shf_sampler_collect(shf_sampler *s, bool captured);
/*
 * The same in one pass, and only where that takes a few milliseconds and is short against
 * the time sampled.
 */
void shf_sampler_collect_small(shf_sampler *s);
/*
 * The same after a capture, where the time sampled is long enough to tell leaks. Not during a
 * collection.
 * @return whether it was done
 */
bool shf_sampler_collect_long_run(shf_sampler *s);
/* Milliseconds since V8 last collected the whole heap, or since sampling began. */
uint64_t shf_sampler_uncollected_ms(const shf_sampler *s);
/*
 * Copies the samples so far. If other code has stopped sampling in this isolate, it restarts
 * if possible, and the copy contains the last retained one.
 * @param types live blocks get the label SHF_LABEL_TYPE
 * @return 0, SHF_E_NOMEM or SHF_E_LIMIT
 */
int shf_sampler_capture(shf_sampler *s, bool types, shf_snapshot *out);
/*
 * Takes ownership of a copy and retains the last one, so that its samples are not lost if
 * other code stops sampling.
 */
void shf_sampler_retain_last(shf_sampler *s, shf_capture *now);
/* When it was detected that other code had stopped sampling, Unix ms; 0: never. */
uint64_t shf_sampler_stopped(const shf_sampler *s);
/*
 * Bytes allocated on the heap since sampling started, measured without samples: the growth of
 * the heap between collections, including a little of V8's own memory. 0: not counted.
 */
uint64_t shf_sampler_allocated(const shf_sampler *s);
/* Frees V8's profile of a snapshot; any thread. NULL is allowed. */
void shf_sampler_free_v8_profile(void *unfreed_v8_profile);

/* The major version of the Node that this was built for. Does not call V8. */
unsigned shf_sampler_node_major(void);

/* The calling thread's isolate. */
void *shf_sampler_isolate(void);
/* Bytes of its heap in memory, and of external memory known to V8, ArrayBuffers included. */
void shf_sampler_memory(uint64_t *heap, uint64_t *external);
/*
 * Runs `call` on the isolate's thread, even if JavaScript never returns to the loop. `call`
 * must not run JavaScript. Any thread may request it while the isolate exists; `call` may run
 * at any later time, or never.
 * @return false when memory is short
 */
bool shf_sampler_interrupt(void *isolate, void (*call)(void *arg), void *arg);
/*
 * Runs `call` once when the heap is about to reach its limit, which is raised by `slack`
 * bytes. The next time V8 calls the callback that was added before ours. `call` must not run
 * JavaScript.
 */
void shf_sampler_at_limit(shf_sampler *s, size_t slack, void (*call)(void *arg), void *arg);
/*
 * Whether the heap is below its limit. If the program has freed enough after reaching it, this
 * restores the old limit, and `call` runs again the next time.
 */
bool shf_sampler_below_limit(shf_sampler *s);
/*
 * Runs `call` at the start of each garbage collection, but not during a capture. In V8 13 and
 * later, code that only allocates takes no interrupts, but collects often. `call` may capture;
 * it must not run JavaScript or stop the sampler.
 */
void shf_sampler_at_collection(shf_sampler *s, void (*call)(void *arg), void *arg);
/*
 * Runs `call` when the process exits by process.exit or an uncaught error, and also when it
 * sends itself a signal, which it may survive (see shf_kill_watch). Node runs it only once:
 * register it again after a survived signal.
 */
void shf_sampler_at_exit(void (*call)(void *arg), void *arg);

/* ---- Wrappers of Node's functions ---------------------------------------------- */

/* Runs `call` before each process.abort. */
void shf_abort_watch(void (*call)(void *arg), void *arg);
typedef struct shf_kill_calls {
  /* before the signal is sent; 0: the number or pid is not known */
  void (*before)(void *self, int pid, int number);
  void (*after)(void *self); /* the process has survived it */
  void *self;
} shf_kill_calls;
/*
 * Wraps process.kill of the main thread. Node treats a signal to its own process as an exit: it
 * runs and drops all exit hooks first. Another call replaces `calls`.
 */
void shf_kill_watch(const shf_kill_calls *calls);

/* ---- Memory outside of the heap --------------------------------------------- */

/* Callbacks for the memory blocks of ArrayBuffers. */
typedef struct shf_array_buffer_calls {
  /*
   * On the isolate's thread: a block to sample. `stack`: whether shf_stack_walk may be
   * called, which is not the case during a garbage collection.
   * @return bytes until the next sample
   */
  int64_t (*sample)(void *self, const void *block, size_t size, bool stack);
  /* Any thread, even after removal: before a block is freed. */
  void (*freed)(const void *block);
  void *self;
} shf_array_buffer_calls;

typedef struct shf_array_buffer_hook shf_array_buffer_hook;

/*
 * Hooks the ArrayBuffer allocator of the current isolate.
 * @param first bytes until the first sample
 * @param why constant text, set with SHF_E_ABSENT
 * @return 0, or SHF_E_ABSENT where this allocator cannot be hooked safely
 */
int shf_array_buffer_hook_install(const shf_array_buffer_calls *calls, int64_t first,
                                  shf_array_buffer_hook **out, const char **why);
/* Stops `sample`; `freed` may still be called. On the isolate's thread. */
void shf_array_buffer_hook_remove(shf_array_buffer_hook *a);
/* Bytes allocated minus bytes freed since the hook; negative if older blocks were freed. */
int64_t shf_array_buffer_hook_balance(const shf_array_buffer_hook *a);

/* One frame of a stack: the location of the call, not of its function. */
typedef struct shf_call {
  shf_str name, script; /* UTF-8, valid until the next shf_stack_describe */
  int32_t line, column;
} shf_call;
/*
 * Visits the `max` innermost frames of the current JavaScript stack, outermost first.
 * Allocates a little on V8's heap.
 * @param visit gets the script's id (0: none) and a number that identifies the call within
 *   the script; a non-zero result ends the walk and is returned
 * @return 0, what `visit` returned, or SHF_E_NOMEM
 */
int shf_stack_walk(uint32_t max,
                   int (*visit)(void *self, int32_t script, uint64_t call, void *frame),
                   void *self);
/* Name and location of the frame that is being visited. @return 0 or SHF_E_NOMEM */
int shf_stack_describe(void *frame, shf_call *out);

#ifdef __cplusplus
}
#endif

#endif
