/*
 * The threads of this process that write captures. All of them can be asked for one at
 * the same time, and each writes checkpoints while it runs.
 */
#ifndef SHF_RUNTIME_THREAD_REGISTRY_H
#define SHF_RUNTIME_THREAD_REGISTRY_H

#include <uv.h>

#include "runtime/thread_session.h"

/*
 * Adds the calling thread.
 * @param loop its event loop, which is woken by requests
 * @param answered called on this thread after it wrote a capture on request; only on
 *   the main thread, else NULL
 * @return 0 or an errno
 */
int shf_registry_join(shf_session *session, uv_loop_t *loop, void (*answered)(void));
/* The calling thread, which has joined, has started to sample. */
void shf_registry_sampled(const shf_session *session);
/*
 * Removes the calling thread, while its isolate still exists. Its loop must run once more
 * to close the handle.
 */
void shf_registry_leave(const shf_session *session);

/*
 * Checkpoints of the calling thread, also while JavaScript blocks its loop. The first comes
 * within a second, the next ones when at least `least_ms` and 200 times the last pause have
 * passed: they cost at most half a percent of the time. `fixed`: every `least_ms`, whatever
 * they cost. A `least_ms` of 0: only the first one.
 */
void shf_registry_checkpoints(const shf_session *session, uint64_t least_ms, bool fixed);

/* Requests to every thread. */
enum shf_ask {
  SHF_ASK_END,      /* a capture before the process ends */
  SHF_ASK_SNAPSHOT, /* a numbered capture */
  SHF_ASKS
};
/* Any thread. @param snapshot its number, for SHF_ASK_SNAPSHOT */
void shf_registry_ask(enum shf_ask what, uint32_t snapshot);
/* Handles the requests to the calling thread now. */
void shf_registry_serve(const shf_session *session);
/* The process is about to end: every thread writes its capture, including this one. */
void shf_registry_end(const shf_session *session);
/*
 * Any thread: waits until all threads have answered. A thread that has not started to
 * answer after `ms` is stuck in native code and is not waited for.
 */
void shf_registry_wait(enum shf_ask what, uint64_t ms);
/* Any thread: whether the main thread is registered. */
bool shf_registry_main(void);

#endif
