#include "node/job.h"

#include <pthread.h>
#include <stdlib.h>

/* Tells our externals from those of others. */
static const napi_type_tag profile_tag = {0x7368617066616c65, 0x70726f66696c6531};

static void free_if_unused(shf_handle *h) {
  if (!h->released || h->users > 0) return;
  shf_profile_free(h->profile);
  h->profile = NULL;
  if (h->collected) free(h);
}

static void on_collected(napi_env env, void *data, void *hint) {
  (void)env;
  (void)hint;
  shf_handle *h = data;
  h->collected = h->released = true;
  free_if_unused(h);
}

void shf_handle_release(shf_handle *h) {
  h->released = true;
  free_if_unused(h);
}

/* A handle for a profile that becomes its own; undefined and an exception when short. */
static napi_value handle_new(napi_env env, shf_profile *profile) {
  napi_value value;
  shf_handle *h = calloc(1, sizeof *h);
  if (!h || napi_create_external(env, h, on_collected, NULL, &value) != napi_ok) {
    free(h);
    shf_profile_free(profile);
    napi_throw(env, shf_js_error(env, SHF_E_NOMEM, NULL, NULL));
    return shf_js_undefined(env);
  }
  h->profile = profile;
  napi_type_tag_object(env, value, &profile_tag);
  return value;
}

shf_handle *shf_handle_of(napi_env env, napi_value value) {
  return shf_handle_until(env, value, SHF_WHOLE);
}

shf_handle *shf_handle_until(napi_env env, napi_value value, enum shf_use use) {
  bool ours = false;
  void *data = NULL;
  if (shf_js_is(env, value, napi_external)) {
    napi_check_object_type_tag(env, value, &profile_tag, &ours);
    if (ours) napi_get_value_external(env, value, &data);
  }
  shf_handle *h = data;
  if (h && !h->released && h->use <= use) return h;
  shf_js_throw(env, "SHF_E_ARG", h ? "the profile was freed" : "not a profile");
  return NULL;
}

/* Jobs may ask for the same profile at the same time. */
static int shape(shf_profile *p) {
  static pthread_mutex_t one = PTHREAD_MUTEX_INITIALIZER;
  pthread_mutex_lock(&one);
  int code = shf_profile_shape(p);
  pthread_mutex_unlock(&one);
  return code;
}

const shf_profile *shf_handle_stacks(napi_env env, napi_value value) {
  shf_handle *h = shf_handle_of(env, value);
  int code = h ? shape(h->profile) : SHF_OK;
  if (code) napi_throw(env, shf_js_error(env, code, NULL, NULL));
  return h && !code ? h->profile : NULL;
}

bool shf_job_handles(shf_job *job, uint32_t count) {
  job->handles = calloc(count ? count : 1, sizeof(shf_handle *));
  job->nhandles = job->handles ? count : 0;
  return job->handles != NULL;
}

static void execute(napi_env env, void *data) {
  (void)env;
  shf_job *job = data;
  for (uint32_t i = 0; i < job->nhandles && !job->lean && !job->code; i++) {
    const shf_handle *h = job->handles[i];
    if (h && h->use == SHF_WHOLE) job->code = shape(h->profile);
  }
  if (!job->code) job->code = job->run(job);
}

static void finish(napi_env env, shf_job *job) {
  for (uint32_t i = 0; i < job->nhandles; i++) {
    if (!job->handles[i]) continue;
    job->handles[i]->users--;
    free_if_unused(job->handles[i]);
  }
  if (job->kept) napi_delete_reference(env, job->kept);
  if (job->work) napi_delete_async_work(env, job->work);
  shf_profile_free(job->profile);
  free(job->handles);
  free(job->path);
  job->destroy(job);
}

static void complete(napi_env env, napi_status status, void *data) {
  shf_job *job = data;
  if (status == napi_cancelled) job->code = SHF_E_ARG;
  if (job->code) {
    napi_reject_deferred(env, job->deferred, shf_js_error(env, job->code, &job->error, job->path));
  } else {
    napi_resolve_deferred(env, job->deferred, job->result(env, job));
  }
  finish(env, job);
}

napi_value shf_job_start(napi_env env, shf_job *job, napi_value kept) {
  napi_value promise = shf_js_undefined(env);
  napi_value name = shf_js_text(env, shf_str_of("shap-flame"));
  for (uint32_t i = 0; i < job->nhandles; i++) {
    if (!job->handles[i]) continue;
    job->handles[i]->users++;
    if (job->handles[i]->use == SHF_SPENT) job->handles[i]->use = SHF_TAKEN;
  }
  bool ready = !kept || napi_create_reference(env, kept, 1, &job->kept) == napi_ok;
  if (ready) ready = napi_create_promise(env, &job->deferred, &promise) == napi_ok;
  if (ready)
    ready = napi_create_async_work(env, NULL, name, execute, complete, job, &job->work) == napi_ok;
  if (ready && napi_queue_async_work(env, job->work) == napi_ok) return promise;
  finish(env, job);
  napi_throw(env, shf_js_error(env, SHF_E_NOMEM, NULL, NULL));
  return shf_js_undefined(env);
}

napi_value shf_job_profile(napi_env env, shf_job *job) {
  shf_profile *made = job->profile;
  job->profile = NULL;
  return handle_new(env, made);
}
