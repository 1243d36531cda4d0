/* The data that the viewer draws from: choosing rows, and writing them as columns. */
#include "svg_data.h"

#include <math.h>
#include <stdlib.h>

/* No row takes fewer bytes: up, frame, and their commas. */
enum { LEAST = 4, FIRST_ROOM = 1024 };

static float share(int64_t part, int64_t whole) {
  return (float)((double)part / (double)whole);
}

static float reach_of(const shf_data *d, uint32_t node) {
  if (d->reach) return d->reach[node];
  return d->only->sum > 0 ? share(shf__layout_total(d->only, node), d->only->sum) : 0;
}

/* `before` has a row for each bucket and one more: a node's buckets and those below it are one
 * stretch, as nodes are in preorder. */
static void widen(shf_data *d, shf_type type, int64_t sum, int64_t *before) {
  uint32_t buckets = shf_profile_buckets(d->p), nodes = shf_profile_nodes(d->p);
  before[0] = 0;
  for (uint32_t i = 0; i < buckets; i++)
    before[i + 1] = before[i] + shf_profile_bucket_at(d->p, i)->value[type];
  for (uint32_t n = 0; n < nodes; n++) {
    int64_t total = before[shf_profile_bucket_first(d->p, shf_profile_end(d->p, n))] -
                    before[shf_profile_bucket_first(d->p, n)];
    if (share(total, sum) > d->reach[n]) d->reach[n] = share(total, sum);
  }
}

static int make_reach(shf_data *d) {
  d->reach = calloc(shf_profile_nodes(d->p), sizeof *d->reach);
  int64_t *before = malloc(((size_t)shf_profile_buckets(d->p) + 1) * sizeof *before);
  int code = d->reach && before ? SHF_OK : SHF_E_NOMEM;
  for (int t = 0; t < SHF_TYPES && !code; t++) {
    int64_t sum = shf_profile_total(d->p, (shf_type)t);
    if (d->types & 1u << t && sum > 0) widen(d, (shf_type)t, sum, before);
  }
  free(before);
  return code;
}

int shf__data_new(shf_data *d, const shf_picture *pic) {
  const shf_profile *p = pic->p;
  const shf_layout *l = &pic->layout;
  *d = (shf_data){.p = p, .types = shf_profile_types(p)};
  d->frame = malloc(((size_t)shf_profile_frames(p) + 1) * sizeof *d->frame);
  d->string = malloc(((size_t)shf_profile_strings(p) + 1) * sizeof *d->string);
  for (int t = 0; t < SHF_TYPES; t++) {
    d->varies[t] = d->types & 1u << t && shf_profile_variance(p, (shf_type)t) > 0;
  }
  bool one = d->types == 1u << pic->o.type && l->p == p && !shf__layout_compares(l);
  if (one) d->only = l;
  int code = d->frame && d->string ? SHF_OK : SHF_E_NOMEM;
  if (!code && !one) code = make_reach(d);
  if (code) shf__data_free(d);
  return code;
}

void shf__data_free(shf_data *d) {
  free(d->reach);
  free(d->frame);
  free(d->string);
  free(d->rows);
  *d = (shf_data){0};
}

/* ---- Choosing ----------------------------------------------------------------- */

/* The share of the whole that a rule's value is; a little less, for shares are rounded. */
static double share_of(const shf_picture *pic, int64_t value) {
  if (pic->layout.sum <= 0) return pic->o.min_width / pic->o.width;
  return (double)value / (double)pic->layout.sum * (1 - 1e-6);
}

static bool add_row(shf_data *d, shf_data_row row) {
  if (d->count == d->room) {
    uint32_t room = d->room ? d->room * 2 : FIRST_ROOM;
    shf_data_row *rows = realloc(d->rows, room * sizeof *rows);
    if (!rows) {
      d->code = SHF_E_NOMEM;
      return false;
    }
    d->rows = rows;
    d->room = room;
  }
  d->rows[d->count++] = row;
  return true;
}

typedef struct limits {
  double wide, shallow_wide;
  uint32_t shallow;
} limits;

static bool chosen(const shf_data *d, const limits *l, uint32_t node) {
  bool shallow = shf_profile_depth(d->p, node) <= l->shallow;
  return reach_of(d, node) >= (shallow ? l->shallow_wide : l->wide);
}

