/*
 * A difference as JSON, for programs.
 *
 * {"version":1,"kind":"difference",
 *  "meta":{…},"sources":[{…,"side":"before"|"after"}],"types":[name],   as in the report
 *  "type":name,                 what the functions are ordered by
 *  "runs":{"before":n,"after":n},
 *  "totals":{type:change},
 *  "functions":[{"name":text,"file":text,"line":n,"column":n,
 *                "self":{type:change},"total":{type:change}}]}
 *
 * A change is {"before":n,"after":n,"error":n,"verdict":"grew"|"shrank"|"within noise"}. For
 * several runs values are means; the error is one standard error of after - before. Functions with
 * values of the requested type come first, the largest change of self first, then those with values
 * of other types only: at most `rows` in all.
 */
#include <stdlib.h>

#include "format/table/diff_table.h"
#include "format/table/json_parts.h"

typedef struct writer {
  const shf_profile *p;
  const shf_listing_options *o;
  shf_sink *sink;
  uint32_t types;
  shf_change *rows[SHF_TYPES];
  uint32_t count[SHF_TYPES];
  uint32_t *at[SHF_TYPES]; /* row f: row of frame f, plus 1; 0: none */
} writer;

static void write_change(const writer *w, shf_type type, bool comma, const int64_t *values,
                         double variance) {
  shf__json_key(w->sink, shf_type_name(type), comma);
  shf_sink_puts(w->sink, "{\"before\":");
  shf_sink_i64(w->sink, values[0]);
  shf__json_key(w->sink, "after", true);
  shf_sink_i64(w->sink, values[1]);
  shf__json_key(w->sink, "error", true);
  shf__json_error(w->sink, variance);
  shf__json_key(w->sink, "verdict", true);
  shf_sink_puts(w->sink, "\"");
  shf_sink_puts(w->sink, shf_verdict_name(shf_change_verdict(values[0], values[1], variance)));
  shf_sink_puts(w->sink, "\"}");
}

static int write_totals(const writer *w) {
  shf_figure f[2] = {{0, 0, 0, 1}, {0, 0, 0, 1}};
  bool comma = false;
  int code = shf_profile_figures(w->p, w->o->type, f);
  shf_sink_puts(w->sink, "\"runs\":{\"before\":");
  shf_sink_u64(w->sink, f[0].runs);
  shf__json_key(w->sink, "after", true);
  shf_sink_u64(w->sink, f[1].runs);
  shf_sink_puts(w->sink, "},\n\"totals\":{");
  for (int t = 0; t < SHF_TYPES && !code; t++) {
    if (!(w->types & 1u << t)) continue;
    code = shf_profile_figures(w->p, (shf_type)t, f);
    const int64_t values[2] = {f[0].value, f[1].value};
    write_change(w, (shf_type)t, comma, values, f[0].variance + f[1].variance);
    comma = true;
  }
  shf_sink_puts(w->sink, "},\n\"functions\":[");
  return code;
}

static void write_changes(const writer *w, uint32_t frame, bool self) {
  static const shf_change none = {0};
  bool comma = false;
  shf__json_key(w->sink, self ? "self" : "total", true);
  shf_sink_puts(w->sink, "{");
  for (int t = 0; t < SHF_TYPES; t++) {
    if (!(w->types & 1u << t)) continue;
    const shf_change *c = w->at[t][frame] ? &w->rows[t][w->at[t][frame] - 1] : &none;
    const double *variance = self ? c->self_variance : c->total_variance;
    write_change(w, (shf_type)t, comma, self ? c->self : c->total, variance[0] + variance[1]);
    comma = true;
  }
  shf_sink_puts(w->sink, "}");
}

static void write_function(const writer *w, uint32_t frame, bool comma) {
  shf_sink_puts(w->sink, comma ? ",\n{" : "\n{");
  shf__json_place(w->p, frame, w->sink);
  write_changes(w, frame, true);
  write_changes(w, frame, false);
  shf_sink_puts(w->sink, "}");
}

/* Whether a frame was already written before the rows of `type`; the requested type is first. */
static bool is_written(const writer *w, int type, uint32_t frame) {
  if (w->at[w->o->type][frame]) return true;
  for (int t = 0; t < type; t++)
    if (w->types & 1u << t && w->at[t][frame]) return true;
  return false;
}

static void write_functions(const writer *w) {
  uint32_t limit = w->o->rows ? w->o->rows : UINT32_MAX, written = 0;
  shf_type requested = w->o->type;
  for (uint32_t i = 0; i < w->count[requested] && written < limit; i++)
    write_function(w, w->rows[requested][i].frame, written++ > 0);
  for (int t = 0; t < SHF_TYPES; t++) {
    for (uint32_t i = 0; i < w->count[t] && written < limit; i++) {
      uint32_t frame = w->rows[t][i].frame;
      if (!is_written(w, t, frame)) write_function(w, frame, written++ > 0);
    }
  }
}

static int find_changes(writer *w) {
  int code = SHF_OK;
  for (int t = 0; t < SHF_TYPES && !code; t++) {
    if (!(w->types & 1u << t)) continue;
    w->at[t] = calloc((size_t)shf_profile_frames(w->p) + 1, sizeof *w->at[t]);
    code =
        w->at[t] ? shf_profile_changes(w->p, (shf_type)t, &w->rows[t], &w->count[t]) : SHF_E_NOMEM;
    for (uint32_t i = 0; !code && i < w->count[t]; i++) w->at[t][w->rows[t][i].frame] = i + 1;
  }
  return code;
}

static int write_all(writer *w) {
  int code = find_changes(w);
  if (code) return code;
  shf_sink_puts(w->sink, "{\"version\":1,\"kind\":\"difference\",\n\"meta\":{");
  shf__json_meta(w->p, w->sink);
  shf_sink_puts(w->sink, "},\n\"sources\":[");
  shf__json_sources(w->p, w->sink);
  shf_sink_puts(w->sink, "],\n\"types\":[");
  shf__json_types(w->types, w->sink);
  shf_sink_puts(w->sink, "],\n\"type\":\"");
  shf_sink_puts(w->sink, shf_type_name(w->o->type));
  shf_sink_puts(w->sink, "\",\n");
  code = write_totals(w);
  if (code) return code;
  write_functions(w);
  return shf_sink_puts(w->sink, "]}\n");
}

int shf_diff_json_write(const shf_profile *p, const shf_listing_options *o, shf_sink *sink) {
  writer w = {.p = p, .o = o, .sink = sink, .types = shf_profile_types(p)};
  if ((unsigned)o->type >= SHF_TYPES || !shf_profile_is_diff(p)) return SHF_E_ARG;
  if (!(w.types & 1u << o->type)) return SHF_E_ABSENT;
  int code = write_all(&w);
  for (int t = 0; t < SHF_TYPES; t++) {
    free(w.rows[t]);
    free(w.at[t]);
  }
  return code;
}
