/*
 * The ends of sampling: the environment ends, process.exit, or the attached process
 * disconnects. Each writes a capture.
 */
#include <stdlib.h>
#include <unistd.h>

#include "node/instance.h"
#include "runtime/signals.h"
#include "runtime/thread_registry.h"

/* Minimum time between two checks of signal actions, which are system calls. */
enum { LOOK_MS = 100 };

static void collect(shf_instance *in) {
  if (in->collected) return;
  in->collected = true;
  shf_session_collect(in->session);
}

/* collectAtExit(whole): at a worker's 'exit' event, while its memory is still reachable */
napi_value shf_js_collect_at_exit(napi_env env, napi_callback_info info) {
  napi_value whole;
  bool wanted = false;
  shf_instance *in = shf__instance_of(env);
  shf_js_args(env, info, &whole, 1);
  if (!in) return NULL;
  if (napi_get_value_bool(env, whole, &wanted) == napi_ok && wanted)
    shf_session_collect(in->session);
  else
    shf_session_collect_small(in->session);
  return NULL;
}

/* Only makes the loop run, which calls on_prepare. */
static void on_look(uv_timer_t *look_timer) {
  (void)look_timer;
}

/*
 * The app may have removed its last handler of a signal. If the last check was just now, a
 * timer wakes the loop once for the next one.
 */
static void look_at_signals(shf_instance *in, uint64_t now) {
  uint64_t since = now - in->looked_ms;
  if (in->environment_ended) return;
  if (since >= LOOK_MS) {
    shf_sampler *sampler = shf_session_sampler(in->session);
    in->looked_ms = now;
    if (sampler) shf_sampler_idle(sampler);
    shf_signals_watch();
  } else if (!uv_is_active((uv_handle_t *)&in->look_timer)) {
    uv_timer_start(&in->look_timer, on_look, LOOK_MS - since, 0);
  }
}

/*
 * The main thread has no 'exit' listener, which a program could count. When Node has stopped
 * the environment, it runs the loop once more to close its own handles, and all memory of the
 * program is still reachable. We detect this by the failure of a call of JavaScript.
 */
static void on_prepare(uv_prepare_t *prepare) {
  shf_instance *in = prepare->data;
  napi_handle_scope scope;
  napi_value global = NULL;
  bool same;
  if (uv_backend_timeout(prepare->loop) != 0) { /* nothing is closing */
    look_at_signals(in, uv_now(prepare->loop));
    return;
  }
  if (in->collected) return;
  if (napi_open_handle_scope(in->env, &scope) != napi_ok) return;
  napi_get_global(in->env, &global);
  napi_status status = napi_strict_equals(in->env, global, global, &same);
  bool stopped = status == napi_pending_exception || status == napi_cannot_run_js;
  if (stopped)
    collect(in);
  else
    look_at_signals(in, uv_now(prepare->loop));
  napi_close_handle_scope(in->env, scope);
}

static void watch_end(shf_instance *in, uv_loop_t *loop) {
  if (uv_timer_init(loop, &in->look_timer) != 0 || uv_prepare_init(loop, &in->prepare) != 0) return;
  in->prepare.data = in;
  uv_unref((uv_handle_t *)&in->look_timer);
  uv_unref((uv_handle_t *)&in->prepare);
  uv_prepare_start(&in->prepare, on_prepare);
  in->watching = true;
}

static void unwatch_end(shf_instance *in) {
  if (!in->watching) return;
  uv_prepare_stop(&in->prepare);
  uv_timer_stop(&in->look_timer);
}

static void detach(shf_instance *in) {
  if (in->socket) shf_attach_socket_close(in->socket);
  in->socket = NULL;
}

/* For process.exit, process.reallyExit, uncaught errors, and each signal to ourselves. */
static void at_exit(void *arg) {
  shf_instance *in = arg;
  if (in->killing) {
    in->exit_known = false; /* Node drops the hook now */
    return;
  }
  if (!in->environment_ended) collect(in);
  shf_session_write_last(in->session, "ended");
  shf_registry_leave(in->session); /* a signal now waits only for workers */
  shf_session_stop(in->session);
}

/* Node 24 crashes if sampling still runs after this. */
void shf__instance_cleanup(void *arg) {
  shf_instance *in = arg;
  in->environment_ended = true;
  shf_session_write_last(in->session, "ended");
  detach(in);
  if (in->main) {
    unwatch_end(in);
    shf_signals_forget();
    shf_registry_leave(in->session);
    shf_session_stop(in->session);
    return;
  }
  shf_registry_leave(in->session);
  shf_session_free(in->session);
  free(in);
}

static int enable_exit_capture(napi_env env, shf_instance *in, napi_value o) {
  size_t dir_len, count;
  char *dir = shf_js_string_of(env, o, "dir", &dir_len);
  if (!dir) return SHF_E_ARG;
  uint32_t thread = (uint32_t)shf_js_number_of(env, o, "thread", 0);
  bool gc = shf_js_bool_of(env, o, "gc", true);
  shf_str *texts = shf__meta_read(env, shf_js_get(env, o, "meta"), &count);
  int code = shf_js_ok_so_far() ? SHF_OK : SHF_E_NOMEM;
  if (!code)
    code = shf_session_enable_exit_capture(in->session, (shf_str){dir, dir_len}, thread, gc);
  free(dir);
  for (size_t i = 0; i + 1 < count && !code; i += 2)
    code = shf_session_add_meta(in->session, texts[i], texts[i + 1]);
  shf__meta_free(texts, count);
  return code;
}

