/* Writes bytes of JavaScript to a file through the same sinks as profiles. */
#include <stdlib.h>
#include <string.h>

#include "node/async_work.h"
#include "node/core_binding.h"

static int run_bytes(shf_job *job) {
  const bool standard = strcmp(job->path, "-") == 0;
  shf_sink *sink;
  int code = standard ? shf_sink_fd(1, &sink) : shf_sink_file(job->path, &sink, &job->error);
  if (code) return code;
  shf_sink_write(sink, job->bytes, job->len);
  code = shf_sink_finish(sink, &job->error);
  shf_sink_free(sink);
  return code;
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
  shf_job *job = bytes && path ? calloc(1, sizeof *job) : NULL;
  if (!job) {
    if (bytes && path)
      shf_js_throw_code(env, SHF_E_NOMEM, NULL);
    else
      shf_js_throw(env, "SHF_E_ARG", "bytes are a Buffer, and a path is a string");
    free(bytes);
    free(path);
    return NULL;
  }
  job->bytes = bytes;
  job->len = len;
  job->path = path;
  job->run = run_bytes;
  job->result = return_undefined;
  return shf_job_start(env, job, NULL);
}
