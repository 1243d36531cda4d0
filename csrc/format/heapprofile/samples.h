/* Samples of a .heapprofile with block sizes and liveness, which Node writes since 26.11. */
#ifndef SHF_FORMAT_HEAPPROFILE_SAMPLES_H
#define SHF_FORMAT_HEAPPROFILE_SAMPLES_H

#include "shf.h"

enum shf__heap_life { SHF__LIFE_UNKNOWN, SHF__ALIVE, SHF__DEAD };

typedef struct shf__heap_sample {
  uint64_t node;        /* id */
  int64_t size;         /* bytes that it represents */
  int64_t object_size;  /* bytes of the block; 0: unknown */
  int64_t object_count; /* blocks that it represents, rounded by V8; 0: unknown */
  uint8_t life;         /* enum shf__heap_life */
} shf__heap_sample;

/* Facts about all samples of a file. */
typedef struct shf__heap_facts {
  bool lives;        /* whether any says if its block is alive; those that do not are alive */
  bool dead;         /* whether any is dead: then the file has all allocations */
  bool counted;      /* whether all have size and count of their blocks */
  uint64_t interval; /* the one that fits all samples; 0: none does, or too many */
} shf__heap_facts;

shf__heap_facts shf__heap_facts_of(const shf__heap_sample *samples, uint32_t count);

/* Rounding remainders that the next samples get: live and dead objects, live and dead bytes. */
typedef struct shf__heap_carry {
  double rest[4];
} shf__heap_carry;

/*
 * Fills the bucket of a sample for `types`, which the facts must allow. If the interval is known,
 * weights are computed again, because V8 rounds its own.
 * @return 0 or SHF_E_LIMIT
 */
int shf__heap_bucket(const shf__heap_facts *facts, const shf__heap_sample *s, uint32_t types,
                     shf__heap_carry *carry, shf_bucket *b);

#endif
