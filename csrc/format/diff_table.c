#include "format/diff_table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

const char *const shf__diff_titles[SHF__DIFF_CELLS] = {"change", "\xC2\xB1", "",
                                                       "before", "after",    "total"};

static double variance_of(const shf_change *row) {
  return row->self_variance[0] + row->self_variance[1];
}

enum shf_verdict shf__diff_verdict(const shf_change *row) {
  return shf_change_verdict(row->self[0], row->self[1], variance_of(row));
}

const char *shf__diff_word(enum shf_verdict verdict) {
  static const char *const words[] = {"within noise", "grew", "shrank"};
  return words[verdict];
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
  put_error(t, variance, c[SHF__PM]);
  put_percent(values[0], values[1], c[SHF__PERCENT]);
  put_figure(t, values[0], c[SHF__BEFORE]);
  put_figure(t, values[1], c[SHF__AFTER]);
}

void shf__diff_row_cells(const shf__diff_table *t, const shf_change *row, shf__diff_cells cells) {
  make_cells(t, row->self, variance_of(row), cells);
  put_change(t, row->total[1] - row->total[0], cells[SHF__BELOW]);
}

void shf__diff_sum(const shf__diff_table *t, shf__text *out) {
  const int64_t totals[2] = {t->totals[0].value, t->totals[1].value};
  double variance = t->totals[0].variance + t->totals[1].variance;
  bool space = shf_type_is_space(t->o->type);
  shf__diff_cells c;
  make_cells(t, totals, variance, c);
  shf__text_puts(out, shf_type_name(t->o->type));
  shf__text_puts(out, "  ");
  shf__text_puts(out, c[SHF__BEFORE]);
  shf__text_puts(out, " to ");
  shf__text_puts(out, c[SHF__AFTER]);
  if (!space || !t->o->human) shf__text_puts(out, space ? " bytes" : " objects");
  shf__text_puts(out, ": ");
  shf__text_puts(out, c[SHF__CHANGE]);
  if (variance > 0) {
    shf__text_puts(out, " \xC2\xB1 ");
    shf__text_puts(out, c[SHF__PM]);
  }
  if (totals[0] || totals[1]) {
    shf__text_puts(out, " (");
    shf__text_puts(out, c[SHF__PERCENT]);
    shf__text_puts(out, ")");
  }
  shf__text_puts(out, ", ");
  shf__text_puts(out, shf__diff_word(shf_change_verdict(totals[0], totals[1], variance)));
}

void shf__diff_notes(const shf__diff_table *t, shf__text *out) {
  char number[SHF__NUMBER];
  shf__text_puts(out,
                 "\xC2\xB1 is one standard error of the change; noise: below 2.6 of them (99%).\n");
  if (t->totals[0].runs == 1 && t->totals[1].runs == 1) return;
  shf__text_puts(out, "Means of ");
  shf__text_add(out, number, shf__number_grouped(number, t->totals[0].runs));
  shf__text_puts(out, t->totals[0].runs == 1 ? " run before and " : " runs before and ");
  shf__text_add(out, number, shf__number_grouped(number, t->totals[1].runs));
  shf__text_puts(out, t->totals[1].runs == 1 ? " run after" : " runs after");
  shf__text_puts(out, "; \xC2\xB1 counts the spread between runs too.\n");
}

void shf__diff_callsite(const shf__diff_table *t, uint32_t frame, shf__text *out) {
  const shf_frame *f = shf_profile_frame_at(t->p, frame);
  shf_str path = shf__path_below(shf_frame_path(t->p, frame), t->o->cwd);
  char number[SHF__NUMBER];
  shf__text_line(out, shf_frame_name(t->p, frame));
  if (path.len == 0) return;
  shf__text_puts(out, " (");
  shf__text_line(out, path);
  if (f->line > 0) {
    shf__text_puts(out, ":");
    shf__text_add(out, number, shf__number_plain(number, f->line));
  }
  shf__text_puts(out, ")");
}

void shf__diff_rest(const shf__diff_table *t, uint32_t shown, shf__text *out) {
  char number[SHF__NUMBER];
  if (shown >= t->count) return;
  shf__text_puts(out, "Left out: ");
  shf__text_add(out, number, shf__number_grouped(number, t->count - shown));
  shf__text_puts(out, t->count - shown == 1 ? " function" : " functions");
  shf__text_puts(out, " with smaller changes.");
}

/* Certain changes first, both kinds in their order. */
static void certain_first(shf__diff_table *t, shf_change *room) {
  uint32_t sure = 0, rest = 0;
  for (uint32_t i = 0; i < t->count; i++) {
    if (shf__diff_verdict(&t->rows[i]) != SHF_WITHIN_NOISE)
      t->rows[sure++] = t->rows[i];
    else
      room[rest++] = t->rows[i];
  }
  memcpy(t->rows + sure, room, rest * sizeof *room);
}

int shf__diff_open(shf__diff_table *t, const shf_profile *p, const shf_listing_options *o) {
  uint32_t all;
  *t = (shf__diff_table){.p = p, .o = o};
  int code = shf_profile_figures(p, o->type, t->totals);
  if (!code) code = shf_profile_changes(p, o->type, &t->rows, &all);
  if (code) return code;
  for (uint32_t i = 0; i < all; i++)
    if (t->rows[i].self[0] != t->rows[i].self[1]) t->rows[t->count++] = t->rows[i];
  t->shown = o->rows && o->rows < t->count ? o->rows : t->count;
  shf_change *room = malloc((t->count ? t->count : 1) * sizeof *room);
  if (!room) return SHF_E_NOMEM;
  certain_first(t, room);
  free(room);
  return SHF_OK;
}

void shf__diff_close(shf__diff_table *t) {
  free(t->rows);
  t->rows = NULL;
}
