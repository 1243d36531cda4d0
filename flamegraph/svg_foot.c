/* The line below the frames. */
#include "svg.h"

/* 1,234 of 25,000 frames; the grey blocks stand for the rest, 2.1 % of the total */
static void write_counts(const shf_picture *pic, shf_xml *x) {
  shf__xml_grouped(x, pic->drawn);
  if (pic->hidden == 0) {
    shf__xml_raw(x, pic->drawn == 1 ? " frame" : " frames");
    return;
  }
  shf__xml_raw(x, " of ");
  shf__xml_grouped(x, pic->drawn + pic->hidden);
  shf__xml_raw(x, " frames; grey blocks hold the rest, ");
  shf__svg_share(x, pic->hidden_value, pic->layout.sum);
}

void shf__svg_foot(const shf_picture *pic, shf_xml *x) {
  uint64_t top = pic->head_height + (uint64_t)pic->rows * pic->o.height;
  uint32_t y = top + 20 < UINT32_MAX ? (uint32_t)top + 20 : UINT32_MAX;
  shf__xml_raw(x, "<g id=\"foot\" fill=\"" SHF_QUIET_LIGHT "\"");
  shf__svg_font(pic, x, SHF_SANS);
  shf__xml_raw(x, ">");
  shf__svg_text_at(x, SHF_MARGIN, y, SHF_LEGEND_SIZE);
  shf__xml_raw(x, " id=\"details\">");
  write_counts(pic, x);
  shf__xml_raw(x, "</text>");
  if (pic->o.width >= SHF_NARROW) {
    shf__svg_text_at(x, pic->o.width - SHF_MARGIN, y, SHF_LEGEND_SIZE);
    shf__xml_raw(x, " text-anchor=\"end\">shap-flame</text>");
  }
  shf__xml_raw(x, "</g>\n");
}
