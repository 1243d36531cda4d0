#include "runtime/attach_socket.h"

#include <stdlib.h>
#include <string.h>

struct shf_attach_socket {
  uv_pipe_t pipe;
  uv_connect_t connecting;
  char byte; /* receives a request */
  shf_session *session;
  void (*on_end)(void *arg);
  void *arg;
};

static void on_closed(uv_handle_t *handle) {
  free(handle->data);
}

void shf_attach_socket_close(shf_attach_socket *socket) {
  uv_close((uv_handle_t *)&socket->pipe, on_closed);
}

/* A few bytes always fit into the buffer of a socket with no other writer. */
static void answer(shf_attach_socket *socket, const char *text) {
  uv_buf_t buf = {.base = (char *)text, .len = strlen(text)};
  uv_try_write((uv_stream_t *)&socket->pipe, &buf, 1);
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf) {
  (void)suggested;
  shf_attach_socket *socket = handle->data;
  buf->base = &socket->byte;
  buf->len = 1;
}

static void serve(shf_attach_socket *socket, char request) {
  answer(socket, "begun\n");
  shf_sampler *sampler = shf_session_sampler(socket->session);
  if (request == SHF_ATTACH_COLLECT && sampler) shf_sampler_collect(sampler, false);
  int code = shf_session_write(socket->session, "attached");
  const char *why =
      code == SHF_E_ABSENT ? "sampling was stopped by other code" : shf_code_text(code);
  answer(socket, code ? why : "ok");
  answer(socket, "\n");
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf) {
  shf_attach_socket *socket = stream->data;
  if (n == 0) return;
  char request = n > 0 ? buf->base[0] : 0;
  if (request == SHF_ATTACH_CAPTURE || request == SHF_ATTACH_COLLECT) serve(socket, request);
  uv_read_stop(stream);
  socket->on_end(socket->arg);
}

static void on_connected(uv_connect_t *connecting, int status) {
  shf_attach_socket *socket = connecting->handle->data;
  if (status == UV_ECANCELED) return; /* closed meanwhile */
  if (status == 0) status = uv_read_start(connecting->handle, on_alloc, on_read);
  if (status != 0) socket->on_end(socket->arg);
}

int shf_attach_socket_open(uv_loop_t *loop, const char *path, shf_session *session,
                           void (*on_end)(void *arg), void *arg, shf_attach_socket **out) {
  shf_attach_socket *socket = calloc(1, sizeof *socket);
  if (!socket) return -UV_ENOMEM;
  int code = uv_pipe_init(loop, &socket->pipe, 0);
  if (code) {
    free(socket);
    return -code;
  }
  socket->pipe.data = socket;
  socket->session = session;
  socket->on_end = on_end;
  socket->arg = arg;
  uv_unref((uv_handle_t *)&socket->pipe);
  uv_pipe_connect(&socket->connecting, &socket->pipe, path, on_connected);
  *out = socket;
  return 0;
}
