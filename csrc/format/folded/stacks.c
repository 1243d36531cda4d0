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
#include "format/folded/columns.h"
#include "format/folded/marks.h"
#include "format/reader.h"
#include "profile/add_stacks.h"

enum {
  BATCH = SHF__STACKS_MAX,
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
  uint32_t hash;
} span;

typedef struct pending {
  uint32_t first, depth; /* in `ids` */
  uint32_t base;         /* the node that it stands below */
  uint32_t shared;       /* frames that the stack before has too */
  int64_t value;
} pending;

/* A mark of a stack whose nodes are not yet known. */
typedef struct new_mark {
  shf__prefix of;
  uint32_t stack; /* in the batch */
  uint32_t depth; /* of its node, in the stack */
} new_mark;

typedef struct line {
  const char *stack; /* NULL: there is none */
  size_t len;
  int64_t value;
  bool follows;     /* the line before is there still */
  size_t common;    /* bytes that it begins with too */
  uint32_t from;    /* frames below the base that it has too */
  uint32_t strides; /* that have a prefix */
  uint32_t met;     /* how many of them lead to a mark */
  shf__prefix prefixes[SHF__STRIDES];
} line;

struct shf__folding {
  shf_profile *p;

  slot *slots;
  uint32_t mask, used;
  shf__text texts;

  /* The last line waits until there is one more: for what it needs of memory. */
  line lines[2];
  int turn; /* the one that waits */

  /* The line before that: where each frame below its base ends, and its frame. */
  uint32_t base;  /* a node */
  size_t base_at; /* the bytes that are its frames, and a `;` */
  span *spans;
  uint32_t *frames;
  uint32_t depth, room;
  uint32_t shared; /* frames that it has in common with the last stack of the batch */

  shf__marks marks;
  new_mark fresh[BATCH * MARKS];
  uint32_t nfresh;

  uint32_t *ids;
  uint32_t nids, ids_room;
  pending batch[BATCH];
  uint32_t waiting;

  shf__values values; /* row n: what node n itself has */
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
  shf__text_add(&f->texts, text.ptr, text.len);
  if (f->texts.code) return f->texts.code;
  if (f->texts.len > UINT32_MAX) return SHF_E_LIMIT;
  uint32_t at = hash & f->mask;
  while (f->slots[at].frame != SHF_NONE) at = (at + 1) & f->mask;
  f->slots[at] = (slot){hash, (uint32_t)text.len, (uint32_t)from, *frame};
  f->used++;
  return SHF_OK;
}

