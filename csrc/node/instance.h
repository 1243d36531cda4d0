/* State of shap_sampler.node for each environment, and functions that its files share. */
#ifndef SHF_NODE_INSTANCE_H
#define SHF_NODE_INSTANCE_H

#include <uv.h>

#include "node/napi_util.h"
#include "runtime/attach_socket.h"
#include "runtime/thread_session.h"

/*
 * State of an environment. That of the main thread is never freed: process.exit uses it
 * after everything else is gone.
 */
typedef struct shf_instance {
  shf_session *session;
  bool main;
  bool collected;         /* the last collection was forced */
  bool environment_ended; /* the environment is being torn down */
  bool joined;            /* it writes a capture at its end */
  bool watching;          /* prepare and look_timer were started; not when only attached */
  napi_env env;
  uv_prepare_t prepare;      /* of the main thread's loop */
  uv_timer_t look_timer;     /* wakes the loop to check signal actions again */
  uint64_t looked_ms;        /* last check of signal actions, loop time */
  shf_attach_socket *socket; /* to the attached process; NULL: none */
  bool exit_known;           /* at_exit is registered for process.exit */
  bool killing;              /* a signal is being sent: at_exit is not an exit */
  bool dies_unseen;          /* that signal ends this process without a handler of ours */
  napi_ref label_buffer;     /* owns `label_slots` */
  int32_t *label_slots;      /* see shf_sampler_label_slots; NULL: not used yet */
  uint32_t label_slot_count;
} shf_instance;

/* sampler_binding.c */
/* NULL where Node-API fails, which is recorded: an exception follows. */
shf_instance *shf__instance_of(napi_env env);
/* Throws an Error for a code; SHF_E_ABSENT: a sampler already runs. @return NULL */
napi_value shf__instance_throw(napi_env env, int code);
/* Writes a checkpoint at the heap limit; call it after sampling has started. */
void shf__instance_at_limit(shf_instance *in);
/* The enumerable string properties of `object` as key, value, key, value…; shf__meta_free. */
shf_str *shf__meta_read(napi_env env, napi_value object, size_t *count);
void shf__meta_free(shf_str *texts, size_t count);

/* label_binding.c */
napi_value shf_js_label_set(napi_env env, napi_callback_info info);
napi_value shf_js_label_texts(napi_env env, napi_callback_info info);
napi_value shf_js_label_rename(napi_env env, napi_callback_info info);
napi_value shf_js_label_base(napi_env env, napi_callback_info info);
napi_value shf_js_label_contexts(napi_env env, napi_callback_info info);
napi_value shf_js_label_slots(napi_env env, napi_callback_info info);
napi_value shf_js_labels_reason(napi_env env, napi_callback_info info);

/* instance_exit.c: the ways in which sampling ends, and their captures */
napi_value shf_js_write_at_exit(napi_env env, napi_callback_info info);
napi_value shf_js_collect_at_exit(napi_env env, napi_callback_info info);
napi_value shf_js_serve(napi_env env, napi_callback_info info);
/* Cleanup hook of Node-API at the end of the environment; `arg` is its instance. */
void shf__instance_cleanup(void *arg);

#endif
