#include "runtime/threads.h"

#include <stdatomic.h>
#include <stdlib.h>

enum { PAUSES_BETWEEN = 200 }; /* a checkpoint costs at most 1/200 of the time */

enum state { IDLE, ASKED, ANSWERING };

typedef struct member {
  struct member *next;
  shf_life *life;
  void (*answered)(void);
  uv_async_t async; /* wakes the loop */
  uv_timer_t timer; /* the next checkpoint */
  uint64_t least_ms;
  bool fixed;
  int open;         /* handles that are not closed yet */
  atomic_int state; /* enum state */
} member;

static struct {
  uv_once_t once;
  uv_mutex_t lock;
  uv_cond_t changed;
  member *first;
} g = {.once = UV_ONCE_INIT};

static void init(void) {
  uv_mutex_init(&g.lock);
  uv_cond_init(&g.changed);
}

static void answer(void *arg) {
  member *m = arg;
  int asked = ASKED;
  if (!atomic_compare_exchange_strong(&m->state, &asked, ANSWERING)) return;
  shf_life_end(m->life, "signal");
  uv_mutex_lock(&g.lock);
  atomic_store(&m->state, IDLE);
  uv_cond_broadcast(&g.changed);
  uv_mutex_unlock(&g.lock);
  if (m->answered) m->answered();
}

static void on_async(uv_async_t *async) {
  answer(async->data);
}

int shf_threads_join(shf_life *life, uv_loop_t *loop, void (*answered)(void)) {
  uv_once(&g.once, init);
  member *m = calloc(1, sizeof *m);
  if (!m) return -UV_ENOMEM;
  m->life = life;
  m->answered = answered;
  m->async.data = m->timer.data = m;
  int code = uv_async_init(loop, &m->async, on_async);
  if (code) {
    free(m);
    return -code;
  }
  uv_timer_init(loop, &m->timer); /* cannot fail */
  uv_unref((uv_handle_t *)&m->async);
  uv_unref((uv_handle_t *)&m->timer);
  m->open = 2;
  uv_mutex_lock(&g.lock);
  m->next = g.first;
  g.first = m;
  uv_mutex_unlock(&g.lock);
  return 0;
}

static void on_closed(uv_handle_t *handle) {
  member *m = handle->data;
  if (--m->open == 0) free(m);
}

/* The member of a life, NULL when it has none; `out` takes it out of the list. */
static member *find(const shf_life *life, bool out) {
  uv_once(&g.once, init);
  uv_mutex_lock(&g.lock);
  member **at = &g.first;
  while (*at && (*at)->life != life) at = &(*at)->next;
  member *m = *at;
  if (m && out) *at = m->next;
  if (m && out) uv_cond_broadcast(&g.changed);
  uv_mutex_unlock(&g.lock);
  return m;
}

void shf_threads_leave(shf_life *life) {
  member *m = find(life, true);
  if (!m) return;
  uv_close((uv_handle_t *)&m->async, on_closed);
  uv_close((uv_handle_t *)&m->timer, on_closed);
}

static void on_timer(uv_timer_t *timer) {
  member *m = timer->data;
  uint64_t begin = uv_hrtime();
  shf_life_checkpoint(m->life, "running");
  uint64_t pause_ms = (uv_hrtime() - begin) / 1000000 + 1;
  uint64_t next = m->least_ms;
  if (!m->fixed && next < pause_ms * PAUSES_BETWEEN) next = pause_ms * PAUSES_BETWEEN;
  uv_timer_start(timer, on_timer, next, 0);
}

void shf_threads_checkpoints(shf_life *life, uint64_t least_ms, bool fixed) {
  member *m = find(life, false);
  if (!m) return;
  m->least_ms = least_ms;
  m->fixed = fixed;
  uv_timer_start(&m->timer, on_timer, least_ms, 0);
  uv_unref((uv_handle_t *)&m->timer);
}

void shf_threads_ask(void) {
  uv_once(&g.once, init);
  uv_mutex_lock(&g.lock);
  for (member *m = g.first; m; m = m->next) {
    /* a thread that samples nothing has nothing to write */
    shf_sampler *s = shf_life_sampler(m->life);
    atomic_store(&m->state, ASKED);
    if (s) shf_sampler_interrupt(s, answer, m);
    uv_async_send(&m->async);
  }
  uv_mutex_unlock(&g.lock);
}

static bool all_answered(void) {
  for (const member *m = g.first; m; m = m->next)
    if (atomic_load(&m->state) != IDLE) return false;
  return true;
}

bool shf_threads_wait(uint64_t ms) {
  uint64_t until = uv_hrtime() + ms * 1000000;
  uv_mutex_lock(&g.lock);
  bool all = all_answered();
  for (uint64_t now = uv_hrtime(); !all && now < until; now = uv_hrtime()) {
    uv_cond_timedwait(&g.changed, &g.lock, until - now);
    all = all_answered();
  }
  uv_mutex_unlock(&g.lock);
  return all;
}
