/* The header above the frames, and the title and description of the document. */
#include "profile/metadata_lines.h"
#include "svg.h"

#define DOT " \xC2\xB7 "
#define PLUS_MINUS "\xC2\xB1 "

enum { TITLE_SIZE = 18, TOTAL_SIZE = 16, NOTE_SIZE = 12 };

typedef struct pen {
  const shf_svg *svg;
  shf_xml *x;
  uint32_t at_x, at_y; /* px; y is a baseline */
} pen;

static uint32_t inner(const shf_svg *svg) {
  return svg->o.width - 2 * SHF_MARGIN;
}

/* `± 0.4 %` */
static void write_error(const shf_svg *svg, shf_xml *x) {
  double percent = svg->summary.error * 100;
  shf__xml_raw(x, PLUS_MINUS);
  unsigned decimals = percent >= 9.95 ? 0 : percent >= 0.095 ? 1 : 2;
  double scale = decimals == 0 ? 1 : decimals == 1 ? 10 : 100;
  uint64_t units = (uint64_t)(percent * scale + 0.5);
  shf__xml_fixed(x, units ? units : 1, decimals);
  shf__xml_raw(x, " %");
}

/* alloc_space 1.23 GB ± 0.4 %, with colour and weight if `markup`. */
static void write_total(const shf_svg *svg, shf_xml *x, bool markup) {
  if (shf__layout_compares(&svg->layout)) {
    shf__svg_diff_total(svg, x, markup);
    return;
  }
  if (markup) shf__xml_raw(x, SHF_MUTED_SPAN);
  shf__xml_raw(x, shf_type_name(svg->o.type));
  shf__xml_raw(x, markup ? "</tspan>" SHF_BLANK "<tspan font-weight=\"600\">" : " ");
  shf__svg_format_human(svg, svg->layout.sum, x);
  if (markup) shf__xml_raw(x, "</tspan>");
  if (!(svg->summary.error > 0)) return;
  shf__xml_raw(x, markup ? SHF_BLANK SHF_MUTED_SPAN : " ");
  write_error(svg, x);
  if (markup) shf__xml_raw(x, "</tspan>");
}

/* A fact, if known, after `before`. */
static void write_fact(const shf_profile *p, void (*fact)(const shf_profile *p, shf__builder *out),
                       const char *before, shf_xml *x) {
  shf__builder text = {NULL, 0, 0, SHF_OK};
  fact(p, &text);
  if (text.code && !x->code) x->code = text.code;
  if (text.len) shf__xml_raw(x, before);
  if (text.len) shf__xml_text(x, shf__builder_str(&text));
  shf__builder_free(&text);
}

static void collection(const shf_profile *p, shf__builder *out) {
  shf__metadata_gc(p, out);
  if (!shf__str_equals(shf__builder_str(out), "none")) return;
  out->len = 0;
  shf__builder_puts(out, "not forced: holds garbage");
}

static void facts_of(const shf_profile *p, shf_type type, shf_xml *x) {
  write_fact(p, shf__metadata_interval, DOT "sampled every ", x);
  write_fact(p, shf__meta_lines, DOT "lines: ", x);
  /* The meaning of "in use" depends on garbage collection. */
  if (type != SHF_INUSE_OBJECTS && type != SHF_INUSE_SPACE) return;
  write_fact(p, collection, DOT "gc ", x);
  write_fact(p, shf__metadata_since, DOT "in use: since ", x);
}

int shf__svg_find_facts(shf_svg *svg) {
  for (int t = 0; t < SHF_TYPES; t++) {
    shf_xml x;
    shf__xml_hold(&x);
    facts_of(svg->p, (shf_type)t, &x);
    if (x.code) return x.code;
    shf_str held = shf__xml_held(&x);
    size_t len = held.len < SHF_FACTS ? held.len : SHF_FACTS - 1;
    memcpy(svg->facts[t], held.ptr, len);
    svg->facts[t][len] = '\0';
  }
  return SHF_OK;
}

/* 1,234,567 bytes · sampled every 65,536 bytes · gc forced */
static void write_facts(const shf_svg *svg, shf_xml *x) {
  if (shf__layout_compares(&svg->layout)) {
    shf__svg_diff_figures(svg, x);
  } else {
    shf__xml_grouped(x, (uint64_t)svg->layout.sum);
    shf__svg_unit(svg, x);
  }
  shf__xml_raw(x, svg->facts[svg->o.type]);
}

/* ---- Title and total ---------------------------------------------------- */

shf_str shf__svg_title(const shf_svg *svg) {
  if (svg->o.title.len) return svg->o.title;
  shf_str command = shf_profile_meta_get(svg->p, "command");
  return command.len ? command : shf_str_of("shap-flame");
}

static void clipped(const pen *at, const char *id, shf_str text, enum shf_face face, uint32_t size,
                    uint32_t available) {
  bool cut;
  uint32_t hundredths = available * 100 / size;
  if (text.len == 0 || shf__label_fit(text, face, hundredths, &cut) == 0) return;
  shf__svg_text_at(at->x, at->at_x, at->at_y, size);
  if (face == SHF_FACE_BOLD) shf__xml_raw(at->x, " font-weight=\"600\"");
  if (face == SHF_FACE_SANS) shf__xml_raw(at->x, " fill=\"" SHF_MUTED_LIGHT "\"");
  shf__xml_raw(at->x, " id=\"");
  shf__xml_raw(at->x, id);
  shf__xml_raw(at->x, "\">");
  shf__label_write(at->x, text, face, hundredths);
  shf__xml_raw(at->x, "</text>\n");
}

