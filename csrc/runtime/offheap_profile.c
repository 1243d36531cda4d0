#include "runtime/offheap_profile.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "capture/label_sets.h"
#include "core/growable.h"

/* Bytes of a row with its share of an index that is half full. */
enum { SLOT_BYTES = 8 };

static uint32_t function_key(int32_t script_id, uint64_t call) {
  return shf_hash_u64(call * 0x9E3779B97F4A7C15u ^ (uint64_t)(uint32_t)script_id << 20);
}

static uint32_t hash_function(const void *table, uint32_t row) {
  const shf_offheap_function *f = &((const shf_offheap_profile *)table)->functions[row];
  return f->script_id ? function_key(f->script_id, f->call) : function_key(0, f->name);
}

static uint32_t node_key(uint32_t parent, uint32_t function) {
  return shf_hash_u64((uint64_t)parent << 32 | function);
}

static uint32_t hash_node(const void *table, uint32_t row) {
  const shf_offheap_node *n = &((const shf_offheap_profile *)table)->nodes[row];
  return node_key(n->parent, n->function);
}

static uint32_t bucket_key(const shf_offheap_sample *s) {
  return shf_hash_u64((s->size * 0x9E3779B97F4A7C15u) ^ (uint64_t)s->labels << 38 ^
                      (uint64_t)s->node << 6 ^ s->level);
}

static uint32_t hash_bucket(const void *table, uint32_t row) {
  const shf_offheap_bucket *b = &((const shf_offheap_buckets *)table)->rows[row];
  const shf_offheap_sample key = {b->size, b->node, b->level, b->labels};
  return bucket_key(&key);
}

int shf_offheap_profile_init(shf_offheap_profile *t, uint64_t interval) {
  memset(t, 0, sizeof *t);
  t->interval = interval;
  t->arena = shf_arena_new();
  int code = t->arena ? shf_string_table_init(&t->strings, t->arena) : SHF_E_NOMEM;
  if (!code)
    code = shf__growable_reserve((void **)&t->nodes, 0, &t->node_capacity, sizeof *t->nodes);
  uint32_t root;
  if (!code)
    code = shf_offheap_add_function(t, 0, 0, shf_str_of("(root)"), shf_str_of(""), 0, 0, &root);
  if (!code) t->nodes[t->nnodes++] = (shf_offheap_node){SHF_NONE, root};
  if (code) shf_offheap_profile_free(t);
  return code;
}

void shf_offheap_buckets_free(shf_offheap_buckets *b) {
  free(b->rows);
  shf_hash_index_free(&b->index);
  memset(b, 0, sizeof *b);
}

void shf_offheap_profile_free(shf_offheap_profile *t) {
  shf_offheap_buckets_free(&t->buckets);
  shf_hash_index_free(&t->function_index);
  shf_hash_index_free(&t->node_index);
  shf_hash_index_free(&t->strings.index);
  free(t->functions);
  free(t->nodes);
  shf_arena_free(t->arena);
  memset(t, 0, sizeof *t);
}

uint32_t shf_offheap_find_function(const shf_offheap_profile *t, int32_t script_id, uint64_t call) {
  uint32_t at = function_key(script_id, call) & t->function_index.mask, row;
  for (; (row = t->function_index.slots[at]) != SHF_NONE; at = (at + 1) & t->function_index.mask)
    if (t->functions[row].script_id == script_id && t->functions[row].call == call) return row;
  return SHF_NONE;
}

static int intern(shf_offheap_profile *t, shf_str text, uint32_t *id) {
  uint32_t before = t->strings.count;
  int code = shf_string_table_intern(&t->strings, t->arena, text, id);
  if (t->strings.count > before) t->text += text.len + sizeof(shf_str) + SLOT_BYTES;
  return code;
}

