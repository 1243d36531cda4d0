/*
 * Memory for columns that may be large. From SHF_LARGE_MIN on, blocks are mapped and go back to
 * the system when they are freed. malloc would keep them: the memory of a tree that was read
 * would still be held while it is written.
 */
#ifndef SHF_CORE_LARGE_ALLOC_H
#define SHF_CORE_LARGE_ALLOC_H

#include <stddef.h>

enum { SHF_LARGE_MIN = 128 * 1024 }; /* bytes */

/*
 * Like realloc; not cleared, aligned to 16 bytes. NULL when out of memory.
 * @param from bytes of `old`; 0 with NULL for a new block
 * @param to not 0
 */
void *shf_large_resize(void *old, size_t from, size_t to);
/*
 * The same for a block that only grows: the new part is 0, and takes no memory until it is
 * written.
 */
void *shf_large_resize_zeros(void *old, size_t from, size_t to);
/* NULL is allowed. */
void shf_large_free(void *block, size_t bytes);

/*
 * Gives the pages that lie wholly within these bytes back to the system. Their content is lost;
 * the address range stays allocated.
 */
void shf_large_discard(void *bytes, size_t len);

#endif
