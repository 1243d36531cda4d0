/* A profile through every writer, and what each target promises of it. */
#ifndef SHF_WRITERS_H
#define SHF_WRITERS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output/formats.h"

#define PROMISE(condition)                                                          \
  do {                                                                              \
    if (!(condition)) {                                                             \
      fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__, #condition); \
      abort();                                                                      \
    }                                                                               \
  } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct output {
  char *bytes;
  size_t len;
  int code;
} output;

static inline void check_tree(const shf_profile *p) {
  uint32_t nodes = shf_profile_nodes(p);
  PROMISE(shf_profile_parent(p, 0) == SHF_NONE && shf_profile_end(p, 0) == nodes);
  for (uint32_t n = 1; n < nodes; n++) {
    uint32_t parent = shf_profile_parent(p, n);
    PROMISE(parent < n && shf_profile_end(p, n) <= shf_profile_end(p, parent));
    PROMISE(shf_profile_depth(p, n) == shf_profile_depth(p, parent) + 1);
    PROMISE(shf_profile_frame_of(p, n) < shf_profile_frames(p));
  }
  for (uint32_t i = 0; i < shf_profile_buckets(p); i++) {
    const shf_bucket b = shf_profile_bucket_at(p, i);
    PROMISE(b.node < nodes && b.source < shf_profile_sources(p));
  }
}

static inline bool is_format(const shf__format *format, const char *name) {
  return strcmp(format->name, name) == 0;
}

static inline int write_format(const shf_profile *p, const shf__format *format, shf_type type,
                               shf_sink *sink) {
  static const size_t budgets[SHF_TYPES] = {0, 20000, 0, 60000};
  /* no lines of source: a path of the input must not be opened */
  shf__write_options o = {.type = type,
                          .max_bytes = 3000,
                          .listing = {.type = type, .width = type & 1 ? 60 : 0, .human = type & 1},
                          .svg = {.type = type, .max_bytes = budgets[type]}};
  if (format->lines || !shf_profile_has_lines(p)) return shf__format_write(format, p, &o, sink);
  shf_profile *functions = NULL;
  PROMISE(shf_profile_group(p, SHF_BY_FUNCTION, &functions) == SHF_OK);
  int code = shf__format_write(format, functions, &o, sink);
  shf_profile_free(functions);
  return code;
}

/* Of lines as of functions, the figures add up to the same. */
static inline void check_lines(const shf_profile *p) {
  shf_profile *by_line, *functions;
  shf_row *rows;
  uint32_t count, first, end;
  if (!shf_profile_has_lines(p)) return;
  PROMISE(shf_profile_group(p, SHF_BY_LINE, &by_line) == SHF_OK);
  PROMISE(shf_profile_group(p, SHF_BY_FUNCTION, &functions) == SHF_OK);
  PROMISE(!shf_profile_has_lines(by_line) && !shf_profile_has_lines(functions));
  for (int t = 0; t < SHF_TYPES; t++) {
    PROMISE(shf_profile_total(by_line, (shf_type)t) == shf_profile_total(p, (shf_type)t));
    PROMISE(shf_profile_total(functions, (shf_type)t) == shf_profile_total(p, (shf_type)t));
  }
  PROMISE(shf_profile_rows(functions, SHF_ALLOC_SPACE, &rows, &count) == SHF_OK);
  for (uint32_t r = 0; r < count; r++) {
    shf_profile_lines_of(functions, rows[r].frame, &first, &end);
    for (int t = 0; t < SHF_TYPES && first < end; t++) {
      int64_t self = 0;
      for (uint32_t i = first; i < end; i++) self += shf_profile_line_at(functions, i)->self[t];
      PROMISE(self == rows[r].self[t]);
    }
  }
  free(rows);
  shf_profile_free(by_line);
  shf_profile_free(functions);
}

static inline output written(const shf_profile *p, const shf__format *format, shf_type type) {
  shf_sink *sink;
  output o;
  PROMISE(shf_sink_memory(&sink) == SHF_OK);
  o.code = write_format(p, format, type, sink);
  PROMISE(shf_sink_finish(sink, NULL) == SHF_OK);
  shf_sink_take(sink, &o.bytes, &o.len);
  shf_sink_free(sink);
  return o;
}

#endif
