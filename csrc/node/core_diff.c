/* Differences and limits; synchronous. */
#include <math.h>
#include <stdlib.h>

#include "node/async_work.h"
#include "node/core_binding.h"

/* Reads argv[0], a profile, and argv[1], a type. NULL and an exception when they are wrong. */
static const shf_profile *asked(napi_env env, const napi_value *argv, shf_type *type) {
  const shf_profile *p = shf_handle_functions(env, argv[0]);
  if (!p) return NULL;
  char *name = shf_js_string(env, argv[1], NULL);
  *type = name ? shf_type_parse(name) : SHF_TYPES;
  free(name);
  if (*type < SHF_TYPES) return p;
  shf_js_throw_code(env, SHF_E_ARG, NULL);
  return NULL;
}

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

static napi_value row_object(napi_env env, const shf_profile *p, const shf_change *row) {
  napi_value o = shf_js_place(env, p, row->frame);
  shf_js_set(env, o, "self",
             change_object(env, row->self, row->self_variance[0] + row->self_variance[1]));
  shf_js_set(env, o, "total",
             change_object(env, row->total, row->total_variance[0] + row->total_variance[1]));
  return o;
}

/* Reads the arguments profile, type and a number. */
static const shf_profile *asked_number(napi_env env, napi_callback_info info, shf_type *type,
                                       double *number) {
  napi_value argv[3];
  shf_js_args(env, info, argv, 3);
  const shf_profile *p = asked(env, argv, type);
  if (p && shf_js_is(env, argv[2], napi_number))
    shf_js_ok(napi_get_value_double(env, argv[2], number));
  return p;
}

/* changes(profile, type, max, callers) */
napi_value shf_js_changes(napi_env env, napi_callback_info info) {
  napi_value argv[4];
  bool callers = false;
  shf_type type;
  shf_js_args(env, info, argv, 4);
  const shf_profile *p = asked(env, argv, &type);
  if (!p) return NULL;
  if (shf_js_is(env, argv[3], napi_boolean)) shf_js_ok(napi_get_value_bool(env, argv[3], &callers));
  shf_change *rows;
  uint32_t count;
  int code = shf_profile_changes(p, type, &rows, &count);
  if (code) return shf_js_throw_code(env, code, NULL);
  count = shf_js_rows(env, argv[2], count);
  napi_value array = shf_js_array(env, 0);
  for (uint32_t i = 0; i < count; i++) {
    napi_handle_scope scope = shf_js_open(env);
    shf_js_set_at(env, array, i, row_object(env, p, &rows[i]));
    shf_js_close(env, scope);
  }
  if (callers) code = shf_js_set_callers(env, p, type, rows, sizeof *rows, count, array);
  free(rows);
  return code ? shf_js_throw_code(env, code, NULL) : array;
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
  const shf_profile *p = asked_number(env, info, &type, &limit);
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
  const shf_profile *p = asked_number(env, info, &type, &percent);
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
