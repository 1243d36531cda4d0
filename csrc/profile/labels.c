#include "profile/labels.h"

#include <stdlib.h>
#include <string.h>

#include "profile/profile.h"

/* ---- Building */

static uint32_t label_hash(const shf_label *l) {
  uint64_t texts = shf_hash_u64((uint64_t)l->key << 32 | l->text);
  return shf_hash_u64(texts << 32 ^ (uint64_t)l->number ^ (uint64_t)l->unit << 17);
}

static uint32_t rows_hash(const shf_label *rows, uint32_t count) {
  uint64_t hash = count;
  for (uint32_t i = 0; i < count; i++) hash = shf_hash_u64(hash << 32 | label_hash(&rows[i]));
  return (uint32_t)hash;
}

static uint32_t set_hash(const void *table, uint32_t set) {
  const shf__labels *l = table;
  uint32_t first = shf__labels_first(l, set);
  return rows_hash(&l->rows[first], shf__labels_end(l, set) - first);
}

/* Any order that equal sets share: ids are of one profile. */
static int by_ids(const void *a, const void *b) {
  const shf_label *x = a, *y = b;
  if (x->key != y->key) return x->key < y->key ? -1 : 1;
  if (x->text != y->text) return x->text < y->text ? -1 : 1;
  if (x->number != y->number) return x->number < y->number ? -1 : 1;
  return (x->unit > y->unit) - (x->unit < y->unit);
}

static bool same_rows(const shf_label *a, const shf_label *b, uint32_t count) {
  for (uint32_t i = 0; i < count; i++)
    if (by_ids(&a[i], &b[i]) != 0) return false;
  return true;
}

/* Sorts the rows from l->count on. @return how many different ones there are */
static uint32_t sort_rows(shf__labels *l, uint32_t count) {
  shf_label *rows = &l->rows[l->count];
  uint32_t kept = 1;
  if (count > 1) qsort(rows, count, sizeof *rows, by_ids);
  for (uint32_t i = 1; i < count; i++)
    if (by_ids(&rows[i], &rows[kept - 1]) != 0) rows[kept++] = rows[i];
  return kept;
}

static int add_set(shf_profile *p, uint32_t end) {
  shf__labels *l = &p->labels;
  int code =
      shf_arena_reserve(p->arena, (void **)&l->end, l->nsets, &l->sets_capacity, sizeof *l->end);
  if (!code) l->end[l->nsets++] = end;
  return code;
}

/* Adds the rows from l->count on as a set, or finds it. */
static int intern(shf_profile *p, uint32_t count, uint32_t *set) {
  shf__labels *l = &p->labels;
  const shf_label *rows = &l->rows[l->count];
  int code = l->nsets ? SHF_OK : add_set(p, 0);
  if (!code) code = shf_hash_index_reserve(&l->index, set_hash, l);
  if (code) return code;
  uint32_t at = rows_hash(rows, count) & l->index.mask, row;
  for (; (row = l->index.slots[at]) != SHF_NONE; at = (at + 1) & l->index.mask) {
    uint32_t first = shf__labels_first(l, row);
    *set = row;
    if (shf__labels_end(l, row) - first == count && same_rows(&l->rows[first], rows, count))
      return SHF_OK;
  }
  code = add_set(p, l->count + count);
  if (code) return code;
  l->count += count;
  l->index.slots[at] = *set = l->nsets - 1;
  l->index.used++;
  return SHF_OK;
}

static bool valid(const shf_profile *p, const shf_label *l) {
  return l->key < p->strings.count && l->text < p->strings.count && l->unit < p->strings.count &&
         (l->text == 0 || (l->number == 0 && l->unit == 0));
}

