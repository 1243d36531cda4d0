/*
 * The listing's rows as a GitHub table. With a limit of bytes (a comment, a step summary) only
 * whole rows are written, and a last line says what was left out.
 */
#include <stdlib.h>

#include "format/table/markdown_text.h"
#include "format/table/table_model.h"

/* Shown of a function: a comment on a pull request has little room. */
enum { LINES = 3 };

typedef struct writer {
  shf__table table;
  shf__markdown to;
  uint32_t (*paths)[SHF_PATH]; /* callers in the app of each row; NULL: not wanted */
} writer;

static void add_totals(writer *w) {
  const shf__table *r = &w->table;
  shf__builder_puts(&w->to.part, "| type | total | \xC2\xB1 |\n|:---|---:|---:|\n");
  for (int t = 0; t < SHF_TYPES; t++) {
    if (!(r->types & 1u << t)) continue;
    shf__builder value = {NULL, 0, 0, SHF_OK}, error = {NULL, 0, 0, SHF_OK};
    shf__table_total(r, (shf_type)t, &value, &error);
    shf__builder_puts(&w->to.part, "| ");
    shf__builder_puts(&w->to.part, shf_type_name((shf_type)t));
    shf__builder_puts(&w->to.part, " | ");
    shf__builder_add(&w->to.part, value.ptr, value.len);
    shf__builder_puts(&w->to.part, " | ");
    shf__builder_add(&w->to.part, error.ptr, error.len);
    shf__builder_puts(&w->to.part, " |\n");
    if (value.code != SHF_OK || error.code != SHF_OK) w->to.part.code = SHF_E_NOMEM;
    shf__builder_free(&value);
    shf__builder_free(&error);
  }
}

/* Each note is a paragraph; Markdown characters are escaped. */
static void add_notes(writer *w) {
  shf__builder notes = {NULL, 0, 0, SHF_OK};
  shf__table_notes(&w->table, &notes);
  for (size_t i = 0; i < notes.len; i++) {
    char c = notes.ptr[i];
    if (i == 0 || notes.ptr[i - 1] == '\n') shf__builder_puts(&w->to.part, "\n");
    if (strchr("\\`*_[]<>|#&", c)) shf__builder_add(&w->to.part, "\\", 1);
    shf__builder_add(&w->to.part, &c, 1);
  }
  if (notes.code != SHF_OK) w->to.part.code = notes.code;
  shf__builder_free(&notes);
}

static void add_titles(writer *w) {
  shf__builder_puts(&w->to.part, "\n|");
  for (int c = 0; c < shf__table_width(&w->table); c++) {
    shf__builder_puts(&w->to.part, " ");
    shf__builder_puts(&w->to.part, shf__table_title(&w->table, c));
    shf__builder_puts(&w->to.part, " |");
  }
  shf__builder_puts(&w->to.part, " ");
  if (w->table.key.len)
    shf__markdown_code(&w->to.part, w->table.key, true);
  else
    shf__builder_puts(&w->to.part, "function");
  shf__builder_puts(&w->to.part, ", by ");
  shf__builder_puts(&w->to.part, shf_type_name(w->table.o->type));
  shf__builder_puts(&w->to.part, " |\n|");
  for (int c = 0; c < shf__table_width(&w->table); c++) shf__builder_puts(&w->to.part, "---:|");
  shf__builder_puts(&w->to.part, ":---|\n");
}

/* `<br>line 12: 800,000, 15: 434,000`: the lines of a function that allocate most. */
static void add_lines(writer *w, const shf_row *row) {
  uint32_t lines[LINES];
  int64_t rest;
  char text[SHF__NUMBER];
  uint32_t count = shf__table_lines(&w->table, row, LINES, lines, &rest);
  for (uint32_t i = 0; i < count; i++) {
    const shf_line *line = shf_profile_line_at(w->table.p, lines[i]);
    shf__builder_puts(&w->to.part, i ? ", " : "<br>line ");
    shf__builder_add(&w->to.part, text, shf__number_plain(text, line->line));
    shf__builder_puts(&w->to.part, ": ");
    shf__table_figure(&w->table, line->self[w->table.o->type], text);
    shf__builder_puts(&w->to.part, text);
  }
  if (count == 0 || rest == 0) return;
  shf__table_figure(&w->table, rest, text);
  shf__builder_puts(&w->to.part, ", other: ");
  shf__builder_puts(&w->to.part, text);
}

