/* An addon whose Buffers are memory of its own, as those of image libraries are. */
#include <stdlib.h>
#include <string.h>

#include <node_api.h>

static void release(napi_env env, void *bytes, void *hint) {
  (void)env;
  (void)hint;
  free(bytes);
}

/* make(bytes) */
static napi_value make(napi_env env, napi_callback_info info) {
  napi_value size, buffer = NULL;
  size_t count = 1;
  int64_t bytes = 0;
  napi_get_cb_info(env, info, &count, &size, NULL, NULL);
  napi_get_value_int64(env, size, &bytes);
  char *memory = malloc((size_t)bytes);
  if (!memory) return NULL;
  memset(memory, 1, (size_t)bytes);
  if (napi_create_external_buffer(env, (size_t)bytes, memory, release, NULL, &buffer) != napi_ok)
    free(memory);
  return buffer;
}

NAPI_MODULE_INIT() {
  napi_value function;
  napi_create_function(env, "make", NAPI_AUTO_LENGTH, make, NULL, &function);
  napi_set_named_property(env, exports, "make", function);
  return exports;
}
