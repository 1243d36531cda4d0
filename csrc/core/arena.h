/* An arena: all allocations are freed together. */
#ifndef SHF_CORE_ARENA_H
#define SHF_CORE_ARENA_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "shf.h"

typedef struct shf_arena shf_arena;

/* NULL when out of memory. */
shf_arena *shf_arena_new(void);
void shf_arena_free(shf_arena *arena);

/* `count` times `size` bytes, aligned to 16 bytes, not cleared. NULL when out of memory. */
void *shf_arena_alloc(shf_arena *arena, size_t count, size_t size);
/*
 * Resizes a block that shf_arena_grow returned (or NULL for a new one). Such a block has its own
 * memory, so a growing column wastes none. `old` is invalid after success.
 */
void *shf_arena_grow(shf_arena *arena, void *old, size_t count, size_t size);

/* The bytes of all blocks, including what is unused in them. */
size_t shf_arena_bytes(const shf_arena *arena);

/* Frees one block that shf_arena_grow returned. NULL is allowed. */
void shf_arena_drop(shf_arena *arena, void *block);

/* The slow path of shf_arena_reserve. */
int shf__arena_grow_column(shf_arena *arena, void **column, uint32_t rows, uint32_t *capacity,
                           size_t size);

/*
 * Makes space for one more row in a column of rows of `size` bytes.
 * @return 0, SHF_E_NOMEM, or SHF_E_LIMIT beyond 2^32 - 2 rows
 */
static inline int shf_arena_reserve(shf_arena *arena, void **column, uint32_t rows,
                                    uint32_t *capacity, size_t size) {
  assert(rows <= *capacity);
  return rows < *capacity ? SHF_OK : shf__arena_grow_column(arena, column, rows, capacity, size);
}

#endif
