/* Promises of profiles: from captures, and from other profiles. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture/capture.h"
#include "core/file_stat.h"
#include "node/async_work.h"
#include "node/core_binding.h"

/* ---- captures */

static int run_capture(shf_job *job) {
  return shf_profile_from_capture(job->bytes, job->len, &job->profile, &job->error);
}

napi_value shf_js_from_capture(napi_env env, napi_callback_info info) {
  napi_value argv[1];
  shf_js_args(env, info, argv, 1);
  size_t len;
  unsigned char *bytes = shf_js_copy(env, argv[0], &len);
  if (!bytes) return shf_js_throw(env, "SHF_E_ARG", "a capture is a Buffer");
  shf_job *job = calloc(1, sizeof *job);
  if (!job) {
    free(bytes);
    return shf_js_throw_code(env, SHF_E_NOMEM, NULL);
  }
  job->run = run_capture;
  job->result = shf_job_profile;
  job->bytes = bytes;
  job->len = len;
  return shf_job_start(env, job, NULL);
}

/* Maximum size of a capture file. */
enum { MAX_CAPTURE_BYTES = 1 << 30 };

static int read_failed(shf_job *job, int fd, char *bytes) {
  if (!job->error.message) job->error = (shf_error){.message = "cannot be read", .sys = errno};
  if (fd >= 0) close(fd);
  free(bytes);
  return SHF_E_IO;
}

static int not_a_capture(shf_job *job, int fd, const char *message) {
  close(fd);
  job->error = (shf_error){.message = message};
  return SHF_E_FORMAT;
}

/* Reads only a few bytes of a file that is not a capture. */
static bool begins_as_capture(int fd) {
  char magic[sizeof SHF_CAPTURE_MAGIC - 1];
  return pread(fd, magic, sizeof magic, 0) == (ssize_t)sizeof magic &&
         memcmp(magic, SHF_CAPTURE_MAGIC, sizeof magic) == 0;
}

static int read_file(shf_job *job, char **out, size_t *len) {
  int fd = shf__file_open_untrusted(job->path, &job->error.message);
  off_t end = fd < 0 ? -1 : lseek(fd, 0, SEEK_END);
  if (end < 0 || lseek(fd, 0, SEEK_SET) != 0) return read_failed(job, fd, NULL);
  if (end >= (off_t)sizeof(shf_capture_header) && !begins_as_capture(fd))
    return not_a_capture(job, fd, "not a capture");
  if (end > MAX_CAPTURE_BYTES) return not_a_capture(job, fd, "larger than a capture can be");
  size_t size = (size_t)end, at = 0;
  char *bytes = malloc(size ? size : 1);
  if (!bytes) {
    close(fd);
    return SHF_E_NOMEM;
  }
  while (at < size) {
    ssize_t n = read(fd, bytes + at, size - at);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return read_failed(job, fd, bytes);
    if (n == 0) break;
    at += (size_t)n;
  }
  close(fd);
  *out = bytes;
  *len = at;
  return SHF_OK;
}

static int run_capture_file(shf_job *job) {
  char *bytes = NULL;
  size_t len = 0;
  int code = read_file(job, &bytes, &len);
  if (code) return code;
  code = shf_profile_from_capture(bytes, len, &job->profile, &job->error);
  free(bytes);
  return code;
}

napi_value shf_js_from_capture_file(napi_env env, napi_callback_info info) {
  napi_value argv[1];
  shf_js_args(env, info, argv, 1);
  char *path = shf_js_string(env, argv[0], NULL);
  if (!path) return shf_js_throw(env, "SHF_E_ARG", "a path is a string");
  shf_job *job = calloc(1, sizeof *job);
  if (!job) {
    free(path);
    return shf_js_throw_code(env, SHF_E_NOMEM, NULL);
  }
  job->run = run_capture_file;
  job->result = shf_job_profile;
  job->path = path;
  return shf_job_start(env, job, NULL);
}

/* ---- merge */

typedef struct merge_job {
  shf_job job;
  shf_merge_input *inputs; /* roots are owned */
  bool runs;               /* of one program, kept apart */
} merge_job;

static int merge_runs(merge_job *m, shf_profile **out) {
  /* rows are pointers: NOLINTNEXTLINE(bugprone-sizeof-expression) */
  const shf_profile **runs = malloc(((size_t)m->job.nhandles + 1) * sizeof *runs);
  if (!runs) return SHF_E_NOMEM;
  for (uint32_t i = 0; i < m->job.nhandles; i++) runs[i] = m->inputs[i].profile;
  int code = shf_profile_merge_runs(runs, m->job.nhandles, out);
  free(runs);
  return code;
}

static int run_merge(shf_job *job) {
  merge_job *m = (merge_job *)job;
  if (m->runs) return merge_runs(m, &job->profile);
  return shf_profile_merge(m->inputs, job->nhandles, &job->profile);
}

static void destroy_merge(shf_job *job) {
  merge_job *m = (merge_job *)job;
  for (uint32_t i = 0; m->inputs && i < job->nhandles; i++) free((void *)m->inputs[i].root.ptr);
  free(m->inputs);
  free(m);
}

