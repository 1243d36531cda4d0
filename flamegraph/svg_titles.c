/* The titles of frames and grey blocks, which browsers show as tooltips. */
#include "svg.h"

void shf__svg_frame_title(const shf_picture *pic, uint32_t node, shf_xml *x) {
  const shf_layout *l = &pic->layout;
  uint32_t frame = shf_profile_frame_of(l->p, node);
  shf__xml_raw(x, "<title>");
  shf__svg_frame_text(l->p, pic->o.cwd, frame, x);
  shf__xml_raw(x, " (");
  if (shf__layout_compares(l)) {
    shf__change_title(pic, node, x);
    shf__xml_raw(x, ")</title>");
    return;
  }
  shf__xml_grouped(x, (uint64_t)shf__layout_total(l, node));
  shf__svg_unit(pic, x);
  shf__xml_raw(x, ", ");
  if (frame == SHF_NONE)
    shf__xml_raw(x, "100");
  else
    shf__xml_percent(x, shf__layout_total(l, node), l->sum);
  shf__xml_raw(x, "%)</title>");
}

void shf__svg_block_title(const shf_picture *pic, shf_str frames, int64_t value,
                          const int64_t sides[2], shf_xml *x) {
  shf__xml_raw(x, "<title>");
  shf__xml_bytes(x, frames.ptr, frames.len);
  shf__xml_raw(x, ", ");
  if (shf__layout_compares(&pic->layout)) {
    shf__change_sides(pic, sides, x);
  } else {
    shf__xml_grouped(x, (uint64_t)value);
    shf__svg_unit(pic, x);
  }
  shf__xml_raw(x, "</title>");
}
