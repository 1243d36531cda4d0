/*
 * A difference for a terminal or a text file: the totals of both sides, then a
 * table of functions, the largest change of self first, each with the standard
 * error of its change and a verdict. Without a limit of rows all that changed
 * are listed, those within noise last.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "format/number.h"
#include "format/text.h"
#include "format/width.h"

enum { CHANGE, ERROR, PERCENT, BEFORE, AFTER, CELLS };
typedef char cells[CELLS][SHF__NUMBER + 1];

typedef struct writer {
  const shf_profile *p;
  const shf_listing_options *o;
  shf_sink *sink;
  shf_change *rows;
  uint32_t count, shown;
  size_t width[CELLS];
} writer;

static const char *const titles[CELLS] = {"change", "\xC2\xB1", "", "before", "after"};
static const char *const verdicts[] = {"noise ", "grew  ", "shrank"};

static void put_figure(const writer *w, int64_t value, char *out) {
  if (w->o->human && shf_type_is_space(w->o->type))
    shf__number_bytes(out, value);
  else
    shf__number_grouped(out, value);
}

static void put_change(const writer *w, int64_t change, char *out) {
  if (change > 0) *out++ = '+';
  put_figure(w, change, out);
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

static void put_error(const writer *w, double variance, char *out) {
  if (variance > 0)
    put_figure(w, (int64_t)llround(sqrt(variance)), out);
  else
    snprintf(out, SHF__NUMBER, "-");
}

static void make_cells(const writer *w, const int64_t *values, double variance, cells c) {
  put_change(w, values[1] - values[0], c[CHANGE]);
  put_error(w, variance, c[ERROR]);
  put_percent(values[0], values[1], c[PERCENT]);
  put_figure(w, values[0], c[BEFORE]);
  put_figure(w, values[1], c[AFTER]);
}

static void right(const writer *w, const char *text, size_t column) {
  size_t used = shf__width(shf_str_of(text));
  shf_sink_printf(w->sink, "%*s", (int)(column > used ? column - used : 0), "");
  shf_sink_puts(w->sink, text);
}

static double variance_of(const shf_change *row) {
  return row->self_variance[0] + row->self_variance[1];
}

static enum shf_verdict verdict_of(const shf_change *row) {
  return shf_change_verdict(row->self[0], row->self[1], variance_of(row));
}

static void write_totals(const writer *w) {
  shf_type type = w->o->type;
  int64_t totals[2] = {shf_profile_side_total(w->p, SHF_SIDE_BEFORE, type),
                       shf_profile_side_total(w->p, SHF_SIDE_AFTER, type)};
  double variance = shf_profile_side_variance(w->p, SHF_SIDE_BEFORE, type) +
                    shf_profile_side_variance(w->p, SHF_SIDE_AFTER, type);
  static const char *const words[] = {"within noise", "grew", "shrank"};
  cells c;
  make_cells(w, totals, variance, c);
  const char *unit = shf_type_is_space(type) ? "bytes" : "objects";
  if (w->o->human) unit = shf_type_is_space(type) ? "" : "objects";
  shf_sink_printf(w->sink, "%s  %s to %s%s%s: %s", shf_type_name(type), c[BEFORE], c[AFTER],
                  *unit ? " " : "", unit, c[CHANGE]);
  if (variance > 0) shf_sink_printf(w->sink, " \xC2\xB1 %s", c[ERROR]);
  shf_sink_printf(w->sink, " (%s), %s\n", c[PERCENT],
                  words[shf_change_verdict(totals[0], totals[1], variance)]);
  shf_sink_puts(w->sink,
                "\xC2\xB1 is one standard error of the change; noise: below 2.6 of them (99%).\n");
}

static void measure(writer *w) {
  for (int i = 0; i < CELLS; i++) w->width[i] = shf__width(shf_str_of(titles[i]));
  for (uint32_t r = 0; r < w->shown; r++) {
    cells c;
    make_cells(w, w->rows[r].self, variance_of(&w->rows[r]), c);
    for (int i = 0; i < CELLS; i++)
      if (strlen(c[i]) > w->width[i]) w->width[i] = strlen(c[i]);
  }
}

static void write_titles(const writer *w) {
  shf_sink_puts(w->sink, "\n");
  for (int i = 0; i < CELLS; i++) {
    shf_sink_puts(w->sink, "  ");
    right(w, titles[i], w->width[i]);
  }
  shf_sink_puts(w->sink, "  self    function\n");
}

/* The name and its place; a width that is too small for both cuts the middle. */
static int write_callsite(const writer *w, uint32_t frame, size_t used) {
  const shf_frame *f = shf_profile_frame_at(w->p, frame);
  shf_str path = shf__path_below(shf_frame_path(w->p, frame), w->o->cwd);
  shf__text text = {NULL, 0, 0, SHF_OK};
  char number[SHF__NUMBER];
  shf__text_line(&text, shf_frame_name(w->p, frame));
  if (path.len) {
    shf__text_puts(&text, " (");
    shf__text_line(&text, path);
    if (f->line > 0) {
      shf__text_puts(&text, ":");
      shf__text_add(&text, number, shf__number_plain(number, f->line));
    }
    shf__text_puts(&text, ")");
  }
  shf_str line = shf__text_str(&text);
  size_t room = w->o->width > used + 20 ? w->o->width - used : 20;
  if (w->o->width && shf__width(line) > room) {
    size_t tail = (room - 1) * 2 / 3;
    shf_sink_str(w->sink, shf__width_head(line, room - 1 - tail));
    shf_sink_puts(w->sink, "\xE2\x80\xA6");
    shf_sink_str(w->sink, shf__width_tail(line, tail));
  } else {
    shf_sink_str(w->sink, line);
  }
  shf_sink_puts(w->sink, "\n");
  int code = text.code;
  shf__text_free(&text);
  return code;
}

