/*
 * Every format by its name. The build generates the rows from lib/formats.js.
 *
 * A plain format is one function of the type shf_writer:
 *   #include "output/formats.h"
 *   shf_writer shf_NAME_write;
 *   int shf_NAME_write(const shf_profile *p, shf_type type, shf_sink *sink) { ... }
 */
#ifndef SHF_OUTPUT_FORMATS_H
#define SHF_OUTPUT_FORMATS_H

#include "shf.h"

/* Options of all writers; each reads its own. */
typedef struct shf__write_options {
  shf_type type;
  size_t max_bytes; /* of Markdown; 0: unlimited */
  shf_listing_options listing;
  shf_svg_options svg;
} shf__write_options;

typedef int shf__writer_with(const shf_profile *p, const shf__write_options *o, shf_sink *sink);

typedef struct shf__format {
  const char *name;
  shf_writer *write;            /* NULL: write_with */
  shf__writer_with *write_with; /* NULL: write */
  bool lines;                   /* has lines of calls; other formats are given the function view */
  bool zipped;                  /* gzip the output */
  bool of_differences;          /* can hold a difference */
} shf__format;

extern const shf__format shf__formats[];
extern const size_t shf__formats_count;

/* NULL when there is no such format. */
const shf__format *shf__format_find(const char *name);
/* As the writers of shf.h, not zipped. SHF_E_ARG for a difference that the format has no place for.
 */
int shf__format_write(const shf__format *f, const shf_profile *p, const shf__write_options *o,
                      shf_sink *sink);

#endif
