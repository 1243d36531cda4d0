/* Writes bytes of JavaScript to a file through the same sinks as profiles. */
#include <stdlib.h>
#include <string.h>

#include "node/async_work.h"
#include "node/core_binding.h"

typedef struct bytes_job {
  shf_job job;
  unsigned char *bytes;
  size_t len;
} bytes_job;

static int run_bytes(shf_job *job) {
  const bytes_job *b = (const bytes_job *)job;
  const bool standard = strcmp(job->path, "-") == 0;
  shf_sink *sink;
  int code = standard ? shf_sink_fd(1, &sink) : shf_sink_file(job->path, &sink, &job->error);
  if (code) return code;
  shf_sink_write(sink, b->bytes, b->len);
  code = shf_sink_finish(sink, &job->error);
  shf_sink_free(sink);
  return code;
}

static void destroy_bytes(shf_job *job) {
  free(((bytes_job *)job)->bytes);
  free(job);
}

static napi_value return_undefined(napi_env env, shf_job *job) {
  (void)job;
  return shf_js_undefined(env);
}

/* writeBytes(bytes, path), where `-` is stdout */
napi_value shf_js_write_bytes(napi_env env, napi_callback_info info) {
  napi_value argv[2];
  size_t len = 0;
  shf_js_args(env, info, argv, 2);
  unsigned char *bytes = shf_js_copy(env, argv[0], &len);
  char *path = shf_js_string(env, argv[1], NULL);
  bytes_job *b = bytes && path ? calloc(1, sizeof *b) : NULL;
  if (!b) {
    if (bytes && path)
      shf_js_throw_code(env, SHF_E_NOMEM, NULL);
    else
      shf_js_throw(env, "SHF_E_ARG", "bytes are a Buffer, and a path is a string");
    free(bytes);
    free(path);
    return NULL;
  }
  b->bytes = bytes;
  b->len = len;
  b->job.path = path;
  b->job.run = run_bytes;
  b->job.result = return_undefined;
  b->job.destroy = destroy_bytes;
  return shf_job_start(env, &b->job, NULL);
}
