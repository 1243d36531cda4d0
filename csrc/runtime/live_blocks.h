/*
 * One table of the live sampled blocks of all threads. V8's sweepers and other threads
 * free blocks that they did not allocate.
 */
#ifndef SHF_RUNTIME_LIVE_BLOCKS_H
#define SHF_RUNTIME_LIVE_BLOCKS_H

#include "runtime/offheap_profile.h"

/*
 * Counts a block in the profile of the calling thread and records it until it is freed.
 * @return 0, SHF_E_NOMEM, or SHF_E_LIMIT; then nothing is counted
 */
int shf_live_blocks_add(const void *block, shf_offheap_profile *profile,
                        const shf_offheap_sample *sample);
/* Any thread: call before a block, sampled or not, is freed. */
void shf_live_blocks_on_free(const void *block);
/* Removes the blocks of a profile; call before the profile is freed. */
void shf_live_blocks_forget(shf_offheap_profile *profile);

/*
 * Downsamples the profile to the interval of `level`: drops a random part of the samples
 * that were drawn at smaller intervals.
 * @param seed of the random numbers, not 0
 */
int shf_live_blocks_downsample(shf_offheap_profile *profile, uint32_t level, uint64_t *seed);
/* The profile as a segment. No other thread may add or free blocks meanwhile. */
int shf_live_blocks_capture(const shf_offheap_profile *profile, const shf_source *source,
                            bool types, shf_capture **out);

/* Bytes that one entry takes, unused capacity included. */
enum { SHF_LIVE_BLOCK_BYTES = 48 };

#endif
