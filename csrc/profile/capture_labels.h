/* The labels of a capture's buckets, as label sets of a profile. */
#ifndef SHF_PROFILE_CAPTURE_LABELS_H
#define SHF_PROFILE_CAPTURE_LABELS_H

#include "capture/capture.h"

typedef struct shf__capture_labels {
  const shf_capture_view *v;
  shf_profile *p;
  uint32_t *end;              /* of each set of the capture: one past its last row */
  shf_label *rows;            /* memory for the largest set and an age */
  uint32_t age_key, age_unit; /* string ids */
} shf__capture_labels;

/* @return 0 or SHF_E_NOMEM; free it in any case */
int shf__capture_labels_init(shf__capture_labels *l, const shf_capture_view *v, shf_profile *p);
void shf__capture_labels_free(shf__capture_labels *l);
/* The set of `p` that has the labels and the age of a bucket; 0: it has none. */
int shf__capture_labels_of(shf__capture_labels *l, const shf_capture_bucket *b, uint32_t *set);

#endif
