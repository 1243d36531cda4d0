#include "format/pprof/protobuf.h"

#include "format/pprof/fields.h"

enum shf__step shf__wire_long_varint(shf__wire *w, uint64_t *value) {
  const unsigned char *at = w->at;
  uint64_t sum = 0;
  for (unsigned shift = 0; shift < 7 * PB_VARINT_MAX; shift += 7) {
    if (at == w->end) return SHF__WIRE_SHORT;
    unsigned char c = *at++;
    sum |= (uint64_t)(c & 0x7f) << shift;
    if (c >= 0x80) continue;
    w->at = at;
    *value = sum;
    return SHF__WIRE_FIELD;
  }
  return SHF__WIRE_BAD;
}

static enum shf__step skip(shf__wire *w, uint64_t bytes) {
  if (bytes > (uint64_t)(w->end - w->at)) return SHF__WIRE_SHORT;
  w->at += bytes;
  return SHF__WIRE_FIELD;
}

static enum shf__step read_payload(shf__wire *w, shf__field *f) {
  enum shf__step step;
  switch (f->wire) {
    case PB_VARINT:
      return shf__wire_varint(w, &f->value);
    case PB_FIXED64:
      return skip(w, 8);
    case PB_FIXED32:
      return skip(w, 4);
    case PB_BYTES:
      step = shf__wire_varint(w, &f->value);
      if (step != SHF__WIRE_FIELD) return step;
      f->bytes = w->at;
      return skip(w, f->value);
    default:
      return SHF__WIRE_BAD;
  }
}

enum shf__step shf__wire_next(shf__wire *w, shf__field *f) {
  const unsigned char *from = w->at;
  /* fast path: most fields are bytes with a one-byte tag and length */
  if (w->end - from > 1 && (from[0] & 0x87) == PB_BYTES && from[1] < 0x80 &&
      from[1] <= w->end - from - 2) {
    uint64_t offset = w->offset + (uint64_t)(from - w->start);
    *f = (shf__field){from[0] >> 3, PB_BYTES, from[1], from + 2, offset};
    w->at = from + 2 + from[1];
    return SHF__WIRE_FIELD;
  }
  uint64_t tag = 0;
  *f = (shf__field){.offset = w->offset + (uint64_t)(from - w->start)};
  enum shf__step step = shf__wire_varint(w, &tag);
  f->number = tag >> 3;
  f->wire = (uint32_t)(tag & 7);
  if (step == SHF__WIRE_FIELD) step = read_payload(w, f);
  if (step != SHF__WIRE_FIELD) w->at = from;
  return step;
}