static void add_row(writer *w, uint32_t at) {
  const shf_row *row = &w->table.rows[at];
  shf__cells cells;
  shf__builder callsite = {NULL, 0, 0, SHF_OK}, place = {NULL, 0, 0, SHF_OK};
  shf__table_cells(&w->table, at, cells);
  shf__table_name(&w->table, row->frame, &callsite);
  shf__table_place(&w->table, row->frame, &place);
  if (place.len) {
    shf__builder_puts(&callsite, " (");
    shf__builder_add(&callsite, place.ptr, place.len);
    shf__builder_puts(&callsite, ")");
  }
  if (w->paths) shf__table_path(&w->table, row->frame, w->paths[at], &callsite);
  shf__builder_puts(&w->to.part, "|");
  for (int c = 0; c < shf__table_width(&w->table); c++) {
    shf__builder_puts(&w->to.part, " ");
    shf__builder_puts(&w->to.part, cells[c]);
    shf__builder_puts(&w->to.part, " |");
  }
  shf__builder_puts(&w->to.part, " ");
  shf__markdown_code(&w->to.part, shf__builder_str(&callsite), true);
  add_lines(w, row);
  shf__builder_puts(&w->to.part, " |\n");
  if (callsite.code != SHF_OK || place.code != SHF_OK) w->to.part.code = SHF_E_NOMEM;
  shf__builder_free(&callsite);
  shf__builder_free(&place);
}

/* @return the number of rows written */
static uint32_t write_rows(writer *w) {
  uint32_t i = 0;
  add_titles(w);
  if (w->table.shown == 0 || !shf__markdown_flush(&w->to, SHF__LEFT_OUT_MAX)) {
    w->to.part.len = 0;
    return 0;
  }
  for (; i < w->table.shown && shf_sink_code(w->to.sink) == SHF_OK; i++) {
    add_row(w, i);
    if (w->to.part.code != SHF_OK || !shf__markdown_flush(&w->to, SHF__LEFT_OUT_MAX)) break;
  }
  return i;
}

static bool is_in_use(shf_type type) {
  return type == SHF_INUSE_OBJECTS || type == SHF_INUSE_SPACE;
}

/* Only for what is in use: the callers in the app show who retains it. */
static int find_paths(writer *w) {
  const shf__table *r = &w->table;
  if (!is_in_use(r->o->type)) return SHF_OK;
  uint32_t *frames = calloc((size_t)r->shown + 1, sizeof *frames);
  w->paths = calloc((size_t)r->shown + 1, sizeof *w->paths);
  int code = frames && w->paths ? SHF_OK : SHF_E_NOMEM;
  for (uint32_t i = 0; i < r->shown && !code; i++) frames[i] = r->rows[i].frame;
  if (!code) code = shf_profile_paths(r->p, r->o->type, frames, r->shown, w->paths);
  free(frames);
  return code;
}

static void write_table(writer *w) {
  uint32_t written = write_rows(w);
  shf__builder_puts(&w->to.part, "\n");
  shf__table_left_out(&w->table, written, &w->to.part);
  if (w->to.part.len > 1) {
    shf__builder_puts(&w->to.part, "\n");
    shf__markdown_flush(&w->to, 0);
  }
  w->to.part.len = 0;
}

static int write_label(void *self, const shf__table *table) {
  writer *w = self;
  w->table = *table;
  write_table(w);
  return w->to.part.code;
}

static int write_all(writer *w) {
  shf__markdown_command(&w->to, w->table.p);
  shf__markdown_flush(&w->to, SHF__LEFT_OUT_MAX);
  add_totals(w);
  shf__markdown_flush(&w->to, SHF__LEFT_OUT_MAX);
  add_notes(w);
  shf__markdown_flush(&w->to, SHF__LEFT_OUT_MAX);
  const shf__table functions = w->table;
  write_table(w);
  free(w->paths);
  w->paths = NULL;
  int code = shf__table_labels(functions.p, functions.o, write_label, w);
  w->table = functions;
  if (code) return code;
  return w->to.part.code == SHF_OK ? shf_sink_code(w->to.sink) : w->to.part.code;
}

int shf_markdown_write(const shf_profile *p, const shf_listing_options *o, size_t max_bytes,
                       shf_sink *sink) {
  writer w = {.to = {.sink = sink, .left = max_bytes ? max_bytes : SIZE_MAX}};
  int code = shf__table_open(&w.table, p, o);
  if (code != SHF_OK) return code;
  code = find_paths(&w);
  if (code == SHF_OK) code = write_all(&w);
  free(w.paths);
  shf__builder_free(&w.to.part);
  shf__table_close(&w.table);
  return code;
}
