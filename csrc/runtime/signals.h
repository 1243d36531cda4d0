/*
 * Signals that end a process: the capture is written first, then the signal
 * takes the course that it would have taken without us.
 */
#ifndef SHF_SIGNALS_H
#define SHF_SIGNALS_H

#include <uv.h>

#include "runtime/life.h"

/*
 * Watches SIGINT, SIGTERM, SIGHUP and SIGQUIT where their action is neither
 * ignored nor already the app's; once a process, from its main thread.
 * @param loop the main thread's
 * @return 0 or an errno
 */
int shf_signals_watch(shf_life *life, uv_loop_t *loop);
/* Puts back the actions that are still ours; the life is not used any more. */
void shf_signals_forget(void);

#endif
