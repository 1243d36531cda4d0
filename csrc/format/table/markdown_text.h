/* Markdown within a number of bytes, for those who write tables of it. */
#ifndef SHF_FORMAT_TABLE_MARKDOWN_TEXT_H
#define SHF_FORMAT_TABLE_MARKDOWN_TEXT_H

#include "text/string_builder.h"

/* What the last line may take, so that there is always room for it. */
enum { SHF__LEFT_OUT_MAX = 160 };

typedef struct shf__markdown {
  shf_sink *sink;
  size_t left;       /* bytes that may still be written */
  shf__builder part; /* what is written whole or not at all */
} shf__markdown;

/* Writes the part where it fits and leaves `reserve` bytes; else drops it. */
bool shf__markdown_flush(shf__markdown *m, size_t reserve);
/* A code span; `table`: in a table, where a pipe would end its cell. */
void shf__markdown_code(shf__builder *out, shf_str text, bool table);
/* A profile's command as a paragraph, or nothing. */
void shf__markdown_command(shf__markdown *m, const shf_profile *p);

#endif
