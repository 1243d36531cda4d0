/* Labels of a profile: its sets, and frames made of them. */
#include <stdlib.h>
#include <string.h>

#include "node/async_work.h"
#include "node/core_binding.h"

static napi_value label_object(napi_env env, const shf_profile *p, const shf_label *l) {
  napi_value object = shf_js_object(env);
  shf_js_set(env, object, "key", shf_js_text(env, shf_profile_text(p, l->key)));
  if (l->text) {
    shf_js_set(env, object, "value", shf_js_text(env, shf_profile_text(p, l->text)));
    return object;
  }
  shf_js_set(env, object, "value", shf_js_number(env, (double)l->number));
  if (l->unit) shf_js_set(env, object, "unit", shf_js_text(env, shf_profile_text(p, l->unit)));
  return object;
}

static napi_value set_array(napi_env env, const shf_profile *p, uint32_t set) {
  uint32_t count;
  const shf_label *labels = shf_profile_labels_of(p, set, &count);
  napi_value array = shf_js_array(env, count);
  for (uint32_t i = 0; i < count; i++) {
    napi_handle_scope scope = shf_js_open(env);
    shf_js_set_at(env, array, i, label_object(env, p, &labels[i]));
    shf_js_close(env, scope);
  }
  return array;
}

/* labels(profile): each set as an array; the first one is empty */
napi_value shf_js_labels(napi_env env, napi_callback_info info) {
  napi_value argv[1];
  shf_js_args(env, info, argv, 1);
  shf_handle *h = shf_handle_until(env, argv[0], SHF_CONSUMED);
  if (!h) return NULL;
  uint32_t sets = shf_profile_label_sets(h->profile);
  napi_value array = shf_js_array(env, sets);
  for (uint32_t set = 0; set < sets && shf_js_ok_so_far(); set++) {
    napi_handle_scope scope = shf_js_open(env);
    shf_js_set_at(env, array, set, set_array(env, h->profile, set));
    shf_js_close(env, scope);
  }
  return array;
}

static napi_value number_array(napi_env env, const double *rows, uint32_t count) {
  napi_value array = shf_js_array(env, count);
  for (uint32_t i = 0; i < count && shf_js_ok_so_far(); i++) {
    napi_handle_scope scope = shf_js_open(env);
    shf_js_set_at(env, array, i, shf_js_number(env, rows[i]));
    shf_js_close(env, scope);
  }
  return array;
}

/* labelSums(profile, type): { total, variance }, each an array by set */
napi_value shf_js_label_sums(napi_env env, napi_callback_info info) {
  napi_value argv[2];
  shf_js_args(env, info, argv, 2);
  shf_handle *h = shf_handle_of(env, argv[0]);
  shf_type type = h ? shf_js_type(env, argv[1]) : SHF_TYPES;
  if (type == SHF_TYPES) return NULL;
  uint32_t sets = shf_profile_label_sets(h->profile);
  double *sums = calloc(sets, 2 * sizeof *sums);
  if (!sums) return shf_js_throw_code(env, SHF_E_NOMEM, NULL);
  shf_profile_label_sums(h->profile, type, sums, sums + sets);
  napi_value object = shf_js_object(env);
  shf_js_set(env, object, "total", number_array(env, sums, sets));
  shf_js_set(env, object, "variance", number_array(env, sums + sets, sets));
  free(sums);
  return object;
}

/* ---- Frames */

/* Keys, of which each ends with a NUL. */
typedef struct keys {
  char *text;
  size_t len;
  shf_str *rows;
  uint32_t count;
} keys;

typedef struct frames_job {
  shf_job job;
  keys roots, leaves;
  bool alone;
} frames_job;

static void destroy_frames(shf_job *job) {
  frames_job *f = (frames_job *)job;
  free(f->roots.text);
  free(f->roots.rows);
  free(f->leaves.text);
  free(f->leaves.rows);
  free(f);
}

static int run_frames(shf_job *job) {
  const frames_job *f = (const frames_job *)job;
  const shf_label_frames how = {.roots = f->roots.rows,
                                .leaves = f->leaves.rows,
                                .nroots = f->roots.count,
                                .nleaves = f->leaves.count,
                                .alone = f->alone};
  return shf_profile_label_frames(job->handles[0]->profile, &how, &job->profile);
}

/* @return whether memory sufficed */
static bool split_keys(keys *k) {
  if (!k->text) return true;
  for (size_t i = 0; i < k->len; i++) k->count += k->text[i] == 0;
  k->rows = calloc((size_t)k->count + 1, sizeof *k->rows);
  const char *at = k->text;
  for (uint32_t i = 0; i < k->count && k->rows; i++) {
    k->rows[i] = (shf_str){at, strlen(at)};
    at += k->rows[i].len + 1;
  }
  return k->rows != NULL;
}

/* labelFrames(profile, { roots, leaves, alone }): keys, of which each ends with a NUL */
napi_value shf_js_label_frames(napi_env env, napi_callback_info info) {
  napi_value argv[2];
  shf_js_args(env, info, argv, 2);
  shf_handle *h = shf_handle_of(env, argv[0]);
  if (!h) return NULL;
  frames_job *f = calloc(1, sizeof *f);
  if (!f || !shf_job_handles(&f->job, 1)) {
    free(f);
    return shf_js_throw_code(env, SHF_E_NOMEM, NULL);
  }
  f->roots.text = shf_js_string_of(env, argv[1], "roots", &f->roots.len);
  f->leaves.text = shf_js_string_of(env, argv[1], "leaves", &f->leaves.len);
  f->alone = shf_js_bool_of(env, argv[1], "alone", false);
  if (!split_keys(&f->roots) || !split_keys(&f->leaves)) {
    free(f->job.handles);
    destroy_frames(&f->job);
    return shf_js_throw_code(env, SHF_E_NOMEM, NULL);
  }
  f->job.handles[0] = h;
  f->job.run = run_frames;
  f->job.result = shf_job_profile;
  f->job.destroy = destroy_frames;
  return shf_job_start(env, &f->job, argv[0]);
}
