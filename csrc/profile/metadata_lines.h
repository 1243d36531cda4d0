/* Phrases about the sources and the metadata of a profile, which several outputs share. */
#ifndef SHF_PROFILE_METADATA_LINES_H
#define SHF_PROFILE_METADATA_LINES_H

#include "core/str.h"
#include "profile/meta.h"
#include "text/string_builder.h"

/* Each adds a phrase, or nothing when the fact is unknown. */

/* `65,536 bytes`, `16,384 to 65,536 bytes`. */
void shf__metadata_interval(const shf_profile *p, shf__builder *out);
/* The same for one side of a difference; `not known` without an interval. */
void shf__metadata_side_interval(const shf_profile *p, enum shf_side side, shf__builder *out);
/* `forced`, `none`, `forced in some`. */
void shf__metadata_gc(const shf_profile *p, shf__builder *out);
/* `2026-11-03 12:34:56 UTC`: in use covers allocations since then. */
void shf__metadata_since(const shf_profile *p, shf__builder *out);

/*
 * `Off-heap: 377,498,196 ± 2,140,003 bytes in use; Node counts 376,912,000 of ArrayBuffers`: the
 * estimate and Node's own count.
 */
void shf__metadata_offheap(const shf_profile *p, shf__builder *out);

/* The memory of the process at the capture, in bytes, by the system's and V8's counts. */
typedef struct shf__memory {
  uint64_t start, peak, rss; /* resident set; start 0: unknown */
  uint64_t heap;             /* V8's heap, including garbage and unused pages */
  uint64_t offheap;          /* ArrayBuffers, when they are sampled */
  uint64_t external;         /* other memory that V8 knows outside of its heap; not sampled */
  uint64_t code;             /* pages of mapped files */
  int64_t native;            /* the rest; negative: that much of the others is not resident */
  int64_t sampled;           /* estimate of the heap in use; -1: unknown */
} shf__memory;
/* @return false when it is unknown */
bool shf__metadata_memory(const shf_profile *p, shf__memory *out);
/* `Process: RSS 1 bytes at start, … = heap …`: no phrase, a sentence without its point. */
void shf__metadata_process(const shf_profile *p, shf__builder *out);

#endif
