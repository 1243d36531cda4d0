#include "svg_pruned.h"

#include <stdlib.h>

/* A category, or a package of one. */
typedef struct pruned_key {
  shf_str package;
  enum shf_category category;
  bool touched;
  int64_t value[SHF_TYPES];
} pruned_key;

typedef struct owner {
  shf_str package;
  uint32_t frame;
} owner;

struct shf_pruned {
  uint32_t *key_of; /* row f: key of frame f */
  pruned_key *keys; /* the categories come first */
  uint32_t *touched;
  bool scoped;        /* some frame is a process or thread */
  uint32_t count;     /* of keys */
  uint32_t used;      /* rows of `touched` */
  uint64_t max_bytes; /* if everything were pruned */
  uint32_t scope;     /* node of the current process or thread; 0: none */
  uint32_t row;       /* where the current entries begin */
  bool first;
};

/* ---- Keys ---------------------------------------------------------------------- */

static int by_package(const void *a, const void *b) {
  const owner *l = a, *r = b;
  int order = shf_str_compare(l->package, r->package);
  return order ? order : (l->frame > r->frame) - (l->frame < r->frame);
}

/* By name and category, as in the viewer. */
static bool is_scope(const shf_pruned *r, const shf_profile *p, uint32_t frame) {
  if (r->key_of[frame] != SHF_CAT_OTHER) return false;
  shf_str name = shf_frame_name(p, frame);
  return (name.len > 8 && memcmp(name.ptr, "process ", 8) == 0) ||
         (name.len > 7 && memcmp(name.ptr, "worker ", 7) == 0);
}

static uint32_t find_owners(shf_pruned *r, const shf_profile *p, owner *owners) {
  uint32_t count = 0;
  for (uint32_t f = 0; f < shf_profile_frames(p); f++) {
    shf_str package;
    r->key_of[f] = shf_frame_category(p, f, &package);
    if (r->key_of[f] == SHF_CAT_PACKAGE) owners[count++] = (owner){package, f};
    if (is_scope(r, p, f)) r->scoped = true;
  }
  if (count) qsort(owners, count, sizeof *owners, by_package);
  return count;
}

static void name_packages(shf_pruned *r, const owner *owners, uint32_t count) {
  r->count = SHF_CATEGORIES;
  for (uint32_t i = 0; i < count; i++) {
    if (i == 0 || shf_str_compare(owners[i].package, owners[i - 1].package) != 0)
      r->keys[r->count++] = (pruned_key){owners[i].package, SHF_CAT_PACKAGE, false, {0}};
    r->key_of[owners[i].frame] = r->count - 1;
  }
}

static int make_keys(shf_pruned *r, const shf_profile *p) {
  size_t frames = shf_profile_frames(p);
  r->key_of = malloc((frames + 1) * sizeof *r->key_of);
  owner *owners = malloc((frames + 1) * sizeof *owners);
  uint32_t count = r->key_of && owners ? find_owners(r, p, owners) : 0;
  size_t capacity = SHF_CATEGORIES + (size_t)count;
  r->keys = calloc(capacity, sizeof *r->keys);
  r->touched = malloc(capacity * sizeof *r->touched);
  int code = r->key_of && owners && r->keys && r->touched ? SHF_OK : SHF_E_NOMEM;
  for (int c = 0; c < SHF_CATEGORIES && !code; c++) r->keys[c].category = (enum shf_category)c;
  if (!code) name_packages(r, owners, count);
  free(owners);
  return code;
}

/* ---- Entries ------------------------------------------------------------------- */

static void take(shf_pruned *r, const shf_profile *p, const shf_bucket *b) {
  uint32_t frame = shf_profile_frame_of(p, b->node);
  uint32_t at = frame == SHF_NONE ? SHF_CAT_OTHER : r->key_of[frame];
  pruned_key *k = &r->keys[at];
  bool any = false;
  for (int t = 0; t < SHF_TYPES; t++) {
    k->value[t] += b->value[t];
    if (b->value[t]) any = true;
  }
  if (!any || k->touched) return;
  k->touched = true;
  r->touched[r->used++] = at;
}

