/* Synchronous queries of a profile. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "format/table/leak_lines.h"
#include "node/async_work.h"
#include "node/core_binding.h"

/* A profile whose stacks are not used. */
static const shf_profile *profile_of(napi_env env, napi_value value) {
  shf_handle *h = shf_handle_until(env, value, SHF_CONSUMED);
  return h ? h->profile : NULL;
}

shf_type shf_js_type(napi_env env, napi_value value) {
  char *name = shf_js_string(env, value, NULL);
  shf_type type = name ? shf_type_parse(name) : SHF_TYPES;
  free(name);
  if (type == SHF_TYPES)
    shf_js_throw(env, "SHF_E_ARG",
                 "a type is alloc_objects, alloc_space, inuse_objects or inuse_space");
  return type;
}

const shf_profile *shf_js_functions_and_type(napi_env env, const napi_value *argv, shf_type *type) {
  const shf_profile *p = shf_handle_functions(env, argv[0]);
  *type = p ? shf_js_type(env, argv[1]) : SHF_TYPES;
  return *type < SHF_TYPES ? p : NULL;
}

static napi_value type_names(napi_env env, uint32_t types) {
  napi_value array = shf_js_array(env, 0);
  uint32_t n = 0;
  for (int t = 0; t < SHF_TYPES; t++)
    if (types & 1u << t)
      shf_js_set_at(env, array, n++, shf_js_text(env, shf_str_of(shf_type_name((shf_type)t))));
  return array;
}

napi_value shf_js_frames(napi_env env, napi_callback_info info) {
  napi_value argv[1];
  shf_js_args(env, info, argv, 1);
  const shf_profile *p = profile_of(env, argv[0]);
  shf_sink *sink;
  if (!p) return NULL;
  if (shf_sink_memory(&sink)) return shf_js_throw_code(env, SHF_E_NOMEM, NULL);
  napi_value array = shf_js_array(env, shf_profile_frames(p));
  for (uint32_t f = 0; f < shf_profile_frames(p); f++) {
    char *text = NULL;
    size_t len = 0;
    napi_handle_scope scope = shf_js_open(env);
    shf_frame_text(p, f, sink);
    if (shf_sink_code(sink)) shf_js_fail();
    shf_sink_take(sink, &text, &len);
    shf_js_set_at(env, array, f, shf_js_text(env, (shf_str){text ? text : "", len}));
    free(text);
    shf_js_close(env, scope);
  }
  shf_sink_free(sink);
  return array;
}

napi_value shf_js_types(napi_env env, napi_callback_info info) {
  napi_value argv[1];
  shf_js_args(env, info, argv, 1);
  const shf_profile *p = profile_of(env, argv[0]);
  return p ? type_names(env, shf_profile_types(p)) : NULL;
}

napi_value shf_js_total(napi_env env, napi_callback_info info) {
  napi_value argv[2];
  shf_js_args(env, info, argv, 2);
  const shf_profile *p = profile_of(env, argv[0]);
  shf_type type = p ? shf_js_type(env, argv[1]) : SHF_TYPES;
  if (type == SHF_TYPES) return NULL;
  return shf_js_number(env, (double)shf_profile_total(p, type));
}

/* Number and sum of stacks with negative values, which formats without signs leave out. */
napi_value shf_js_losses(napi_env env, napi_callback_info info) {
  napi_value argv[2];
  shf_js_args(env, info, argv, 2);
  shf_type type;
  const shf_profile *p = shf_js_functions_and_type(env, argv, &type);
  if (!p) return NULL;
  int64_t *self = calloc(shf_profile_nodes(p), sizeof *self);
  if (!self) return shf_js_throw_code(env, SHF_E_NOMEM, NULL);
  double stacks = 0, sum = 0;
  shf_profile_sums(p, type, self, NULL);
  for (uint32_t n = 0; n < shf_profile_nodes(p); n++) {
    stacks += self[n] < 0;
    sum += self[n] < 0 ? (double)self[n] : 0;
  }
  free(self);
  napi_value o = shf_js_object(env);
  shf_js_set(env, o, "stacks", shf_js_number(env, stacks));
  shf_js_set(env, o, "sum", shf_js_number(env, sum));
  return o;
}

napi_value shf_js_standard_error(napi_env env, napi_callback_info info) {
  napi_value argv[2];
  shf_js_args(env, info, argv, 2);
  const shf_profile *p = shf_handle_stacks(env, argv[0]);
  shf_type type = p ? shf_js_type(env, argv[1]) : SHF_TYPES;
  if (type == SHF_TYPES) return NULL;
  return shf_js_number(env, sqrt(shf_profile_variance(p, type)));
}

