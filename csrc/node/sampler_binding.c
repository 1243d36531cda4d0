/* shap_sampler.node: sampling for the JavaScript of one environment. */
#include <node_api.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "node/instance.h"
#include "runtime/signals.h"
#include "runtime/snapshots.h"
#include "runtime/thread_registry.h"

shf_instance *shf__instance_of(napi_env env) {
  void *data = NULL;
  shf_js_ok(napi_get_instance_data(env, &data));
  return data;
}

/* Bytes above the heap limit for V8's walk and for the end of the process. */
enum { LIMIT_SLACK = 16 << 20 };

static void at_limit(void *arg) {
  shf_session_write(arg, "heap limit");
}

void shf__instance_at_limit(shf_instance *in) {
  shf_sampler_at_limit(shf_session_sampler(in->session), LIMIT_SLACK, at_limit, in->session);
}

napi_value shf__instance_throw(napi_env env, int code) {
  if (code != SHF_E_ABSENT) return shf_js_throw(env, shf_js_code(code), shf_code_text(code));
  return shf_js_throw(env, "ERR_SHAP_FLAME_RUNNING", "a heap sampler already runs in this thread");
}

static napi_value start(napi_env env, napi_callback_info info) {
  napi_value o;
  shf_instance *in = shf__instance_of(env);
  shf_js_args(env, info, &o, 1);
  double interval = shf_js_number_of(env, o, "interval", 65536);
  double depth = shf_js_number_of(env, o, "depth", 128);
  double memory = shf_js_number_of(env, o, "maxMemory", 32 << 20);
  double thread = shf_js_number_of(env, o, "thread", 0);
  if (!(interval >= 1 && interval <= 9007199254740991) || !(depth >= 1 && depth <= 100000) ||
      !(memory >= 0 && memory <= 9007199254740991) || !(thread >= 0 && thread <= UINT32_MAX))
    return shf__instance_throw(env, SHF_E_ARG);
  shf_sampler_options options = {.interval = (uint64_t)interval,
                                 .depth = (uint32_t)depth,
                                 .exact_depth = shf_js_bool_of(env, o, "exactDepth", false),
                                 .alloc = shf_js_bool_of(env, o, "alloc", true),
                                 .inuse = shf_js_bool_of(env, o, "inuse", true),
                                 .lines = shf_js_bool_of(env, o, "lines", false),
                                 .max_memory = (uint64_t)memory,
                                 .pid = (uint32_t)getpid(),
                                 .thread = (uint32_t)thread};
  double before = shf_js_number_of(env, o, "arrayBuffers", 0);
  shf_offheap_options offheap = {.interval = options.interval,
                                 .depth = options.depth,
                                 .before = before >= 0 && before < 1e15 ? (uint64_t)before : 0,
                                 .pid = options.pid,
                                 .thread = options.thread};
  bool wanted = shf_js_bool_of(env, o, "offheap", false);
  double types = shf_js_number_of(env, o, "types", SHF_TYPES_OF_NONE);
  if (!in || !shf_js_ok_so_far()) return NULL;
  if (types >= SHF_TYPES_OF_NONE && types <= SHF_TYPES_OF_ALL)
    shf_session_types(in->session, (enum shf_types_of)types);
  int code = shf_session_start(in->session, &options, wanted ? &offheap : NULL);
  if (code) {
    shf__instance_throw(env, code);
  } else if (in->joined) {
    /* Node ends a worker at its limit; its samples still exist in the cleanup hook */
    if (in->main) shf__instance_at_limit(in);
    shf_registry_sampled(in->session);
  }
  return NULL;
}

static napi_value stop(napi_env env, napi_callback_info info) {
  (void)info;
  shf_instance *in = shf__instance_of(env);
  if (in) shf_session_stop(in->session);
  return NULL;
}

/* NULL: not sampling. */
static shf_sampler *sampler_of(napi_env env) {
  const shf_instance *in = shf__instance_of(env);
  return in ? shf_session_sampler(in->session) : NULL;
}

static napi_value running(napi_env env, napi_callback_info info) {
  (void)info;
  return shf_js_bool(env, sampler_of(env) != NULL);
}

static napi_value liveness(napi_env env, napi_callback_info info) {
  (void)info;
  static const char *const names[] = {"none", "public", "guarded", "sampler"};
  const shf_sampler *s = sampler_of(env);
  return shf_js_text(env, shf_str_of(s ? names[shf_sampler_liveness(s)] : "none"));
}

static napi_value liveness_reason(napi_env env, napi_callback_info info) {
  (void)info;
  const shf_sampler *s = sampler_of(env);
  return shf_js_text(env, shf_str_of(s ? shf_sampler_reason(s) : "nothing is sampled"));
}

