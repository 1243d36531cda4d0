/* The content of the header. */
#include <math.h>
#include <stdlib.h>

#include "svg.h"

static int by_name_then_value(const void *a, const void *b) {
  const shf_package_share *l = a, *r = b;
  int order = shf_str_compare(l->name, r->name);
  if (order) return order;
  return (l->value < r->value) - (l->value > r->value);
}

static int by_value(const void *a, const void *b) {
  const shf_package_share *l = a, *r = b;
  if (l->value != r->value) return l->value < r->value ? 1 : -1;
  return shf_str_compare(l->name, r->name);
}

/* Merges rows of the same package. @return the number of rows left */
static uint32_t merge_equal(shf_package_share *rows, uint32_t count) {
  uint32_t n = 0;
  for (uint32_t i = 0; i < count; i++) {
    if (n && shf_str_compare(rows[n - 1].name, rows[i].name) == 0)
      rows[n - 1].value += rows[i].value;
    else
      rows[n++] = rows[i];
  }
  return n;
}

static void top_packages(shf_summary *s, shf_package_share *rows, uint32_t count) {
  if (count == 0) return;
  qsort(rows, count, sizeof *rows, by_name_then_value);
  count = merge_equal(rows, count);
  qsort(rows, count, sizeof *rows, by_value);
  s->packages = count < SHF_TOP_PACKAGES ? count : SHF_TOP_PACKAGES;
  for (uint32_t i = 0; i < s->packages; i++) s->package[i] = rows[i];
}

static bool stands_before(const shf_profile *p, shf_function_share a, shf_function_share b) {
  if (a.value != b.value) return a.value > b.value;
  const shf_frame *l = shf_profile_frame_at(p, a.frame), *r = shf_profile_frame_at(p, b.frame);
  int order = shf_str_compare(shf_profile_text(p, l->name), shf_profile_text(p, r->name));
  if (order == 0)
    order = shf_str_compare(shf_profile_text(p, l->file), shf_profile_text(p, r->file));
  if (order) return order < 0;
  return l->line != r->line ? l->line < r->line : l->column < r->column;
}

static void top_function(const shf_profile *p, shf_summary *s, shf_function_share row) {
  uint32_t at = s->tops;
  while (at > 0 && stands_before(p, row, s->top[at - 1])) at--;
  if (at == SHF_TOP_FUNCTIONS) return;
  if (s->tops < SHF_TOP_FUNCTIONS) s->tops++;
  for (uint32_t i = s->tops - 1; i > at; i--) s->top[i] = s->top[i - 1];
  s->top[at] = row;
}

/* Self values of each frame, and which frames have a total. */
static void self_by_frame(const shf_layout *l, int64_t *self, uint8_t *seen) {
  for (uint32_t n = 1; n < l->nodes; n++) {
    if (shf__layout_total(l, n) == 0) continue;
    uint32_t frame = shf_profile_frame_of(l->p, n);
    seen[frame] = 1;
    self[frame] += l->start[n + 1] - l->start[n];
  }
}

/* On entry svg->paint[f] says whether frame f has a total; then it is its paint. */
static void take_frames(shf_svg *svg, const int64_t *self, shf_package_share *rows) {
  shf_summary *s = &svg->summary;
  uint32_t frames = shf_profile_frames(svg->p), packages = 0;
  for (uint32_t f = 0; f < frames; f++) {
    if (!svg->paint[f]) continue;
    svg->paint[f] = (uint8_t)shf__paint_of(svg->p, f, svg->scheme);
    shf_str package;
    enum shf_category category = shf_frame_category(svg->p, f, &package);
    s->occurs[category] = true;
    if (self[f] <= 0) continue;
    s->category[category] += self[f];
    if (category == SHF_CAT_PACKAGE) rows[packages++] = (shf_package_share){package, self[f]};
    s->functions++;
    top_function(svg->p, s, (shf_function_share){f, self[f]});
  }
  top_packages(s, rows, packages);
}

int shf__svg_summarize(shf_svg *svg) {
  if (shf__layout_compares(&svg->layout)) return shf__svg_diff_summarize(svg);
  size_t frames = (size_t)shf_profile_frames(svg->p) + 1; /* never 0 */
  int64_t *self = calloc(frames, sizeof *self);
  shf_package_share *rows = malloc(frames * sizeof *rows);
  svg->paint = calloc(frames, 1);
  int code = self && rows && svg->paint ? SHF_OK : SHF_E_NOMEM;
  if (code == SHF_OK) {
    self_by_frame(&svg->layout, self, svg->paint);
    take_frames(svg, self, rows);
    double variance = shf_profile_variance(svg->p, svg->o.type);
    double error = svg->layout.sum > 0 ? sqrt(variance) / (double)svg->layout.sum : 0;
    if (error > 0 && error < 1e4) svg->summary.error = error;
  }
  free(self);
  free(rows);
  return code;
}