napi_value shf_js_meta(napi_env env, napi_callback_info info) {
  napi_value argv[1];
  shf_js_args(env, info, argv, 1);
  const shf_profile *p = profile_of(env, argv[0]);
  if (!p) return NULL;
  napi_value object = shf_js_object(env);
  for (uint32_t i = 0; i < shf_profile_metas(p); i++) {
    shf_str key, value;
    napi_handle_scope scope = shf_js_open(env);
    shf_profile_meta_at(p, i, &key, &value);
    shf_js_set_named(env, object, shf_js_text(env, key), shf_js_text(env, value));
    shf_js_close(env, scope);
  }
  return object;
}

static napi_value source_object(napi_env env, const shf_source *s) {
  napi_value o = shf_js_object(env);
  shf_js_set(env, o, "kind",
             shf_js_text(env, shf_str_of(s->kind == SHF_OFFHEAP ? "offheap" : "heap")));
  shf_js_set(env, o, "interval", shf_js_number(env, (double)s->interval));
  shf_js_set(env, o, "since", shf_js_number(env, (double)s->since_ms));
  static const char *const collections[] = {"none", "forced", "unknown"};
  const char *gc = collections[s->gc <= SHF_GC_UNKNOWN ? s->gc : SHF_GC_UNKNOWN];
  shf_js_set(env, o, "gc", shf_js_text(env, shf_str_of(gc)));
  shf_js_set(env, o, "pid", shf_js_number(env, s->pid));
  shf_js_set(env, o, "thread", shf_js_number(env, s->thread));
  shf_js_set(env, o, "types", type_names(env, s->types));
  shf_js_set(env, o, "depth", shf_js_number(env, s->depth));
  if (s->side != SHF_SIDE_NONE)
    shf_js_set(env, o, "side",
               shf_js_text(env, shf_str_of(s->side == SHF_SIDE_BEFORE ? "before" : "after")));
  if (s->run) shf_js_set(env, o, "run", shf_js_number(env, s->run));
  return o;
}

napi_value shf_js_sources(napi_env env, napi_callback_info info) {
  napi_value argv[1];
  shf_js_args(env, info, argv, 1);
  const shf_profile *p = profile_of(env, argv[0]);
  if (!p) return NULL;
  napi_value array = shf_js_array(env, shf_profile_sources(p));
  for (uint32_t i = 0; i < shf_profile_sources(p); i++) {
    napi_handle_scope scope = shf_js_open(env);
    shf_js_set_at(env, array, i, source_object(env, shf_profile_source_at(p, i)));
    shf_js_close(env, scope);
  }
  return array;
}

static napi_value figures(napi_env env, const int64_t *values) {
  napi_value o = shf_js_object(env);
  for (int t = 0; t < SHF_TYPES; t++)
    shf_js_set(env, o, shf_type_name((shf_type)t), shf_js_number(env, (double)values[t]));
  return o;
}

static napi_value errors(napi_env env, const double *variances) {
  napi_value o = shf_js_object(env);
  for (int t = 0; t < SHF_TYPES; t++)
    shf_js_set(env, o, shf_type_name((shf_type)t), shf_js_number(env, sqrt(variances[t])));
  return o;
}

static napi_value row_object(napi_env env, const shf_profile *p, const void *of) {
  const shf_row *row = of;
  napi_value o = shf_js_place(env, p, row->frame);
  shf_str package;
  enum shf_category category = shf_frame_category(p, row->frame, &package);
  shf_js_set(env, o, "category", shf_js_text(env, shf_str_of(shf_category_name(category))));
  shf_js_set(env, o, "package", shf_js_text(env, package));
  shf_js_set(env, o, "self", figures(env, row->self));
  shf_js_set(env, o, "total", figures(env, row->total));
  shf_js_set(env, o, "selfError", errors(env, row->self_variance));
  shf_js_set(env, o, "totalError", errors(env, row->total_variance));
  return o;
}

static napi_value age_object(napi_env env, const shf_age_range *age) {
  napi_value o = shf_js_object(env);
  shf_js_set(env, o, "min", shf_js_number(env, (double)age->min));
  shf_js_set(env, o, "low", shf_js_number(env, (double)age->low));
  shf_js_set(env, o, "median", shf_js_number(env, (double)age->median));
  shf_js_set(env, o, "high", shf_js_number(env, (double)age->high));
  shf_js_set(env, o, "max", shf_js_number(env, (double)age->max));
  return o;
}