static uint32_t find_native(const shf_offheap_profile *t, uint32_t name) {
  const shf_hash_index *ix = &t->function_index;
  for (uint32_t at = function_key(0, name) & ix->mask, row; (row = ix->slots[at]) != SHF_NONE;
       at = (at + 1) & ix->mask)
    if (t->functions[row].script_id == 0 && t->functions[row].name == name) return row;
  return SHF_NONE;
}

int shf_offheap_add_function(shf_offheap_profile *t, int32_t script_id, uint64_t call, shf_str name,
                             shf_str script, int32_t line, int32_t column, uint32_t *id) {
  shf_offheap_function f = {script_id, 0, 0, line, column, call};
  int code = intern(t, name, &f.name);
  if (!code) code = intern(t, script, &f.script);
  if (!code) code = shf_hash_index_reserve(&t->function_index, hash_function, t);
  if (code) return code;
  *id = script_id ? SHF_NONE : find_native(t, f.name);
  if (*id != SHF_NONE) return SHF_OK;
  code =
      shf__growable_reserve((void **)&t->functions, t->nfunctions, &t->function_capacity, sizeof f);
  if (code) return code;
  shf_hash_index *ix = &t->function_index;
  t->functions[t->nfunctions] = f;
  uint32_t at = hash_function(t, t->nfunctions) & ix->mask;
  while (ix->slots[at] != SHF_NONE) at = (at + 1) & ix->mask;
  ix->slots[at] = *id = t->nfunctions++;
  ix->used++;
  return SHF_OK;
}

int shf_offheap_child(shf_offheap_profile *t, uint32_t parent, uint32_t function, uint32_t *id) {
  assert(parent < t->nnodes && function < t->nfunctions);
  shf_hash_index *ix = &t->node_index;
  int code = shf_hash_index_reserve(ix, hash_node, t);
  if (code) return code;
  uint32_t at = node_key(parent, function) & ix->mask, row;
  for (; (row = ix->slots[at]) != SHF_NONE; at = (at + 1) & ix->mask) {
    if (t->nodes[row].parent != parent || t->nodes[row].function != function) continue;
    *id = row;
    return SHF_OK;
  }
  code = shf__growable_reserve((void **)&t->nodes, t->nnodes, &t->node_capacity, sizeof *t->nodes);
  if (code) return code;
  t->nodes[t->nnodes] = (shf_offheap_node){parent, function};
  ix->slots[at] = *id = t->nnodes++;
  ix->used++;
  return SHF_OK;
}

int shf_offheap_bucket_of(shf_offheap_buckets *b, const shf_offheap_sample *key, uint32_t *row) {
  shf_hash_index *ix = &b->index;
  int code = shf_hash_index_reserve(ix, hash_bucket, b);
  if (code) return code;
  uint32_t at = bucket_key(key) & ix->mask;
  for (; (*row = ix->slots[at]) != SHF_NONE; at = (at + 1) & ix->mask) {
    const shf_offheap_bucket *found = &b->rows[*row];
    if (found->size == key->size && found->node == key->node && found->level == key->level &&
        found->labels == key->labels)
      return SHF_OK;
  }
  code = shf__growable_reserve((void **)&b->rows, b->count, &b->capacity, sizeof *b->rows);
  if (code) return code;
  b->rows[b->count] = (shf_offheap_bucket){key->size, key->node, key->level, key->labels, 0, 0};
  ix->slots[at] = *row = b->count++;
  ix->used++;
  return SHF_OK;
}

uint64_t shf_offheap_call_bytes(const shf_offheap_profile *t) {
  return t->text + t->nfunctions * (uint64_t)(sizeof *t->functions + SLOT_BYTES) +
         t->nnodes * (uint64_t)(sizeof *t->nodes + SLOT_BYTES);
}

uint64_t shf_offheap_count_bytes(const shf_offheap_profile *t) {
  return t->buckets.count * (uint64_t)(sizeof *t->buckets.rows + SLOT_BYTES);
}

/* ---- The segment --------------------------------------------------------- */

