#include "runtime/thread_session.h"

#include <assert.h>
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
/* Off-heap sampling gets a quarter of the memory limit; OFFHEAP_MEMORY bytes without a limit. */
enum { OFFHEAP_SHARE = 4, OFFHEAP_MEMORY = 8 << 20 };

typedef struct meta_line {
  char *key, *value;
  size_t key_len, value_len;
} meta_line;

/* Memory of the process and of a thread's heap. */
typedef struct memory {
  shf_process_memory process; /* rss 0: not known */
  uint64_t heap, external;
} memory;

struct shf_session {
  shf_sampler *sampler;
  shf_offheap *offheap; /* NULL: not sampled */
  const char *offheap_reason;
  enum shf_types_of types;
  meta_line *metas;
  size_t nmetas;
  uint64_t started_ms;  /* Unix time */
  uint64_t started_rss; /* bytes; 0: not known */
  char *path;           /* of the capture; NULL: exit capture is disabled */
  pid_t pid;            /* a forked copy of the process writes nothing */
  bool gc, wrote_last;
  bool ending; /* garbage was collected for the last capture, which comes next */
  memory end;  /* at that time, before Node frees the memory of addons and a capture allocates */
  bool end_known;
  bool writing;     /* a capture is being written */
  bool warned;      /* that other code stopped sampling */
  bool no_warnings; /* stderr belongs to the app */
  int failed;       /* error of the last write: reported once */
};

static uint64_t now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

shf_session *shf_session_new(void) {
  shf_session *session = calloc(1, sizeof *session);
  if (!session) return NULL;
  session->started_ms = now_ms();
  session->offheap_reason = "";
  return session;
}

void shf_session_reset(shf_session *session) {
  shf_session_stop(session);
  for (size_t i = 0; i < session->nmetas; i++) {
    free(session->metas[i].key);
    free(session->metas[i].value);
  }
  free(session->metas);
  session->metas = NULL;
  session->nmetas = 0;
  free(session->path);
  session->path = NULL;
}

void shf_session_free(shf_session *session) {
  if (!session) return;
  shf_session_reset(session);
  free(session);
}

void shf_session_suppress_warnings(shf_session *session) {
  session->no_warnings = true;
}

/* The heap is sampled even if this fails. */
static void start_offheap(shf_session *session, const shf_offheap_options *options) {
  int code = shf_offheap_start(options, &session->offheap, &session->offheap_reason);
  if (code && code != SHF_E_ABSENT) session->offheap_reason = shf_code_text(code);
}

int shf_session_start(shf_session *session, const shf_sampler_options *options,
                      const shf_offheap_options *offheap) {
  if (session->sampler) return SHF_E_ABSENT;
  session->started_ms = now_ms();
  shf_process_memory process;
  session->started_rss = shf_process_memory_read(&process) ? process.rss : 0;
  session->offheap_reason = "";
  shf_sampler_options heap = *options;
  if (offheap) heap.max_memory -= heap.max_memory / OFFHEAP_SHARE;
  int code = shf_sampler_start(&heap, &session->sampler);
  if (code || !offheap) return code;
  shf_offheap_options own = *offheap;
  own.heap = session->sampler;
  own.max_memory = options->max_memory ? options->max_memory / OFFHEAP_SHARE : OFFHEAP_MEMORY;
  start_offheap(session, &own);
  return SHF_OK;
}

const char *shf_session_offheap_reason(const shf_session *session) {
  return session->offheap_reason;
}

void shf_session_stop(shf_session *session) {
  shf_offheap_stop(session->offheap);
  session->offheap = NULL;
  if (session->sampler) shf_sampler_stop(session->sampler);
  session->sampler = NULL;
}

shf_sampler *shf_session_sampler(const shf_session *session) {
  return session->sampler;
}

static char *copy_text(shf_str text) {
  char *copy = malloc(text.len + 1);
  if (!copy) return NULL;
  if (text.len) memcpy(copy, text.ptr, text.len);
  copy[text.len] = 0;
  return copy;
}

int shf_session_add_meta(shf_session *session, shf_str key, shf_str value) {
  meta_line *grown = realloc(session->metas, (session->nmetas + 1) * sizeof *grown);
  if (!grown) return SHF_E_NOMEM;
  session->metas = grown;
  meta_line l = {copy_text(key), copy_text(value), key.len, value.len};
  if (!l.key || !l.value) {
    free(l.key);
    free(l.value);
    return SHF_E_NOMEM;
  }
  session->metas[session->nmetas++] = l;
  return SHF_OK;
}

