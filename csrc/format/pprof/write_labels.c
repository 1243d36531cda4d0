/* The labels of samples: encoded once for each set, then copied to each sample that has the set. */
#include <stdlib.h>

#include "format/pprof/write.h"

size_t shf__pw_number_label(char *to, uint32_t key, int64_t number, uint32_t unit) {
  size_t n = 2;
  to[0] = shf__pw_tag(PPROF_SAMPLE_LABEL, PB_BYTES);
  n += shf__pw_put(to + n, PPROF_LABEL_KEY, key);
  n += shf__pw_put(to + n, PPROF_LABEL_NUM, (uint64_t)number);
  n += shf__pw_put(to + n, PPROF_LABEL_NUM_UNIT, unit);
  to[1] = (char)(n - 2);
  return n;
}

size_t shf__pw_text_label(char *to, uint32_t key, uint32_t text) {
  size_t n = 2;
  to[0] = shf__pw_tag(PPROF_SAMPLE_LABEL, PB_BYTES);
  n += shf__pw_put(to + n, PPROF_LABEL_KEY, key);
  n += shf__pw_put(to + n, PPROF_LABEL_STR, text);
  to[1] = (char)(n - 2);
  return n;
}

static uint32_t index_of(shf__pw *w, uint32_t string) {
  if (string == 0) return STR_EMPTY;
  if (w->label_id[string] == 0) w->label_id[string] = w->strings++;
  return w->label_id[string];
}

static size_t put_label(shf__pw *w, const shf_label *l, char *to) {
  uint32_t key = index_of(w, l->key);
  if (l->text) return shf__pw_text_label(to, key, index_of(w, l->text));
  return shf__pw_number_label(to, key, l->number, index_of(w, l->unit));
}

int shf__pw_labels_make(shf__pw *w) {
  uint32_t sets = shf_profile_label_sets(w->p), count;
  size_t rows = 0, n = 0;
  for (uint32_t set = 1; set < sets; set++) {
    shf_profile_labels_of(w->p, set, &count);
    rows += count;
    if (count > w->labels_max / LABEL_MAX) w->labels_max = count * (size_t)LABEL_MAX;
  }
  w->label_id = calloc((size_t)shf_profile_strings(w->p) + 1, sizeof *w->label_id);
  w->labels_end = calloc((size_t)sets + 1, sizeof *w->labels_end);
  w->labels = malloc(rows * LABEL_MAX + 1);
  if (!w->label_id || !w->labels_end || !w->labels) return SHF_E_NOMEM;
  for (uint32_t set = 1; set < sets; set++) {
    const shf_label *labels = shf_profile_labels_of(w->p, set, &count);
    for (uint32_t i = 0; i < count; i++) n += put_label(w, &labels[i], w->labels + n);
    w->labels_end[set] = n;
  }
  return SHF_OK;
}

void shf__pw_labels_free(shf__pw *w) {
  free(w->label_id);
  free(w->labels_end);
  free(w->labels);
}

size_t shf__pw_labels_put(const shf__pw *w, uint32_t set, char *to) {
  if (set == 0) return 0;
  size_t first = w->labels_end[set - 1], n = w->labels_end[set] - first;
  memcpy(to, w->labels + first, n);
  return n;
}

static int write_once(shf__pw *w, uint32_t string, uint32_t *next) {
  if (string == 0 || w->label_id[string] != *next) return SHF_OK;
  ++*next;
  return shf__pw_string(w, shf_profile_text(w->p, string));
}

int shf__pw_label_strings(shf__pw *w) {
  uint32_t next = w->label_strings, count;
  int code = SHF_OK;
  for (uint32_t set = 1; set < shf_profile_label_sets(w->p); set++) {
    const shf_label *labels = shf_profile_labels_of(w->p, set, &count);
    for (uint32_t i = 0; i < count && !code; i++) {
      code = write_once(w, labels[i].key, &next);
      if (!code) code = write_once(w, labels[i].text, &next);
      if (!code) code = write_once(w, labels[i].unit, &next);
    }
  }
  return code;
}
