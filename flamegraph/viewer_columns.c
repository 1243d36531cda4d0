/* Writes the rows of the viewer's data as JSON columns. */
#include <stdlib.h>

#include "svg_pruned.h"

/* A comma, except before the first item of a list. */
static void comma(shf_xml *x, bool *first) {
  if (!*first) shf__xml_raw(x, ",");
  *first = false;
}

static enum shf_side side_of(const shf_viewer_data *d, const shf_bucket *b) {
  return (enum shf_side)shf_profile_source_at(d->p, b->source)->side;
}

/* Of one side, or of all. */
static int64_t value_of(const shf_viewer_data *d, const shf_viewer_row *row, int type,
                        enum shf_side side) {
  int64_t sum = 0;
  uint32_t end = shf_profile_bucket_first(d->p, row->end);
  for (uint32_t i = shf_profile_bucket_first(d->p, row->node); i < end; i++) {
    const shf_bucket b = shf_profile_bucket_at(d->p, i);
    if (side == SHF_SIDE_NONE || side == side_of(d, &b)) sum += b.value[type];
  }
  return sum;
}

/* The variance of a row; with several runs, from the spread between runs. */
static double variance_of(const shf_viewer_data *d, const shf_viewer_row *row, int type) {
  double sum = 0;
  if (d->runs && !row->sum) return d->run_variance[0][row->node];
  for (uint32_t n = row->node; d->runs && n < row->end; n = shf_profile_end(d->p, n))
    sum += d->run_variance[1][n];
  if (d->runs) return sum;
  uint32_t end = shf_profile_bucket_first(d->p, row->end);
  for (uint32_t i = shf_profile_bucket_first(d->p, row->node); i < end; i++) {
    const shf_bucket b = shf_profile_bucket_at(d->p, i);
    sum += shf_bucket_variance(d->p, &b, (shf_type)type);
  }
  return sum;
}

/*
 * An upper bound of a sum's value, for counting bytes without adding it up: its share times the
 * total has at least as many digits.
 */
static int64_t value_at_most(const shf_viewer_data *d, const shf_viewer_row *row, int type) {
  double share_sum = 0;
  for (uint32_t n = row->node; n < row->end; n = shf_profile_end(d->p, n))
    share_sum += shf__viewer_data_max_share(d, n);
  double total = (double)shf_profile_total(d->p, (shf_type)type);
  return share_sum * total < 9e18 ? (int64_t)(share_sum * total) + 1 : INT64_MAX;
}

static bool has_value(const shf_viewer_data *d, const shf_viewer_row *row, bool counting) {
  if (row->sum && counting) return true;
  for (int t = 0; t < SHF_TYPES; t++)
    if (d->types & 1u << t && value_of(d, row, t, SHF_SIDE_NONE) != 0) return true;
  return false;
}

static void find_values(shf_viewer_data *d, bool counting) {
  for (uint32_t i = 0; i < d->count; i++) d->rows[i].valued = has_value(d, &d->rows[i], counting);
}

static void write_values(shf_viewer_data *d, shf_xml *x, int type) {
  bool first = true, counting = shf__xml_counts(x);
  shf__xml_raw(x, "[");
  for (uint32_t i = 0; i < d->count; i++) {
    const shf_viewer_row *row = &d->rows[i];
    if (!row->valued) continue;
    comma(x, &first);
    int64_t value =
        row->sum && counting ? value_at_most(d, row, type) : value_of(d, row, type, d->side);
    shf__xml_u64(x, value > 0 ? (uint64_t)value : 0);
  }
  shf__xml_raw(x, "]");
}

/* Variances of self and total between runs, by node. */
static bool find_run_variance(shf_viewer_data *d, int type) {
  for (int total = 0; total < 2 && !d->code; total++) {
    if (!d->run_variance[total])
      d->run_variance[total] = malloc(shf_profile_nodes(d->p) * sizeof *d->run_variance[total]);
    d->code = d->run_variance[total] ? shf_profile_change_variances(d->p, (shf_type)type, !total,
                                                                    d->run_variance[total])
                                     : SHF_E_NOMEM;
  }
  return !d->code;
}

