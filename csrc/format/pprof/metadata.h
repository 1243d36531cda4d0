/* Sampling metadata from the period and the comments of a profile.proto. */
#ifndef SHF_FORMAT_PPROF_METADATA_H
#define SHF_FORMAT_PPROF_METADATA_H

#include "format/pprof/read.h"

typedef struct shf__pprof_metadata {
  uint64_t interval;                   /* bytes; 0: not known */
  uint64_t min_interval, max_interval; /* of several intervals; else both 0 */
  uint64_t since_ms;
  uint32_t gc;               /* enum shf_gc */
  bool columns_of_functions; /* columns of lines are those of functions, not of calls */
  bool gc_forced_in_some;    /* forced in some of the processes */
} shf__pprof_metadata;

/* Also sets the profile's meta lines. */
int shf__pprof_read_metadata(shf__pprof *r, shf__pprof_metadata *metadata);
/* Adds the sources that the metadata names, even those without samples. */
int shf__pprof_add_sources(shf_profile *p, const shf__pprof_metadata *metadata, uint32_t types,
                           enum shf_side side);

#endif
