#include "runtime/thread_session.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "runtime/process_memory.h"

#define EXTENSION ".shfc"
/* Of the bound on memory; and what it is where there is none. */
enum { OFFHEAP_SHARE = 4, OFFHEAP_MEMORY = 8 << 20 };

typedef struct line {
  char *key, *value;
  size_t key_len, value_len;
} line;

/* What the process and a thread's heap have in memory. */
typedef struct memory {
  shf_process_memory process; /* rss 0: not known */
  uint64_t heap, external;
} memory;

struct shf_life {
  shf_sampler *sampler;
  shf_offheap *offheap; /* NULL: not sampled */
  const char *offheap_reason;
  line *metas;
  size_t nmetas;
  uint64_t started_ms;  /* Unix time */
  uint64_t started_rss; /* bytes; 0: not known */
  char *path;           /* of the capture left behind; NULL: none wanted */
  pid_t pid;            /* whose life it is: not that of a forked copy */
  bool gc, ended;
  bool ending; /* what is in use was collected for the last capture, which is about to come */
  memory end;  /* as of then: before Node frees what addons hold, and a capture takes some */
  bool end_known;
  bool writing; /* a capture is on its way to the file */
  bool told;    /* that somebody stopped the sampling */
  bool quiet;   /* stderr is another's */
  int failed;   /* why the last one was not written: said once */
};

static uint64_t now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

shf_life *shf_life_new(void) {
  shf_life *life = calloc(1, sizeof *life);
  if (!life) return NULL;
  life->started_ms = now_ms();
  life->offheap_reason = "";
  return life;
}

void shf_life_reset(shf_life *life) {
  shf_life_stop(life);
  for (size_t i = 0; i < life->nmetas; i++) {
    free(life->metas[i].key);
    free(life->metas[i].value);
  }
  free(life->metas);
  life->metas = NULL;
  life->nmetas = 0;
  free(life->path);
  life->path = NULL;
}

void shf_life_free(shf_life *life) {
  if (!life) return;
  shf_life_reset(life);
  free(life);
}

void shf_life_quiet(shf_life *life) {
  life->quiet = true;
}

/* That it cannot be sampled is no reason not to sample the heap. */
static void start_offheap(shf_life *life, const shf_offheap_options *options) {
  int code = shf_offheap_start(options, &life->offheap, &life->offheap_reason);
  if (code && code != SHF_E_ABSENT) life->offheap_reason = shf_code_text(code);
}

int shf_life_start(shf_life *life, const shf_sampler_options *options,
                   const shf_offheap_options *offheap) {
  if (life->sampler) return SHF_E_ABSENT;
  life->started_ms = now_ms();
  shf_process_memory process;
  life->started_rss = shf_process_memory_read(&process) ? process.rss : 0;
  life->offheap_reason = "";
  shf_sampler_options heap = *options;
  if (offheap) heap.max_memory -= heap.max_memory / OFFHEAP_SHARE;
  int code = shf_sampler_start(&heap, &life->sampler);
  if (code || !offheap) return code;
  shf_offheap_options own = *offheap;
  own.max_memory = options->max_memory ? options->max_memory / OFFHEAP_SHARE : OFFHEAP_MEMORY;
  start_offheap(life, &own);
  return SHF_OK;
}

const char *shf_life_offheap_reason(const shf_life *life) {
  return life->offheap_reason;
}

void shf_life_stop(shf_life *life) {
  shf_offheap_stop(life->offheap);
  life->offheap = NULL;
  if (life->sampler) shf_sampler_stop(life->sampler);
  life->sampler = NULL;
}

shf_sampler *shf_life_sampler(const shf_life *life) {
  return life->sampler;
}

static char *copy_text(shf_str text) {
  char *copy = malloc(text.len + 1);
  if (!copy) return NULL;
  if (text.len) memcpy(copy, text.ptr, text.len);
  copy[text.len] = 0;
  return copy;
}

