#include "text/string_builder.h"

#include <assert.h>
#include <stdlib.h>

#include "core/budget.h"

static void grow(shf__builder *t, size_t more) {
  if (more > SIZE_MAX / 2 - t->len) {
    t->code = SHF_E_NOMEM;
    return;
  }
  size_t cap = t->cap ? t->cap : 256;
  while (cap < t->len + more) cap *= 2;
  char *ptr = shf__budget_resize(t->cap, cap) ? realloc(t->ptr, cap) : NULL;
  if (!ptr) {
    t->code = SHF_E_NOMEM;
    return;
  }
  t->ptr = ptr;
  t->cap = cap;
}

void shf__builder_add(shf__builder *t, const void *bytes, size_t len) {
  if (len == 0 || t->code != SHF_OK) return;
  assert(t->len <= t->cap);
  if (len > t->cap - t->len) grow(t, len);
  if (t->code != SHF_OK) return;
  memcpy(t->ptr + t->len, bytes, len);
  t->len += len;
}

void shf__builder_code_point(shf__builder *out, uint32_t point) {
  char b[4];
  size_t n = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  static const uint8_t leads[] = {0, 0, 0xC0, 0xE0, 0xF0};
  for (size_t i = n; i-- > 1; point >>= 6) b[i] = (char)(0x80 | (point & 0x3F));
  b[0] = (char)(leads[n] | point);
  shf__builder_add(out, b, n);
}

void shf__builder_puts(shf__builder *t, const char *text) {
  shf__builder_add(t, text, strlen(text));
}

void shf__builder_free(shf__builder *t) {
  shf__budget_resize(t->cap, 0);
  free(t->ptr);
  *t = (shf__builder){NULL, 0, 0, SHF_OK};
}

static const char REPLACEMENT[] = "\xEF\xBF\xBD"; /* U+FFFD */

void shf__builder_utf8(shf__builder *out, shf_str text) {
  size_t used, from = 0;
  for (size_t i = 0; i < text.len; i += used) {
    if (shf__utf8_next(text.ptr + i, text.len - i, &used) != SHF__BAD_UTF8) continue;
    shf__builder_add(out, text.ptr + from, i - from);
    shf__builder_puts(out, REPLACEMENT);
    from = i + used;
  }
  if (text.len > from) shf__builder_add(out, text.ptr + from, text.len - from);
}

static bool is_control(uint32_t point) {
  return point < 0x20 || (point >= 0x7F && point < 0xA0) || point == 0x2028 || point == 0x2029;
}

/* Changes the direction of writing, or is not visible. */
static bool is_invisible(uint32_t point) {
  static const uint32_t ranges[][2] = {
      {0xAD, 0xAD},     {0x34F, 0x34F},     {0x61C, 0x61C},     {0x115F, 0x1160},
      {0x17B4, 0x17B5}, {0x180B, 0x180F},   {0x200B, 0x200F},   {0x202A, 0x202E},
      {0x2060, 0x206F}, {0x3164, 0x3164},   {0xFEFF, 0xFEFF},   {0xFFA0, 0xFFA0},
      {0xFFF0, 0xFFFB}, {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF}};
  for (size_t i = 0; point >= 0xAD && i < sizeof ranges / sizeof ranges[0]; i++)
    if (point >= ranges[i][0] && point <= ranges[i][1]) return true;
  return false;
}

static bool is_blank(uint32_t point) {
  return point == ' ' || point == 0xA0 || point == 0x3000 || (point >= 0x2000 && point <= 0x200A) ||
         is_control(point);
}

/* `##[group]`, `##vso[…]`: CI systems take these for commands, also within a line. */
static bool begins_command(shf_str text, size_t at, size_t start) {
  size_t i = at;
  while (i > start && (text.ptr[i - 1] | 0x20) >= 'a' && (text.ptr[i - 1] | 0x20) <= 'z') i--;
  return i >= start + 2 && text.ptr[i - 1] == '#' && text.ptr[i - 2] == '#';
}

void shf__builder_line(shf__builder *out, shf_str text) {
  size_t used, start = out->len, solid = out->len;
  for (size_t i = 0; i < text.len; i += used) {
    uint32_t point = shf__utf8_next(text.ptr + i, text.len - i, &used);
    bool blank = is_blank(point);
    if (blank && out->len == start) continue;
    if (point == '[' && begins_command(shf__builder_str(out), out->len, start))
      shf__builder_add(out, " ", 1);
    if (point == SHF__BAD_UTF8 || is_invisible(point)) {
      shf__builder_puts(out, REPLACEMENT);
    } else if (is_control(point)) {
      shf__builder_add(out, " ", 1);
    } else {
      shf__builder_add(out, text.ptr + i, used);
    }
    if (!blank) solid = out->len;
  }
  if (out->code == SHF_OK) out->len = solid;
}

void shf__builder_line_start(shf__builder *out, shf_str text) {
  shf__builder line = {NULL, 0, 0, SHF_OK};
  shf__builder_line(&line, text);
  bool command = line.len >= 2 && line.ptr[0] == ':' && line.ptr[1] == ':';
  if (command) shf__builder_puts(out, ": ");
  if (line.len) shf__builder_add(out, line.ptr + command, line.len - command);
  if (line.code != SHF_OK) out->code = line.code;
  shf__builder_free(&line);
}

static void json_unit(shf_sink *sink, uint32_t unit) {
  static const char hex[] = "0123456789abcdef";
  const char escape[6] = {
      '\\', 'u', hex[unit >> 12 & 15], hex[unit >> 8 & 15], hex[unit >> 4 & 15], hex[unit & 15]};
  shf_sink_write(sink, escape, sizeof escape);
}

static void json_point(shf_sink *sink, uint32_t point) {
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
    if (point > 0xFFFF) json_unit(sink, 0xD800 + ((point - 0x10000) >> 10));
    json_unit(sink, point > 0xFFFF ? 0xDC00 + ((point - 0x10000) & 0x3FF) : point);
  }
}

static bool is_plain_json(char c) {
  return c >= 0x20 && c < 0x7F && c != '"' && c != '\\' && c != '[';
}

void shf__json_string(shf_sink *sink, shf_str text) {
  size_t used, from = 0;
  shf_sink_puts(sink, "\"");
  for (size_t i = 0; i < text.len; i += used) {
    used = 1;
    if (is_plain_json(text.ptr[i])) continue;
    uint32_t point = shf__utf8_next(text.ptr + i, text.len - i, &used);
    bool command = point == '[' && begins_command(text, i, 0);
    if (point == '[' && !command) continue;
    if (point > 0x7F && point != SHF__BAD_UTF8 && !is_control(point) && !is_invisible(point))
      continue;
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
