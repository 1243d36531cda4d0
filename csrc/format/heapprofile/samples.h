/* Samples of a .heapprofile that tell their blocks, as Node writes them since 26.11. */
#ifndef SHF_FORMAT_HEAPPROFILE_SAMPLES_H
#define SHF_FORMAT_HEAPPROFILE_SAMPLES_H

#include "shf.h"

enum shf__heap_life { SHF__LIFE_UNKNOWN, SHF__ALIVE, SHF__DEAD };

typedef struct shf__heap_sample {
  uint64_t node;        /* id */
  int64_t size;         /* bytes that it stands for */
  int64_t object_size;  /* bytes of the block; 0: not told */
  int64_t object_count; /* blocks that it stands for, rounded by V8; 0: not told */
  uint8_t life;         /* enum shf__heap_life */
} shf__heap_sample;

/* What all samples of a file say together. */
typedef struct shf__heap_facts {
  bool lives;        /* whether any tells if its block is alive: the others are then */
  bool dead;         /* whether any is not: then all that was allocated is there */
  bool counted;      /* whether all tell size and count of their blocks */
  uint64_t interval; /* that fits all of these; 0: none, or too many do */
} shf__heap_facts;

shf__heap_facts shf__heap_facts_of(const shf__heap_sample *samples, uint32_t count);

/* Remainders of rounding, for the samples that follow: live and dead objects, live and dead bytes.
 */
typedef struct shf__heap_carry {
  double rest[4];
} shf__heap_carry;

/*
 * Fills in the bucket of a sample for the types asked for, all of which the facts allow. Weights
 * are computed anew where the interval is known, as V8 has rounded its own.
 * @return 0 or SHF_E_LIMIT
 */
int shf__heap_bucket(const shf__heap_facts *facts, const shf__heap_sample *s, uint32_t types,
                     shf__heap_carry *carry, shf_bucket *b);

#endif
