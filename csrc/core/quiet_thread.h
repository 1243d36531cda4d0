/* Threads of ours inside the app. */
#ifndef SHF_CORE_QUIET_THREAD_H
#define SHF_CORE_QUIET_THREAD_H

#include <signal.h>
#include <uv.h>

/*
 * Starts a thread that receives no signals: they are the app's. sigprocmask works on this thread
 * alone, on Linux and macOS; glibc's pthread_sigmask is a newer symbol than the oldest glibc that
 * Node runs on has.
 * @return 0 or the number of the error
 */
static inline int shf_quiet_thread(void (*body)(void *), void *arg, uv_thread_t *thread) {
  sigset_t all, before;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, &before);
  int code = uv_thread_create(thread, body, arg);
  sigprocmask(SIG_SETMASK, &before, NULL);
  return -code;
}

#endif
