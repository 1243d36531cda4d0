/*
 * The tree of a profile while a reader fills it with keys of its own, such as the location ids
 * of a profile.proto, whose frames are known only after the whole file is read. In this state,
 * nothing else may add nodes.
 */
#ifndef SHF_PROFILE_LOCATION_TREE_H
#define SHF_PROFILE_LOCATION_TREE_H

#include "shf.h"

/*
 * Rows: as long as stacks come in the order of their keys' frames, whatever that will be, the tree
 * is only its nodes' depths and keys in preorder, and none is looked up.
 */
int shf__profile_rows_begin(shf_profile *p); /* before any node; the profile will be compact */
bool shf__profile_in_rows(const shf_profile *p);
/*
 * Adds `count` nodes, each below the one before, the first one below the last node of depth
 * `depth - 1`. *keys: as many rows for the caller to fill; the last node's keys are its last.
 */
int shf__profile_rows_add(shf_profile *p, uint32_t depth, uint32_t count, uint32_t **keys);
/*
 * Each key becomes its row of `frame`, which has `keys` rows, SHF_NONE for those that no node has,
 * no two others the same; the profile is to be sealed next.
 * *ordered is false when siblings are not in order: then nothing has been done.
 */
int shf__profile_rows_name(shf_profile *p, const uint32_t *frame, uint32_t keys, bool *ordered);
/* A tree whose nodes are looked up; *node, which is the caller's: where each row went. */
int shf__profile_rows_leave(shf_profile *p, uint32_t **node);

/* The child of `parent` (0 is the root) with that key, added if missing. Not in rows. */
int shf__profile_key(shf_profile *p, uint32_t parent, uint32_t key, uint32_t *id);
/* Number of nodes, including the root. */
uint32_t shf__profile_key_nodes(const shf_profile *p);
/* The key of a node other than the root. */
uint32_t shf__profile_key_of(const shf_profile *p, uint32_t node);

/* Replaces each key by its frame; different keys have different frames. */
void shf__profile_keys_name(shf_profile *p, const uint32_t *frame);

/* A node of the tree of keys. */
typedef struct shf__key_node {
  uint32_t row, parent; /* rows of that tree */
  uint32_t key;
} shf__key_node;
/* Adds the nodes of a key below *node, and sets *node to the last one. */
typedef int shf__below(void *self, const shf__key_node *of, uint32_t *node);
/*
 * Replaces each key by the nodes that `below` adds. *node belongs to the caller: the new node of
 * each old one.
 */
int shf__profile_keys_expand(shf_profile *p, shf__below *below, void *self, uint32_t **node);

#endif
