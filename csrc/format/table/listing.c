/*
 * The report for a terminal or a text file: totals, notes, and a table of the functions that
 * allocate, largest first.
 *
 * If lines have a width, a place that does not fit after its name loses everything up to
 * `node_modules/`, then its middle folders; if that is not enough, it goes to the next line.
 * Without a width only source lines are cut. Only functions with self values are listed, so the
 * rows add up to the total.
 */
#include <stdlib.h>

#include "format/table/source_rows.h"
#include "format/table/table_model.h"
#include "text/display_width.h"

#define ELLIPSIS "\xE2\x80\xA6"
#define BOLD "\x1b[1m"
#define DIM "\x1b[2m"
#define RESET "\x1b[0m"

enum { GAP = 2, CALLSITE_MIN = 20, SOURCE_INDENT = 4, SOURCE_WIDTH = 160 };

typedef struct writer {
  shf__table table;
  shf_sink *sink;
  size_t width;                  /* of a line; 0: unlimited */
  size_t cells[SHF__CELLS];      /* widths of the number columns */
  size_t figures;                /* column where the callsite begins */
  shf__builder name, place, alt; /* of the current row */
  int code;                      /* the first failure, except the sink's */
} writer;

static void release(writer *w, shf__builder *text) {
  if (w->code == SHF_OK) w->code = text->code;
  shf__builder_free(text);
}

static void spaces(shf_sink *sink, size_t count) {
  static const char blank[] = "                                ";
  for (size_t n; count; count -= n) {
    n = count < sizeof blank - 1 ? count : sizeof blank - 1;
    shf_sink_write(sink, blank, n);
  }
}

static void write_styled(const writer *w, const char *style, shf_str text) {
  if (text.len == 0) return;
  bool color = w->table.o->color && *style;
  if (color) shf_sink_puts(w->sink, style);
  shf_sink_str(w->sink, text);
  if (color) shf_sink_puts(w->sink, RESET);
}

static void right_aligned(const writer *w, const char *style, shf_str text, size_t column) {
  size_t used = shf__display_width(text);
  spaces(w->sink, column > used ? column - used : 0);
  write_styled(w, style, text);
}

/* Writes the text; if it is wider than `columns`, an ellipsis replaces its middle. */
static void cut_middle(const writer *w, const char *style, shf_str text, size_t columns) {
  if (shf__display_width(text) <= columns) {
    write_styled(w, style, text);
    return;
  }
  size_t available = columns > 1 ? columns - 1 : 1, tail = available * 2 / 3;
  write_styled(w, style, shf__display_width_head(text, available - tail));
  write_styled(w, style, shf_str_of(ELLIPSIS));
  write_styled(w, style, shf__display_width_tail(text, tail));
}

/* ---- Head --------------------------------------------------------------- */

static void write_command(writer *w) {
  shf__builder command = {NULL, 0, 0, SHF_OK};
  shf__builder_line_start(&command, shf_profile_meta_get(w->table.p, "command"));
  if (command.len) {
    shf_str text = shf__builder_str(&command);
    cut_middle(w, BOLD, text, w->width ? w->width : SIZE_MAX);
    shf_sink_puts(w->sink, "\n\n");
  }
  release(w, &command);
}

/* Totals in columns: name, value with unit, error. */
static void write_totals(writer *w) {
  const shf__table *r = &w->table;
  for (int t = 0; t < SHF_TYPES; t++) {
    if (!(r->types & 1u << t)) continue;
    const char *style = (shf_type)t == r->o->type ? BOLD : "";
    shf__builder value = {NULL, 0, 0, SHF_OK}, error = {NULL, 0, 0, SHF_OK};
    shf__table_total(r, (shf_type)t, &value, &error);
    size_t digits = 0;
    while (digits < value.len && value.ptr[digits] != ' ') digits++;
    spaces(w->sink, GAP);
    write_styled(w, style, shf_str_of(shf_type_name((shf_type)t)));
    spaces(w->sink, 13 - strlen(shf_type_name((shf_type)t)));
    right_aligned(w, style, (shf_str){value.ptr, digits}, 20);
    shf_sink_str(w->sink, (shf_str){value.ptr + digits, value.len - digits});
    if (error.len) {
      spaces(w->sink, 9 - (value.len - digits));
      shf_sink_puts(w->sink, "\xC2\xB1 ");
      shf_sink_str(w->sink, shf__builder_str(&error));
    }
    shf_sink_puts(w->sink, "\n");
    release(w, &value);
    release(w, &error);
  }
}