static napi_value offheap_reason(napi_env env, napi_callback_info info) {
  (void)info;
  const shf_instance *in = shf__instance_of(env);
  return shf_js_text(env, shf_str_of(in ? shf_session_offheap_reason(in->session) : ""));
}

shf_str *shf__meta_read(napi_env env, napi_value object, size_t *count) {
  napi_value names;
  uint32_t n = 0;
  *count = 0;
  if (!shf_js_is(env, object, napi_object)) return NULL;
  /* own ones only: an app may have added others to Object.prototype */
  if (!shf_js_ok(napi_get_all_property_names(env, object, napi_key_own_only,
                                             napi_key_enumerable | napi_key_skip_symbols,
                                             napi_key_numbers_to_strings, &names)))
    return NULL;
  if (!shf_js_ok(napi_get_array_length(env, names, &n))) return NULL;
  shf_str *texts = calloc((size_t)n * 2 + 1, sizeof *texts);
  if (!texts) shf_js_fail();
  for (uint32_t i = 0; texts && i < n; i++) {
    napi_value key = NULL, value = NULL; /* a getter throws, or the thread is being terminated */
    shf_str k, v;
    napi_handle_scope scope = shf_js_open(env);
    shf_js_ok(napi_get_element(env, names, i, &key));
    shf_js_ok(napi_get_property(env, object, key, &value));
    k.ptr = shf_js_string(env, key, &k.len);
    v.ptr = shf_js_string(env, value, &v.len);
    if (k.ptr && v.ptr) {
      texts[(*count)++] = k;
      texts[(*count)++] = v;
    } else {
      free((void *)k.ptr);
      free((void *)v.ptr);
    }
    shf_js_close(env, scope);
  }
  return texts;
}

void shf__meta_free(shf_str *texts, size_t count) {
  for (size_t i = 0; i < count; i++) free((void *)texts[i].ptr);
  free(texts);
}

typedef struct bytes {
  char *at;
  size_t len, capacity;
} bytes;

static int begin_bytes(void *self, uint64_t length) {
  bytes *b = self;
  b->at = malloc((size_t)length);
  b->capacity = b->at ? (size_t)length : 0;
  return b->at ? SHF_OK : SHF_E_NOMEM;
}

static int put_bytes(void *self, const void *from, size_t len) {
  bytes *b = self;
  if (len > b->capacity - b->len) return SHF_E_LIMIT;
  memcpy(b->at + b->len, from, len);
  b->len += len;
  return SHF_OK;
}

/* Frees V8's copy of the tree on a pool thread: it takes as long as our walk. */
typedef struct unfreed {
  napi_async_work work;
  void *v8_profile;
} unfreed;

static void free_v8_profile(napi_env env, void *data) {
  (void)env;
  shf_sampler_free_v8_profile(((unfreed *)data)->v8_profile);
}

static void on_freed(napi_env env, napi_status status, void *data) {
  unfreed *l = data;
  if (status != napi_ok) shf_sampler_free_v8_profile(l->v8_profile);
  napi_delete_async_work(env, l->work);
  free(l);
}

static void free_later(napi_env env, void *v8_profile) {
  if (!v8_profile) return;
  unfreed *l = calloc(1, sizeof *l);
  napi_value name = shf_js_text(env, shf_str_of("shap-flame"));
  if (l) l->v8_profile = v8_profile;
  if (l &&
      napi_create_async_work(env, NULL, name, free_v8_profile, on_freed, l, &l->work) == napi_ok) {
    if (napi_queue_async_work(env, l->work) == napi_ok) return;
    napi_delete_async_work(env, l->work);
  }
  free(l);
  shf_sampler_free_v8_profile(v8_profile);
}

static napi_value capture(napi_env env, napi_callback_info info) {
  napi_value o;
  shf_instance *in = shf__instance_of(env);
  shf_js_args(env, info, &o, 1);
  if (!in) return NULL;
  size_t count;
  shf_str *texts = shf__meta_read(env, shf_js_get(env, o, "meta"), &count);
  bytes b = {0};
  shf_session_sink sink = {begin_bytes, put_bytes, &b};
  void *v8_profile;
  shf_session *session = in->session;
  shf_sampler *s = shf_session_sampler(session);
  if (s && shf_js_bool_of(env, o, "gc", false)) shf_sampler_collect(s, false);
  int code = shf_session_capture(session, shf_js_bool_of(env, o, "types", false), texts, count,
                                 &sink, &v8_profile);
  shf__meta_free(texts, count);
  free_later(env, v8_profile);
  if (code == SHF_E_ABSENT) {
    free(b.at);
    shf_js_throw(env, "ERR_SHAP_FLAME_STOPPED", "nothing is sampled, or somebody else stopped it");
    return NULL;
  }
  if (!code) return shf_js_buffer(env, b.at, b.len);
  free(b.at);
  shf__instance_throw(env, code);
  return NULL;
}

