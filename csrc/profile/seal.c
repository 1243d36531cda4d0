/* Canonical order: equal contents give equal rows, whatever the order of additions. */
#include <stdlib.h>
#include <string.h>

#include "core/large_alloc.h"
#include "core/sink.h"
#include "profile/seal.h"

typedef struct text_row {
  const shf_profile *p;
  const char *text;
  size_t at, len; /* in all texts */
  uint32_t id;
} text_row;

/* Different frames may have the same text, and still need an order. */
static int by_fields(const text_row *a, const text_row *b) {
  const shf_frame *x = &a->p->frames[a->id], *y = &b->p->frames[b->id];
  int order = shf_str_compare(shf_profile_text(a->p, x->name), shf_profile_text(b->p, y->name));
  if (!order)
    order = shf_str_compare(shf_profile_text(a->p, x->file), shf_profile_text(b->p, y->file));
  if (!order) order = (x->line > y->line) - (x->line < y->line);
  if (!order) order = (x->column > y->column) - (x->column < y->column);
  if (!order) order = (x->call > y->call) - (x->call < y->call);
  return order;
}

/* Compares as if each text ended with `;`, so that folded stacks come out sorted. */
static int by_text(const void *a, const void *b) {
  const text_row *x = a, *y = b;
  size_t n = x->len < y->len ? x->len : y->len;
  int order = n ? memcmp(x->text, y->text, n) : 0;
  if (order) return order;
  if (x->len == y->len) return by_fields(x, y);
  if (x->len == n) return ';' > (unsigned char)y->text[n] ? 1 : -1;
  return ';' > (unsigned char)x->text[n] ? -1 : 1;
}

static bool texts_in_order(const text_row *rows, uint32_t count) {
  for (uint32_t i = 1; i < count; i++)
    if (by_text(&rows[i - 1], &rows[i]) > 0) return false;
  return true;
}

/* The texts of all frames in one block. */
typedef struct texts {
  char *bytes;
  size_t len, capacity;
} texts;

static int keep_text(shf_sink *sink, const char *bytes, size_t len) {
  texts *t = sink->self;
  if (len > SIZE_MAX / 4 - t->len) return SHF_E_NOMEM;
  if (len > t->capacity - t->len) {
    size_t want = t->len + len + t->capacity / 2;
    char *grown = shf_large_resize(t->bytes, t->capacity, want);
    if (!grown) return SHF_E_NOMEM;
    t->bytes = grown;
    t->capacity = want;
  }
  memcpy(t->bytes + t->len, bytes, len);
  t->len += len;
  return SHF_OK;
}

static int render_texts(const shf_profile *p, text_row *rows, texts *all) {
  shf_sink *sink = shf__sink_new(all, keep_text);
  if (!sink) return SHF_E_NOMEM;
  int code = SHF_OK;
  for (uint32_t i = 0; i < p->nframes && !code; i++) {
    size_t from = all->len + sink->used;
    code = shf_frame_text(p, i, sink);
    rows[i] = (text_row){.p = p, .at = from, .len = all->len + sink->used - from, .id = i};
  }
  if (!code) code = shf__sink_flush(sink);
  for (uint32_t i = 0; i < p->nframes && !code; i++) rows[i].text = all->bytes + rows[i].at;
  shf_sink_free(sink);
  return code;
}

int shf__seal_rank(shf_profile *p) {
  if (p->rank && p->ranked == p->nframes) return SHF_OK;
  texts all = {NULL, 0, 0};
  uint32_t rows_capacity = p->nframes ? p->nframes : 1;
  text_row *rows = shf_arena_grow(p->arena, NULL, rows_capacity, sizeof *rows);
  uint32_t *rank = shf__seal_column(p, p->nframes);
  int code = rows && rank ? render_texts(p, rows, &all) : SHF_E_NOMEM;
  if (!code && !texts_in_order(rows, p->nframes)) qsort(rows, p->nframes, sizeof *rows, by_text);
  for (uint32_t i = 0; i < p->nframes && !code; i++) rank[rows[i].id] = i;
  shf_large_free(all.bytes, all.capacity);
  shf_arena_drop(p->arena, rows);
  shf_arena_drop(p->arena, code ? rank : p->rank);
  if (code) return code;
  p->rank = rank;
  p->ranked = p->nframes;
  return SHF_OK;
}

/* Sorts the frames by their rank. */
static int order_frames(shf_profile *p) {
  /* merged nodes refer to ranks */
  if (p->nnodes && p->ranked != p->nframes) return SHF_E_ARG;
  int code = shf__seal_rank(p);
  if (code) return code;
  uint32_t rows = p->nframes ? p->nframes : 1;
  shf_frame *moved = shf_arena_grow(p->arena, NULL, rows, sizeof *moved);
  if (!moved) return SHF_E_NOMEM;
  for (uint32_t i = 0; i < p->nframes; i++) moved[p->rank[i]] = p->frames[i];
  shf_arena_drop(p->arena, p->frames);
  p->frames = moved;
  return shf__codes_order(p);
}