static int find_frame(shf__folding *f, shf_str text, uint32_t hash, uint32_t *frame) {
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

static int grow_stack(shf__folding *f) {
  uint32_t room = f->room;
  int code = shf__rows_room((void **)&f->spans, room, &room, sizeof *f->spans);
  if (code) return code;
  room = f->room;
  code = shf__rows_room((void **)&f->frames, room, &room, sizeof *f->frames);
  if (!code) f->room = room;
  return code;
}

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
static void note_marks(shf__folding *f, const line *l) {
  size_t first = l->met ? l->met : f->base_at / SHF__STRIDE;
  uint32_t depth = 0;
  for (size_t k = first; k < l->strides && k < first + MARKS; k++) {
    size_t end = (k + 1) * SHF__STRIDE;
    while (depth < f->depth && (size_t)f->spans[depth].at + f->spans[depth].len < end) depth++;
    if (depth) f->fresh[f->nfresh++] = (new_mark){l->prefixes[k], f->waiting, depth};
  }
}

/* The deepest of a stack first: each is above the one before. */
static int make_marks(shf__folding *f, const shf__stack *stacks) {
  uint32_t stack = SHF_NONE, node = 0, depth = 0;
  while (f->nfresh) {
    const new_mark *m = &f->fresh[--f->nfresh];
    if (m->stack != stack) {
      stack = m->stack;
      node = stacks[stack].node;
      depth = stacks[stack].depth;
    }
    for (; depth > m->depth; depth--) node = shf__profile_caller(f->p, node);
    int code = shf__marks_put(&f->marks, m->of, node);
    if (code) return code;
  }
  return SHF_OK;
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
  bool same = l->follows && l->common >= f->base_at;
  uint32_t node = 0;
  l->from = same ? common_frames(f, l) : 0;
  l->met = find_mark(f, l, &node);
  if (l->met == 0 && same) return;
  l->from = f->shared = 0;
  f->base_at = (size_t)l->met * SHF__STRIDE;
  while (f->base_at && l->stack[f->base_at - 1] != ';') f->base_at--;
  f->base = f->base_at ? node : 0;
}

/* ---- Batches ------------------------------------------------------------------------ */

static int flush(shf__folding *f) {
  shf__stack stacks[BATCH];
  for (uint32_t i = 0; i < f->waiting; i++) {
    const pending *w = &f->batch[i];
    stacks[i] = (shf__stack){f->ids ? f->ids + w->first : NULL, w->depth, w->shared, w->base};
  }
  int code = shf__profile_stacks(f->p, stacks, f->waiting);
  for (uint32_t i = 0; i < f->waiting && !code; i++)
    code = shf__values_add(&f->values, stacks[i].node, f->batch[i].value);
  if (!code) code = make_marks(f, stacks);
  f->waiting = f->nids = f->nfresh = 0;
  return code;
}

static int add_stack(shf__folding *f, const line *l) {
  while (f->ids_room - f->nids < f->depth) {
    int code = shf__rows_room((void **)&f->ids, f->ids_room, &f->ids_room, sizeof *f->ids);
    if (code) return code;
  }
  if (f->depth) memcpy(f->ids + f->nids, f->frames, f->depth * sizeof *f->ids);
  uint32_t shared = f->waiting ? f->shared : 0;
  note_marks(f, l);
  f->batch[f->waiting++] = (pending){f->nids, f->depth, f->base, shared, l->value};
  f->shared = f->depth;
  f->nids += f->depth;
  return f->waiting == BATCH ? flush(f) : SHF_OK;
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

/* Cuts the stack behind its first `depth` frames, and sends for what is known of each. */
static int cut(shf__folding *f, const char *stack, size_t len, uint32_t depth) {
  size_t at = depth ? (size_t)f->spans[depth - 1].at + f->spans[depth - 1].len + 1 : f->base_at;
  for (; at <= len; depth++) {
    const char *end = memchr(stack + at, ';', len - at);
    size_t n = (end ? (size_t)(end - stack) : len) - at;
    int code = depth < f->room ? SHF_OK : grow_stack(f);
    if (code) return code;
    uint32_t hash = shf_hash_bytes(stack + at, n);
    __builtin_prefetch(&f->slots[hash & f->mask]);
    f->spans[depth] = (span){(uint32_t)at, (uint32_t)n, hash};
    at += n + 1;
  }
  f->depth = depth;
  return SHF_OK;
}

static int split(shf__folding *f, line *l) {
  if (l->from < f->shared) f->shared = l->from;
  int code = cut(f, l->stack, l->len, l->from);
  for (uint32_t i = l->from; i < f->depth && !code; i++) {
    const slot *s = &f->slots[f->spans[i].hash & f->mask];
    if (s->frame != SHF_NONE && f->texts.ptr) __builtin_prefetch(f->texts.ptr + s->at);
  }
  for (uint32_t i = l->from; i < f->depth && !code; i++) {
    const span *s = &f->spans[i];
    code = find_frame(f, (shf_str){l->stack + s->at, s->len}, s->hash, &f->frames[i]);
  }
  return code;
}

/* Adds the line that waits. */
static int settle(shf__folding *f) {
  line *l = &f->lines[f->turn];
  if (!l->stack) return SHF_OK;
  int code = split(f, l);
  l->stack = NULL;
  return code || l->value == 0 ? code : add_stack(f, l);
}

static int add_root(shf__folding *f, int64_t value) {
  line root = {.value = value};
  f->base = f->depth = f->shared = 0;
  f->base_at = 0;
  return value ? add_stack(f, &root) : SHF_OK;
}

int shf__folding_add(shf__folding *f, const char *stack, size_t len, int64_t value) {
  const line *before = &f->lines[f->turn];
  line *l = &f->lines[f->turn ^ 1];
  if (len == 0) {
    int code = settle(f);
    return code ? code : add_root(f, value);
  }
  l->stack = stack;
  l->len = len;
  l->value = value;
  l->follows = before->stack != NULL;
  l->common = 0;
  if (l->follows)
    l->common = common_length(stack, before->stack, len < before->len ? len : before->len);
  l->strides = 0;
  if (len - l->common >= LEAST) l->strides = shf__marks_hash(&f->marks, stack, len, l->prefixes);
  int code = settle(f);
  f->turn ^= 1;
  if (!code) find_base(f, l);
  return code;
}

int shf__folding_forget(shf__folding *f) {
  return settle(f);
}

/* ---- The end ------------------------------------------------------------------------ */

static void drop_texts(shf__folding *f) {
  shf__text_free(&f->texts);
  free(f->slots);
  shf__marks_free(&f->marks);
  f->slots = NULL;
}

static int add_buckets(shf__folding *f, shf_type type) {
  shf_source source = {.gc = SHF_GC_UNKNOWN, .types = 1u << type};
  shf_bucket b = {.size = 0};
  int code = shf_profile_source(f->p, source, &b.source);
  for (b.node = 0; b.node < f->values.rows && !code; b.node++) {
    b.value[type] = shf__values_at(&f->values, b.node);
    if (b.value[type]) code = shf_profile_bucket(f->p, &b);
  }
  shf__values_free(&f->values);
  return code;
}

int shf__folding_end(shf__folding *f, shf_type type) {
  int code = settle(f);
  if (!code) code = flush(f);
  drop_texts(f);
  return code ? code : add_buckets(f, type);
}

void shf__folding_free(shf__folding *f) {
  if (!f) return;
  drop_texts(f);
  shf__values_free(&f->values);
  free(f->spans);
  free(f->frames);
  free(f->ids);
  free(f);
}

int shf__folding_new(shf_profile *p, shf__folding **out) {
  shf__folding *f = calloc(1, sizeof *f);
  if (!f) return SHF_E_NOMEM;
  f->p = p;
  shf__profile_lean(p);
  shf__marks_init(&f->marks);
  *out = f;
  return grow_slots(f);
}