static void write_variances(shf_viewer_data *d, shf_xml *x, int type) {
  bool first = true, counting = shf__xml_counts(x);
  shf__xml_raw(x, "[");
  bool known = d->varies[type] && (counting || !d->runs || find_run_variance(d, type));
  for (uint32_t i = 0; known && i < d->count; i++) {
    const shf_viewer_row *row = &d->rows[i];
    if (!row->valued) continue;
    comma(x, &first);
    if (counting && (row->sum || d->runs))
      shf__xml_raw(x, "123e45");
    else
      shf__xml_rounded(x, variance_of(d, row, type));
  }
  shf__xml_raw(x, "]");
}

/* Of the root and each row: the variance of the runs' totals. */
static void write_total_variances(shf_viewer_data *d, shf_xml *x, int type) {
  bool counting = shf__xml_counts(x);
  shf__xml_raw(x, "[");
  bool known = d->varies[type] && (counting || find_run_variance(d, type));
  for (uint32_t i = 0; known && i <= d->count; i++) {
    if (i) shf__xml_raw(x, ",");
    if (counting)
      shf__xml_raw(x, "123e45");
    else if (i && d->rows[i - 1].sum)
      shf__xml_raw(x, "0");
    else
      shf__xml_rounded(x, d->run_variance[1][i ? d->rows[i - 1].node : 0]);
  }
  shf__xml_raw(x, "]");
}

/* One item for each known type, in order. */
static void write_per_type(shf_viewer_data *d, shf_xml *x,
                           void (*write)(shf_viewer_data *d, shf_xml *x, int type)) {
  bool first = true;
  shf__xml_raw(x, "[");
  for (int t = 0; t < SHF_TYPES; t++) {
    if (!(d->types & 1u << t)) continue;
    comma(x, &first);
    write(d, x, t);
  }
  shf__xml_raw(x, "]");
}

static void write_side(shf_viewer_data *d, shf_xml *x, const char *name, enum shf_side side) {
  shf__svg_key(x, name);
  d->side = side;
  write_per_type(d, x, write_values);
  d->side = SHF_SIDE_NONE;
}

static void write_type_name(shf_viewer_data *d, shf_xml *x, int type) {
  (void)d;
  shf__xml_json(x, shf_str_of(shf_type_name((shf_type)type)));
}

/* The number of rows without a value before each row that has one. */
static void write_gaps(const shf_viewer_data *d, shf_xml *x) {
  bool first = true;
  uint32_t gap = 0;
  shf__xml_raw(x, "[");
  for (uint32_t i = 0; i < d->count; i++) {
    if (!d->rows[i].valued) {
      gap++;
      continue;
    }
    comma(x, &first);
    shf__xml_u64(x, gap);
    gap = 0;
  }
  shf__xml_raw(x, "]");
}

static void write_ups(const shf_viewer_data *d, shf_xml *x) {
  bool first = true;
  shf__xml_raw(x, "[");
  for (uint32_t i = 0; i < d->count; i++) {
    comma(x, &first);
    shf__xml_u64(x, d->rows[i].up);
  }
  shf__xml_raw(x, "]");
}

/* Numbers of frames; 0 for a sum. */
static void write_frame_numbers(const shf_viewer_data *d, shf_xml *x) {
  bool first = true;
  shf__xml_raw(x, "[");
  for (uint32_t i = 0; i < d->count; i++) {
    const shf_viewer_row *row = &d->rows[i];
    comma(x, &first);
    shf__xml_u64(x, row->sum ? 0 : d->frame[shf_profile_frame_of(d->p, row->node)]);
  }
  shf__xml_raw(x, "]");
}

/* The number of frames of each sum. */
static void write_sums(const shf_viewer_data *d, shf_xml *x) {
  bool first = true;
  shf__xml_raw(x, "[");
  for (uint32_t i = 0; i < d->count; i++) {
    const shf_viewer_row *row = &d->rows[i];
    if (!row->sum) continue;
    comma(x, &first);
    shf__xml_u64(x, row->end - row->node);
  }
  shf__xml_raw(x, "]");
}

/* ---- Frames and strings ---------------------------------------------------------- */

static void number_string(shf_viewer_data *d, uint32_t string, uint32_t *count) {
  if (d->string[string] == 0) d->string[string] = ++*count;
}

