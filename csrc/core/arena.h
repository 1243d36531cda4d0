/* One owner for many allocations: everything is freed at once. */
#ifndef SHF_CORE_ARENA_H
#define SHF_CORE_ARENA_H

#include <stddef.h>
#include <stdint.h>

#include "shf.h"

typedef struct shf_arena shf_arena;

/* NULL when memory is short. */
shf_arena *shf_arena_new(void);
void shf_arena_free(shf_arena *arena);

/* `count` times `size` bytes, 16-byte aligned, not cleared; NULL when short. */
void *shf_arena_alloc(shf_arena *arena, size_t count, size_t size);
/*
 * Resizes what shf_arena_grow gave before (or NULL): such a block stands alone,
 * so that a growing column wastes nothing. The old pointer is gone on success.
 */
void *shf_arena_grow(shf_arena *arena, void *old, size_t count, size_t size);

/* Of all blocks, what is free in them too. */
size_t shf_arena_bytes(const shf_arena *arena);

/* Frees early what shf_arena_grow gave; NULL is allowed. */
void shf_arena_drop(shf_arena *arena, void *block);

/* shf_arena_reserve where there is none. */
int shf__arena_grow_column(shf_arena *arena, void **column, uint32_t rows, uint32_t *capacity,
                           size_t size);

/*
 * Makes room for one more row in a column of `size` byte rows.
 * @return 0, SHF_E_NOMEM, or SHF_E_LIMIT beyond 2^32 - 2 rows
 */
static inline int shf_arena_reserve(shf_arena *arena, void **column, uint32_t rows,
                                    uint32_t *capacity, size_t size) {
  return rows < *capacity ? SHF_OK : shf__arena_grow_column(arena, column, rows, capacity, size);
}

#endif
