#include "format/pprof/metadata.h"

#include "core/str.h"
#include "format/pprof/fields.h"
#include "format/pprof/types.h"
#include "profile/metadata_lines.h"
#include "text/number.h"

/* A number at *at, with or without commas between thousands; 0: none. */
static uint64_t number_at(shf_str text, size_t *at) {
  uint64_t value = 0;
  for (; *at < text.len && (shf__is_digit(text.ptr[*at]) || text.ptr[*at] == ','); ++*at) {
    if (text.ptr[*at] == ',') continue;
    if (value > UINT64_MAX / 10 - 1) return 0;
    value = value * 10 + (uint64_t)(text.ptr[*at] - '0');
  }
  return value;
}

/* `65,536 bytes`, `16,384 to 65,536 bytes`. */
static void read_interval(shf_str text, shf__pprof_metadata *metadata) {
  size_t at = 0;
  uint64_t min_interval = number_at(text, &at);
  if (at + 4 > text.len || memcmp(text.ptr + at, " to ", 4) != 0) return;
  at += 4;
  uint64_t max_interval = number_at(text, &at);
  if (min_interval == 0 || max_interval <= min_interval) return;
  metadata->min_interval = min_interval;
  metadata->max_interval = max_interval;
}

static void read_gc(shf_str text, shf__pprof_metadata *metadata) {
  metadata->gc_forced_in_some = shf__str_equals(text, "forced in some");
  if (shf__str_equals(text, "forced")) metadata->gc = SHF_GC_FORCED;
  if (shf__str_equals(text, "none") || metadata->gc_forced_in_some) metadata->gc = SHF_GC_NONE;
}

/* Days from 1970-01-01, by the Gregorian calendar; year 1970 to 9999. */
static uint64_t days(uint64_t year, uint64_t month, uint64_t day) {
  static const uint64_t before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
  uint64_t past = year - 1, leaps = past / 4 - past / 100 + past / 400;
  bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return year * 365 + leaps - 719527 + before[month - 1] + (leap && month > 2) + day - 1;
}

/* `2026-11-03 12:34:56 UTC` as Unix milliseconds; 0 for any other text. */
static uint64_t read_time(shf_str text) {
  static const char form[] = "dddd-dd-dd dd:dd:dd UTC";
  uint64_t part[6] = {0};
  size_t n = 0;
  if (text.len != sizeof form - 1) return 0;
  for (size_t i = 0; i < text.len; i++) {
    char c = text.ptr[i];
    if (form[i] != 'd' ? c != form[i] : !shf__is_digit(c)) return 0;
    if (form[i] == 'd')
      part[n] = part[n] * 10 + (uint64_t)(c - '0');
    else if (n < 5)
      n++;
  }
  if (part[0] < 1970 || part[1] < 1 || part[1] > 12 || part[2] < 1 || part[2] > 31) return 0;
  uint64_t seconds = (part[3] * 60 + part[4]) * 60 + part[5];
  return (days(part[0], part[1], part[2]) * 86400 + seconds) * 1000;
}

/* The index of `: `; the text's length if there is none. */
static size_t colon(shf_str text) {
  const char *at = text.len > 1 ? memmem(text.ptr, text.len, ": ", 2) : NULL;
  return at && at > text.ptr ? (size_t)(at - text.ptr) : text.len;
}

/* Each meta key is compared with all others, so bound them. */
enum { COMMENTS_MAX = 1000, REMARKS_MAX_BYTES = 64 * 1024 };

/* Comments without a key are joined. */
static void add_remark(shf__builder *remarks, shf_str text) {
  if (remarks->len) shf__builder_puts(remarks, "; ");
  shf__builder_add(remarks, text.ptr, text.len);
}

/* Adds how many comments were left out. */
static void add_left_out(shf__builder *remarks, uint32_t count) {
  char number[SHF__NUMBER];
  if (count == 0) return;
  shf__number_grouped(number, count);
  add_remark(remarks, (shf_str){number, strlen(number)});
  shf__builder_puts(remarks, " more comments are left out");
}

