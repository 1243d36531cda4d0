#include "runtime/process_memory.h"

#ifdef __linux__
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The figure behind `key` at the beginning of a line, in kB there; 0: there is none. */
static uint64_t figure_of(const char *text, const char *key) {
  const char *at = strstr(text, key);
  uint64_t value = 0;
  if (!at) return 0;
  for (at += strlen(key); *at == ' ' || *at == '\t'; at++) continue;
  for (; *at >= '0' && *at <= '9'; at++) value = value * 10 + (uint64_t)(*at - '0');
  return value << 10;
}

bool shf_process_memory_read(shf_process_memory *out) {
  char text[4096];
  size_t len = 0;
  if (syscall(SYS_gettid) != getpid()) return false;
  int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  for (ssize_t n = 1; n > 0 && len < sizeof text - 1; len += (size_t)n) {
    n = read(fd, text + len, sizeof text - 1 - len);
    if (n <= 0) break;
  }
  close(fd);
  text[len] = 0;
  *out = (shf_process_memory){figure_of(text, "\nVmRSS:"), figure_of(text, "\nVmHWM:"),
                              figure_of(text, "\nRssFile:")};
  return out->rss > 0;
}

#else

bool shf_process_memory_read(shf_process_memory *out) {
  *out = (shf_process_memory){0, 0, 0};
  return false;
}

#endif
