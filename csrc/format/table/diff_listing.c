/*
 * A difference for a terminal or a text file: the totals of both sides, then a table of functions,
 * the largest change of self first, each with the standard error of its change and a verdict. A
 * second table lists functions that changed through their callees, the largest change of total
 * first. Without a limit of rows all changed functions are listed, those within noise last. Narrow
 * lines omit `after` (it is before + change), then `before`.
 */
#include "format/table/diff_table.h"
#include "text/display_width.h"

enum { NARROW = 100, CALLSITE_WANTED = 28, CALLSITE_MIN = 20, VERDICT = 10 };

typedef struct writer {
  shf__diff_table table;
  shf_sink *sink;
  size_t width[SHF__DIFF_CELLS];
  bool after, before; /* whether the column is shown */
  shf__builder text;
} writer;

static const char *const verdicts[] = {"noise ", "grew  ", "shrank"};

static bool is_shown(const writer *w, int cell) {
  return cell == SHF__AFTER ? w->after : cell != SHF__BEFORE || w->before;
}

static void right_aligned(const writer *w, const char *text, size_t column) {
  size_t used = shf__display_width(shf_str_of(text));
  shf_sink_printf(w->sink, "%*s", (int)(column > used ? column - used : 0), "");
  shf_sink_puts(w->sink, text);
}

static void write_text(writer *w) {
  shf_sink_str(w->sink, shf__builder_str(&w->text));
  w->text.len = 0;
}

static void write_head(writer *w) {
  shf__diff_total(&w->table, &w->text);
  shf__builder_puts(&w->text, "\n");
  shf__diff_notes(&w->table, &w->text);
  write_text(w);
}

static void measure_part(writer *w, const shf__diff_part *part) {
  for (int i = 0; part->shown && i < SHF__DIFF_CELLS; i++) {
    size_t title = shf__display_width(shf_str_of(shf__diff_title(part, i)));
    if (title > w->width[i]) w->width[i] = title;
  }
  for (uint32_t r = 0; r < part->shown; r++) {
    shf__diff_cells c;
    shf__diff_row_cells(&w->table, part, &part->rows[r], c);
    for (int i = 0; i < SHF__DIFF_CELLS; i++)
      if (strlen(c[i]) > w->width[i]) w->width[i] = strlen(c[i]);
  }
}

static size_t columns_of(const writer *w) {
  size_t used = 0;
  for (int i = 0; i < SHF__DIFF_CELLS; i++)
    if (is_shown(w, i)) used += 2 + w->width[i];
  return used;
}

static void choose(writer *w) {
  size_t width = w->table.o->width;
  w->after = width == 0 || width >= NARROW;
  w->before = true;
  w->before = width == 0 || columns_of(w) + VERDICT + CALLSITE_WANTED <= width;
}

/* @return the columns written */
static size_t write_cells(const writer *w, const char *const *cells) {
  for (int i = 0; i < SHF__DIFF_CELLS; i++) {
    if (!is_shown(w, i)) continue;
    shf_sink_puts(w->sink, "  ");
    right_aligned(w, cells[i], w->width[i]);
  }
  return columns_of(w);
}

/* The name and its place; the middle is cut if they are too wide. */
static void write_callsite(writer *w, uint32_t frame, size_t used) {
  shf__diff_callsite(&w->table, frame, &w->text);
  shf_str line = shf__builder_str(&w->text);
  size_t width = w->table.o->width;
  size_t available = width > used + CALLSITE_MIN ? width - used : CALLSITE_MIN;
  if (width && shf__display_width(line) > available) {
    size_t tail = (available - 1) * 2 / 3;
    shf_sink_str(w->sink, shf__display_width_head(line, available - 1 - tail));
    shf_sink_puts(w->sink, "\xE2\x80\xA6");
    shf_sink_str(w->sink, shf__display_width_tail(line, tail));
  } else {
    shf_sink_str(w->sink, line);
  }
  shf_sink_puts(w->sink, "\n");
  w->text.len = 0;
}

static void write_row(writer *w, const shf__diff_part *part, const shf_change *row) {
  shf__diff_cells c;
  const char *cells[SHF__DIFF_CELLS];
  shf__diff_row_cells(&w->table, part, row, c);
  for (int i = 0; i < SHF__DIFF_CELLS; i++) cells[i] = c[i];
  size_t used = write_cells(w, cells);
  shf_sink_printf(w->sink, "  %s  ", verdicts[shf__diff_verdict(part, row)]);
  write_callsite(w, row->frame, used + VERDICT);
}

static void write_part(writer *w, const shf__diff_part *part) {
  const char *titles[SHF__DIFF_CELLS];
  if (part->shown == 0) return;
  for (int i = 0; i < SHF__DIFF_CELLS; i++) titles[i] = shf__diff_title(part, i);
  shf_sink_puts(w->sink, "\n");
  write_cells(w, titles);
  shf_sink_puts(w->sink, part->total ? "  total   function\n" : "  self    function\n");
  for (uint32_t i = 0; i < part->shown && shf_sink_code(w->sink) == SHF_OK; i++)
    write_row(w, part, &part->rows[i]);
}

static void write_all(writer *w) {
  const shf__diff_table *t = &w->table;
  write_head(w);
  measure_part(w, &t->self);
  measure_part(w, &t->total);
  choose(w);
  write_part(w, &t->self);
  write_part(w, &t->total);
  shf__diff_left_out(t, t->self.shown, t->total.shown, &w->text);
  if (w->text.len) {
    shf_sink_puts(w->sink, "\n  ");
    write_text(w);
    shf_sink_puts(w->sink, "\n");
  }
}

int shf_diff_write(const shf_profile *p, const shf_listing_options *o, shf_sink *sink) {
  writer w = {.sink = sink, .text = {NULL, 0, 0, SHF_OK}};
  int code = shf__diff_open(&w.table, p, o);
  if (!code) write_all(&w);
  if (!code) code = w.text.code ? w.text.code : shf_sink_code(sink);
  shf__builder_free(&w.text);
  shf__diff_close(&w.table);
  return code;
}
