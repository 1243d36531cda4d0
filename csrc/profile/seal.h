/* What sealing shares: seal.c sorts frames, sources and buckets, seal_nodes.c sorts nodes. */
#ifndef SHF_PROFILE_SEAL_H
#define SHF_PROFILE_SEAL_H

#include "profile/profile.h"

/* A temporary column of zeros. NULL when out of memory. */
uint32_t *shf__seal_column(shf_profile *p, size_t rows);

/* Computes p->rank if it does not cover all frames. */
int shf__seal_rank(shf_profile *p);

/*
 * Fills the tree's columns from p->tree, which is gone then, and puts the rows into the buckets. Of
 * joined trees depth and frame are there. Of a compact profile parent and end stay NULL.
 */
int shf__seal_nodes(shf_profile *p);

/* Fills p->first; the buckets are sorted. */
int shf__seal_first(shf_profile *p);

#endif
