#include "v8/safe_read.h"

#ifdef SHF_SAFE_READ

#include <errno.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/uio.h>
#include <unistd.h>

namespace shf {

namespace {

// write(2) fails with EFAULT where memory is not readable.
bool ReadThroughPipe(void *to, const void *from, size_t len) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return false;
  bool whole = write(ends[1], from, len) == static_cast<ssize_t>(len) &&
               read(ends[0], to, len) == static_cast<ssize_t>(len);
  close(ends[0]);
  close(ends[1]);
  return whole;
}

// A system call filter (seccomp) may kill the process for process_vm_readv: do not try it.
bool Filtered() {
  static const bool filtered = prctl(PR_GET_SECCOMP) != 0;
  return filtered;
}

}  // namespace

bool SafeRead(const Range *ranges, int count) {
  iovec local[2], remote[2];
  size_t bytes = 0;
  for (int i = 0; i < count; i++) {
    if (!Possible(ranges[i])) return false;
    size_t len = ranges[i].words * sizeof(uintptr_t);
    local[i] = {ranges[i].to, len};
    remote[i] = {const_cast<uintptr_t *>(ranges[i].from), len};
    bytes += len;
  }
  if (!Filtered()) {
    unsigned long n = static_cast<unsigned long>(count);
    ssize_t got = process_vm_readv(getpid(), local, n, remote, n, 0);
    if (got == static_cast<ssize_t>(bytes)) return true;
    if (got >= 0 || (errno != EPERM && errno != ENOSYS)) return false;
  }
  for (int i = 0; i < count; i++)
    if (!ReadThroughPipe(ranges[i].to, ranges[i].from, local[i].iov_len)) return false;
  return true;
}

bool SafeRead(uintptr_t *to, const uintptr_t *from, size_t words) {
  Range range = {to, from, words};
  return SafeRead(&range, 1);
}

}  // namespace shf

#else

namespace shf {

bool SafeRead(const Range *, int) {
  return false;
}

bool SafeRead(uintptr_t *, const uintptr_t *, size_t) {
  return false;
}

}  // namespace shf

#endif
