/*
 * Any bytes as a capture: what is read goes through every transform and every
 * writer. A broken promise (a total that changed, broken UTF-8) is a crash.
 */
#include "capture/capture.h"
#include "writers.h"

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed);

/* ---- what each output must be */

/* Bytes of the character at `at`, 0 when it is none. */
static size_t character(const unsigned char *at, size_t left) {
  unsigned char c = at[0];
  if (c < 0x80) return 1;
  size_t n = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
  if (c < 0xc2 || c > 0xf4 || n > left) return 0;
  for (size_t i = 1; i < n; i++)
    if ((at[i] & 0xc0) != 0x80) return 0;
  if (c == 0xe0 && at[1] < 0xa0) return 0;
  if (c == 0xed && at[1] > 0x9f) return 0;
  if (c == 0xf0 && at[1] < 0x90) return 0;
  return c == 0xf4 && at[1] > 0x8f ? 0 : n;
}

static void check_text(output o) {
  for (size_t at = 0, n; at < o.len; at += n) {
    n = character((const unsigned char *)o.bytes + at, o.len - at);
    PROMISE(n != 0);
    PROMISE(n > 1 || o.bytes[at] == '\n' || (unsigned char)o.bytes[at] >= ' ');
  }
}

static void check_folded(output o, int64_t total) {
  int64_t sum = 0;
  check_text(o);
  for (size_t at = 0; at < o.len;) {
    const char *line = o.bytes + at, *eol = memchr(line, '\n', o.len - at);
    PROMISE(eol);
    const char *space = memrchr(line, ' ', (size_t)(eol - line));
    PROMISE(space && space > line);
    sum += strtoll(space + 1, NULL, 10);
    at = (size_t)(eol - o.bytes) + 1;
  }
  PROMISE(sum == total);
}

static uint64_t varint(const unsigned char **at, const unsigned char *end) {
  uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    PROMISE(*at < end);
    unsigned char c = *(*at)++;
    value |= (uint64_t)(c & 0x7f) << shift;
    if (c < 0x80) return value;
  }
  PROMISE(!"a varint that ends");
  return 0;
}

/* The next field; *len is its length or, for a number, its value. */
static uint64_t field(const unsigned char **at, const unsigned char *end, uint64_t *len,
                      unsigned *wire) {
  uint64_t tag = varint(at, end);
  *wire = tag & 7;
  PROMISE(*wire == 0 || *wire == 2);
  *len = varint(at, end);
  if (*wire == 2) PROMISE(*len <= (uint64_t)(end - *at));
  return tag >> 3;
}

/* Adds a sample's values, packed or not, to `sum`. */
static void add_sample(const unsigned char *at, const unsigned char *end, int64_t *sum,
                       size_t types) {
  size_t n = 0;
  while (at < end) {
    uint64_t len;
    unsigned wire;
    uint64_t number = field(&at, end, &len, &wire);
    const unsigned char *next = wire == 2 ? at + len : at;
    if (number == 2 && wire == 0) {
      PROMISE(n < types);
      sum[n++] += (int64_t)len;
    }
    while (number == 2 && wire == 2 && at < next) {
      PROMISE(n < types);
      sum[n++] += (int64_t)varint(&at, next);
    }
    at = next;
  }
  PROMISE(n == types);
}

static void check_pprof(output o, const shf_profile *p) {
  int64_t sum[SHF_TYPES] = {0};
  size_t types = 0;
  for (int t = 0; t < SHF_TYPES; t++) types += shf_profile_types(p) >> t & 1;
  const unsigned char *at = (const unsigned char *)o.bytes, *end = at + o.len;
  while (at < end) {
    uint64_t len;
    unsigned wire;
    uint64_t number = field(&at, end, &len, &wire);
    if (wire == 0) continue;
    if (number == 2) add_sample(at, at + len, sum, types);
    at += len;
  }
  size_t n = 0;
  for (int t = 0; t < SHF_TYPES; t++)
    if (shf_profile_types(p) >> t & 1) PROMISE(sum[n++] == shf_profile_total(p, (shf_type)t));
}

/* ---- writers */

static void check_format(const shf_profile *p, const shf__format *format, shf_type type) {
  bool pprof = is_format(format, "pprof");
  output o = written(p, format, type);
  if (shf_profile_types(p) >> type & 1)
    PROMISE(o.code == SHF_OK || o.code == SHF_E_LIMIT);
  else
    PROMISE(o.code == SHF_E_ABSENT);
  if (o.code == SHF_OK && is_format(format, "folded")) check_folded(o, shf_profile_total(p, type));
  if (o.code == SHF_OK && pprof) check_pprof(o, p);
  if (o.code == SHF_OK && !pprof) check_text(o);
  free(o.bytes);
}

