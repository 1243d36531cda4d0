#include "format/table/diff_table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "profile/metadata_lines.h"

const char *shf__diff_title(const shf__diff_part *part, int cell) {
  static const char *const titles[] = {"change", "\xC2\xB1", "", "before", "after"};
  return cell == SHF__OTHER ? part->total ? "self" : "total" : titles[cell];
}

/* Before and after. */
static const int64_t *values_of(const shf__diff_part *part, const shf_change *row) {
  return part->total ? row->total : row->self;
}

static double variance_of(const shf__diff_part *part, const shf_change *row) {
  const double *variance = part->total ? row->total_variance : row->self_variance;
  return variance[0] + variance[1];
}

enum shf_verdict shf__diff_verdict(const shf__diff_part *part, const shf_change *row) {
  const int64_t *values = values_of(part, row);
  return shf_change_verdict(values[0], values[1], variance_of(part, row));
}

static void put_figure(const shf__diff_table *t, int64_t value, char *out) {
  if (t->o->human && shf_type_is_space(t->o->type))
    shf__number_bytes(out, value);
  else
    shf__number_grouped(out, value);
}

static void put_change(const shf__diff_table *t, int64_t change, char *out) {
  if (change > 0) *out++ = '+';
  put_figure(t, change, out);
}

/* `+12.3%`, `new`, `gone`. */
static void put_percent(int64_t before, int64_t after, char *out) {
  double change = before ? 100 * ((double)after - (double)before) / (double)before : 0;
  if (before == 0)
    snprintf(out, SHF__NUMBER, "%s", after ? "new" : "-");
  else if (after == 0)
    snprintf(out, SHF__NUMBER, "gone");
  else
    snprintf(out, SHF__NUMBER, fabs(change) < 1000 ? "%+.1f%%" : "%+.0f%%", change);
}

static void put_error(const shf__diff_table *t, double variance, char *out) {
  if (variance > 0)
    put_figure(t, (int64_t)llround(sqrt(variance)), out);
  else
    snprintf(out, SHF__NUMBER, "-");
}

static void make_cells(const shf__diff_table *t, const int64_t *values, double variance,
                       shf__diff_cells c) {
  put_change(t, values[1] - values[0], c[SHF__CHANGE]);
  put_error(t, variance, c[SHF__CHANGE_ERROR]);
  put_percent(values[0], values[1], c[SHF__PERCENT]);
  put_figure(t, values[0], c[SHF__BEFORE]);
  put_figure(t, values[1], c[SHF__AFTER]);
}

void shf__diff_row_cells(const shf__diff_table *t, const shf__diff_part *part,
                         const shf_change *row, shf__diff_cells cells) {
  const int64_t *other = part->total ? row->self : row->total;
  make_cells(t, values_of(part, row), variance_of(part, row), cells);
  put_change(t, other[1] - other[0], cells[SHF__OTHER]);
}

void shf__diff_total(const shf__diff_table *t, shf__builder *out) {
  const int64_t totals[2] = {t->totals[0].value, t->totals[1].value};
  double variance = t->totals[0].variance + t->totals[1].variance;
  bool space = shf_type_is_space(t->o->type);
  shf__diff_cells c;
  make_cells(t, totals, variance, c);
  shf__builder_puts(out, shf_type_name(t->o->type));
  shf__builder_puts(out, "  ");
  shf__builder_puts(out, c[SHF__BEFORE]);
  shf__builder_puts(out, " to ");
  shf__builder_puts(out, c[SHF__AFTER]);
  if (!space || !t->o->human) shf__builder_puts(out, space ? " bytes" : " objects");
  shf__builder_puts(out, ": ");
  shf__builder_puts(out, c[SHF__CHANGE]);
  if (variance > 0) {
    shf__builder_puts(out, " \xC2\xB1 ");
    shf__builder_puts(out, c[SHF__CHANGE_ERROR]);
  }
  if (totals[0] || totals[1]) {
    shf__builder_puts(out, " (");
    shf__builder_puts(out, c[SHF__PERCENT]);
    shf__builder_puts(out, ")");
  }
  shf__builder_puts(out, ", ");
  shf__builder_puts(out, shf_verdict_name(shf_change_verdict(totals[0], totals[1], variance)));
}

static void add_intervals_note(const shf__diff_table *t, shf__builder *out) {
  if (!shf_profile_is_uneven(t->p)) return;
  shf__builder_puts(out, "Intervals differ: ");
  shf__metadata_side_interval(t->p, SHF_SIDE_BEFORE, out);
  shf__builder_puts(out, " before, ");
  shf__metadata_side_interval(t->p, SHF_SIDE_AFTER, out);
  shf__builder_puts(out, " after; \xC2\xB1 counts that.\n");
}

