#include "runtime/snapshots.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/quiet_thread.h"
#include "runtime/thread_registry.h"

#define NS_PER_MS UINT64_C(1000000)

enum { TIMEOUT_MS = 3000, PAUSES_BETWEEN = 200, MAX_NAME = 64 };

/* State of the process. */
static struct {
  uv_mutex_t lock;
  uv_cond_t timed; /* next_ns was set */
  uv_sem_t asked;
  shf_snapshots_options options;
  char *dir;
  bool started;
  /* with the lock */
  uint64_t next_ns; /* time of the next one; 0: one is being taken */
  uint32_t begun;   /* the number of the last one */
} g;

static atomic_bool signalled;

/* The timer posts the same semaphore as all other requests. */
static void clock_thread(void *arg) {
  (void)arg;
  uv_mutex_lock(&g.lock);
  for (;;) {
    uint64_t now = uv_hrtime();
    if (g.next_ns == 0) {
      uv_cond_wait(&g.timed, &g.lock);
    } else if (g.next_ns > now) {
      uv_cond_timedwait(&g.timed, &g.lock, g.next_ns - now);
    } else {
      g.next_ns = 0;
      uv_sem_post(&g.asked);
    }
  }
}

static void mark(uint32_t number, const char *why) {
  size_t capacity = strlen(g.dir) + MAX_NAME;
  char *path = malloc(capacity);
  if (!path) return;
  snprintf(path, capacity, "%s/%ld.%" PRIu32 ".snapshot", g.dir, (long)getpid(), number);
  int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  free(path);
  if (fd < 0) return;
  ssize_t written = write(fd, why, strlen(why));
  (void)written; /* the content is optional */
  close(fd);
}

/* Reads at least one digit. @return what follows; NULL: there is none */
static const char *skip_number(const char *at, uint32_t *value) {
  const char *begin = at;
  for (*value = 0; *at >= '0' && *at <= '9'; at++) *value = *value * 10 + (uint32_t)(*at - '0');
  return at > begin ? at : NULL;
}

/* The number in a name `<pid>-<start>-<thread>.<number>.shfc` of this process; 0: another name */
static uint32_t number_of(const char *name) {
  uint32_t value;
  const char *at = skip_number(name, &value);
  if (!at || value != (uint32_t)getpid()) return 0;
  static const char between[] = "--.";
  for (int i = 0; i < 3; i++) {
    if (*at != between[i]) return 0;
    at = skip_number(at + 1, &value);
    if (!at) return 0;
  }
  return strcmp(at, ".shfc") == 0 ? value : 0;
}

static void drop_old(uint32_t last) {
  DIR *dir = opendir(g.dir);
  if (!dir) return;
  for (const struct dirent *entry; (entry = readdir(dir)) != NULL;) {
    uint32_t number = number_of(entry->d_name);
    if (number && number <= last && last - number >= g.options.keep)
      unlinkat(dirfd(dir), entry->d_name, 0);
  }
  closedir(dir);
}

static void take(void) {
  uv_mutex_lock(&g.lock);
  uint32_t number = ++g.begun;
  while (uv_sem_trywait(&g.asked) == 0) continue; /* this one answers all requests so far */
  g.next_ns = 0;
  uv_mutex_unlock(&g.lock);
  bool signal = atomic_exchange(&signalled, false);
  uint64_t begin = uv_hrtime();
  shf_registry_ask(SHF_ASK_SNAPSHOT, number);
  shf_registry_wait(SHF_ASK_SNAPSHOT, TIMEOUT_MS);
  if (g.options.marks) mark(number, signal ? "signal" : "");
  if (g.options.keep) drop_old(number);
  if (!g.options.every_ms) return;
  uint64_t end = uv_hrtime(), least = g.options.every_ms * NS_PER_MS;
  uint64_t between = g.options.fixed ? 0 : (end - begin) * PAUSES_BETWEEN;
  uv_mutex_lock(&g.lock);
  g.next_ns = end + (least > between ? least : between);
  uv_cond_signal(&g.timed);
  uv_mutex_unlock(&g.lock);
}

static void taker(void *arg) {
  (void)arg;
  for (;;) {
    uv_sem_wait(&g.asked);
    take();
  }
}

int shf_snapshots_start(const shf_snapshots_options *options) {
  if (g.started) return 0;
  g.options = *options;
  g.dir = malloc(options->dir.len + 1);
  if (!g.dir) return -UV_ENOMEM;
  memcpy(g.dir, options->dir.ptr, options->dir.len);
  g.dir[options->dir.len] = 0;
  if (options->every_ms) g.next_ns = uv_hrtime() + options->every_ms * NS_PER_MS;
  int code = uv_mutex_init(&g.lock);
  if (!code) code = uv_cond_init(&g.timed);
  if (!code) code = uv_sem_init(&g.asked, 0);
  if (code) return -code;
  uv_thread_t thread; /* runs to the end of the process */
  code = shf_quiet_thread(taker, NULL, &thread);
  if (!code && options->every_ms) code = shf_quiet_thread(clock_thread, NULL, &thread);
  g.started = code == 0;
  return code;
}

uint32_t shf_snapshots_ask(void) {
  if (!g.started) return 0;
  uv_mutex_lock(&g.lock);
  uint32_t number = g.begun + 1;
  uv_sem_post(&g.asked);
  uv_mutex_unlock(&g.lock);
  return number;
}

void shf_snapshots_signal(void) {
  atomic_store(&signalled, true);
  uv_sem_post(&g.asked);
}
