/* Writes mappings, locations and functions of a profile.proto, and their strings. */
#include "format/pprof/write.h"
#include "profile/binaries.h"
#include "profile/metadata_lines.h"

void shf__pw_field(shf_sink *sink, int field, uint64_t value) {
  char bytes[1 + PB_VARINT_MAX];
  shf_sink_write(sink, bytes, shf__pw_put(bytes, field, value));
}

void shf__pw_message(shf_sink *sink, int field, const char *message, size_t len) {
  char head[1 + PB_VARINT_MAX];
  head[0] = shf__pw_tag(field, PB_BYTES);
  shf_sink_write(sink, head, 1 + shf__pw_varint(head + 1, len));
  shf_sink_write(sink, message, len);
}

/* Invalid UTF-8 becomes U+FFFD: some readers would refuse the whole profile. */
int shf__pw_string(shf__pw *w, shf_str text) {
  if (shf__utf8_valid(text)) {
    shf__pw_message(w->sink, PPROF_PROFILE_STRING_TABLE, text.ptr, text.len);
    return SHF_OK;
  }
  shf__builder clean = {NULL, 0, 0, SHF_OK};
  shf__builder_utf8(&clean, text);
  int code = clean.code;
  if (code == SHF_OK) shf__pw_message(w->sink, PPROF_PROFILE_STRING_TABLE, clean.ptr, clean.len);
  shf__builder_free(&clean);
  return code;
}

/* Whether a frame's code is known to be in the program itself. */
static bool is_own(const shf_profile *p, uint32_t frame) {
  shf__code code = shf__profile_code_of(p, frame);
  return code.mapping == SHF_NONE && !code.bare && !shf__profile_unmapped(p);
}

/* The mapping of the program itself, for frames without a mapping of their own. */
static void write_own_mapping(shf__pw *w) {
  char bytes[5 * (1 + PB_VARINT_MAX)];
  size_t n = shf__pw_put(bytes, PPROF_MAPPING_ID, shf__profile_mappings(w->p) + 1);
  n += shf__pw_put(bytes + n, PPROF_MAPPING_FILENAME, STR_MAPPING);
  n += shf__pw_put(bytes + n, PPROF_MAPPING_HAS_FUNCTIONS, 1);
  n += shf__pw_put(bytes + n, PPROF_MAPPING_HAS_FILENAMES, 1);
  n += shf__pw_put(bytes + n, PPROF_MAPPING_HAS_LINE_NUMBERS, 1);
  shf__pw_message(w->sink, PPROF_PROFILE_MAPPING, bytes, n);
}

void shf__pw_mappings(shf__pw *w) {
  uint32_t count = shf__profile_mappings(w->p);
  bool own = count == 0 && !shf__profile_unmapped(w->p);
  for (uint32_t i = 0; i < w->frames.used && !own; i++) own = is_own(w->p, w->frames.order[i]);
  for (uint32_t i = 0; i < count; i++) {
    const shf__mapping *m = shf__profile_mapping_at(w->p, i);
    char bytes[10 * (1 + PB_VARINT_MAX)];
    size_t n = shf__pw_put(bytes, PPROF_MAPPING_ID, i + 1);
    n += shf__pw_put(bytes + n, PPROF_MAPPING_START, m->start);
    n += shf__pw_put(bytes + n, PPROF_MAPPING_LIMIT, m->limit);
    n += shf__pw_put(bytes + n, PPROF_MAPPING_OFFSET, m->offset);
    n += shf__pw_put(bytes + n, PPROF_MAPPING_FILENAME, w->binaries + 2 * i);
    n += shf__pw_put(bytes + n, PPROF_MAPPING_BUILD_ID, w->binaries + 2 * i + 1);
    for (int has = 0; has < 4; has++)
      n += shf__pw_put(bytes + n, PPROF_MAPPING_HAS_FUNCTIONS + has, m->has >> has & 1);
    shf__pw_message(w->sink, PPROF_PROFILE_MAPPING, bytes, n);
  }
  if (own) write_own_mapping(w);
}

static uint64_t known(int32_t position) {
  return position > 0 ? (uint64_t)position : 0;
}

