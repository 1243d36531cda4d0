#include "profile/call_functions.h"

#include <stdlib.h>

/* Anonymous functions nest: the function of a call may be many rows before it. */
enum { MAX_STEPS = 1000 };

/* By id of file and name, which are equal only for equal texts. */
static int by_function(const shf_frame *a, const shf_frame *b) {
  if (a->file != b->file) return a->file < b->file ? -1 : 1;
  return (a->name > b->name) - (a->name < b->name);
}

static int by_place(const shf_frame *a, const shf_frame *b) {
  int order = by_function(a, b);
  if (!order) order = (a->line > b->line) - (a->line < b->line);
  return order ? order : (a->column > b->column) - (a->column < b->column);
}

static int by_call(const void *a, const void *b) {
  const shf_frame *x = &((const shf__call_function *)a)->begin;
  const shf_frame *y = &((const shf__call_function *)b)->begin;
  int order = by_place(x, y);
  return order ? order : (x->call > y->call) - (x->call < y->call);
}

/* Keeps the last call of each function. */
static void keep_last(shf__call_functions *c) {
  uint32_t kept = 0;
  for (uint32_t i = 0; i < c->count; i++) {
    bool last = i + 1 == c->count || by_place(&c->rows[i].begin, &c->rows[i + 1].begin) != 0;
    if (last) c->rows[kept++] = c->rows[i];
  }
  c->count = kept;
}

static void link_outer(shf__call_functions *c) {
  for (uint32_t i = 0; i < c->count; i++) {
    const shf_frame *f = &c->rows[i].begin;
    uint32_t outer = i ? i - 1 : SHF_NONE;
    while (outer != SHF_NONE && c->rows[outer].begin.call <= f->call) outer = c->rows[outer].outer;
    bool same = outer != SHF_NONE && by_function(&c->rows[outer].begin, f) == 0;
    c->rows[i].outer = same ? outer : SHF_NONE;
  }
}

int shf__call_functions_init(shf__call_functions *c, const shf_profile *p) {
  *c = (shf__call_functions){malloc(((size_t)p->nframes + 1) * sizeof *c->rows), 0};
  if (!c->rows) return SHF_E_NOMEM;
  for (uint32_t f = 0; f < p->nframes; f++)
    if (p->frames[f].file && p->frames[f].line > 0)
      c->rows[c->count++] = (shf__call_function){p->frames[f], SHF_NONE};
  if (c->count) qsort(c->rows, c->count, sizeof *c->rows, by_call);
  keep_last(c);
  link_outer(c);
  return SHF_OK;
}

void shf__call_functions_free(shf__call_functions *c) {
  free(c->rows);
  *c = (shf__call_functions){NULL, 0};
}

/* The last row that begins at or before the place, or SHF_NONE. */
static uint32_t nearest(const shf__call_functions *c, const shf_frame *place) {
  uint32_t low = 0, high = c->count;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    if (by_place(&c->rows[middle].begin, place) <= 0)
      low = middle + 1;
    else
      high = middle;
  }
  if (low == 0 || by_function(&c->rows[low - 1].begin, place) != 0) return SHF_NONE;
  return low - 1;
}

void shf__call_functions_join(const shf__call_functions *c, shf_frame *frame) {
  uint32_t first = nearest(c, frame), row = first;
  for (int step = 0; row != SHF_NONE && c->rows[row].begin.call < frame->line; step++)
    row = step < MAX_STEPS ? c->rows[row].outer : SHF_NONE;
  /* a name tells: it may end after its last known call */
  if (row == SHF_NONE && frame->name) row = first;
  int32_t call = frame->line;
  if (row != SHF_NONE) *frame = c->rows[row].begin;
  frame->call = call;
}
