/*
 * The connection of an attached thread to the Unix socket of the attaching process.
 * It closes when that process ends, for whatever reason.
 */
#ifndef SHF_RUNTIME_ATTACH_SOCKET_H
#define SHF_RUNTIME_ATTACH_SOCKET_H

#include <uv.h>

#include "runtime/thread_session.h"

typedef struct shf_attach_socket shf_attach_socket;

/* Requests of one byte: capture now; collect garbage, then capture. */
#define SHF_ATTACH_CAPTURE 'c'
#define SHF_ATTACH_COLLECT 'g'

/*
 * Connects to the socket at `path`. A request makes the session write its capture (see
 * shf_session_enable_exit_capture). The answer is `begun\n`, then a line with `ok` or the
 * error. After that, or when the other end closes or cannot be reached, `on_end` is called
 * once, on this thread. The socket does not keep the loop alive.
 * @return 0 or an errno; then `on_end` is not called
 */
int shf_attach_socket_open(uv_loop_t *loop, const char *path, shf_session *session,
                           void (*on_end)(void *arg), void *arg, shf_attach_socket **out);
/* Closes and frees; the loop must run once more. `on_end` is not called. */
void shf_attach_socket_close(shf_attach_socket *socket);

#endif