void shf__diff_notes(const shf__diff_table *t, shf__builder *out) {
  char number[SHF__NUMBER];
  shf__builder_puts(out,
                    "\xC2\xB1 is one standard error of the change; noise: below 99% confidence.\n");
  add_intervals_note(t, out);
  if (t->totals[0].runs == 1 && t->totals[1].runs == 1) return;
  shf__builder_puts(out, "Means of ");
  shf__builder_add(out, number, shf__number_grouped(number, t->totals[0].runs));
  shf__builder_puts(out, t->totals[0].runs == 1 ? " run before and " : " runs before and ");
  shf__builder_add(out, number, shf__number_grouped(number, t->totals[1].runs));
  shf__builder_puts(out, t->totals[1].runs == 1 ? " run after" : " runs after");
  shf__builder_puts(out, "; \xC2\xB1 counts the spread between runs too.\n");
}

void shf__diff_callsite(const shf__diff_table *t, uint32_t frame, shf__builder *out) {
  const shf_frame *f = shf_profile_frame_at(t->p, frame);
  shf_str path = shf__path_below(shf_frame_path(t->p, frame), t->o->cwd);
  char number[SHF__NUMBER];
  shf__builder_line(out, shf_frame_name(t->p, frame));
  if (path.len == 0) return;
  shf__builder_puts(out, " (");
  shf__builder_line(out, path);
  if (f->line > 0) {
    shf__builder_puts(out, ":");
    shf__builder_add(out, number, shf__number_plain(number, f->line));
  }
  shf__builder_puts(out, ")");
}

void shf__diff_left_out(const shf__diff_table *t, uint32_t self, uint32_t total,
                        shf__builder *out) {
  const uint32_t left[2] = {t->self.count - self, t->total.count - total};
  char number[SHF__NUMBER];
  if (!left[0] && !left[1]) return;
  shf__builder_puts(out, "Left out: ");
  for (int by = 0; by < 2; by++) {
    if (!left[by]) continue;
    if (by && left[0]) shf__builder_puts(out, "; ");
    shf__builder_add(out, number, shf__number_grouped(number, left[by]));
    shf__builder_puts(out, left[by] == 1 ? " function" : " functions");
    shf__builder_puts(out, by ? " by total" : " with smaller changes");
  }
  shf__builder_puts(out, ".");
}

/* Moves significant changes to the front; stable. */
static void certain_first(shf__diff_part *part, shf_change *scratch) {
  uint32_t significant = 0, rest = 0;
  for (uint32_t i = 0; i < part->count; i++) {
    if (shf__diff_verdict(part, &part->rows[i]) != SHF_WITHIN_NOISE)
      part->rows[significant++] = part->rows[i];
    else
      scratch[rest++] = part->rows[i];
  }
  memcpy(part->rows + significant, scratch, rest * sizeof *scratch);
}

/* Node's own functions are left out: its loader calls the whole program, so it always grew. */
static bool is_listed_by_total(const shf__diff_table *t, const shf_change *row) {
  double self = (double)row->self[1] - (double)row->self[0];
  double total = (double)row->total[1] - (double)row->total[0];
  return fabs(total - self) > fabs(self) && row->frame != shf_profile_frame_of(t->p, 0) &&
         shf__diff_verdict(&t->total, row) != SHF_WITHIN_NOISE &&
         shf_frame_category(t->p, row->frame, NULL) != SHF_CAT_NODE;
}

static int largest_total_first(const void *a, const void *b) {
  const shf_change *x = a, *y = b;
  double left = fabs((double)x->total[1] - (double)x->total[0]);
  double right_aligned = fabs((double)y->total[1] - (double)y->total[0]);
  if (left != right_aligned) return left > right_aligned ? -1 : 1;
  return (x->frame > y->frame) - (x->frame < y->frame);
}

static void choose_rows(shf__diff_table *t, const shf_change *all, uint32_t count) {
  shf__diff_part *self = &t->self, *total = &t->total;
  for (uint32_t i = 0; i < count; i++) {
    if (all[i].self[0] != all[i].self[1]) self->rows[self->count++] = all[i];
    if (is_listed_by_total(t, &all[i])) total->rows[total->count++] = all[i];
  }
  qsort(total->rows, total->count, sizeof *total->rows, largest_total_first);
}

static uint32_t shown_of(const shf__diff_table *t, uint32_t count) {
  return t->o->rows && t->o->rows < count ? t->o->rows : count;
}

int shf__diff_open(shf__diff_table *t, const shf_profile *p, const shf_listing_options *o) {
  shf_change *all;
  uint32_t count;
  *t = (shf__diff_table){.p = p, .o = o};
  t->total.total = true;
  int code = shf_profile_figures(p, o->type, t->totals);
  if (!code) code = shf_profile_changes(p, o->type, &all, &count);
  if (code) return code;
  size_t capacity = count ? count : 1;
  t->self.rows = calloc(capacity, sizeof *all);
  t->total.rows = calloc(capacity, sizeof *all);
  if (t->self.rows && t->total.rows) {
    choose_rows(t, all, count);
    t->self.shown = shown_of(t, t->self.count);
    t->total.shown = shown_of(t, t->total.count);
    certain_first(&t->self, all);
  } else {
    code = SHF_E_NOMEM;
  }
  free(all);
  return code;
}

void shf__diff_close(shf__diff_table *t) {
  free(t->self.rows);
  free(t->total.rows);
  t->self.rows = t->total.rows = NULL;
}