static void total_line(const pen *at, bool right) {
  shf__svg_text_at(at->x, right ? at->svg->o.width - SHF_MARGIN : at->at_x, at->at_y, TOTAL_SIZE);
  shf__xml_raw(at->x, right ? " text-anchor=\"end\" id=\"total\">" : " id=\"total\">");
  write_total(at->svg, at->x, true);
  shf__xml_raw(at->x, "</text>\n");
}

static void facts_line(const pen *at, shf_str facts, bool right) {
  if (!right) {
    clipped(at, "facts", facts, SHF_FACE_SANS, NOTE_SIZE, inner(at->svg));
    return;
  }
  shf__svg_text_at(at->x, at->svg->o.width - SHF_MARGIN, at->at_y, NOTE_SIZE);
  shf__xml_raw(at->x, " text-anchor=\"end\" fill=\"" SHF_MUTED_LIGHT "\" id=\"facts\">");
  shf__label_write(at->x, facts, SHF_FACE_SANS, inner(at->svg) * 100 / NOTE_SIZE);
  shf__xml_raw(at->x, "</text>\n");
}

static uint32_t rest(uint32_t available, uint32_t taken) {
  return available > taken + 24 ? available - taken - 24 : 0;
}

/* Title and subtitle on the left; numbers on the right or, in a narrow SVG, below. */
static void names_and_figures(pen *at) {
  const shf_svg *svg = at->svg;
  bool wide = svg->o.width >= SHF_NARROW;
  shf_xml total, facts;
  shf__xml_hold(&total);
  write_total(svg, &total, false);
  shf__xml_hold(&facts);
  write_facts(svg, &facts);
  uint32_t taken = wide ? shf__svg_pixels(shf__xml_held(&total), SHF_FACE_BOLD, TOTAL_SIZE) : 0;
  at->at_y = 30;
  clipped(at, "title", shf__svg_title(svg), SHF_FACE_BOLD, TITLE_SIZE, rest(inner(svg), taken));
  if (!wide) at->at_y += 22;
  total_line(at, wide);
  at->at_y += 20;
  facts_line(at, shf__xml_held(&facts), wide);
  taken = wide ? shf__svg_pixels(shf__xml_held(&facts), SHF_FACE_SANS, NOTE_SIZE) : 0;
  if (!wide && svg->o.subtitle.len) at->at_y += 17;
  clipped(at, "subtitle", svg->o.subtitle, SHF_FACE_SANS, NOTE_SIZE, rest(inner(svg), taken));
  at->at_y += 24;
}

/* ---- Head ------------------------------------------------------------------ */

static uint32_t head_texts(const shf_svg *svg, shf_xml *x) {
  pen at = {svg, x, SHF_MARGIN, 0};
  shf__xml_raw(x, "<g id=\"head\" fill=\"" SHF_INK_LIGHT "\"");
  shf__svg_font(svg, x, SHF_SANS);
  shf__xml_raw(x, ">\n");
  names_and_figures(&at);
  uint32_t bottom = shf__svg_legend(svg, x, at.at_y);
  shf__xml_raw(x, "</g>\n");
  return bottom + 16;
}

uint32_t shf__svg_head_height(const shf_svg *svg) {
  shf_xml nowhere;
  shf__xml_begin(&nowhere, NULL);
  return head_texts(svg, &nowhere);
}

static void write_top(const shf_svg *svg, shf_xml *x) {
  const shf_summary *s = &svg->summary;
  shf__xml_raw(x, " in ");
  shf__xml_grouped(x, s->functions);
  shf__xml_raw(x, s->functions == 1 ? " function" : " functions");
  for (uint32_t i = 0; i < s->tops; i++) {
    shf__xml_raw(x, i == 0 ? ". Most: " : "; ");
    shf__svg_frame_text(svg->p, svg->o.cwd, s->top[i].frame, x);
    shf__xml_raw(x, " ");
    shf__xml_percent(x, s->top[i].value, svg->layout.sum);
    shf__xml_raw(x, "%");
  }
}

static void description(const shf_svg *svg, shf_xml *x) {
  shf__xml_raw(x, "<desc>");
  write_total(svg, x, false);
  shf__xml_raw(x, " (");
  write_facts(svg, x);
  shf__xml_raw(x, ")");
  if (shf__layout_compares(&svg->layout))
    shf__svg_diff_top(svg, x);
  else
    write_top(svg, x);
  shf__xml_raw(x, ".");
  if (svg->o.notes.len) shf__xml_raw(x, " ");
  shf__xml_text(x, svg->o.notes);
  shf__xml_raw(x, "</desc>\n");
}

void shf__svg_head(shf_svg *svg, shf_xml *x) {
  uint64_t height = svg->head_height + (uint64_t)svg->rows * svg->o.height + SHF_FOOT_HEIGHT;
  shf__xml_raw(x,
               "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg "
               "xmlns=\"http://www.w3.org/2000/svg\" width=\"");
  shf__xml_u64(x, svg->o.width);
  shf__xml_raw(x, "\" height=\"");
  shf__xml_u64(x, height);
  shf__xml_raw(x, "\" viewBox=\"0 0 ");
  shf__xml_u64(x, svg->o.width);
  shf__xml_raw(x, " ");
  shf__xml_u64(x, height);
  shf__xml_raw(x, "\" id=\"" SHF_ID "\" role=\"img\" aria-label=\"");
  shf__xml_text(x, shf__svg_title(svg));
  shf__xml_raw(x, ": ");
  write_total(svg, x, false);
  shf__xml_raw(x, "\">\n<title>");
  shf__xml_text(x, shf__svg_title(svg));
  shf__xml_raw(x, "</title>\n");
  description(svg, x);
  shf__svg_style(svg, x);
  shf__xml_raw(x,
               "<rect id=\"page\" width=\"100%\" height=\"100%\" fill=\"" SHF_PAGE_LIGHT "\"/>\n");
  head_texts(svg, x);
}