int shf_profile_label_set(shf_profile *p, const shf_label *labels, uint32_t count, uint32_t *set) {
  shf__labels *l = &p->labels;
  uint32_t before = l->count;
  int code = SHF_OK;
  *set = 0;
  if (p->sealed) return SHF_E_ARG;
  if (count == 0) return SHF_OK;
  for (uint32_t i = 0; i < count && !code; i++) {
    if (!valid(p, &labels[i])) return SHF_E_ARG;
    code =
        shf_arena_reserve(p->arena, (void **)&l->rows, before + i, &l->capacity, sizeof *l->rows);
    if (!code) l->rows[before + i] = labels[i];
  }
  return code ? code : intern(p, sort_rows(l, count), set);
}

/* ---- Copying */

static int copy_text(const shf_profile *from, uint32_t text, shf_profile *to, uint32_t *id) {
  return shf_profile_string(to, shf_profile_text(from, text), id);
}

int shf__label_copy(const shf_profile *from, const shf_label *label, shf_profile *to,
                    shf_label *copy) {
  *copy = *label;
  int code = copy_text(from, label->key, to, &copy->key);
  if (!code) code = copy_text(from, label->text, to, &copy->text);
  return code ? code : copy_text(from, label->unit, to, &copy->unit);
}

int shf__labels_copy(const shf_profile *from, shf_profile *to, uint32_t *sets) {
  shf_label *rows = calloc((size_t)from->labels.count + 1, sizeof *rows);
  int code = rows ? SHF_OK : SHF_E_NOMEM;
  for (uint32_t i = 0; i < from->labels.count && !code; i++)
    code = shf__label_copy(from, &from->labels.rows[i], to, &rows[i]);
  sets[0] = 0;
  for (uint32_t set = 1; set < from->labels.nsets && !code; set++) {
    uint32_t first = shf__labels_first(&from->labels, set);
    code = shf_profile_label_set(to, &rows[first], shf__labels_end(&from->labels, set) - first,
                                 &sets[set]);
  }
  free(rows);
  return code;
}

/* ---- Sealing */

typedef struct label_row {
  const shf_profile *p;
  shf_label label;
} label_row;

static int by_texts(const shf_profile *p, const shf_label *x, const shf_label *y) {
  int order = shf_str_compare(shf_profile_text(p, x->key), shf_profile_text(p, y->key));
  if (!order) order = shf_str_compare(shf_profile_text(p, x->text), shf_profile_text(p, y->text));
  if (!order) order = (x->number > y->number) - (x->number < y->number);
  return order ? order
               : shf_str_compare(shf_profile_text(p, x->unit), shf_profile_text(p, y->unit));
}

static int by_label(const void *a, const void *b) {
  const label_row *x = a, *y = b;
  return by_texts(x->p, &x->label, &y->label);
}

/* Sorts the labels of each set. */
static int order_labels(shf_profile *p) {
  shf__labels *l = &p->labels;
  label_row *rows = malloc(((size_t)l->count + 1) * sizeof *rows);
  if (!rows) return SHF_E_NOMEM;
  for (uint32_t i = 0; i < l->count; i++) rows[i] = (label_row){p, l->rows[i]};
  for (uint32_t set = 1; set < l->nsets; set++) {
    uint32_t first = shf__labels_first(l, set), count = shf__labels_end(l, set) - first;
    if (count > 1) qsort(&rows[first], count, sizeof *rows, by_label);
  }
  for (uint32_t i = 0; i < l->count; i++) l->rows[i] = rows[i].label;
  free(rows);
  return SHF_OK;
}

typedef struct set_row {
  const shf_profile *p;
  uint32_t set;
} set_row;

static int by_set(const void *a, const void *b) {
  const set_row *x = a, *y = b;
  const shf__labels *l = &x->p->labels;
  uint32_t i = shf__labels_first(l, x->set), k = shf__labels_first(l, y->set);
  uint32_t i_end = shf__labels_end(l, x->set), k_end = shf__labels_end(l, y->set);
  for (; i < i_end && k < k_end; i++, k++) {
    int order = by_texts(x->p, &l->rows[i], &l->rows[k]);
    if (order) return order;
  }
  return (i < i_end) - (k < k_end);
}