int shf_life_meta(shf_life *life, shf_str key, shf_str value) {
  line *grown = realloc(life->metas, (life->nmetas + 1) * sizeof *grown);
  if (!grown) return SHF_E_NOMEM;
  life->metas = grown;
  line l = {copy_text(key), copy_text(value), key.len, value.len};
  if (!l.key || !l.value) {
    free(l.key);
    free(l.value);
    return SHF_E_NOMEM;
  }
  life->metas[life->nmetas++] = l;
  return SHF_OK;
}

static int add_number(shf_capture *c, const char *key, uint64_t value) {
  char text[24];
  snprintf(text, sizeof text, "%" PRIu64, value);
  return shf_capture_meta_add(c, shf_str_of(key), shf_str_of(text));
}

/* What is missing since somebody stopped the sampling. */
static int add_stopped(const shf_life *life, const shf_snapshot *shot) {
  uint64_t stopped_ms = shf_sampler_stopped(life->sampler);
  time_t seconds = (time_t)(stopped_ms / 1000);
  struct tm utc;
  char when[32], text[160];
  if (stopped_ms == 0 || !gmtime_r(&seconds, &utc)) return SHF_OK;
  strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", &utc);
  snprintf(text, sizeof text,
           "somebody else stopped the sampling before %s: what was allocated since the checkpoint "
           "before is missing",
           when);
  return shf_capture_meta_add(shot->now, shf_str_of("limit_stopped"), shf_str_of(text));
}

/* The limits that applied: whoever reads the figures is told. */
static int add_limits(const shf_life *life, const shf_snapshot *shot) {
  const char *reason = shf_sampler_reason(life->sampler);
  int code = SHF_OK;
  if (shf_sampler_liveness(life->sampler) == SHF_LIVENESS_ONLY)
    reason = "only what is in use is known: what was collected was not counted";
  if (shot->inuse_lost) reason = "in use is not known: V8's table of samples did not agree";
  if (*reason) code = shf_capture_meta_add(shot->now, shf_str_of("limit"), shf_str_of(reason));
  if (shot->earlier_count && !code) code = add_number(shot->now, "restarts", shot->earlier_count);
  return code ? code : add_stopped(life, shot);
}

static int add_offheap(const shf_life *life, const shf_snapshot *shot) {
  const char *limit = life->offheap ? shf_offheap_limit(life->offheap) : life->offheap_reason;
  int code = SHF_OK;
  if (*limit)
    code = shf_capture_meta_add(shot->now, shf_str_of("limit_offheap"), shf_str_of(limit));
  if (code || !life->offheap) return code;
  code = add_number(shot->now, "array_buffers_bytes", shf_offheap_total(life->offheap));
  uint64_t before = shf_offheap_before(life->offheap);
  return code ? code : add_number(shot->now, "array_buffers_before_bytes", before);
}

static memory memory_now(void) {
  memory now = {.process = {0, 0, 0}};
  if (!shf_process_memory_read(&now.process)) now.process.rss = 0;
  shf_sampler_memory(&now.heap, &now.external);
  return now;
}

static int add_memory(const shf_life *life, const memory *now, shf_capture *to) {
  const shf_process_memory *process = &now->process;
  int code = add_number(to, "heap_bytes", now->heap);
  if (!code) code = add_number(to, "external_bytes", now->external);
  if (code || !process->rss) return code;
  code = add_number(to, "rss_bytes", process->rss);
  if (!code && life->started_rss) code = add_number(to, "rss_start_bytes", life->started_rss);
  if (!code) code = add_number(to, "rss_peak_bytes", process->peak);
  return code ? code : add_number(to, "rss_files_bytes", process->files);
}

static int add_metas(const shf_life *life, const shf_snapshot *shot, const memory *now,
                     const shf_str *extra, size_t extras) {
  int code = add_limits(life, shot);
  if (!code) code = add_offheap(life, shot);
  if (!code) code = add_memory(life, now, shot->now);
  for (size_t i = 0; i < life->nmetas && !code; i++) {
    const line *l = &life->metas[i];
    code = shf_capture_meta_add(shot->now, (shf_str){l->key, l->key_len},
                                (shf_str){l->value, l->value_len});
  }
  for (size_t i = 0; i + 1 < extras && !code; i += 2)
    code = shf_capture_meta_add(shot->now, extra[i], extra[i + 1]);
  uint64_t time = now_ms();
  uint64_t duration = time > life->started_ms ? time - life->started_ms : 0;
  uint64_t allocated = shf_sampler_allocated(life->sampler);
  if (!code && allocated) code = add_number(shot->now, "heap_allocated_bytes", allocated);
  if (!code) code = add_number(shot->now, "time_ms", time);
  if (!code) code = add_number(shot->now, "duration_ms", duration);
  if (!code) code = add_number(shot->now, "pause_gc_us", shot->gc_us);
  if (!code) code = add_number(shot->now, "pause_get_us", shot->get_us);
  return code ? code : add_number(shot->now, "pause_copy_us", shot->copy_us);
}

