/* A cache from the beginning of a folded stack, by hash, to its node. */
#ifndef SHF_FORMAT_FOLDED_PREFIX_CACHE_H
#define SHF_FORMAT_FOLDED_PREFIX_CACHE_H

#include <stddef.h>
#include <stdint.h>

/* 95 bits of the hash of the first bytes of a text. */
typedef struct shf__prefix {
  uint64_t hash;
  uint32_t more;
} shf__prefix;

typedef struct shf__prefix_entry {
  uint64_t hash;
  uint32_t more, node; /* 0: a free row */
} shf__prefix_entry;

/*
 * Entries may be overwritten; then the node must be looked up in the tree. Equality is by hash
 * alone: with 95 bits and a seed of its own for each cache, a collision is less likely than a
 * memory error, and no file can provoke one.
 */
typedef struct shf__prefix_cache {
  uint64_t seed;
  shf__prefix_entry *rows;
  uint32_t capacity, puts; /* a power of two, or 0; number of insertions */
} shf__prefix_cache;

enum {
  SHF__STRIDE = 192, /* bytes */
  SHF__STRIDES = 64  /* of a text: bytes after them are not hashed */
};

void shf__prefix_cache_init(shf__prefix_cache *c);
void shf__prefix_cache_free(shf__prefix_cache *c);
/*
 * Hashes the first SHF__STRIDE bytes of a text, the first 2 * SHF__STRIDE bytes, and so on.
 * @return the number of prefixes; 0 on platforms without 128-bit integers
 */
uint32_t shf__prefix_cache_hash(const shf__prefix_cache *c, const char *text, size_t len,
                                shf__prefix prefixes[SHF__STRIDES]);
/* @return the node; 0: not in the cache */
uint32_t shf__prefix_cache_find(const shf__prefix_cache *c, shf__prefix prefix);
/* @param node not 0. @return 0 or SHF_E_NOMEM */
int shf__prefix_cache_put(shf__prefix_cache *c, shf__prefix prefix, uint32_t node);

#endif
