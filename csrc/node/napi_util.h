/* JavaScript values in and out, for both bindings. */
#ifndef SHF_NODE_NAPI_UTIL_H
#define SHF_NODE_NAPI_UTIL_H

#define NAPI_VERSION 8
#include <node_api.h>

#include "shf.h"

typedef struct shf_method {
  const char *name;
  napi_callback call;
} shf_method;

/*
 * A call of Node-API fails where memory is short, where a getter of the app's has thrown, and where
 * JavaScript cannot run any more. Functions here then give NULL or nothing, which all of them take,
 * and it is remembered: as with a sink, whoever began asks once, at the end.
 */
/* What comes from here on is a call of its own. @return for the end: the state of an outer call */
bool shf_js_begin(void);
/* @return whether something failed since begin; the outer call is as it was */
bool shf_js_failed(bool outer);
/* Whether nothing failed so far. */
bool shf_js_ok_so_far(void);
/* Remembers that something failed. */
void shf_js_fail(void);
/* The same where it did. @return whether it went well */
bool shf_js_ok(napi_status status);
/* Has JavaScript see an exception where something failed since begin. @return whether nothing did
 */
bool shf_js_end(napi_env env, bool outer);

/* Sets functions on `exports`: each throws where something failed. `methods` is never freed. */
void shf_js_methods(napi_env env, napi_value exports, const shf_method *methods, size_t count);

/* Arguments; missing ones are undefined. @return the count that was given */
size_t shf_js_args(napi_env env, napi_callback_info info, napi_value *argv, size_t count);

/* Throws an Error with `code`, unless a call has failed already: that one is thrown. @return NULL
 */
napi_value shf_js_throw(napi_env env, const char *code, const char *message);
/* The same for a code of the core; `error` may be NULL. @return NULL */
napi_value shf_js_throw_code(napi_env env, int code, const shf_error *error);
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
/* An own property, whatever stands in the prototype: no setter of the app's runs. */
void shf_js_set(napi_env env, napi_value object, const char *name, napi_value value);
/* The same by a name that JavaScript has, `__proto__` too. */
void shf_js_set_named(napi_env env, napi_value object, napi_value name, napi_value value);
/* The same of an element. */
void shf_js_set_at(napi_env env, napi_value array, uint32_t at, napi_value value);

/* Around each turn of a loop that makes values: they are let go of at its end. */
napi_handle_scope shf_js_open(napi_env env);
void shf_js_close(napi_env env, napi_handle_scope scope);

bool shf_js_is(napi_env env, napi_value value, napi_valuetype type);
/*
 * An own property: what an app has put into Object.prototype is none. Undefined where there is none
 * or `object` is no object.
 */
napi_value shf_js_get(napi_env env, napi_value object, const char *name);
/* Copies as UTF-8, NUL-terminated; free() it. NULL when it is no string. */
char *shf_js_string(napi_env env, napi_value value, size_t *len);
/* Those of an object's property; `otherwise` where it is absent or of another type. */
double shf_js_number_of(napi_env env, napi_value object, const char *name, double otherwise);
bool shf_js_bool_of(napi_env env, napi_value object, const char *name, bool otherwise);
char *shf_js_string_of(napi_env env, napi_value object, const char *name, size_t *len);
/*
 * The bytes of a Buffer or Uint8Array, NULL when it is none. They are JavaScript's, which resizes,
 * transfers and changes them: only for what neither calls JavaScript nor leaves its thread.
 */
const unsigned char *shf_js_bytes(napi_env env, napi_value value, size_t *len);
/* A copy of them; free() it. NULL too when memory is short, which is remembered. */
unsigned char *shf_js_copy(napi_env env, napi_value value, size_t *len);
/* A Buffer of malloc's bytes, which become its own; they are freed where there is none. */
napi_value shf_js_buffer(napi_env env, char *bytes, size_t len);

#endif
