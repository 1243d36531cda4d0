/* The style sheet: dark colours. */
#include "svg.h"

/* Limited to this SVG by its id, as styles of an inline SVG apply to the whole page. */
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

/* Whether the legend shows a paint. */
static bool in_legend(const shf_svg *svg, uint32_t paint) {
  const shf_summary *s = &svg->summary;
  if (shf__layout_compares(&svg->layout)) return paint >= SHF_PAINT_RAMP;
  for (int c = 0; c < SHF_CATEGORIES; c++)
    if (s->occurs[c] && shf__paint_of_category((enum shf_category)c) == paint) return true;
  for (uint32_t i = 0; i < s->packages; i++)
    if (shf__paint_of_package(s->package[i].name) == paint) return true;
  return false;
}

/* Without the style sheet the colours are the light ones. */
void shf__svg_style(const shf_svg *svg, shf_xml *x) {
  shf__xml_raw(x, "<style>svg:root{color-scheme:light dark;background:" SHF_PAGE_LIGHT
                  "}@media (prefers-color-scheme:dark){svg:root{background:" SHF_PAGE_DARK "}");
  restyle(x, "fill", SHF_PAGE_LIGHT, SHF_PAGE_DARK);
  restyle(x, "stroke", SHF_PAGE_LIGHT, SHF_PAGE_DARK);
  if (shf__layout_compares(&svg->layout)) restyle(x, "stroke", SHF_INK_LIGHT, SHF_INK_DARK);
  restyle(x, "fill", SHF_INK_LIGHT, SHF_INK_DARK);
  restyle(x, "fill", SHF_MUTED_LIGHT, SHF_MUTED_DARK);
  for (uint32_t i = 0; i < SHF_PAINTS; i++) {
    const shf_paint *paint = shf__paint_at(i);
    if (svg->used[i] || in_legend(svg, i)) restyle(x, "fill", paint->light, paint->dark);
    if (svg->lined[i]) restyle(x, "stroke", paint->light, paint->dark);
  }
  shf__xml_raw(x, "}</style>\n");
}
