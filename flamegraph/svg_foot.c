/* Dark colours, and the line below the frames. */
#include "svg.h"

/* Only within a picture: in a page the style is for all that stands there. */
static void restyle(shf_xml *x, const char *what, const char *light, const char *dark) {
  shf__xml_raw(x, "#" SHF_ID " [");
  shf__xml_raw(x, what);
  shf__xml_raw(x, "=\"");
  shf__xml_raw(x, light);
  shf__xml_raw(x, "\"]{");
  shf__xml_raw(x, what);
  shf__xml_raw(x, ":");
  shf__xml_raw(x, dark);
  shf__xml_raw(x, "}");
}

/* Whether the legend shows a paint, drawn frame or not. */
static bool in_legend(const shf_picture *pic, uint32_t paint) {
  const shf_summary *s = &pic->summary;
  if (shf__layout_compares(&pic->layout)) return paint >= SHF_PAINT_RAMP;
  for (int c = 0; c < SHF_CATEGORIES; c++)
    if (s->occurs[c] && shf__paint_of_category((enum shf_category)c) == paint) return true;
  for (uint32_t i = 0; i < s->packages; i++)
    if (shf__paint_of_package(s->package[i].name) == paint) return true;
  return false;
}

/* Only adds: without it the picture is the light one. */
void shf__svg_style(const shf_picture *pic, shf_xml *x) {
  shf__xml_raw(x, "<style>svg:root{color-scheme:light dark;background:" SHF_PAGE_LIGHT
                  "}@media (prefers-color-scheme:dark){svg:root{background:" SHF_PAGE_DARK "}");
  restyle(x, "fill", SHF_PAGE_LIGHT, SHF_PAGE_DARK);
  restyle(x, "stroke", SHF_PAGE_LIGHT, SHF_PAGE_DARK);
  if (shf__layout_compares(&pic->layout)) restyle(x, "stroke", SHF_INK_LIGHT, SHF_INK_DARK);
  restyle(x, "fill", SHF_INK_LIGHT, SHF_INK_DARK);
  restyle(x, "fill", SHF_QUIET_LIGHT, SHF_QUIET_DARK);
  for (uint32_t i = 0; i < SHF_PAINTS; i++) {
    const shf_paint *paint = shf__paint_at(i);
    if (pic->used[i] || in_legend(pic, i)) restyle(x, "fill", paint->light, paint->dark);
    if (pic->lined[i]) restyle(x, "stroke", paint->light, paint->dark);
  }
  shf__xml_raw(x, "}</style>\n");
}

uint32_t shf__svg_foot_height(const shf_picture *pic) {
  (void)pic;
  return 30;
}

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
  uint64_t top = shf__svg_head_height(pic) + (uint64_t)pic->rows * pic->o.height;
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
