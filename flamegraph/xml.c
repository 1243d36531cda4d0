#include "xml.h"

#include <string.h>

#include "text/string_builder.h"

void shf__xml_begin(shf_xml *x, shf_sink *sink) {
  x->sink = sink;
  x->hold = false;
  x->bytes = 0;
  x->code = SHF_OK;
  x->used = 0;
}

void shf__xml_hold(shf_xml *x) {
  shf__xml_begin(x, NULL);
  x->hold = true;
}

shf_str shf__xml_held(const shf_xml *x) {
  return (shf_str){x->buffer, x->used};
}

int shf__xml_flush(shf_xml *x) {
  if (x->sink && x->used && x->code == SHF_OK)
    x->code = shf_sink_write(x->sink, x->buffer, x->used);
  x->used = 0;
  return x->code;
}

void shf__xml_put(shf_xml *x, const char *bytes, size_t len) {
  if (len && len <= sizeof x->buffer - x->used) {
    memcpy(x->buffer + x->used, bytes, len);
    x->used += len;
    return;
  }
  while (len > 0) {
    if (x->used == sizeof x->buffer) {
      if (x->hold) return;
      shf__xml_flush(x);
    }
    size_t available = sizeof x->buffer - x->used;
    size_t n = len < available ? len : available;
    memcpy(x->buffer + x->used, bytes, n);
    x->used += n;
    bytes += n;
    len -= n;
  }
}

size_t shf__xml_next(const char *bytes, size_t len, uint32_t *character) {
  size_t used;
  uint32_t c = shf__utf8_next(bytes, len, &used);
  bool control = c < 0x20 || (c >= 0x7F && c <= 0x9F);
  bool valid = c != SHF__BAD_UTF8 && !control && c != 0xFFFE && c != 0xFFFF;
  *character = valid ? c : SHF_REPLACEMENT;
  return used;
}

/* Needs no escape, neither in XML nor in JSON. */
static bool is_plain(char c) {
  return c >= ' ' && c <= '~' && c != '&' && c != '<' && c != '>' && c != '"' && c != '\\';
}

static const char *xml_escape_of(uint32_t character) {
  switch (character) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case SHF_REPLACEMENT:
      return "\xEF\xBF\xBD";
    default:
      return NULL;
  }
}

static void escaped(shf_xml *x, shf_str text, const char *(*escape_of)(uint32_t)) {
  size_t plain = 0; /* start of the run without escapes */
  for (size_t i = 0; i < text.len;) {
    if (is_plain(text.ptr[i])) {
      i++;
      continue;
    }
    uint32_t c;
    size_t n = shf__xml_next(text.ptr + i, text.len - i, &c);
    const char *escape = escape_of(c);
    if (escape) {
      shf__xml_bytes(x, text.ptr + plain, i - plain);
      shf__xml_raw(x, escape);
      plain = i + n;
    }
    i += n;
  }
  if (text.len > plain) shf__xml_bytes(x, text.ptr + plain, text.len - plain);
}

void shf__xml_text(shf_xml *x, shf_str text) {
  escaped(x, text, xml_escape_of);
}

static const char *json_escape_of(uint32_t character) {
  if (character == '"') return "\\\"";
  if (character == '\\') return "\\\\";
  return xml_escape_of(character);
}

void shf__xml_json(shf_xml *x, shf_str text) {
  shf__xml_raw(x, "\"");
  escaped(x, text, json_escape_of);
  shf__xml_raw(x, "\"");
}

static unsigned digits_of(uint64_t value) {
  unsigned n = 1;
  for (; value >= 10000; value /= 10000) n += 4;
  if (value < 100) return n + (value >= 10);
  return n + (value < 1000 ? 2 : 3);
}

/* Decimal digits with `group` between thousands (0: none), right-aligned. */
static void number(shf_xml *x, uint64_t value, char group) {
  char digits[32];
  size_t at = sizeof digits;
  int n = 0;
  if (shf__xml_counts(x)) {
    unsigned count = digits_of(value);
    x->bytes += group ? count + (count - 1) / 3 : count;
    return;
  }
  do {
    if (group && n && n % 3 == 0) digits[--at] = group;
    digits[--at] = (char)('0' + value % 10);
    value /= 10;
    n++;
  } while (value);
  shf__xml_bytes(x, digits + at, sizeof digits - at);
}

void shf__xml_u64(shf_xml *x, uint64_t value) {
  number(x, value, 0);
}

void shf__xml_rounded(shf_xml *x, double value) {
  unsigned exponent = 0;
  for (; value >= 999.5 && exponent < 60; exponent++) value /= 10;
  shf__xml_u64(x, (uint64_t)(value + 0.5));
  if (exponent == 0) return;
  shf__xml_raw(x, "e");
  shf__xml_u64(x, exponent);
}

void shf__xml_grouped(shf_xml *x, uint64_t value) {
  number(x, value, ',');
}

void shf__xml_tenths(shf_xml *x, int64_t tenths) {
  uint64_t value = (uint64_t)tenths;
  if (tenths < 0) {
    shf__xml_raw(x, "-");
    value = 0 - value;
  }
  if (value >= 10 || value == 0) number(x, value / 10, 0);
  if (value % 10 == 0) return;
  char fraction[2] = {'.', (char)('0' + value % 10)};
  shf__xml_bytes(x, fraction, sizeof fraction);
}

void shf__xml_fixed(shf_xml *x, uint64_t value, unsigned decimals) {
  char digits[32];
  size_t at = sizeof digits;
  for (unsigned i = 0; i < decimals && at > 1; i++, value /= 10)
    digits[--at] = (char)('0' + value % 10);
  number(x, value, 0);
  if (at == sizeof digits) return;
  digits[--at] = '.';
  shf__xml_bytes(x, digits + at, sizeof digits - at);
}

void shf__xml_percent(shf_xml *x, int64_t part, int64_t whole) {
  double share = whole > 0 && part > 0 ? (double)part / (double)whole : 0;
  shf__xml_fixed(x, (uint64_t)(share * 10000 + 0.5), 2);
}
