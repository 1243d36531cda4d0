/*
 * The sampler as the rest of the program sees it: the few functions that
 * only V8's C++ API can implement. All of them belong to the isolate of the
 * calling thread, except where a comment says otherwise.
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
  uint32_t depth;      /* frames kept per stack */
  bool exact_depth;    /* cut silently, as V8 does; else what was cut is known */
  bool alloc;          /* count what was collected too */
  bool inuse;          /* tell what is alive */
  uint64_t max_memory; /* bytes that dead samples may take; 0: no bound */
  uint32_t pid, thread;
} shf_sampler_options;

/* How the sampler tells the live from the dead. */
enum shf_liveness {
  SHF_LIVENESS_NONE,    /* it cannot: in use is not known */
  SHF_LIVENESS_PUBLIC,  /* V8 says it */
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
/* Why it is not better, constant text; empty when all is known. */
const char *shf_sampler_reason(const shf_sampler *s);

/* What a capture took from V8. */
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
 * Forces a full collection, of a large heap in one pass; the next capture says so. Not once the
 * environment is being torn down: then what the program keeps would be taken for garbage.
 * @param captured a capture was taken just now, and no JavaScript has run since
 */
void shf_sampler_collect(shf_sampler *s, bool captured);
/*
 * The same in one pass instead of several, and only where that takes a few milliseconds
 * of a long life.
 */
void shf_sampler_collect_small(shf_sampler *s);
/*
 * Copies what was sampled so far. Where somebody else has stopped the sampling
 * of this isolate it begins again, if it can, and the copy holds what was kept
 * before.
 * @return 0, SHF_E_NOMEM or SHF_E_LIMIT
 */
int shf_sampler_capture(shf_sampler *s, shf_snapshot *out);
/*
 * Takes over what a snapshot copied, in case that somebody stops the sampling:
 * then what was allocated until here is not lost. The last one stays.
 */
void shf_sampler_retain_last(shf_sampler *s, shf_capture *now);
/* When it was seen that somebody else had stopped the sampling, Unix ms; 0: never. */
uint64_t shf_sampler_stopped(const shf_sampler *s);
/*
 * Bytes that were allocated on the heap since sampling began, counted apart from samples:
 * what it grew by between collections. Of V8's own memory it holds a little too. 0: not counted.
 */
uint64_t shf_sampler_allocated(const shf_sampler *s);
/* Frees V8's part of a snapshot; any thread. NULL is allowed. */
void shf_sampler_free_v8_profile(void *unfreed_v8_profile);

/* The major version of the Node that this was built for. Calls nothing of V8's. */
unsigned shf_sampler_node_major(void);

/* The calling thread's isolate. */
void *shf_sampler_isolate(void);
/* Bytes that it has in memory for its heap, and that it knows of outside, ArrayBuffers included. */
void shf_sampler_memory(uint64_t *heap, uint64_t *external);
/*
 * Runs `call` on the isolate's thread, even amid JavaScript that never
 * returns; `call` must not run JavaScript. Any thread may ask while the isolate
 * is there; `call` may come at any time after that, or never.
 * @return false when memory is short
 */
bool shf_sampler_interrupt(void *isolate, void (*call)(void *arg), void *arg);
/*
 * Runs `call` once when the heap is about to reach its limit: V8 gets `slack`
 * bytes more for it, and whoever was asked before us is asked the next time.
 * `call` must not run JavaScript.
 */
void shf_sampler_at_limit(shf_sampler *s, size_t slack, void (*call)(void *arg), void *arg);
/*
 * Whether the limit is still ahead. A program that has freed enough after it was
 * met gets the old limit back, and `call` runs again the next time.
 */
bool shf_sampler_below_limit(shf_sampler *s);
/*
 * Runs `call` as each collection begins, but not amid a capture: code that only
 * allocates takes no interrupt in V8 13 and later, but collects often. `call` may
 * capture; it must not run JavaScript nor stop the sampler.
 */
void shf_sampler_at_collection(shf_sampler *s, void (*call)(void *arg), void *arg);
/*
 * Runs `call` when the process leaves by process.exit or an uncaught error; and, before that,
 * when it sends itself a signal, which it may survive (see shf_kill_watch). Once in each case:
 * Node forgets it then.
 */
void shf_sampler_at_exit(void (*call)(void *arg), void *arg);

/* ---- In the place of Node's functions ------------------------------------------ */

/* Runs `call` whenever the program calls process.abort, before it does. */
void shf_abort_watch(void (*call)(void *arg), void *arg);
typedef struct shf_kill_calls {
  /* the signal has not been sent yet; 0 where it is not known */
  void (*before)(void *self, int pid, int number);
  void (*after)(void *self); /* this process has survived it */
  void *self;
} shf_kill_calls;
/*
 * Around each signal that the main thread sends. Node takes one to this process for its end: all
 * that waits for its exit is run first, and forgotten. Called again, other calls take the place.
 */
void shf_kill_watch(const shf_kill_calls *calls);

/* ---- Memory outside of the heap --------------------------------------------- */

/* Who is told of the blocks behind ArrayBuffers. */
typedef struct shf_array_buffer_calls {
  /*
   * On the isolate's thread: a block that is to be sampled. `stack`: whether
   * shf_stack_walk may be called; not amid a collection.
   * @return bytes until the next one
   */
  int64_t (*sample)(void *self, const void *block, size_t size, bool stack);
  /* Any thread, and late too: a block that is about to be freed. */
  void (*freed)(const void *block);
  void *self;
} shf_array_buffer_calls;

typedef struct shf_array_buffer_hook shf_array_buffer_hook;

/*
 * Watches the ArrayBuffer allocator of the current isolate.
 * @param first bytes until the first sample
 * @param why constant text, set with SHF_E_ABSENT
 * @return 0, or SHF_E_ABSENT where this allocator cannot be watched without a risk
 */
int shf_array_buffer_hook_install(const shf_array_buffer_calls *calls, int64_t first,
                                  shf_array_buffer_hook **out, const char **why);
/* No `sample` any more; `freed` may still come. On the isolate's thread. */
void shf_array_buffer_hook_remove(shf_array_buffer_hook *a);
/* Bytes allocated less bytes freed since it is watched; below zero where older blocks went. */
int64_t shf_array_buffer_hook_balance(const shf_array_buffer_hook *a);

/* One frame of a stack: a call, not the place where its function begins. */
typedef struct shf_call {
  shf_str name, script; /* UTF-8, valid until the next shf_stack_describe */
  int32_t line, column;
} shf_call;
/*
 * Visits the frames of the current JavaScript stack, at most the `most`
 * innermost ones, the outermost of these first. It allocates a little on V8's heap.
 * @param visit gets the script's id (0: none) and a number that tells this call
 *   from all others of the script; non-zero ends the walk and is returned
 * @return 0, what `visit` returned, or SHF_E_NOMEM
 */
int shf_stack_walk(uint32_t max,
                   int (*visit)(void *self, int32_t script, uint64_t call, void *frame),
                   void *self);
/* Names and places of the frame that is being visited. @return 0 or SHF_E_NOMEM */
int shf_stack_describe(void *frame, shf_call *out);

#ifdef __cplusplus
}
#endif

#endif
