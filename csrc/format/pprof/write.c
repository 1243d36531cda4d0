/*
 * Writes profile.proto: samples in the profile's order, then the tables that they refer to; the
 * string table comes last, when all of its strings are known.
 *
 * Nothing of unknown length is held back: the size of each message is added up
 * before its first byte, and strings are met twice in the same order, once to be
 * numbered where functions are written, once to be written themselves.
 *
 * A stack's location ids are encoded once per node, growing downwards: in
 * preorder, a node's ids are its own before its parent's, which are there
 * already. So each sample is one copy, however deep it is.
 */
#include "format/pprof/write.h"

#include <stdlib.h>

#include "profile/binaries.h"
#include "profile/metadata_lines.h"
#include "text/string_builder.h"

/* ---- Samples ------------------------------------------------------------ */

enum { HEAD_MAX = 2 * (1 + PB_VARINT_MAX) };
enum { TAIL_MAX = 2 + SHF_TYPES * PB_VARINT_MAX + 4 * LABEL_MAX };

/* A sample's fields after its stack. */
static size_t put_tail(const shf__pw *w, const shf_bucket *b, char *to) {
  const shf_source *source = shf_profile_source_at(w->p, b->source);
  bool before = source->side == SHF_SIDE_BEFORE;
  size_t n = 2;
  to[0] = shf__pw_tag(PPROF_SAMPLE_VALUE, PB_BYTES);
  for (int t = 0; t < SHF_TYPES; t++) {
    uint64_t value = (uint64_t)b->value[t];
    if (w->types & 1u << t) n += shf__pw_varint(to + n, before ? 0 - value : value);
  }
  to[1] = (char)(n - 2);
  if (b->size) n += shf__pw_number_label(to + n, STR_BYTES, (int64_t)b->size, STR_BYTES);
  if (w->interval)
    n += shf__pw_number_label(to + n, w->interval, (int64_t)source->interval, STR_BYTES);
  if (w->run && source->run) n += shf__pw_number_label(to + n, w->run, source->run, STR_COUNT);
  if (before) n += shf__pw_text_label(to + n, w->base, w->base + 1);
  return n + shf__pw_labels_put(w, b->labels, to + n);
}

/* `ids` has HEAD_MAX free bytes before it, and TAIL_MAX and the largest set of labels after it. */
static void write_sample(shf__pw *w, const shf_bucket *b, char *ids, size_t ids_len) {
  char head[HEAD_MAX], inner[1 + PB_VARINT_MAX] = {0};
  size_t inner_len = 0, tail_len = put_tail(w, b, ids + ids_len);
  if (ids_len) {
    inner[0] = shf__pw_tag(PPROF_SAMPLE_LOCATION_ID, PB_BYTES);
    inner_len = 1 + shf__pw_varint(inner + 1, ids_len);
  }
  head[0] = shf__pw_tag(PPROF_PROFILE_SAMPLE, PB_BYTES);
  size_t head_len = 1 + shf__pw_varint(head + 1, inner_len + ids_len + tail_len);
  char *from = ids - inner_len - head_len;
  memcpy(from, head, head_len);
  memcpy(from + head_len, inner, inner_len);
  shf_sink_write(w->sink, from, head_len + inner_len + ids_len + tail_len);
}

/* `end` is the end of the ids in `bytes`; row d of `starts`: where the ids of depth d begin. */
static void write_stacks(shf__pw *w, char *bytes, size_t end, size_t *starts) {
  const shf_profile *p = w->p;
  const uint32_t *depths = shf_profile_depth_rows(p), *frames = shf_profile_frame_rows(p);
  uint32_t b = 0, count = shf_profile_buckets(p);
  shf_bucket bucket = {.node = 0};
  if (count) bucket = shf_profile_bucket_at(p, 0);
  starts[0] = end;
  for (uint32_t n = 0; b < count && shf_sink_code(w->sink) == SHF_OK; n++) {
    uint32_t depth = depths[n];
    if (depth > 0) {
      char id[PB_VARINT_MAX];
      size_t len = shf__pw_varint(id, w->frames.id_of[frames[n]]);
      starts[depth] = starts[depth - 1] - len;
      memcpy(bytes + starts[depth], id, len);
    }
    while (b < count && bucket.node == n) {
      if (shf__pprof_written(&bucket, w->types))
        write_sample(w, &bucket, bytes + starts[depth], end - starts[depth]);
      if (++b < count) bucket = shf_profile_bucket_at(p, b);
    }
  }
}

