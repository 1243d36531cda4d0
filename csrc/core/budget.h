/* What reading may take of memory. Columns and texts that grow ask here; outside of a reading all
 * is granted. */
#ifndef SHF_CORE_BUDGET_H
#define SHF_CORE_BUDGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Until shf__budget_end this thread reads: what it takes, with what all readings of this process
 * hold, is at most so many bytes. 0: any. `by_size`: it takes no more either than an input of its
 * size can need, of which shf__budget_read tells.
 */
void shf__budget_begin(uint64_t limit, bool by_size);
/* So many bytes more of the input, unzipped, have been met. */
void shf__budget_read(uint64_t bytes);
/* The reading is over; `kept` bytes of it stay until shf__budget_release. @return whether something
 * was refused */
bool shf__budget_end(uint64_t kept);
void shf__budget_release(uint64_t bytes);

/* A block of `from` bytes is about to have `to`. @return false where that is too much */
bool shf__budget_resize(size_t from, size_t to);
/* Whether this thread reads and may not take any memory that it likes. */
bool shf__budget_is_set(void);
/* Whether there would be room for so many more; where not, that is noted as refused. */
bool shf__budget_fits(uint64_t bytes);

#endif
