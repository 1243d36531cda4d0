#include "node/async_work.h"

#include <assert.h>
#include <stdlib.h>

/* Identifies our own externals. */
static const napi_type_tag profile_tag = {0x7368617066616c65, 0x70726f66696c6531};

static void handle_destroy(shf_handle *h) {
  uv_mutex_destroy(&h->lock);
  free(h);
}

static void free_if_unused(shf_handle *h) {
  if (!h->released || h->users > 0) return;
  shf_profile_free(h->profile);
  shf_profile_free(h->functions);
  h->profile = h->functions = NULL;
  if (h->collected) handle_destroy(h);
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

/* A handle that owns `profile`; NULL when memory is short, which is recorded. */
static napi_value handle_new(napi_env env, shf_profile *profile) {
  napi_value value = NULL;
  shf_handle *h = calloc(1, sizeof *h);
  if (!h || uv_mutex_init(&h->lock) != 0) {
    free(h);
    shf_profile_free(profile);
    shf_js_fail();
    return NULL;
  }
  h->profile = profile;
  if (!shf_js_ok(napi_create_external(env, h, on_collected, NULL, &value))) {
    shf_profile_free(profile);
    handle_destroy(h);
    return NULL;
  }
  if (shf_js_ok(napi_type_tag_object(env, value, &profile_tag))) return value;
  shf_handle_release(h); /* the handle itself is freed with the value */
  return NULL;
}

shf_handle *shf_handle_of(napi_env env, napi_value value) {
  return shf_handle_until(env, value, SHF_WHOLE);
}

shf_handle *shf_handle_until(napi_env env, napi_value value, enum shf_use use) {
  bool ours = false;
  void *data = NULL;
  if (shf_js_is(env, value, napi_external)) {
    shf_js_ok(napi_check_object_type_tag(env, value, &profile_tag, &ours));
    if (ours) shf_js_ok(napi_get_value_external(env, value, &data));
  }
  shf_handle *h = data;
  if (h && !h->released && h->use <= use) return h;
  shf_js_throw(env, "SHF_E_ARG", h ? "the profile was freed" : "not a profile");
  return NULL;
}

/* Several jobs may use the same profile at the same time. */
static int build_index(shf_handle *h) {
  uv_mutex_lock(&h->lock);
  int code = shf_profile_build_index(h->profile);
  uv_mutex_unlock(&h->lock);
  return code;
}

/* Makes the function view of a profile with lines. */
static int make_functions(shf_handle *h) {
  int code = SHF_OK;
  uv_mutex_lock(&h->lock);
  if (!h->functions && shf_profile_has_lines(h->profile))
    code = shf_profile_group(h->profile, SHF_BY_FUNCTION, &h->functions);
  uv_mutex_unlock(&h->lock);
  return code;
}

static const shf_profile *functions_of(const shf_handle *h) {
  return h->functions ? h->functions : h->profile;
}

const shf_profile *shf_handle_functions(napi_env env, napi_value value) {
  shf_handle *h = shf_handle_of(env, value);
  int code = h ? build_index(h) : SHF_OK;
  if (h && !code) code = make_functions(h);
  if (code) shf_js_throw_code(env, code, NULL);
  return h && !code ? functions_of(h) : NULL;
}

const shf_profile *shf_job_functions(const shf_job *job) {
  return functions_of(job->handles[0]);
}

const shf_profile *shf_handle_stacks(napi_env env, napi_value value) {
  shf_handle *h = shf_handle_of(env, value);
  int code = h ? build_index(h) : SHF_OK;
  if (code) shf_js_throw_code(env, code, NULL);
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
  for (uint32_t i = 0; i < job->nhandles && !job->code; i++) {
    shf_handle *h = job->handles[i];
    if (!h || h->use != SHF_WHOLE) continue;
    if (!job->compact) job->code = build_index(h);
    if (!job->code && job->functions) job->code = make_functions(h);
  }
  if (!job->code) job->code = job->run(job);
}

static void finish(napi_env env, shf_job *job) {
  for (uint32_t i = 0; i < job->nhandles; i++) {
    if (!job->handles[i]) continue;
    assert(job->handles[i]->users > 0);
    job->handles[i]->users--;
    free_if_unused(job->handles[i]);
  }
  if (job->kept) napi_delete_reference(env, job->kept);
  if (job->work) napi_delete_async_work(env, job->work);
  shf_profile_free(job->profile);
  free(job->handles);
  free(job->path);
  free(job->bytes);
  if (job->destroy)
    job->destroy(job);
  else
    free(job);
}

/* Settles the promise whatever fails; an error that could not be created is tried twice. */
static void settle(napi_env env, shf_job *job) {
  bool outer = shf_js_begin();
  napi_value value = job->code ? NULL : job->result(env, job);
  if (shf_js_failed(outer) && !job->code) job->code = SHF_E_NOMEM;
  if (!job->code) {
    if (napi_resolve_deferred(env, job->deferred, value) == napi_ok) return;
    job->code = SHF_E_NOMEM;
  }
  for (int tries = 0; tries < 2; tries++) {
    shf_js_begin();
    value = shf_js_error(env, job->code, &job->error, job->path);
    if (shf_js_failed(outer) && tries == 0) continue; /* the error is incomplete: try again */
    if (napi_reject_deferred(env, job->deferred, value) == napi_ok) break;
  }
}

static void complete(napi_env env, napi_status status, void *data) {
  shf_job *job = data;
  if (status == napi_cancelled) job->code = SHF_E_ARG;
  settle(env, job);
  finish(env, job);
}

/* Marks the handles as used. @return false where a getter of the app has freed one */
static bool take_handles(const shf_job *job) {
  bool there = true;
  for (uint32_t i = 0; i < job->nhandles; i++) {
    if (!job->handles[i]) continue;
    if (job->handles[i]->released) there = false;
    job->handles[i]->users++;
    if (job->handles[i]->use == SHF_CONSUMED) job->handles[i]->use = SHF_TAKEN;
  }
  return there;
}

/* The promise is created late: without work it would never be settled. */
napi_value shf_job_start(napi_env env, shf_job *job, napi_value kept) {
  napi_value promise = NULL, name = shf_js_text(env, shf_str_of("shap-flame"));
  bool there = take_handles(job);
  if (!there) shf_js_throw(env, "SHF_E_ARG", "the profile was freed");
  bool ready = there && shf_js_ok_so_far() &&
               (!kept || shf_js_ok(napi_create_reference(env, kept, 1, &job->kept)));
  if (ready)
    ready = shf_js_ok(napi_create_async_work(env, NULL, name, execute, complete, job, &job->work));
  if (ready) ready = shf_js_ok(napi_create_promise(env, &job->deferred, &promise));
  if (ready && napi_queue_async_work(env, job->work) == napi_ok) return promise;
  if (ready) {
    job->code = SHF_E_NOMEM;
    settle(env, job);
  }
  finish(env, job);
  return promise;
}

napi_value shf_job_profile(napi_env env, shf_job *job) {
  shf_profile *made = job->profile;
  job->profile = NULL;
  return handle_new(env, made);
}
