#include "format/table/table_model.h"

#include <stdlib.h>
#include <string.h>

#include "format/table/leak_lines.h"
#include "profile/metadata_lines.h"

static void add_number(shf__builder *out, int64_t value) {
  char text[SHF__NUMBER];
  shf__builder_add(out, text, shf__number_grouped(text, value));
}

static const char *unit_of(shf_type type) {
  return shf_type_is_space(type) ? " bytes" : " objects";
}

static shf_type counterpart_type(shf_type type) {
  switch (type) {
    case SHF_ALLOC_OBJECTS:
      return SHF_ALLOC_SPACE;
    case SHF_ALLOC_SPACE:
      return SHF_ALLOC_OBJECTS;
    case SHF_INUSE_OBJECTS:
      return SHF_INUSE_SPACE;
    default:
      return SHF_INUSE_OBJECTS;
  }
}

static int find_ages(shf__table *r) {
  bool in_use = r->o->type == SHF_INUSE_OBJECTS || r->o->type == SHF_INUSE_SPACE;
  if (!in_use || !shf_profile_has_ages(r->p)) return SHF_OK;
  uint32_t *frames = malloc(((size_t)r->shown + 1) * sizeof *frames);
  r->ages = malloc(((size_t)r->shown + 1) * sizeof *r->ages);
  int code = frames && r->ages ? SHF_OK : SHF_E_NOMEM;
  for (uint32_t i = 0; i < r->shown && !code; i++) frames[i] = r->rows[i].frame;
  if (!code) code = shf_profile_age_ranges(r->p, frames, r->shown, r->ages);
  free(frames);
  return code;
}

int shf__table_open(shf__table *r, const shf_profile *p, const shf_listing_options *o) {
  if ((unsigned)o->type >= SHF_TYPES) return SHF_E_ARG;
  *r = (shf__table){
      .p = p, .o = o, .types = shf_profile_types(p), .counterpart = counterpart_type(o->type)};
  if (!(r->types & 1u << o->type)) return SHF_E_ABSENT;
  uint32_t all = 0;
  int code = shf_profile_rows(p, o->type, &r->rows, &all);
  if (code != SHF_OK) return code;
  for (uint32_t i = 0; i < all; i++) {
    if (r->rows[i].self[o->type] != 0) r->rows[r->count++] = r->rows[i];
  }
  r->shown = o->rows && o->rows < r->count ? o->rows : r->count;
  r->total = shf_profile_total(p, o->type);
  code = find_ages(r);
  if (code) shf__table_close(r);
  return code;
}

void shf__table_close(shf__table *r) {
  free(r->rows);
  free(r->ages);
}

static int write_label(const shf_profile *p, const shf_listing_options *o, shf_str key,
                       int (*write)(void *self, const shf__table *table), void *self) {
  const shf_label_frames how = {.roots = &key, .nroots = 1, .alone = true};
  shf_profile *values;
  shf__table table;
  int code = shf_profile_label_frames(p, &how, &values);
  if (code != SHF_OK) return code;
  code = shf__table_open(&table, values, o);
  if (code == SHF_OK) {
    table.key = key;
    code = write(self, &table);
    shf__table_close(&table);
  }
  shf_profile_free(values);
  return code;
}

/* Only what is in use has types, so their table is of that, if it is known. */
static shf_type type_for(const shf_profile *p, shf_str key, shf_type type) {
  if (!shf__str_equals(key, SHF_LABEL_TYPE)) return type;
  shf_type inuse = shf_type_is_space(type) ? SHF_INUSE_SPACE : SHF_INUSE_OBJECTS;
  return shf_profile_types(p) & 1u << inuse ? inuse : type;
}

int shf__table_labels(const shf_profile *p, const shf_listing_options *o,
                      int (*write)(void *self, const shf__table *table), void *self) {
  uint32_t *keys, count;
  shf_listing_options few = *o;
  few.rows = SHF__LABEL_ROWS;
  few.source_lines = 0;
  int code = shf_profile_label_keys(p, &keys, &count);
  for (uint32_t i = 0, tables = 0; i < count && tables < SHF__LABEL_TABLES && !code; i++) {
    shf_str key = shf_profile_text(p, keys[i]);
    if (shf__str_equals(key, SHF_LABEL_AGE)) continue; /* a column */
    few.type = type_for(p, key, o->type);
    code = write_label(p, &few, key, write, self);
    tables++;
  }
  free(keys);
  return code;
}

void shf__table_subject(const shf__table *r, shf__builder *out) {
  if (r->key.len)
    shf__builder_line(out, r->key);
  else
    shf__builder_puts(out, "function");
}

const char *shf__table_title(const shf__table *r, int cell) {
  static const char *const titles[SHF__CELLS] = {"self", "\xC2\xB1", "share", "total", "", "age"};
  if (cell != SHF__COUNTERPART) return titles[cell];
  return unit_of(r->counterpart) + 1;
}

