/* A profile through every writer, and what each target promises of it. */
#ifndef SHF_WRITERS_H
#define SHF_WRITERS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shf.h"

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
    const shf_bucket *b = shf_profile_bucket_at(p, i);
    PROMISE(b->node < nodes && b->source < shf_profile_sources(p));
  }
}

enum format { FOLDED, PPROF, HEAPPROFILE, LISTING, MARKDOWN, JSON, SVG, FORMATS };

static inline int write_format(const shf_profile *p, enum format format, shf_type type,
                               shf_sink *sink) {
  static const size_t budgets[SHF_TYPES] = {0, 20000, 0, 60000};
  /* no lines of source: a path of the input must not be opened */
  shf_listing_options o = {.type = type, .width = type & 1 ? 60 : 0, .human = type & 1};
  shf_svg_options svg = {.type = type, .max_bytes = budgets[type]};
  switch (format) {
    case FOLDED:
      return shf_folded_write(p, type, sink);
    case PPROF:
      return shf_pprof_write(p, type, sink);
    case HEAPPROFILE:
      return shf_heapprofile_write(p, type, sink);
    case LISTING:
      if (shf_profile_is_diff(p)) return shf_diff_write(p, &o, sink);
      return shf_listing_write(p, &o, sink);
    case MARKDOWN:
      return shf_markdown_write(p, &o, 3000, sink);
    case JSON:
      return shf_json_write(p, &o, sink);
    default:
      return shf_svg_write(p, &svg, sink);
  }
}

static inline output written(const shf_profile *p, enum format format, shf_type type) {
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
