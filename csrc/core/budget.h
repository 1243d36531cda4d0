/*
 * The memory limit of reading. Growing columns and texts ask here for memory; outside of a
 * reading everything is granted.
 */
#ifndef SHF_CORE_BUDGET_H
#define SHF_CORE_BUDGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Starts a reading on this thread, until shf__budget_end. What it allocates, together with what
 * all readings of this process hold, is at most `limit` bytes; 0: unlimited. With `by_size` it
 * is also at most what an input of its size can need; shf__budget_read tells the size.
 */
void shf__budget_begin(uint64_t limit, bool by_size);
/* Counts bytes of the input, unzipped. */
void shf__budget_read(uint64_t bytes);
/*
 * Ends the reading; `kept` bytes stay counted until shf__budget_release.
 * @return whether anything was refused
 */
bool shf__budget_end(uint64_t kept);
void shf__budget_release(uint64_t bytes);

/* Asks to resize a block from `from` to `to` bytes. @return false when that exceeds the limit */
bool shf__budget_resize(size_t from, size_t to);
/* Whether a reading with a limit is running on this thread. */
bool shf__budget_is_set(void);
/* Whether so many more bytes would fit. If not, the reading counts as refused. */
bool shf__budget_fits(uint64_t bytes);

#endif
