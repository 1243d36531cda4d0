/* Texts of a difference: of its frames, and of the totals. */
#include <math.h>
#include <stdlib.h>

#include "svg.h"

#define ARROW " \xE2\x86\x92 "
#define PLUS_MINUS "\xC2\xB1 "

static uint64_t size_of(int64_t change) {
  return change < 0 ? 0 - (uint64_t)change : (uint64_t)change;
}

static void write_signed(shf_xml *x, int64_t change) {
  shf__xml_raw(x, change < 0 ? "-" : "+");
  shf__xml_grouped(x, size_of(change));
}

/* `+12.3%`; large percentages have no decimals. sides[0] must not be 0. */
static void write_percent(shf_xml *x, const int64_t sides[2], unsigned decimals) {
  double percent = 100 * fabs((double)sides[1] - (double)sides[0]) / (double)sides[0];
  shf__xml_raw(x, sides[1] < sides[0] ? "-" : "+");
  if (percent >= 1000 || (decimals && percent < 0.05)) decimals = percent < 1 ? 2 : 0;
  double units = percent * (decimals == 2 ? 100 : decimals ? 10 : 1);
  uint64_t whole = units < 1e18 ? (uint64_t)(units + 0.5) : (uint64_t)1e18;
  if (decimals)
    shf__xml_fixed(x, whole ? whole : 1, decimals);
  else
    shf__xml_grouped(x, whole);
  shf__xml_raw(x, "%");
}

/* `+12.3%`, `new`, `gone`, `unchanged`. */
static void write_how(shf_xml *x, const int64_t sides[2]) {
  enum shf_mark mark = shf__svg_diff_mark(sides[0], sides[1]);
  if (mark == SHF_MARK_NEW)
    shf__xml_raw(x, "new");
  else if (mark == SHF_MARK_GONE)
    shf__xml_raw(x, "gone");
  else if (sides[0] == sides[1])
    shf__xml_raw(x, "unchanged");
  else
    write_percent(x, sides, 1);
}

/* ---- Frames ------------------------------------------------------------------ */

enum shf_mark shf__svg_diff_mark(int64_t before, int64_t after) {
  if (before == after || (before && after)) return SHF_MARK_NONE;
  return before ? SHF_MARK_GONE : SHF_MARK_NEW;
}

const char *shf__svg_diff_outline(enum shf_mark mark) {
  if (mark == SHF_MARK_GONE)
    return " stroke=\"" SHF_INK_LIGHT "\" stroke-width=\"1\" stroke-dasharray=\"3 2\"";
  return " stroke=\"" SHF_INK_LIGHT "\" stroke-width=\"1\"";
}

uint32_t shf__svg_diff_paint(const shf_svg *svg, uint32_t node) {
  const shf_diff_totals *s = &svg->layout.diff;
  bool significant = shf__diff_totals_verdict(s, node) != SHF_WITHIN_NOISE;
  return shf__paint_of_change(significant ? shf__diff_totals_change(s, node) : 0, s->largest);
}

void shf__svg_diff_sign(const shf_svg *svg, uint32_t node, shf_xml *x) {
  const shf_diff_totals *s = &svg->layout.diff;
  const int64_t sides[2] = {s->total[0][node], s->total[1][node]};
  bool marked = shf__svg_diff_mark(sides[0], sides[1]) != SHF_MARK_NONE;
  if (marked)
    write_how(x, sides);
  else if (shf__diff_totals_verdict(s, node) == SHF_WITHIN_NOISE)
    return;
  else
    write_percent(x, sides, size_of(sides[1] - sides[0]) < (uint64_t)sides[0] / 100);
  shf__xml_raw(x, " ");
}

void shf__svg_diff_sides(const shf_svg *svg, const int64_t sides[2], shf_xml *x) {
  shf__xml_raw(x, "before ");
  shf__xml_grouped(x, (uint64_t)sides[0]);
  shf__xml_raw(x, ARROW "after ");
  shf__xml_grouped(x, (uint64_t)sides[1]);
  shf__svg_unit(svg, x);
}

static void self_of(const shf_layout *l, shf_type type, uint32_t node, int64_t sides[2]) {
  uint32_t end = shf_profile_bucket_first(l->p, node + 1);
  sides[0] = sides[1] = 0;
  for (uint32_t i = shf_profile_bucket_first(l->p, node); i < end; i++) {
    const shf_bucket b = shf_profile_bucket_at(l->p, i);
    uint32_t side = shf_profile_source_at(l->p, b.source)->side;
    if (side == SHF_SIDE_BEFORE) sides[0] += b.value[type];
    if (side == SHF_SIDE_AFTER) sides[1] += b.value[type];
  }
}