/* The used sets in their order, as new rows. */
static int place_sets(shf_profile *p, const set_row *sets, uint32_t count, uint32_t *place) {
  shf__labels to = {.nsets = count + 1};
  const shf__labels *l = &p->labels;
  to.rows = shf_arena_alloc(p->arena, l->count, sizeof *to.rows);
  to.end = shf_arena_alloc(p->arena, to.nsets, sizeof *to.end);
  if (!to.rows || !to.end) return SHF_E_NOMEM;
  to.end[0] = 0;
  for (uint32_t i = 0; i < count; i++) {
    uint32_t set = sets[i].set, first = shf__labels_first(l, set);
    uint32_t rows = shf__labels_end(l, set) - first;
    memcpy(&to.rows[to.count], &l->rows[first], rows * sizeof *to.rows);
    to.count += rows;
    to.end[i + 1] = to.count;
    place[set] = i + 1;
  }
  shf_arena_drop(p->arena, l->rows);
  shf_arena_drop(p->arena, l->end);
  p->labels = to;
  return SHF_OK;
}

int shf__labels_order(shf_profile *p, uint32_t *place) {
  shf_hash_index_free(&p->labels.index);
  if (p->labels.nsets == 0) return SHF_OK;
  set_row *sets = malloc(p->labels.nsets * sizeof *sets);
  int code = sets ? order_labels(p) : SHF_E_NOMEM;
  uint32_t count = 0;
  for (uint32_t i = 0; i < p->buckets.count && !code; i++)
    place[shf__bucket_labels(&p->buckets, i)] = 1;
  for (uint32_t set = 1; set < p->labels.nsets && !code; set++)
    if (place[set]) sets[count++] = (set_row){p, set};
  place[0] = 0;
  if (!code && count > 1) qsort(sets, count, sizeof *sets, by_set);
  if (!code) code = place_sets(p, sets, count, place);
  free(sets);
  return code;
}

/* ---- Reading */

uint32_t shf_profile_label_sets(const shf_profile *p) {
  return p->labels.nsets ? p->labels.nsets : 1;
}

typedef struct key_row {
  shf_str text;
  uint32_t key;
} key_row;

static int by_key(const void *a, const void *b) {
  return shf_str_compare(((const key_row *)a)->text, ((const key_row *)b)->text);
}

int shf_profile_label_keys(const shf_profile *p, uint32_t **keys, uint32_t *count) {
  const shf__labels *l = &p->labels;
  *keys = NULL;
  *count = 0;
  if (l->count == 0) return SHF_OK;
  key_row *rows = malloc(l->count * sizeof *rows);
  *keys = malloc(l->count * sizeof **keys);
  if (!rows || !*keys) {
    free(rows);
    free(*keys);
    *keys = NULL;
    return SHF_E_NOMEM;
  }
  for (uint32_t i = 0; i < l->count; i++)
    rows[i] = (key_row){shf_profile_text(p, l->rows[i].key), l->rows[i].key};
  qsort(rows, l->count, sizeof *rows, by_key);
  for (uint32_t i = 0; i < l->count; i++)
    if (i == 0 || rows[i].key != rows[i - 1].key) (*keys)[(*count)++] = rows[i].key;
  free(rows);
  return SHF_OK;
}

void shf_profile_label_sums(const shf_profile *p, shf_type type, double *total, double *variance) {
  memset(total, 0, shf_profile_label_sets(p) * sizeof *total);
  memset(variance, 0, shf_profile_label_sets(p) * sizeof *variance);
  for (uint32_t i = 0; i < p->buckets.count; i++) {
    const shf_bucket b = shf__bucket(&p->buckets, i);
    total[b.labels] += (double)b.value[type];
    variance[b.labels] += shf_bucket_variance(p, &b, type);
  }
}

const shf_label *shf_profile_labels_of(const shf_profile *p, uint32_t set, uint32_t *count) {
  uint32_t first = shf__labels_first(&p->labels, set);
  *count = shf__labels_end(&p->labels, set) - first;
  return *count ? &p->labels.rows[first] : NULL;
}
