/*
 * Columns that may be large: from a size on they come from the system and go
 * back to it when they are freed. malloc would keep them, and what a tree took
 * while it was read were still there while it is written.
 */
#ifndef SHF_CORE_LARGE_ALLOC_H
#define SHF_CORE_LARGE_ALLOC_H

#include <stddef.h>

enum { SHF_LARGE_MIN = 128 * 1024 }; /* bytes */

/*
 * As realloc, not cleared, 16-byte aligned; NULL when memory is short.
 * @param from bytes of `old`; NULL and 0 for a new block
 * @param to not 0
 */
void *shf_large_resize(void *old, size_t from, size_t to);
/*
 * The same for a block that only grows: what is new is 0, and takes no memory until it is written.
 */
void *shf_large_resize_zeros(void *old, size_t from, size_t to);
/* NULL is allowed. */
void shf_large_free(void *block, size_t bytes);

/*
 * Gives the pages that lie whole within these bytes back to the system: what was written there is
 * lost, the place stays the block's.
 */
void shf_large_discard(void *bytes, size_t len);

#endif