/* Breaks a line at its spaces. */
static void write_wrapped(writer *w, shf_str line) {
  size_t available = w->width > 2 * (size_t)GAP ? w->width - GAP : SIZE_MAX;
  if (w->width == 0) available = SIZE_MAX;
  while (line.len) {
    size_t len = shf__display_width_head(line, available).len;
    if (len == 0) len = line.len;
    if (len < line.len) {
      size_t at = len;
      while (at > 0 && line.ptr[at] != ' ') at--;
      if (at > 0) len = at;
    }
    spaces(w->sink, GAP);
    write_styled(w, DIM, (shf_str){line.ptr, len});
    shf_sink_puts(w->sink, "\n");
    while (len < line.len && line.ptr[len] == ' ') len++;
    line = (shf_str){line.ptr + len, line.len - len};
  }
}

static void write_notes(writer *w) {
  shf__builder notes = {NULL, 0, 0, SHF_OK};
  shf__table_notes(&w->table, &notes);
  if (notes.len) shf_sink_puts(w->sink, "\n");
  for (size_t i = 0; i < notes.len;) {
    size_t len = 0;
    while (i + len < notes.len && notes.ptr[i + len] != '\n') len++;
    write_wrapped(w, (shf_str){notes.ptr + i, len});
    i += len + 1;
  }
  release(w, &notes);
}

/* ---- Table -------------------------------------------------------------- */

static void measure(writer *w) {
  const shf__table *r = &w->table;
  for (int c = 0; c < SHF__CELLS; c++)
    w->cells[c] = shf__display_width(shf_str_of(shf__table_title(r, c)));
  for (uint32_t i = 0; i < r->shown; i++) {
    shf__cells cells;
    shf__table_cells(r, i, cells);
    for (int c = 0; c < shf__table_width(r); c++) {
      size_t len = strlen(cells[c]);
      if (len > w->cells[c]) w->cells[c] = len;
    }
  }
  w->figures = 0;
  for (int c = 0; c < shf__table_width(r); c++) w->figures += GAP + w->cells[c];
  w->figures += GAP;
}

static void write_titles(writer *w) {
  const shf__table *r = &w->table;
  shf__builder subject = {NULL, 0, 0, SHF_OK};
  static const char by[] = " by ";
  shf__builder_puts(&subject, by);
  shf__table_subject(r, &subject);
  shf_str whole = shf__builder_str(&subject);
  shf_sink_puts(w->sink, "\n");
  write_styled(w, BOLD, shf_str_of(shf_type_name(r->o->type)));
  write_styled(w, BOLD, whole);
  shf_sink_puts(w->sink, "\n");
  for (int c = 0; c < shf__table_width(r); c++) {
    spaces(w->sink, GAP);
    right_aligned(w, BOLD, shf_str_of(shf__table_title(r, c)), w->cells[c]);
  }
  spaces(w->sink, GAP);
  if (whole.len) whole = (shf_str){whole.ptr + sizeof by - 1, whole.len - (sizeof by - 1)};
  write_styled(w, BOLD, whole);
  shf_sink_puts(w->sink, "\n");
  release(w, &subject);
}

static bool fits(const writer *w, size_t columns) {
  return w->width == 0 || w->figures + columns <= w->width;
}

/* The part after the last `node_modules/`, which begins with the package name. */
static shf_str after_node_modules(shf_str place) {
  static const char modules[] = "node_modules/";
  size_t len = sizeof modules - 1;
  for (size_t i = place.len; i >= len; i--) {
    if (memcmp(place.ptr + i - len, modules, len) == 0)
      return (shf_str){place.ptr + i, place.len - i};
  }
  return place;
}

/* `first/…/last.js:1:2`; both parts of a scoped package name are kept. */
static void drop_folders(shf_str place, shf__builder *out) {
  size_t head = 0, tail = place.len;
  int parts = place.len && place.ptr[0] == '@' ? 2 : 1;
  for (; head < place.len && parts; head++) parts -= place.ptr[head] == '/';
  while (tail > 0 && place.ptr[tail - 1] != '/') tail--;
  out->len = 0;
  if (tail <= head || head == 1) return;
  shf__builder_add(out, place.ptr, head);
  shf__builder_puts(out, ELLIPSIS "/");
  shf__builder_add(out, place.ptr + tail, place.len - tail);
}