static int write_samples(shf__pw *w) {
  enum { ID_MAX = 5 };
  size_t depths = (size_t)shf_profile_max_depth(w->p) + 1, end = HEAD_MAX + depths * ID_MAX;
  char *bytes = malloc(end + TAIL_MAX + w->labels_max);
  size_t *starts = calloc(depths, sizeof *starts);
  int code = bytes && starts ? SHF_OK : SHF_E_NOMEM;
  if (code == SHF_OK) write_stacks(w, bytes, end, starts);
  free(bytes);
  free(starts);
  return code;
}

/* ---- All else ----------------------------------------------------------- */

static void write_value_type(shf__pw *w, int field, uint64_t type, uint64_t unit) {
  char bytes[2 * (1 + PB_VARINT_MAX)];
  size_t n = shf__pw_put(bytes, PPROF_VALUE_TYPE_TYPE, type);
  n += shf__pw_put(bytes + n, PPROF_VALUE_TYPE_UNIT, unit);
  shf__pw_message(w->sink, field, bytes, n);
}

/* Milliseconds of a meta line as nanoseconds; 0: absent. */
static uint64_t nanos(const shf_profile *p, const char *key) {
  uint64_t ms = shf__meta_number(p, key);
  return ms > INT64_MAX / 1000000 ? 0 : ms * 1000000;
}

static void write_head(shf__pw *w, shf_type type) {
  for (int t = 0; t < SHF_TYPES; t++) {
    if (!(w->types & 1u << t)) continue;
    write_value_type(w, PPROF_PROFILE_SAMPLE_TYPE, STR_TYPES + (unsigned)t,
                     shf_type_is_space((shf_type)t) ? STR_BYTES : STR_COUNT);
  }
  shf__pw_field(w->sink, PPROF_PROFILE_DEFAULT_SAMPLE_TYPE, STR_TYPES + (unsigned)type);
  if (w->drop) shf__pw_field(w->sink, PPROF_PROFILE_DROP_FRAMES, w->drop);
  if (w->drop && shf_profile_meta_get(w->p, "keep_frames").len)
    shf__pw_field(w->sink, PPROF_PROFILE_KEEP_FRAMES, w->drop + 1);
  shf__pw_field(w->sink, PPROF_PROFILE_TIME_NANOS, nanos(w->p, "time_ms"));
  shf__pw_field(w->sink, PPROF_PROFILE_DURATION_NANOS, nanos(w->p, "duration_ms"));
  write_value_type(w, PPROF_PROFILE_PERIOD_TYPE, STR_SPACE, STR_BYTES);
  if (shf_profile_sources(w->p) > 0)
    shf__pw_field(w->sink, PPROF_PROFILE_PERIOD, shf_profile_source_at(w->p, 0)->interval);
}

/* The columns of lines: a call's own column is not known. */
static void add_columns(const shf_profile *p, shf__builder *out) {
  for (uint32_t i = 0; i < shf_profile_frames(p); i++) {
    const shf_frame *f = shf_profile_frame_at(p, i);
    if (f->call && f->column) return shf__builder_puts(out, PPROF_COLUMNS_OF_FUNCTIONS);
  }
}

/*
 * The text of comment `i`, safe for the terminal that pprof prints it on; empty for internal meta.
 * Meta lines come first, then what only the sources say.
 */
enum { FACTS = 4 };
static void comment_text(const shf_profile *p, uint32_t i, shf__builder *text) {
  static const char *const keys[FACTS] = {"interval", "gc", "in use since", "columns"};
  static void (*const facts[FACTS])(const shf_profile *, shf__builder *) = {
      shf__metadata_interval, shf__metadata_gc, shf__metadata_since, add_columns};
  uint32_t metas = shf_profile_metas(p);
  shf_str key, value;
  shf__builder fact = {NULL, 0, 0, SHF_OK};
  text->len = 0;
  if (i < metas) {
    shf_profile_meta_at(p, i, &key, &value);
  } else {
    key = shf_str_of(keys[i - metas]);
    if (shf_profile_meta_get(p, keys[i - metas]).len) return;
    facts[i - metas](p, &fact);
    value = shf__builder_str(&fact);
    if (fact.code != SHF_OK) text->code = fact.code;
  }
  if (value.len && !shf_meta_is_internal(key)) {
    shf__builder_line(text, key);
    shf__builder_puts(text, ": ");
    shf__builder_line(text, value);
  }
  shf__builder_free(&fact);
}