static int read_comment(shf__pprof *r, shf_str text, shf__pprof_metadata *metadata,
                        shf__builder *remarks) {
  size_t at = colon(text);
  if (text.len == 0) return SHF_OK;
  if (at == text.len) {
    add_remark(remarks, text);
    return remarks->code;
  }
  shf_str key = {text.ptr, at}, value = {text.ptr + at + 2, text.len - at - 2};
  if (shf__str_equals(key, "comment")) {
    add_remark(remarks, value);
    return remarks->code;
  }
  if (shf__str_equals(key, "interval")) {
    read_interval(value, metadata);
  } else if (shf__str_equals(key, "gc")) {
    read_gc(value, metadata);
  } else if (shf__str_equals(key, "columns")) {
    metadata->columns_of_functions = shf__str_equals(value, PPROF_COLUMNS_OF_FUNCTIONS);
  } else if (shf__str_equals(key, "in use since")) {
    metadata->since_ms = read_time(value);
  } else if (!shf_meta_is_internal(key)) {
    return shf_profile_meta(r->p, key, value);
  }
  return SHF_OK;
}

/* Sets a meta line in milliseconds unless a comment has set it. */
static int set_time(shf_profile *p, const char *key, int64_t nanos) {
  char text[SHF__NUMBER];
  if (nanos <= 0 || shf_profile_meta_get(p, key).len) return SHF_OK;
  size_t len = shf__number_plain(text, nanos / 1000000);
  return shf_profile_meta(p, shf_str_of(key), (shf_str){text, len});
}

static int read_comments(shf__pprof *r, shf__pprof_metadata *metadata) {
  shf__builder remarks = {NULL, 0, 0, SHF_OK};
  uint32_t i = 0;
  int code = SHF_OK;
  for (; i < r->ncomments && i < COMMENTS_MAX && remarks.len < REMARKS_MAX_BYTES && !code; i++)
    code = read_comment(r, shf__pprof_text(r, r->comments[i]), metadata, &remarks);
  add_left_out(&remarks, r->ncomments - i);
  if (!code) code = remarks.code;
  if (!code && remarks.len)
    code = shf_profile_meta(r->p, shf_str_of("comment"), shf__builder_str(&remarks));
  shf__builder_free(&remarks);
  return code;
}

int shf__pprof_read_metadata(shf__pprof *r, shf__pprof_metadata *metadata) {
  *metadata = (shf__pprof_metadata){.gc = SHF_GC_UNKNOWN};
  int code = read_comments(r, metadata);
  if (!code) code = set_time(r->p, "time_ms", r->time_nanos);
  if (!code) code = set_time(r->p, "duration_ms", r->duration_nanos);
  shf_str executable = {NULL, 0};
  if (r->mapping_ids.count) executable = shf__pprof_text(r, r->mappings[0].file);
  if (!code && executable.len && !shf__str_equals(executable, "node"))
    code = shf_profile_meta(r->p, shf_str_of("exec"), executable);
  uint64_t bytes = shf__pprof_unit_bytes(shf__pprof_text(r, r->period_type.unit));
  if (bytes && r->period > 0 && (uint64_t)r->period <= UINT64_MAX / bytes)
    metadata->interval = (uint64_t)r->period * bytes;
  return code;
}

int shf__pprof_add_sources(shf_profile *p, const shf__pprof_metadata *metadata, uint32_t types,
                           enum shf_side side) {
  shf_source source = {
      .since_ms = metadata->since_ms, .gc = metadata->gc, .types = types, .side = side};
  uint32_t id;
  int code = SHF_OK;
  if (types == 0) return SHF_OK;
  source.interval = metadata->interval;
  code = shf_profile_source(p, source, &id);
  if (!code && metadata->max_interval) {
    source.interval = metadata->min_interval;
    code = shf_profile_source(p, source, &id);
    source.interval = metadata->max_interval;
    if (!code) code = shf_profile_source(p, source, &id);
  }
  if (!code && metadata->gc_forced_in_some) {
    source.gc = SHF_GC_FORCED;
    code = shf_profile_source(p, source, &id);
  }
  return code;
}
