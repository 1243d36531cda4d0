#include "runtime/thread_registry.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "core/quiet_thread.h"

#define NS_PER_MS UINT64_C(1000000)

enum {
  PAUSES_BETWEEN = 200, /* a checkpoint costs at most 1/200 of the time */
  FIRST_MS = 800,
  LONGEST_MS = 60000 /* max wait for a capture that has started */
};

enum state { IDLE, ASKED, ANSWERING };

typedef struct member {
  struct member *next;
  uintptr_t id; /* never reused: an interrupt may come after its member is gone */
  shf_session *session;
  void *isolate;
  void (*answered)(void);
  uv_async_t async;           /* wakes the loop */
  atomic_int state[SHF_ASKS]; /* enum state of each request */
  atomic_bool interrupting;   /* an interrupt is pending */
  atomic_bool due;            /* a checkpoint is due */
  /* with the lock */
  uint64_t next_ns; /* the next checkpoint; 0: none */
  uint64_t least_ns;
  bool fixed;
} member;

static struct {
  uv_once_t once;
  uv_mutex_t lock;
  uv_cond_t changed; /* a thread answered or left */
  uv_cond_t timed;   /* next_ns of a member was set */
  member *first;
  uintptr_t ids;
  atomic_uint snapshot; /* the number of the requested one */
  bool ticking;
  bool ticked; /* the ticker has ended and must be joined */
  uv_thread_t ticker;
} g = {.once = UV_ONCE_INIT};

static void init(void) {
  uv_mutex_init(&g.lock);
  uv_cond_init(&g.changed);
  uv_cond_init(&g.timed);
}

static void lock(void) {
  uv_once(&g.once, init);
  uv_mutex_lock(&g.lock);
}

static void unlock(void) {
  uv_mutex_unlock(&g.lock);
}

/* @param may_collect not while V8 does, nor when the environment may have ended */
static void answer(member *m, enum shf_ask what, bool may_collect) {
  /* the one of a signal is not the last one: a container's first process survives it */
  if (what == SHF_ASK_SNAPSHOT)
    shf_session_snapshot(m->session, atomic_load(&g.snapshot));
  else if (may_collect)
    shf_session_write_signalled(m->session);
  else
    shf_session_write(m->session, "signal");
  lock();
  atomic_store(&m->state[what], IDLE);
  uv_cond_broadcast(&g.changed);
  unlock();
  if (what == SHF_ASK_END && m->answered) m->answered();
}

static void checkpoint(member *m) {
  uint64_t begin = uv_hrtime();
  shf_session_checkpoint(m->session);
  uint64_t end = uv_hrtime(), between = (end - begin) * PAUSES_BETWEEN;
  lock();
  m->next_ns = m->least_ns ? end + (m->fixed || m->least_ns > between ? m->least_ns : between) : 0;
  uv_cond_signal(&g.timed);
  unlock();
}

/* On the member's own thread. Only that thread removes it, so it exists while this runs. */
static void serve(member *m, bool may_collect) {
  bool due = atomic_exchange(&m->due, false);
  for (int what = 0; what < SHF_ASKS; what++) {
    int asked = ASKED;
    if (atomic_compare_exchange_strong(&m->state[what], &asked, ANSWERING))
      answer(m, (enum shf_ask)what, may_collect);
  }
  if (due) checkpoint(m);
}

static void on_async(uv_async_t *async) {
  serve(async->data, true);
}

static member *member_of(void *id) {
  lock();
  member *m = g.first;
  while (m && m->id != (uintptr_t)id) m = m->next;
  unlock();
  return m;
}

static void on_interrupt(void *id) {
  member *m = member_of(id);
  if (!m) return;
  atomic_store(&m->interrupting, false);
  serve(m, true);
}

static void on_collection(void *id) {
  member *m = member_of(id);
  if (m) serve(m, false);
}

/* With the lock: makes a thread serve its requests, whether it waits or runs. */
static void poke(member *m) {
  uv_async_send(&m->async);
  if (atomic_exchange(&m->interrupting, true)) return;
  /* an id and not an address, because the member may be gone by then:
   * NOLINTNEXTLINE(performance-no-int-to-ptr) */
  if (!shf_sampler_interrupt(m->isolate, on_interrupt, (void *)m->id))
    atomic_store(&m->interrupting, false);
}

int shf_registry_join(shf_session *session, uv_loop_t *loop, void (*answered)(void)) {
  member *m = calloc(1, sizeof *m);
  if (!m) return -UV_ENOMEM;
  m->session = session;
  m->answered = answered;
  m->isolate = shf_sampler_isolate();
  m->async.data = m;
  int code = uv_async_init(loop, &m->async, on_async);
  if (code) {
    free(m);
    return -code;
  }
  uv_unref((uv_handle_t *)&m->async);
  lock();
  m->id = ++g.ids;
  m->next = g.first;
  g.first = m;
  unlock();
  return 0;
}

