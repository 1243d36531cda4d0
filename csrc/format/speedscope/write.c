/*
 * Writes speedscope's JSON (https://www.speedscope.app/file-format-schema.json): one sampled
 * profile for each known type, in the order of shf_type; the requested one is shown first.
 *
 * Stacks are lists of frames, root first, each with its self value; allocations without a stack go
 * to `(root)`. Values that are not positive are left out, as a weight is a length.
 */
#include <stdlib.h>

#include "text/string_builder.h"

shf_writer shf_speedscope_write;

/* The command, if known. */
static void write_name(const shf_profile *p, shf_sink *sink) {
  shf_str command = shf_profile_meta_get(p, "command");
  if (command.len == 0) return;
  shf_sink_puts(sink, "\"name\":");
  shf__json_string(sink, command);
  shf_sink_puts(sink, ",\n");
}

static void write_position(shf_sink *sink, const char *key, int32_t position) {
  if (position <= 0) return;
  shf_sink_puts(sink, key);
  shf_sink_i64(sink, position);
}

/* The frames in order, then that of the root. */
static void write_frames(const shf_profile *p, shf_sink *sink) {
  uint32_t frames = shf_profile_frames(p);
  for (uint32_t f = 0; f < frames && shf_sink_code(sink) == SHF_OK; f++) {
    shf_str file = shf_frame_path(p, f);
    shf_sink_puts(sink, "{\"name\":");
    shf__json_string(sink, shf_frame_name(p, f));
    if (file.len) {
      shf_sink_puts(sink, ",\"file\":");
      shf__json_string(sink, file);
    }
    write_position(sink, ",\"line\":", shf_profile_frame_at(p, f)->line);
    write_position(sink, ",\"col\":", shf_profile_frame_at(p, f)->column);
    shf_sink_puts(sink, "},\n");
  }
  shf_sink_puts(sink, "{\"name\":\"(root)\"}");
}

/* `path` has a row for each depth. */
static void write_stacks(const shf_profile *p, const int64_t *self, uint32_t *path,
                         shf_sink *sink) {
  const char *comma = "";
  for (uint32_t n = 0; n < shf_profile_nodes(p) && shf_sink_code(sink) == SHF_OK; n++) {
    uint32_t depth = shf_profile_depth(p, n), first = n ? 1 : 0;
    path[depth] = n ? shf_profile_frame_of(p, n) : shf_profile_frames(p);
    if (self[n] <= 0) continue;
    shf_sink_puts(sink, comma);
    for (uint32_t d = first; d <= depth; d++) {
      shf_sink_puts(sink, d == first ? "[" : ",");
      shf_sink_u64(sink, path[d]);
    }
    shf_sink_puts(sink, "]");
    comma = ",\n";
  }
}

/* @return their sum, at most UINT64_MAX */
static uint64_t write_weights(const shf_profile *p, const int64_t *self, shf_sink *sink) {
  const char *comma = "";
  uint64_t sum = 0;
  for (uint32_t n = 0; n < shf_profile_nodes(p); n++) {
    if (self[n] <= 0) continue;
    uint64_t value = (uint64_t)self[n];
    shf_sink_puts(sink, comma);
    shf_sink_u64(sink, value);
    sum = value > UINT64_MAX - sum ? UINT64_MAX : sum + value;
    comma = ",";
  }
  return sum;
}

static void write_profile(const shf_profile *p, shf_type type, int64_t *self, uint32_t *path,
                          shf_sink *sink) {
  shf_profile_sums(p, type, self, NULL);
  shf_sink_puts(sink, "{\"type\":\"sampled\",\"name\":\"");
  shf_sink_puts(sink, shf_type_name(type));
  shf_sink_puts(sink, shf_type_is_space(type) ? "\",\"unit\":\"bytes\"" : "\",\"unit\":\"none\"");
  shf_sink_puts(sink, ",\"startValue\":0,\"samples\":[\n");
  write_stacks(p, self, path, sink);
  shf_sink_puts(sink, "],\"weights\":[");
  uint64_t end = write_weights(p, self, sink);
  shf_sink_puts(sink, "],\"endValue\":");
  shf_sink_u64(sink, end);
  shf_sink_puts(sink, "}");
}

/* @return the index of `type` among the profiles */
static uint32_t write_profiles(const shf_profile *p, shf_type type, int64_t *self, uint32_t *path,
                               shf_sink *sink) {
  uint32_t written = 0, active = 0;
  for (int t = 0; t < SHF_TYPES; t++) {
    if (!(shf_profile_types(p) & 1u << t)) continue;
    if (t == (int)type) active = written;
    if (written++) shf_sink_puts(sink, ",\n");
    write_profile(p, (shf_type)t, self, path, sink);
  }
  return active;
}

int shf_speedscope_write(const shf_profile *p, shf_type type, shf_sink *sink) {
  if ((unsigned)type >= SHF_TYPES || shf_profile_is_diff(p)) return SHF_E_ARG;
  if (!(shf_profile_types(p) & 1u << type)) return SHF_E_ABSENT;
  int64_t *self = calloc(shf_profile_nodes(p), sizeof *self);
  uint32_t *path = calloc((size_t)shf_profile_max_depth(p) + 1, sizeof *path);
  int code = self && path ? SHF_OK : SHF_E_NOMEM;
  if (code == SHF_OK) {
    shf_sink_puts(sink, "{\"$schema\":\"https://www.speedscope.app/file-format-schema.json\",\n");
    shf_sink_puts(sink, "\"exporter\":\"shap-flame@" SHF_VERSION "\",\n");
    write_name(p, sink);
    shf_sink_puts(sink, "\"shared\":{\"frames\":[\n");
    write_frames(p, sink);
    shf_sink_puts(sink, "]},\n\"profiles\":[\n");
    uint32_t active = write_profiles(p, type, self, path, sink);
    shf_sink_puts(sink, "],\n\"activeProfileIndex\":");
    shf_sink_u64(sink, active);
    code = shf_sink_puts(sink, "}\n");
  }
  free(self);
  free(path);
  return code;
}
