/* Lines of the source files that functions stand in. */
#ifndef SHF_FORMAT_TABLE_SOURCE_LINES_H
#define SHF_FORMAT_TABLE_SOURCE_LINES_H

#include "text/string_builder.h"

/* Where a function's first line begins in its file. */
typedef struct shf__source {
  uint32_t frame;
  int32_t line;
  uint64_t offset; /* bytes; UINT64_MAX: there is no such line or file */
} shf__source;

/*
 * Finds the first line of each of the frames; each file is read once. Only plain
 * absolute paths and file: URLs that name regular files below one of `roots` are read
 * (as shf_listing_options has it), all else is silently not there. *out has `count`
 * rows in the order given; free() it.
 */
int shf__source_find(const shf_profile *p, shf_str roots, const shf_row *rows, uint32_t count,
                     shf__source **out);

/*
 * Adds `count` lines at most, each ended by LF and cut behind SHF__SOURCE_LINE
 * bytes. Of a function at a far column, as in bundles, the first line begins
 * shortly in front of it, with an ellipsis.
 */
enum { SHF__SOURCE_LINE = 1024 };
int shf__source_read(const shf_profile *p, shf_str roots, const shf__source *source, uint32_t count,
                     shf__builder *out);

#endif
