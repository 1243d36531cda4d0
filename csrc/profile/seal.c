/* Canonical order: equal contents give equal rows, whatever the order of adding. */
#include <stdlib.h>
#include <string.h>

#include "core/pages.h"
#include "core/sink.h"
#include "profile/seal.h"

static void work_free(shf_profile *p, shf__seal *w) {
  shf_arena_drop(p->arena, p->rank);
  p->rank = NULL;
  shf_arena_drop(p->arena, w->place);
  shf_arena_drop(p->arena, w->source);
}

static int work_init(shf__seal *w, shf_profile *p) {
  memset(w, 0, sizeof *w);
  w->source = shf__seal_column(p, p->nsources);
  return w->source ? SHF_OK : SHF_E_NOMEM;
}

typedef struct text_row {
  const shf_profile *p;
  const char *text;
  size_t at, len; /* in all texts */
  uint32_t id;
} text_row;

/* Frames of one text (`f` with and without a line, say) still have an order. */
static int by_fields(const text_row *a, const text_row *b) {
  const shf_frame *x = &a->p->frames[a->id], *y = &b->p->frames[b->id];
  int order = shf_str_compare(shf_profile_text(a->p, x->name), shf_profile_text(b->p, y->name));
  if (!order)
    order = shf_str_compare(shf_profile_text(a->p, x->file), shf_profile_text(b->p, y->file));
  if (!order) order = (x->line > y->line) - (x->line < y->line);
  if (!order) order = (x->column > y->column) - (x->column < y->column);
  return order;
}

/* As if each text ended in `;`, so that folded lines come out sorted. */
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

/* All frames' texts in one block, which goes back to the system. */
typedef struct texts {
  char *bytes;
  size_t len, room;
} texts;

