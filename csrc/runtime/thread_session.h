/*
 * A profiled thread, from the start of sampling to the capture that is written when it
 * ends, in whatever way.
 */
#ifndef SHF_RUNTIME_THREAD_SESSION_H
#define SHF_RUNTIME_THREAD_SESSION_H

#include "runtime/offheap.h"
#include "v8/sampler.h"

typedef struct shf_session shf_session;

/* Which captures have the types of live blocks. */
enum shf_types_of { SHF_TYPES_OF_NONE, SHF_TYPES_OF_SNAPSHOTS, SHF_TYPES_OF_ALL };

/* A session without sampler, folder or meta lines; NULL when memory is short. */
shf_session *shf_session_new(void);
/* Stops sampling and frees; on the isolate's thread. */
void shf_session_free(shf_session *session);

/*
 * `offheap`: samples memory outside of the heap too, where that is possible; NULL: does not.
 * It gets a quarter of `options->max_memory`; its own `max_memory` is ignored.
 * @return as shf_sampler_start; SHF_E_ABSENT also where this session samples already
 */
int shf_session_start(shf_session *session, const shf_sampler_options *options,
                      const shf_offheap_options *offheap);
/* Why requested off-heap sampling does not run; empty otherwise. */
const char *shf_session_offheap_reason(const shf_session *session);
void shf_session_stop(shf_session *session);
/* NULL while not sampling. */
shf_sampler *shf_session_sampler(const shf_session *session);

/* Which of the captures that are written to files have types. Before: none. */
void shf_session_types(shf_session *session, enum shf_types_of of);

/* Adds a meta line to every later capture. */
int shf_session_add_meta(shf_session *session, shf_str key, shf_str value);

/*
 * Receives a capture: `begin` gets its length (may be NULL), then `put` its pieces.
 */
typedef struct shf_session_sink {
  int (*begin)(void *self, uint64_t length);
  int (*put)(void *self, const void *bytes, size_t len);
  void *self;
} shf_session_sink;
/*
 * @param types live blocks have types
 * @param extra meta lines of this capture only: key, value, key, value…; may be NULL
 * @param unfreed_v8_profile for shf_sampler_free_v8_profile, on any thread
 */
int shf_session_capture(shf_session *session, bool types, const shf_str *extra, size_t extras,
                        const shf_session_sink *sink, void **unfreed_v8_profile);

/*
 * Makes the end of the thread write a capture into the folder `dir`, named
 * `<pid>-<start>-<thread>.shfc`. The last capture is written only once. Its meta line
 * `state` is the way it ended: ended, signal, heap limit, or running where the process
 * was killed.
 */
int shf_session_enable_exit_capture(shf_session *session, shf_str dir, uint32_t thread, bool gc);
/* Prints nothing on stderr any more. */
void shf_session_suppress_warnings(shf_session *session);
/* Stops sampling without a capture, and drops the meta lines. */
void shf_session_reset(shf_session *session);
/*
 * At the end of the program, while all of its memory is still reachable: forces a garbage
 * collection, if wanted, so that the last capture shows what is still in use. Writes a
 * capture before it, in case the process is killed during the collection.
 */
void shf_session_collect(shf_session *session);
/* The same in a few milliseconds, for a worker: the program may wait for its end. */
void shf_session_collect_small(shf_session *session);
/* Writes the capture as the last one; a second call does nothing. */
void shf_session_write_last(shf_session *session, const char *state);
/*
 * Writes the capture now; a later one replaces it.
 * @return 0, as shf_session_capture, SHF_E_IO, or SHF_E_ABSENT where exit capture is disabled
 */
int shf_session_write(shf_session *session, const char *state);
/*
 * The same at a signal. After a run that is long enough to tell leaks, garbage is collected if that
 * is short against the run, and the capture written once more. Not during a collection.
 */
void shf_session_write_signalled(shf_session *session);
/*
 * The same, and keeps a copy named `<pid>-<start>-<thread>.<number>.shfc`, which is not
 * replaced.
 */
void shf_session_snapshot(shf_session *session, uint32_t number);
/* The path of the capture; NULL where exit capture is disabled. */
const char *shf_session_path(const shf_session *session);
/*
 * Writes a checkpoint of a running thread. Does nothing after shf_session_collect(): that
 * collection belongs to the last capture.
 */
void shf_session_checkpoint(shf_session *session);

#endif
