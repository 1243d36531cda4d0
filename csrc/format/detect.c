/* Detects the format of an input by its first bytes. */
#include "capture/capture.h"
#include "core/str.h"
#include "format/pprof/fields.h"
#include "format/pprof/protobuf.h"

/* pprof has no magic number: check that the fields have the types of profile.proto. */
static bool fits_profile(const shf__field *f) {
  switch (f->number) {
    case PPROF_PROFILE_SAMPLE_TYPE:
    case PPROF_PROFILE_SAMPLE:
    case PPROF_PROFILE_MAPPING:
    case PPROF_PROFILE_LOCATION:
    case PPROF_PROFILE_FUNCTION:
    case PPROF_PROFILE_STRING_TABLE:
    case PPROF_PROFILE_PERIOD_TYPE:
      return f->wire == PB_BYTES;
    case PPROF_PROFILE_COMMENT:
      return f->wire == PB_BYTES || f->wire == PB_VARINT;
    default:
      return f->number > 0 && f->number < 16 && f->wire == PB_VARINT;
  }
}

/* Whether there is a byte that text would not have. */
static bool has_control(const unsigned char *bytes, size_t len) {
  for (size_t i = 0; i < len; i++)
    if (bytes[i] > 0 && bytes[i] < 8) return true;
  return false;
}

static bool is_pprof(const unsigned char *bytes, size_t len) {
  shf__wire w = {bytes, bytes + len, bytes, 0};
  shf__field f;
  uint32_t whole = 0;
  while (w.at < w.end) {
    enum shf__step step = shf__wire_next(&w, &f);
    if (step == SHF__WIRE_SHORT)
      return (whole || has_control(bytes, len)) && (f.number == 0 || fits_profile(&f));
    if (step != SHF__WIRE_FIELD || !fits_profile(&f)) return whole && has_control(bytes, len);
    whole++;
  }
  return whole > 0;
}

/* `{` and a key, or `{}`, as a frame in a folded stack may also begin with `{`. */
static bool is_json(const unsigned char *bytes, size_t len) {
  size_t i = len >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
  while (i < len && shf__is_json_space((char)bytes[i])) i++;
  if (i == len || bytes[i] != '{') return false;
  for (i++; i < len && shf__is_json_space((char)bytes[i]);) i++;
  return i == len || bytes[i] == '"' || bytes[i] == '}';
}

enum shf_format shf_format_of(const void *bytes, size_t len) {
  if (len == 0) return SHF_FORMAT_UNKNOWN;
  size_t magic = sizeof SHF_CAPTURE_MAGIC - 1;
  /* a part of the magic is enough: a capture cut there is damaged */
  if (len >= 6 && memcmp(bytes, SHF_CAPTURE_MAGIC, len < magic ? len : magic) == 0)
    return SHF_FORMAT_CAPTURE;
  if (is_json(bytes, len)) return SHF_FORMAT_HEAPPROFILE;
  return is_pprof(bytes, len) ? SHF_FORMAT_PPROF : SHF_FORMAT_FOLDED;
}