/* Writes the comments' indices or, with `texts`, the strings themselves. */
static int write_comments(shf__pw *w, bool texts) {
  shf__builder text = {NULL, 0, 0, SHF_OK};
  uint32_t rows = shf_profile_metas(w->p) + FACTS;
  int code = SHF_OK;
  for (uint32_t i = 0; i < rows && code == SHF_OK; i++) {
    comment_text(w->p, i, &text);
    code = text.code;
    if (code != SHF_OK || text.len == 0) continue;
    if (texts) {
      code = shf__pw_string(w, shf__builder_str(&text));
    } else {
      shf__pw_field(w->sink, PPROF_PROFILE_COMMENT, w->strings++);
    }
  }
  shf__builder_free(&text);
  return code;
}

static int write_strings(shf__pw *w, uint32_t first_of_functions) {
  shf_str exec = shf_profile_meta_get(w->p, "exec");
  shf__pw_string(w, shf_str_of(""));
  shf__pw_string(w, shf_str_of("space"));
  shf__pw_string(w, shf_str_of("bytes"));
  shf__pw_string(w, shf_str_of("count"));
  for (int t = 0; t < SHF_TYPES; t++) shf__pw_string(w, shf_str_of(shf_type_name((shf_type)t)));
  int code = shf__pw_string(w, exec.len ? exec : shf_str_of("node"));
  if (code == SHF_OK && w->interval) code = shf__pw_string(w, shf_str_of("interval"));
  if (code == SHF_OK && w->run) code = shf__pw_string(w, shf_str_of("run"));
  if (code == SHF_OK && w->base) code = shf__pw_string(w, shf_str_of("pprof::base"));
  if (code == SHF_OK && w->base) code = shf__pw_string(w, shf_str_of("true"));
  if (code == SHF_OK) code = shf__pw_binary_strings(w);
  if (code == SHF_OK) code = shf__pw_label_strings(w);
  if (code == SHF_OK) code = write_comments(w, true);
  return code == SHF_OK ? shf__pw_function_strings(w, first_of_functions) : code;
}

static int write_all(shf__pw *w, shf_type type) {
  write_head(w, type);
  int code = write_comments(w, false);
  if (code == SHF_OK) code = write_samples(w);
  if (code != SHF_OK) return code;
  uint32_t first_of_functions = w->strings;
  shf__pw_mappings(w);
  shf__pw_locations(w);
  shf__pw_functions(w);
  return write_strings(w, first_of_functions);
}

/* With several intervals each sample has a label, as a profile has only one period. */
static bool has_intervals(const shf_profile *p) {
  for (uint32_t i = 1; i < shf_profile_sources(p); i++) {
    if (shf_profile_source_at(p, i)->interval != shf_profile_source_at(p, 0)->interval) return true;
  }
  return false;
}

static bool has_runs(const shf_profile *p) {
  for (uint32_t i = 0; i < shf_profile_sources(p); i++)
    if (shf_profile_source_at(p, i)->run) return true;
  return false;
}

int shf_pprof_write(const shf_profile *p, shf_type type, shf_sink *sink) {
  if ((unsigned)type >= SHF_TYPES) return SHF_E_ARG;
  shf__pw w = {.p = p, .sink = sink, .types = shf_profile_types(p), .strings = STR_FIXED};
  if (!(w.types & 1u << type)) return SHF_E_ABSENT;
  if (has_intervals(p)) w.interval = w.strings++;
  if (has_runs(p)) w.run = w.strings++;
  if (shf_profile_is_diff(p)) {
    w.base = w.strings;
    w.strings += 2;
  }
  if (shf_profile_meta_get(p, "drop_frames").len) {
    w.drop = w.strings;
    w.strings += 2;
  }
  w.binaries = w.strings;
  w.strings += 2 * shf__profile_mappings(p);
  w.label_strings = w.strings;
  size_t strings = shf_profile_strings(p);
  int code = shf__pw_labels_make(&w);
  if (code == SHF_OK) code = shf__pprof_frames_make(p, w.types, &w.frames);
  w.name_id = calloc(strings + 1, sizeof *w.name_id);
  w.file_id = calloc(strings + 1, sizeof *w.file_id);
  if (!w.name_id || !w.file_id) code = SHF_E_NOMEM;
  if (code == SHF_OK) code = write_all(&w, type);
  if (code == SHF_OK) code = shf_sink_code(sink);
  shf__pprof_frames_free(&w.frames);
  shf__pw_labels_free(&w);
  free(w.name_id);
  free(w.file_id);
  return code;
}
