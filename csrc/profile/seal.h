/* What sealing needs while rows move: seal.c orders frames, sources and buckets, seal_nodes.c
 * nodes. */
#ifndef SHF_PROFILE_SEAL_H
#define SHF_PROFILE_SEAL_H

#include "profile/profile.h"

/* Zeros; to be dropped. NULL when memory is short. */
uint32_t *shf__seal_column(shf_profile *p, size_t rows);

/* Sets p->rank where it is not yet that of all frames. */
int shf__seal_rank(shf_profile *p);

/*
 * Fills the tree's columns from p->tree, which is gone then, and puts the rows into the buckets. Of
 * joined trees depth and frame are there. Of a lean profile parent and end stay NULL.
 */
int shf__seal_nodes(shf_profile *p);

/* Fills p->first: the buckets are in order. */
int shf__seal_first(shf_profile *p);

#endif
