/* Text in UTF-16, as PowerShell's > writes it, made UTF-8 piece by piece. */
#ifndef SHF_TEXT_UTF16_H
#define SHF_TEXT_UTF16_H

#include "text/string_builder.h"

/* All zero but `big` before the first piece. */
typedef struct shf__utf16 {
  bool big;      /* the high byte of a unit comes first */
  bool half;     /* there is a byte of a unit, */
  uint8_t byte;  /* which is this */
  uint16_t high; /* the first unit of a pair that waits for its second; 0: none */
} shf__utf16;

/* Whether a byte order mark stands at the beginning; sets `big` by it. */
bool shf__utf16_begins(const char *bytes, size_t len, shf__utf16 *u);
/* Adds a piece, which may end anywhere; lone halves of pairs become U+FFFD. */
void shf__utf16_take(shf__utf16 *u, const char *bytes, size_t len, shf__builder *out);

#endif
