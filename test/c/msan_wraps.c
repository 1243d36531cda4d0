/*
 * MemorySanitizer does not see what zlib, getentropy() and statx() write: here that counts as
 * initialised, and what zlib reads is checked. It loses what mremap() moves: here that is copied.
 */
#include <sanitizer/msan_interface.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <zlib.h>

int __real_deflate(z_stream *z, int flush);
int __real_inflate(z_stream *z, int flush);
int __wrap_deflate(z_stream *z, int flush);
int __wrap_inflate(z_stream *z, int flush);

static int run(int (*step)(z_stream *, int), z_stream *z, int flush) {
  Bytef *out = z->next_out;
  __msan_check_mem_is_initialized(z->next_in, z->avail_in);
  int code = step(z, flush);
  __msan_unpoison(z, sizeof(*z));
  __msan_unpoison(out, (size_t)(z->next_out - out));
  return code;
}

int __wrap_deflate(z_stream *z, int flush) {
  return run(__real_deflate, z, flush);
}
int __wrap_inflate(z_stream *z, int flush) {
  return run(__real_inflate, z, flush);
}

int __real_getentropy(void *bytes, size_t len);
int __wrap_getentropy(void *bytes, size_t len);

int __wrap_getentropy(void *bytes, size_t len) {
  int code = __real_getentropy(bytes, len);
  if (code == 0) __msan_unpoison(bytes, len);
  return code;
}

int __real_statx(int folder, const char *path, int flags, unsigned int mask, struct statx *out);
int __wrap_statx(int folder, const char *path, int flags, unsigned int mask, struct statx *out);

int __wrap_statx(int folder, const char *path, int flags, unsigned int mask, struct statx *out) {
  int code = __real_statx(folder, path, flags, mask, out);
  if (code == 0) __msan_unpoison(out, sizeof *out);
  return code;
}

void *__wrap_mremap(void *old, size_t old_size, size_t new_size, int flags, ...);

/* Weak: nomem_test has one of its own. */
__attribute__((weak)) void *__wrap_mremap(void *old, size_t old_size, size_t new_size, int flags,
                                          ...) {
  (void)flags;
  void *copy = mmap(NULL, new_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (copy == MAP_FAILED) return copy;
  memcpy(copy, old, old_size < new_size ? old_size : new_size);
  munmap(old, old_size);
  return copy;
}