/* @return whether all inputs are profiles; else an exception is pending */
static bool read_inputs(napi_env env, napi_value array, merge_job *m) {
  bool all = true;
  for (uint32_t i = 0; i < m->job.nhandles && all; i++) {
    napi_value input = NULL;
    napi_handle_scope scope = shf_js_open(env);
    shf_js_ok(napi_get_element(env, array, i, &input));
    shf_handle *h = shf_handle_until(env, shf_js_get(env, input, "profile"), SHF_CONSUMED);
    all = h != NULL;
    m->job.handles[i] = h;
    m->inputs[i].profile = h ? h->profile : NULL;
    m->inputs[i].root.ptr = shf_js_string_of(env, input, "root", &m->inputs[i].root.len);
    shf_js_close(env, scope);
  }
  return all;
}

/* consume(profile): does nothing to a profile that a job uses */
napi_value shf_js_consume(napi_env env, napi_callback_info info) {
  napi_value argv[1];
  shf_js_args(env, info, argv, 1);
  shf_handle *h = shf_handle_of(env, argv[0]);
  if (!h || h->users > 0) return NULL;
  shf_profile_consume(h->profile);
  h->use = SHF_CONSUMED;
  return NULL;
}

/* merge(inputs, runs) */
napi_value shf_js_merge(napi_env env, napi_callback_info info) {
  napi_value argv[2];
  bool array = false;
  uint32_t count = 0;
  shf_js_args(env, info, argv, 2);
  if (argv[0]) shf_js_ok(napi_is_array(env, argv[0], &array));
  if (!array) return shf_js_throw(env, "SHF_E_ARG", "merge takes an array");
  if (!shf_js_ok(napi_get_array_length(env, argv[0], &count))) return NULL;
  merge_job *m = calloc(1, sizeof *m);
  if (m) m->inputs = calloc((size_t)count + 1, sizeof *m->inputs);
  if (!m || !m->inputs || !shf_job_handles(&m->job, count)) {
    if (m) destroy_merge(&m->job);
    return shf_js_throw_code(env, SHF_E_NOMEM, NULL);
  }
  m->job.run = run_merge;
  m->job.result = shf_job_profile;
  m->job.destroy = destroy_merge;
  if (shf_js_is(env, argv[1], napi_boolean)) shf_js_ok(napi_get_value_bool(env, argv[1], &m->runs));
  if (!read_inputs(env, argv[0], m)) {
    free(m->job.handles);
    destroy_merge(&m->job);
    return NULL;
  }
  return shf_job_start(env, &m->job, argv[0]);
}

/* ---- group, filter, prune */

enum { FOCUS, IGNORE, HIDE, LABELS, MASKS };

typedef struct change_job {
  shf_job job;
  enum shf_group by;
  uint8_t *masks[MASKS]; /* a byte for each frame, or set of labels; NULL: none */
  shf_type type;
  double percent;
  int64_t older_than;
} change_job;

static void destroy_change(shf_job *job) {
  change_job *c = (change_job *)job;
  for (int i = 0; i < MASKS; i++) free(c->masks[i]);
  free(c);
}

static change_job *change_new(napi_env env, napi_value value, int (*run)(shf_job *)) {
  shf_handle *h = shf_handle_of(env, value);
  if (!h) return NULL;
  change_job *c = calloc(1, sizeof *c);
  if (!c || !shf_job_handles(&c->job, 1)) {
    free(c);
    shf_js_throw_code(env, SHF_E_NOMEM, NULL);
    return NULL;
  }
  c->job.handles[0] = h;
  c->job.run = run;
  c->job.result = shf_job_profile;
  c->job.destroy = destroy_change;
  return c;
}

static void change_drop(change_job *c) {
  free(c->job.handles);
  destroy_change(&c->job);
}

static const shf_profile *changed(const shf_job *job) {
  return job->handles[0]->profile;
}

static int run_group(shf_job *job) {
  return shf_profile_group(changed(job), ((change_job *)job)->by, &job->profile);
}

static int run_filter(shf_job *job) {
  const change_job *c = (const change_job *)job;
  const shf_filter filter = {.focus = c->masks[FOCUS],
                             .ignore = c->masks[IGNORE],
                             .hide = c->masks[HIDE],
                             .labels = c->masks[LABELS],
                             .older_than = c->older_than};
  return shf_profile_filter(changed(job), &filter, &job->profile);
}

static int run_prune(shf_job *job) {
  const change_job *c = (change_job *)job;
  return shf_profile_prune(changed(job), c->type, c->percent, &job->profile);
}

enum { GROUPS = SHF_BY_PACKAGE + 1 };