static int add_number(shf_capture *c, const char *key, uint64_t value) {
  char text[24];
  snprintf(text, sizeof text, "%" PRIu64, value);
  return shf_capture_meta_add(c, shf_str_of(key), shf_str_of(text));
}

/* Says what is missing because other code stopped sampling. */
static int add_stopped(const shf_session *session, const shf_snapshot *shot) {
  uint64_t stopped_ms = shf_sampler_stopped(session->sampler);
  time_t seconds = (time_t)(stopped_ms / 1000);
  struct tm utc;
  char when[32], text[160];
  if (stopped_ms == 0 || !gmtime_r(&seconds, &utc)) return SHF_OK;
  strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", &utc);
  snprintf(text, sizeof text,
           "sampling was stopped by other code before %s; allocations since the last checkpoint "
           "are missing",
           when);
  return shf_capture_meta_add(shot->now, shf_str_of("limit_stopped"), shf_str_of(text));
}

/* The limits of this capture, for the reader of the profile. */
static int add_limits(const shf_session *session, const shf_snapshot *shot) {
  const char *reason = shf_sampler_reason(session->sampler);
  int code = SHF_OK;
  if (shf_sampler_liveness(session->sampler) == SHF_LIVENESS_ONLY)
    reason = "only memory in use is known: collected blocks were not counted";
  if (shot->inuse_lost) reason = "memory in use is not known: V8's table of samples did not agree";
  if (*reason) code = shf_capture_meta_add(shot->now, shf_str_of("limit"), shf_str_of(reason));
  const char *lines = shf_sampler_lines_limit(session->sampler);
  if (*lines && !code)
    code = shf_capture_meta_add(shot->now, shf_str_of("lines"), shf_str_of(lines));
  const char *labels = shf_sampler_labels_limit(session->sampler);
  if (*labels && !code)
    code = shf_capture_meta_add(shot->now, shf_str_of("limit_labels"), shf_str_of(labels));
  const char *types = shf_sampler_types_limit(session->sampler);
  if (*types && !code)
    code = shf_capture_meta_add(shot->now, shf_str_of("limit_types"), shf_str_of(types));
  if (shot->earlier_count && !code) code = add_number(shot->now, "restarts", shot->earlier_count);
  return code ? code : add_stopped(session, shot);
}

static int add_offheap(const shf_session *session, const shf_snapshot *shot) {
  const char *limit =
      session->offheap ? shf_offheap_limit(session->offheap) : session->offheap_reason;
  int code = SHF_OK;
  if (*limit)
    code = shf_capture_meta_add(shot->now, shf_str_of("limit_offheap"), shf_str_of(limit));
  if (code || !session->offheap) return code;
  code = add_number(shot->now, "array_buffers_bytes", shf_offheap_total(session->offheap));
  uint64_t before = shf_offheap_before(session->offheap);
  return code ? code : add_number(shot->now, "array_buffers_before_bytes", before);
}

static memory memory_now(void) {
  memory now = {.process = {0, 0, 0}};
  if (!shf_process_memory_read(&now.process)) now.process.rss = 0;
  shf_sampler_memory(&now.heap, &now.external);
  return now;
}

static int add_memory(const shf_session *session, const memory *now, shf_capture *to) {
  const shf_process_memory *process = &now->process;
  int code = add_number(to, "heap_bytes", now->heap);
  if (!code) code = add_number(to, "external_bytes", now->external);
  if (code || !process->rss) return code;
  code = add_number(to, "rss_bytes", process->rss);
  if (!code && session->started_rss) code = add_number(to, "rss_start_bytes", session->started_rss);
  if (!code) code = add_number(to, "rss_peak_bytes", process->peak);
  return code ? code : add_number(to, "rss_files_bytes", process->files);
}

