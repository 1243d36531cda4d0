#include "xml.h"

#include <string.h>

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

/*
 * How many continuation bytes follow a lead byte, the range that the first of
 * them must be in, and the lead's own bits; 0 for no lead byte. The ranges shut
 * out overlong forms, surrogates and what is above U+10FFFF.
 */
static size_t lead(unsigned char byte, unsigned char *low, unsigned char *high, uint32_t *bits) {
  *low = 0x80;
  *high = 0xBF;
  if (byte >= 0xC2 && byte <= 0xDF) return *bits = byte & 0x1Fu, 1;
  if (byte >= 0xE0 && byte <= 0xEF) {
    if (byte == 0xE0) *low = 0xA0;
    if (byte == 0xED) *high = 0x9F;
    return *bits = byte & 0x0Fu, 2;
  }
  if (byte >= 0xF0 && byte <= 0xF4) {
    if (byte == 0xF0) *low = 0x90;
    if (byte == 0xF4) *high = 0x8F;
    return *bits = byte & 0x07u, 3;
  }
  return 0;
}

size_t shf__xml_next(const char *bytes, size_t len, uint32_t *character) {
  const unsigned char *b = (const unsigned char *)bytes;
  *character = SHF_REPLACEMENT;
  if (b[0] < 0x80) {
    if (b[0] >= 0x20 && b[0] != 0x7F) *character = b[0];
    return 1;
  }
  unsigned char low, high;
  uint32_t bits = 0;
  size_t more = lead(b[0], &low, &high, &bits);
  if (more == 0) return 1;
  for (size_t i = 1; i <= more; i++) {
    /* A broken sequence ends before the byte that breaks it. */
    if (i == len || b[i] < low || b[i] > high) return i;
    bits = bits << 6 | (b[i] & 0x3Fu);
    low = 0x80;
    high = 0xBF;
  }
  bool control = bits >= 0x80 && bits <= 0x9F;
  if (!control && bits != 0xFFFE && bits != 0xFFFF) *character = bits;
  return more + 1;
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
