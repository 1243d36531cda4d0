/* Ages of memory in use. */
#include <stdlib.h>
#include <string.h>

#include "core/str.h"
#include "profile/meta.h"
#include "profile/profile.h"

static bool is_age(const shf_profile *p, const shf_label *l) {
  return l->text == 0 && shf__str_equals(shf_profile_text(p, l->key), SHF_LABEL_AGE) &&
         shf__str_equals(shf_profile_text(p, l->unit), "seconds");
}

void shf_profile_ages(const shf_profile *p, int64_t *ages) {
  for (uint32_t set = 0; set < shf_profile_label_sets(p); set++) {
    uint32_t count;
    const shf_label *labels = shf_profile_labels_of(p, set, &count);
    ages[set] = -1;
    for (uint32_t i = 0; i < count; i++)
      if (is_age(p, &labels[i]) && labels[i].number >= 0) ages[set] = labels[i].number;
  }
}

bool shf_profile_has_ages(const shf_profile *p) {
  for (uint32_t i = 0; i < p->labels.count; i++)
    if (is_age(p, &p->labels.rows[i])) return true;
  return false;
}

/* Bytes of one age that a function has in use. */
typedef struct aged {
  uint32_t function; /* row in the caller's frames */
  int64_t age, bytes;
} aged;

static int by_age(const void *a, const void *b) {
  const aged *x = a, *y = b;
  if (x->function != y->function) return x->function < y->function ? -1 : 1;
  return (x->age > y->age) - (x->age < y->age);
}

/* @return the number of rows */
static uint32_t fill_rows(const shf_profile *p, const uint32_t *row_of, const int64_t *ages,
                          aged *rows) {
  uint32_t n = 0;
  for (uint32_t i = 0; i < p->buckets.count; i++) {
    uint32_t node = shf__bucket_node(&p->buckets, i);
    int64_t age = ages[shf__bucket_labels(&p->buckets, i)];
    int64_t bytes = shf__bucket_value(&p->buckets, i, SHF_INUSE_SPACE);
    if (node == 0 || age < 0 || bytes <= 0 || row_of[p->frame[node]] == SHF_NONE) continue;
    rows[n++] = (aged){row_of[p->frame[node]], age, bytes};
  }
  return n;
}

/* Of rows of one function, sorted by age. */
static shf_age_range range_of(const aged *rows, uint32_t count) {
  shf_age_range r = {rows[0].age, -1, -1, -1, rows[count - 1].age, SHF_STAYS_UNKNOWN};
  double all = 0, so_far = 0;
  for (uint32_t i = 0; i < count; i++) all += (double)rows[i].bytes;
  for (uint32_t i = 0; i < count; i++) {
    so_far += (double)rows[i].bytes;
    if (r.low < 0 && so_far >= all * 0.1) r.low = rows[i].age;
    if (r.median < 0 && so_far >= all * 0.5) r.median = rows[i].age;
    if (r.high < 0 && so_far >= all * 0.9) r.high = rows[i].age;
  }
  return r;
}

const char *shf_stays_name(enum shf_stays stays) {
  static const char *const names[] = {NULL, "leak", "filled", "young"};
  return names[stays];
}

static int find_stays(const shf_profile *p, const uint32_t *frames, uint32_t count,
                      shf_age_range *ranges) {
  double seconds = (double)shf__meta_number(p, "duration_ms") / 1000;
  shf_leak leaks[SHF_LEAKS];
  uint32_t nleaks;
  if (seconds < SHF_LEAK_SECONDS || shf_profile_is_diff(p)) return SHF_OK;
  int code = shf_profile_leaks(p, SHF_LEAK_SECONDS, leaks, &nleaks);
  for (uint32_t i = 0; i < count && !code; i++) {
    shf_age_range *r = &ranges[i];
    if (r->min >= 0 && (double)r->low >= seconds / 3) r->stays = SHF_STAYS_FILLED;
    if (r->min >= 0 && (double)r->high <= seconds / 10) r->stays = SHF_STAYS_YOUNG;
    for (uint32_t k = 0; k < nleaks; k++)
      if (frames[i] == leaks[k].frame) r->stays = SHF_STAYS_LEAK;
  }
  return code;
}

int shf_profile_age_ranges(const shf_profile *p, const uint32_t *frames, uint32_t count,
                           shf_age_range *ranges) {
  for (uint32_t i = 0; i < count; i++) ranges[i] = (shf_age_range){.min = -1, .high = -1};
  if (count == 0 || !shf_profile_has_ages(p)) return SHF_OK;
  uint32_t *row_of = malloc(((size_t)p->nframes + 1) * sizeof *row_of);
  int64_t *ages = malloc(shf_profile_label_sets(p) * sizeof *ages);
  aged *rows = malloc(((size_t)p->buckets.count + 1) * sizeof *rows);
  bool there = row_of && ages && rows;
  if (there) {
    memset(row_of, 0xff, p->nframes * sizeof *row_of);
    for (uint32_t i = 0; i < count; i++) row_of[frames[i]] = i;
    shf_profile_ages(p, ages);
    uint32_t n = fill_rows(p, row_of, ages, rows), end;
    if (n > 1) qsort(rows, n, sizeof *rows, by_age);
    for (uint32_t i = 0; i < n; i = end) {
      for (end = i + 1; end < n && rows[end].function == rows[i].function;) end++;
      ranges[rows[i].function] = range_of(&rows[i], end - i);
    }
  }
  free(row_of);
  free(ages);
  free(rows);
  return there ? find_stays(p, frames, count, ranges) : SHF_E_NOMEM;
}
