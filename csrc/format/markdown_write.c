/*
 * The listing's rows as a GitHub table. Places that limit what they show (a
 * comment, a step summary) get whole rows only, and are told what is missing.
 */
#include <stdlib.h>

#include "format/report.h"

/* What the last line may take, so that there is always room for it. */
enum { REST_MAX = 160 };

typedef struct writer {
  shf__report report;
  shf_sink *sink;
  size_t left;    /* bytes that may still be written */
  shf__text part; /* what is written whole or not at all */
} writer;

/* Writes the part where it fits and leaves `reserve` bytes; else drops it. */
static bool flush(writer *w, size_t reserve) {
  size_t len = w->part.len;
  w->part.len = 0;
  if (w->left < reserve || len > w->left - reserve) return false;
  shf_sink_write(w->sink, w->part.ptr, len);
  w->left -= len;
  return true;
}

static size_t longest_run(shf_str text, char c) {
  size_t longest = 0, run = 0;
  for (size_t i = 0; i < text.len; i++) {
    run = text.ptr[i] == c ? run + 1 : 0;
    if (run > longest) longest = run;
  }
  return longest;
}

/*
 * A code span that is safe in a table: its fence is longer than any backticks
 * inside, a pipe is escaped. Behind a backslash no escape works for a pipe: it
 * becomes U+FF5C, the fullwidth one.
 */
static void add_code(shf__text *out, shf_str text, bool table) {
  size_t fence = longest_run(text, '`') + 1;
  bool pad = fence > 1;
  for (size_t i = 0; i < fence; i++) shf__text_add(out, "`", 1);
  if (pad) shf__text_add(out, " ", 1);
  for (size_t i = 0; i < text.len; i++) {
    if (table && text.ptr[i] == '|') {
      shf__text_puts(out, i > 0 && text.ptr[i - 1] == '\\' ? "\xEF\xBD\x9C" : "\\|");
    } else {
      shf__text_add(out, text.ptr + i, 1);
    }
  }
  if (pad) shf__text_add(out, " ", 1);
  for (size_t i = 0; i < fence; i++) shf__text_add(out, "`", 1);
}

static void add_command(writer *w) {
  shf__text command = {NULL, 0, 0, SHF_OK};
  shf__text_line(&command, shf_profile_meta_get(w->report.p, "command"));
  if (command.len) {
    add_code(&w->part, shf__text_str(&command), false);
    shf__text_puts(&w->part, "\n\n");
  }
  if (command.code != SHF_OK) w->part.code = command.code;
  shf__text_free(&command);
}

static void add_totals(writer *w) {
  const shf__report *r = &w->report;
  shf__text_puts(&w->part, "| type | total | \xC2\xB1 |\n|:---|---:|---:|\n");
  for (int t = 0; t < SHF_TYPES; t++) {
    if (!(r->types & 1u << t)) continue;
    shf__text value = {NULL, 0, 0, SHF_OK}, error = {NULL, 0, 0, SHF_OK};
    shf__report_sum(r, (shf_type)t, &value, &error);
    shf__text_puts(&w->part, "| ");
    shf__text_puts(&w->part, shf_type_name((shf_type)t));
    shf__text_puts(&w->part, " | ");
    shf__text_add(&w->part, value.ptr, value.len);
    shf__text_puts(&w->part, " | ");
    shf__text_add(&w->part, error.ptr, error.len);
    shf__text_puts(&w->part, " |\n");
    if (value.code != SHF_OK || error.code != SHF_OK) w->part.code = SHF_E_NOMEM;
    shf__text_free(&value);
    shf__text_free(&error);
  }
}

/* Each note is a paragraph of its own; its text is escaped where Markdown would read it. */
static void add_notes(writer *w) {
  shf__text notes = {NULL, 0, 0, SHF_OK};
  shf__report_notes(&w->report, &notes);
  for (size_t i = 0; i < notes.len; i++) {
    char c = notes.ptr[i];
    if (i == 0 || notes.ptr[i - 1] == '\n') shf__text_puts(&w->part, "\n");
    if (strchr("\\`*_[]<>|#&", c)) shf__text_add(&w->part, "\\", 1);
    shf__text_add(&w->part, &c, 1);
  }
  if (notes.code != SHF_OK) w->part.code = notes.code;
  shf__text_free(&notes);
}

static void add_titles(writer *w) {
  shf__text_puts(&w->part, "\n|");
  for (int c = 0; c < SHF__CELLS; c++) {
    shf__text_puts(&w->part, " ");
    shf__text_puts(&w->part, shf__report_title(&w->report, c));
    shf__text_puts(&w->part, " |");
  }
  shf__text_puts(&w->part, " function, by ");
  shf__text_puts(&w->part, shf_type_name(w->report.o->type));
  shf__text_puts(&w->part, " |\n|---:|---:|---:|---:|---:|:---|\n");
}

static void add_row(writer *w, const shf_row *row) {
  shf__cells cells;
  shf__text callsite = {NULL, 0, 0, SHF_OK}, place = {NULL, 0, 0, SHF_OK};
  shf__report_cells(&w->report, row, cells);
  shf__report_name(&w->report, row->frame, &callsite);
  shf__report_place(&w->report, row->frame, &place);
  if (place.len) {
    shf__text_puts(&callsite, " (");
    shf__text_add(&callsite, place.ptr, place.len);
    shf__text_puts(&callsite, ")");
  }
  shf__text_puts(&w->part, "|");
  for (int c = 0; c < SHF__CELLS; c++) {
    shf__text_puts(&w->part, " ");
    shf__text_puts(&w->part, cells[c]);
    shf__text_puts(&w->part, " |");
  }
  shf__text_puts(&w->part, " ");
  add_code(&w->part, shf__text_str(&callsite), true);
  shf__text_puts(&w->part, " |\n");
  if (callsite.code != SHF_OK || place.code != SHF_OK) w->part.code = SHF_E_NOMEM;
  shf__text_free(&callsite);
  shf__text_free(&place);
}

/* How many rows were written. */
static uint32_t write_rows(writer *w) {
  uint32_t i = 0;
  add_titles(w);
  if (w->report.shown == 0 || !flush(w, REST_MAX)) {
    w->part.len = 0;
    return 0;
  }
  for (; i < w->report.shown && shf_sink_code(w->sink) == SHF_OK; i++) {
    add_row(w, &w->report.rows[i]);
    if (w->part.code != SHF_OK || !flush(w, REST_MAX)) break;
  }
  return i;
}

int shf_markdown_write(const shf_profile *p, const shf_listing_options *o, size_t max_bytes,
                       shf_sink *sink) {
  writer w = {.sink = sink, .left = max_bytes ? max_bytes : SIZE_MAX};
  int code = shf__report_open(&w.report, p, o);
  if (code != SHF_OK) return code;
  add_command(&w);
  flush(&w, REST_MAX);
  add_totals(&w);
  flush(&w, REST_MAX);
  add_notes(&w);
  flush(&w, REST_MAX);
  uint32_t written = write_rows(&w);
  shf__text_puts(&w.part, "\n");
  shf__report_rest(&w.report, written, &w.part);
  if (w.part.len > 1) {
    shf__text_puts(&w.part, "\n");
    flush(&w, 0);
  }
  code = w.part.code == SHF_OK ? shf_sink_code(sink) : w.part.code;
  shf__text_free(&w.part);
  shf__report_close(&w.report);
  return code;
}
