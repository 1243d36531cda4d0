#include "text/utf16.h"

bool shf__utf16_begins(const char *bytes, size_t len, shf__utf16 *u) {
  if (len < 2) return false;
  u->big = memcmp(bytes, "\xFE\xFF", 2) == 0;
  return u->big || memcmp(bytes, "\xFF\xFE", 2) == 0;
}

static void take_unit(shf__utf16 *u, uint16_t unit, shf__builder *out) {
  bool low = unit >= 0xDC00 && unit < 0xE000, high = unit >= 0xD800 && unit < 0xDC00;
  if (u->high && low) {
    shf__builder_code_point(out, 0x10000 + ((uint32_t)(u->high - 0xD800) << 10) + (unit - 0xDC00u));
    u->high = 0;
    return;
  }
  if (u->high) shf__builder_code_point(out, 0xFFFD);
  u->high = high ? unit : 0;
  if (!high) shf__builder_code_point(out, low ? 0xFFFD : unit);
}

void shf__utf16_take(shf__utf16 *u, const char *bytes, size_t len, shf__builder *out) {
  for (size_t i = 0; i < len && !out->code; i++) {
    uint8_t byte = (uint8_t)bytes[i];
    if (u->half) take_unit(u, (uint16_t)(u->big ? u->byte << 8 | byte : byte << 8 | u->byte), out);
    u->byte = byte;
    u->half = !u->half;
  }
}
