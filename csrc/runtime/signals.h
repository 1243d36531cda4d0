/*
 * Signals that end a process: every thread's capture is written first, then the
 * signal takes the course that it would have taken without us.
 */
#ifndef SHF_RUNTIME_SIGNALS_H
#define SHF_RUNTIME_SIGNALS_H

#include <stdbool.h>

#include "runtime/thread_session.h"

/*
 * Watches SIGINT, SIGTERM, SIGUSR2 and all others that are sent from outside, where they would end
 * the process, but not those of a fault; from its main thread, which joined the threads with
 * shf_signals_answered. Called again, it watches those too that the app has had a handler for
 * meanwhile.
 * @return 0 or an errno
 */
int shf_signals_watch(void);
/*
 * From now on that signal asks for a snapshot, wherever it would end the process:
 * a handler of the app's own is left alone, and so is an ignored signal.
 * @return whether it does now
 */
bool shf_signals_snapshot(int number);
/* Whether this process would end of that signal, with nobody watching it. */
bool shf_signals_ends_unseen(int number);
/*
 * On the main thread, when it may have sent itself a signal: without us the program would do
 * nothing more after one that ends it.
 */
void shf_signals_settle(const shf_session *session);
/* Waits for the other threads' captures and passes the signal on. */
void shf_signals_answered(void);
/* Puts back the actions that are still ours. */
void shf_signals_forget(void);

#endif