/* The longest form of the place that fits after the name; empty if none does. */
static shf_str fitting_place(writer *w, size_t name) {
  shf_str place = shf__builder_str(&w->place), empty = {"", 0};
  if (fits(w, name + 3 + shf__display_width(place))) return place;
  place = after_node_modules(place);
  if (fits(w, name + 3 + shf__display_width(place))) return place;
  drop_folders(place, &w->alt);
  if (w->alt.len && fits(w, name + 3 + shf__display_width(shf__builder_str(&w->alt))))
    return shf__builder_str(&w->alt);
  return empty;
}

/* On the next line, below the numbers, where most paths fit. */
static void write_place_below(writer *w) {
  size_t indent = 2 * (size_t)GAP + w->cells[SHF__SELF];
  shf_sink_puts(w->sink, "\n");
  spaces(w->sink, indent);
  w->alt.len = 0;
  shf__builder_line_start(&w->alt, shf__builder_str(&w->place));
  cut_middle(w, DIM, shf__builder_str(&w->alt), w->width > indent ? w->width - indent : 1);
}

static void write_callsite(writer *w, uint32_t frame) {
  w->name.len = w->place.len = 0;
  shf__table_name(&w->table, frame, &w->name);
  shf__table_place(&w->table, frame, &w->place);
  shf_str name = shf__builder_str(&w->name);
  size_t width = shf__display_width(name);
  size_t available = w->width > w->figures + CALLSITE_MIN ? w->width - w->figures : CALLSITE_MIN;
  cut_middle(w, "", name, w->width ? available : SIZE_MAX);
  if (w->place.len) {
    shf_str place = fitting_place(w, width);
    if (place.len) {
      shf_sink_puts(w->sink, " ");
      write_styled(w, DIM, shf_str_of("("));
      write_styled(w, DIM, place);
      write_styled(w, DIM, shf_str_of(")"));
    } else {
      write_place_below(w);
    }
  }
  shf_sink_puts(w->sink, "\n");
}

/* ---- Source ------------------------------------------------------------- */

/* Columns of leading white space (a tab is 2); *len is its length in bytes. */
static size_t indent_of(shf_str line, size_t *len) {
  size_t i = 0, columns = 0;
  for (; i < line.len && (line.ptr[i] == ' ' || line.ptr[i] == '\t'); i++)
    columns += line.ptr[i] == '\t' ? 2 : 1;
  *len = i;
  return columns;
}

/* What stands before a line of source. */
typedef struct margin {
  const char *figure; /* below self; NULL: none */
  const char *number; /* of the line */
  size_t base;        /* columns of indent that all lines of the function lose */
} margin;

static void write_source_line(writer *w, const margin *m, shf_str line) {
  size_t width = w->width ? w->width : SOURCE_WIDTH, blank;
  size_t indent = indent_of(line, &blank);
  w->alt.len = 0;
  shf__builder_line(&w->alt, (shf_str){line.ptr + blank, line.len - blank});
  shf_str code = shf__builder_str(&w->alt);
  size_t before = m->figure ? GAP + w->cells[SHF__SELF] : SOURCE_INDENT;
  size_t digits = m->figure ? 8 : 6;
  size_t used = before + digits + 3;
  right_aligned(w, "", shf_str_of(m->figure ? m->figure : ""), before);
  right_aligned(w, DIM, shf_str_of(m->number), digits);
  write_styled(w, DIM, shf_str_of(" \xE2\x94\x82"));
  if (code.len) {
    indent = indent > m->base ? indent - m->base : 0;
    if (used + indent >= width) indent = 0;
    spaces(w->sink, 1 + indent);
    size_t room = width > used + indent ? width - used - indent : 1;
    shf_str head = shf__display_width(code) > room ? shf__display_width_head(code, room - 1) : code;
    write_styled(w, DIM, head);
    if (head.len < code.len) write_styled(w, DIM, shf_str_of(ELLIPSIS));
  }
  shf_sink_puts(w->sink, "\n");
}

/* The line that begins at `at`; *at becomes where the next one begins. */
static shf_str next_line(const shf__builder *lines, size_t *at) {
  size_t begin = *at, end = begin;
  while (end < lines->len && lines->ptr[end] != '\n') end++;
  *at = end + 1;
  return (shf_str){lines->ptr + begin, end - begin};
}

/* The first lines of a function. */
static int write_source(writer *w, const shf__source *source) {
  shf__builder lines = {NULL, 0, 0, SHF_OK};
  margin m = {NULL, NULL, 0};
  const shf_listing_options *o = w->table.o;
  int code = shf__source_read(w->table.p, o->source_roots, source, o->source_lines, &lines);
  int64_t number = source->line;
  for (size_t i = 0; i < lines.len && code == SHF_OK; number++) {
    char text[SHF__NUMBER];
    size_t blank;
    bool first = i == 0;
    shf_str line = next_line(&lines, &i);
    if (first) m.base = indent_of(line, &blank);
    shf__number_plain(text, number);
    m.number = text;
    write_source_line(w, &m, line);
  }
  release(w, &lines);
  return code;
}

