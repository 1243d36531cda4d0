/* Chooses how many frames fit the byte budget, and writes the file. */
#include <stdlib.h>
#include <string.h>

#include "viewer.h"
#include "viewer_rows.h"

/* ---- The budget ------------------------------------------------------------------ */

/*
 * Tenths of a px. If not everything fits, narrow frames lose their titles, which take most of the
 * bytes, before any frame is pruned.
 */
enum { MIN_TITLED = 20, MIN_TITLED_OF_MANY = 50 };

enum { STEPS = 200 /* of 5 % from min_width up, beyond any width */ };
/* First guesses: bytes of a frame, and of everything else. */
enum { FRAME_BYTES = 60, FIXED_BYTES = 8000, TRIES = 6 /* before bisection */ };

/* The data, the viewer, and the end of the file. */
static void write_tail(shf_svg *svg, shf_viewer_data *d, shf_xml *x) {
  shf__viewer_data_write(d, svg, x);
  shf__xml_raw(x, "<script><![CDATA[");
  shf__xml_bytes(x, shf__viewer_script, shf__viewer_bytes);
  shf__xml_raw(x, "]]></script>\n</svg>\n");
}

static bool same_rule(shf_rule a, shf_rule b) {
  return a.keep == b.keep && a.keep_shallow == b.keep_shallow && a.shallow == b.shallow;
}

/* Whether a file by this rule is within the budget; if so, sets svg->rows. */
static bool fits(shf_svg *svg, shf_viewer_data *d, shf_rule rule, uint64_t *bytes) {
  shf_xml x;
  shf__xml_begin(&x, NULL);
  /* The number of rows is not known yet: assume the longest coordinates. */
  svg->rows = 1000000;
  *bytes = UINT64_MAX;
  if (!shf__svg_rows(svg, &x, rule, svg->o.max_bytes)) return false;
  shf__svg_head(svg, &x);
  shf__svg_foot(svg, &x);
  if (x.bytes > svg->o.max_bytes || !shf__viewer_data_choose(d, svg, rule)) return false;
  write_tail(svg, d, &x);
  *bytes = x.bytes;
  return x.bytes <= svg->o.max_bytes;
}

/*
 * A search over a list of rules, each of which draws no more than the one before: the first does
 * not fit, the last is assumed to. A trial costs as much as writing the file, so the number of
 * frames that each rule draws is used to guess where to try.
 */
typedef struct search {
  shf_svg *svg;
  shf_viewer_data *d;
  int64_t value[STEPS + 1]; /* smallest total that is drawn, by step */
  uint32_t step;            /* the step that fits; the one before does not */
  uint32_t deepest;         /* depth of the tree + 1 */
  double each, fixed;       /* estimated bytes of a frame, and of the rest */
  double frames, bytes;     /* of the last trial */
  shf_rule last;            /* the last rule that was tried */
  bool fitted;              /* whether it fit */
} search;

static shf_rule rule_of_step(const search *s, uint32_t at) {
  return (shf_rule){s->value[at], s->value[at], 0};
}

/* The last one draws the same as the step alone. */
static shf_rule rule_of_depth(const search *s, uint32_t at) {
  return (shf_rule){s->value[s->step], s->value[s->step - 1], s->deepest - at};
}

static uint32_t guess(const search *s, const uint32_t *frames, uint32_t low, uint32_t high) {
  while (high - low > 1) {
    uint32_t middle = low + (high - low) / 2;
    if (s->fixed + s->each * frames[middle] > (double)s->svg->o.max_bytes)
      low = middle;
    else
      high = middle;
  }
  return high;
}

/*
 * Updates the estimates after a trial: by the line through two trials, or through one and the fixed
 * bytes. A trial beyond the budget did not count all bytes.
 */
static void learn(search *s, uint32_t frames, uint64_t bytes) {
  if (bytes == UINT64_MAX) {
    s->each *= 1.3;
    return;
  }
  double slope = ((double)bytes - s->bytes) / ((double)frames - s->frames);
  if (frames != s->frames && slope > 0 && slope < 1e6) s->each = slope;
  s->fixed = (double)bytes - s->each * frames;
  s->frames = frames;
  s->bytes = (double)bytes;
}

