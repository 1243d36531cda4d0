/* Text that grows, and text of unknown origin made fit for a format. */
#ifndef SHF_TEXT_STRING_BUILDER_H
#define SHF_TEXT_STRING_BUILDER_H

#include <string.h>

#include "shf.h"

/* All zero is an empty one. A failure sticks: later additions do nothing. */
typedef struct shf__builder {
  char *ptr;
  size_t len;
  size_t cap;
  int code; /* SHF_E_NOMEM once a growth failed */
} shf__builder;

void shf__builder_add(shf__builder *t, const void *bytes, size_t len);
void shf__builder_puts(shf__builder *t, const char *text);
/* Adds a code point in UTF-8. */
void shf__builder_code_point(shf__builder *t, uint32_t point);
void shf__builder_free(shf__builder *t);
static inline shf_str shf__builder_str(const shf__builder *t) {
  return (shf_str){t->ptr, t->len};
}

/* What shf__utf8_next gives for bytes that are no UTF-8 (lone surrogates too). */
#define SHF__BAD_UTF8 UINT32_MAX

/*
 * The code point at `s`, of which `n` > 0 bytes are left; *used is its length.
 * Broken bytes are taken by maximal subparts, as the WHATWG decoder does.
 */
uint32_t shf__utf8_next(const char *s, size_t n, size_t *used);

/* Whether all of it is UTF-8. */
bool shf__utf8_valid(shf_str text);
/* Adds the text with U+FFFD for each broken part. */
void shf__builder_utf8(shf__builder *out, shf_str text);

/*
 * Adds the text for one line of a terminal or of a file: a space for each C0, C1 and line or
 * paragraph separator, U+FFFD for broken UTF-8, for the marks that turn the direction of writing
 * and for what is not seen, white space at the ends left out. `##[` becomes `## [`, so that nothing
 * is a command to a job's log. lib/common/errors.js has the same for JavaScript.
 */
void shf__builder_line(shf__builder *out, shf_str text);
/* The same at the beginning of a line, where `::` makes a command too. */
void shf__builder_line_start(shf__builder *out, shf_str text);

/* The text as a JSON string with its quotes; broken UTF-8 is U+FFFD, what is not seen is escaped.
 */
void shf__json_string(shf_sink *sink, shf_str text);

/* The path, without `cwd` and its slash where it is below it. */
shf_str shf__path_below(shf_str path, shf_str cwd);

#endif