/* ---- the profile itself, and what transforms keep */

static void check_profile(const shf_profile *p) {
  check_tree(p);
  check_lines(p);
  for (uint32_t i = 0; i < shf_profile_buckets(p); i++) {
    const shf_bucket b = shf_profile_bucket_at(p, i);
    for (int t = 0; t < SHF_TYPES; t++) PROMISE(b.value[t] >= 0);
    if ((shf_profile_types(p) & SHF_HAS_ALLOC) != SHF_HAS_ALLOC) continue;
    PROMISE(b.value[SHF_ALLOC_OBJECTS] >= b.value[SHF_INUSE_OBJECTS]);
    PROMISE(b.value[SHF_ALLOC_SPACE] >= b.value[SHF_INUSE_SPACE]);
  }
}

static void check_kept(const shf_profile *p, shf_profile *made, int code, int64_t times) {
  PROMISE(code == SHF_OK || code == SHF_E_LIMIT);
  if (code) return;
  check_profile(made);
  for (int t = 0; t < SHF_TYPES; t++)
    PROMISE(shf_profile_total(made, (shf_type)t) == times * shf_profile_total(p, (shf_type)t));
  check_format(made, shf__format_find("folded"), SHF_INUSE_SPACE);
  check_format(made, shf__format_find("pprof"), SHF_INUSE_SPACE);
  shf_profile_free(made);
}

static void check_transforms(const shf_profile *p) {
  shf_profile *made = NULL;
  int code = shf_profile_group(p, SHF_BY_FILE, &made);
  check_kept(p, made, code, 1);
  code = shf_profile_group(p, SHF_BY_FUNCTION, &made);
  check_kept(p, made, code, 1);
  code = shf_profile_group(p, SHF_BY_PACKAGE, &made);
  check_kept(p, made, code, 1);
  code = shf_profile_prune(p, SHF_ALLOC_SPACE, 5, &made);
  check_kept(p, made, code, 1);
  uint8_t *odd = calloc((size_t)shf_profile_frames(p) + 1, 1);
  PROMISE(odd);
  for (uint32_t f = 1; f < shf_profile_frames(p); f += 2) odd[f] = 1;
  shf_filter filter = {.hide = odd};
  code = shf_profile_filter(p, &filter, &made);
  check_kept(p, made, code, 1);
  free(odd);
  shf_merge_input twice[2] = {{p, {"process 1", 9}}, {p, {"", 0}}};
  code = shf_profile_merge(twice, 2, &made);
  check_kept(p, made, code, 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  shf_profile *p;
  shf_error error;
  int code = shf_profile_from_capture(data, size, &p, &error);
  if (code) {
    PROMISE(code == SHF_E_FORMAT || code == SHF_E_LIMIT);
    PROMISE(code != SHF_E_FORMAT || (error.message && error.offset <= size));
    return 0;
  }
  check_profile(p);
  for (size_t f = 0; f < shf__formats_count; f++)
    for (int t = 0; t < SHF_TYPES; t++) check_format(p, &shf__formats[f], (shf_type)t);
  check_transforms(p);
  shf_profile_free(p);
  return 0;
}

/*
 * The parts of a capture are tied to the counts in its header, so most random
 * changes of length are refused at once: change one part in place instead.
 */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed) {
  shf_capture_view v;
  if (seed % 8 == 0 || shf_capture_open(data, size, &v, NULL) != SHF_OK)
    return LLVMFuzzerMutate(data, size, most);
  const unsigned char *at[] = {v.sources,
                               v.metas,
                               v.ends,
                               v.functions,
                               v.nodes,
                               v.buckets,
                               v.labels,
                               (const unsigned char *)v.text,
                               data + v.header.length};
  size_t part = seed / 8 % 8, from = (size_t)(at[part] - data),
         len = (size_t)(at[part + 1] - at[part]);
  if (len == 0) return LLVMFuzzerMutate(data, size, most);
  /* one row at a time most often: a row is at most 40 bytes */
  size_t row = seed / 64 % 4 ? 40 : len, first = seed / 256 % len;
  if (row > len - first) row = len - first;
  LLVMFuzzerMutate(data + from + first, row, row);
  return size;
}
