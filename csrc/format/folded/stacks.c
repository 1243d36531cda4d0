/*
 * Adds the stacks of folded lines to a tree. Frames are identified by their bytes.
 *
 * Neighbouring lines share most of their frames: these are not looked up again. Other lines begin
 * like some earlier line: the prefix cache gives the node of their longest known beginning, and
 * only the rest is parsed.
 */
#include "format/folded/stacks.h"

#include <stdlib.h>

#include "core/budget.h"
#include "core/growable.h"
#include "core/large_alloc.h"
#include "format/folded/prefix_cache.h"
#include "format/reader.h"
#include "profile/profile.h"

enum {
  MIN_NEW_BYTES = 256, /* new bytes of a line, below which the cache is not used */
  MAX_PUTS = 8         /* insertions into the cache per line */
};

/* A frame that is known: its text is texts[at .. at + len). */
typedef struct slot {
  uint32_t hash, len;
  uint32_t at;
  uint32_t frame; /* SHF_NONE: a free slot */
} slot;

/* A frame of the current line. */
typedef struct span {
  uint32_t at, len; /* in the line */
  uint32_t node;    /* of the stack up to this frame */
} span;

typedef struct line {
  const char *stack;
  size_t len;
  size_t common;    /* bytes shared with the line before */
  uint32_t from;    /* shared frames below the base */
  uint32_t strides; /* number of prefixes */
  uint32_t cached;  /* prefixes up to the longest one in the cache; 0: none */
  shf__prefix prefixes[SHF__STRIDES];
} line;

struct shf__folded_stacks {
  shf_profile *p;

  slot *slots;
  uint32_t mask, used;
  shf__builder texts;

  /* The line before; NULL: its bytes are gone. */
  const char *before;
  size_t before_len;
  /* Its frames below its base. */
  uint32_t base;  /* a node */
  size_t base_at; /* bytes of the line before the frames below the base */
  span *spans;
  uint32_t depth, spans_capacity;

  shf__prefix_cache cache;
  int64_t *values; /* row n: self value of node n; 0 beyond `nvalues` */
  uint32_t nvalues, values_capacity;
};

/* ---- Frames by their text ------------------------------------------------------ */

static int grow_slots(shf__folded_stacks *f) {
  uint32_t slots = f->slots ? f->mask + 1 : 0;
  if (f->used < slots - slots / 4) return SHF_OK;
  uint64_t want = slots ? (uint64_t)slots * 2 : 1024;
  if (want > UINT32_MAX) return SHF_E_LIMIT;
  if (!shf__budget_resize(slots * sizeof(slot), (size_t)want * sizeof(slot))) return SHF_E_NOMEM;
  slot *fresh = malloc((size_t)want * sizeof *fresh);
  if (!fresh) return SHF_E_NOMEM;
  uint32_t mask = (uint32_t)want - 1;
  memset(fresh, 0xff, (size_t)want * sizeof *fresh);
  for (uint32_t i = 0; i < slots; i++) {
    if (f->slots[i].frame == SHF_NONE) continue;
    uint32_t at = f->slots[i].hash & mask;
    while (fresh[at].frame != SHF_NONE) at = (at + 1) & mask;
    fresh[at] = f->slots[i];
  }
  free(f->slots);
  f->slots = fresh;
  f->mask = mask;
  return SHF_OK;
}

static int add_frame(shf__folded_stacks *f, shf_str text, uint32_t hash, uint32_t *frame) {
  int code = grow_slots(f);
  if (!code) code = shf__frame_parse(f->p, text, frame);
  if (code) return code;
  size_t from = f->texts.len;
  shf__builder_add(&f->texts, text.ptr, text.len);
  if (f->texts.code) return f->texts.code;
  if (f->texts.len > UINT32_MAX) return SHF_E_LIMIT;
  uint32_t at = hash & f->mask;
  while (f->slots[at].frame != SHF_NONE) at = (at + 1) & f->mask;
  f->slots[at] = (slot){hash, (uint32_t)text.len, (uint32_t)from, *frame};
  f->used++;
  return SHF_OK;
}

