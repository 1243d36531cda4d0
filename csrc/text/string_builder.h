/* Text that grows, and text of unknown origin made safe for an output. */
#ifndef SHF_TEXT_STRING_BUILDER_H
#define SHF_TEXT_STRING_BUILDER_H

#include <string.h>

#include "shf.h"
#include "text/utf8.h"

/* All zero is empty. After a failure, later additions do nothing. */
typedef struct shf__builder {
  char *ptr;
  size_t len;
  size_t cap;
  int code; /* SHF_E_NOMEM after a failed allocation */
} shf__builder;

void shf__builder_add(shf__builder *t, const void *bytes, size_t len);
void shf__builder_puts(shf__builder *t, const char *text);
/* Adds a code point as UTF-8. */
void shf__builder_code_point(shf__builder *t, uint32_t point);
void shf__builder_free(shf__builder *t);
static inline shf_str shf__builder_str(const shf__builder *t) {
  return (shf_str){t->ptr, t->len};
}

/* Adds the text with U+FFFD for each invalid part. */
void shf__builder_utf8(shf__builder *out, shf_str text);

/*
 * Adds the text made safe for one line of a terminal or of a file: control characters and line
 * separators become spaces; invalid UTF-8, bidirectional marks and invisible characters become
 * U+FFFD; leading and trailing white space is removed. `##[` becomes `## [`, so that a CI job's
 * log does not take it for a command. lib/common/errors.js does the same in JavaScript.
 */
void shf__builder_line(shf__builder *out, shf_str text);
/* The same at the start of a line, where `::` is a command too. */
void shf__builder_line_start(shf__builder *out, shf_str text);

/*
 * Writes the text as a JSON string with quotes. Invalid UTF-8 becomes U+FFFD; invisible
 * characters are escaped.
 */
void shf__json_string(shf_sink *sink, shf_str text);

/* The path relative to `cwd` when it is below it, else unchanged. */
shf_str shf__path_below(shf_str path, shf_str cwd);

#endif
