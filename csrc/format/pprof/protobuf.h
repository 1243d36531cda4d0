/* Reads the wire format of protocol buffers. */
#ifndef SHF_FORMAT_PPROF_PROTOBUF_H
#define SHF_FORMAT_PPROF_PROTOBUF_H

#include <string.h>

#include "shf.h"

typedef struct shf__wire {
  const unsigned char *at, *end;
  const unsigned char *start; /* for offsets */
  uint64_t offset;            /* of `start` in the input */
} shf__wire;

typedef struct shf__field {
  uint64_t number;
  uint32_t wire;              /* PB_VARINT … */
  uint64_t value;             /* of a varint; the length of bytes */
  const unsigned char *bytes; /* of PB_BYTES */
  uint64_t offset;            /* where the field begins in the input */
} shf__field;

enum shf__step {
  SHF__WIRE_FIELD, /* a whole field; the cursor is after it */
  SHF__WIRE_SHORT, /* the input ends within the field; the cursor has not moved */
  SHF__WIRE_BAD    /* not a valid field */
};

/*
 * Reads the next field; the cursor must not be at its end. Of a short field, number, wire and (for
 * bytes) value are set if the input has them, else 0.
 */
enum shf__step shf__wire_next(shf__wire *w, shf__field *f);

/* Reads a varint of any length. */
enum shf__step shf__wire_long_varint(shf__wire *w, uint64_t *value);
/* A varint of a packed field. */
static inline enum shf__step shf__wire_varint(shf__wire *w, uint64_t *value) {
  if (w->at == w->end || *w->at >= 0x80) return shf__wire_long_varint(w, value);
  *value = *w->at++;
  return SHF__WIRE_FIELD;
}

/* The message inside a field of bytes. */
static inline shf__wire shf__wire_message(const shf__wire *w, const shf__field *f) {
  uint64_t at = w->offset + (uint64_t)(f->bytes - w->start);
  return (shf__wire){f->bytes, f->bytes + f->value, f->bytes, at};
}

#endif
