/* Which of a pprof's sample types are the four of ours, by their names and units. */
#ifndef SHF_FORMAT_PPROF_TYPES_H
#define SHF_FORMAT_PPROF_TYPES_H

#include "format/pprof/read.h"

/* What a sample type is read as. */
typedef struct shf__pp_column {
  shf_type type;   /* SHF_TYPES: it is not read */
  uint64_t factor; /* objects or bytes that its unit is */
} shf__pp_column;

/*
 * A column for each sample type of `r`, the caller's to free, and the bit set of the types that
 * are read. The meta line `sample_types` tells where names are others than Go's: `X as T`,
 * `X taken for T` where name and unit do not say so, `X not read`.
 */
int shf__pprof_choose_types(shf__pprof *r, shf__pp_column **columns, uint32_t *types);
/* Bytes that a unit is, as pprof reads it, KiB and its kin too; 0: it is no unit of memory. */
uint64_t shf__pprof_unit_bytes(shf_str unit);

#endif
