#include "node/napi_util.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

/* State of the running call on this thread. */
static _Thread_local bool failed;

bool shf_js_begin(void) {
  bool outer = failed;
  failed = false;
  return outer;
}

bool shf_js_failed(bool outer) {
  bool any = failed;
  failed = outer;
  return any;
}

bool shf_js_ok_so_far(void) {
  return !failed;
}

void shf_js_fail(void) {
  failed = true;
}

bool shf_js_ok(napi_status status) {
  if (status != napi_ok) failed = true;
  return status == napi_ok;
}

bool shf_js_end(napi_env env, bool outer) {
  bool pending = false;
  if (!shf_js_failed(outer)) return true;
  /* throws, since the result is incomplete; memory may be available again */
  if (napi_is_exception_pending(env, &pending) != napi_ok || !pending)
    napi_throw(env, shf_js_error(env, SHF_E_NOMEM, NULL, NULL));
  failed = outer;
  return false;
}

/* The callback of all methods; the method is the function's data. */
static napi_value enter(napi_env env, napi_callback_info info) {
  bool outer = shf_js_begin();
  void *data = NULL;
  napi_value result = NULL;
  if (shf_js_ok(napi_get_cb_info(env, info, NULL, NULL, NULL, &data)))
    result = ((const shf_method *)data)->call(env, info);
  return shf_js_end(env, outer) ? result : NULL;
}

void shf_js_methods(napi_env env, napi_value exports, const shf_method *methods, size_t count) {
  for (size_t i = 0; i < count; i++) {
    napi_value function = NULL;
    shf_js_ok(napi_create_function(env, methods[i].name, NAPI_AUTO_LENGTH, enter,
                                   (void *)&methods[i], &function));
    shf_js_set(env, exports, methods[i].name, function);
  }
}

size_t shf_js_args(napi_env env, napi_callback_info info, napi_value *argv, size_t count) {
  size_t given = count;
  for (size_t i = 0; i < count; i++) argv[i] = NULL;
  return shf_js_ok(napi_get_cb_info(env, info, &given, argv, NULL, NULL)) ? given : 0;
}

napi_value shf_js_throw(napi_env env, const char *code, const char *message) {
  if (!failed) shf_js_ok(napi_throw_error(env, code, message));
  return NULL;
}

napi_value shf_js_throw_code(napi_env env, int code, const shf_error *error) {
  napi_value value = failed ? NULL : shf_js_error(env, code, error, NULL);
  if (!failed) shf_js_ok(napi_throw(env, value));
  return NULL;
}

const char *shf_js_code(int code) {
  switch (code) {
    case SHF_E_NOMEM:
      return "SHF_E_NOMEM";
    case SHF_E_IO:
      return "SHF_E_IO";
    case SHF_E_FORMAT:
      return "SHF_E_FORMAT";
    case SHF_E_LIMIT:
      return "SHF_E_LIMIT";
    case SHF_E_ABSENT:
      return "SHF_E_ABSENT";
    default:
      return "SHF_E_ARG";
  }
}

napi_value shf_js_error(napi_env env, int code, const shf_error *error, const char *path) {
  const char *message = error && error->message ? error->message : shf_code_text(code);
  napi_value result = NULL;
  shf_js_ok(napi_create_error(env, shf_js_text(env, shf_str_of(shf_js_code(code))),
                              shf_js_text(env, shf_str_of(message)), &result));
  if (error && error->line)
    shf_js_set(env, result, "line", shf_js_number(env, (double)error->line));
  else if (error && code == SHF_E_FORMAT)
    shf_js_set(env, result, "offset", shf_js_number(env, (double)error->offset));
  if (error && error->sys) {
    const char *name = uv_err_name(-error->sys); /* libuv's codes are negative errnos */
    shf_js_set(env, result, "errno", shf_js_text(env, shf_str_of(name)));
  }
  if (path) shf_js_set(env, result, "path", shf_js_text(env, shf_str_of(path)));
  return result;
}

napi_value shf_js_undefined(napi_env env) {
  napi_value value = NULL;
  shf_js_ok(napi_get_undefined(env, &value));
  return value;
}

napi_value shf_js_text(napi_env env, shf_str text) {
  napi_value value = NULL;
  shf_js_ok(napi_create_string_utf8(env, text.ptr, text.len, &value));
  return value;
}

napi_value shf_js_number(napi_env env, double number) {
  napi_value value = NULL;
  shf_js_ok(napi_create_double(env, number, &value));
  return value;
}

napi_value shf_js_bool(napi_env env, bool truth) {
  napi_value value = NULL;
  shf_js_ok(napi_get_boolean(env, truth, &value));
  return value;
}

napi_value shf_js_object(napi_env env) {
  napi_value value = NULL;
  shf_js_ok(napi_create_object(env, &value));
  return value;
}

napi_value shf_js_array(napi_env env, uint32_t count) {
  napi_value value = NULL;
  shf_js_ok(napi_create_array_with_length(env, count, &value));
  return value;
}

