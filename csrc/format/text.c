#include "format/text.h"

#include <stdlib.h>

static void grow(shf__text *t, size_t more) {
  if (more > SIZE_MAX / 2 - t->len) {
    t->code = SHF_E_NOMEM;
    return;
  }
  size_t cap = t->cap ? t->cap : 256;
  while (cap < t->len + more) cap *= 2;
  char *ptr = realloc(t->ptr, cap);
  if (!ptr) {
    t->code = SHF_E_NOMEM;
    return;
  }
  t->ptr = ptr;
  t->cap = cap;
}

void shf__text_add(shf__text *t, const void *bytes, size_t len) {
  if (len == 0 || t->code != SHF_OK) return;
  if (len > t->cap - t->len) grow(t, len);
  if (t->code != SHF_OK) return;
  memcpy(t->ptr + t->len, bytes, len);
  t->len += len;
}

void shf__text_puts(shf__text *t, const char *text) {
  shf__text_add(t, text, strlen(text));
}

void shf__text_free(shf__text *t) {
  free(t->ptr);
  *t = (shf__text){NULL, 0, 0, SHF_OK};
}

static const char REPLACEMENT[] = "\xEF\xBF\xBD"; /* U+FFFD */

static bool continues(const char *s, size_t n, size_t at) {
  return at < n && ((uint8_t)s[at] & 0xC0) == 0x80;
}

/* Whether `second` may follow `lead`: no overlong forms, surrogates, or more than U+10FFFF. */
static bool second_fits(uint8_t lead, uint8_t second) {
  if (lead == 0xE0) return second >= 0xA0;
  if (lead == 0xED) return second < 0xA0;
  if (lead == 0xF0) return second >= 0x90;
  if (lead == 0xF4) return second < 0x90;
  return true;
}

uint32_t shf__utf8_next(const char *s, size_t n, size_t *used) {
  uint8_t lead = (uint8_t)s[0];
  *used = 1;
  if (lead < 0x80) return lead;
  if (lead < 0xC2 || lead > 0xF4) return SHF__BAD_UTF8;
  size_t len = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (!continues(s, n, 1) || !second_fits(lead, (uint8_t)s[1])) return SHF__BAD_UTF8;
  uint32_t point = lead & (0x7Fu >> len);
  for (size_t i = 1; i < len; i++) {
    if (!continues(s, n, i)) return SHF__BAD_UTF8;
    point = point << 6 | ((uint8_t)s[i] & 0x3F);
    *used = i + 1;
  }
  return point;
}

bool shf__utf8_valid(shf_str text) {
  size_t used, ascii = 0;
  while (ascii < text.len && (uint8_t)text.ptr[ascii] < 0x80) ascii++;
  for (size_t i = ascii; i < text.len; i += used) {
    if (shf__utf8_next(text.ptr + i, text.len - i, &used) == SHF__BAD_UTF8) return false;
  }
  return true;
}

void shf__text_utf8(shf__text *out, shf_str text) {
  size_t used, from = 0;
  for (size_t i = 0; i < text.len; i += used) {
    if (shf__utf8_next(text.ptr + i, text.len - i, &used) != SHF__BAD_UTF8) continue;
    shf__text_add(out, text.ptr + from, i - from);
    shf__text_puts(out, REPLACEMENT);
    from = i + used;
  }
  if (text.len > from) shf__text_add(out, text.ptr + from, text.len - from);
}

static bool is_control(uint32_t point) {
  return point < 0x20 || (point >= 0x7F && point < 0xA0) || point == 0x2028 || point == 0x2029;
}

static bool turns_direction(uint32_t point) {
  return (point >= 0x202A && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069) ||
         point == 0x200E || point == 0x200F || point == 0x061C;
}

static bool is_blank(uint32_t point) {
  return point == ' ' || point == 0xA0 || point == 0xFEFF || point == 0x3000 ||
         (point >= 0x2000 && point <= 0x200A) || is_control(point);
}

void shf__text_line(shf__text *out, shf_str text) {
  size_t used, start = out->len, solid = out->len;
  for (size_t i = 0; i < text.len; i += used) {
    uint32_t point = shf__utf8_next(text.ptr + i, text.len - i, &used);
    bool blank = is_blank(point);
    if (blank && out->len == start) continue;
    if (point == SHF__BAD_UTF8 || turns_direction(point)) {
      shf__text_puts(out, REPLACEMENT);
    } else if (is_control(point)) {
      shf__text_add(out, " ", 1);
    } else {
      shf__text_add(out, text.ptr + i, used);
    }
    if (!blank) solid = out->len;
  }
  if (out->code == SHF_OK) out->len = solid;
}

static void json_point(shf_sink *sink, uint32_t point) {
  static const char hex[] = "0123456789abcdef";
  char escape[6] = {'\\', 'u', '0', '0', 0, 0};
  if (point == SHF__BAD_UTF8) {
    shf_sink_puts(sink, REPLACEMENT);
  } else if (point == '\n') {
    shf_sink_puts(sink, "\\n");
  } else if (point == '\t') {
    shf_sink_puts(sink, "\\t");
  } else if (point == '"' || point == '\\') {
    char pair[2] = {'\\', (char)point};
    shf_sink_write(sink, pair, sizeof pair);
  } else {
    escape[4] = hex[point >> 4 & 15];
    escape[5] = hex[point & 15];
    shf_sink_write(sink, escape, sizeof escape);
  }
}

static bool is_plain_json(char c) {
  return c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
}

void shf__json_text(shf_sink *sink, shf_str text) {
  size_t used, from = 0;
  shf_sink_puts(sink, "\"");
  for (size_t i = 0; i < text.len; i += used) {
    used = 1;
    if (is_plain_json(text.ptr[i])) continue;
    uint32_t point = shf__utf8_next(text.ptr + i, text.len - i, &used);
    if (point > 0x7F && point != SHF__BAD_UTF8) continue;
    shf_sink_write(sink, text.ptr + from, i - from);
    json_point(sink, point);
    from = i + used;
  }
  if (text.len > from) shf_sink_write(sink, text.ptr + from, text.len - from);
  shf_sink_puts(sink, "\"");
}

shf_str shf__path_below(shf_str path, shf_str cwd) {
  while (cwd.len && (cwd.ptr[cwd.len - 1] == '/' || cwd.ptr[cwd.len - 1] == '\\')) cwd.len--;
  if (cwd.len == 0 || path.len <= cwd.len + 1) return path;
  char slash = path.ptr[cwd.len];
  if (slash != '/' && slash != '\\') return path;
  if (memcmp(path.ptr, cwd.ptr, cwd.len) != 0) return path;
  return (shf_str){path.ptr + cwd.len + 1, path.len - cwd.len - 1};
}
