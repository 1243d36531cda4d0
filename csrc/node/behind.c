#include "node/behind.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "core/sink.h"

/* One block is filled, one drained, and one waits for whichever is faster. */
enum { BLOCKS = 3, BLOCK_BYTES = 256 * 1024 };

typedef struct behind {
  shf_sink *next;
  uv_thread_t thread;
  bool running;
  uv_mutex_t lock;
  uv_cond_t changed;
  /* with the lock */
  uint64_t filled, drained; /* blocks so far: block n lies at n % BLOCKS */
  bool last;                /* no more will be filled */
  int code;                 /* of next; once it failed, blocks are dropped */
  /* the writer's until the block is filled, the thread's until it is drained */
  size_t used[BLOCKS];
  char bytes[BLOCKS][BLOCK_BYTES];
} behind;

static void drain_blocks(void *self) {
  behind *b = self;
  uv_mutex_lock(&b->lock);
  for (;;) {
    while (b->filled == b->drained && !b->last) uv_cond_wait(&b->changed, &b->lock);
    if (b->filled == b->drained) break;
    size_t at = b->drained % BLOCKS;
    int code = b->code;
    uv_mutex_unlock(&b->lock);
    if (!code) code = shf_sink_write(b->next, b->bytes[at], b->used[at]);
    uv_mutex_lock(&b->lock);
    b->code = code;
    b->used[at] = 0;
    b->drained++;
    uv_cond_signal(&b->changed);
  }
  uv_mutex_unlock(&b->lock);
}

/* Signals are the program's own threads'. sigprocmask works on this thread alone. */
static bool start(behind *b) {
  sigset_t all, before;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, &before);
  b->running = uv_thread_create(&b->thread, drain_blocks, b) == 0;
  sigprocmask(SIG_SETMASK, &before, NULL);
  return b->running;
}

/* Hands the block at hand over, and waits until the next one is free. */
static int hand_over(behind *b) {
  size_t at = b->filled % BLOCKS;
  if (!b->running && !start(b)) {
    int code = shf_sink_write(b->next, b->bytes[at], b->used[at]);
    b->used[at] = 0;
    return code;
  }
  uv_mutex_lock(&b->lock);
  b->filled++;
  uv_cond_signal(&b->changed);
  while (b->filled - b->drained == BLOCKS) uv_cond_wait(&b->changed, &b->lock);
  int code = b->code;
  uv_mutex_unlock(&b->lock);
  return code;
}

static int behind_drain(shf_sink *s, const char *bytes, size_t len) {
  behind *b = s->self;
  while (len) {
    size_t *used = &b->used[b->filled % BLOCKS], step = BLOCK_BYTES - *used;
    if (step > len) step = len;
    memcpy(b->bytes[b->filled % BLOCKS] + *used, bytes, step);
    *used += step;
    bytes += step;
    len -= step;
    int code = *used == BLOCK_BYTES ? hand_over(b) : SHF_OK;
    if (code) return code;
  }
  return SHF_OK;
}

/* Waits for the thread, which ends when all that was handed over is written, or dropped. */
static int stop(behind *b, int code) {
  if (!b->running) return code;
  uv_mutex_lock(&b->lock);
  if (code) b->code = code;
  b->last = true;
  uv_cond_signal(&b->changed);
  uv_mutex_unlock(&b->lock);
  uv_thread_join(&b->thread);
  b->running = false;
  return b->code;
}

static int behind_finish(shf_sink *s) {
  behind *b = s->self;
  int code = stop(b, SHF_OK);
  size_t at = b->filled % BLOCKS;
  return code ? code : shf_sink_write(b->next, b->bytes[at], b->used[at]);
}

static void behind_destroy(shf_sink *s) {
  behind *b = s->self;
  stop(b, SHF_E_ARG);
  uv_cond_destroy(&b->changed);
  uv_mutex_destroy(&b->lock);
  free(b);
}

static int init(behind *b, shf_sink *next) {
  memset(b, 0, offsetof(behind, bytes));
  b->next = next;
  if (uv_mutex_init(&b->lock) != 0) return SHF_E_NOMEM;
  if (uv_cond_init(&b->changed) == 0) return SHF_OK;
  uv_mutex_destroy(&b->lock);
  return SHF_E_NOMEM;
}

int shf_sink_behind(shf_sink *next, shf_sink **out) {
  behind *b = malloc(sizeof *b);
  if (!b || init(b, next) != SHF_OK) {
    free(b);
    return SHF_E_NOMEM;
  }
  shf_sink *s = shf__sink_new(b, behind_drain);
  if (!s) {
    uv_cond_destroy(&b->changed);
    uv_mutex_destroy(&b->lock);
    free(b);
    return SHF_E_NOMEM;
  }
  s->finish = behind_finish;
  s->destroy = behind_destroy;
  *out = s;
  return SHF_OK;
}
