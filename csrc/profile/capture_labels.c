#include "profile/capture_labels.h"

#include <stdlib.h>

#include "core/str.h"

int shf__capture_labels_init(shf__capture_labels *l, const shf_capture_view *v, shf_profile *p) {
  uint32_t rows = v->header.labels, largest = 0, first = 0;
  *l = (shf__capture_labels){.v = v, .p = p};
  l->end = calloc((size_t)rows + 1, sizeof *l->end);
  if (!l->end) return SHF_E_NOMEM;
  for (uint32_t row = 0; row < rows; row++) {
    shf_capture_label label;
    shf_capture_view_label(v, row, &label);
    if (l->end[label.set] == 0) first = row;
    l->end[label.set] = row + 1;
    if (row + 1 - first > largest) largest = row + 1 - first;
  }
  l->rows = malloc(((size_t)largest + 1) * sizeof *l->rows);
  if (!l->rows) return SHF_E_NOMEM;
  int code = shf_profile_string(p, shf_str_of(SHF_LABEL_AGE), &l->age_key);
  return code ? code : shf_profile_string(p, shf_str_of("seconds"), &l->age_unit);
}

void shf__capture_labels_free(shf__capture_labels *l) {
  free(l->end);
  free(l->rows);
}

/* An empty text would be a number. */
static int add_label(shf__capture_labels *l, uint32_t row, uint32_t *count) {
  shf_capture_label label;
  shf_capture_view_label(l->v, row, &label);
  shf_str key = shf_capture_view_string(l->v, label.key);
  shf_str value = shf_capture_view_string(l->v, label.value);
  if (key.len == 0 || value.len == 0) return SHF_OK;
  shf_label *out = &l->rows[(*count)++];
  *out = (shf_label){.number = 0};
  int code = shf_profile_string(l->p, key, &out->key);
  return code ? code : shf_profile_string(l->p, value, &out->text);
}

int shf__capture_labels_of(shf__capture_labels *l, const shf_capture_bucket *b, uint32_t *set) {
  uint32_t count = 0, row = b->labels > 1 ? l->end[b->labels - 1] : 0;
  int code = SHF_OK;
  for (; b->labels && row < l->end[b->labels] && !code; row++) code = add_label(l, row, &count);
  if (code) return code;
  if (b->age)
    l->rows[count++] = (shf_label){.number = b->age - 1, .key = l->age_key, .unit = l->age_unit};
  return shf_profile_label_set(l->p, l->rows, count, set);
}