static int add_metas(const shf_session *session, const shf_snapshot *shot, const memory *now,
                     const shf_str *extra, size_t extras) {
  int code = add_limits(session, shot);
  if (!code) code = add_offheap(session, shot);
  if (!code) code = add_memory(session, now, shot->now);
  for (size_t i = 0; i < session->nmetas && !code; i++) {
    const meta_line *l = &session->metas[i];
    code = shf_capture_meta_add(shot->now, (shf_str){l->key, l->key_len},
                                (shf_str){l->value, l->value_len});
  }
  for (size_t i = 0; i + 1 < extras && !code; i += 2)
    code = shf_capture_meta_add(shot->now, extra[i], extra[i + 1]);
  uint64_t time = now_ms();
  uint64_t duration = time > session->started_ms ? time - session->started_ms : 0;
  uint64_t allocated = shf_sampler_allocated(session->sampler);
  if (!code && allocated) code = add_number(shot->now, "heap_allocated_bytes", allocated);
  if (!code && !shot->collected)
    code =
        add_number(shot->now, SHF_META_UNCOLLECTED, shf_sampler_uncollected_ms(session->sampler));
  if (!code) code = add_number(shot->now, "time_ms", time);
  if (!code) code = add_number(shot->now, "duration_ms", duration);
  if (!code) code = add_number(shot->now, "pause_gc_us", shot->gc_us);
  if (!code) code = add_number(shot->now, "pause_get_us", shot->get_us);
  if (!code) code = add_number(shot->now, "pause_copy_us", shot->copy_us);
  uint64_t lines_us = shf_sampler_lines_us(session->sampler);
  return code || !lines_us ? code : add_number(shot->now, "pause_lines_us", lines_us);
}

/* The off-heap segment comes last. */
static int emit_segments(const shf_snapshot *shot, const shf_capture *offheap,
                         const shf_session_sink *sink) {
  uint64_t length = shf_capture_length(shot->now);
  if (offheap) length += shf_capture_length(offheap);
  for (uint32_t i = 0; i < shot->earlier_count; i++) length += shf_capture_length(shot->earlier[i]);
  int code = sink->begin ? sink->begin(sink->self, length) : SHF_OK;
  for (uint32_t i = 0; i < shot->earlier_count && !code; i++)
    code = shf_capture_emit(shot->earlier[i], sink->put, sink->self);
  if (!code) code = shf_capture_emit(shot->now, sink->put, sink->self);
  return code || !offheap ? code : shf_capture_emit(offheap, sink->put, sink->self);
}

void shf_session_types(shf_session *session, enum shf_types_of of) {
  session->types = of;
}

int shf_session_capture(shf_session *session, bool types, const shf_str *extra, size_t extras,
                        const shf_session_sink *sink, void **unfreed_v8_profile) {
  *unfreed_v8_profile = NULL;
  if (!session->sampler) return SHF_E_ABSENT;
  const memory now = session->end_known ? session->end : memory_now();
  shf_snapshot shot;
  int code = shf_sampler_capture(session->sampler, types, &shot);
  if (code) return code;
  shf_capture *offheap = NULL;
  code = add_metas(session, &shot, &now, extra, extras);
  if (!code && session->offheap)
    code = shf_offheap_capture(session->offheap, shot.collected, types, &offheap);
  if (!code) code = emit_segments(&shot, offheap, sink);
  shf_capture_free(offheap);
  shf_sampler_retain_last(session->sampler, shot.now);
  *unfreed_v8_profile = shot.unfreed_v8_profile;
  return code;
}

int shf_session_enable_exit_capture(shf_session *session, shf_str dir, uint32_t thread, bool gc) {
  size_t capacity = dir.len + 96;
  char *path = malloc(capacity);
  if (!path) return SHF_E_NOMEM;
  if (dir.len) memcpy(path, dir.ptr, dir.len);
  session->pid = getpid();
  snprintf(path + dir.len, capacity - dir.len, "/%ld-%" PRIu64 "-%" PRIu32 EXTENSION,
           (long)session->pid, session->started_ms, thread);
  free(session->path);
  session->path = path;
  session->gc = gc;
  session->wrote_last = session->ending = session->end_known = false;
  return SHF_OK;
}

/* A file being written, and the errno of the first failure. */
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

/* Adds the name with the number before the extension. */
static int link_numbered(const shf_session *session, file *f, const char *temporary,
                         uint32_t number) {
  size_t capacity = strlen(session->path) + 16, stem = strlen(session->path) - strlen(EXTENSION);
  char *numbered = malloc(capacity);
  if (!numbered) return SHF_E_NOMEM;
  snprintf(numbered, capacity, "%.*s.%" PRIu32 EXTENSION, (int)stem, session->path, number);
  int code = SHF_OK;
  /* without hard links the file gets only the numbered name */
  if (link(temporary, numbered) != 0 && rename(temporary, numbered) != 0) code = failed(f);
  free(numbered);
  return code;
}

