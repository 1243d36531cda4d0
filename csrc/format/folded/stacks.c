/*
 * The stacks of folded lines. Frames are told apart by their bytes, whatever these are.
 *
 * Neighbouring lines have most of their frames in common: what a line shares with the one before
 * is not looked up again. Others begin as some earlier one did: a line goes on from the node that
 * the longest of its beginnings led to, as a mark tells it. Only what is behind is cut.
 */
#include "format/folded/stacks.h"

#include <stdlib.h>

#include "core/budget.h"
#include "core/growable.h"
#include "core/large_alloc.h"
#include "format/folded/marks.h"
#include "format/reader.h"
#include "profile/profile.h"

enum {
  LEAST = 256, /* bytes that are not the line's before: else marks are not looked for */
  MARKS = 8    /* new ones of a line */
};

/* A frame that is known: its text is texts[at .. at + len). */
typedef struct slot {
  uint32_t hash, len;
  uint32_t at;
  uint32_t frame; /* SHF_NONE: a free slot */
} slot;

/* A frame of the line at hand. */
typedef struct span {
  uint32_t at, len; /* in the line */
  uint32_t node;    /* of the stack up to it */
} span;

typedef struct line {
  const char *stack;
  size_t len;
  size_t common;    /* bytes that the line before begins with too */
  uint32_t from;    /* frames below the base that it has too */
  uint32_t strides; /* that have a prefix */
  uint32_t met;     /* how many of them lead to a mark */
  shf__prefix prefixes[SHF__STRIDES];
} line;

struct shf__folding {
  shf_profile *p;

  slot *slots;
  uint32_t mask, used;
  shf__builder texts;

  /* The line before: NULL where its bytes are gone. */
  const char *before;
  size_t before_len;
  /* Where each of its frames below its base ends. */
  uint32_t base;  /* a node */
  size_t base_at; /* the bytes that are its frames, and a `;` */
  span *spans;
  uint32_t depth, room;

  shf__marks marks;
  int64_t *values; /* row n: what node n itself has; 0 beyond `nvalues` */
  uint32_t nvalues, values_capacity;
};

/* ---- Frames by their text ------------------------------------------------------ */

