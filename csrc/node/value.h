/* JavaScript values in and out, for both bindings. */
#ifndef SHF_VALUE_H
#define SHF_VALUE_H

#define NAPI_VERSION 8
#include <node_api.h>

#include "shf.h"

typedef struct shf_method {
  const char *name;
  napi_callback call;
} shf_method;

/* Sets functions on `exports`. */
void shf_js_methods(napi_env env, napi_value exports, const shf_method *methods, size_t count);

/* Arguments; missing ones are undefined. @return the count that was given */
size_t shf_js_args(napi_env env, napi_callback_info info, napi_value *argv, size_t count);

/* Throws an Error with `code`. */
void shf_js_throw(napi_env env, const char *code, const char *message);
/* "SHF_E_NOMEM" and so on. */
const char *shf_js_code(int code);
/* An Error for a code of the core; `error` and `path` (NUL-terminated) may be NULL. */
napi_value shf_js_error(napi_env env, int code, const shf_error *error, const char *path);

napi_value shf_js_undefined(napi_env env);
napi_value shf_js_text(napi_env env, shf_str text);
napi_value shf_js_number(napi_env env, double value);
napi_value shf_js_bool(napi_env env, bool value);
napi_value shf_js_object(napi_env env);
napi_value shf_js_array(napi_env env, uint32_t count);
void shf_js_set(napi_env env, napi_value object, const char *name, napi_value value);
void shf_js_set_at(napi_env env, napi_value array, uint32_t at, napi_value value);

bool shf_js_is(napi_env env, napi_value value, napi_valuetype type);
/* A property, undefined where `object` is no object. */
napi_value shf_js_get(napi_env env, napi_value object, const char *name);
/* Copies as UTF-8, NUL-terminated; free() it. NULL when it is no string. */
char *shf_js_string(napi_env env, napi_value value, size_t *len);
/* Those of an object's property; `otherwise` where it is absent or of another type. */
double shf_js_number_of(napi_env env, napi_value object, const char *name, double otherwise);
bool shf_js_bool_of(napi_env env, napi_value object, const char *name, bool otherwise);
char *shf_js_string_of(napi_env env, napi_value object, const char *name, size_t *len);
/* The bytes of a Buffer or Uint8Array, NULL when it is none. */
const unsigned char *shf_js_bytes(napi_env env, napi_value value, size_t *len);

#endif