/* The off-heap segment is the last: what is left out of all stacks is told before it. */
static int hand_out(const shf_snapshot *shot, const shf_capture *offheap,
                    const shf_life_sink *sink) {
  uint64_t length = shf_capture_length(shot->now);
  if (offheap) length += shf_capture_length(offheap);
  for (uint32_t i = 0; i < shot->earlier_count; i++) length += shf_capture_length(shot->earlier[i]);
  int code = sink->begin ? sink->begin(sink->self, length) : SHF_OK;
  for (uint32_t i = 0; i < shot->earlier_count && !code; i++)
    code = shf_capture_emit(shot->earlier[i], sink->put, sink->self);
  if (!code) code = shf_capture_emit(shot->now, sink->put, sink->self);
  return code || !offheap ? code : shf_capture_emit(offheap, sink->put, sink->self);
}

int shf_life_capture(shf_life *life, const shf_str *extra, size_t extras, const shf_life_sink *sink,
                     void **rest) {
  *rest = NULL;
  if (!life->sampler) return SHF_E_ABSENT;
  const memory now = life->end_known ? life->end : memory_now();
  shf_snapshot shot;
  int code = shf_sampler_capture(life->sampler, &shot);
  if (code) return code;
  shf_capture *offheap = NULL;
  code = add_metas(life, &shot, &now, extra, extras);
  if (!code && life->offheap) code = shf_offheap_capture(life->offheap, shot.collected, &offheap);
  if (!code) code = hand_out(&shot, offheap, sink);
  shf_capture_free(offheap);
  shf_sampler_keep(life->sampler, shot.now);
  *rest = shot.rest;
  return code;
}

int shf_life_leave(shf_life *life, shf_str dir, uint32_t thread, bool gc) {
  size_t room = dir.len + 96;
  char *path = malloc(room);
  if (!path) return SHF_E_NOMEM;
  if (dir.len) memcpy(path, dir.ptr, dir.len);
  life->pid = getpid();
  snprintf(path + dir.len, room - dir.len, "/%ld-%" PRIu64 "-%" PRIu32 EXTENSION, (long)life->pid,
           life->started_ms, thread);
  free(life->path);
  life->path = path;
  life->gc = gc;
  life->ended = life->ending = life->end_known = false;
  return SHF_OK;
}

/* What is written, and the errno of what failed of it: later calls have others. */
typedef struct file {
  int fd, sys;
} file;

static int failed(file *f) {
  f->sys = errno;
  return SHF_E_IO;
}

static int put_file(void *self, const void *bytes, size_t len) {
  file *f = self;
  const char *at = bytes;
  while (len) {
    ssize_t n = write(f->fd, at, len);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failed(f);
    at += n;
    len -= (size_t)n;
  }
  return SHF_OK;
}

/* Its name is the capture's with the number in front of the extension. */
static int keep_numbered(const shf_life *life, file *f, const char *temporary, uint32_t number) {
  size_t room = strlen(life->path) + 16, stem = strlen(life->path) - strlen(EXTENSION);
  char *numbered = malloc(room);
  if (!numbered) return SHF_E_NOMEM;
  snprintf(numbered, room, "%.*s.%" PRIu32 EXTENSION, (int)stem, life->path, number);
  int code = SHF_OK;
  /* where a file cannot have two names, it has the numbered one */
  if (link(temporary, numbered) != 0 && rename(temporary, numbered) != 0) code = failed(f);
  free(numbered);
  return code;
}