static void put_figure(const shf__table *r, shf_type type, int64_t value, char *cell) {
  if (!(r->types & 1u << type)) {
    cell[0] = '-';
    cell[1] = 0;
  } else if (r->o->human && shf_type_is_space(type)) {
    shf__number_bytes(cell, value);
  } else {
    shf__number_grouped(cell, value);
  }
}

void shf__table_cells(const shf__table *r, uint32_t at, shf__cells cells) {
  const shf_row *row = &r->rows[at];
  shf_type type = r->o->type;
  put_figure(r, type, row->self[type], cells[SHF__SELF]);
  shf__number_error(cells[SHF__ERROR], row->self_variance[type], row->self[type]);
  shf__number_share(cells[SHF__SHARE], row->self[type], r->total);
  put_figure(r, type, row->total[type], cells[SHF__TOTAL]);
  put_figure(r, r->counterpart, row->self[r->counterpart], cells[SHF__COUNTERPART]);
  cells[SHF__AGE][0] = 0;
  if (r->ages) shf__number_ages(cells[SHF__AGE], r->ages[at].low, r->ages[at].high);
}

static int64_t self_of_line(const shf__table *r, uint32_t line) {
  return shf_profile_line_at(r->p, line)->self[r->o->type];
}

void shf__table_figure(const shf__table *r, int64_t value, char cell[SHF__NUMBER]) {
  put_figure(r, r->o->type, value, cell);
}

/* Adds a line to `lines`, which stay in order; once they are `max`, it replaces the smallest. */
static uint32_t keep_line(const shf__table *r, uint32_t max, uint32_t *lines, uint32_t count,
                          uint32_t line) {
  uint32_t least = 0;
  if (count < max) {
    lines[count] = line;
    return count + 1;
  }
  for (uint32_t i = 1; i < count; i++) {
    if (self_of_line(r, lines[i]) < self_of_line(r, lines[least])) least = i;
  }
  if (self_of_line(r, line) <= self_of_line(r, lines[least])) return count;
  memmove(lines + least, lines + least + 1, (count - least - 1) * sizeof *lines);
  lines[count - 1] = line;
  return count;
}

uint32_t shf__table_lines(const shf__table *r, const shf_row *row, uint32_t max, uint32_t *lines,
                          int64_t *rest) {
  uint32_t first, end, count = 0;
  shf_profile_lines_of(r->p, row->frame, &first, &end);
  *rest = row->self[r->o->type];
  for (uint32_t i = first; i < end && max; i++) {
    if (shf_profile_line_at(r->p, i)->line > 0 && self_of_line(r, i) != 0)
      count = keep_line(r, max, lines, count, i);
  }
  for (uint32_t i = 0; i < count; i++) *rest -= self_of_line(r, lines[i]);
  return count;
}

void shf__table_name(const shf__table *r, uint32_t frame, shf__builder *out) {
  size_t start = out->len;
  shf__builder_line(out, shf_frame_name(r->p, frame));
  if (out->len == start) shf__builder_puts(out, "(anonymous)");
}

void shf__table_place(const shf__table *r, uint32_t frame, shf__builder *out) {
  const shf_frame *f = shf_profile_frame_at(r->p, frame);
  shf_str path = shf__path_below(shf_frame_path(r->p, frame), r->o->cwd);
  char number[SHF__NUMBER];
  if (path.len == 0) return;
  shf__builder_line(out, path);
  if (f->line <= 0) return;
  shf__builder_puts(out, ":");
  shf__builder_add(out, number, shf__number_plain(number, f->line));
  if (f->column <= 0) return;
  shf__builder_puts(out, ":");
  shf__builder_add(out, number, shf__number_plain(number, f->column));
}

void shf__table_path(const shf__table *r, uint32_t frame, const uint32_t *path, shf__builder *out) {
  char number[SHF__NUMBER];
  enum shf_category category = shf_frame_category(r->p, frame, NULL);
  if (path[0] == SHF_NONE && (category == SHF_CAT_PACKAGE || category == SHF_CAT_OFFHEAP))
    shf__builder_puts(out, " \xE2\x86\x90 no function of the app");
  for (int i = 0; i < SHF_PATH && path[i] != SHF_NONE; i++) {
    int32_t line = shf_profile_frame_at(r->p, path[i])->line;
    shf__builder_puts(out, " \xE2\x86\x90 ");
    shf__table_name(r, path[i], out);
    shf__builder_puts(out, " (");
    shf__builder_line(out, shf__path_below(shf_frame_path(r->p, path[i]), r->o->cwd));
    if (line > 0) {
      shf__builder_puts(out, ":");
      shf__builder_add(out, number, shf__number_plain(number, line));
    }
    shf__builder_puts(out, ")");
  }
}

void shf__table_total(const shf__table *r, shf_type type, shf__builder *value,
                      shf__builder *error) {
  char text[SHF__NUMBER];
  int64_t sum = shf_profile_total(r->p, type);
  add_number(value, sum);
  shf__builder_puts(value, unit_of(type));
  size_t len = shf__number_error(text, shf_profile_variance(r->p, type), sum);
  if (text[0] != '-') shf__builder_add(error, text, len);
}

