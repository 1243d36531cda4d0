/* Streaming conversion of UTF-16 to UTF-8; PowerShell's > writes UTF-16. */
#ifndef SHF_TEXT_UTF16_H
#define SHF_TEXT_UTF16_H

#include "text/string_builder.h"

/* All zero, except `big`, before the first piece. */
typedef struct shf__utf16 {
  bool big;      /* big-endian */
  bool half;     /* the first byte of a unit has been read: */
  uint8_t byte;  /* this one */
  uint16_t high; /* a high surrogate that waits for its pair; 0: none */
} shf__utf16;

/* Whether the input begins with a byte order mark; sets `big`. */
bool shf__utf16_begins(const char *bytes, size_t len, shf__utf16 *u);
/* Converts a piece, which may end anywhere. Unpaired surrogates become U+FFFD. */
void shf__utf16_take(shf__utf16 *u, const char *bytes, size_t len, shf__builder *out);

#endif
