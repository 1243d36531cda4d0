/*
 * Writes the report as JSON, for programs.
 *
 * {"version":1,
 *  "meta":{key:text},           all meta lines except internal ones
 *  "sources":[{"kind":"heap"|"offheap","interval":bytes or 0,"gc":"forced"|"none"|"unknown",
 *              "since_ms":Unix ms or 0,"pid":n,"thread":n,"depth":n,
 *              "run":n}],       only for several runs of one program
 *  "types":[name],              the known types, in Go's order
 *  "totals":{type:{"value":n,"error":n}},
 *  "memory":{"rss":n,"rss_start":n,"rss_peak":n,   of the process, if known
 *            "heap":n,"heap_sampled":n,"off_heap":n,"external":n,"code":n,"native":n},
 *  "functions":[{"name":text,"file":text,"line":n,"column":n,
 *                "self":{type:n},"total":{type:n},
 *                "self_error":{type:n},"total_error":{type:n},
 *                "stays":text,"age":{"min":n,"low":n,"median":n,"high":n,"max":n},
 *                "lines":[{"line":n,"self":{type:n},"total":{type:n},"self_error":{type:n}}]}],
 *  "labels":{key:[{"value":text,"total":{type:n},"error":{type:n}}]},
 *  "leaks":[{"name":text,"file":text,"line":n,"column":n,"inlined_into":{"name":text,…},
 *            "bytes_per_minute":n,"error":n,
 *            "seconds":n,"labels":{key:[{"value":text,"percent":n}]}}]}
 *
 * Values are exact 64-bit integers, bytes or objects. Errors are one standard error in the same
 * unit, with one decimal. A file is a path or URL, or ""; lines and columns are 1-based, 0 if
 * unknown. "age" is that of what the function itself has in use, in seconds; a tenth of the bytes
 * is younger than "low", and a tenth is older than "high". It is absent if it is not known. "stays"
 * is "leak", "filled" or "young" (shf_stays_name), or absent. "lines" is absent if no line of the
 * function is known. "labels" is absent if there are none but ages; its rows are the values of at
 * most five labels, largest first, at most ten of each; an empty value is memory without the label.
 * "leaks" is absent if there are none; "inlined_into" is absent unless V8 inlined the function amid
 * the run; "seconds" is how long the leak was steady, and "labels" the two largest values of each
 * label, types included. Functions are ordered by the requested type, largest first, at most
 * `rows`; those without any value are left out. In "memory", rss is the sum of heap, off_heap
 * (ArrayBuffers), external (other memory that V8 counts, not sampled), code (file pages) and
 * native; native is negative if that much is not resident. heap_sampled is the estimate of what is
 * in use. "self" over all functions adds up to the total minus the root's own value.
 */
#include <math.h>
#include <stdlib.h>

#include "format/table/json_parts.h"
#include "format/table/leak_lines.h"
#include "format/table/table_model.h"
#include "profile/metadata_lines.h"
#include "text/number.h"

void shf__json_key(shf_sink *sink, const char *key, bool comma) {
  shf_sink_puts(sink, comma ? ",\"" : "\"");
  shf_sink_puts(sink, key);
  shf_sink_puts(sink, "\":");
}

void shf__json_error(shf_sink *sink, double variance) {
  char text[SHF__NUMBER];
  shf__number_tenths(text, variance > 0 ? sqrt(variance) : 0);
  shf_sink_puts(sink, text);
}

void shf__json_meta(const shf_profile *p, shf_sink *sink) {
  bool comma = false;
  for (uint32_t i = 0; i < shf_profile_metas(p); i++) {
    shf_str key, value;
    shf_profile_meta_at(p, i, &key, &value);
    if (shf_meta_is_internal(key)) continue;
    if (comma) shf_sink_puts(sink, ",");
    shf__json_string(sink, key);
    shf_sink_puts(sink, ":");
    shf__json_string(sink, value);
    comma = true;
  }
}

static void write_source(const shf_source *s, shf_sink *sink) {
  shf_sink_puts(sink, s->kind == SHF_OFFHEAP ? "{\"kind\":\"offheap\"" : "{\"kind\":\"heap\"");
  shf__json_key(sink, "interval", true);
  shf_sink_u64(sink, s->interval);
  shf__json_key(sink, "gc", true);
  shf_sink_puts(sink, s->gc == SHF_GC_FORCED ? "\"forced\""
                      : s->gc == SHF_GC_NONE ? "\"none\""
                                             : "\"unknown\"");
  shf__json_key(sink, "since_ms", true);
  shf_sink_u64(sink, s->since_ms);
  shf__json_key(sink, "pid", true);
  shf_sink_u64(sink, s->pid);
  shf__json_key(sink, "thread", true);
  shf_sink_u64(sink, s->thread);
  shf__json_key(sink, "depth", true);
  shf_sink_u64(sink, s->depth);
  if (s->side != SHF_SIDE_NONE) {
    shf__json_key(sink, "side", true);
    shf_sink_puts(sink, s->side == SHF_SIDE_BEFORE ? "\"before\"" : "\"after\"");
  }
  if (s->run) {
    shf__json_key(sink, "run", true);
    shf_sink_u64(sink, s->run);
  }
  shf_sink_puts(sink, "}");
}

