#include "runtime/signals.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

enum { SIGNALS = 4, PATIENCE_MS = 3000 };
static const int watched[SIGNALS] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

/* One for the process: signal actions are the process's too. */
static struct {
  shf_life *life;
  struct sigaction previous[SIGNALS];
  bool installed[SIGNALS];
  sem_t arrived; /* posted by the handler */
  uv_async_t async;
  pthread_mutex_t lock; /* life and state, between the main thread and the watcher */
  bool started;
} g = {.lock = PTHREAD_MUTEX_INITIALIZER};

static atomic_int pending; /* the signal that came, 0 when none */
static atomic_int done;    /* it was dealt with */

static void on_signal(int number) {
  int saved = errno, none = 0;
  if (atomic_compare_exchange_strong(&pending, &none, number)) sem_post(&g.arrived);
  errno = saved;
}

static void restore(int number) {
  for (int i = 0; i < SIGNALS; i++)
    if (watched[i] == number && g.installed[i]) sigaction(number, &g.previous[i], NULL);
}

/* The signal again, as if we had never been there. */
static void pass_on(int number) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, number);
  restore(number);
  atomic_store(&pending, 0);
  pthread_sigmask(SIG_UNBLOCK, &set, NULL);
  kill(getpid(), number);
}

/* On the main thread: by an interrupt amid JavaScript, or from the idle loop. */
static void finish(void *arg) {
  (void)arg;
  int number = atomic_load(&pending), none = 0;
  if (number == 0 || !atomic_compare_exchange_strong(&done, &none, 1)) return;
  pthread_mutex_lock(&g.lock);
  if (g.life) shf_life_end(g.life);
  pthread_mutex_unlock(&g.lock);
  pass_on(number);
}

static void on_async(uv_async_t *async) {
  (void)async;
  finish(NULL);
}

static void ask_main_thread(void) {
  pthread_mutex_lock(&g.lock);
  if (g.life) {
    shf_sampler *s = shf_life_sampler(g.life);
    if (s) shf_sampler_interrupt(s, finish, NULL);
    uv_async_send(&g.async);
  }
  pthread_mutex_unlock(&g.lock);
}

/* A main thread that is stuck in native code never answers: go without a capture. */
static void *watcher(void *arg) {
  (void)arg;
  for (;;) {
    while (sem_wait(&g.arrived) != 0 && errno == EINTR) continue;
    atomic_store(&done, 0);
    ask_main_thread();
    for (int ms = 0; ms < PATIENCE_MS && !atomic_load(&done); ms += 20) usleep(20000);
    int none = 0, number = atomic_load(&pending);
    if (number && atomic_compare_exchange_strong(&done, &none, 1)) pass_on(number);
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

int shf_signals_watch(shf_life *life, uv_loop_t *loop) {
  pthread_mutex_lock(&g.lock);
  bool first = !g.started;
  g.life = life;
  g.started = true;
  pthread_mutex_unlock(&g.lock);
  if (!first) return 0;
  if (sem_init(&g.arrived, 0, 0) != 0) return errno;
  int code = uv_async_init(loop, &g.async, on_async);
  if (code) return -code;
  uv_unref((uv_handle_t *)&g.async);
  code = start_watcher();
  if (code) return code;
  for (int i = 0; i < SIGNALS; i++) install(i);
  return 0;
}

void shf_signals_forget(void) {
  pthread_mutex_lock(&g.lock);
  bool ours = g.life != NULL;
  g.life = NULL;
  pthread_mutex_unlock(&g.lock);
  if (!ours) return;
  for (int i = 0; i < SIGNALS; i++) {
    struct sigaction now;
    if (!g.installed[i] || sigaction(watched[i], NULL, &now) != 0) continue;
    if (now.sa_handler == on_signal) sigaction(watched[i], &g.previous[i], NULL);
    g.installed[i] = false;
  }
}
