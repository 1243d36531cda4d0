/* What shap_sampler.node keeps of an environment, and what its files share. */
#ifndef SHF_NODE_INSTANCE_H
#define SHF_NODE_INSTANCE_H

#include <uv.h>

#include "node/napi_util.h"
#include "runtime/attach_socket.h"
#include "runtime/thread_session.h"

/*
 * What belongs to an environment. The main thread's outlives the environment:
 * process.exit comes to it after everything else is gone.
 */
typedef struct shf_instance {
  shf_session *session;
  bool main;
  bool collected;         /* the last collection was forced */
  bool environment_ended; /* the environment is being torn down */
  bool joined;            /* it leaves a capture */
  bool watching;          /* prepare and look were begun: never where somebody only attached */
  napi_env env;
  uv_prepare_t prepare;      /* of the main thread's loop */
  uv_timer_t look_timer;     /* when it is time to look at signals' actions again */
  uint64_t looked_ms;        /* when signals' actions were looked at last, by the loop's clock */
  shf_attach_socket *socket; /* to whoever is attached; NULL: nobody */
  bool exit_known;           /* process.exit comes to at_exit */
  bool killing;              /* a signal is being sent: at_exit means nothing */
  bool dies_unseen;          /* of that signal this process is to die unseen */
} shf_instance;

/* sampler_binding.c: what JavaScript asks, and what all share */
/* NULL where Node does not tell, which is remembered: an exception follows. */
shf_instance *shf__instance_of(napi_env env);
/* An Error for a code; SHF_E_ABSENT is a sampler that already runs. */
napi_value shf__instance_throw(napi_env env, int code);
/* Checkpoints at the heap's limit; sampling has started. */
void shf__instance_at_limit(shf_instance *in);
/* The enumerable string properties of `object` as key, value, key, value…; shf__meta_free. */
shf_str *shf__meta_read(napi_env env, napi_value object, size_t *count);
void shf__meta_free(shf_str *texts, size_t count);

/* instance_exit.c: the ways in which sampling ends, and the captures that it leaves */
napi_value shf_js_write_at_exit(napi_env env, napi_callback_info info);
napi_value shf_js_collect_at_exit(napi_env env, napi_callback_info info);
napi_value shf_js_serve(napi_env env, napi_callback_info info);
/* The environment ends; a cleanup hook of Node-API's, `arg` is its instance. */
void shf__instance_cleanup(void *arg);

#endif
