/* Sets of labels: a bucket has one, and many buckets have the same. */
#ifndef SHF_PROFILE_LABELS_H
#define SHF_PROFILE_LABELS_H

#include "core/hash_index.h"
#include "shf.h"

typedef struct shf__labels {
  shf_label *rows; /* of all sets, one set after the other */
  uint32_t count, capacity;
  uint32_t *end; /* of each set from 1 on: one past its last row; set 0 has none */
  uint32_t nsets, sets_capacity;
  shf_hash_index index; /* freed by sealing */
} shf__labels;

/* Rows [first, end) of a set. */
static inline uint32_t shf__labels_first(const shf__labels *l, uint32_t set) {
  return set > 1 ? l->end[set - 1] : 0;
}
static inline uint32_t shf__labels_end(const shf__labels *l, uint32_t set) {
  return set ? l->end[set] : 0;
}

/* Adds the texts of a label of `from` to `to`. @param copy the label with their ids */
int shf__label_copy(const shf_profile *from, const shf_label *label, shf_profile *to,
                    shf_label *copy);
/* Adds all sets of `from` to `to`. @param sets of each set of `from`: the set of `to` */
int shf__labels_copy(const shf_profile *from, shf_profile *to, uint32_t *sets);
/*
 * Drops the sets that no bucket has, and puts the others and their labels into the order of their
 * texts.
 * @param place of each set: its new number
 */
int shf__labels_order(shf_profile *p, uint32_t *place);

#endif
