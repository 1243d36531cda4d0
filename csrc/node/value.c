#include "node/value.h"

#include <stdlib.h>
#include <string.h>
#include <uv.h>

void shf_js_methods(napi_env env, napi_value exports, const shf_method *methods, size_t count) {
  for (size_t i = 0; i < count; i++) {
    napi_value function;
    napi_create_function(env, methods[i].name, NAPI_AUTO_LENGTH, methods[i].call, NULL, &function);
    napi_set_named_property(env, exports, methods[i].name, function);
  }
}

size_t shf_js_args(napi_env env, napi_callback_info info, napi_value *argv, size_t count) {
  size_t given = count;
  napi_get_cb_info(env, info, &given, argv, NULL, NULL);
  return given;
}

void shf_js_throw(napi_env env, const char *code, const char *message) {
  napi_throw_error(env, code, message);
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
  napi_value result;
  napi_create_error(env, shf_js_text(env, shf_str_of(shf_js_code(code))),
                    shf_js_text(env, shf_str_of(message)), &result);
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
  napi_value value;
  napi_get_undefined(env, &value);
  return value;
}

napi_value shf_js_text(napi_env env, shf_str text) {
  napi_value value = NULL;
  if (napi_create_string_utf8(env, text.ptr, text.len, &value) != napi_ok)
    return shf_js_undefined(env);
  return value;
}

napi_value shf_js_number(napi_env env, double number) {
  napi_value value;
  napi_create_double(env, number, &value);
  return value;
}

napi_value shf_js_bool(napi_env env, bool truth) {
  napi_value value;
  napi_get_boolean(env, truth, &value);
  return value;
}

napi_value shf_js_object(napi_env env) {
  napi_value value;
  napi_create_object(env, &value);
  return value;
}

napi_value shf_js_array(napi_env env, uint32_t count) {
  napi_value value;
  napi_create_array_with_length(env, count, &value);
  return value;
}

void shf_js_set(napi_env env, napi_value object, const char *name, napi_value value) {
  napi_set_named_property(env, object, name, value);
}

void shf_js_set_at(napi_env env, napi_value array, uint32_t at, napi_value value) {
  napi_set_element(env, array, at, value);
}

bool shf_js_is(napi_env env, napi_value value, napi_valuetype type) {
  napi_valuetype actual;
  return value && napi_typeof(env, value, &actual) == napi_ok && actual == type;
}

napi_value shf_js_get(napi_env env, napi_value object, const char *name) {
  napi_value value;
  if (!shf_js_is(env, object, napi_object)) return shf_js_undefined(env);
  if (napi_get_named_property(env, object, name, &value) != napi_ok) return shf_js_undefined(env);
  return value;
}

char *shf_js_string(napi_env env, napi_value value, size_t *len) {
  size_t n;
  if (!shf_js_is(env, value, napi_string)) return NULL;
  if (napi_get_value_string_utf8(env, value, NULL, 0, &n) != napi_ok) return NULL;
  char *text = malloc(n + 1);
  if (!text) return NULL;
  if (napi_get_value_string_utf8(env, value, text, n + 1, &n) != napi_ok) {
    free(text);
    return NULL;
  }
  if (len) *len = n;
  return text;
}

double shf_js_number_of(napi_env env, napi_value object, const char *name, double otherwise) {
  double number;
  if (napi_get_value_double(env, shf_js_get(env, object, name), &number) != napi_ok)
    return otherwise;
  return number;
}

bool shf_js_bool_of(napi_env env, napi_value object, const char *name, bool otherwise) {
  bool truth;
  if (napi_get_value_bool(env, shf_js_get(env, object, name), &truth) != napi_ok) return otherwise;
  return truth;
}

char *shf_js_string_of(napi_env env, napi_value object, const char *name, size_t *len) {
  return shf_js_string(env, shf_js_get(env, object, name), len);
}

const unsigned char *shf_js_bytes(napi_env env, napi_value value, size_t *len) {
  bool typed = false;
  napi_typedarray_type type;
  void *bytes;
  if (!value || napi_is_typedarray(env, value, &typed) != napi_ok || !typed) return NULL;
  if (napi_get_typedarray_info(env, value, &type, len, &bytes, NULL, NULL) != napi_ok) return NULL;
  if (type != napi_uint8_array) return NULL;
  /* an empty array has no memory, and is still one */
  return bytes ? bytes : (const unsigned char *)"";
}
