/* Writes Markdown tables within a limit of bytes. */
#ifndef SHF_FORMAT_TABLE_MARKDOWN_TEXT_H
#define SHF_FORMAT_TABLE_MARKDOWN_TEXT_H

#include "text/string_builder.h"

/* The most bytes of the last line, which are reserved for it. */
enum { SHF__LEFT_OUT_MAX = 160 };

typedef struct shf__markdown {
  shf_sink *sink;
  size_t left;       /* bytes that may still be written */
  shf__builder part; /* what is written whole or not at all */
} shf__markdown;

/* Writes the part if it fits and leaves `reserve` bytes; else drops it. */
bool shf__markdown_flush(shf__markdown *m, size_t reserve);
/* Adds a code span; `table`: inside a table, where pipes are escaped. */
void shf__markdown_code(shf__builder *out, shf_str text, bool table);
/* Adds the profile's command as a paragraph, if it has one. */
void shf__markdown_command(shf__markdown *m, const shf_profile *p);

#endif