void shf__json_sources(const shf_profile *p, shf_sink *sink) {
  for (uint32_t i = 0; i < shf_profile_sources(p); i++) {
    if (i) shf_sink_puts(sink, ",");
    write_source(shf_profile_source_at(p, i), sink);
  }
}

void shf__json_types(uint32_t types, shf_sink *sink) {
  bool comma = false;
  for (int t = 0; t < SHF_TYPES; t++) {
    if (!(types & 1u << t)) continue;
    shf_sink_puts(sink, comma ? ",\"" : "\"");
    shf_sink_puts(sink, shf_type_name((shf_type)t));
    shf_sink_puts(sink, "\"");
    comma = true;
  }
}

static void write_totals(const shf_profile *p, uint32_t types, shf_sink *sink) {
  bool comma = false;
  for (int t = 0; t < SHF_TYPES; t++) {
    if (!(types & 1u << t)) continue;
    shf__json_key(sink, shf_type_name((shf_type)t), comma);
    shf_sink_puts(sink, "{");
    shf__json_key(sink, "value", false);
    shf_sink_i64(sink, shf_profile_total(p, (shf_type)t));
    shf__json_key(sink, "error", true);
    shf__json_error(sink, shf_profile_variance(p, (shf_type)t));
    shf_sink_puts(sink, "}");
    comma = true;
  }
}

/* Memory of the process in bytes, if known. */
static void write_memory(const shf_profile *p, shf_sink *sink) {
  enum { START = 1, SAMPLED = 4 };
  shf__memory m;
  if (!shf__metadata_memory(p, &m)) return;
  const struct {
    const char *key;
    int64_t value;
  } rows[] = {{"rss", (int64_t)m.rss},
              {"rss_start", (int64_t)m.start},
              {"rss_peak", (int64_t)m.peak},
              {"heap", (int64_t)m.heap},
              {"heap_sampled", m.sampled},
              {"off_heap", (int64_t)m.offheap},
              {"external", (int64_t)m.external},
              {"code", (int64_t)m.code},
              {"native", m.native}};
  shf_sink_puts(sink, "\n\"memory\":{");
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    bool absent = (i == START && !m.start) || (i == SAMPLED && m.sampled < 0);
    if (absent) continue;
    shf__json_key(sink, rows[i].key, i > 0);
    shf_sink_i64(sink, rows[i].value);
  }
  shf_sink_puts(sink, "},");
}

/* The values of a function by type or, if these are NULL, the errors. */
static void write_figures(const char *key, const int64_t *values, const double *variances,
                          uint32_t types, shf_sink *sink) {
  bool comma = false;
  shf__json_key(sink, key, true);
  shf_sink_puts(sink, "{");
  for (int t = 0; t < SHF_TYPES; t++) {
    if (!(types & 1u << t)) continue;
    shf__json_key(sink, shf_type_name((shf_type)t), comma);
    if (values)
      shf_sink_i64(sink, values[t]);
    else
      shf__json_error(sink, variances[t]);
    comma = true;
  }
  shf_sink_puts(sink, "}");
}

static bool has_figures(const shf_row *row, uint32_t types) {
  for (int t = 0; t < SHF_TYPES; t++) {
    if (types & 1u << t && (row->self[t] != 0 || row->total[t] != 0)) return true;
  }
  return false;
}

void shf__json_place(const shf_profile *p, uint32_t frame, shf_sink *sink) {
  const shf_frame *f = shf_profile_frame_at(p, frame);
  shf__json_key(sink, "name", false);
  shf__json_string(sink, shf_frame_name(p, frame));
  shf__json_key(sink, "file", true);
  shf__json_string(sink, shf_frame_path(p, frame));
  shf__json_key(sink, "line", true);
  shf_sink_i64(sink, f->line > 0 ? f->line : 0);
  shf__json_key(sink, "column", true);
  shf_sink_i64(sink, f->column > 0 ? f->column : 0);
}

static void write_lines(const shf_profile *p, uint32_t frame, uint32_t types, shf_sink *sink) {
  uint32_t first, end;
  shf_profile_lines_of(p, frame, &first, &end);
  if (first == end) return;
  shf__json_key(sink, "lines", true);
  for (uint32_t i = first; i < end; i++) {
    const shf_line *line = shf_profile_line_at(p, i);
    shf_sink_puts(sink, i == first ? "[{" : ",{");
    shf__json_key(sink, "line", false);
    shf_sink_i64(sink, line->line);
    write_figures("self", line->self, NULL, types, sink);
    write_figures("total", line->total, NULL, types, sink);
    write_figures("self_error", NULL, line->self_variance, types, sink);
    shf_sink_puts(sink, "}");
  }
  shf_sink_puts(sink, "]");
}

