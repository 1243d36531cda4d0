#include "format/table/leak_lines.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/str.h"
#include "format/table/json_parts.h"
#include "text/number.h"

/* A second type is worth naming from this part on, a label's value from that one on. */
static const double TYPE_PART = 0.2, LABEL_PART = 0.6;

typedef struct view {
  const shf_profile *p;
  shf_leak leaks[SHF_LEAKS];
  uint32_t count;
  uint32_t *frames; /* of each bucket: the function that it counts for */
  int64_t *ages;    /* of each set of labels */
  double *of_set;   /* bytes of a leak by set */
  double *of_text;  /* bytes of a leak by the text of one label */
  uint32_t *keys, nkeys;
} view;

static void close_view(view *v) {
  free(v->frames);
  free(v->ages);
  free(v->of_set);
  free(v->of_text);
  free(v->keys);
}

static int open_view(view *v, const shf_profile *p, double min_seconds) {
  *v = (view){.p = p};
  int code = shf_profile_leaks(p, min_seconds, v->leaks, &v->count);
  if (code || v->count == 0) return code;
  uint32_t sets = shf_profile_label_sets(p);
  v->frames = malloc(((size_t)shf_profile_buckets(p) + 1) * sizeof *v->frames);
  v->ages = malloc(sets * sizeof *v->ages);
  v->of_set = calloc(sets, sizeof *v->of_set);
  v->of_text = calloc(shf_profile_strings(p), sizeof *v->of_text);
  code = v->frames && v->ages && v->of_set && v->of_text ? SHF_OK : SHF_E_NOMEM;
  if (!code) code = shf_profile_leak_frames(p, v->frames);
  if (!code) code = shf_profile_label_keys(p, &v->keys, &v->nkeys);
  if (!code) shf_profile_ages(p, v->ages);
  return code;
}

/* Sums up what a leak has in use by its labels. */
static void choose(view *v, const shf_leak *leak) {
  memset(v->of_set, 0, shf_profile_label_sets(v->p) * sizeof *v->of_set);
  for (uint32_t i = 0; i < shf_profile_buckets(v->p); i++) {
    const shf_bucket b = shf_profile_bucket_at(v->p, i);
    bool counts =
        v->frames[i] == leak->frame || (v->frames[i] == leak->caller && leak->caller != SHF_NONE);
    if (counts && v->ages[b.labels] >= 0) v->of_set[b.labels] += (double)b.value[SHF_INUSE_SPACE];
  }
}

/* The text of a label's two largest values, 0: none, and their parts of the leak. */
typedef struct values {
  uint32_t text[2];
  double part[2];
} values;

static values largest_values(view *v, uint32_t key) {
  values top = {{0, 0}, {0, 0}};
  double all = 0;
  memset(v->of_text, 0, shf_profile_strings(v->p) * sizeof *v->of_text);
  for (uint32_t set = 0; set < shf_profile_label_sets(v->p); set++) {
    uint32_t count;
    const shf_label *labels = shf_profile_labels_of(v->p, set, &count);
    all += v->of_set[set];
    for (uint32_t i = 0; i < count; i++)
      if (labels[i].key == key && labels[i].text) v->of_text[labels[i].text] += v->of_set[set];
  }
  for (uint32_t text = 1; text < shf_profile_strings(v->p) && all > 0; text++) {
    double part = v->of_text[text] / all;
    if (part <= top.part[1]) continue;
    bool first = part > top.part[0];
    if (first) {
      top.text[1] = top.text[0];
      top.part[1] = top.part[0];
    }
    top.text[!first] = text;
    top.part[!first] = part;
  }
  return top;
}

static bool is_type(const view *v, uint32_t key) {
  return shf__str_equals(shf_profile_text(v->p, key), SHF_LABEL_TYPE);
}

/* ---- Text */

static void add_place(const view *v, uint32_t frame, shf_str cwd, shf__builder *out) {
  const shf_frame *f = shf_profile_frame_at(v->p, frame);
  shf_str name = shf_frame_name(v->p, frame);
  shf_str path = shf__path_below(shf_frame_path(v->p, frame), cwd);
  char number[SHF__NUMBER];
  if (name.len)
    shf__builder_line(out, name);
  else
    shf__builder_puts(out, "(anonymous)");
  if (path.len == 0) return;
  shf__builder_puts(out, " (");
  shf__builder_line(out, path);
  if (f->line > 0) {
    shf__builder_puts(out, ":");
    shf__builder_add(out, number, shf__number_plain(number, f->line));
  }
  shf__builder_puts(out, ")");
}

/* `, +1.2 MB a minute ± 0.2` */
static void add_rate(const shf_leak *leak, shf__builder *out) {
  static const char *const units[] = {"B", "kB", "MB", "GB", "TB"};
  double rate = leak->rate * 60, error = leak->rate_error * 60;
  char text[SHF__NUMBER];
  size_t unit = 0;
  for (; rate >= 999.95 && unit < 4; unit++) {
    rate /= 1000;
    error /= 1000;
  }
  shf__number_tenths(text, rate);
  shf__builder_puts(out, ", +");
  shf__builder_puts(out, text);
  shf__builder_puts(out, " ");
  shf__builder_puts(out, units[unit]);
  shf__builder_puts(out, " a minute \xC2\xB1 ");
  shf__number_tenths(text, fmax(error, 0.1));
  shf__builder_puts(out, text);
}

