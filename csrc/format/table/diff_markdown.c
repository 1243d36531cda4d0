/* A difference as a GitHub table: whole rows only, then how many were left out. */
#include "format/table/diff_table.h"
#include "format/table/markdown_text.h"

typedef struct writer {
  shf__diff_table table;
  shf__markdown to;
} writer;

static void add_head(writer *w) {
  shf__builder notes = {NULL, 0, 0, SHF_OK};
  shf__diff_total(&w->table, &w->to.part);
  shf__builder_puts(&w->to.part, "\n");
  shf__diff_notes(&w->table, &notes);
  for (size_t i = 0; i < notes.len; i++) {
    if (i == 0 || notes.ptr[i - 1] == '\n') shf__builder_puts(&w->to.part, "\n");
    shf__builder_add(&w->to.part, notes.ptr + i, 1);
  }
  if (notes.code != SHF_OK) w->to.part.code = notes.code;
  shf__builder_free(&notes);
  shf__markdown_flush(&w->to, SHF__LEFT_OUT_MAX);
}

static void add_titles(writer *w, const shf__diff_part *part) {
  shf__builder_puts(&w->to.part, "\n|");
  for (int i = 0; i < SHF__DIFF_CELLS; i++) {
    shf__builder_puts(&w->to.part, " ");
    shf__builder_puts(&w->to.part, shf__diff_title(part, i));
    shf__builder_puts(&w->to.part, " |");
  }
  shf__builder_puts(&w->to.part, part->total ? " total | function, by " : " self | function, by ");
  shf__builder_puts(&w->to.part, shf_type_name(w->table.o->type));
  shf__builder_puts(&w->to.part, " |\n|---:|---:|---:|---:|---:|---:|:---|:---|\n");
}

static void add_row(writer *w, const shf__diff_part *part, const shf_change *row) {
  shf__diff_cells cells;
  shf__builder callsite = {NULL, 0, 0, SHF_OK};
  shf__diff_row_cells(&w->table, part, row, cells);
  shf__diff_callsite(&w->table, row->frame, &callsite);
  shf__builder_puts(&w->to.part, "|");
  for (int i = 0; i < SHF__DIFF_CELLS; i++) {
    shf__builder_puts(&w->to.part, " ");
    shf__builder_puts(&w->to.part, cells[i]);
    shf__builder_puts(&w->to.part, " |");
  }
  shf__builder_puts(&w->to.part, " ");
  shf__builder_puts(&w->to.part, shf_verdict_name(shf__diff_verdict(part, row)));
  shf__builder_puts(&w->to.part, " | ");
  shf__markdown_code(&w->to.part, shf__builder_str(&callsite), true);
  shf__builder_puts(&w->to.part, " |\n");
  if (callsite.code != SHF_OK) w->to.part.code = callsite.code;
  shf__builder_free(&callsite);
}

/* @return the number of rows written */
static uint32_t write_rows(writer *w, const shf__diff_part *part) {
  uint32_t i = 0;
  if (part->shown == 0) return 0;
  add_titles(w, part);
  if (!shf__markdown_flush(&w->to, SHF__LEFT_OUT_MAX)) return 0;
  for (; i < part->shown && shf_sink_code(w->to.sink) == SHF_OK; i++) {
    add_row(w, part, &part->rows[i]);
    if (w->to.part.code != SHF_OK || !shf__markdown_flush(&w->to, SHF__LEFT_OUT_MAX)) break;
  }
  return i;
}

int shf_diff_markdown_write(const shf_profile *p, const shf_listing_options *o, size_t max_bytes,
                            shf_sink *sink) {
  writer w = {.to = {.sink = sink, .left = max_bytes ? max_bytes : SIZE_MAX}};
  int code = shf__diff_open(&w.table, p, o);
  if (!code) {
    shf__markdown_command(&w.to, p);
    shf__markdown_flush(&w.to, SHF__LEFT_OUT_MAX);
    add_head(&w);
    uint32_t self = write_rows(&w, &w.table.self);
    uint32_t total = self == w.table.self.shown ? write_rows(&w, &w.table.total) : 0;
    shf__builder_puts(&w.to.part, "\n");
    shf__diff_left_out(&w.table, self, total, &w.to.part);
    if (w.to.part.len > 1) {
      shf__builder_puts(&w.to.part, "\n");
      shf__markdown_flush(&w.to, 0);
    }
    code = w.to.part.code ? w.to.part.code : shf_sink_code(sink);
  }
  shf__builder_free(&w.to.part);
  shf__diff_close(&w.table);
  return code;
}
