/* A sink that another thread drains, so that making and packing an output go on at once. */
#ifndef SHF_BEHIND_H
#define SHF_BEHIND_H

#include "shf.h"

/*
 * What is written here is written to `next` by a thread of its own, in the same order: from the
 * first BLOCK_BYTES on, for less is not worth a thread. `next` is the caller's again when this was
 * finished or freed. Its failure stops the writing here, with the same code.
 * @return 0 or SHF_E_NOMEM
 */
int shf_sink_behind(shf_sink *next, shf_sink **out);

#endif
