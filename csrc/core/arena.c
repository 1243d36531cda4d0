#include "core/arena.h"

#include <stdalign.h>
#include <stdlib.h>

#include "core/large_alloc.h"
#include "shf.h"

enum { CHUNK_BYTES = 64 * 1024, ALIGNMENT = 16 };

/* The header in front of each block; its size keeps the payload aligned. */
typedef struct block {
  alignas(ALIGNMENT) struct block *next;
  struct block *prev;
  size_t bytes; /* with this header */
} block;

struct shf_arena {
  block head; /* a ring of blocks; this one is empty */
  char *at;   /* free part of the current chunk */
  size_t left;
};

shf_arena *shf_arena_new(void) {
  shf_arena *a = malloc(sizeof *a);
  if (!a) return NULL;
  a->head.next = a->head.prev = &a->head;
  a->at = NULL;
  a->left = 0;
  return a;
}

void shf_arena_free(shf_arena *a) {
  if (!a) return;
  block *b = a->head.next;
  while (b != &a->head) {
    block *next = b->next;
    shf_large_free(b, b->bytes);
    b = next;
  }
  free(a);
}

size_t shf_arena_bytes(const shf_arena *a) {
  size_t sum = 0;
  for (const block *b = a->head.next; b != &a->head; b = b->next) sum += b->bytes;
  return sum;
}

/* Adds a block to the ring. NULL when out of memory. */
static block *add_block(shf_arena *a, size_t bytes) {
  block *b = shf_large_resize(NULL, 0, bytes);
  if (!b) return NULL;
  b->bytes = bytes;
  b->next = &a->head;
  b->prev = a->head.prev;
  b->prev->next = b;
  a->head.prev = b;
  return b;
}

/* Bytes of a block with `count * size` of payload, 0 when that overflows. */
static size_t block_bytes(size_t count, size_t size) {
  size_t limit = SIZE_MAX - sizeof(block) - ALIGNMENT;
  if (size != 0 && count > limit / size) return 0;
  size_t n = (count * size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
  /* an empty allocation gets a place too, because NULL means out of memory */
  return (n ? n : ALIGNMENT) + sizeof(block);
}

void *shf_arena_alloc(shf_arena *a, size_t count, size_t size) {
  size_t bytes = block_bytes(count, size);
  if (bytes == 0) return NULL;
  size_t payload = bytes - sizeof(block);
  if (payload <= a->left) {
    void *p = a->at;
    a->at += payload;
    a->left -= payload;
    return p;
  }
  if (payload > CHUNK_BYTES / 4) return shf_arena_grow(a, NULL, count, size);
  block *b = add_block(a, sizeof(block) + CHUNK_BYTES);
  if (!b) return NULL;
  a->at = (char *)(b + 1) + payload;
  a->left = CHUNK_BYTES - payload;
  return b + 1;
}

void *shf_arena_grow(shf_arena *a, void *old, size_t count, size_t size) {
  size_t bytes = block_bytes(count, size);
  if (bytes == 0) return NULL;
  block *b = old ? (block *)old - 1 : add_block(a, bytes);
  if (!old) return b ? b + 1 : NULL;
  b = shf_large_resize(b, b->bytes, bytes);
  if (!b) return NULL;
  b->bytes = bytes;
  b->next->prev = b;
  b->prev->next = b;
  return b + 1;
}

void shf_arena_drop(shf_arena *a, void *payload) {
  (void)a;
  if (!payload) return;
  block *b = (block *)payload - 1;
  b->next->prev = b->prev;
  b->prev->next = b->next;
  shf_large_free(b, b->bytes);
}

int shf__arena_grow_column(shf_arena *a, void **column, uint32_t rows, uint32_t *capacity,
                           size_t size) {
  if (rows >= SHF_NONE - 1) return SHF_E_LIMIT;
  uint64_t want = *capacity ? (uint64_t)*capacity + *capacity / 2 + 16 : 64;
  if (want > SHF_NONE - 1) want = SHF_NONE - 1;
  void *grown = shf_arena_grow(a, *column, (size_t)want, size);
  if (!grown) return SHF_E_NOMEM;
  *column = grown;
  *capacity = (uint32_t)want;
  return SHF_OK;
}
