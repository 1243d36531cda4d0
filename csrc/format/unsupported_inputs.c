#include "format/unsupported_inputs.h"

#include "core/str.h"
#include "profile/metadata_lines.h"

#define UNPACK ", which is not supported: unpack it first"
#define NO_MEMORY ", which does not contain memory allocations"
#define SPEEDSCOPE \
  "this is speedscope JSON, which is not supported: use the profile that it was made from"

/* ---- By the first bytes --------------------------------------------------------------- */

typedef struct magic {
  uint16_t at, len;
  const char *bytes;
  const char *refusal;
} magic;

/* No text begins like this: all but bzip2's, which is long, contain a control byte. */
static const magic magics[] = {
    {0, 6,
     "\xFD"
     "7zXZ\0",
     "this is an xz archive" UNPACK},
    {0, 4, "\x28\xB5\x2F\xFD", "this is a zstd archive" UNPACK},
    {0, 4, "PK\3\4", "this is a zip archive" UNPACK},
    {257, 5, "ustar", "this is a tar archive" UNPACK},
    {0, 4,
     "\x7F"
     "ELF",
     "this is a program: run it with `shap-flame` to profile it"},
    {0, 8, "PERFILE2", "this is perf's data" NO_MEMORY},
};

static bool is_bzip2(const char *bytes, size_t len) {
  return len >= 10 && memcmp(bytes, "BZh", 3) == 0 && memcmp(bytes + 4, "1AY&SY", 6) == 0;
}

static size_t skip_blank(const char *bytes, size_t len, size_t i) {
  while (i < len && shf__is_json_space(bytes[i])) i++;
  return i;
}

/* `[{"`, as a frame in a folded stack may also begin with `[`. */
static bool is_json_list(const char *bytes, size_t len) {
  size_t i = skip_blank(bytes, len, 0);
  if (i == len || bytes[i] != '[') return false;
  i = skip_blank(bytes, len, i + 1);
  if (i == len || bytes[i] != '{') return false;
  i = skip_blank(bytes, len, i + 1);
  return i < len && bytes[i] == '"';
}

const char *shf__unsupported_bytes(const char *bytes, size_t len) {
  for (size_t i = 0; i < sizeof magics / sizeof *magics; i++) {
    const magic *m = &magics[i];
    if (len >= (size_t)m->at + m->len && memcmp(bytes + m->at, m->bytes, m->len) == 0)
      return m->refusal;
  }
  if (is_bzip2(bytes, len)) return "this is a bzip2 archive" UNPACK;
  if (is_json_list(bytes, len))
    return "this is a list of JSON objects, such as a Chrome trace" NO_MEMORY;
  return NULL;
}

/* ---- By keys ---------------------------------------------------------------------------- */

static const shf__json_kind kinds[] = {
    {"snapshot", "this is a heap snapshot" NO_MEMORY, true},
    {"nodeClassNames", "this is a heap snapshot of Bun or Safari" NO_MEMORY, true},
    {"traceEvents", "this is a Chrome trace" NO_MEMORY, true},
    {"nodes", "this is a CPU profile" NO_MEMORY, false},
    {"timeDeltas", "this is a CPU profile" NO_MEMORY, false},
    {"shared", SPEEDSCOPE, false},
    {"threads", "this is a Firefox profile, which is not supported", false},
    {"mappings", "this is a source map: name its folder with --source-maps", false},
    {"functions",
     "this is a JSON report, which is not supported: use the profile that it was made from", false},
};

const shf__json_kind *shf__unsupported_json(shf_str key) {
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (shf__str_equals(key, kinds[i].key)) return &kinds[i];
  return NULL;
}

const char *shf__unsupported_schema(shf_str schema) {
  return schema.len && memmem(schema.ptr, schema.len, "speedscope", 10) ? SPEEDSCOPE : NULL;
}
