/*
 * Parses a frame's text as shf_frame_text writes it. Only what ends in `:LINE)` or `:LINE:COLUMN)`
 * is a place; anything else is a name, so reading and writing again loses nothing. Bytes that the
 * writer would replace are replaced before parsing, so that a second round trip gives the same.
 */
#include "core/str.h"
#include "format/reader.h"
#include "profile/metadata_lines.h"
#include "profile/profile.h"

/* Cuts `:NUMBER` off the end of the text; 0: there is none. */
static int32_t cut_number(shf_str *text) {
  size_t i = text->len;
  int64_t value = 0, scale = 1;
  while (i > 0 && text->ptr[i - 1] >= '0' && text->ptr[i - 1] <= '9' && scale <= 1000000000) {
    value += (text->ptr[--i] - '0') * scale;
    scale *= 10;
  }
  bool plain = i < text->len && text->ptr[i] != '0' && value <= INT32_MAX;
  if (!plain || i < 2 || text->ptr[i - 1] != ':') return 0;
  text->len = i - 1;
  return (int32_t)value;
}

static bool begins_path(const char *at, size_t len) {
  bool drive = len > 2 && at[1] == ':' && (at[2] == '\\' || at[2] == '/');
  return drive || shf__str_begins((shf_str){at, len}, "/") ||
         shf__str_begins((shf_str){at, len}, "node:") ||
         shf__str_begins((shf_str){at, len}, "file:") ||
         shf__str_begins((shf_str){at, len}, "http");
}

/* The index of ` (` before the place: if there are several, the first before a path. */
static size_t find_place(shf_str text) {
  size_t last = SIZE_MAX;
  for (size_t i = 0; i + 3 < text.len; i++) {
    if (text.ptr[i] != ' ' || text.ptr[i + 1] != '(') continue;
    if (begins_path(text.ptr + i + 2, text.len - i - 2)) return i;
    last = i;
  }
  return last;
}

/* Cuts off the place, if there is one. */
static bool cut_place(shf_str *text, shf_str *file, shf_frame *f) {
  size_t at = text->len && text->ptr[text->len - 1] == ')' ? find_place(*text) : SIZE_MAX;
  if (at == SIZE_MAX || at == 0) return false;
  shf_str place = {text->ptr + at + 2, text->len - at - 3};
  int32_t last = cut_number(&place), first = last ? cut_number(&place) : 0;
  if (!last) return false;
  text->len = at;
  *file = place;
  f->line = first ? first : last;
  f->column = first ? last : 0;
  return true;
}

static bool is_clean(shf_str text) {
  if (text.len && (text.ptr[0] == ' ' || text.ptr[text.len - 1] == ' ')) return false;
  for (size_t i = 0; i < text.len; i++)
    if (text.ptr[i] < ' ' || text.ptr[i] > '~') return false;
  return true;
}

static int add_frame(shf_profile *p, shf_str name, shf_str file, shf_frame f, uint32_t *frame) {
  if (shf__str_equals(name, "(anonymous)")) name.len = 0;
  int code = shf_profile_string(p, name, &f.name);
  if (!code) code = shf_profile_string(p, shf__without_query(file), &f.file);
  return code ? code : shf_profile_frame(p, f, frame);
}

static int parse_unclean(shf_profile *p, shf_str text, uint32_t *frame) {
  shf__builder line = {NULL, 0, 0, SHF_OK};
  shf__builder_line(&line, text);
  shf_frame f = {0, 0, 0, 0, 0};
  shf_str name = shf__builder_str(&line), file = {"", 0};
  int code = line.code;
  if (!code && !cut_place(&name, &file, &f)) name = text;
  if (!code) code = add_frame(p, name, file, f, frame);
  shf__builder_free(&line);
  return code;
}

int shf__frame_parse(shf_profile *p, shf_str text, uint32_t *frame) {
  if (!is_clean(text)) return parse_unclean(p, text, frame);
  shf_frame f = {0, 0, 0, 0, 0};
  shf_str file = {"", 0};
  cut_place(&text, &file, &f);
  return add_frame(p, text, file, f, frame);
}