static int grow_slots(shf__folding *f) {
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

static int add_frame(shf__folding *f, shf_str text, uint32_t hash, uint32_t *frame) {
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

static int find_frame(shf__folding *f, shf_str text, uint32_t *frame) {
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

/* Frames below the base that the line has in common with the one before. */
static uint32_t common_frames(const shf__folding *f, const line *l) {
  bool whole = l->common == l->len || l->stack[l->common] == ';';
  for (uint32_t i = 0; i < f->depth; i++) {
    size_t end = (size_t)f->spans[i].at + f->spans[i].len;
    if (end > l->common || (end == l->common && !whole)) return i;
  }
  return f->depth;
}

/* ---- Marks ------------------------------------------------------------------------ */

/* Behind the base, for lines to come. */
static int make_marks(shf__folding *f, const line *l) {
  size_t first = l->met ? l->met : f->base_at / SHF__STRIDE;
  uint32_t depth = 0;
  int code = SHF_OK;
  for (size_t k = first; k < l->strides && k < first + MARKS && !code; k++) {
    size_t end = (k + 1) * SHF__STRIDE;
    while (depth < f->depth && (size_t)f->spans[depth].at + f->spans[depth].len < end) depth++;
    if (depth) code = shf__marks_put(&f->marks, l->prefixes[k], f->spans[depth - 1].node);
  }
  return code;
}

/* How many strides the deepest mark of the line has, 0: there is none behind what is common. */
static uint32_t find_mark(const shf__folding *f, const line *l, uint32_t *node) {
  for (uint32_t k = l->strides; k > l->common / SHF__STRIDE; k--) {
    *node = shf__marks_find(&f->marks, l->prefixes[k - 1]);
    if (*node) return k;
  }
  return 0;
}

/* Where the line begins to be looked up: sets the base, and the frames below it that it shares. */
static void find_base(shf__folding *f, line *l) {
  bool same = f->before && l->common >= f->base_at;
  uint32_t node = 0;
  l->from = same ? common_frames(f, l) : 0;
  l->met = find_mark(f, l, &node);
  if (l->met == 0 && same) return;
  l->from = 0;
  f->base_at = (size_t)l->met * SHF__STRIDE;
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

/* Adds the nodes of the frames that the line before has not. */
static int add_nodes(shf__folding *f, const line *l) {
  uint32_t depth = l->from, node = depth ? f->spans[depth - 1].node : f->base, frame;
  size_t at = depth ? (size_t)f->spans[depth - 1].at + f->spans[depth - 1].len + 1 : f->base_at;
  for (; at <= l->len; depth++) {
    const char *end = memchr(l->stack + at, ';', l->len - at);
    size_t n = (end ? (size_t)(end - l->stack) : l->len) - at;
    int code = shf__growable_reserve((void **)&f->spans, depth, &f->room, sizeof *f->spans);
    if (!code) code = find_frame(f, (shf_str){l->stack + at, n}, &frame);
    if (!code) code = shf_profile_node(f->p, node, frame, &node);
    if (code) return code;
    f->spans[depth] = (span){(uint32_t)at, (uint32_t)n, node};
    at += n + 1;
  }
  f->depth = depth;
  return SHF_OK;
}

static int grow_values(shf__folding *f, uint32_t node) {
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

static int add_value(shf__folding *f, uint32_t node, int64_t value) {
  int code = node < f->values_capacity ? SHF_OK : grow_values(f, node);
  if (code) return code;
  if (node >= f->nvalues) f->nvalues = node + 1;
  int64_t *sum = &f->values[node];
  return __builtin_add_overflow(*sum, value, sum) ? SHF_E_LIMIT : SHF_OK;
}

static void drop_values(shf__folding *f) {
  shf_large_free(f->values, f->values_capacity * sizeof *f->values);
  f->values = NULL;
  f->values_capacity = 0;
}

static int add_line(shf__folding *f, line *l, int64_t value) {
  find_base(f, l);
  f->depth = l->from; /* all that is known of a line without a value */
  if (value == 0) return SHF_OK;
  int code = add_nodes(f, l);
  if (!code) code = make_marks(f, l);
  uint32_t node = f->depth ? f->spans[f->depth - 1].node : f->base;
  return code ? code : add_value(f, node, value);
}

int shf__folding_add(shf__folding *f, const char *stack, size_t len, int64_t value) {
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
  if (len - l.common >= LEAST) l.strides = shf__marks_hash(&f->marks, stack, len, l.prefixes);
  int code = add_line(f, &l, value);
  f->before = stack;
  f->before_len = len;
  return code;
}

void shf__folding_forget(shf__folding *f) {
  f->before = NULL;
}

/* ---- The end ------------------------------------------------------------------------ */

static void drop_texts(shf__folding *f) {
  shf__builder_free(&f->texts);
  free(f->slots);
  shf__marks_free(&f->marks);
  f->slots = NULL;
}

static int add_buckets(shf__folding *f, shf_type type) {
  shf_source source = {.gc = SHF_GC_UNKNOWN, .types = 1u << type};
  shf_bucket b = {.size = 0};
  int code = shf_profile_source(f->p, source, &b.source);
  for (b.node = 0; b.node < f->nvalues && !code; b.node++) {
    b.value[type] = f->values[b.node];
    if (b.value[type]) code = shf_profile_bucket(f->p, &b);
  }
  drop_values(f);
  return code;
}

int shf__folding_end(shf__folding *f, shf_type type) {
  drop_texts(f);
  return add_buckets(f, type);
}

void shf__folding_free(shf__folding *f) {
  if (!f) return;
  drop_texts(f);
  drop_values(f);
  free(f->spans);
  free(f);
}

int shf__folding_new(shf_profile *p, shf__folding **out) {
  shf__folding *f = calloc(1, sizeof *f);
  if (!f) return SHF_E_NOMEM;
  f->p = p;
  p->lean = true;
  shf__marks_init(&f->marks);
  *out = f;
  return grow_slots(f);
}