/* Behind the neighbours from `node` on that are not drawn; whether they hold anything. */
static uint32_t stretch_end(const shf_data *d, const limits *l, uint32_t node, bool *holds) {
  uint32_t nodes = shf_profile_nodes(d->p), parent = shf_profile_parent(d->p, node), n = node;
  *holds = false;
  while (n < nodes && shf_profile_parent(d->p, n) == parent && !chosen(d, l, n)) {
    if (reach_of(d, n) > 0) *holds = true;
    n = shf_profile_end(d->p, n);
  }
  return n;
}

bool shf__data_choose(shf_data *d, const shf_picture *pic, shf_rule rule) {
  limits l = {share_of(pic, rule.keep), share_of(pic, rule.keep_shallow), rule.shallow};
  uint32_t nodes = shf_profile_nodes(d->p), last = 0;
  d->count = 0;
  for (uint32_t n = 1; n < nodes;) {
    if ((uint64_t)d->count * LEAST > pic->o.max_bytes) return false;
    uint32_t depth = shf_profile_depth(d->p, n);
    shf_data_row row = {n, n + 1, last + 1 - depth, false};
    bool holds = true;
    if (!chosen(d, &l, n)) {
      row.sum = true;
      row.end = stretch_end(d, &l, n, &holds);
    }
    if (holds && !add_row(d, row)) return false;
    if (holds) last = depth;
    n = row.end;
  }
  return true;
}

/* ---- Columns ------------------------------------------------------------------- */

/* A comma before all but the first of a list. */
static void comma(shf_xml *x, bool *first) {
  if (!*first) shf__xml_raw(x, ",");
  *first = false;
}

static void key(shf_xml *x, const char *name) {
  shf__xml_raw(x, ",\n\"");
  shf__xml_raw(x, name);
  shf__xml_raw(x, "\":");
}

static enum shf_side side_of(const shf_data *d, const shf_bucket *b) {
  return (enum shf_side)shf_profile_source_at(d->p, b->source)->side;
}

/* Of one side, or of all. */
static int64_t value_of(const shf_data *d, const shf_data_row *row, int type, enum shf_side side) {
  int64_t sum = 0;
  uint32_t end = shf_profile_bucket_first(d->p, row->end);
  for (uint32_t i = shf_profile_bucket_first(d->p, row->node); i < end; i++) {
    const shf_bucket *b = shf_profile_bucket_at(d->p, i);
    if (side == SHF_SIDE_NONE || side == side_of(d, b)) sum += b->value[type];
  }
  return sum;
}

static double variance_of(const shf_data *d, const shf_data_row *row, int type) {
  double sum = 0;
  uint32_t end = shf_profile_bucket_first(d->p, row->end);
  for (uint32_t i = shf_profile_bucket_first(d->p, row->node); i < end; i++) {
    const shf_bucket *b = shf_profile_bucket_at(d->p, i);
    sum += shf_bucket_variance(d->p, b, (shf_type)type);
  }
  return sum;
}

/*
 * While bytes are only counted, a sum is not added up: its share, times its
 * total, has at least as many digits.
 */
static int64_t value_at_most(const shf_data *d, const shf_data_row *row, int type) {
  double share_sum = 0;
  for (uint32_t n = row->node; n < row->end; n = shf_profile_end(d->p, n))
    share_sum += reach_of(d, n);
  double total = (double)shf_profile_total(d->p, (shf_type)type);
  return share_sum * total < 9e18 ? (int64_t)(share_sum * total) + 1 : INT64_MAX;
}

static bool has_value(const shf_data *d, const shf_data_row *row, bool counting) {
  if (row->sum && counting) return true;
  for (int t = 0; t < SHF_TYPES; t++)
    if (d->types & 1u << t && value_of(d, row, t, SHF_SIDE_NONE) != 0) return true;
  return false;
}

/* Three digits are enough for an error: 1234567 is 123e4. */
static void write_variance(shf_xml *x, double variance) {
  unsigned exponent = 0;
  for (; variance >= 999.5 && exponent < 60; exponent++) variance /= 10;
  shf__xml_u64(x, (uint64_t)(variance + 0.5));
  if (exponent == 0) return;
  shf__xml_raw(x, "e");
  shf__xml_u64(x, exponent);
}

static void write_values(const shf_data *d, shf_xml *x, int type) {
  bool first = true, counting = !x->sink && !x->hold;
  shf__xml_raw(x, "[");
  for (uint32_t i = 0; i < d->count; i++) {
    const shf_data_row *row = &d->rows[i];
    if (!has_value(d, row, counting)) continue;
    comma(x, &first);
    int64_t value =
        row->sum && counting ? value_at_most(d, row, type) : value_of(d, row, type, d->side);
    shf__xml_u64(x, value > 0 ? (uint64_t)value : 0);
  }
  shf__xml_raw(x, "]");
}

