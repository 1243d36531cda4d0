/* The legend: colours, what they stand for, and their share of the total. */
#include <string.h>

#include "svg.h"

enum { LEGEND_SIZE = SHF_LEGEND_SIZE, LEGEND_LINE = 18, SWATCH = 10, STRIP = 12 };

typedef struct pen {
  const shf_svg *svg;
  shf_xml *x;
  uint32_t at_x, at_y; /* px; y is a baseline */
  bool full;           /* no space for more */
} pen;

/* Only in the default scheme do colours stand for categories. */
static bool has_swatches(const pen *at) {
  return at->svg->scheme == 0;
}

static void rect(shf_xml *x, uint32_t at_x, uint32_t at_y, uint32_t width, uint32_t paint) {
  shf__xml_raw(x, "<rect x=\"");
  shf__xml_u64(x, at_x);
  shf__xml_raw(x, "\" y=\"");
  shf__xml_u64(x, at_y);
  shf__xml_raw(x, "\" width=\"");
  shf__xml_u64(x, width);
  shf__xml_raw(x, "\" height=\"10\" fill=\"");
  shf__xml_raw(x, shf__paint_at(paint)->light);
  shf__xml_raw(x, "\"/>");
}

/* Packages have many hues: the swatch of their category shows the first ones. */
static void package_swatch(const pen *at) {
  const shf_summary *s = &at->svg->summary;
  uint32_t hues = s->packages < 3 ? s->packages : 3;
  if (hues == 0)
    rect(at->x, at->at_x, at->at_y - 9, STRIP, shf__paint_of_category(SHF_CAT_PACKAGE));
  for (uint32_t i = 0; i < hues; i++) {
    uint32_t width = STRIP / hues;
    uint32_t paint = shf__paint_of_package(s->package[i].name);
    rect(at->x, at->at_x + i * width, at->at_y - 9, width, paint);
  }
}

static void legend_entry(pen *at, const char *key, shf_str name, int64_t value, uint32_t paint,
                         bool strip) {
  shf_xml share;
  shf__xml_hold(&share);
  shf__svg_share(&share, value, at->svg->layout.sum);
  uint32_t swatch = !has_swatches(at) ? 0 : strip ? STRIP : SWATCH;
  uint32_t width = swatch + 9 + shf__svg_pixels(name, SHF_FACE_SANS, LEGEND_SIZE) +
                   shf__svg_pixels(shf__xml_held(&share), SHF_FACE_SANS, LEGEND_SIZE);
  bool package = strcmp(key, "package") == 0 && !strip;
  uint32_t right = at->svg->o.width - SHF_MARGIN;
  if (at->at_x + width > right && at->at_x > SHF_MARGIN) {
    if (package) {
      at->full = true;
      return;
    }
    at->at_x = SHF_MARGIN;
    at->at_y += LEGEND_LINE;
  }
  shf__xml_raw(at->x, "<g data-key=\"");
  shf__xml_raw(at->x, key);
  shf__xml_raw(at->x, "\">");
  if (has_swatches(at) && strip) package_swatch(at);
  if (has_swatches(at) && !strip) rect(at->x, at->at_x, at->at_y - 9, SWATCH, paint);
  shf__svg_text_at(at->x, at->at_x + (swatch ? swatch + 5 : 0), at->at_y, LEGEND_SIZE);
  shf__xml_raw(at->x, ">");
  shf__xml_text(at->x, name);
  shf__xml_raw(at->x, " " SHF_MUTED_SPAN);
  shf__xml_bytes(at->x, share.buffer, share.used);
  shf__xml_raw(at->x, "</tspan></text></g>\n");
  at->at_x += width + 14;
}

const char *shf__svg_category(enum shf_category category) {
  switch (category) {
    case SHF_CAT_APP:
      return "app";
    case SHF_CAT_PACKAGE:
      return "node_modules";
    case SHF_CAT_NODE:
      return "node";
    case SHF_CAT_V8:
      return "V8";
    case SHF_CAT_OFFHEAP:
      return "off-heap";
    case SHF_CAT_LABEL:
      return "labels";
    case SHF_CAT_OTHER:
    case SHF_CATEGORIES:
      break;
  }
  return "other";
}

static void legend_packages(pen *at) {
  const shf_summary *s = &at->svg->summary;
  for (uint32_t i = 0; i < s->packages && !at->full; i++) {
    const shf_package_share *row = &s->package[i];
    /* Packages with an invisible share are left out. */
    if ((double)row->value < (double)at->svg->layout.sum * 0.005) return;
    if (i == 0) at->at_x += 10;
    legend_entry(at, "package", row->name, row->value, shf__paint_of_package(row->name), false);
  }
}

static void entries(pen *at) {
  const shf_svg *svg = at->svg;
  if (svg->layout.sum == 0) {
    shf__svg_text_at(at->x, at->at_x, at->at_y, LEGEND_SIZE);
    shf__xml_raw(at->x, " fill=\"" SHF_MUTED_LIGHT "\">Nothing of this type was sampled.</text>\n");
    return;
  }
  for (int c = 0; c < SHF_CATEGORIES; c++) {
    enum shf_category category = (enum shf_category)c;
    if (!svg->summary.occurs[c]) continue;
    legend_entry(at, shf_category_name(category), shf_str_of(shf__svg_category(category)),
                 svg->summary.category[c], shf__paint_of_category(category),
                 category == SHF_CAT_PACKAGE);
  }
  legend_packages(at);
}

uint32_t shf__svg_legend(const shf_svg *svg, shf_xml *x, uint32_t y) {
  pen at = {svg, x, SHF_MARGIN, y, false};
  shf__xml_raw(x, "<g id=\"legend\">\n");
  if (shf__layout_compares(&svg->layout))
    at.at_y = shf__svg_diff_legend(svg, x, y);
  else
    entries(&at);
  shf__xml_raw(x, "</g>\n");
  return at.at_y;
}
