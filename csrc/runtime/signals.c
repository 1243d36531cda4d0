#include "runtime/signals.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "core/quiet_thread.h"
#include "runtime/snapshots.h"
#include "runtime/thread_registry.h"

enum { TIMEOUT_MS = 3000, POLL_US = 1000 };

/*
 * Signals that end a process by default and come from outside. Not those of a fault, such as
 * SIGSEGV: crash reporters and core files need the original stack.
 */
static const int named[] = {
    SIGINT,    SIGTERM,   SIGHUP,  SIGQUIT, SIGUSR1, SIGUSR2,
    SIGALRM,   SIGVTALRM, SIGPROF, SIGXCPU, SIGXFSZ,
#ifdef __linux__
    SIGIO,     SIGPWR,
#endif
#ifdef SIGSTKFLT
    SIGSTKFLT,
#endif
};
enum { NAMED = sizeof named / sizeof *named };
#ifdef SIGRTMIN
enum { REALTIME = 64 }; /* at most */
#else
enum { REALTIME = 0 };
#endif
enum { SIGNALS = NAMED + REALTIME };

/* Signals whose default action stops the process, or does nothing. */
static const int survived[] = {SIGCHLD, SIGCONT, SIGURG,  SIGWINCH,
                               SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU};

/* Signal actions belong to the process, and so does this state. */
static struct {
  struct sigaction previous[SIGNALS];
  bool installed[SIGNALS];
  uv_sem_t arrived; /* posted by the handler */
  pid_t pid;        /* a forked copy has no watcher thread */
  int snapshot;     /* the signal that takes one; 0: none */
  bool started;
} g;

static atomic_int pending; /* the received signal until it is raised again; 0: none */
static atomic_bool passed; /* a thread raises it again */

/* The signal of a row, 0: none. Safe in a signal handler. */
static int number_of(int row) {
  if (row < NAMED) return named[row];
#ifdef SIGRTMIN
  int number = SIGRTMIN + row - NAMED; /* the C library uses the first ones itself */
  return number <= SIGRTMAX ? number : 0;
#else
  return 0;
#endif
}

static void restore(int number) {
  for (int i = 0; i < SIGNALS; i++)
    if (number_of(i) == number && g.installed[i]) sigaction(number, &g.previous[i], NULL);
}

static void on_signal(int number) {
  int saved = errno, none = 0;
  if (getpid() != g.pid) {
    restore(number);
    raise(number); /* delivered when this handler returns */
  } else if (atomic_compare_exchange_strong(&pending, &none, number)) {
    uv_sem_post(&g.arrived); /* sem_post is safe in a signal handler */
  }
  errno = saved;
}

/* Restores the previous action and raises the signal again; only the first caller does. */
static void pass_on(void) {
  bool no = false;
  int number = atomic_load(&pending);
  if (number == 0 || !atomic_compare_exchange_strong(&passed, &no, true)) return;
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, number);
  restore(number);
  sigprocmask(SIG_UNBLOCK, &set, NULL);
  if (kill(getpid(), number) != 0) raise(number); /* a sandbox may allow only one of them */
  atomic_store(&pending, 0);
}

void shf_signals_answered(void) {
  /* blocks the main thread, so that the program does not go on */
  shf_registry_wait(SHF_ASK_END, TIMEOUT_MS);
  pass_on();
  while (atomic_load(&pending) != 0) usleep(POLL_US);
}

void shf_signals_settle(const shf_session *session) {
  while (atomic_load(&pending) != 0) {
    shf_registry_serve(
        session); /* the watcher asks for it, and raises the signal if nobody else does */
    usleep(POLL_US);
  }
}

/* Raises the signal where the main thread does not: it is stuck, or already at its end. */
static void watcher(void *arg) {
  (void)arg;
  for (;;) {
    uv_sem_wait(&g.arrived);
    atomic_store(&passed, false);
    shf_registry_ask(SHF_ASK_END, 0);
    shf_registry_wait(SHF_ASK_END, TIMEOUT_MS);
    /* the main thread has answered and is about to raise it */
    for (int us = 0; us < 100 * POLL_US && shf_registry_main(); us += POLL_US) {
      if (atomic_load(&passed)) break;
      usleep(POLL_US);
    }
    pass_on();
  }
}

static bool is_handler(const struct sigaction *action, void (*handler)(int)) {
  return !(action->sa_flags & SA_SIGINFO) && action->sa_handler == handler;
}

/*
 * Node's own action for SIGINT and SIGTERM restores the terminal and then resets itself to
 * the default. Any other handler belongs to the app, which survives the signal.
 */
static bool ends_process(const struct sigaction *action) {
  if (is_handler(action, SIG_DFL)) return true;
  if (is_handler(action, SIG_IGN)) return false;
  return (action->sa_flags & (int)SA_RESETHAND) != 0;
}

static void install(int i) {
  int number = number_of(i);
  struct sigaction now, action;
  if (number == 0 || number == g.snapshot) return;
  /* an ignored signal stays ignored (nohup), and so do our own and the app's handlers */
  if (sigaction(number, NULL, &now) != 0 || !ends_process(&now)) return;
  g.previous[i] = now;
  memset(&action, 0, sizeof action);
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  sigfillset(&action.sa_mask);
  g.installed[i] = sigaction(number, &action, NULL) == 0;
}

static void on_snapshot(int number) {
  int saved = errno;
  (void)number;
  shf_snapshots_signal();
  errno = saved;
}

/* Leaves the app's own handler and an ignored signal alone. */
static bool install_snapshot(void) {
  struct sigaction now, action;
  if (sigaction(g.snapshot, NULL, &now) != 0) return false;
  if (is_handler(&now, on_snapshot)) return true;
  if (!is_handler(&now, SIG_DFL) && !is_handler(&now, on_signal)) return false;
  memset(&action, 0, sizeof action);
  action.sa_handler = on_snapshot;
  action.sa_flags = SA_RESTART;
  return sigaction(g.snapshot, &action, NULL) == 0;
}

bool shf_signals_snapshot(int number) {
  g.snapshot = number;
  return install_snapshot();
}

int shf_signals_watch(void) {
  if (!g.started) {
    int failed = uv_sem_init(&g.arrived, 0);
    if (failed) return -failed;
    g.pid = getpid();
    uv_thread_t thread;
    int code = shf_quiet_thread(watcher, NULL, &thread);
    if (code) return code;
    g.started = true;
  }
  if (atomic_load(&pending) != 0)
    return 0; /* the restored action must stay until the signal is delivered */
  for (int i = 0; i < SIGNALS; i++) install(i);
  if (g.snapshot) install_snapshot();
  return 0;
}

bool shf_signals_ends_unseen(int number) {
  struct sigaction now;
  if (number == SIGKILL) return true;
  for (size_t i = 0; i < sizeof survived / sizeof *survived; i++)
    if (number == survived[i]) return false;
  if (number <= 0 || sigaction(number, NULL, &now) != 0) return false;
  /* Node's handler for faults in WebAssembly raises all others again */
  if (number == SIGSEGV || number == SIGBUS) return !is_handler(&now, SIG_IGN);
  return ends_process(&now);
}

void shf_signals_forget(void) {
  g.snapshot =
      0; /* its handler stays: the process is ending, and the signal must not cut that short */
  for (int i = 0; i < SIGNALS; i++) {
    struct sigaction now;
    if (!g.installed[i] || sigaction(number_of(i), NULL, &now) != 0) continue;
    if (is_handler(&now, on_signal)) sigaction(number_of(i), &g.previous[i], NULL);
  }
}