/* Node-API does not check for NULL values. */
static void define(napi_env env, napi_value object, napi_property_descriptor property) {
  property.attributes = napi_default_jsproperty;
  if (property.value)
    shf_js_ok(napi_define_properties(env, object, 1, &property));
  else
    shf_js_fail();
}

void shf_js_set(napi_env env, napi_value object, const char *name, napi_value value) {
  define(env, object, (napi_property_descriptor){.utf8name = name, .value = value});
}

void shf_js_set_named(napi_env env, napi_value object, napi_value name, napi_value value) {
  define(env, object, (napi_property_descriptor){.name = name, .value = name ? value : NULL});
}

void shf_js_set_at(napi_env env, napi_value array, uint32_t at, napi_value value) {
  char name[16];
  /* napi_set_element would run a setter of Array.prototype */
  snprintf(name, sizeof name, "%" PRIu32, at);
  shf_js_set(env, array, name, value);
}

napi_handle_scope shf_js_open(napi_env env) {
  napi_handle_scope scope = NULL;
  shf_js_ok(napi_open_handle_scope(env, &scope));
  return scope;
}

void shf_js_close(napi_env env, napi_handle_scope scope) {
  if (scope) shf_js_ok(napi_close_handle_scope(env, scope));
}

bool shf_js_is(napi_env env, napi_value value, napi_valuetype type) {
  napi_valuetype actual;
  return value && shf_js_ok(napi_typeof(env, value, &actual)) && actual == type;
}

napi_value shf_js_get(napi_env env, napi_value object, const char *name) {
  bool own = false;
  napi_value value = NULL;
  if (!shf_js_is(env, object, napi_object)) return shf_js_undefined(env);
  napi_value key = shf_js_text(env, shf_str_of(name));
  if (key) shf_js_ok(napi_has_own_property(env, object, key, &own));
  if (!own) return shf_js_undefined(env);
  shf_js_ok(napi_get_property(env, object, key, &value));
  return value;
}

char *shf_js_string(napi_env env, napi_value value, size_t *len) {
  size_t n;
  if (!shf_js_is(env, value, napi_string)) return NULL;
  if (!shf_js_ok(napi_get_value_string_utf8(env, value, NULL, 0, &n))) return NULL;
  char *text = malloc(n + 1);
  if (text && shf_js_ok(napi_get_value_string_utf8(env, value, text, n + 1, &n))) {
    if (len) *len = n;
    return text;
  }
  shf_js_fail();
  free(text);
  return NULL;
}

double shf_js_number_of(napi_env env, napi_value object, const char *name, double otherwise) {
  double number;
  napi_value value = shf_js_get(env, object, name);
  if (!shf_js_is(env, value, napi_number)) return otherwise;
  return shf_js_ok(napi_get_value_double(env, value, &number)) ? number : otherwise;
}

bool shf_js_bool_of(napi_env env, napi_value object, const char *name, bool otherwise) {
  bool truth;
  napi_value value = shf_js_get(env, object, name);
  if (!shf_js_is(env, value, napi_boolean)) return otherwise;
  return shf_js_ok(napi_get_value_bool(env, value, &truth)) ? truth : otherwise;
}

char *shf_js_string_of(napi_env env, napi_value object, const char *name, size_t *len) {
  return shf_js_string(env, shf_js_get(env, object, name), len);
}

const unsigned char *shf_js_bytes(napi_env env, napi_value value, size_t *len) {
  bool typed = false;
  napi_typedarray_type type;
  void *bytes;
  if (!value || !shf_js_ok(napi_is_typedarray(env, value, &typed)) || !typed) return NULL;
  if (!shf_js_ok(napi_get_typedarray_info(env, value, &type, len, &bytes, NULL, NULL))) return NULL;
  if (type != napi_uint8_array) return NULL;
  /* an empty array has no memory */
  return bytes && *len ? bytes : (const unsigned char *)"";
}

unsigned char *shf_js_copy(napi_env env, napi_value value, size_t *len) {
  const unsigned char *bytes = shf_js_bytes(env, value, len);
  if (!bytes) return NULL;
  unsigned char *copy = malloc(*len ? *len : 1);
  if (copy)
    memcpy(copy, bytes, *len);
  else
    shf_js_fail();
  return copy;
}

static void free_bytes(napi_env env, void *data, void *hint) {
  (void)env;
  (void)hint;
  free(data);
}

/* Whether Node frees the bytes of a Buffer that it failed to create. */
static bool took(napi_status status) {
  return status != napi_no_external_buffers_allowed && status != napi_pending_exception &&
         status != napi_cannot_run_js && status != napi_invalid_arg;
}

napi_value shf_js_buffer(napi_env env, char *bytes, size_t len) {
  napi_value buffer = NULL;
  void *copy = NULL;
  if (len) {
    napi_status status = napi_create_external_buffer(env, len, bytes, free_bytes, NULL, &buffer);
    if (status == napi_ok) return buffer;
    if (took(status)) {
      shf_js_fail();
      return NULL;
    }
  }
  /* some builds of V8 do not allow external memory in Buffers */
  shf_js_ok(napi_create_buffer_copy(env, len, len ? bytes : "", &copy, &buffer));
  free(bytes);
  return buffer;
}
