/*
 * Samples the blocks behind a thread's ArrayBuffers: each byte is as likely as
 * any other to have its block sampled, with the stack of the call.
 */
#ifndef SHF_RUNTIME_OFFHEAP_H
#define SHF_RUNTIME_OFFHEAP_H

#include "v8/sampler.h"

typedef struct shf_offheap shf_offheap;

typedef struct shf_offheap_options {
  uint64_t interval;   /* mean bytes between samples; doubles above 500 stacks a second */
  uint32_t depth;      /* frames kept per stack, the leaf not counted */
  uint64_t max_memory; /* bytes that samples may take */
  uint64_t before;     /* bytes of ArrayBuffers that the thread has already, as Node counts them */
  uint32_t pid, thread;
} shf_offheap_options;

/*
 * Starts sampling the current isolate.
 * @param why constant text, set with SHF_E_ABSENT
 * @return 0, SHF_E_NOMEM, or SHF_E_ABSENT where it cannot be done safely
 */
int shf_offheap_start(const shf_offheap_options *options, shf_offheap **out, const char **why);
/* On the isolate's thread, before the isolate goes. NULL is allowed. */
void shf_offheap_stop(shf_offheap *o);
/*
 * What was sampled so far, as a segment of its own; the caller's.
 * @param collected whether a collection was forced before
 */
int shf_offheap_capture(shf_offheap *o, bool collected, shf_capture **out);
/* Bytes of ArrayBuffers that the thread has now, as Node counts them. */
uint64_t shf_offheap_total(const shf_offheap *o);
/* The same, when sampling began. */
uint64_t shf_offheap_before(const shf_offheap *o);
/* What the bound on memory did, constant text; empty when nothing. */
const char *shf_offheap_limit(const shf_offheap *o);

#endif
