/* The nearest function of the app or of a package above others. */
#include <stdlib.h>

#include "profile/profile.h"

/* Self of a frame that came through one caller. */
typedef struct share {
  uint32_t index; /* index of the frame in the question */
  uint32_t caller;
  int64_t value;
} share;

static bool has_source(const shf_profile *p, uint32_t frame) {
  enum shf_category category = shf_frame_category(p, frame, NULL);
  return category == SHF_CAT_APP || category == SHF_CAT_PACKAGE;
}

/* The nearest such frame of each node, which may be its own. A parent comes before its children. */
static uint32_t *nearest_of(const shf_profile *p) {
  uint32_t *nearest = malloc((size_t)p->nnodes * sizeof *nearest);
  bool *own = malloc(p->nframes ? p->nframes : 1);
  if (nearest && own) {
    for (uint32_t f = 0; f < p->nframes; f++) own[f] = has_source(p, f);
    nearest[0] = SHF_NONE;
    for (uint32_t n = 1; n < p->nnodes; n++)
      nearest[n] = own[p->frame[n]] ? p->frame[n] : nearest[p->parent[n]];
  } else {
    free(nearest);
    nearest = NULL;
  }
  free(own);
  return nearest;
}

static int by_caller(const void *a, const void *b) {
  const share *x = a, *y = b;
  if (x->index != y->index) return x->index < y->index ? -1 : 1;
  return (x->caller > y->caller) - (x->caller < y->caller);
}

/* Adds up equal shares and keeps the largest of each frame; the first one of equals. */
static void keep_most(share *shares, uint32_t count, uint32_t *callers) {
  int64_t largest = 0;
  qsort(shares, count, sizeof *shares, by_caller);
  for (uint32_t i = 0; i < count;) {
    const share *first = &shares[i];
    int64_t sum = 0;
    if (i == 0 || first->index != shares[i - 1].index) largest = 0;
    for (; i < count && by_caller(first, &shares[i]) == 0; i++) sum += shares[i].value;
    if (sum <= largest) continue;
    largest = sum;
    callers[first->index] = first->caller;
  }
}

static uint32_t collect(const shf_profile *p, shf_type type, const uint32_t *wanted,
                        const uint32_t *nearest, share *shares) {
  uint32_t count = 0;
  for (uint32_t i = 0; i < p->buckets.count; i++) {
    const shf_bucket b = shf__bucket(&p->buckets, i);
    bool was = p->sources[b.source].side == SHF_SIDE_BEFORE;
    if (b.node == 0 || b.value[type] == 0 || (b.value[type] < 0 && !was)) continue;
    uint32_t f = p->frame[b.node];
    if (wanted[f] == SHF_NONE || nearest[b.node] == f) continue;
    shares[count++] = (share){wanted[f], nearest[b.node], was ? -b.value[type] : b.value[type]};
  }
  return count;
}

int shf_profile_callers(const shf_profile *p, shf_type type, const uint32_t *frames, uint32_t count,
                        uint32_t *callers) {
  for (uint32_t i = 0; i < count; i++) callers[i] = SHF_NONE;
  uint32_t *wanted = malloc(((size_t)p->nframes + 1) * sizeof *wanted);
  uint32_t *nearest = nearest_of(p);
  share *shares = malloc(((size_t)p->buckets.count + 1) * sizeof *shares);
  int code = wanted && nearest && shares ? SHF_OK : SHF_E_NOMEM;
  if (!code) {
    for (uint32_t f = 0; f < p->nframes; f++) wanted[f] = SHF_NONE;
    for (uint32_t i = 0; i < count; i++) wanted[frames[i]] = i;
    keep_most(shares, collect(p, type, wanted, nearest, shares), callers);
  }
  free(wanted);
  free(nearest);
  free(shares);
  return code;
}