/*
 * Node-API lets any Node load this addon, but V8's symbols belong to one version. Calling a
 * missing one would end the process.
 */
static bool is_for_this_node(napi_env env) {
  const napi_node_version *version;
  return napi_get_node_version(env, &version) == napi_ok &&
         version->major == shf_sampler_node_major();
}

/*
 * takeSnapshots({ dir, every, fixed, keep, marks, signal }): from the main thread, once.
 * Returns whether the signal takes snapshots; 0: no signal.
 */
static napi_value take_snapshots(napi_env env, napi_callback_info info) {
  napi_value o;
  size_t len;
  shf_js_args(env, info, &o, 1);
  char *dir = shf_js_string_of(env, o, "dir", &len);
  if (!dir) return shf__instance_throw(env, SHF_E_ARG);
  shf_snapshots_options options = {.dir = {dir, len},
                                   .every_ms = (uint64_t)shf_js_number_of(env, o, "every", 0),
                                   .fixed = shf_js_bool_of(env, o, "fixed", false),
                                   .keep = (uint32_t)shf_js_number_of(env, o, "keep", 0),
                                   .marks = shf_js_bool_of(env, o, "marks", false)};
  int number = (int)shf_js_number_of(env, o, "signal", 0);
  int code = shf_js_ok_so_far() ? shf_snapshots_start(&options) : SHF_E_NOMEM;
  free(dir);
  if (code) shf_js_throw(env, "SHF_E_IO", "the thread that takes snapshots cannot be started");
  return code ? NULL : shf_js_bool(env, number > 0 && shf_signals_snapshot(number));
}

/* snapshot(): the number of the snapshot; 0 where none is taken */
static napi_value snapshot(napi_env env, napi_callback_info info) {
  (void)info;
  return shf_js_number(env, shf_snapshots_ask());
}

/* The path of this thread's capture; empty where exit capture is disabled. */
static napi_value capture_path(napi_env env, napi_callback_info info) {
  (void)info;
  const shf_instance *in = shf__instance_of(env);
  const char *path = in ? shf_session_path(in->session) : NULL;
  return shf_js_text(env, shf_str_of(path ? path : ""));
}

/* Writes every thread's capture before the process aborts. */
static void capture_all_threads(void *arg) {
  shf_registry_end(((const shf_instance *)arg)->session);
}

/* On the main thread, whose instance is never freed. */
static napi_value capture_at_abort(napi_env env, napi_callback_info info) {
  (void)info;
  shf_instance *in = shf__instance_of(env);
  if (in) shf_abort_watch(capture_all_threads, in);
  return NULL;
}

NAPI_MODULE_INIT() {
  static const shf_method methods[] = {
      {"start", start},
      {"stop", stop},
      {"running", running},
      {"liveness", liveness},
      {"capture", capture},
      {"livenessReason", liveness_reason},
      {"offheapReason", offheap_reason},
      {"writeAtExit", shf_js_write_at_exit},
      {"collectAtExit", shf_js_collect_at_exit},
      {"takeSnapshots", take_snapshots},
      {"snapshot", snapshot},
      {"capturePath", capture_path},
      {"captureAtAbort", capture_at_abort},
      {"serve", shf_js_serve},
      {"labelSet", shf_js_label_set},
      {"labelTexts", shf_js_label_texts},
      {"labelRename", shf_js_label_rename},
      {"labelBase", shf_js_label_base},
      {"labelContexts", shf_js_label_contexts},
      {"labelSlots", shf_js_label_slots},
      {"labelsReason", shf_js_labels_reason},
  };
  if (!is_for_this_node(env)) {
    char message[32];
    snprintf(message, sizeof message, "built for Node %u", shf_sampler_node_major());
    shf_js_throw(env, "SHF_E_ABI", message);
    return NULL;
  }
  shf_instance *in = calloc(1, sizeof *in);
  if (in) in->session = shf_session_new();
  if (!in || !in->session) {
    free(in);
    shf__instance_throw(env, SHF_E_NOMEM);
    return NULL;
  }
  bool outer = shf_js_begin();
  in->env = env;
  if (shf_js_ok(napi_add_env_cleanup_hook(env, shf__instance_cleanup, in))) {
    shf_js_ok(napi_set_instance_data(env, in, NULL, NULL));
    shf_js_methods(env, exports, methods, sizeof methods / sizeof *methods);
  } else {
    shf_session_free(in->session);
    free(in);
  }
  return shf_js_end(env, outer) ? exports : NULL;
}