static int write_functions(const shf_offheap_profile *t, shf_capture *c, uint32_t *strings,
                           uint32_t *leaf) {
  uint32_t id;
  int code = SHF_OK;
  *strings = *leaf = SHF_NONE;
  for (uint32_t i = 0; i < t->strings.count && !code; i++) {
    code = shf_capture_string(c, t->strings.rows[i].ptr, t->strings.rows[i].len, &id);
    if (i == 0) *strings = id;
  }
  for (uint32_t i = 0; i < t->nfunctions && !code; i++) {
    const shf_offheap_function *f = &t->functions[i];
    uint32_t name = *strings + f->name, script = *strings + f->script;
    shf_capture_function row = {name, script, f->script_id, 0, f->line, f->column};
    code = shf_capture_function_add(c, &row, &id);
  }
  return code ? code : shf_capture_string(c, SHF_OFFHEAP_LEAF, strlen(SHF_OFFHEAP_LEAF), leaf);
}

static bool is_apps(const shf_offheap_profile *t, const shf_offheap_function *f) {
  shf_str script = t->strings.rows[f->script];
  return script.len > 0 && (script.len < 5 || memcmp(script.ptr, "node:", 5) != 0);
}

/* The function whose call stands at a stack's leaf: the innermost of the app's; SHF_NONE: none. */
static uint32_t place_of(const shf_offheap_profile *t, uint32_t node) {
  for (; node != SHF_NONE; node = t->nodes[node].parent)
    if (is_apps(t, &t->functions[t->nodes[node].function])) return t->nodes[node].function;
  return SHF_NONE;
}

typedef struct leaves {
  uint32_t *of_node;     /* its leaf's id; SHF_NONE: not yet */
  uint32_t *of_function; /* row of the leaf's function with that place; the last one has none */
  uint32_t name, strings;
} leaves;

static int leaf_function(const shf_offheap_profile *t, const leaves *l, uint32_t node,
                         shf_capture *c, uint32_t *row) {
  uint32_t place = place_of(t, node), at = place == SHF_NONE ? t->nfunctions : place;
  if (l->of_function[at] == SHF_NONE) {
    shf_capture_function f = {l->name, l->strings, 0, 0, 0, 0};
    if (place != SHF_NONE) {
      const shf_offheap_function *call = &t->functions[place];
      f.script = l->strings + call->script;
      f.line = call->line;
      f.column = call->column;
    }
    int code = shf_capture_function_add(c, &f, &l->of_function[at]);
    if (code) return code;
  }
  *row = l->of_function[at];
  return SHF_OK;
}

/* Below each node that has buckets a leaf. */
static int write_nodes(const shf_offheap_profile *t, const leaves *l, shf_capture *c) {
  int code = SHF_OK;
  uint32_t next = t->nnodes, row;
  for (uint32_t i = 0; i < t->nnodes && !code; i++) {
    shf_capture_node n = {i, t->nodes[i].parent, t->nodes[i].function, 0};
    code = shf_capture_node_add(c, &n, &row);
  }
  for (uint32_t i = 0; i < t->buckets.count && !code; i++) {
    uint32_t node = t->buckets.rows[i].node;
    if (t->buckets.rows[i].allocated == 0 || l->of_node[node] != SHF_NONE) continue;
    shf_capture_node n = {next, node, 0, 0};
    code = leaf_function(t, l, node, c, &n.function);
    if (!code) code = shf_capture_node_add(c, &n, &row);
    l->of_node[node] = next++;
  }
  return code;
}

