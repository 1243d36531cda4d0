/* Conversions between C and JavaScript values, for both bindings. */
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
 * A call of Node-API fails where memory is short, a getter of the app has thrown, or JavaScript
 * cannot run any more. Functions here then return NULL, which all of them accept, and record the
 * failure for the thread: the caller checks once, at the end.
 */
/* Starts a call. @return the state of the outer call, for shf_js_end */
bool shf_js_begin(void);
/* Ends a call. @return whether something failed since begin */
bool shf_js_failed(bool outer);
/* Whether nothing has failed since begin. */
bool shf_js_ok_so_far(void);
/* Records a failure. */
void shf_js_fail(void);
/* Records a failure unless `status` is napi_ok. @return whether it is */
bool shf_js_ok(napi_status status);
/* Ends a call, and throws if something failed. @return whether nothing did */
bool shf_js_end(napi_env env, bool outer);

/* Sets functions on `exports`, each of which throws on failure. `methods` must be static. */
void shf_js_methods(napi_env env, napi_value exports, const shf_method *methods, size_t count);

/* Arguments; missing ones are undefined. @return how many were given */
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
/* Defines an own property; does not run setters of the prototype. */
void shf_js_set(napi_env env, napi_value object, const char *name, napi_value value);
/* The same with a JavaScript value as name, which may be `__proto__`. */
void shf_js_set_named(napi_env env, napi_value object, napi_value name, napi_value value);
/* The same for an element. */
void shf_js_set_at(napi_env env, napi_value array, uint32_t at, napi_value value);

/* Around each iteration of a loop that creates values. */
napi_handle_scope shf_js_open(napi_env env);
void shf_js_close(napi_env env, napi_handle_scope scope);

bool shf_js_is(napi_env env, napi_value value, napi_valuetype type);
/*
 * An own property, never one of Object.prototype. Undefined where it is missing or `object` is
 * not an object.
 */
napi_value shf_js_get(napi_env env, napi_value object, const char *name);
/* A NUL-terminated UTF-8 copy; free() it. NULL when it is not a string. */
char *shf_js_string(napi_env env, napi_value value, size_t *len);
/* The value of a property; `otherwise` where it is missing or has another type. */
double shf_js_number_of(napi_env env, napi_value object, const char *name, double otherwise);
bool shf_js_bool_of(napi_env env, napi_value object, const char *name, bool otherwise);
char *shf_js_string_of(napi_env env, napi_value object, const char *name, size_t *len);
/*
 * The bytes of a Buffer or Uint8Array; NULL for another value. JavaScript may resize, transfer
 * and change them: use them only on its thread and before the next call of JavaScript.
 */
const unsigned char *shf_js_bytes(napi_env env, napi_value value, size_t *len);
/* A copy of them; free() it. Also NULL when memory is short, which is recorded. */
unsigned char *shf_js_copy(napi_env env, napi_value value, size_t *len);
/* A Buffer that owns `bytes`, which malloc returned; frees them on failure. */
napi_value shf_js_buffer(napi_env env, char *bytes, size_t len);

#endif