/* The first rule after rule 0 that fits; `frames` has the frames that each draws. */
static uint32_t first_fit(search *s, shf_rule (*rule)(const search *, uint32_t),
                          const uint32_t *frames, uint32_t last) {
  uint32_t low = 0, high = last;
  for (uint32_t tries = 0; high - low > 1 && !s->svg->code; tries++) {
    uint64_t bytes;
    uint32_t at = tries < TRIES ? guess(s, frames, low, high) : low + (high - low) / 2;
    if (at == high) at--;
    s->last = rule(s, at);
    s->fitted = fits(s->svg, s->d, s->last, &bytes);
    if (s->fitted)
      high = at;
    else
      low = at;
    learn(s, frames[at], bytes);
  }
  return high;
}

/* Counts the frames that each step draws. */
static void count_by_step(const search *s, uint32_t *frames) {
  const shf_layout *l = &s->svg->layout;
  for (uint32_t n = 0; n < l->nodes; n++) {
    int64_t total = shf__layout_total(l, n);
    uint32_t low = 0, high = STEPS + 1;
    if (total < s->value[0]) continue;
    double counts = (double)total / shf__layout_steepness(shf_profile_depth(l->p, n));
    while (high - low > 1) {
      uint32_t middle = (low + high) / 2;
      if (counts < (double)s->value[middle])
        high = middle;
      else
        low = middle;
    }
    frames[low]++;
  }
  for (uint32_t i = STEPS; i-- > 0;) frames[i] += frames[i + 1];
}

/* Counts the frames that each rule of rule_of_depth draws. */
static void count_by_depth(const search *s, uint32_t *frames) {
  const shf_layout *l = &s->svg->layout;
  int64_t keep = s->value[s->step], shallow = s->value[s->step - 1];
  for (uint32_t n = 0; n < l->nodes; n++) {
    int64_t total = shf__layout_total(l, n);
    uint32_t depth = shf_profile_depth(l->p, n);
    if ((double)total >= (double)keep * shf__layout_steepness(depth))
      frames[s->deepest]++;
    else if (total >= shallow)
      frames[s->deepest - depth]++;
  }
  for (uint32_t i = s->deepest; i-- > 0;) frames[i] += frames[i + 1];
}

/*
 * Finds the smallest width above min_width that fits. Rows near the root use the next smaller
 * width, as many as fit: so deep and wide stacks lose only their ends, not all narrow frames.
 */
static shf_rule narrow_down(search *s, uint32_t *frames, uint64_t bytes) {
  s->deepest = shf_profile_max_depth(s->svg->layout.p) + 1;
  s->bytes = s->fixed = FIXED_BYTES + (double)shf__viewer_bytes;
  s->each = FRAME_BYTES;
  count_by_step(s, frames);
  if (bytes != UINT64_MAX) learn(s, frames[0], bytes);
  s->step = first_fit(s, rule_of_step, frames, STEPS);
  memset(frames, 0, ((size_t)s->deepest + 1) * sizeof *frames);
  count_by_depth(s, frames);
  shf_rule rule = rule_of_depth(s, first_fit(s, rule_of_depth, frames, s->deepest));
  if (s->fitted && same_rule(rule, s->last)) return rule;
  /* This is the smallest possible file, so it is written even if it is too large. */
  if (!fits(s->svg, s->d, rule, &bytes)) {
    s->svg->o.max_bytes = SIZE_MAX;
    fits(s->svg, s->d, rule, &bytes);
  }
  return rule;
}

