/* What a profile's sources and meta say about it, in words that outputs share. */
#ifndef SHF_PROFILE_METADATA_LINES_H
#define SHF_PROFILE_METADATA_LINES_H

#include "profile/meta.h"
#include "text/string_builder.h"

/* Each adds a phrase, or nothing when it is not known. */

/* `65,536 bytes`, `16,384 to 65,536 bytes`. */
void shf__metadata_interval(const shf_profile *p, shf__builder *out);
/* The same of one side of a difference; `not known`. */
void shf__metadata_side_interval(const shf_profile *p, enum shf_side side, shf__builder *out);
/* `forced`, `none`, `forced in some`. */
void shf__metadata_gc(const shf_profile *p, shf__builder *out);
/* `2026-11-03 12:34:56 UTC`: in use covers what was allocated since then. */
void shf__metadata_since(const shf_profile *p, shf__builder *out);

/*
 * `Off-heap: 377,498,196 ± 2,140,003 bytes in use; Node counts 376,912,000 of
 * ArrayBuffers`: an estimate and what it should be.
 */
void shf__metadata_offheap(const shf_profile *p, shf__builder *out);

/* Where the memory of the process is, by its own figures at the capture, in bytes. */
typedef struct shf__memory {
  uint64_t start, peak, rss; /* resident set; start 0: not known */
  uint64_t heap;             /* V8's, garbage and what is not filled included */
  uint64_t offheap;          /* ArrayBuffers, where these are sampled */
  uint64_t external;         /* what else V8 knows of outside of its heap: not sampled */
  uint64_t code;             /* pages of files */
  int64_t native;            /* all else; below 0: that much of the others is in no RAM */
  int64_t sampled;           /* of the heap, an estimate; -1: not known */
} shf__memory;
/* @return false where it is not known */
bool shf__metadata_memory(const shf_profile *p, shf__memory *out);
/* `Process: RSS 1 bytes at start, … = heap …`: no phrase, a sentence without its point. */
void shf__metadata_process(const shf_profile *p, shf__builder *out);

bool shf__str_equals(shf_str text, const char *other);

#endif
