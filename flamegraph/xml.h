/* Buffered XML output that counts bytes and is well-formed for any input. */
#ifndef SHF_FLAMEGRAPH_XML_H
#define SHF_FLAMEGRAPH_XML_H

#include <string.h>

#include "shf.h"

/* U+FFFD replaces what XML cannot represent. */
#define SHF_REPLACEMENT 0xFFFDu

typedef struct shf_xml {
  shf_sink *sink; /* NULL: only count */
  bool hold;      /* keep the text in the buffer */
  uint64_t bytes; /* written so far, including buffered ones */
  int code;       /* the sink's first failure */
  size_t used;
  char buffer[4096];
} shf_xml;

void shf__xml_begin(shf_xml *x, shf_sink *sink);
/* Collects a short text; what does not fit in the buffer is dropped. */
void shf__xml_hold(shf_xml *x);
shf_str shf__xml_held(const shf_xml *x);
/* Writes the buffer to the sink. @return the first failure's code, or 0 */
int shf__xml_flush(shf_xml *x);

/* Whether bytes are only counted. */
static inline bool shf__xml_counts(const shf_xml *x) {
  return !x->sink && !x->hold;
}
void shf__xml_put(shf_xml *x, const char *bytes, size_t len);
/* Unescaped markup. Inline, because most calls only count bytes. */
static inline void shf__xml_bytes(shf_xml *x, const char *bytes, size_t len) {
  x->bytes += len;
  if (!shf__xml_counts(x)) shf__xml_put(x, bytes, len);
}
static inline void shf__xml_raw(shf_xml *x, const char *markup) {
  shf__xml_bytes(x, markup, strlen(markup));
}
/* Escaped for character data and for attributes in double quotes. */
void shf__xml_text(shf_xml *x, shf_str text);
/*
 * A quoted JSON string within character data; what XML cannot represent is U+FFFD here too, so that
 * names are the same in the picture and in the data.
 */
void shf__xml_json(shf_xml *x, shf_str text);
void shf__xml_u64(shf_xml *x, uint64_t value);
/* A number rounded to three digits, with an exponent: 1234567 is 123e4. */
void shf__xml_rounded(shf_xml *x, double value);
/* 1,234,567 */
void shf__xml_grouped(shf_xml *x, uint64_t value);
/* A number with `decimals` decimals, given in units of the last one: 1.23 */
void shf__xml_fixed(shf_xml *x, uint64_t value, unsigned decimals);
/* A length given in tenths: 12.3, .4, 7 */
void shf__xml_tenths(shf_xml *x, int64_t tenths);
/* `part` of `whole` as a percentage with two decimals: 12.34 */
void shf__xml_percent(shf_xml *x, int64_t part, int64_t whole);

/*
 * The next character of the `len` (at least 1) bytes, and how many of them it
 * took. Broken UTF-8, control characters, U+FFFE and U+FFFF give SHF_REPLACEMENT.
 */
size_t shf__xml_next(const char *bytes, size_t len, uint32_t *character);

#endif