static void add_duration(double seconds, shf__builder *out) {
  const char *unit = "seconds";
  char number[SHF__NUMBER];
  if (seconds >= 7200) {
    seconds /= 3600;
    unit = "hours";
  } else if (seconds >= 120) {
    seconds /= 60;
    unit = "minutes";
  }
  shf__number_plain(number, llround(seconds));
  shf__builder_puts(out, ", steady over ");
  shf__builder_puts(out, number);
  shf__builder_puts(out, " ");
  shf__builder_puts(out, unit);
}

static void add_types(view *v, shf__builder *out) {
  for (uint32_t k = 0; k < v->nkeys; k++) {
    if (!is_type(v, v->keys[k])) continue;
    const values top = largest_values(v, v->keys[k]);
    for (int i = 0; i < 2 && top.text[i]; i++) {
      if (i && top.part[i] < TYPE_PART) break;
      shf__builder_puts(out, i ? " and " : ", ");
      shf__builder_line(out, shf_profile_text(v->p, top.text[i]));
    }
  }
}

/* `, from POST /login (93 %)`: the values that most of it has. Those of http need no key. */
static void add_labels(view *v, shf__builder *out) {
  double least = 1;
  bool any = false, http = false;
  char number[SHF__NUMBER];
  for (uint32_t k = 0; k < v->nkeys; k++) {
    shf_str key = shf_profile_text(v->p, v->keys[k]);
    const values top = largest_values(v, v->keys[k]);
    if (is_type(v, v->keys[k]) || !top.text[0] || top.part[0] < LABEL_PART) continue;
    bool is_http = shf__str_begins(key, "http.");
    shf__builder_puts(out, !any ? ", from " : http && is_http ? " " : ", ");
    if (!is_http) {
      shf__builder_line(out, key);
      shf__builder_puts(out, " ");
    }
    shf__builder_line(out, shf_profile_text(v->p, top.text[0]));
    least = fmin(least, top.part[0]);
    any = true;
    http = is_http;
  }
  if (!any) return;
  shf__number_plain(number, llround(100 * least));
  shf__builder_puts(out, " (");
  shf__builder_puts(out, number);
  shf__builder_puts(out, " %)");
}

int shf__leak_lines(const shf_profile *p, shf_str cwd, double min_seconds, shf__builder *out) {
  view v;
  int code = open_view(&v, p, min_seconds);
  for (uint32_t i = 0; i < v.count && !code; i++) {
    choose(&v, &v.leaks[i]);
    shf__builder_puts(out, "likely leaks: ");
    add_place(&v, v.leaks[i].frame, cwd, out);
    if (v.leaks[i].caller != SHF_NONE) {
      shf__builder_puts(out, ", inlined into ");
      add_place(&v, v.leaks[i].caller, cwd, out);
    }
    add_types(&v, out);
    add_rate(&v.leaks[i], out);
    add_labels(&v, out);
    add_duration(v.leaks[i].seconds, out);
    shf__builder_puts(out, "\n");
    code = out->code;
  }
  close_view(&v);
  return code;
}

/* ---- JSON */

static void write_values(view *v, shf_sink *sink) {
  bool comma = false;
  shf__json_key(sink, "labels", true);
  shf_sink_puts(sink, "{");
  for (uint32_t k = 0; k < v->nkeys; k++) {
    const values top = largest_values(v, v->keys[k]);
    if (!top.text[0]) continue;
    if (comma) shf_sink_puts(sink, ",");
    shf__json_string(sink, shf_profile_text(v->p, v->keys[k]));
    shf_sink_puts(sink, ":[");
    for (int i = 0; i < 2 && top.text[i]; i++) {
      char part[SHF__NUMBER];
      shf_sink_puts(sink, i ? ",{" : "{");
      shf__json_key(sink, "value", false);
      shf__json_string(sink, shf_profile_text(v->p, top.text[i]));
      shf__json_key(sink, "percent", true);
      shf__number_tenths(part, 100 * top.part[i]);
      shf_sink_puts(sink, part);
      shf_sink_puts(sink, "}");
    }
    shf_sink_puts(sink, "]");
    comma = true;
  }
  shf_sink_puts(sink, "}");
}

static void write_leak(view *v, const shf_leak *leak, shf_sink *sink) {
  char number[SHF__NUMBER];
  choose(v, leak);
  shf_sink_puts(sink, "{");
  shf__json_place(v->p, leak->frame, sink);
  if (leak->caller != SHF_NONE) {
    shf__json_key(sink, "inlined_into", true);
    shf_sink_puts(sink, "{");
    shf__json_place(v->p, leak->caller, sink);
    shf_sink_puts(sink, "}");
  }
  shf__json_key(sink, "bytes_per_minute", true);
  shf__number_tenths(number, leak->rate * 60);
  shf_sink_puts(sink, number);
  shf__json_key(sink, "error", true);
  shf__number_tenths(number, leak->rate_error * 60);
  shf_sink_puts(sink, number);
  shf__json_key(sink, "seconds", true);
  shf__number_tenths(number, leak->seconds);
  shf_sink_puts(sink, number);
  write_values(v, sink);
  shf_sink_puts(sink, "}");
}

int shf__leak_json(const shf_profile *p, shf_sink *sink) {
  view v;
  int code = open_view(&v, p, SHF_LEAK_SECONDS);
  for (uint32_t i = 0; i < v.count && !code; i++) {
    shf_sink_puts(sink, i ? ",\n" : ",\n\"leaks\":[");
    write_leak(&v, &v.leaks[i], sink);
  }
  if (v.count && !code) code = shf_sink_puts(sink, "]");
  close_view(&v);
  return code;
}
