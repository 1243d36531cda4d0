/* Decoding of UTF-8. */
#ifndef SHF_TEXT_UTF8_H
#define SHF_TEXT_UTF8_H

#include "shf.h"

/* Result of shf__utf8_next for invalid bytes, which include encoded surrogates. */
#define SHF__BAD_UTF8 UINT32_MAX

/*
 * The code point at `s`, where `n` > 0 bytes are left; *used is its length. Invalid bytes are
 * consumed by maximal subparts, as in the WHATWG decoder.
 */
uint32_t shf__utf8_next(const char *s, size_t n, size_t *used);

/* Whether the whole text is valid UTF-8. */
bool shf__utf8_valid(shf_str text);

#endif