/* Numbers frames and strings by first use; 0 is the empty string. */
static void number_all(shf_viewer_data *d) {
  uint32_t frames = shf_profile_frames(d->p), strings = shf_profile_strings(d->p);
  for (uint32_t f = 0; f < frames; f++) d->frame[f] = 0;
  for (uint32_t s = 0; s < strings; s++) d->string[s] = 0;
  uint32_t texts = 0;
  d->frames = 0;
  for (uint32_t i = 0; i < d->count; i++) {
    if (d->rows[i].sum) continue;
    uint32_t frame = shf_profile_frame_of(d->p, d->rows[i].node);
    if (d->frame[frame]) continue;
    d->numbered[d->frames] = frame;
    d->frame[frame] = ++d->frames;
    const shf_frame *f = shf_profile_frame_at(d->p, frame);
    if (f->name) number_string(d, f->name, &texts);
    if (f->file) number_string(d, f->file, &texts);
  }
}

/* Walks the frames in the order in which strings were numbered. */
static void write_strings(const shf_viewer_data *d, shf_xml *x) {
  uint32_t texts = 0;
  shf__xml_raw(x, "[\"\"");
  for (uint32_t i = 0; i < d->frames; i++) {
    const shf_frame *f = shf_profile_frame_at(d->p, d->numbered[i]);
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

static uint64_t field_of(const shf_viewer_data *d, const shf_svg *svg, uint32_t frame,
                         field which) {
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
  return d->only ? svg->paint[frame] : shf__paint_of(d->p, frame, svg->scheme);
}

static void write_field(const shf_viewer_data *d, const shf_svg *svg, shf_xml *x, field which) {
  shf__xml_raw(x, "[");
  for (uint32_t i = 0; i < d->frames; i++) {
    if (i) shf__xml_raw(x, ",");
    shf__xml_u64(x, field_of(d, svg, d->numbered[i], which));
  }
  shf__xml_raw(x, "]");
}

/* "app", "package" …, as a digit for each frame. */
static void write_categories(const shf_viewer_data *d, shf_xml *x) {
  bool counting = shf__xml_counts(x);
  shf__xml_raw(x, "\"");
  for (uint32_t i = 0; i < d->frames; i++) {
    char digit = counting ? '0' : (char)('0' + shf_frame_category(d->p, d->numbered[i], NULL));
    shf__xml_bytes(x, &digit, 1);
  }
  shf__xml_raw(x, "\"");
}

/* ---- Everything ------------------------------------------------------------------ */

void shf__viewer_data_write(shf_viewer_data *d, const shf_svg *svg, shf_xml *x) {
  static const struct {
    const char *key;
    field which;
  } fields[] = {
      {"name", NAME}, {"file", FILE_OF}, {"line", LINE}, {"column", COLUMN}, {"paint", PAINT}};
  number_all(d);
  find_values(d, shf__xml_counts(x));
  shf__xml_raw(x, "<metadata id=\"data\">{\"version\":1");
  shf__svg_meta(svg, x);
  shf__svg_key(x, "types");
  write_per_type(d, x, write_type_name);
  shf__svg_key(x, "strings");
  write_strings(d, x);
  for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
    shf__svg_key(x, fields[i].key);
    write_field(d, svg, x, fields[i].which);
  }
  shf__svg_key(x, "category");
  write_categories(d, x);
  shf__svg_key(x, "up");
  write_ups(d, x);
  shf__svg_key(x, "frame");
  write_frame_numbers(d, x);
  shf__svg_key(x, "sums");
  write_sums(d, x);
  shf__svg_key(x, "gap");
  write_gaps(d, x);
  if (shf__layout_compares(&svg->layout)) {
    write_side(d, x, "before", SHF_SIDE_BEFORE);
    write_side(d, x, "after", SHF_SIDE_AFTER);
  } else {
    shf__svg_key(x, "self");
    write_per_type(d, x, write_values);
  }
  shf__svg_key(x, "variance");
  write_per_type(d, x, write_variances);
  if (d->runs) {
    shf__svg_key(x, "totalVariance");
    write_per_type(d, x, write_total_variances);
  }
  shf__viewer_data_lines(d, x);
  if (!shf__layout_compares(&svg->layout)) {
    shf__svg_key(x, "rest");
    shf__pruned_write(d, x);
  }
  shf__xml_raw(x, "}</metadata>\n");
}