static int by_source_fields(const void *a, const void *b) {
  const shf_source *x = a, *y = b;
#define FIELD(name) \
  if (x->name != y->name) return x->name < y->name ? -1 : 1
  FIELD(side);
  FIELD(run);
  FIELD(pid);
  FIELD(thread);
  FIELD(kind);
  FIELD(since_ms);
  FIELD(interval);
  FIELD(gc);
  FIELD(types);
  FIELD(depth);
#undef FIELD
  return 0;
}

/* @param place the new row of each source */
static int order_sources(shf_profile *p, uint32_t *place) {
  if (p->nsources == 0) return SHF_OK;
  shf_source *sorted = shf_arena_alloc(p->arena, p->nsources, sizeof *sorted);
  if (!sorted) return SHF_E_NOMEM;
  memcpy(sorted, p->sources, p->nsources * sizeof *sorted);
  qsort(sorted, p->nsources, sizeof *sorted, by_source_fields);
  for (uint32_t i = 0; i < p->nsources; i++) {
    const shf_source *to =
        bsearch(&p->sources[i], sorted, p->nsources, sizeof *sorted, by_source_fields);
    place[i] = (uint32_t)(to - sorted);
  }
  p->sources = sorted;
  return SHF_OK;
}

/* Buckets by node, those of one node in the order that they are in. */
static int sort_buckets(shf_profile *p) {
  shf__buckets *b = &p->buckets;
  uint32_t *next = shf__seal_column(p, p->nnodes), sum = 0;
  if (!next) return SHF_E_NOMEM;
  for (uint32_t i = 0; i < b->count; i++) next[shf__bucket_node(b, i)]++;
  for (uint32_t n = 0; n < p->nnodes; n++) {
    uint32_t count = next[n];
    next[n] = sum;
    sum += count;
  }
  int code = shf__buckets_order_by_node(b, p->arena, next);
  shf_arena_drop(p->arena, next);
  return code;
}

/* New rows of sources and of sets of labels. */
typedef struct places {
  uint32_t *source, *labels;
} places;

static bool stay(const uint32_t *place, uint32_t count) {
  for (uint32_t i = 0; i < count; i++)
    if (place[i] != i) return false;
  return true;
}

/* Sets the sorted sources and sets of labels in the buckets, and sorts them by node. */
static int place_buckets(shf_profile *p, const places *to, bool moved) {
  bool sorted = true;
  uint32_t before = 0;
  for (uint32_t i = 0; i < p->buckets.count; i++) {
    uint32_t node = shf__bucket_node(&p->buckets, i);
    if (moved) {
      shf_bucket b = shf__bucket(&p->buckets, i);
      b.source = to->source[b.source];
      b.labels = to->labels[b.labels];
      int code = shf__buckets_set(&p->buckets, p->arena, i, &b);
      if (code) return code;
    }
    sorted = sorted && node >= before;
    before = node;
  }
  return sorted ? SHF_OK : sort_buckets(p);
}

/* Sorts the buckets of each node by source, labels and size, and adds up equal ones. */
static int order_buckets(shf_profile *p, const places *to, uint32_t sets) {
  shf__buckets *b = &p->buckets;
  bool moved = !stay(to->source, p->nsources) || !stay(to->labels, sets);
  int code = place_buckets(p, to, moved);
  uint32_t kept = 0;
  for (uint32_t from = 0, end, left; from < b->count && !code; from = end) {
    uint32_t node = shf__bucket_node(b, from);
    for (end = from + 1; end < b->count && shf__bucket_node(b, end) == node;) end++;
    code = shf__buckets_order(b, p->arena, from, end, &left);
    for (uint32_t i = 0; i < left && !code; i++) shf__buckets_move(b, from + i, kept++);
  }
  if (code) return code;
  b->count = kept;
  return p->parent ? shf__seal_first(p) : SHF_OK;
}

static int put_in_order(shf_profile *p, const places *to) {
  uint32_t sets = shf_profile_label_sets(p);
  int code = order_frames(p);
  if (!code) code = order_sources(p, to->source);
  if (!code) code = shf__labels_order(p, to->labels);
  if (!code) code = shf__seal_nodes(p);
  return code ? code : order_buckets(p, to, sets);
}

int shf_profile_seal(shf_profile *p) {
  if (p->sealed) return SHF_E_ARG;
  shf_hash_index_free(&p->frame_index);
  shf_hash_index_free(&p->tree.index);
  shf_hash_index_free(&p->source_index);
  shf_hash_index_free(&p->mapping_index);
  places to = {.source = shf__seal_column(p, p->nsources),
               .labels = shf__seal_column(p, shf_profile_label_sets(p))};
  int code = to.source && to.labels ? put_in_order(p, &to) : SHF_E_NOMEM;
  shf_arena_drop(p->arena, to.source);
  shf_arena_drop(p->arena, to.labels);
  shf_arena_drop(p->arena, p->rank);
  p->rank = NULL;
  shf__profile_set_scales(p);
  if (!code) code = shf__profile_set_cross_intervals(p);
  p->sealed = true;
  return code ? code : shf__profile_add_up(p);
}
