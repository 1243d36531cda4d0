/*
 * Samples the memory blocks of a thread's ArrayBuffers, with the stack of each allocation.
 * Each byte is equally likely to be sampled.
 */
#ifndef SHF_RUNTIME_OFFHEAP_H
#define SHF_RUNTIME_OFFHEAP_H

#include "v8/sampler.h"

typedef struct shf_offheap shf_offheap;

typedef struct shf_offheap_options {
  uint64_t interval;   /* mean bytes between samples; doubles above 500 stacks a second */
  uint32_t depth;      /* max frames per stack, without the leaf */
  uint64_t max_memory; /* bytes that samples may take */
  uint64_t before;     /* bytes of ArrayBuffers before the start, by Node's count */
  shf_sampler *heap;   /* that knows the labels; outlives this */
  uint32_t pid, thread;
} shf_offheap_options;

/*
 * Starts sampling the current isolate.
 * @param why constant text, set with SHF_E_ABSENT
 * @return 0, SHF_E_NOMEM, or SHF_E_ABSENT where the allocator cannot be hooked safely
 */
int shf_offheap_start(const shf_offheap_options *options, shf_offheap **out, const char **why);
/* On the isolate's thread, before the isolate is disposed. NULL is allowed. */
void shf_offheap_stop(shf_offheap *o);
/*
 * The samples so far as a segment, which the caller frees.
 * @param collected whether a collection was forced before
 * @param types live blocks have a type
 */
int shf_offheap_capture(shf_offheap *o, bool collected, bool types, shf_capture **out);
/* Bytes of ArrayBuffers now, by Node's count. */
uint64_t shf_offheap_total(const shf_offheap *o);
/* The same when sampling started. */
uint64_t shf_offheap_before(const shf_offheap *o);
/* The effect of the memory limit, constant text; empty when there was none. */
const char *shf_offheap_limit(const shf_offheap *o);

#endif
