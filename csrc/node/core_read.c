/* Promises of profiles from inputs of any format. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "node/async_work.h"
#include "node/core_binding.h"

typedef struct read_job {
  shf_job job;
  shf_read_options o;
} read_job;

static int run_bytes(shf_job *job) {
  const read_job *r = (const read_job *)job;
  return shf_profile_read_bytes(job->bytes, job->len, &r->o, &job->profile, &job->error);
}

/* `-` is stdin. */
static int run_file(shf_job *job) {
  const read_job *r = (const read_job *)job;
  bool standard = strcmp(job->path, "-") == 0;
  int fd = standard ? STDIN_FILENO : open(job->path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    job->error = (shf_error){.message = "cannot be read", .sys = errno};
    return SHF_E_IO;
  }
  int code = shf_profile_read_fd(fd, &r->o, &job->profile, &job->error);
  if (!standard) close(fd);
  return code;
}

/* `argv`: type, maxMemory and bySize, each of which may be undefined. NULL and an exception where
 * the type is none. */
static read_job *read_new(napi_env env, const napi_value *argv, int (*run)(shf_job *)) {
  bool given = shf_js_is(env, argv[0], napi_string);
  shf_type single = given ? shf_js_type(env, argv[0]) : SHF_TYPES;
  if (given && single == SHF_TYPES) return NULL;
  read_job *r = calloc(1, sizeof *r);
  if (!r) {
    shf_js_throw_code(env, SHF_E_NOMEM, NULL);
    return NULL;
  }
  double max = 0;
  bool by_size = false;
  if (shf_js_is(env, argv[1], napi_number)) napi_get_value_double(env, argv[1], &max);
  if (shf_js_is(env, argv[2], napi_boolean)) napi_get_value_bool(env, argv[2], &by_size);
  r->o = (shf_read_options){.single = single,
                            .compact = run == run_file,
                            .by_size = by_size,
                            .max_memory = max >= 1 && max < 1e18 ? (uint64_t)max : 0};
  r->job.run = run;
  r->job.result = shf_job_profile;
  return r;
}

/* readFile(path, type, maxMemory, bySize) */
napi_value shf_js_read_file(napi_env env, napi_callback_info info) {
  napi_value argv[4];
  shf_js_args(env, info, argv, 4);
  char *path = shf_js_string(env, argv[0], NULL);
  if (!path) return shf_js_throw(env, "SHF_E_ARG", "a path is a string");
  read_job *r = read_new(env, argv + 1, run_file);
  if (!r) {
    free(path);
    return NULL;
  }
  r->job.path = path;
  return shf_job_start(env, &r->job, NULL);
}

/* readBuffer(bytes, type, maxMemory, bySize) */
napi_value shf_js_read_buffer(napi_env env, napi_callback_info info) {
  napi_value argv[4];
  size_t len = 0;
  shf_js_args(env, info, argv, 4);
  unsigned char *bytes = shf_js_copy(env, argv[0], &len);
  if (!bytes) return shf_js_throw(env, "SHF_E_ARG", "the bytes of an input are a Buffer");
  read_job *r = read_new(env, argv + 1, run_bytes);
  if (!r) {
    free(bytes);
    return NULL;
  }
  r->job.bytes = bytes;
  r->job.len = len;
  return shf_job_start(env, &r->job, NULL);
}
