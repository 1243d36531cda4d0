#include "text/utf8.h"

static bool continues(const char *s, size_t n, size_t at) {
  return at < n && ((uint8_t)s[at] & 0xC0) == 0x80;
}

/* Whether `second` may follow `lead`: no overlong forms, no surrogates, at most U+10FFFF. */
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
