/* Writes the lines of functions into the viewer's data, as JSON columns. */
#include "viewer_rows.h"

/* A line is written if its total is at least this share of the whole, of any type. */
static const double MIN_SHARE = 0.001;

static bool is_written(const shf_viewer_data *d, const shf_line *line) {
  if (line->line <= 0 || d->frame[line->frame] == 0) return false;
  for (int t = 0; t < SHF_TYPES; t++) {
    if (!(d->types & 1u << t) || line->total[t] <= 0) continue;
    if ((double)line->total[t] >= MIN_SHARE * (double)shf_profile_total(d->p, (shf_type)t))
      return true;
  }
  return false;
}

typedef int64_t field_of(const shf_viewer_data *d, const shf_line *line, int type);

static int64_t frame_number(const shf_viewer_data *d, const shf_line *line, int type) {
  (void)type;
  return d->frame[line->frame];
}

static int64_t line_number(const shf_viewer_data *d, const shf_line *line, int type) {
  (void)d;
  (void)type;
  return line->line;
}

static int64_t self_of(const shf_viewer_data *d, const shf_line *line, int type) {
  (void)d;
  return line->self[type];
}

static int64_t total_of(const shf_viewer_data *d, const shf_line *line, int type) {
  (void)d;
  return line->total[type];
}

static void write_column(const shf_viewer_data *d, shf_xml *x, field_of *field, int type,
                         bool rounded) {
  bool first = true;
  shf__xml_raw(x, "[");
  for (uint32_t i = 0; i < shf_profile_lines(d->p); i++) {
    const shf_line *line = shf_profile_line_at(d->p, i);
    if (!is_written(d, line)) continue;
    if (!first) shf__xml_raw(x, ",");
    first = false;
    int64_t value = field(d, line, type);
    if (rounded)
      shf__xml_rounded(x, value > 0 ? (double)value : 0);
    else
      shf__xml_u64(x, (uint64_t)value);
  }
  shf__xml_raw(x, "]");
}

static void write_per_type(const shf_viewer_data *d, shf_xml *x, const char *key, field_of *field) {
  bool first = true;
  shf__xml_raw(x, key);
  for (int t = 0; t < SHF_TYPES; t++) {
    if (!(d->types & 1u << t)) continue;
    shf__xml_raw(x, first ? "[" : ",");
    first = false;
    write_column(d, x, field, t, true);
  }
  shf__xml_raw(x, "]");
}

void shf__viewer_data_lines(const shf_viewer_data *d, shf_xml *x) {
  if (shf_profile_lines(d->p) == 0) return;
  shf__svg_key(x, "lines");
  shf__xml_raw(x, "{\"frame\":");
  write_column(d, x, frame_number, 0, false);
  shf__xml_raw(x, ",\"line\":");
  write_column(d, x, line_number, 0, false);
  write_per_type(d, x, ",\"self\":", self_of);
  write_per_type(d, x, ",\"total\":", total_of);
  shf__xml_raw(x, "}");
}
