/* The legend of a difference: colours and outlines. */
#include "svg.h"

enum { SIZE = SHF_LEGEND_SIZE, LINE = 18, SWATCH = 12, GAP = 5, APART = 16 };

typedef struct pen {
  const shf_svg *svg;
  shf_xml *x;
  uint32_t at_x, at_y; /* px; y is a baseline */
} pen;

/* Goes to the next line if an item of this width does not fit. */
static void break_line(pen *at, uint32_t width) {
  uint32_t right = at->svg->o.width - SHF_MARGIN;
  if (at->at_x == SHF_MARGIN || at->at_x + width <= right) return;
  at->at_x = SHF_MARGIN;
  at->at_y += LINE;
}

static uint32_t pixels(const char *text) {
  return shf__svg_pixels(shf_str_of(text), SHF_FACE_SANS, SIZE);
}

/* An outlined swatch is inset, as outlined frames are. */
static void swatch(pen *at, uint32_t paint, const char *outline) {
  shf__xml_raw(at->x, "<rect x=\"");
  shf__xml_u64(at->x, at->at_x);
  shf__xml_raw(at->x, outline ? ".5\" y=\"" : "\" y=\"");
  shf__xml_u64(at->x, at->at_y - 9);
  shf__xml_raw(at->x, outline ? ".5\" width=\"" : "\" width=\"");
  shf__xml_u64(at->x, outline ? SWATCH - 1 : SWATCH);
  shf__xml_raw(at->x, outline ? "\" height=\"9\" fill=\"" : "\" height=\"10\" fill=\"");
  shf__xml_raw(at->x, shf__paint_at(paint)->light);
  shf__xml_raw(at->x, "\"");
  if (outline) shf__xml_raw(at->x, outline);
  shf__xml_raw(at->x, "/>");
  at->at_x += SWATCH;
}

static void words(pen *at, const char *text, bool quiet) {
  shf__svg_text_at(at->x, at->at_x, at->at_y, SIZE);
  shf__xml_raw(at->x, quiet ? " fill=\"" SHF_MUTED_LIGHT "\">" : ">");
  uint32_t available = (at->svg->o.width - SHF_MARGIN - at->at_x) * 100 / SIZE;
  shf__label_write(at->x, shf_str_of(text), SHF_FACE_SANS, available);
  shf__xml_raw(at->x, "</text>\n");
  at->at_x += pixels(text);
}

static void ramp(pen *at) {
  static const char left[] = "shrank", right[] = "grew";
  uint32_t steps = 2 * SHF_RAMP_STEPS + 1;
  break_line(at, pixels(left) + pixels(right) + 2 * GAP + steps * SWATCH);
  words(at, left, false);
  at->at_x += GAP;
  for (uint32_t i = 0; i < steps; i++) swatch(at, SHF_PAINT_RAMP + i, NULL);
  at->at_x += GAP;
  words(at, right, false);
  at->at_x += APART;
}

static void entry(pen *at, uint32_t paint, const char *outline, const char *text) {
  break_line(at, SWATCH + GAP + pixels(text));
  swatch(at, paint, outline);
  at->at_x += GAP;
  words(at, text, false);
  at->at_x += APART;
}

uint32_t shf__svg_diff_legend(const shf_svg *svg, shf_xml *x, uint32_t y) {
  pen at = {svg, x, SHF_MARGIN, y};
  const uint32_t middle = SHF_PAINT_RAMP + SHF_RAMP_STEPS;
  if (svg->layout.sum == 0) {
    words(&at, "Nothing of this type was sampled.", true);
    return at.at_y;
  }
  ramp(&at);
  entry(&at, middle, NULL, "unchanged or within noise");
  entry(&at, middle + 1, shf__svg_diff_outline(SHF_MARK_NEW), "new");
  entry(&at, middle - 1, shf__svg_diff_outline(SHF_MARK_GONE), "gone");
  if (svg->layout.diff.largest == 0) return at.at_y;
  shf_xml note;
  shf__xml_hold(&note);
  shf__xml_raw(&note, "strongest: at least half of the largest change, ");
  shf__svg_format_human(svg, svg->layout.diff.largest, &note);
  shf__xml_bytes(&note, "", 1);
  break_line(&at, pixels(note.buffer));
  words(&at, note.buffer, true);
  return at.at_y;
}