static void write_variances(const shf_data *d, shf_xml *x, int type) {
  bool first = true, counting = !x->sink && !x->hold;
  shf__xml_raw(x, "[");
  for (uint32_t i = 0; d->varies[type] && i < d->count; i++) {
    const shf_data_row *row = &d->rows[i];
    if (!has_value(d, row, counting)) continue;
    comma(x, &first);
    if (row->sum && counting)
      shf__xml_raw(x, "123e45");
    else
      write_variance(x, variance_of(d, row, type));
  }
  shf__xml_raw(x, "]");
}

/* Of each type that is known, in their order. */
static void write_per_type(const shf_data *d, shf_xml *x,
                           void (*write)(const shf_data *d, shf_xml *x, int type)) {
  bool first = true;
  shf__xml_raw(x, "[");
  for (int t = 0; t < SHF_TYPES; t++) {
    if (!(d->types & 1u << t)) continue;
    comma(x, &first);
    write(d, x, t);
  }
  shf__xml_raw(x, "]");
}

static void write_side(shf_data *d, shf_xml *x, const char *name, enum shf_side side) {
  key(x, name);
  d->side = side;
  write_per_type(d, x, write_values);
  d->side = SHF_SIDE_NONE;
}

static void write_type_name(const shf_data *d, shf_xml *x, int type) {
  (void)d;
  shf__xml_json(x, shf_str_of(shf_type_name((shf_type)type)));
}

/* How many rows without a value stand before each that has one. */
static void write_gaps(const shf_data *d, shf_xml *x) {
  bool first = true, counting = !x->sink && !x->hold;
  uint32_t gap = 0;
  shf__xml_raw(x, "[");
  for (uint32_t i = 0; i < d->count; i++) {
    if (!has_value(d, &d->rows[i], counting)) {
      gap++;
      continue;
    }
    comma(x, &first);
    shf__xml_u64(x, gap);
    gap = 0;
  }
  shf__xml_raw(x, "]");
}

static void write_ups(const shf_data *d, shf_xml *x) {
  bool first = true;
  shf__xml_raw(x, "[");
  for (uint32_t i = 0; i < d->count; i++) {
    comma(x, &first);
    shf__xml_u64(x, d->rows[i].up);
  }
  shf__xml_raw(x, "]");
}

/* Numbers of frames; 0 for a sum. */
static void write_frame_numbers(const shf_data *d, shf_xml *x) {
  bool first = true;
  shf__xml_raw(x, "[");
  for (uint32_t i = 0; i < d->count; i++) {
    const shf_data_row *row = &d->rows[i];
    comma(x, &first);
    shf__xml_u64(x, row->sum ? 0 : d->frame[shf_profile_frame_of(d->p, row->node)]);
  }
  shf__xml_raw(x, "]");
}

/* How many frames each sum stands for. */
static void write_sums(const shf_data *d, shf_xml *x) {
  bool first = true;
  shf__xml_raw(x, "[");
  for (uint32_t i = 0; i < d->count; i++) {
    const shf_data_row *row = &d->rows[i];
    if (!row->sum) continue;
    comma(x, &first);
    shf__xml_u64(x, row->end - row->node);
  }
  shf__xml_raw(x, "]");
}

/* ---- Frames and strings ---------------------------------------------------------- */

static void number_string(shf_data *d, uint32_t string, uint32_t *count) {
  if (d->string[string] == 0) d->string[string] = ++*count;
}

/* In order of first use. The empty string is number 0 in the file, the rest from 1 on. */
static void number_all(shf_data *d) {
  uint32_t frames = shf_profile_frames(d->p), strings = shf_profile_strings(d->p);
  for (uint32_t f = 0; f < frames; f++) d->frame[f] = 0;
  for (uint32_t s = 0; s < strings; s++) d->string[s] = 0;
  uint32_t used = 0, texts = 0;
  for (uint32_t i = 0; i < d->count; i++) {
    if (d->rows[i].sum) continue;
    uint32_t frame = shf_profile_frame_of(d->p, d->rows[i].node);
    if (d->frame[frame]) continue;
    d->frame[frame] = ++used;
    const shf_frame *f = shf_profile_frame_at(d->p, frame);
    if (f->name) number_string(d, f->name, &texts);
    if (f->file) number_string(d, f->file, &texts);
  }
}

