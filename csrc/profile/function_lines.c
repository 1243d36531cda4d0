/* The table of lines of a function view. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "profile/frame_totals.h"

/* The end of the frames of one function that begin at `from`: by line, unknown first. */
static uint32_t end_of(const shf_profile *p, uint32_t from) {
  uint32_t end = from + 1;
  while (end < p->nframes && shf__same_function(&p->frames[from], &p->frames[end])) end++;
  return end;
}

static bool has_known(const shf_profile *p, uint32_t end) {
  return p->frames[end - 1].call > 0;
}

/* Both profiles are in canonical order, so function i of `p` is frame i of its view. */
static void number_lines(const shf_profile *p, shf_profile *view) {
  uint32_t function = 0;
  for (uint32_t f = 0, end; f < p->nframes; f = end, function++) {
    end = end_of(p, f);
    for (uint32_t i = f; i < end && has_known(p, end); i++)
      view->lines[view->nlines++] = (shf_line){.frame = function, .line = p->frames[i].call};
  }
  assert(function == view->nframes);
}

static void take_sums(const shf_profile *p, shf_type type, const shf__frame_total *sums,
                      shf_profile *view) {
  uint32_t row = 0;
  for (uint32_t f = 0, end; f < p->nframes; f = end) {
    end = end_of(p, f);
    for (uint32_t i = f; i < end && has_known(p, end); i++) {
      shf_line *line = &view->lines[row++];
      line->self[type] = sums[i].self;
      line->total[type] = sums[i].total;
      line->self_variance[type] = sums[i].self_variance;
    }
  }
}

int shf__fill_lines(const shf_profile *p, shf_profile *view) {
  if (!p->has_lines || shf_profile_is_diff(p)) return SHF_OK;
  view->lines = shf_arena_alloc(view->arena, p->nframes, sizeof *view->lines);
  shf__frame_total *sums = malloc(p->nframes * sizeof *sums);
  int code = view->lines && sums ? SHF_OK : SHF_E_NOMEM;
  if (!code) number_lines(p, view);
  for (int t = 0; t < SHF_TYPES && !code; t++) {
    memset(sums, 0, p->nframes * sizeof *sums);
    code = shf__frame_totals(p, (shf_type)t, shf__everything, sums);
    if (!code) take_sums(p, (shf_type)t, sums, view);
  }
  free(sums);
  return code;
}

uint32_t shf_profile_lines(const shf_profile *p) {
  return p->nlines;
}

const shf_line *shf_profile_line_at(const shf_profile *p, uint32_t row) {
  assert(row < p->nlines);
  return &p->lines[row];
}

/* The first row of `frame` or of a later one. */
static uint32_t first_of(const shf_profile *p, uint32_t frame) {
  uint32_t low = 0, high = p->nlines;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    if (p->lines[middle].frame < frame)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

void shf_profile_lines_of(const shf_profile *p, uint32_t frame, uint32_t *first, uint32_t *end) {
  *first = first_of(p, frame);
  *end = first_of(p, frame + 1);
}
