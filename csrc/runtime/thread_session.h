/*
 * The life of a profiled thread: from the start of sampling to the capture
 * that it leaves behind, whichever way it ends.
 */
#ifndef SHF_RUNTIME_THREAD_SESSION_H
#define SHF_RUNTIME_THREAD_SESSION_H

#include "runtime/offheap.h"
#include "v8/sampler.h"

typedef struct shf_life shf_life;

/* A life without sampler, folder or meta; NULL when memory is short. */
shf_life *shf_life_new(void);
/* Stops what runs; call on the isolate's thread. */
void shf_life_free(shf_life *life);

/*
 * `offheap`: memory outside of the heap is sampled too, where that is possible; NULL: it
 * is not. A quarter of the bound on memory is for it; its own `max_memory` is not read.
 * @return as shf_sampler_start; SHF_E_ABSENT also where this life samples already
 */
int shf_life_start(shf_life *life, const shf_sampler_options *options,
                   const shf_offheap_options *offheap);
/* Why off-heap memory is not sampled although it was asked for; empty when it is, or was not. */
const char *shf_life_offheap_reason(const shf_life *life);
void shf_life_stop(shf_life *life);
/* NULL while nothing is sampled. */
shf_sampler *shf_life_sampler(const shf_life *life);

/* A line of meta that every later capture carries. */
int shf_life_meta(shf_life *life, shf_str key, shf_str value);

/*
 * One capture with all of its segments and meta, handed to `put` piece by piece
 * after `begin` was told the length (begin may be NULL).
 */
typedef struct shf_life_sink {
  int (*begin)(void *self, uint64_t length);
  int (*put)(void *self, const void *bytes, size_t len);
  void *self;
} shf_life_sink;
/*
 * @param extra key, value, key, value… lines for this capture alone; may be NULL
 * @param rest what is left to shf_sampler_discard, on any thread
 */
int shf_life_capture(shf_life *life, const shf_str *extra, size_t extras, const shf_life_sink *sink,
                     void **rest);

/*
 * From now on the end of this life leaves a capture in the folder `dir`, named
 * `<pid>-<start>-<thread>.shfc`. The last one is written once, whoever comes first.
 * Its meta line `state` tells how: ended, signal, heap limit, or running where
 * the process was killed before its end.
 */
int shf_life_leave(shf_life *life, shf_str dir, uint32_t thread, bool gc);
/* stderr is told nothing any more: whoever wants the captures learns it elsewhere. */
void shf_life_quiet(shf_life *life);
/* Stops what runs; no capture is left behind, and the meta lines are forgotten. */
void shf_life_reset(shf_life *life);
/*
 * The program is at its end but whole: forces the collection, if one is wanted,
 * so that the capture that follows tells what is still in use. Another capture is
 * left before it, in case that the process is ended amid the collection.
 */
void shf_life_collect(shf_life *life);
/* The same for a worker, whose end a program waits for, and not always patiently. */
void shf_life_collect_small(shf_life *life);
/* Writes that capture now, as the last one; a second call does nothing. */
void shf_life_end(shf_life *life, const char *state);
/*
 * Writes that capture now; life goes on, and a later one takes its place.
 * @return 0, as shf_life_capture, SHF_E_IO, or SHF_E_ABSENT where nothing is to be written
 */
int shf_life_checkpoint(shf_life *life, const char *state);
/*
 * The same, which a later one does not replace: under `<pid>-<start>-<thread>.<number>.shfc`
 * too.
 */
void shf_life_snapshot(shf_life *life, uint32_t number);
/* Where the capture will lie; NULL where none is left. */
const char *shf_life_path(const shf_life *life);
/*
 * The same, now and then: of a life that runs, or that is beyond its heap's limit; not after
 * shf_life_collect(), for that collection is the last capture's.
 */
void shf_life_tick(shf_life *life);

#endif