napi_value shf_js_group(napi_env env, napi_callback_info info) {
  static const char *const names[GROUPS] = {"line", "function", "file", "package"};
  napi_value argv[2];
  shf_js_args(env, info, argv, 2);
  char *by = shf_js_string(env, argv[1], NULL);
  uint32_t found = 0;
  while (by && found < GROUPS && strcmp(by, names[found]) != 0) found++;
  bool known = by && found < GROUPS;
  free(by);
  if (!known) return shf_js_throw(env, "SHF_E_ARG", "group by line, function, file or package");
  change_job *c = change_new(env, argv[0], run_group);
  if (!c) return NULL;
  c->by = (enum shf_group)found;
  return shf_job_start(env, &c->job, argv[0]);
}

/* A mask of one byte for each row, or NULL. @return whether its length is right */
static bool read_mask(napi_env env, napi_value masks, const char *name, uint32_t rows,
                      uint8_t **out) {
  size_t len = 0;
  *out = shf_js_copy(env, shf_js_get(env, masks, name), &len);
  return !*out || len >= rows;
}

napi_value shf_js_filter(napi_env env, napi_callback_info info) {
  napi_value argv[2];
  shf_js_args(env, info, argv, 2);
  change_job *c = change_new(env, argv[0], run_filter);
  if (!c) return NULL;
  c->older_than = (int64_t)shf_js_number_of(env, argv[1], "olderThan", 0);
  uint32_t frames = shf_profile_frames(changed(&c->job));
  uint32_t sets = shf_profile_label_sets(changed(&c->job));
  bool fits = read_mask(env, argv[1], "focus", frames, &c->masks[FOCUS]) &&
              read_mask(env, argv[1], "ignore", frames, &c->masks[IGNORE]) &&
              read_mask(env, argv[1], "hide", frames, &c->masks[HIDE]) &&
              read_mask(env, argv[1], "labels", sets, &c->masks[LABELS]);
  if (!fits) {
    change_drop(c);
    return shf_js_throw(env, "SHF_E_ARG", "a mask has one byte for each frame or set of labels");
  }
  return shf_job_start(env, &c->job, argv[0]);
}

napi_value shf_js_prune(napi_env env, napi_callback_info info) {
  napi_value argv[3];
  shf_js_args(env, info, argv, 3);
  change_job *c = change_new(env, argv[0], run_prune);
  if (!c) return NULL;
  char *type = shf_js_string(env, argv[1], NULL);
  c->type = type ? shf_type_parse(type) : SHF_TYPES;
  free(type);
  c->percent = -1;
  if (shf_js_is(env, argv[2], napi_number))
    shf_js_ok(napi_get_value_double(env, argv[2], &c->percent));
  return shf_job_start(env, &c->job, argv[0]);
}

/* ---- diff and delta */

/* Starts a job on the profiles argv[0], before, and argv[1], after. NULL: memory is short. */
static napi_value start_pair(napi_env env, shf_job *job, napi_value *argv, enum shf_use use) {
  shf_handle *before = shf_handle_until(env, argv[0], use);
  shf_handle *after = before ? shf_handle_until(env, argv[1], use) : NULL;
  if (!after || !shf_job_handles(job, 2)) {
    free(job);
    return after ? shf_js_throw_code(env, SHF_E_NOMEM, NULL) : NULL;
  }
  job->handles[0] = before;
  job->handles[1] = after;
  job->result = shf_job_profile;
  napi_value kept = shf_js_array(env, 2);
  shf_js_set_at(env, kept, 0, argv[0]);
  shf_js_set_at(env, kept, 1, argv[1]);
  return shf_job_start(env, job, kept);
}

typedef struct diff_job {
  shf_job job;
  shf_type type;
  bool normalize;
} diff_job;

static int run_diff(shf_job *job) {
  const diff_job *d = (diff_job *)job;
  return shf_profile_diff(job->handles[0]->profile, job->handles[1]->profile, d->type, d->normalize,
                          &job->profile);
}

/* diff(before, after, type, normalize) */
napi_value shf_js_diff(napi_env env, napi_callback_info info) {
  napi_value argv[4];
  shf_js_args(env, info, argv, 4);
  diff_job *d = calloc(1, sizeof *d);
  if (!d) return shf_js_throw_code(env, SHF_E_NOMEM, NULL);
  char *type = shf_js_string(env, argv[2], NULL);
  d->type = type ? shf_type_parse(type) : SHF_TYPES;
  free(type);
  if (shf_js_is(env, argv[3], napi_boolean))
    shf_js_ok(napi_get_value_bool(env, argv[3], &d->normalize));
  d->job.run = run_diff;
  return start_pair(env, &d->job, argv, SHF_CONSUMED);
}

static int run_delta(shf_job *job) {
  return shf_profile_delta(job->handles[0]->profile, job->handles[1]->profile, &job->profile);
}

/* delta(before, after) */
napi_value shf_js_delta(napi_env env, napi_callback_info info) {
  napi_value argv[2];
  shf_js_args(env, info, argv, 2);
  shf_job *job = calloc(1, sizeof *job);
  if (!job) return shf_js_throw_code(env, SHF_E_NOMEM, NULL);
  job->run = run_delta;
  return start_pair(env, job, argv, SHF_WHOLE);
}