static void add_sampling_note(const shf__table *r, shf__builder *out) {
  shf__builder fact = {NULL, 0, 0, SHF_OK};
  shf__metadata_interval(r->p, &fact);
  if (fact.len) {
    shf__builder_puts(out, "One sample per ");
    shf__builder_add(out, fact.ptr, fact.len);
    shf__builder_puts(out, " on average; \xC2\xB1 is one standard error.\n");
  }
  if (fact.code != SHF_OK) out->code = fact.code;
  shf__builder_free(&fact);
}

static void add_in_use_note(const shf__table *r, shf__builder *out) {
  if (!(r->types & SHF_HAS_INUSE)) return;
  shf__builder gc = {NULL, 0, 0, SHF_OK}, since = {NULL, 0, 0, SHF_OK};
  shf__metadata_gc(r->p, &gc);
  shf__metadata_since(r->p, &since);
  if (shf__str_equals(shf__builder_str(&gc), "forced")) {
    shf__builder_puts(out, "Garbage was collected before the capture.\n");
  } else if (gc.len) {
    shf__builder_puts(out, shf__str_equals(shf__builder_str(&gc), "none")
                               ? "No garbage was collected before the capture: "
                               : "Garbage was collected before some captures only: ");
    shf__builder_puts(out, "in use holds some that is dead.\n");
  }
  if (since.len) {
    shf__builder_puts(out, "In use counts what was allocated since ");
    shf__builder_add(out, since.ptr, since.len);
    shf__builder_puts(out, ".\n");
  }
  if (gc.code != SHF_OK) out->code = gc.code;
  if (since.code != SHF_OK) out->code = since.code;
  shf__builder_free(&gc);
  shf__builder_free(&since);
}

static void add_offheap_note(const shf__table *r, shf__builder *out) {
  shf__builder fact = {NULL, 0, 0, SHF_OK};
  shf__metadata_offheap(r->p, &fact);
  if (fact.len) {
    shf__builder_add(out, fact.ptr, fact.len);
    shf__builder_puts(out, ".\n");
  }
  if (fact.code != SHF_OK) out->code = fact.code;
  shf__builder_free(&fact);
}

static void add_memory_note(const shf__table *r, shf__builder *out) {
  size_t start = out->len;
  shf__metadata_process(r->p, out);
  if (out->len > start) shf__builder_puts(out, ".\n");
}

static void add_runs_note(const shf__table *r, shf__builder *out) {
  uint32_t runs = shf_profile_runs(r->p, SHF_SIDE_NONE);
  if (runs == 1) return;
  shf__builder_puts(out, "Sums of ");
  add_number(out, runs);
  shf__builder_puts(out, " runs.\n");
}

static void add_lines_note(const shf__table *r, shf__builder *out) {
  shf__builder text = {NULL, 0, 0, SHF_OK};
  shf__meta_lines(r->p, &text);
  if (text.code) out->code = text.code;
  if (text.len) {
    shf__builder_puts(out, "lines: ");
    shf__builder_line(out, shf__builder_str(&text));
    shf__builder_puts(out, "\n");
  }
  shf__builder_free(&text);
}

void shf__table_notes(const shf__table *r, shf__builder *out) {
  add_runs_note(r, out);
  add_sampling_note(r, out);
  add_in_use_note(r, out);
  add_offheap_note(r, out);
  add_memory_note(r, out);
  for (uint32_t i = 0; i < shf_profile_metas(r->p); i++) {
    shf_str key, value;
    shf_profile_meta_at(r->p, i, &key, &value);
    if (!shf__str_begins(key, "limit")) continue;
    shf__builder_line(out, key);
    shf__builder_puts(out, ": ");
    shf__builder_line(out, value);
    shf__builder_puts(out, "\n");
  }
  add_lines_note(r, out);
  int code = shf__leak_lines(r->p, r->o->cwd, SHF_LEAK_SECONDS, out);
  if (code) out->code = code;
}

void shf__table_left_out(const shf__table *r, uint32_t shown, shf__builder *out) {
  char share[SHF__NUMBER];
  int64_t rest = r->total;
  for (uint32_t i = 0; i < shown; i++) rest -= r->rows[i].self[r->o->type];
  if (shown == r->count && rest == 0) return;
  if (shown == r->count) {
    shf__builder_puts(out, "Outside any function: ");
  } else {
    shf__builder_puts(out, "Left out: ");
    add_number(out, r->count - shown);
    shf__builder_puts(out, r->key.len ? " value" : " function");
    shf__builder_puts(out, r->count - shown == 1 ? " with " : "s with ");
  }
  add_number(out, rest);
  shf__builder_puts(out, unit_of(r->o->type));
  shf__number_share(share, rest, r->total);
  shf__builder_puts(out, " (");
  shf__builder_puts(out, share);
  shf__builder_puts(out, ").");
}
