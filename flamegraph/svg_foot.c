/* The line below the frames. */
#include "svg.h"

/* 1,234 of 25,000 frames; grey blocks hold the rest, 2.1 % */
static void write_counts(const shf_svg *svg, shf_xml *x) {
  shf__xml_grouped(x, svg->drawn);
  if (svg->hidden == 0) {
    shf__xml_raw(x, svg->drawn == 1 ? " frame" : " frames");
    return;
  }
  shf__xml_raw(x, " of ");
  shf__xml_grouped(x, svg->drawn + svg->hidden);
  shf__xml_raw(x, " frames; grey blocks hold the rest, ");
  shf__svg_share(x, svg->hidden_value, svg->layout.sum);
}

void shf__svg_foot(const shf_svg *svg, shf_xml *x) {
  uint64_t top = svg->head_height + (uint64_t)svg->rows * svg->o.height;
  uint32_t y = top + 20 < UINT32_MAX ? (uint32_t)top + 20 : UINT32_MAX;
  shf__xml_raw(x, "<g id=\"foot\" fill=\"" SHF_MUTED_LIGHT "\"");
  shf__svg_font(svg, x, SHF_SANS);
  shf__xml_raw(x, ">");
  shf__svg_text_at(x, SHF_MARGIN, y, SHF_LEGEND_SIZE);
  shf__xml_raw(x, " id=\"details\">");
  write_counts(svg, x);
  shf__xml_raw(x, "</text>");
  if (svg->o.width >= SHF_NARROW) {
    shf__svg_text_at(x, svg->o.width - SHF_MARGIN, y, SHF_LEGEND_SIZE);
    shf__xml_raw(x, " text-anchor=\"end\">shap-flame</text>");
  }
  shf__xml_raw(x, "</g>\n");
}