/* Writes under a temporary name first: a reader sees a whole capture or none. */
static int write_capture(shf_session *session, file *f, const char *state, uint32_t number,
                         const char *temporary) {
  f->fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (f->fd < 0) return failed(f);
  shf_session_sink sink = {NULL, put_file, f};
  shf_str extra[2] = {shf_str_of("state"), shf_str_of(state)};
  void *unfreed_v8_profile;
  bool types =
      session->types == SHF_TYPES_OF_ALL || (number && session->types == SHF_TYPES_OF_SNAPSHOTS);
  int code = shf_session_capture(session, types, extra, 2, &sink, &unfreed_v8_profile);
  shf_sampler_free_v8_profile(unfreed_v8_profile);
  if (close(f->fd) != 0 && !code) code = failed(f);
  if (!code && number) code = link_numbered(session, f, temporary, number);
  if (!code && rename(temporary, session->path) != 0 && !(number && errno == ENOENT))
    code = failed(f);
  return code;
}

/* @param sys errno, for SHF_E_IO */
static void warn_not_written(const shf_session *session, int code, int sys) {
  const char *why = code == SHF_E_IO ? strerror(sys) : shf_code_text(code);
  char text[512];
  int n =
      snprintf(text, sizeof text, "shap-flame: no profile of process %ld, cannot write %s: %s\n",
               (long)session->pid, session->path, why);
  if (n > (int)sizeof text - 1) n = (int)sizeof text - 1;
  if (n > 0 && write(2, text, (size_t)n) < 0) return;
}

static void warn_stopped(shf_session *session) {
  char text[160];
  if (session->warned || shf_sampler_stopped(session->sampler) == 0) return;
  session->warned = true;
  int n =
      snprintf(text, sizeof text,
               "shap-flame: process %ld: sampling was stopped by other code; allocations since the "
               "last checkpoint are missing\n",
               (long)session->pid);
  if (n > 0 && write(2, text, (size_t)n) < 0) return;
}

/* @param number of a snapshot; 0: none */
static int save_capture(shf_session *session, const char *state, uint32_t number) {
  size_t capacity = strlen(session->path) + 2;
  char *temporary = malloc(capacity);
  int code = SHF_E_NOMEM;
  file f = {-1, 0};
  assert(!session->writing);
  session->writing = true;
  if (temporary) {
    snprintf(temporary, capacity, "%s~", session->path);
    code = write_capture(session, &f, state, number, temporary);
  }
  if (code && code != session->failed && !session->no_warnings)
    warn_not_written(session, code, f.sys);
  if (!session->no_warnings) warn_stopped(session);
  if (code && temporary) unlink(temporary);
  session->failed = code;
  free(temporary);
  session->writing = false;
  return code;
}

/* Writing allocates and may hit the heap limit, which writes a capture: do not nest. */
static bool may_write(const shf_session *session) {
  return !session->wrote_last && !session->writing && session->path && session->sampler &&
         getpid() == session->pid;
}

static bool may_collect(const shf_session *session) {
  return session->gc && session->sampler && !session->wrote_last && getpid() == session->pid;
}

static void record_memory(shf_session *session) {
  session->end = memory_now();
  session->end_known = true;
}

static void collect_main(shf_session *session) {
  if (!may_collect(session)) return;
  /* the process may be killed during the collection */
  bool captured = may_write(session) && save_capture(session, "ended", 0) == SHF_OK;
  session->ending = true;
  shf_sampler_collect(session->sampler, captured);
}

void shf_session_collect(shf_session *session) {
  collect_main(session);
  record_memory(session);
}

void shf_session_collect_small(shf_session *session) {
  if (may_collect(session)) {
    session->ending = true;
    shf_sampler_collect_small(session->sampler);
  }
  record_memory(session);
}

void shf_session_write_last(shf_session *session, const char *state) {
  if (!may_write(session)) return;
  save_capture(session, state, 0);
  session->wrote_last = true;
}

int shf_session_write(shf_session *session, const char *state) {
  return may_write(session) ? save_capture(session, state, 0) : SHF_E_ABSENT;
}

void shf_session_write_signalled(shf_session *session) {
  int code = shf_session_write(session, "signal");
  if (!code && may_collect(session) && shf_sampler_collect_long_run(session->sampler))
    shf_session_write(session, "signal");
}

void shf_session_snapshot(shf_session *session, uint32_t number) {
  if (!may_write(session)) return;
  save_capture(session, shf_sampler_below_limit(session->sampler) ? "running" : "heap limit",
               number);
}

void shf_session_checkpoint(shf_session *session) {
  if (!session->ending) shf_session_snapshot(session, 0);
}

const char *shf_session_path(const shf_session *session) {
  return session->path;
}
