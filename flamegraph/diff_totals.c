#include "diff_totals.h"

#include <stdlib.h>

static bool any_negative(const int64_t *values, uint32_t count) {
  for (uint32_t i = 0; i < count; i++)
    if (values[i] < 0) return true;
  return false;
}

static int64_t largest_change(const shf_diff_totals *s, uint32_t nodes) {
  int64_t largest = 0;
  for (uint32_t n = 0; n < nodes; n++) {
    int64_t change = shf__diff_totals_change(s, n);
    if (change < 0) change = -change;
    if (change > largest) largest = change;
  }
  return largest;
}

/* `after` is scratch space with a row for each node. */
static int fill(shf_diff_totals *s, const shf_profile *p, shf_type type, int64_t *self,
                int64_t *after) {
  uint32_t nodes = shf_profile_nodes(p);
  shf_profile_side_sums(p, SHF_SIDE_BEFORE, type, self, s->total[0]);
  shf_profile_side_sums(p, SHF_SIDE_AFTER, type, after, s->total[1]);
  if (any_negative(self, nodes) || any_negative(after, nodes)) return SHF_E_ARG;
  for (uint32_t n = 0; n < nodes; n++)
    if (after[n] > self[n]) self[n] = after[n];
  s->largest = largest_change(s, nodes);
  return shf_profile_change_variances(p, type, false, s->variance);
}

int shf__diff_totals_new(shf_diff_totals *s, const shf_profile *p, shf_type type, int64_t *self) {
  *s = (shf_diff_totals){0};
  if (!shf_profile_is_diff(p)) return SHF_OK;
  uint32_t nodes = shf_profile_nodes(p);
  for (int i = 0; i < 2; i++) s->total[i] = malloc(nodes * sizeof *s->total[i]);
  s->variance = malloc(nodes * sizeof *s->variance);
  int64_t *after = malloc(nodes * sizeof *after);
  int code = SHF_E_NOMEM;
  if (s->total[0] && s->total[1] && s->variance && after) code = fill(s, p, type, self, after);
  free(after);
  if (code) shf__diff_totals_free(s);
  return code;
}

void shf__diff_totals_free(shf_diff_totals *s) {
  free(s->total[0]);
  free(s->total[1]);
  free(s->variance);
  *s = (shf_diff_totals){0};
}

enum shf_verdict shf__diff_totals_verdict(const shf_diff_totals *s, uint32_t node) {
  return shf_change_verdict(s->total[0][node], s->total[1][node], s->variance[node]);
}
