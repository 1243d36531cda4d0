/* Likely leaks: memory that was allocated in equal parts over a run, and stayed. */
#ifndef SHF_LEAKS_H
#define SHF_LEAKS_H

#include "shf/profile.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Shorter runs are not judged: everything may still be warming up. */
#define SHF_LEAK_SECONDS 30

/* How long before the capture V8 collected the whole heap, where it was not forced for it: a
   metadata line, the longest time of all processes. */
#define SHF_META_UNCOLLECTED "uncollected_ms"

typedef struct shf_leak {
  uint32_t frame;  /* the app's function that allocates it, itself or by what it calls; one of a
                      package where the app is not on the stack */
  uint32_t caller; /* SHF_NONE, or the function into which V8 inlined it amid the run */
  double rate, rate_error; /* bytes a second, with its standard error */
  double seconds;          /* how long it was steady */
} shf_leak;

enum { SHF_LEAKS = 5 };
/*
 * The likely leaks of a profile that knows ages, the fastest first. A cache that filled, a cache
 * that drops its oldest entries, a burst and what is young are none. Only processes count whose
 * garbage was collected before the capture, or whose young memory a filter left out; of others,
 * what is older than V8's last collection of the whole heap. There are none in differences and in
 * profiles of several runs.
 * @param min_seconds how long a process must have been sampled: SHF_LEAK_SECONDS
 * @return 0 or SHF_E_NOMEM
 */
int shf_profile_leaks(const shf_profile *p, double min_seconds, shf_leak leaks[SHF_LEAKS],
                      uint32_t *count);
/*
 * Of each bucket: the function that it counts for, as shf_leak.frame; SHF_NONE: none.
 * @param frames shf_profile_buckets() rows, which belong to the caller
 */
int shf_profile_leak_frames(const shf_profile *p, uint32_t *frames);

#ifdef __cplusplus
}
#endif

#endif
