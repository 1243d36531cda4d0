#include "core/large_alloc.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/budget.h"
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

static void give_back(void *block, size_t bytes) {
  if (block && bytes >= SHF_LARGE_MIN)
    munmap(block, bytes);
  else
    free(block);
}

static void *resize(void *old, size_t from, size_t to) {
  bool was_mapped = from >= SHF_LARGE_MIN, mapped = to >= SHF_LARGE_MIN;
  if (!mapped && !was_mapped) return realloc(old, to);
  if (mapped && was_mapped) return remap(old, from, to);
  void *made = mapped ? map(to) : malloc(to);
  if (!made || !old) return made;
  memcpy(made, old, from < to ? from : to);
  give_back(old, from);
  return made;
}

static bool comes_cleared(size_t bytes) {
  return bytes >= SHF_LARGE_MIN;
}

void shf_large_discard(void *bytes, size_t len) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE), skipped = (page - (uintptr_t)bytes % page) % page;
  if (len < skipped + page) return;
  madvise((char *)bytes + skipped, (len - skipped) / page * page, MADV_DONTNEED);
}

#else

static void give_back(void *block, size_t bytes) {
  (void)bytes;
  free(block);
}

static void *resize(void *old, size_t from, size_t to) {
  (void)from;
  return realloc(old, to);
}

static bool comes_cleared(size_t bytes) {
  (void)bytes;
  return false;
}

void shf_large_discard(void *bytes, size_t len) {
  (void)bytes;
  (void)len;
}

#endif

void *shf_large_resize(void *old, size_t from, size_t to) {
  if (!shf__budget_resize(from, to)) return NULL;
  void *made = resize(old, from, to);
  if (!made) shf__budget_resize(to, from);
  return made;
}

void *shf_large_resize_zeros(void *old, size_t from, size_t to) {
  char *made = shf_large_resize(old, from, to);
  if (made && !comes_cleared(to)) memset(made + from, 0, to - from);
  return made;
}

void shf_large_free(void *block, size_t bytes) {
  if (block) shf__budget_resize(bytes, 0);
  give_back(block, bytes);
}
