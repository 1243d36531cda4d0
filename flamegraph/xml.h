/* Buffered, counted XML output that is well-formed for any bytes in. */
#ifndef SHF_FLAMEGRAPH_XML_H
#define SHF_FLAMEGRAPH_XML_H

#include <string.h>

#include "shf.h"

/* U+FFFD stands for what XML cannot carry or a reader would mangle. */
#define SHF_REPLACEMENT 0xFFFDu

typedef struct shf_xml {
  shf_sink *sink; /* NULL: only count */
  bool hold;      /* keep what fits in the buffer, as a text */
  uint64_t bytes; /* written so far, buffered ones included */
  int code;       /* the sink's first failure */
  size_t used;
  char buffer[4096];
} shf_xml;

void shf__xml_begin(shf_xml *x, shf_sink *sink);
/* For a short text: what is beyond the buffer is dropped. */
void shf__xml_hold(shf_xml *x);
shf_str shf__xml_held(const shf_xml *x);
/* Hands what is buffered to the sink; the first failure's code, or 0. */
int shf__xml_flush(shf_xml *x);

/* Whether what is written is only counted. */
static inline bool shf__xml_counts(const shf_xml *x) {
  return !x->sink && !x->hold;
}
void shf__xml_put(shf_xml *x, const char *bytes, size_t len);
/* Markup, as it is. Inline, since most of a picture is only counted, over and over. */
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
 * A JSON string with its quotes, for character data; what XML cannot carry is
 * U+FFFD here too, so that a name reads the same in the picture and in the data.
 */
void shf__xml_json(shf_xml *x, shf_str text);
void shf__xml_u64(shf_xml *x, uint64_t value);
/* 1,234,567 */
void shf__xml_grouped(shf_xml *x, uint64_t value);
/* A number of `decimals` digits behind the point, given in units of the last: 1.23 */
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
