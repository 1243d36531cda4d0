/*
 * Signals that end a process: every thread's capture is written first, then the
 * signal takes the course that it would have taken without us.
 */
#ifndef SHF_SIGNALS_H
#define SHF_SIGNALS_H

#include <stdbool.h>

/*
 * Watches SIGINT, SIGTERM, SIGHUP and SIGQUIT where they would end the process;
 * from its main thread, which joined the threads with shf_signals_answered.
 * Called again, it watches those too that the app has had a handler for
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
/* Waits for the other threads' captures and passes the signal on. */
void shf_signals_answered(void);
/* Puts back the actions that are still ours. */
void shf_signals_forget(void);

#endif