/* Adds `age` to the objects of the first rows, where it is known. */
static int add_ages(napi_env env, const shf_profile *p, const shf_row *rows, napi_value array) {
  uint32_t count = 0;
  shf_js_ok(napi_get_array_length(env, array, &count));
  uint32_t *frames = calloc((size_t)count + 1, sizeof *frames);
  shf_age_range *ages = calloc((size_t)count + 1, sizeof *ages);
  int code = frames && ages ? SHF_OK : SHF_E_NOMEM;
  for (uint32_t i = 0; i < count && !code; i++) frames[i] = rows[i].frame;
  if (!code) code = shf_profile_age_ranges(p, frames, count, ages);
  for (uint32_t i = 0; i < count && !code && shf_js_ok_so_far(); i++) {
    napi_value row = NULL;
    const char *stays = shf_stays_name(ages[i].stays);
    if (ages[i].min < 0 && !stays) continue;
    napi_handle_scope scope = shf_js_open(env);
    shf_js_ok(napi_get_element(env, array, i, &row));
    if (ages[i].min >= 0) shf_js_set(env, row, "age", age_object(env, &ages[i]));
    if (stays) shf_js_set(env, row, "stays", shf_js_text(env, shf_str_of(stays)));
    shf_js_close(env, scope);
  }
  free(frames);
  free(ages);
  return code;
}

/* top(profile, type, rows, callers) */
napi_value shf_js_top(napi_env env, napi_callback_info info) {
  napi_value argv[4];
  shf_type type;
  shf_js_args(env, info, argv, 4);
  const shf_profile *p = shf_js_functions_and_type(env, argv, &type);
  if (!p) return NULL;
  shf_row *rows;
  uint32_t count;
  int code = shf_profile_rows(p, type, &rows, &count);
  if (code) return shf_js_throw_code(env, code, NULL);
  shf_js_table table = {rows, sizeof *rows, count, row_object};
  napi_value array = shf_js_row_array(env, p, type, &table, argv[2], argv[3]);
  if (array) code = add_ages(env, p, rows, array);
  free(rows);
  return code ? shf_js_throw_code(env, code, NULL) : array;
}

/* leaks(profile, cwd, minSeconds): a line for each, which ends in LF */
napi_value shf_js_leaks(napi_env env, napi_callback_info info) {
  napi_value argv[3];
  double seconds = SHF_LEAK_SECONDS;
  size_t len = 0;
  shf__builder lines = {NULL, 0, 0, SHF_OK};
  shf_js_args(env, info, argv, 3);
  const shf_profile *p = shf_handle_functions(env, argv[0]);
  char *cwd = p ? shf_js_string(env, argv[1], &len) : NULL;
  if (!cwd) return NULL;
  if (shf_js_is(env, argv[2], napi_number))
    shf_js_ok(napi_get_value_double(env, argv[2], &seconds));
  int code = shf__leak_lines(p, (shf_str){cwd, len}, seconds, &lines);
  napi_value text =
      code ? shf_js_throw_code(env, code, NULL) : shf_js_text(env, shf__builder_str(&lines));
  shf__builder_free(&lines);
  free(cwd);
  return text;
}

napi_value shf_js_counts(napi_env env, napi_callback_info info) {
  napi_value argv[1];
  shf_js_args(env, info, argv, 1);
  const shf_profile *p = shf_handle_functions(env, argv[0]);
  if (!p) return NULL;
  uint64_t samples = 0;
  for (uint32_t i = 0; i < shf_profile_buckets(p); i++) {
    const shf_bucket b = shf_profile_bucket_at(p, i);
    samples += b.allocated ? b.allocated : b.live;
  }
  napi_value o = shf_js_object(env);
  shf_js_set(env, o, "nodes", shf_js_number(env, shf_profile_nodes(p)));
  shf_js_set(env, o, "frames", shf_js_number(env, shf_profile_frames(p)));
  shf_js_set(env, o, "samples", shf_js_number(env, (double)samples));
  shf_js_set(env, o, "sources", shf_js_number(env, shf_profile_sources(p)));
  return o;
}

napi_value shf_js_free(napi_env env, napi_callback_info info) {
  napi_value argv[1];
  shf_js_args(env, info, argv, 1);
  shf_handle *h = shf_handle_until(env, argv[0], SHF_TAKEN);
  if (h) shf_handle_release(h);
  return NULL;
}