/* The column is that of the function: metadata says so. */
void shf__pw_locations(shf__pw *w) {
  for (uint32_t i = 0; i < w->frames.used; i++) {
    uint32_t frame = w->frames.order[i];
    const shf_frame *f = shf_profile_frame_at(w->p, frame);
    shf__code code = shf__profile_code_of(w->p, frame);
    uint32_t mapping = code.mapping == SHF_NONE ? 0 : code.mapping + 1;
    if (is_own(w->p, frame)) mapping = shf__profile_mappings(w->p) + 1;
    char line[3 * (1 + PB_VARINT_MAX)], bytes[3 * (1 + PB_VARINT_MAX) + 2 + sizeof line];
    size_t len =
        shf__pw_put(line, PPROF_LINE_FUNCTION_ID, shf__pprof_function_of(&w->frames, frame));
    len += shf__pw_put(line + len, PPROF_LINE_LINE, known(f->call ? f->call : f->line));
    len += shf__pw_put(line + len, PPROF_LINE_COLUMN, known(f->column));
    size_t n = shf__pw_put(bytes, PPROF_LOCATION_ID, i + 1);
    n += shf__pw_put(bytes + n, PPROF_LOCATION_MAPPING_ID, mapping);
    n += shf__pw_put(bytes + n, PPROF_LOCATION_ADDRESS, code.address);
    if (!code.bare) {
      bytes[n++] = shf__pw_tag(PPROF_LOCATION_LINE, PB_BYTES);
      bytes[n++] = (char)len;
      memcpy(bytes + n, line, len);
      n += len;
    }
    shf__pw_message(w->sink, PPROF_PROFILE_LOCATION, bytes, n);
  }
}

/* The index of a string in the table, which is assigned at first use. */
static uint32_t place_of(shf__pw *w, uint32_t *places, uint32_t string) {
  if (places[string] == 0) places[string] = w->strings++;
  return places[string];
}

/* `_ZN…`, `_Z3…`, `_RN…`: mangled C++ and Rust. */
static bool is_mangled(shf_str name) {
  if (name.len < 4 || name.ptr[0] != '_') return false;
  char second = name.ptr[1], third = name.ptr[2];
  return (second == 'Z' && (third == 'N' || (third >= '1' && third <= '9'))) ||
         (second == 'R' && third == 'N');
}

/* Whether a function is written for that frame. */
static bool has_function(const shf__pw *w, uint32_t frame) {
  return !shf__profile_code_of(w->p, frame).bare && shf__pprof_has_function(&w->frames, frame);
}

/* system_name stays empty unless the name is mangled: pprof demangles names that equal it, which
 * would damage JavaScript's. */
void shf__pw_functions(shf__pw *w) {
  for (uint32_t i = 0; i < w->frames.used; i++) {
    uint32_t frame = w->frames.order[i];
    if (!has_function(w, frame)) continue;
    const shf_frame *f = shf_profile_frame_at(w->p, frame);
    bool anonymous = w->frames.naming[frame] != SHF__NAMED;
    uint32_t name = anonymous ? w->strings++ : place_of(w, w->name_id, f->name);
    uint32_t file = f->file ? place_of(w, w->file_id, f->file) : STR_EMPTY;
    char bytes[5 * (1 + PB_VARINT_MAX)];
    size_t n = shf__pw_put(bytes, PPROF_FUNCTION_ID, i + 1);
    n += shf__pw_put(bytes + n, PPROF_FUNCTION_NAME, name);
    if (!anonymous && is_mangled(shf_frame_name(w->p, frame)))
      n += shf__pw_put(bytes + n, PPROF_FUNCTION_SYSTEM_NAME, name);
    n += shf__pw_put(bytes + n, PPROF_FUNCTION_FILENAME, file);
    n += shf__pw_put(bytes + n, PPROF_FUNCTION_START_LINE, known(f->line));
    shf__pw_message(w->sink, PPROF_PROFILE_FUNCTION, bytes, n);
  }
}

int shf__pw_function_strings(shf__pw *w, uint32_t next) {
  shf__builder made = {NULL, 0, 0, SHF_OK};
  int code = SHF_OK;
  for (uint32_t i = 0; i < w->frames.used && code == SHF_OK; i++) {
    uint32_t frame = w->frames.order[i];
    if (!has_function(w, frame)) continue;
    const shf_frame *f = shf_profile_frame_at(w->p, frame);
    if (w->frames.naming[frame] != SHF__NAMED) {
      made.len = 0;
      shf__pprof_anonymous_name(w->p, &w->frames, frame, &made);
      code = made.code == SHF_OK ? shf__pw_string(w, shf__builder_str(&made)) : made.code;
      next++;
    } else if (w->name_id[f->name] == next) {
      code = shf__pw_string(w, shf_frame_name(w->p, frame));
      next++;
    }
    if (code == SHF_OK && f->file && w->file_id[f->file] == next) {
      code = shf__pw_string(w, shf_frame_path(w->p, frame));
      next++;
    }
  }
  shf__builder_free(&made);
  return code;
}

/* Strings whose indices shf_pprof_write has assigned, in that order. */
int shf__pw_binary_strings(shf__pw *w) {
  int code = SHF_OK;
  if (w->drop) code = shf__pw_string(w, shf_profile_meta_get(w->p, "drop_frames"));
  if (w->drop && !code) code = shf__pw_string(w, shf_profile_meta_get(w->p, "keep_frames"));
  for (uint32_t i = 0; i < shf__profile_mappings(w->p) && !code; i++) {
    const shf__mapping *m = shf__profile_mapping_at(w->p, i);
    code = shf__pw_string(w, shf_profile_text(w->p, m->file));
    if (!code) code = shf__pw_string(w, shf_profile_text(w->p, m->build_id));
  }
  return code;
}