static shf_rule choose(shf_svg *svg, shf_viewer_data *d) {
  uint64_t bytes;
  search s = {.svg = svg, .d = d};
  double pixels = svg->o.min_width;
  for (uint32_t i = 0; i < STEPS; i++) {
    s.value[i] = shf__layout_value(&svg->layout, pixels);
    pixels *= 1.05;
  }
  s.value[STEPS] = INT64_MAX;
  shf_rule rule = {s.value[0], s.value[0], UINT32_MAX};
  svg->min_titled = MIN_TITLED;
  if (fits(svg, d, rule, &bytes) || svg->code) return rule;
  svg->min_titled = MIN_TITLED_OF_MANY;
  if (fits(svg, d, rule, &bytes) || svg->code) return rule;
  size_t rows = shf_profile_max_depth(svg->layout.p) + 2;
  uint32_t *frames = calloc(rows > STEPS + 1 ? rows : STEPS + 1, sizeof *frames);
  if (frames)
    rule = narrow_down(&s, frames, bytes);
  else
    svg->code = SHF_E_NOMEM;
  free(frames);
  return rule;
}

/* ---- The file ---------------------------------------------------------------------- */

static int resolve(shf_svg *svg) {
  shf_svg_options *o = &svg->o;
  if (o->width == 0) o->width = 1200;
  if (o->height == 0) o->height = 16;
  if (o->min_width == 0) o->min_width = 0.1;
  if (o->max_bytes == 0) o->max_bytes = 1000000;
  svg->scheme = shf__scheme_of(o->colors);
  if (svg->scheme < 0 || o->font_size > 200) return SHF_E_ARG;
  if (o->width < 200 || o->width > 100000 || o->height < 2 || o->height > 200) return SHF_E_ARG;
  return o->min_width > 0 && o->min_width < 1e6 ? SHF_OK : SHF_E_ARG;
}

static int draw(shf_svg *svg, shf_viewer_data *d, shf_sink *sink) {
  shf_rule rule = choose(svg, d);
  if (svg->code || d->code) return svg->code ? svg->code : d->code;
  shf_xml x;
  shf__xml_begin(&x, sink);
  shf__svg_head(svg, &x);
  shf__svg_rows(svg, &x, rule, UINT64_MAX);
  shf__svg_foot(svg, &x);
  write_tail(svg, d, &x);
  int code = shf__xml_flush(&x);
  return code ? code : d->code;
}

static int lay_out(shf_svg *svg, const shf_profile *p) {
  int code = shf__layout_new(&svg->layout, p, svg->o.type);
  svg->layout.x0 = SHF_MARGIN * 10;
  svg->layout.width = (svg->o.width - 2 * SHF_MARGIN) * 10;
  return code;
}

/* Only the frames are reversed; the header describes the original stacks. */
static int reverse_stacks(shf_svg *svg, shf_profile **reversed) {
  if (!svg->o.reverse) return SHF_OK;
  int code = shf__svg_reverse(svg->p, reversed);
  if (code) return code;
  shf__layout_free(&svg->layout);
  code = lay_out(svg, *reversed);
  if (code) return code;
  uint32_t frames = shf_profile_frames(*reversed);
  uint8_t *paint = realloc(svg->paint, (size_t)frames + 1);
  if (!paint) return SHF_E_NOMEM;
  svg->paint = paint;
  for (uint32_t f = 0; f < frames; f++)
    paint[f] = (uint8_t)shf__paint_of(*reversed, f, svg->scheme);
  return SHF_OK;
}

int shf_svg_write(const shf_profile *p, const shf_svg_options *o, shf_sink *sink) {
  if ((unsigned)o->type >= SHF_TYPES) return SHF_E_ARG;
  if (!(shf_profile_types(p) & 1u << o->type)) return SHF_E_ABSENT;
  shf_svg svg = {.p = p, .o = *o};
  shf_profile *reversed = NULL;
  shf_viewer_data data = {0};
  int code = resolve(&svg);
  if (!code) code = shf__svg_find_facts(&svg);
  if (!code) code = lay_out(&svg, p);
  if (!code) code = shf__svg_summarize(&svg);
  if (!code) code = reverse_stacks(&svg, &reversed);
  if (!code) svg.head_height = shf__svg_head_height(&svg);
  if (!code) code = shf__viewer_data_new(&data, &svg);
  if (!code) code = draw(&svg, &data, sink);
  shf__viewer_data_free(&data);
  free(svg.paint);
  shf__layout_free(&svg.layout);
  shf_profile_free(reversed);
  return code;
}