static int write_sources(const shf_offheap_profile *t, const shf_source *source, uint32_t *rows,
                         shf_capture *c) {
  bool used[SHF_OFFHEAP_LEVELS] = {true}; /* one at least tells that it was counted */
  for (uint32_t i = 0; i < t->buckets.count; i++) used[t->buckets.rows[i].level] = true;
  int code = SHF_OK;
  for (uint32_t level = 0; level < SHF_OFFHEAP_LEVELS && !code; level++) {
    shf_source s = *source;
    s.kind = SHF_OFFHEAP;
    s.interval = t->interval << level;
    s.types = SHF_HAS_ALLOC | SHF_HAS_INUSE;
    if (used[level]) code = shf_capture_source(c, &s, &rows[level]);
  }
  return code;
}

typedef struct label_rows {
  uint32_t of_set[2][SHF_LABEL_SETS_ALL + 1]; /* the capture's set; 0: not written yet */
  uint32_t count;
} label_rows;

/* The capture's set for one of the process, with a block's type or without. */
static int write_labels(label_rows *l, uint32_t set, bool typed, shf_capture *c, uint32_t *row) {
  *row = 0;
  if ((set == 0 && !typed) || set > SHF_LABEL_SETS_ALL) return SHF_OK;
  if (l->of_set[typed][set] == 0) {
    shf_str type = shf_str_of(typed ? SHF_OFFHEAP_TYPE : "");
    int code = shf_label_sets_write(set, type, l->count + 1, c);
    if (code) return code;
    l->of_set[typed][set] = ++l->count;
  }
  *row = l->of_set[typed][set];
  return SHF_OK;
}

/* Freed blocks have a row, and live ones a row for each age. `ages`: those of this bucket. */
static int write_bucket(const shf_offheap_bucket *b, const shf_offheap_age *ages, label_rows *l,
                        bool types, shf_capture_bucket row, shf_capture *c) {
  row.allocated = b->allocated - b->live;
  int code = row.allocated ? write_labels(l, b->labels, false, c, &row.labels) : SHF_OK;
  if (row.allocated && !code) code = shf_capture_bucket_add(c, &row);
  if (b->live && !code) code = write_labels(l, b->labels, types, c, &row.labels);
  for (uint32_t i = 0, end; i < b->live && !code; i = end) {
    assert(ages[i].bucket == ages[0].bucket);
    for (end = i + 1; end < b->live && ages[end].age == ages[i].age;) end++;
    row.age = ages[i].age;
    row.allocated = row.live = end - i;
    code = shf_capture_bucket_add(c, &row);
  }
  return code;
}

static int write_all(const shf_offheap_profile *t, const shf_source *source,
                     const shf_offheap_age *ages, bool types, leaves *l, shf_capture *c) {
  uint32_t rows[SHF_OFFHEAP_LEVELS];
  label_rows labels = {{{0}}, 0};
  int code = write_sources(t, source, rows, c);
  if (!code) code = write_functions(t, c, &l->strings, &l->name);
  if (!code) code = write_nodes(t, l, c);
  for (uint32_t i = 0; i < t->buckets.count && !code; i++) {
    const shf_offheap_bucket *b = &t->buckets.rows[i];
    assert(b->live <= b->allocated && b->node < t->nnodes);
    if (b->allocated == 0) continue;
    const shf_capture_bucket row = {l->of_node[b->node], rows[b->level], b->size, 0, 0, 0, 0};
    code = write_bucket(b, ages, &labels, types, row, c);
    ages += b->live;
  }
  return code;
}

int shf_offheap_profile_write(const shf_offheap_profile *t, const shf_source *source,
                              const shf_offheap_age *ages, bool types, shf_capture *c) {
  size_t nodes = t->nnodes * sizeof(uint32_t);
  size_t functions = ((size_t)t->nfunctions + 1) * sizeof(uint32_t);
  leaves l = {malloc(nodes), malloc(functions), 0, 0};
  int code = SHF_E_NOMEM;
  if (l.of_node && l.of_function) {
    memset(l.of_node, 0xff, nodes);
    memset(l.of_function, 0xff, functions);
    code = write_all(t, source, ages, types, &l, c);
  }
  free(l.of_node);
  free(l.of_function);
  return code;
}