static int find_frame(shf__folded_stacks *f, shf_str text, uint32_t *frame) {
  uint32_t hash = shf_hash_bytes(text.ptr, text.len);
  const slot *s;
  for (uint32_t at = hash & f->mask; (s = &f->slots[at])->frame != SHF_NONE;
       at = (at + 1) & f->mask) {
    if (s->hash != hash || s->len != text.len) continue;
    /* a slot of a text has its bytes: NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker) */
    if (text.len && memcmp(f->texts.ptr + s->at, text.ptr, text.len) != 0) continue;
    *frame = s->frame;
    return SHF_OK;
  }
  return add_frame(f, text, hash, frame);
}

/* ---- The tree ------------------------------------------------------------------- */

/* The number of frames below the base that are shared with the line before. */
static uint32_t common_frames(const shf__folded_stacks *f, const line *l) {
  bool whole = l->common == l->len || l->stack[l->common] == ';';
  for (uint32_t i = 0; i < f->depth; i++) {
    size_t end = (size_t)f->spans[i].at + f->spans[i].len;
    if (end > l->common || (end == l->common && !whole)) return i;
  }
  return f->depth;
}

/* ---- The prefix cache ------------------------------------------------------------------------ */

/* Adds prefixes after the base to the cache. */
static int fill_cache(shf__folded_stacks *f, const line *l) {
  size_t first = l->cached ? l->cached : f->base_at / SHF__STRIDE;
  uint32_t depth = 0;
  int code = SHF_OK;
  for (size_t k = first; k < l->strides && k < first + MAX_PUTS && !code; k++) {
    size_t end = (k + 1) * SHF__STRIDE;
    while (depth < f->depth && (size_t)f->spans[depth].at + f->spans[depth].len < end) depth++;
    if (depth) code = shf__prefix_cache_put(&f->cache, l->prefixes[k], f->spans[depth - 1].node);
  }
  return code;
}

/* Finds the longest cached prefix. @return its strides; 0: none longer than the shared bytes */
static uint32_t find_cached(const shf__folded_stacks *f, const line *l, uint32_t *node) {
  for (uint32_t k = l->strides; k > l->common / SHF__STRIDE; k--) {
    *node = shf__prefix_cache_find(&f->cache, l->prefixes[k - 1]);
    if (*node) return k;
  }
  return 0;
}

/* Sets the base, and the number of shared frames below it. */
static void find_base(shf__folded_stacks *f, line *l) {
  bool same = f->before && l->common >= f->base_at;
  uint32_t node = 0;
  l->from = same ? common_frames(f, l) : 0;
  l->cached = find_cached(f, l, &node);
  if (l->cached == 0 && same) return;
  l->from = 0;
  f->base_at = (size_t)l->cached * SHF__STRIDE;
  while (f->base_at && l->stack[f->base_at - 1] != ';') f->base_at--;
  f->base = f->base_at ? node : 0;
}

/* ---- Lines ------------------------------------------------------------------------ */

static size_t common_length(const char *a, const char *b, size_t n) {
  size_t i = 0;
  for (; i + 8 <= n; i += 8) {
    uint64_t x, y;
    memcpy(&x, a + i, 8);
    memcpy(&y, b + i, 8);
    if (x != y) break;
  }
  while (i < n && a[i] == b[i]) i++;
  return i;
}

/* Adds nodes for the frames after the shared ones. */
static int add_nodes(shf__folded_stacks *f, const line *l) {
  uint32_t depth = l->from, node = depth ? f->spans[depth - 1].node : f->base, frame;
  size_t at = depth ? (size_t)f->spans[depth - 1].at + f->spans[depth - 1].len + 1 : f->base_at;
  for (; at <= l->len; depth++) {
    const char *end = memchr(l->stack + at, ';', l->len - at);
    size_t n = (end ? (size_t)(end - l->stack) : l->len) - at;
    int code =
        shf__growable_reserve((void **)&f->spans, depth, &f->spans_capacity, sizeof *f->spans);
    if (!code) code = find_frame(f, (shf_str){l->stack + at, n}, &frame);
    if (!code) code = shf_profile_node(f->p, node, frame, &node);
    if (code) return code;
    f->spans[depth] = (span){(uint32_t)at, (uint32_t)n, node};
    at += n + 1;
  }
  f->depth = depth;
  return SHF_OK;
}