static void write_entry(const shf_viewer_data *d, shf_xml *x, const pruned_key *k, uint32_t row) {
  uint32_t paint = k->category == SHF_CAT_PACKAGE ? shf__paint_of_package(k->package)
                                                  : shf__paint_of_category(k->category);
  shf__xml_raw(x, d->rest->first ? "[" : ",\n[");
  d->rest->first = false;
  shf__xml_u64(x, row);
  shf__xml_raw(x, ",");
  shf__xml_json(x, shf_str_of(shf__svg_category(k->category)));
  shf__xml_raw(x, ",");
  shf__xml_json(x, k->package);
  shf__xml_raw(x, ",");
  shf__xml_u64(x, paint);
  for (int t = 0; t < SHF_TYPES; t++) {
    if (!(d->types & 1u << t)) continue;
    shf__xml_raw(x, ",");
    shf__xml_u64(x, k->value[t] > 0 ? (uint64_t)k->value[t] : 0);
  }
  shf__xml_raw(x, "]");
}

static void flush_entries(const shf_viewer_data *d, shf_xml *x) {
  shf_pruned *r = d->rest;
  for (uint32_t i = 0; i < r->used; i++) {
    pruned_key *k = &r->keys[r->touched[i]];
    write_entry(d, x, k, r->row);
    *k = (pruned_key){k->package, k->category, false, {0}};
  }
  r->used = 0;
}

/* Scopes may be nested: threads within processes. */
static void enter_scope(const shf_viewer_data *d, shf_xml *x, uint32_t node) {
  shf_pruned *r = d->rest;
  if (!r->scoped) return;
  bool leaves = r->scope && node >= shf_profile_end(d->p, r->scope);
  if (leaves) flush_entries(d, x);
  while (r->scope && node >= shf_profile_end(d->p, r->scope))
    r->scope = shf_profile_parent(d->p, r->scope);
  bool below = shf_profile_parent(d->p, node) == r->scope;
  if (!below || !is_scope(r, d->p, shf_profile_frame_of(d->p, node))) return;
  flush_entries(d, x);
  r->scope = node;
}

/* Adds the buckets of the nodes [node, end). */
static void take_all(const shf_viewer_data *d, uint32_t row, uint32_t node, uint32_t end) {
  uint32_t to = shf_profile_bucket_first(d->p, end);
  if (d->rest->used == 0) d->rest->row = row;
  for (uint32_t i = shf_profile_bucket_first(d->p, node); i < to; i++) {
    const shf_bucket b = shf_profile_bucket_at(d->p, i);
    take(d->rest, d->p, &b);
  }
}

static void begin(shf_pruned *r) {
  r->scope = 0;
  r->first = true;
}

/* An upper bound: drawing more makes entries fewer, and none longer. */
static uint64_t count_max_bytes(const shf_viewer_data *d) {
  shf_xml x;
  shf__xml_begin(&x, NULL);
  begin(d->rest);
  uint32_t nodes = shf_profile_nodes(d->p);
  for (uint32_t n = 0, end; n < nodes; n = end) {
    end = d->rest->scoped ? n + 1 : nodes;
    if (n) enter_scope(d, &x, n);
    /* the last row has the longest number */
    take_all(d, nodes, n, end);
  }
  flush_entries(d, &x);
  return x.bytes;
}

static int make(shf_viewer_data *d) {
  d->rest = calloc(1, sizeof *d->rest);
  if (!d->rest) return SHF_E_NOMEM;
  int code = make_keys(d->rest, d->p);
  if (!code) d->rest->max_bytes = count_max_bytes(d);
  return code;
}

static bool prunes(const shf_viewer_data *d) {
  for (uint32_t i = 0; i < d->count; i++)
    if (d->rows[i].sum) return true;
  return false;
}

static void write_entries(shf_viewer_data *d, shf_xml *x) {
  if (!d->rest && !d->code) d->code = make(d);
  if (d->code) return;
  if (!x->sink && !x->hold) {
    x->bytes += d->rest->max_bytes;
    return;
  }
  begin(d->rest);
  for (uint32_t i = 0; i < d->count; i++) {
    const shf_viewer_row *row = &d->rows[i];
    enter_scope(d, x, row->node);
    if (row->sum) take_all(d, i + 1, row->node, row->end);
  }
  flush_entries(d, x);
}

void shf__pruned_write(shf_viewer_data *d, shf_xml *x) {
  shf__xml_raw(x, "[");
  if (prunes(d)) write_entries(d, x);
  shf__xml_raw(x, "]");
}

void shf__pruned_free(shf_pruned *r) {
  if (!r) return;
  free(r->key_of);
  free(r->keys);
  free(r->touched);
  free(r);
}