static void write_age(const shf_age_range *age, shf_sink *sink) {
  const struct {
    const char *key;
    int64_t seconds;
  } parts[] = {{"min", age->min},
               {"low", age->low},
               {"median", age->median},
               {"high", age->high},
               {"max", age->max}};
  if (shf_stays_name(age->stays)) {
    shf__json_key(sink, "stays", true);
    shf__json_string(sink, shf_str_of(shf_stays_name(age->stays)));
  }
  if (age->min < 0) return;
  shf__json_key(sink, "age", true);
  shf_sink_puts(sink, "{");
  for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
    shf__json_key(sink, parts[i].key, i > 0);
    shf_sink_i64(sink, parts[i].seconds);
  }
  shf_sink_puts(sink, "}");
}

static void write_function(const shf_profile *p, const shf_row *row, const shf_age_range *age,
                           uint32_t types, shf_sink *sink) {
  shf_sink_puts(sink, "{");
  shf__json_place(p, row->frame, sink);
  write_figures("self", row->self, NULL, types, sink);
  write_figures("total", row->total, NULL, types, sink);
  write_figures("self_error", NULL, row->self_variance, types, sink);
  write_figures("total_error", NULL, row->total_variance, types, sink);
  write_age(age, sink);
  write_lines(p, row->frame, types, sink);
  shf_sink_puts(sink, "}");
}

static int write_functions(const shf_profile *p, const shf_row *rows, uint32_t count,
                           uint32_t types, uint32_t limit, shf_sink *sink) {
  uint32_t written = 0;
  uint32_t *frames = malloc(((size_t)count + 1) * sizeof *frames);
  shf_age_range *ages = malloc(((size_t)count + 1) * sizeof *ages);
  int code = frames && ages ? SHF_OK : SHF_E_NOMEM;
  for (uint32_t i = 0; i < count && !code; i++) frames[i] = rows[i].frame;
  if (!code) code = shf_profile_age_ranges(p, frames, count, ages);
  for (uint32_t i = 0; i < count && !code && !(limit && written == limit); i++) {
    if (!has_figures(&rows[i], types)) continue;
    shf_sink_puts(sink, written ? ",\n" : "\n");
    write_function(p, &rows[i], &ages[i], types, sink);
    written++;
    code = shf_sink_code(sink);
  }
  free(frames);
  free(ages);
  return code;
}

/* The value in a frame `KEY: value`; empty: `(no KEY)`. */
static shf_str label_value(const shf__table *table, uint32_t frame) {
  shf_str name = shf_frame_name(table->p, frame);
  size_t before = table->key.len + 2;
  bool labelled = name.len > before && memcmp(name.ptr, table->key.ptr, table->key.len) == 0 &&
                  name.ptr[table->key.len] == ':';
  return labelled ? (shf_str){name.ptr + before, name.len - before} : shf_str_of("");
}

typedef struct label_writer {
  shf_sink *sink;
  bool comma;
} label_writer;

static int write_label(void *self, const shf__table *table) {
  label_writer *w = self;
  shf_sink_puts(w->sink, w->comma ? "],\n" : ",\n\"labels\":{");
  shf__json_string(w->sink, table->key);
  shf_sink_puts(w->sink, ":[");
  for (uint32_t i = 0; i < table->shown; i++) {
    const shf_row *row = &table->rows[i];
    shf_sink_puts(w->sink, i ? ",\n{" : "\n{");
    shf__json_key(w->sink, "value", false);
    shf__json_string(w->sink, label_value(table, row->frame));
    write_figures("total", row->self, NULL, table->types, w->sink);
    write_figures("error", NULL, row->self_variance, table->types, w->sink);
    shf_sink_puts(w->sink, "}");
  }
  w->comma = true;
  return shf_sink_code(w->sink);
}

static int write_labels(const shf_profile *p, const shf_listing_options *o, shf_sink *sink) {
  label_writer w = {sink, false};
  int code = shf__table_labels(p, o, write_label, &w);
  if (w.comma) shf_sink_puts(sink, "]}");
  return code;
}

int shf_json_write(const shf_profile *p, const shf_listing_options *o, shf_sink *sink) {
  if ((unsigned)o->type >= SHF_TYPES) return SHF_E_ARG;
  uint32_t types = shf_profile_types(p), count = 0;
  if (!(types & 1u << o->type)) return SHF_E_ABSENT;
  shf_row *rows = NULL;
  int code = shf_profile_rows(p, o->type, &rows, &count);
  if (code != SHF_OK) return code;
  shf_sink_puts(sink, "{\"version\":1,\n\"meta\":{");
  shf__json_meta(p, sink);
  shf_sink_puts(sink, "},\n\"sources\":[");
  shf__json_sources(p, sink);
  shf_sink_puts(sink, "],\n\"types\":[");
  shf__json_types(types, sink);
  shf_sink_puts(sink, "],\n\"totals\":{");
  write_totals(p, types, sink);
  shf_sink_puts(sink, "},");
  write_memory(p, sink);
  shf_sink_puts(sink, "\n\"functions\":[");
  code = write_functions(p, rows, count, types, o->rows, sink);
  free(rows);
  shf_sink_puts(sink, "]");
  if (!code) code = write_labels(p, o, sink);
  if (!code) code = shf__leak_json(p, sink);
  return code ? code : shf_sink_puts(sink, "}\n");
}
