/* Pictures, and where things stand in them. */
#ifndef SHF_PICTURE_H
#define SHF_PICTURE_H

#include "test.h"

/* The file; free() it. */
static inline char *svg_of(const shf_profile *p, shf_svg_options o, size_t *len) {
  shf_sink *sink = test_sink();
  return test_written(sink, shf_svg_write(p, &o, sink), len);
}

static inline const char *frames_of(const char *svg) {
  const char *frames = strstr(svg, "<g id=\"frames\"");
  CHECK(frames != NULL);
  return frames ? frames : svg;
}

/* The script is the same in every file, and viewer_test.c's. */
static inline size_t without_script(char *svg, size_t len) {
  char *from = strstr(svg, "<script>"), *to = strstr(svg, "</script>");
  CHECK(from && to);
  if (!from || !to) return len;
  from += strlen("<script>");
  memmove(from, to, len + 1 - (size_t)(to - svg));
  return len - (size_t)(to - from);
}

#endif