static void on_closed(uv_handle_t *handle) {
  free(handle->data);
}

/* With the lock: the link to the member of a session; *result is NULL where there is none. */
static member **place_of(const shf_session *session) {
  member **at = &g.first;
  while (*at && (*at)->session != session) at = &(*at)->next;
  return at;
}

void shf_registry_leave(const shf_session *session) {
  lock();
  member **at = place_of(session), *m = *at;
  if (m) *at = m->next;
  uv_cond_broadcast(&g.changed);
  uv_cond_signal(&g.timed);
  unlock();
  if (m) uv_close((uv_handle_t *)&m->async, on_closed);
}

/* With the lock: wakes the members with a checkpoint due. @return when the next one is due */
static uint64_t poke_due(uint64_t now) {
  uint64_t next = UINT64_MAX;
  for (member *m = g.first; m; m = m->next) {
    if (m->next_ns == 0) continue;
    if (m->next_ns > now) {
      if (m->next_ns < next) next = m->next_ns;
      continue;
    }
    m->next_ns = 0; /* until it is written */
    atomic_store(&m->due, true);
    poke(m);
  }
  return next;
}

/* Ends with the last member, so that no thread stays after sampling has stopped. */
static void ticker(void *arg) {
  (void)arg;
  lock();
  while (g.first) {
    uint64_t now = uv_hrtime(), next = poke_due(now);
    if (next == UINT64_MAX)
      uv_cond_wait(&g.timed, &g.lock);
    else
      uv_cond_timedwait(&g.timed, &g.lock, next - now);
  }
  g.ticking = false;
  g.ticked = true;
  unlock();
}

void shf_registry_sampled(const shf_session *session) {
  lock();
  const member *m = *place_of(session);
  uintptr_t id = m ? m->id : 0;
  unlock();
  /* an id as in poke(): NOLINTNEXTLINE(performance-no-int-to-ptr) */
  if (id) shf_sampler_at_collection(shf_session_sampler(session), on_collection, (void *)id);
}

void shf_registry_checkpoints(const shf_session *session, uint64_t least_ms, bool fixed) {
  lock();
  member *m = *place_of(session);
  if (m) {
    uint64_t first_ms = least_ms && least_ms < FIRST_MS ? least_ms : FIRST_MS;
    m->least_ns = least_ms * NS_PER_MS;
    m->fixed = fixed;
    m->next_ns = uv_hrtime() + first_ms * NS_PER_MS;
    uv_cond_signal(&g.timed);
  }
  if (m && !g.ticking) {
    if (g.ticked) uv_thread_join(&g.ticker);
    g.ticked = false;
    g.ticking = shf_quiet_thread(ticker, NULL, &g.ticker) == 0;
  }
  unlock();
}

void shf_registry_ask(enum shf_ask what, uint32_t snapshot) {
  lock();
  if (what == SHF_ASK_SNAPSHOT) atomic_store(&g.snapshot, snapshot);
  for (member *m = g.first; m; m = m->next) {
    int idle = IDLE;
    atomic_compare_exchange_strong(&m->state[what], &idle, ASKED);
    poke(m);
  }
  unlock();
}

void shf_registry_serve(const shf_session *session) {
  lock();
  member *m = *place_of(session);
  unlock();
  if (m) serve(m, false);
}

void shf_registry_end(const shf_session *session) {
  shf_registry_ask(SHF_ASK_END, 0);
  shf_registry_serve(session);
}

/* With the lock: whether a member is in that state of a request. */
static bool any(enum shf_ask what, enum state state) {
  for (const member *m = g.first; m; m = m->next)
    if (atomic_load(&m->state[what]) == (int)state) return true;
  return false;
}

void shf_registry_wait(enum shf_ask what, uint64_t ms) {
  uint64_t begin = uv_hrtime();
  lock();
  for (;;) {
    uint64_t now = uv_hrtime();
    uint64_t most = any(what, ANSWERING) ? LONGEST_MS : any(what, ASKED) ? ms : 0;
    uint64_t until = begin + most * NS_PER_MS;
    if (now >= until) break;
    /* a thread does not signal that it starts to answer */
    uint64_t slice = until - now < 20 * NS_PER_MS ? until - now : 20 * NS_PER_MS;
    uv_cond_timedwait(&g.changed, &g.lock, slice);
  }
  /* a snapshot that is too late is dropped */
  for (member *m = g.first; m && what == SHF_ASK_SNAPSHOT; m = m->next) {
    int asked = ASKED;
    atomic_compare_exchange_strong(&m->state[what], &asked, IDLE);
  }
  unlock();
}

bool shf_registry_main(void) {
  lock();
  const member *m = g.first;
  while (m && !m->answered) m = m->next;
  unlock();
  return m != NULL;
}
