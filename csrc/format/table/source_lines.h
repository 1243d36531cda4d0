/* Source lines of functions. */
#ifndef SHF_FORMAT_TABLE_SOURCE_LINES_H
#define SHF_FORMAT_TABLE_SOURCE_LINES_H

#include "text/string_builder.h"

/* Where a line begins in the file of a function. */
typedef struct shf__source {
  uint32_t frame;
  int32_t line;
  uint64_t offset; /* bytes; UINT64_MAX: no such line or file */
} shf__source;

/*
 * Sets the offset of each row; each file is read once. Only absolute paths and file: URLs of
 * regular files below one of `roots` (see shf_listing_options) are read; anything else counts as
 * missing.
 */
int shf__source_find(const shf_profile *p, shf_str roots, shf__source *sources, uint32_t count);

/*
 * Adds at most `count` lines, each ended by LF and cut after SHF__SOURCE_LINE bytes. If the
 * function begins on that line at a far column, as in bundles, the text begins shortly before it,
 * with an ellipsis.
 */
enum { SHF__SOURCE_LINE = 1024 };
int shf__source_read(const shf_profile *p, shf_str roots, const shf__source *source, uint32_t count,
                     shf__builder *out);

#endif