static int grow_values(shf__folded_stacks *f, uint32_t node) {
  uint64_t want = (uint64_t)node + node / 2 + 64;
  if (want > UINT32_MAX) want = UINT32_MAX;
  if (want > SIZE_MAX / sizeof *f->values) return SHF_E_NOMEM;
  size_t bytes = f->values_capacity * sizeof *f->values;
  int64_t *grown = shf_large_resize_zeros(f->values, bytes, (size_t)want * sizeof *f->values);
  if (!grown) return SHF_E_NOMEM;
  f->values = grown;
  f->values_capacity = (uint32_t)want;
  return SHF_OK;
}

static int add_value(shf__folded_stacks *f, uint32_t node, int64_t value) {
  int code = node < f->values_capacity ? SHF_OK : grow_values(f, node);
  if (code) return code;
  if (node >= f->nvalues) f->nvalues = node + 1;
  int64_t *sum = &f->values[node];
  return __builtin_add_overflow(*sum, value, sum) ? SHF_E_LIMIT : SHF_OK;
}

static void free_values(shf__folded_stacks *f) {
  shf_large_free(f->values, f->values_capacity * sizeof *f->values);
  f->values = NULL;
  f->values_capacity = 0;
}

static int add_line(shf__folded_stacks *f, line *l, int64_t value) {
  find_base(f, l);
  f->depth = l->from; /* a line without a value adds no nodes */
  if (value == 0) return SHF_OK;
  int code = add_nodes(f, l);
  if (!code) code = fill_cache(f, l);
  uint32_t node = f->depth ? f->spans[f->depth - 1].node : f->base;
  return code ? code : add_value(f, node, value);
}

int shf__folded_stacks_add(shf__folded_stacks *f, const char *stack, size_t len, int64_t value) {
  line l;
  if (len == 0) {
    f->before = NULL;
    return value ? add_value(f, 0, value) : SHF_OK;
  }
  l.stack = stack;
  l.len = len;
  l.common = l.strides = 0;
  if (f->before)
    l.common = common_length(stack, f->before, len < f->before_len ? len : f->before_len);
  if (len - l.common >= MIN_NEW_BYTES)
    l.strides = shf__prefix_cache_hash(&f->cache, stack, len, l.prefixes);
  int code = add_line(f, &l, value);
  f->before = stack;
  f->before_len = len;
  return code;
}

void shf__folded_stacks_forget_line(shf__folded_stacks *f) {
  f->before = NULL;
}

/* ---- The end ------------------------------------------------------------------------ */

static void free_texts(shf__folded_stacks *f) {
  shf__builder_free(&f->texts);
  free(f->slots);
  shf__prefix_cache_free(&f->cache);
  f->slots = NULL;
}

static int add_buckets(shf__folded_stacks *f, shf_type type) {
  shf_source source = {.gc = SHF_GC_UNKNOWN, .types = 1u << type};
  shf_bucket b = {.size = 0};
  int code = shf_profile_source(f->p, source, &b.source);
  for (b.node = 0; b.node < f->nvalues && !code; b.node++) {
    b.value[type] = f->values[b.node];
    if (b.value[type]) code = shf_profile_bucket(f->p, &b);
  }
  free_values(f);
  return code;
}

int shf__folded_stacks_end(shf__folded_stacks *f, shf_type type) {
  free_texts(f);
  return add_buckets(f, type);
}

void shf__folded_stacks_free(shf__folded_stacks *f) {
  if (!f) return;
  free_texts(f);
  free_values(f);
  free(f->spans);
  free(f);
}

int shf__folded_stacks_new(shf_profile *p, shf__folded_stacks **out) {
  shf__folded_stacks *f = calloc(1, sizeof *f);
  if (!f) return SHF_E_NOMEM;
  f->p = p;
  p->compact = true;
  shf__prefix_cache_init(&f->cache);
  *out = f;
  return grow_slots(f);
}
