/*
 * Where code lies that is no JavaScript: the mappings of a pprof, and for a frame its mapping and
 * an address. They are no part of what a frame is: a function at several addresses is one, and
 * keeps the least. Transforms keep them, so that a pprof that is written can still be symbolized.
 */
#ifndef SHF_PROFILE_BINARIES_H
#define SHF_PROFILE_BINARIES_H

#include "shf.h"

typedef struct shf__mapping {
  uint64_t start, limit, offset;
  uint32_t file, build_id; /* string ids */
  uint32_t has; /* bit set of what is known of its code, as pprof has it from field 7 on */
} shf__mapping;

typedef struct shf__code {
  uint64_t address; /* as if the mapping lay where its row says */
  uint32_t mapping; /* row; SHF_NONE: not known */
  bool bare;        /* no function is known: the frame's name only tells the address */
} shf__code;

/* Adds a mapping, or finds that of the same binary, which may lie elsewhere. */
int shf__profile_mapping(shf_profile *p, shf__mapping mapping, uint32_t *row);
/* Tells where a frame's code is; what is known already stays. */
int shf__profile_code(shf_profile *p, uint32_t frame, shf__code code);

/* An address in one mapping of a binary as one in another; outside of it it is what it was. */
uint64_t shf__address_moved(uint64_t address, const shf__mapping *from, const shf__mapping *to);

/* It is not of Node, as far as its file tells: code without a mapping is nobody's. */
void shf__profile_set_unmapped(shf_profile *p);
bool shf__profile_unmapped(const shf_profile *p);

uint32_t shf__profile_mappings(const shf_profile *p);
const shf__mapping *shf__profile_mapping_at(const shf_profile *p, uint32_t row);
shf__code shf__profile_code_of(const shf_profile *p, uint32_t frame);

#endif
