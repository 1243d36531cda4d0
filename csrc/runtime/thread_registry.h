/*
 * The threads of this process that leave a capture: all of them can be asked
 * for it at once, and each writes one now and then while it runs.
 */
#ifndef SHF_RUNTIME_THREAD_REGISTRY_H
#define SHF_RUNTIME_THREAD_REGISTRY_H

#include <uv.h>

#include "runtime/thread_session.h"

/*
 * Adds the calling thread.
 * @param loop its event loop: a thread that waits there is woken
 * @param answered called on this thread when it was asked and has written; the
 *   main thread's alone, else NULL
 * @return 0 or an errno
 */
int shf_registry_join(shf_session *session, uv_loop_t *loop, void (*answered)(void));
/* The calling thread, which has joined, samples from now on. */
void shf_registry_sampled(const shf_session *session);
/*
 * Takes the calling thread out, while its isolate is still there; its loop must
 * run once more to close what was opened.
 */
void shf_registry_leave(const shf_session *session);

/*
 * Checkpoints of the calling thread, in its loop or amid JavaScript that never
 * comes back to it: the first within a second; then one when at least `least_ms`
 * and 200 times its own pause have passed since the last, so that they cost half a
 * percent at most. `fixed`: every `least_ms`, whatever they cost. With a
 * `least_ms` of 0 the first is the only one.
 */
void shf_registry_checkpoints(const shf_session *session, uint64_t least_ms, bool fixed);

/* What every thread can be asked for. */
enum shf_ask {
  SHF_ASK_END,      /* a capture before a signal takes its course */
  SHF_ASK_SNAPSHOT, /* a numbered capture */
  SHF_ASKS
};
/* Any thread. @param snapshot its number, where that is asked for */
void shf_registry_ask(enum shf_ask what, uint32_t snapshot);
/* The calling thread writes what it was asked for, now. */
void shf_registry_serve(const shf_session *session);
/* The process is about to end: every thread writes its capture, the calling one too. */
void shf_registry_end(const shf_session *session);
/*
 * Any thread: waits until all that were asked have answered. Those that have
 * not begun after `ms` are not waited for: they are stuck in native code.
 */
void shf_registry_wait(enum shf_ask what, uint64_t ms);
/* Any thread: whether the main thread is among them, and still at work. */
bool shf_registry_main(void);

/* Starts a thread of our own, which gets no signals. @return 0 or an errno */
int shf_registry_run(void (*body)(void *), uv_thread_t *thread);

#endif