static int keep_text(shf_sink *sink, const char *bytes, size_t len) {
  texts *t = sink->self;
  if (len > SIZE_MAX / 4 - t->len) return SHF_E_NOMEM;
  if (len > t->room - t->len) {
    size_t want = t->len + len + t->room / 2;
    char *grown = shf_pages_resize(t->bytes, t->room, want);
    if (!grown) return SHF_E_NOMEM;
    t->bytes = grown;
    t->room = want;
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
  uint32_t rows_room = p->nframes ? p->nframes : 1;
  text_row *rows = shf_arena_grow(p->arena, NULL, rows_room, sizeof *rows);
  uint32_t *rank = shf__seal_column(p, p->nframes);
  int code = rows && rank ? render_texts(p, rows, &all) : SHF_E_NOMEM;
  if (!code && !texts_in_order(rows, p->nframes)) qsort(rows, p->nframes, sizeof *rows, by_text);
  for (uint32_t i = 0; i < p->nframes && !code; i++) rank[rows[i].id] = i;
  shf_pages_free(all.bytes, all.room);
  shf_arena_drop(p->arena, rows);
  shf_arena_drop(p->arena, code ? rank : p->rank);
  if (code) return code;
  p->rank = rank;
  p->ranked = p->nframes;
  return SHF_OK;
}

/* The frames by their rank. */
static int order_frames(shf_profile *p) {
  /* joined nodes have the ranks of then */
  if (p->nnodes && p->ranked != p->nframes) return SHF_E_ARG;
  int code = shf__seal_rank(p);
  if (code) return code;
  uint32_t rows = p->nframes ? p->nframes : 1;
  shf_frame *moved = shf_arena_grow(p->arena, NULL, rows, sizeof *moved);
  if (!moved) return SHF_E_NOMEM;
  for (uint32_t i = 0; i < p->nframes; i++) moved[p->rank[i]] = p->frames[i];
  shf_arena_drop(p->arena, p->frames);
  p->frames = moved;
  return SHF_OK;
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

static int order_sources(shf_profile *p, shf__seal *w) {
  if (p->nsources == 0) return SHF_OK;
  shf_source *sorted = shf_arena_alloc(p->arena, p->nsources, sizeof *sorted);
  if (!sorted) return SHF_E_NOMEM;
  memcpy(sorted, p->sources, p->nsources * sizeof *sorted);
  qsort(sorted, p->nsources, sizeof *sorted, by_source_fields);
  for (uint32_t i = 0; i < p->nsources; i++) {
    const shf_source *to =
        bsearch(&p->sources[i], sorted, p->nsources, sizeof *sorted, by_source_fields);
    w->source[i] = (uint32_t)(to - sorted);
  }
  p->sources = sorted;
  return SHF_OK;
}

static int by_source_size(const void *a, const void *b) {
  const shf_bucket *x = a, *y = b;
  if (x->source != y->source) return x->source < y->source ? -1 : 1;
  return (x->size > y->size) - (x->size < y->size);
}

static int add_bucket(shf_bucket *to, const shf_bucket *b) {
  for (int t = 0; t < SHF_TYPES; t++)
    if (__builtin_add_overflow(to->value[t], b->value[t], &to->value[t])) return SHF_E_LIMIT;
  if (__builtin_add_overflow(to->allocated, b->allocated, &to->allocated)) return SHF_E_LIMIT;
  return __builtin_add_overflow(to->live, b->live, &to->live) ? SHF_E_LIMIT : SHF_OK;
}

int shf__seal_buckets(shf_bucket *rows, uint32_t n, uint32_t *kept) {
  uint32_t sorted = 1;
  while (sorted < n && by_source_size(&rows[sorted - 1], &rows[sorted]) < 0) sorted++;
  *kept = n;
  if (sorted >= n) return SHF_OK;
  *kept = 0;
  qsort(rows, n, sizeof *rows, by_source_size);
  for (uint32_t i = 0; i < n; i++) {
    if (*kept && by_source_size(&rows[*kept - 1], &rows[i]) == 0) {
      int code = add_bucket(&rows[*kept - 1], &rows[i]);
      if (code) return code;
    } else {
      rows[(*kept)++] = rows[i];
    }
  }
  return SHF_OK;
}

/*
 * Moves each bucket to its row: place[i] is where bucket i goes. In place, by
 * cycles, as a copy of all would be the most memory that a profile ever takes.
 */
static void permute(shf_bucket *rows, uint32_t *place, uint32_t n) {
  for (uint32_t i = 0; i < n; i++) {
    while (place[i] != i) {
      uint32_t to = place[i];
      shf_bucket moved = rows[to];
      rows[to] = rows[i];
      rows[i] = moved;
      place[i] = place[to];
      place[to] = to;
    }
  }
}

/* Buckets by node, those of one node in the order that they are in. */
static int sort_buckets(shf_profile *p) {
  uint32_t *next = shf__seal_column(p, p->nnodes), sum = 0;
  uint32_t *place = next ? shf__seal_column(p, p->nbuckets) : NULL;
  for (uint32_t i = 0; place && i < p->nbuckets; i++) next[p->buckets[i].node]++;
  for (uint32_t n = 0; place && n < p->nnodes; n++) {
    uint32_t count = next[n];
    next[n] = sum;
    sum += count;
  }
  for (uint32_t i = 0; place && i < p->nbuckets; i++) place[i] = next[p->buckets[i].node]++;
  shf_arena_drop(p->arena, next);
  if (!place) return SHF_E_NOMEM;
  permute(p->buckets, place, p->nbuckets);
  shf_arena_drop(p->arena, place);
  return SHF_OK;
}

/* The rows of sealed nodes and sources in buckets. */
static int place_buckets(shf_profile *p, const shf__seal *w) {
  bool sorted = true;
  uint32_t before = 0;
  for (uint32_t i = 0; i < p->nbuckets; i++) {
    shf_bucket *b = &p->buckets[i];
    if (w->place) b->node = w->place[b->node];
    b->source = w->source[b->source];
    sorted = sorted && b->node >= before;
    before = b->node;
  }
  return sorted ? SHF_OK : sort_buckets(p);
}

/* A node's buckets by source and size, equal ones as one. */
static int order_buckets(shf_profile *p, const shf__seal *w) {
  int code = place_buckets(p, w);
  uint32_t kept = 0;
  for (uint32_t from = 0, end; from < p->nbuckets && !code; from = end) {
    for (end = from + 1; end < p->nbuckets && p->buckets[end].node == p->buckets[from].node;) end++;
    uint32_t left = end - from;
    if (left > 1) code = shf__seal_buckets(p->buckets + from, left, &left);
    if (kept != from) memmove(p->buckets + kept, p->buckets + from, left * sizeof *p->buckets);
    kept += left;
  }
  if (code) return code;
  p->nbuckets = kept;
  return p->parent ? shf__seal_first(p) : SHF_OK;
}

static int put_in_order(shf_profile *p, shf__seal *w) {
  int code = order_frames(p);
  if (!code) code = order_sources(p, w);
  if (!code) code = shf__seal_nodes(p, w);
  return code ? code : order_buckets(p, w);
}

int shf_profile_seal(shf_profile *p) {
  if (p->sealed) return SHF_E_ARG;
  shf_index_free(&p->frame_index);
  shf_index_free(&p->tree.index);
  shf_index_free(&p->source_index);
  shf__seal w;
  int code = work_init(&w, p);
  if (!code) code = put_in_order(p, &w);
  work_free(p, &w);
  shf__profile_set_scales(p);
  p->sealed = true;
  return code ? code : shf__profile_add_up(p);
}
