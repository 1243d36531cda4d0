/* Small questions about texts and characters. ASCII only, whatever the locale is. */
#ifndef SHF_CORE_STR_H
#define SHF_CORE_STR_H

#include <string.h>

#include "shf.h"

static inline bool shf__str_equals(shf_str text, const char *other) {
  return text.len == strlen(other) && memcmp(text.ptr, other, text.len) == 0;
}

static inline bool shf__str_begins(shf_str text, const char *start) {
  size_t len = strlen(start);
  return text.len >= len && memcmp(text.ptr, start, len) == 0;
}

static inline bool shf__str_ends(shf_str text, const char *end) {
  size_t len = strlen(end);
  return text.len >= len && memcmp(text.ptr + text.len - len, end, len) == 0;
}

/* What follows the last slash or backslash of a path. */
static inline shf_str shf__base_name(shf_str path) {
  size_t i = path.len;
  while (i > 0 && path.ptr[i - 1] != '/' && path.ptr[i - 1] != '\\') i--;
  return (shf_str){path.ptr + i, path.len - i};
}

static inline bool shf__is_digit(char c) {
  return c >= '0' && c <= '9';
}

/* JSON's white space. */
static inline bool shf__is_json_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* 0 to 15; -1 for a character that is no hexadecimal digit. */
static inline int shf__hex_value(char c) {
  if (shf__is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

#endif
