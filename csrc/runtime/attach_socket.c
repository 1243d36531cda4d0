#include "runtime/attach_socket.h"

#include <stdlib.h>
#include <string.h>

struct shf_channel {
  uv_pipe_t pipe;
  uv_connect_t connecting;
  char byte; /* where a request is read to */
  shf_life *life;
  void (*over)(void *arg);
  void *arg;
};

static void on_closed(uv_handle_t *handle) {
  free(handle->data);
}

void shf_channel_close(shf_channel *channel) {
  uv_close((uv_handle_t *)&channel->pipe, on_closed);
}

/* A few bytes always fit into a socket that nothing else is written to. */
static void say(shf_channel *channel, const char *text) {
  uv_buf_t buf = {.base = (char *)text, .len = strlen(text)};
  uv_try_write((uv_stream_t *)&channel->pipe, &buf, 1);
}

static void give_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buf) {
  (void)suggested;
  shf_channel *channel = handle->data;
  buf->base = &channel->byte;
  buf->len = 1;
}

static void serve(shf_channel *channel, char request) {
  say(channel, "begun\n");
  shf_sampler *sampler = shf_life_sampler(channel->life);
  if (request == SHF_CHANNEL_COLLECT && sampler) shf_sampler_collect(sampler, false);
  int code = shf_life_checkpoint(channel->life, "attached");
  const char *why =
      code == SHF_E_ABSENT ? "somebody else stopped the sampling" : shf_code_text(code);
  say(channel, code ? why : "ok");
  say(channel, "\n");
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf) {
  shf_channel *channel = stream->data;
  if (n == 0) return;
  char request = n > 0 ? buf->base[0] : 0;
  if (request == SHF_CHANNEL_CAPTURE || request == SHF_CHANNEL_COLLECT) serve(channel, request);
  uv_read_stop(stream);
  channel->over(channel->arg);
}

static void on_connected(uv_connect_t *connecting, int status) {
  shf_channel *channel = connecting->handle->data;
  if (status == UV_ECANCELED) return; /* closed meanwhile */
  if (status == 0) status = uv_read_start(connecting->handle, give_room, on_read);
  if (status != 0) channel->over(channel->arg);
}

int shf_channel_open(uv_loop_t *loop, const char *path, shf_life *life, void (*over)(void *arg),
                     void *arg, shf_channel **out) {
  shf_channel *channel = calloc(1, sizeof *channel);
  if (!channel) return -UV_ENOMEM;
  int code = uv_pipe_init(loop, &channel->pipe, 0);
  if (code) {
    free(channel);
    return -code;
  }
  channel->pipe.data = channel;
  channel->life = life;
  channel->over = over;
  channel->arg = arg;
  uv_unref((uv_handle_t *)&channel->pipe);
  uv_pipe_connect(&channel->connecting, &channel->pipe, path, on_connected);
  *out = channel;
  return 0;
}
