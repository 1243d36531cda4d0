#include "core/pages.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#ifdef __linux__
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

static void *map(size_t bytes) {
  void *made = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return made == MAP_FAILED ? NULL : made;
}

static void *remap(void *old, size_t from, size_t to) {
  void *moved = mremap(old, from, to, MREMAP_MAYMOVE);
  return moved == MAP_FAILED ? NULL : moved;
}

void *shf_pages_resize(void *old, size_t from, size_t to) {
  bool was_mapped = from >= SHF_PAGES_LEAST, mapped = to >= SHF_PAGES_LEAST;
  if (!mapped && !was_mapped) return realloc(old, to);
  if (mapped && was_mapped) return remap(old, from, to);
  void *made = mapped ? map(to) : malloc(to);
  if (!made || !old) return made;
  memcpy(made, old, from < to ? from : to);
  shf_pages_free(old, from);
  return made;
}

void *shf_pages_resize_zeros(void *old, size_t from, size_t to) {
  char *made = shf_pages_resize(old, from, to);
  if (made && to < SHF_PAGES_LEAST) memset(made + from, 0, to - from);
  return made; /* the system's pages are 0 */
}

void shf_pages_free(void *block, size_t bytes) {
  if (block && bytes >= SHF_PAGES_LEAST)
    munmap(block, bytes);
  else
    free(block);
}

void shf_pages_forget(void *bytes, size_t len) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE), skipped = (page - (uintptr_t)bytes % page) % page;
  if (len < skipped + page) return;
  madvise((char *)bytes + skipped, (len - skipped) / page * page, MADV_DONTNEED);
}

#else

void shf_pages_forget(void *bytes, size_t len) {
  (void)bytes;
  (void)len;
}

void *shf_pages_resize(void *old, size_t from, size_t to) {
  (void)from;
  return realloc(old, to);
}

void *shf_pages_resize_zeros(void *old, size_t from, size_t to) {
  char *made = realloc(old, to);
  if (made) memset(made + from, 0, to - from);
  return made;
}

void shf_pages_free(void *block, size_t bytes) {
  (void)bytes;
  free(block);
}

#endif