/* One line of text for each source, empty where there is none; *base is the least indent of any. */
static int read_lines(const writer *w, const shf__source *sources, uint32_t count,
                      shf__builder *lines, size_t *base) {
  *base = SIZE_MAX;
  for (uint32_t i = 0; i < count; i++) {
    size_t start = lines->len, blank;
    int code = shf__source_read(w->table.p, w->table.o->source_roots, &sources[i], 1, lines);
    if (code) return code;
    if (lines->len == start) shf__builder_puts(lines, "\n");
    size_t at = start, indent = indent_of(next_line(lines, &at), &blank);
    if (start + blank + 1 < lines->len && indent < *base) *base = indent;
  }
  return lines->code;
}

/* The lines of a function that allocate most, with what each of them has. */
static int write_lines(writer *w, const shf__source_rows *s, uint32_t row) {
  shf__builder lines = {NULL, 0, 0, SHF_OK};
  char figure[SHF__NUMBER], number[SHF__NUMBER];
  margin m = {figure, number, 0};
  uint32_t first = s->first[row], count = s->first[row + 1] - first;
  int code = read_lines(w, s->sources + first, count, &lines, &m.base);
  size_t at = 0;
  for (uint32_t i = 0; i < count && code == SHF_OK; i++) {
    const shf_line *line = shf_profile_line_at(w->table.p, s->lines[first + i]);
    shf__table_figure(&w->table, line->self[w->table.o->type], figure);
    shf__number_plain(number, line->line);
    write_source_line(w, &m, next_line(&lines, &at));
  }
  release(w, &lines);
  if (code || s->rest[row] == 0) return code;
  shf__table_figure(&w->table, s->rest[row], figure);
  m.number = ELLIPSIS;
  write_source_line(w, &m, shf_str_of("other lines, or not known"));
  return SHF_OK;
}

static int write_rows(writer *w) {
  const shf__table *r = &w->table;
  shf__source_rows s = {0};
  int code = SHF_OK;
  if (r->o->source_lines) code = shf__source_rows_find(&s, r);
  for (uint32_t i = 0; i < r->shown && code == SHF_OK; i++) {
    shf__cells cells;
    shf__table_cells(r, i, cells);
    for (int c = 0; c < shf__table_width(r); c++) {
      spaces(w->sink, GAP);
      right_aligned(w, c == SHF__SELF || c == SHF__SHARE ? "" : DIM, shf_str_of(cells[c]),
                    w->cells[c]);
    }
    spaces(w->sink, GAP);
    write_callsite(w, r->rows[i].frame);
    if (s.count)
      code = s.lines[s.first[i]] == SHF_NONE ? write_source(w, &s.sources[s.first[i]])
                                             : write_lines(w, &s, i);
    if (code == SHF_OK) code = shf_sink_code(w->sink);
  }
  shf__source_rows_free(&s);
  return code;
}

static void write_left_out(writer *w) {
  shf__builder rest = {NULL, 0, 0, SHF_OK};
  shf__table_left_out(&w->table, w->table.shown, &rest);
  if (rest.len) {
    shf_sink_puts(w->sink, "\n");
    write_wrapped(w, shf__builder_str(&rest));
  }
  release(w, &rest);
}

static int write_table(writer *w) {
  int code = SHF_OK;
  if (w->table.shown) {
    measure(w);
    write_titles(w);
    code = write_rows(w);
  }
  write_left_out(w);
  return code;
}

static int write_label(void *self, const shf__table *table) {
  writer *w = self;
  w->table = *table;
  return write_table(w);
}

int shf_listing_write(const shf_profile *p, const shf_listing_options *o, shf_sink *sink) {
  writer w = {.sink = sink, .width = o->width};
  int code = shf__table_open(&w.table, p, o);
  if (code != SHF_OK) return code;
  const shf__table functions = w.table;
  write_command(&w);
  write_totals(&w);
  write_notes(&w);
  code = write_table(&w);
  if (code == SHF_OK) code = shf__table_labels(p, o, write_label, &w);
  release(&w, &w.name);
  release(&w, &w.place);
  release(&w, &w.alt);
  if (code == SHF_OK) code = w.code;
  if (code == SHF_OK) code = shf_sink_code(sink);
  w.table = functions;
  shf__table_close(&w.table);
  return code;
}
