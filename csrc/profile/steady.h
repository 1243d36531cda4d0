/* Whether the live blocks of a function are those of a leak. */
#ifndef SHF_PROFILE_STEADY_H
#define SHF_PROFILE_STEADY_H

#include "shf.h"

/* Live blocks of one size, stack and age. */
typedef struct shf__leak_row {
  uint32_t node, group, caller; /* group: a frame, and the one that called it */
  uint64_t size;
  double seconds;     /* span of the process */
  double young;       /* at its end, as a part of the span: what may be garbage */
  double from, to;    /* when they were allocated, as parts of the span */
  double bytes, each; /* estimated: all, and what one sampled block stands for */
  double live;        /* sampled blocks */
} shf__leak_row;

typedef struct shf__leak_rows {
  const shf__leak_row *rows;
  uint32_t count;
  bool stays; /* nothing of the kind was freed */
} shf__leak_rows;

/*
 * @param late A leak may begin late, as when load comes: with its oldest block, if nothing older
 * was freed.
 * @param leak set if it is one: rate, error and duration
 * @param uneven the same: from 0 on, how unevenly it was allocated
 */
bool shf__is_leak(const shf__leak_rows *g, double min_seconds, bool late, shf_leak *leak,
                  double *uneven);

#endif
