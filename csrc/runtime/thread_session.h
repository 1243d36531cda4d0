/*
 * The life of a profiled thread: from the start of sampling to the capture
 * that it leaves behind, whichever way it ends.
 */
#ifndef SHF_RUNTIME_THREAD_SESSION_H
#define SHF_RUNTIME_THREAD_SESSION_H

#include "runtime/offheap.h"
#include "v8/sampler.h"

typedef struct shf_session shf_session;

/* A life without sampler, folder or meta; NULL when memory is short. */
shf_session *shf_session_new(void);
/* Stops what runs; call on the isolate's thread. */
void shf_session_free(shf_session *session);

/*
 * `offheap`: memory outside of the heap is sampled too, where that is possible; NULL: it
 * is not. A quarter of the bound on memory is for it; its own `max_memory` is not read.
 * @return as shf_sampler_start; SHF_E_ABSENT also where this life samples already
 */
int shf_session_start(shf_session *session, const shf_sampler_options *options,
                      const shf_offheap_options *offheap);
/* Why off-heap memory is not sampled although it was asked for; empty when it is, or was not. */
const char *shf_session_offheap_reason(const shf_session *session);
void shf_session_stop(shf_session *session);
/* NULL while nothing is sampled. */
shf_sampler *shf_session_sampler(const shf_session *session);

/* A line of meta that every later capture carries. */
int shf_session_add_meta(shf_session *session, shf_str key, shf_str value);

/*
 * One capture with all of its segments and meta, handed to `put` piece by piece
 * after `begin` was told the length (begin may be NULL).
 */
typedef struct shf_session_sink {
  int (*begin)(void *self, uint64_t length);
  int (*put)(void *self, const void *bytes, size_t len);
  void *self;
} shf_session_sink;
/*
 * @param extra key, value, key, value… lines for this capture alone; may be NULL
 * @param unfreed_v8_profile what is left to shf_sampler_free_v8_profile, on any thread
 */
int shf_session_capture(shf_session *session, const shf_str *extra, size_t extras,
                        const shf_session_sink *sink, void **unfreed_v8_profile);

/*
 * From now on the end of this life leaves a capture in the folder `dir`, named
 * `<pid>-<start>-<thread>.shfc`. The last one is written once, whoever comes first.
 * Its meta line `state` tells how: ended, signal, heap limit, or running where
 * the process was killed before its end.
 */
int shf_session_enable_exit_capture(shf_session *session, shf_str dir, uint32_t thread, bool gc);
/* stderr is told nothing any more: whoever wants the captures learns it elsewhere. */
void shf_session_suppress_warnings(shf_session *session);
/* Stops what runs; no capture is left behind, and the meta lines are forgotten. */
void shf_session_reset(shf_session *session);
/*
 * The program is at its end but whole: forces the collection, if one is wanted,
 * so that the capture that follows tells what is still in use. Another capture is
 * left before it, in case that the process is ended amid the collection.
 */
void shf_session_collect(shf_session *session);
/* The same for a worker, whose end a program waits for, and not always patiently. */
void shf_session_collect_small(shf_session *session);
/* Writes that capture now, as the last one; a second call does nothing. */
void shf_session_write_last(shf_session *session, const char *state);
/*
 * Writes that capture now; life goes on, and a later one takes its place.
 * @return 0, as shf_session_capture, SHF_E_IO, or SHF_E_ABSENT where nothing is to be written
 */
int shf_session_write(shf_session *session, const char *state);
/*
 * The same, which a later one does not replace: under `<pid>-<start>-<thread>.<number>.shfc`
 * too.
 */
void shf_session_snapshot(shf_session *session, uint32_t number);
/* Where the capture will lie; NULL where none is left. */
const char *shf_session_path(const shf_session *session);
/*
 * The same, now and then: of a life that runs, or that is beyond its heap's limit; not after
 * shf_session_collect(), for that collection is the last capture's.
 */
void shf_session_checkpoint(shf_session *session);

#endif