/* Written under another name first: a reader sees a whole capture or none. */
static int write_capture(shf_life *life, file *f, const char *state, uint32_t number,
                         const char *temporary) {
  f->fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (f->fd < 0) return failed(f);
  shf_life_sink sink = {NULL, put_file, f};
  shf_str extra[2] = {shf_str_of("state"), shf_str_of(state)};
  void *rest;
  int code = shf_life_capture(life, extra, 2, &sink, &rest);
  shf_sampler_discard(rest);
  if (close(f->fd) != 0 && !code) code = failed(f);
  if (!code && number) code = keep_numbered(life, f, temporary, number);
  if (!code && rename(temporary, life->path) != 0 && !(number && errno == ENOENT)) code = failed(f);
  return code;
}

/* @param sys errno of what failed, where it was a file */
static void complain(const shf_life *life, int code, int sys) {
  const char *why = code == SHF_E_IO ? strerror(sys) : shf_code_text(code);
  char text[512];
  int n =
      snprintf(text, sizeof text, "shap-flame: no profile of process %ld, cannot write %s: %s\n",
               (long)life->pid, life->path, why);
  if (n > (int)sizeof text - 1) n = (int)sizeof text - 1;
  if (n > 0 && write(2, text, (size_t)n) < 0) return;
}

static void tell_stopped(shf_life *life) {
  char text[128];
  if (life->told || shf_sampler_stopped(life->sampler) == 0) return;
  life->told = true;
  int n =
      snprintf(text, sizeof text,
               "shap-flame: process %ld: somebody else stopped the sampling; what was allocated "
               "meanwhile is missing\n",
               (long)life->pid);
  if (n > 0 && write(2, text, (size_t)n) < 0) return;
}

/* @param number of a snapshot; 0: none is kept */
static int leave_capture(shf_life *life, const char *state, uint32_t number) {
  size_t room = strlen(life->path) + 2;
  char *temporary = malloc(room);
  int code = SHF_E_NOMEM;
  file f = {-1, 0};
  life->writing = true;
  if (temporary) {
    snprintf(temporary, room, "%s~", life->path);
    code = write_capture(life, &f, state, number, temporary);
  }
  if (code && code != life->failed && !life->quiet) complain(life, code, f.sys);
  if (!life->quiet) tell_stopped(life);
  if (code && temporary) unlink(temporary);
  life->failed = code;
  free(temporary);
  life->writing = false;
  return code;
}

/* Writing allocates, so that the heap's limit may be met amid it: never twice at once. */
static bool may_write(const shf_life *life) {
  return !life->ended && !life->writing && life->path && life->sampler && getpid() == life->pid;
}

static bool may_collect(const shf_life *life) {
  return life->gc && life->sampler && !life->ended && getpid() == life->pid;
}

static void note_end(shf_life *life) {
  life->end = memory_now();
  life->end_known = true;
}

static void collect_all(shf_life *life) {
  if (!may_collect(life)) return;
  /* a collection takes its time, and who waits for this process's end may end it amid that */
  bool captured = may_write(life) && leave_capture(life, "ended", 0) == SHF_OK;
  life->ending = true;
  shf_sampler_collect(life->sampler, captured);
}

void shf_life_collect(shf_life *life) {
  collect_all(life);
  note_end(life);
}

void shf_life_collect_small(shf_life *life) {
  if (may_collect(life)) {
    life->ending = true;
    shf_sampler_collect_small(life->sampler);
  }
  note_end(life);
}

void shf_life_end(shf_life *life, const char *state) {
  if (!may_write(life)) return;
  leave_capture(life, state, 0);
  life->ended = true;
}

int shf_life_checkpoint(shf_life *life, const char *state) {
  return may_write(life) ? leave_capture(life, state, 0) : SHF_E_ABSENT;
}

void shf_life_snapshot(shf_life *life, uint32_t number) {
  if (!may_write(life)) return;
  leave_capture(life, shf_sampler_below_limit(life->sampler) ? "running" : "heap limit", number);
}

void shf_life_tick(shf_life *life) {
  if (!life->ending) shf_life_snapshot(life, 0);
}

const char *shf_life_path(const shf_life *life) {
  return life->path;
}