void shf__svg_diff_title(const shf_svg *svg, uint32_t node, shf_xml *x) {
  const shf_diff_totals *s = &svg->layout.diff;
  const int64_t sides[2] = {s->total[0][node], s->total[1][node]};
  shf__svg_diff_sides(svg, sides, x);
  shf__xml_raw(x, ", ");
  write_how(x, sides);
  int64_t self[2];
  self_of(&svg->layout, svg->o.type, node, self);
  /* In reversed stacks the self of a node is not what it allocated. */
  if (!svg->o.reverse && self[0] != self[1]) {
    shf__xml_raw(x, ", self ");
    write_signed(x, self[1] - self[0]);
  }
  if (sides[0] != sides[1] && shf__diff_totals_verdict(s, node) == SHF_WITHIN_NOISE)
    shf__xml_raw(x, ", within noise");
}

/* ---- Totals ------------------------------------------------------------------ */

static enum shf_verdict verdict_of(const shf_change *c) {
  return shf_change_verdict(c->self[0], c->self[1], c->self_variance[0] + c->self_variance[1]);
}

int shf__svg_diff_summarize(shf_svg *svg) {
  shf_summary *s = &svg->summary;
  shf_change *rows;
  uint32_t count;
  int code = shf_profile_changes(svg->p, svg->o.type, &rows, &count);
  if (code) return code;
  for (int noise = 0; noise < 2; noise++) {
    for (uint32_t i = 0; i < count && s->changes < SHF_TOP_FUNCTIONS; i++) {
      bool within = verdict_of(&rows[i]) == SHF_WITHIN_NOISE;
      if (rows[i].self[0] == rows[i].self[1] || within != (noise == 1)) continue;
      s->change[s->changes++] = rows[i];
    }
  }
  free(rows);
  return SHF_OK;
}

static void read_totals(const shf_svg *svg, int64_t sides[2]) {
  for (int i = 0; i < 2; i++) sides[i] = svg->layout.diff.total[i][0];
}

static double total_error(const shf_svg *svg) {
  double error = sqrt(svg->layout.diff.variance[0]);
  return error < 9e18 ? error : 0;
}

void shf__svg_diff_total(const shf_svg *svg, shf_xml *x, bool markup) {
  int64_t sides[2];
  read_totals(svg, sides);
  if (markup) shf__xml_raw(x, SHF_MUTED_SPAN);
  shf__xml_raw(x, shf_type_name(svg->o.type));
  shf__xml_raw(x, markup ? "</tspan>" SHF_BLANK "<tspan font-weight=\"600\">" : " ");
  shf__svg_format_human(svg, sides[0], x);
  shf__xml_raw(x, ARROW);
  shf__svg_format_human(svg, sides[1], x);
  shf__xml_raw(x, ", ");
  write_how(x, sides);
  if (markup) shf__xml_raw(x, "</tspan>");
  double percent = sides[0] > 0 ? 100 * total_error(svg) / (double)sides[0] : 0;
  /* The rest does not fit a narrow SVG; the description has it. */
  if (sides[0] == sides[1] || (markup && svg->o.width < SHF_NARROW)) return;
  shf__xml_raw(x, markup ? SHF_BLANK SHF_MUTED_SPAN : " ");
  if (percent > 0 && percent < 1e4) {
    unsigned decimals = percent < 9.95;
    uint64_t units = (uint64_t)(percent * (decimals ? 10 : 1) + 0.5);
    shf__xml_raw(x, PLUS_MINUS);
    shf__xml_fixed(x, units ? units : 1, decimals);
    shf__xml_raw(x, "%, ");
  }
  enum shf_verdict verdict = shf__diff_totals_verdict(&svg->layout.diff, 0);
  shf__xml_raw(x, shf_verdict_name(verdict));
  if (verdict != SHF_WITHIN_NOISE) shf__xml_raw(x, ", 99% confidence");
  if (markup) shf__xml_raw(x, "</tspan>");
}

void shf__svg_diff_figures(const shf_svg *svg, shf_xml *x) {
  int64_t sides[2];
  read_totals(svg, sides);
  shf__xml_grouped(x, (uint64_t)sides[0]);
  shf__xml_raw(x, ARROW);
  shf__xml_grouped(x, (uint64_t)sides[1]);
  shf__svg_unit(svg, x);
  shf__xml_raw(x, ", ");
  write_signed(x, sides[1] - sides[0]);
  if (!(total_error(svg) >= 0.5)) return;
  shf__xml_raw(x, " " PLUS_MINUS);
  shf__xml_grouped(x, (uint64_t)(total_error(svg) + 0.5));
}

void shf__svg_diff_top(const shf_svg *svg, shf_xml *x) {
  const shf_summary *s = &svg->summary;
  for (uint32_t i = 0; i < s->changes; i++) {
    const shf_change *c = &s->change[i];
    shf__xml_raw(x, i == 0 ? ". Changed most: " : "; ");
    shf__svg_frame_text(svg->p, svg->o.cwd, c->frame, x);
    shf__xml_raw(x, " ");
    write_signed(x, c->self[1] - c->self[0]);
    shf__svg_unit(svg, x);
    shf__xml_raw(x, ", ");
    write_how(x, c->self);
    if (verdict_of(c) == SHF_WITHIN_NOISE) shf__xml_raw(x, ", within noise");
  }
  if (s->changes == 0) shf__xml_raw(x, ". No function changed");
}
