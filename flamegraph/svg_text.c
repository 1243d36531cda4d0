/* Texts that the head, the frames and the foot share. */
#include <stdio.h>
#include <string.h>

#include "svg.h"
#include "text/string_builder.h"

static bool counts_bytes(const shf_svg *svg) {
  shf_str name = svg->o.count_name;
  if (name.len) return shf_str_compare(name, shf_str_of("bytes")) == 0;
  return shf_type_is_space(svg->o.type);
}

void shf__svg_unit(const shf_svg *svg, shf_xml *x) {
  shf__xml_raw(x, " ");
  if (svg->o.count_name.len)
    shf__xml_text(x, svg->o.count_name);
  else
    shf__xml_raw(x, counts_bytes(svg) ? "bytes" : "objects");
}

void shf__svg_font(const shf_svg *svg, shf_xml *x, const char *usual) {
  shf__xml_raw(x, " font-family=\"");
  if (svg->o.font.len)
    shf__xml_text(x, svg->o.font);
  else
    shf__xml_raw(x, usual);
  shf__xml_raw(x, "\"");
}

void shf__svg_format_human(const shf_svg *svg, int64_t value, shf_xml *x) {
  static const char *const bytes[] = {" B", " kB", " MB", " GB", " TB", " PB", " EB"};
  static const char *const objects[] = {"", " k", " M", " G", " T", " P", " E"};
  double v = (double)value;
  size_t unit = 0;
  for (; v >= 999.5 && unit < 6; unit++) v /= 1000;
  unsigned decimals = unit == 0 || v >= 99.95 ? 0 : v >= 9.995 ? 1 : 2;
  double scale = decimals == 2 ? 100 : decimals == 1 ? 10 : 1;
  shf__xml_fixed(x, (uint64_t)(v * scale + 0.5), decimals);
  shf__xml_raw(x, (counts_bytes(svg) ? bytes : objects)[unit]);
}

void shf__svg_frame_text(const shf_profile *p, shf_str cwd, uint32_t frame, shf_xml *x) {
  if (frame == SHF_NONE) {
    shf__xml_raw(x, "all");
    return;
  }
  shf__xml_text(x, shf_frame_name(p, frame));
  shf_str path = shf__path_below(shf_frame_path(p, frame), cwd);
  if (path.len == 0) return;
  const shf_frame *f = shf_profile_frame_at(p, frame);
  shf__xml_raw(x, " (");
  shf__xml_text(x, path);
  if (f->line > 0) {
    shf__xml_raw(x, ":");
    shf__xml_u64(x, (uint64_t)f->line);
    if (f->column > 0) {
      shf__xml_raw(x, ":");
      shf__xml_u64(x, (uint64_t)f->column);
    }
  }
  shf__xml_raw(x, ")");
}

shf_str shf__svg_label(const shf_profile *p, uint32_t frame, char buffer[SHF_PLACE]) {
  if (frame == SHF_NONE) return shf_str_of("all");
  shf_str name = shf_frame_name(p, frame), path = shf_frame_path(p, frame);
  const shf_frame *f = shf_profile_frame_at(p, frame);
  if (shf_profile_text(p, f->name).len || path.len == 0) return name;
  size_t base = path.len;
  while (base > 0 && path.ptr[base - 1] != '/' && path.ptr[base - 1] != '\\') base--;
  if (path.len - base > SHF_PLACE / 2) return name;
  int n = snprintf(buffer, SHF_PLACE, "%.*s %.*s:%d", (int)name.len, name.ptr,
                   (int)(path.len - base), path.ptr + base, (int)f->line);
  return n > 0 && n < SHF_PLACE ? (shf_str){buffer, (size_t)n} : name;
}

uint32_t shf__svg_pixels(shf_str text, enum shf_face face, uint32_t size) {
  return (uint32_t)(((uint64_t)shf__label_width(text, face) * size + 99) / 100);
}

void shf__svg_text_at(shf_xml *x, uint32_t at_x, uint32_t at_y, uint32_t size) {
  shf__xml_raw(x, "<text x=\"");
  shf__xml_u64(x, at_x);
  shf__xml_raw(x, "\" y=\"");
  shf__xml_u64(x, at_y);
  shf__xml_raw(x, "\" font-size=\"");
  shf__xml_u64(x, size);
  shf__xml_raw(x, "\"");
}

void shf__svg_share(shf_xml *x, int64_t part, int64_t whole) {
  double share = whole > 0 ? (double)part / (double)whole : 0;
  uint64_t permille = (uint64_t)(share * 1000 + 0.5);
  if (permille == 0 && part > 0) {
    shf__xml_raw(x, "&lt;0.1 %");
    return;
  }
  shf__xml_fixed(x, permille, 1);
  shf__xml_raw(x, " %");
}
