/* The titles of frames and grey blocks, which browsers show as tooltips. */
#include "svg.h"

void shf__svg_frame_title(const shf_svg *svg, uint32_t node, shf_xml *x) {
  const shf_layout *l = &svg->layout;
  uint32_t frame = shf_profile_frame_of(l->p, node);
  shf__xml_raw(x, "<title>");
  shf__svg_frame_text(l->p, svg->o.cwd, frame, x);
  shf__xml_raw(x, " (");
  if (shf__layout_compares(l)) {
    shf__svg_diff_title(svg, node, x);
    shf__xml_raw(x, ")</title>");
    return;
  }
  shf__xml_grouped(x, (uint64_t)shf__layout_total(l, node));
  shf__svg_unit(svg, x);
  shf__xml_raw(x, ", ");
  if (frame == SHF_NONE)
    shf__xml_raw(x, "100");
  else
    shf__xml_percent(x, shf__layout_total(l, node), l->sum);
  shf__xml_raw(x, "%)</title>");
}

void shf__svg_block_title(const shf_svg *svg, shf_str frames, int64_t value, const int64_t sides[2],
                          shf_xml *x) {
  shf__xml_raw(x, "<title>");
  shf__xml_bytes(x, frames.ptr, frames.len);
  shf__xml_raw(x, ", ");
  if (shf__layout_compares(&svg->layout)) {
    shf__svg_diff_sides(svg, sides, x);
  } else {
    shf__xml_grouped(x, (uint64_t)value);
    shf__svg_unit(svg, x);
  }
  shf__xml_raw(x, "</title>");
}
