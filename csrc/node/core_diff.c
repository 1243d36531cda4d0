/* Differences and limits; synchronous. */
#include <math.h>
#include <stdlib.h>

#include "node/async_work.h"
#include "node/core_binding.h"

/* { before, after, error, verdict } */
static napi_value change_object(napi_env env, const int64_t *values, double variance) {
  napi_value o = shf_js_object(env);
  enum shf_verdict verdict = shf_change_verdict(values[0], values[1], variance);
  shf_js_set(env, o, "before", shf_js_number(env, (double)values[0]));
  shf_js_set(env, o, "after", shf_js_number(env, (double)values[1]));
  shf_js_set(env, o, "error", shf_js_number(env, sqrt(variance)));
  shf_js_set(env, o, "verdict", shf_js_text(env, shf_str_of(shf_verdict_name(verdict))));
  return o;
}

static napi_value row_object(napi_env env, const shf_profile *p, const void *of) {
  const shf_change *row = of;
  napi_value o = shf_js_place(env, p, row->frame);
  shf_js_set(env, o, "self",
             change_object(env, row->self, row->self_variance[0] + row->self_variance[1]));
  shf_js_set(env, o, "total",
             change_object(env, row->total, row->total_variance[0] + row->total_variance[1]));
  return o;
}

/* Reads the arguments profile, type and a number. */
static const shf_profile *with_number(napi_env env, napi_callback_info info, shf_type *type,
                                      double *number) {
  napi_value argv[3];
  shf_js_args(env, info, argv, 3);
  const shf_profile *p = shf_js_functions_and_type(env, argv, type);
  if (p && shf_js_is(env, argv[2], napi_number))
    shf_js_ok(napi_get_value_double(env, argv[2], number));
  return p;
}

/* changes(profile, type, max, callers) */
napi_value shf_js_changes(napi_env env, napi_callback_info info) {
  napi_value argv[4];
  shf_type type;
  shf_js_args(env, info, argv, 4);
  const shf_profile *p = shf_js_functions_and_type(env, argv, &type);
  if (!p) return NULL;
  shf_change *rows;
  uint32_t count;
  int code = shf_profile_changes(p, type, &rows, &count);
  if (code) return shf_js_throw_code(env, code, NULL);
  shf_js_table table = {rows, sizeof *rows, count, row_object};
  napi_value array = shf_js_row_array(env, p, type, &table, argv[2], argv[3]);
  free(rows);
  return array;
}

/* { value, error, samples, runs } */
static napi_value figure_object(napi_env env, const shf_figure *f) {
  napi_value o = shf_js_object(env);
  shf_js_set(env, o, "value", shf_js_number(env, (double)f->value));
  shf_js_set(env, o, "error", shf_js_number(env, sqrt(f->variance)));
  shf_js_set(env, o, "samples", shf_js_number(env, (double)f->samples));
  shf_js_set(env, o, "runs", shf_js_number(env, f->runs));
  return o;
}

static const char *judgement_text(enum shf_judgement judgement) {
  static const char *const words[] = {"holds", "exceeded", "unsure"};
  return words[judgement];
}

/* judge(profile, type, limit): of a difference, the side after is judged */
napi_value shf_js_judge(napi_env env, napi_callback_info info) {
  double limit = 0;
  shf_type type;
  const shf_profile *p = with_number(env, info, &type, &limit);
  if (!p) return NULL;
  shf_figure f;
  enum shf_side side = shf_profile_is_diff(p) ? SHF_SIDE_AFTER : SHF_SIDE_NONE;
  int code = shf_profile_figure(p, side, type, &f);
  if (code) return shf_js_throw_code(env, code, NULL);
  napi_value o = shf_js_object(env);
  shf_js_set(env, o, "after", figure_object(env, &f));
  shf_js_set(env, o, "judgement",
             shf_js_text(env, shf_str_of(judgement_text(shf_judge_limit(&f, limit)))));
  return o;
}

/* judgeGrowth(difference, type, percent) */
napi_value shf_js_judge_growth(napi_env env, napi_callback_info info) {
  double percent = 0;
  shf_type type;
  const shf_profile *p = with_number(env, info, &type, &percent);
  if (!p) return NULL;
  shf_figure f[2];
  int code = shf_profile_figures(p, type, f);
  if (code) return shf_js_throw_code(env, code, NULL);
  napi_value o = shf_js_object(env);
  shf_js_set(env, o, "before", figure_object(env, &f[0]));
  shf_js_set(env, o, "after", figure_object(env, &f[1]));
  shf_js_set(env, o, "judgement",
             shf_js_text(env, shf_str_of(judgement_text(shf_judge_growth(f, percent)))));
  return o;
}
