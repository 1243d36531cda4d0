/* Callers and paths of the functions of a profile, and arrays of rows, as JavaScript. */
#include <stdlib.h>
#include <string.h>

#include "node/core_binding.h"

napi_value shf_js_place(napi_env env, const shf_profile *p, uint32_t frame) {
  napi_value o = shf_js_object(env);
  const shf_frame *f = shf_profile_frame_at(p, frame);
  shf_js_set(env, o, "name", shf_js_text(env, shf_frame_name(p, frame)));
  shf_js_set(env, o, "file", shf_js_text(env, shf_frame_path(p, frame)));
  shf_js_set(env, o, "line", shf_js_number(env, f->line));
  shf_js_set(env, o, "column", shf_js_number(env, f->column));
  return o;
}

static int set_callers(napi_env env, const shf_profile *p, shf_type type, const uint32_t *frames,
                       uint32_t *callers, uint32_t count, napi_value array) {
  int code = shf_profile_callers(p, type, frames, count, callers);
  for (uint32_t i = 0; i < count && !code && shf_js_ok_so_far(); i++) {
    if (callers[i] == SHF_NONE) continue;
    napi_value row = NULL;
    napi_handle_scope scope = shf_js_open(env);
    shf_js_ok(napi_get_element(env, array, i, &row));
    shf_js_set(env, row, "caller", shf_js_place(env, p, callers[i]));
    shf_js_close(env, scope);
  }
  return code;
}

static napi_value path_array(napi_env env, const shf_profile *p, const uint32_t *path) {
  napi_value array = shf_js_array(env, 0);
  for (uint32_t i = 0; i < SHF_PATH && path[i] != SHF_NONE; i++)
    shf_js_set_at(env, array, i, shf_js_place(env, p, path[i]));
  return array;
}

static int set_paths(napi_env env, const shf_profile *p, shf_type type, const uint32_t *frames,
                     uint32_t count, napi_value array) {
  uint32_t(*paths)[SHF_PATH] = calloc((size_t)count + 1, sizeof *paths);
  int code = paths ? shf_profile_paths(p, type, frames, count, paths) : SHF_E_NOMEM;
  for (uint32_t i = 0; i < count && !code && shf_js_ok_so_far(); i++) {
    napi_value row = NULL;
    napi_handle_scope scope = shf_js_open(env);
    shf_js_ok(napi_get_element(env, array, i, &row));
    shf_js_set(env, row, "path", path_array(env, p, paths[i]));
    shf_js_close(env, scope);
  }
  free(paths);
  return code;
}

/* Adds `caller` to the objects of rows whose frames have one, and `path`. */
static int add_callers(napi_env env, const shf_profile *p, shf_type type, const shf_js_table *table,
                       uint32_t count, napi_value array) {
  uint32_t *frames = calloc((size_t)count + 1, sizeof *frames);
  uint32_t *callers = calloc((size_t)count + 1, sizeof *callers);
  int code = frames && callers ? SHF_OK : SHF_E_NOMEM;
  for (uint32_t i = 0; i < count && !code; i++)
    memcpy(&frames[i], (const char *)table->rows + i * table->size, sizeof *frames);
  if (!code) code = set_callers(env, p, type, frames, callers, count, array);
  if (!code) code = set_paths(env, p, type, frames, count, array);
  free(frames);
  free(callers);
  return code;
}

/* The smaller of `count` and `max`, where that is a number; 0 else. */
static uint32_t rows_of(napi_env env, napi_value max, uint32_t count) {
  double rows = 0;
  if (shf_js_is(env, max, napi_number)) shf_js_ok(napi_get_value_double(env, max, &rows));
  if (rows >= count) return count;
  return rows > 0 ? (uint32_t)rows : 0;
}

napi_value shf_js_row_array(napi_env env, const shf_profile *p, shf_type type,
                            const shf_js_table *table, napi_value max, napi_value callers) {
  bool with_callers = false;
  if (shf_js_is(env, callers, napi_boolean))
    shf_js_ok(napi_get_value_bool(env, callers, &with_callers));
  uint32_t count = rows_of(env, max, table->count);
  napi_value array = shf_js_array(env, 0);
  for (uint32_t i = 0; i < count; i++) {
    napi_handle_scope scope = shf_js_open(env);
    shf_js_set_at(env, array, i,
                  table->object(env, p, (const char *)table->rows + i * table->size));
    shf_js_close(env, scope);
  }
  int code = with_callers ? add_callers(env, p, type, table, count, array) : SHF_OK;
  return code ? shf_js_throw_code(env, code, NULL) : array;
}
