/*
 * The sampled blocks that are alive, of all threads: blocks are freed by V8's
 * sweepers and by threads that did not allocate them.
 */
#ifndef SHF_RUNTIME_LIVE_BLOCKS_H
#define SHF_RUNTIME_LIVE_BLOCKS_H

#include "runtime/offheap_profile.h"

/*
 * Counts a block in the tally of the calling thread and remembers it until it is freed.
 * @return 0, SHF_E_NOMEM, or SHF_E_LIMIT; then nothing is counted
 */
int shf_live_blocks_add(const void *block, shf_offheap_profile *profile,
                        const shf_offheap_sample *sample);
/* Any thread: a block, sampled or not, is about to be freed. */
void shf_live_blocks_on_free(const void *block);
/* Forgets the blocks of a tally, which may be freed then. */
void shf_live_blocks_forget(shf_offheap_profile *profile);

/*
 * Makes the tally one of samples drawn at `level`, as if they had always been: of
 * what was drawn at finer intervals a part is taken at random. Memory shrinks.
 * @param seed of the random numbers, not 0
 */
int shf_live_blocks_downsample(shf_offheap_profile *profile, uint32_t level, uint64_t *seed);
/* With nobody counting or freeing meanwhile: the tally as a segment. */
int shf_live_blocks_capture(const shf_offheap_profile *profile, const shf_source *source,
                            shf_capture **out);

/* Bytes that remembering one block takes, room for growth included. */
enum { SHF_LIVE_BLOCK_BYTES = 48 };

#endif
