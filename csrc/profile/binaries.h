/*
 * Native code: the mappings of a pprof, and for a frame its mapping and an address. They are not
 * part of a frame's identity: a function at several addresses is one frame and keeps the lowest
 * address. Transforms keep them, so that a written pprof can still be symbolized.
 */
#ifndef SHF_PROFILE_BINARIES_H
#define SHF_PROFILE_BINARIES_H

#include "shf.h"

typedef struct shf__mapping {
  uint64_t start, limit, offset;
  uint32_t file, build_id; /* string ids */
  uint32_t has; /* bit set of what is known about its code, as in fields 7 and later of pprof */
} shf__mapping;

typedef struct shf__code {
  uint64_t address; /* as if the mapping was loaded where its row says */
  uint32_t mapping; /* row; SHF_NONE: unknown */
  bool bare;        /* no function is known: the name of the frame is the address */
} shf__code;

/* Adds a mapping, or finds the one of the same binary, which may be loaded elsewhere. */
int shf__profile_mapping(shf_profile *p, shf__mapping mapping, uint32_t *row);
/* Sets the code of a frame; what is known already stays. */
int shf__profile_code(shf_profile *p, uint32_t frame, shf__code code);

/* Translates an address between two mappings of a binary. An address outside of `from` stays. */
uint64_t shf__address_moved(uint64_t address, const shf__mapping *from, const shf__mapping *to);

/* Functions, files and lines are known: bits of `has`. */
enum { SHF__HAS_SYMBOLS = 7 };

/*
 * No program is implied: nothing is known of frames without a mapping. Otherwise they are the
 * program's, which meta line `exec` names, or Node's.
 */
void shf__profile_set_unmapped(shf_profile *p);
bool shf__profile_unmapped(const shf_profile *p);

uint32_t shf__profile_mappings(const shf_profile *p);
const shf__mapping *shf__profile_mapping_at(const shf_profile *p, uint32_t row);
shf__code shf__profile_code_of(const shf_profile *p, uint32_t frame);

#endif
