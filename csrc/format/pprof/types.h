/* Maps the sample types of a pprof to our four types, by name and unit. */
#ifndef SHF_FORMAT_PPROF_TYPES_H
#define SHF_FORMAT_PPROF_TYPES_H

#include "format/pprof/read.h"

/* What a sample type is read as. */
typedef struct shf__pp_column {
  shf_type type;   /* SHF_TYPES: not read */
  uint64_t factor; /* objects or bytes that its unit is */
} shf__pp_column;

/*
 * Gives a column for each sample type of `r` (the caller frees them) and the bit set of the types
 * that are read. Where names are not Go's, the meta line `sample_types` says how each was read:
 * `X as T`, `X taken for T` (a guess), `X not read`.
 */
int shf__pprof_choose_types(shf__pprof *r, shf__pp_column **columns, uint32_t *types);
/* The bytes of a unit such as kB or KiB, as pprof reads it; 0: not a unit of memory. */
uint64_t shf__pprof_unit_bytes(shf_str unit);

#endif
