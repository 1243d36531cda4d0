/*
 * A thread that is sampled for somebody outside: a connection to a Unix socket,
 * which ends with whoever is at its other end, however that one ends.
 */
#ifndef SHF_RUNTIME_ATTACH_SOCKET_H
#define SHF_RUNTIME_ATTACH_SOCKET_H

#include <uv.h>

#include "runtime/thread_session.h"

typedef struct shf_attach_socket shf_attach_socket;

/* What the other end may send, one byte: capture now; collect garbage first. */
#define SHF_ATTACH_CAPTURE 'c'
#define SHF_ATTACH_COLLECT 'g'

/*
 * Connects to the socket at `path`. Asked for a capture, the life writes it (see
 * shf_session_enable_exit_capture): the channel answers `begun\n`, then `ok\n` or why not, in one
 * line. After that, and when the other end closes or cannot be reached, `over` is
 * called, once, on this thread.
 * The loop is not kept alive.
 * @return 0 or an errno; then `over` is not called
 */
int shf_attach_socket_open(uv_loop_t *loop, const char *path, shf_session *session,
                           void (*on_end)(void *arg), void *arg, shf_attach_socket **out);
/* Closes and frees; the loop must run once more. `over` is not called. */
void shf_attach_socket_close(shf_attach_socket *socket);

#endif
