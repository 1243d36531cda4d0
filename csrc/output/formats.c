/* The table of formats, and the writers with options of their own. */
#include "output/formats.h"

#include <string.h>

const shf__format *shf__format_find(const char *name) {
  for (size_t i = 0; i < shf__formats_count; i++)
    if (strcmp(shf__formats[i].name, name) == 0) return &shf__formats[i];
  return NULL;
}

int shf__format_write(const shf__format *f, const shf_profile *p, const shf__write_options *o,
                      shf_sink *sink) {
  if (!f->of_differences && shf_profile_is_diff(p)) return SHF_E_ARG;
  return f->write ? f->write(p, o->type, sink) : f->write_with(p, o, sink);
}

shf__writer_with shf__listing_write_with;
int shf__listing_write_with(const shf_profile *p, const shf__write_options *o, shf_sink *sink) {
  if (shf_profile_is_diff(p)) return shf_diff_write(p, &o->listing, sink);
  return shf_listing_write(p, &o->listing, sink);
}

shf__writer_with shf__markdown_write_with;
int shf__markdown_write_with(const shf_profile *p, const shf__write_options *o, shf_sink *sink) {
  if (shf_profile_is_diff(p)) return shf_diff_markdown_write(p, &o->listing, o->max_bytes, sink);
  return shf_markdown_write(p, &o->listing, o->max_bytes, sink);
}

shf__writer_with shf__json_write_with;
int shf__json_write_with(const shf_profile *p, const shf__write_options *o, shf_sink *sink) {
  if (shf_profile_is_diff(p)) return shf_diff_json_write(p, &o->listing, sink);
  return shf_json_write(p, &o->listing, sink);
}

shf__writer_with shf__svg_write_with;
int shf__svg_write_with(const shf_profile *p, const shf__write_options *o, shf_sink *sink) {
  return shf_svg_write(p, &o->svg, sink);
}