static void watch_exit(shf_instance *in) {
  if (!in->exit_known) shf_sampler_at_exit(at_exit, in);
  in->exit_known = true;
}

static bool is_this_process(int pid) {
  int own = (int)getpid();
  return pid == own || pid == -own || pid == 0 || pid == -1;
}

/* A signal with a handler of ours needs nothing here: it is handled as one from outside. */
static void before_kill(void *arg, int pid, int number) {
  shf_instance *in = arg;
  in->killing = true;
  in->dies_unseen = in->joined && is_this_process(pid) && shf_signals_ends_unseen(number);
  if (in->dies_unseen) shf_registry_end(in->session);
}

static void after_kill(void *arg) {
  shf_instance *in = arg;
  in->killing = false;
  shf_signals_settle(in->session);
  if (in->dies_unseen)
    shf_session_checkpoint(in->session); /* the process survived: replace that capture */
  if (in->joined) watch_exit(in);
}

/* On the main thread: only its exit hooks run for a signal to ourselves. */
static void watch_kill(shf_instance *in) {
  shf_kill_calls calls = {before_kill, after_kill, in};
  shf_kill_watch(&calls);
}

/* Registers the thread; the main thread handles signals too. */
static int join(napi_env env, shf_instance *in, bool main) {
  uv_loop_t *loop;
  if (napi_get_uv_event_loop(env, &loop) != napi_ok) return UV_EINVAL;
  int code = shf_registry_join(in->session, loop, main ? shf_signals_answered : NULL);
  if (code || !main) return code;
  in->main = true;
  watch_exit(in);
  watch_kill(in);
  watch_end(in, loop);
  return shf_signals_watch();
}

/*
 * writeAtExit({ dir, gc, meta, thread, signals, every, fixed }): `signals` only on the main
 * thread; no checkpoints without `every`, a single one with 0
 */
napi_value shf_js_write_at_exit(napi_env env, napi_callback_info info) {
  napi_value o;
  shf_instance *in = shf__instance_of(env);
  shf_js_args(env, info, &o, 1);
  if (!in) return NULL;
  bool signals = shf_js_bool_of(env, o, "signals", false);
  bool fixed = shf_js_bool_of(env, o, "fixed", false);
  double every = shf_js_number_of(env, o, "every", -1);
  int code = enable_exit_capture(env, in, o);
  if (code) return shf__instance_throw(env, code);
  if (in->joined) return NULL;
  in->joined = true;
  if (join(env, in, signals) != 0)
    return shf_js_throw(env, "SHF_E_IO", "this thread's end cannot be watched");
  if (every >= 0 && every < 1e12) shf_registry_checkpoints(in->session, (uint64_t)every, fixed);
  return NULL;
}

/* The attached process has its capture or is gone: restores the state before. */
static void on_detached(void *arg) {
  shf_instance *in = arg;
  shf_registry_leave(in->session);
  shf_session_reset(in->session);
  in->joined = false;
  detach(in);
}

static int attach_life(napi_env env, shf_instance *in, const char *socket) {
  uv_loop_t *loop;
  if (napi_get_uv_event_loop(env, &loop) != napi_ok) return UV_EINVAL;
  int code = shf_registry_join(in->session, loop, NULL);
  if (code) return code;
  code = shf_attach_socket_open(loop, socket, in->session, on_detached, in, &in->socket);
  if (code) {
    shf_registry_leave(in->session);
    return code;
  }
  in->joined = in->main = true;
  watch_exit(in);
  watch_kill(in);
  shf__instance_at_limit(in);
  shf_registry_sampled(in->session);
  return 0;
}

/*
 * serve({ dir, socket, meta, thread, gc, every }): on the main thread of a process that is
 * attached to, after start(). Sampling ends when the socket closes.
 */
napi_value shf_js_serve(napi_env env, napi_callback_info info) {
  napi_value o;
  size_t len;
  shf_instance *in = shf__instance_of(env);
  shf_js_args(env, info, &o, 1);
  if (!in) return NULL;
  if (in->joined || !shf_session_sampler(in->session))
    return shf__instance_throw(env, SHF_E_ABSENT);
  shf_session_suppress_warnings(in->session);
  char *socket = shf_js_string_of(env, o, "socket", &len);
  double every = shf_js_number_of(env, o, "every", 0);
  int code = socket ? enable_exit_capture(env, in, o) : SHF_E_ARG;
  bool attached = !code && attach_life(env, in, socket) == 0;
  free(socket);
  if (attached) {
    if (every >= 1 && every < 1e12) shf_registry_checkpoints(in->session, (uint64_t)every, false);
    return NULL;
  }
  shf_session_reset(in->session);
  if (code)
    shf__instance_throw(env, code);
  else
    shf_js_throw(env, "SHF_E_IO", "this thread's end cannot be watched");
  return NULL;
}
