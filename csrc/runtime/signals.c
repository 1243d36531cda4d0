#include "runtime/signals.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "runtime/threads.h"

enum { SIGNALS = 4, PATIENCE_MS = 3000 };
static const int watched[SIGNALS] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

/* One for the process: signal actions are the process's too. */
static struct {
  struct sigaction previous[SIGNALS];
  bool installed[SIGNALS];
  sem_t arrived; /* posted by the handler */
  bool started;
} g;

static atomic_int pending;  /* the signal that came, 0 when none */
static atomic_bool passed;  /* it was passed on */
static atomic_bool stopped; /* nobody watches any more */

static void on_signal(int number) {
  int saved = errno, none = 0;
  if (atomic_compare_exchange_strong(&pending, &none, number)) sem_post(&g.arrived);
  errno = saved;
}

static void restore(int number) {
  for (int i = 0; i < SIGNALS; i++)
    if (watched[i] == number && g.installed[i]) sigaction(number, &g.previous[i], NULL);
}

/* The signal again, as if we had never been there; once, whoever comes first. */
static void pass_on(void) {
  bool no = false;
  int number = atomic_load(&pending);
  if (number == 0 || !atomic_compare_exchange_strong(&passed, &no, true)) return;
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, number);
  restore(number);
  atomic_store(&pending, 0);
  pthread_sigmask(SIG_UNBLOCK, &set, NULL);
  kill(getpid(), number);
}

void shf_signals_answered(void) {
  /* the main thread stays here, so that the program does nothing more */
  shf_threads_wait(PATIENCE_MS);
  pass_on();
}

/* A main thread that is stuck in native code never answers: go without its capture. */
static void *watcher(void *arg) {
  (void)arg;
  for (;;) {
    while (sem_wait(&g.arrived) != 0 && errno == EINTR) continue;
    atomic_store(&passed, false);
    if (!atomic_load(&stopped)) {
      shf_threads_ask();
      for (int ms = 0; ms < 2 * PATIENCE_MS && !atomic_load(&passed); ms += 20) {
        usleep(20000);
        if (ms >= PATIENCE_MS && shf_threads_wait(0)) break;
      }
    }
    pass_on();
  }
  return NULL;
}

static int start_watcher(void) {
  sigset_t all, before;
  pthread_t thread;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int code = pthread_create(&thread, NULL, watcher, NULL);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (!code) pthread_detach(thread);
  return code;
}

static void install(int i) {
  struct sigaction action;
  if (sigaction(watched[i], NULL, &g.previous[i]) != 0) return;
  /* nohup's SIGHUP stays ignored */
  if (!(g.previous[i].sa_flags & SA_SIGINFO) && g.previous[i].sa_handler == SIG_IGN) return;
  memset(&action, 0, sizeof action);
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  sigfillset(&action.sa_mask);
  g.installed[i] = sigaction(watched[i], &action, NULL) == 0;
}

int shf_signals_watch(void) {
  if (g.started) return 0;
  if (sem_init(&g.arrived, 0, 0) != 0) return errno;
  int code = start_watcher();
  if (code) return code;
  g.started = true;
  for (int i = 0; i < SIGNALS; i++) install(i);
  return 0;
}

void shf_signals_forget(void) {
  if (!g.started) return;
  atomic_store(&stopped, true);
  for (int i = 0; i < SIGNALS; i++) {
    struct sigaction now;
    if (!g.installed[i] || sigaction(watched[i], NULL, &now) != 0) continue;
    if (now.sa_handler == on_signal) sigaction(watched[i], &g.previous[i], NULL);
    g.installed[i] = false;
  }
}