/* Goes through the rows in the order that gave frames and strings their numbers. */
static void write_strings(const shf_data *d, shf_xml *x) {
  uint32_t frames = 0, texts = 0;
  shf__xml_raw(x, "[\"\"");
  for (uint32_t i = 0; i < d->count; i++) {
    if (d->rows[i].sum) continue;
    uint32_t frame = shf_profile_frame_of(d->p, d->rows[i].node);
    if (d->frame[frame] != frames + 1) continue;
    frames++;
    const shf_frame *f = shf_profile_frame_at(d->p, frame);
    const uint32_t strings[] = {f->name, f->file};
    for (int s = 0; s < 2; s++) {
      if (strings[s] == 0 || d->string[strings[s]] != texts + 1) continue;
      texts++;
      shf__xml_raw(x, ",");
      shf__xml_json(x, shf_profile_text(d->p, strings[s]));
    }
  }
  shf__xml_raw(x, "]");
}

typedef enum field { NAME, FILE_OF, LINE, COLUMN, PAINT } field;

static uint64_t field_of(const shf_data *d, const shf_picture *pic, uint32_t frame, field which) {
  const shf_frame *f = shf_profile_frame_at(d->p, frame);
  switch (which) {
    case NAME:
      return f->name ? d->string[f->name] : 0;
    case FILE_OF:
      return f->file ? d->string[f->file] : 0;
    case LINE:
      return f->line > 0 ? (uint64_t)f->line : 0;
    case COLUMN:
      return f->column > 0 ? (uint64_t)f->column : 0;
    case PAINT:
      break;
  }
  return d->only ? pic->paint[frame] : shf__paint_of(d->p, frame, pic->scheme);
}

static void write_field(const shf_data *d, const shf_picture *pic, shf_xml *x, field which) {
  uint32_t frames = 0;
  shf__xml_raw(x, "[");
  for (uint32_t i = 0; i < d->count; i++) {
    if (d->rows[i].sum) continue;
    uint32_t frame = shf_profile_frame_of(d->p, d->rows[i].node);
    if (d->frame[frame] != frames + 1) continue;
    if (frames++) shf__xml_raw(x, ",");
    shf__xml_u64(x, field_of(d, pic, frame, which));
  }
  shf__xml_raw(x, "]");
}

/* "app", "package" …, as a digit for each frame. */
static void write_categories(const shf_data *d, shf_xml *x) {
  uint32_t frames = 0;
  bool counting = !x->sink && !x->hold;
  shf__xml_raw(x, "\"");
  for (uint32_t i = 0; i < d->count; i++) {
    if (d->rows[i].sum) continue;
    uint32_t frame = shf_profile_frame_of(d->p, d->rows[i].node);
    if (d->frame[frame] != frames + 1) continue;
    frames++;
    char digit = counting ? '0' : (char)('0' + shf_frame_category(d->p, frame, NULL));
    shf__xml_bytes(x, &digit, 1);
  }
  shf__xml_raw(x, "\"");
}

/* ---- Everything ------------------------------------------------------------------ */

void shf__data_write(shf_data *d, const shf_picture *pic, shf_xml *x) {
  static const struct {
    const char *key;
    field which;
  } fields[] = {
      {"name", NAME}, {"file", FILE_OF}, {"line", LINE}, {"column", COLUMN}, {"paint", PAINT}};
  number_all(d);
  shf__xml_raw(x, "<metadata id=\"data\">{\"version\":1");
  shf__svg_meta(pic, x);
  key(x, "types");
  write_per_type(d, x, write_type_name);
  key(x, "strings");
  write_strings(d, x);
  for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
    key(x, fields[i].key);
    write_field(d, pic, x, fields[i].which);
  }
  key(x, "category");
  write_categories(d, x);
  key(x, "up");
  write_ups(d, x);
  key(x, "frame");
  write_frame_numbers(d, x);
  key(x, "sums");
  write_sums(d, x);
  key(x, "gap");
  write_gaps(d, x);
  if (shf__layout_compares(&pic->layout)) {
    write_side(d, x, "before", SHF_SIDE_BEFORE);
    write_side(d, x, "after", SHF_SIDE_AFTER);
  } else {
    key(x, "self");
    write_per_type(d, x, write_values);
  }
  key(x, "variance");
  write_per_type(d, x, write_variances);
  shf__xml_raw(x, "}</metadata>\n");
}