static int write_row(const writer *w, const shf_change *row) {
  cells c;
  make_cells(w, row->self, variance_of(row), c);
  size_t used = 0;
  for (int i = 0; i < CELLS; i++) {
    shf_sink_puts(w->sink, "  ");
    right(w, c[i], w->width[i]);
    used += 2 + w->width[i];
  }
  shf_sink_printf(w->sink, "  %s  ", verdicts[verdict_of(row)]);
  return write_callsite(w, row->frame, used + 10);
}

/* Certain changes first, both kinds in their order. */
static void certain_first(writer *w, shf_change *room) {
  uint32_t sure = 0, rest = 0;
  for (uint32_t i = 0; i < w->count; i++) {
    if (verdict_of(&w->rows[i]) != SHF_WITHIN_NOISE)
      w->rows[sure++] = w->rows[i];
    else
      room[rest++] = w->rows[i];
  }
  memcpy(w->rows + sure, room, rest * sizeof *room);
}

/* Functions whose own figures changed. */
static int pick_rows(writer *w) {
  uint32_t all;
  int code = shf_profile_changes(w->p, w->o->type, &w->rows, &all);
  if (code) return code;
  for (uint32_t i = 0; i < all; i++)
    if (w->rows[i].self[0] != w->rows[i].self[1]) w->rows[w->count++] = w->rows[i];
  w->shown = w->o->rows && w->o->rows < w->count ? w->o->rows : w->count;
  shf_change *room = malloc((w->count ? w->count : 1) * sizeof *room);
  if (!room) return SHF_E_NOMEM;
  certain_first(w, room);
  free(room);
  return SHF_OK;
}

int shf_diff_write(const shf_profile *p, const shf_listing_options *o, shf_sink *sink) {
  writer w = {.p = p, .o = o, .sink = sink};
  if ((unsigned)o->type >= SHF_TYPES || !shf_profile_is_diff(p)) return SHF_E_ARG;
  if (!(shf_profile_types(p) & 1u << o->type)) return SHF_E_ABSENT;
  int code = pick_rows(&w);
  if (!code) {
    write_totals(&w);
    measure(&w);
    if (w.shown) write_titles(&w);
    for (uint32_t i = 0; i < w.shown && !code; i++) code = write_row(&w, &w.rows[i]);
    if (w.shown < w.count)
      shf_sink_printf(sink, "\n  Left out: %lu %s with smaller changes.\n",
                      (unsigned long)(w.count - w.shown),
                      w.count - w.shown == 1 ? "function" : "functions");
  }
  free(w.rows);
  return code ? code : shf_sink_code(sink);
}
