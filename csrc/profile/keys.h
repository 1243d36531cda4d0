/*
 * A profile's tree while a reader fills it with keys of its own, such as the locations of a
 * profile.proto, whose frames are known only when all is read. As long as it is such a tree,
 * nothing else may add nodes.
 */
#ifndef SHF_PROFILE_KEYS_H
#define SHF_PROFILE_KEYS_H

#include "shf.h"

/* The child of `parent` (0 is the root) with that key, added if missing. */
int shf__profile_key(shf_profile *p, uint32_t parent, uint32_t key, uint32_t *id);
/* Nodes, the root included. */
uint32_t shf__profile_key_nodes(const shf_profile *p);
/* Not of the root. */
uint32_t shf__profile_key_of(const shf_profile *p, uint32_t node);

/* Each key becomes its row of `frame`; no two keys may have the same. */
void shf__profile_keys_name(shf_profile *p, const uint32_t *frame);

/* Adds what a key stands for below *node, and sets *node to the last of it. */
typedef int shf__below(void *self, uint32_t key, uint32_t *node);
/* Each key becomes what `below` makes of it; *node, which is the caller's: where each node went. */
int shf__profile_keys_expand(shf_profile *p, shf__below *below, void *self, uint32_t **node);

#endif
