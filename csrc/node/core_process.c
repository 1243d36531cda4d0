/*
 * Another process by a descriptor. A process id may be reused before a signal is sent, a
 * descriptor is not.
 */
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "node/core_binding.h"

#if defined(__linux__) && (defined(__x86_64__) || defined(__aarch64__))
/* Linux 5.3; the oldest C library that we build with has no names for them */
enum { PIDFD_SEND_SIGNAL = 424, PIDFD_OPEN = 434 };

static long open_process(int pid) {
  return syscall(PIDFD_OPEN, pid, 0);
}

static long signal_process(int fd, int number) {
  return syscall(PIDFD_SEND_SIGNAL, fd, number, NULL, 0);
}
#else
static long open_process(int pid) {
  (void)pid;
  errno = ENOSYS;
  return -1;
}

static long signal_process(int fd, int number) {
  (void)fd;
  (void)number;
  errno = ENOSYS;
  return -1;
}
#endif

static int int_of(napi_env env, napi_value value) {
  int32_t number = 0;
  return napi_get_value_int32(env, value, &number) == napi_ok ? number : 0;
}

/* openProcess(pid): a descriptor, which the caller closes; below 0 an errno, negated */
napi_value shf_js_open_process(napi_env env, napi_callback_info info) {
  napi_value argv[1];
  shf_js_args(env, info, argv, 1);
  long fd = open_process(int_of(env, argv[0]));
  return shf_js_number(env, (double)(fd < 0 ? -errno : fd));
}

/* signalProcess(descriptor, number): 0 or an errno; the number 0 sends nothing */
napi_value shf_js_signal_process(napi_env env, napi_callback_info info) {
  napi_value argv[2];
  shf_js_args(env, info, argv, 2);
  long code = signal_process(int_of(env, argv[0]), int_of(env, argv[1]));
  return shf_js_number(env, code < 0 ? errno : 0);
}
