/*
 * Signals that end the process: every thread writes its capture first, then the signal
 * has the effect that it would have without us.
 */
#ifndef SHF_RUNTIME_SIGNALS_H
#define SHF_RUNTIME_SIGNALS_H

#include <stdbool.h>

#include "runtime/thread_session.h"

/*
 * Handles SIGINT, SIGTERM, SIGUSR2 and all other signals that would end the process, except
 * those of a fault. Call it on the main thread, which registered itself with
 * shf_signals_answered. Another call adds the signals whose handler the app has removed.
 * @return 0 or an errno
 */
int shf_signals_watch(void);
/*
 * Makes a signal that would end the process take a snapshot. A handler of the app and an
 * ignored signal are left alone.
 * @return whether it takes snapshots now
 */
bool shf_signals_snapshot(int number);
/* Whether this signal would end the process without a handler of ours. */
bool shf_signals_ends_unseen(int number);
/*
 * On the main thread, after it may have sent itself a signal: waits while one that ends the
 * process is pending, so that the program does not go on.
 */
void shf_signals_settle(const shf_session *session);
/* Waits for the other threads' captures and passes the signal on. */
void shf_signals_answered(void);
/* Puts back the actions that are still ours. */
void shf_signals_forget(void);

#endif
