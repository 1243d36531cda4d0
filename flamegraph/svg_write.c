/* How many frames the budget allows, and the whole file. */
#include <stdlib.h>

#include "svg_data.h"
#include "viewer.h"

/* ---- The budget ------------------------------------------------------------------ */

/*
 * Tenths of a px. Where not all has room, frames that a pointer hardly meets
 * lose their titles, most of the bytes, before any frame is pruned.
 */
enum { TITLED = 20, TITLED_OF_MANY = 50 };

enum { STEPS = 200 }; /* of 5 % from min_width up: beyond any picture's width */

/* What stands behind the picture: the data, the viewer, the end. */
static void write_tail(shf_picture *pic, shf_data *d, shf_xml *x) {
  shf__data_write(d, pic, x);
  shf__xml_raw(x, "<script><![CDATA[");
  shf__xml_bytes(x, shf__viewer_script, shf__viewer_bytes);
  shf__xml_raw(x, "]]></script>\n</svg>\n");
}

/* Whether a file by this rule is within its budget; sets pic->rows if it is. */
static bool fits(shf_picture *pic, shf_data *d, shf_rule rule) {
  shf_xml x;
  shf__xml_begin(&x, NULL);
  /* Rows are not known yet: the longest coordinates stand for the right ones. */
  pic->rows = 1000000;
  if (!shf__svg_rows(pic, &x, rule, pic->o.max_bytes)) return false;
  shf__svg_head(pic, &x);
  shf__svg_foot(pic, &x);
  if (x.bytes > pic->o.max_bytes || !shf__data_choose(d, pic, rule)) return false;
  write_tail(pic, d, &x);
  return x.bytes <= pic->o.max_bytes;
}

static int64_t step_value(const shf_picture *pic, uint32_t step) {
  double pixels = pic->o.min_width;
  for (uint32_t i = 0; i < step; i++) pixels *= 1.05;
  return step == STEPS ? INT64_MAX : shf__layout_value(&pic->layout, pixels);
}

/*
 * The least width above min_width that fits, and with the next smaller one as
 * many rows from the root up as there is room for: stacks that are deep and
 * wide everywhere lose their tips then, not all frames at once.
 */
static shf_rule choose(shf_picture *pic, shf_data *d) {
  int64_t least = step_value(pic, 0);
  shf_rule rule = {least, least, 0};
  pic->titled = TITLED;
  if (fits(pic, d, rule)) return rule;
  pic->titled = TITLED_OF_MANY;
  if (fits(pic, d, rule)) return rule;
  uint32_t low = 0, high = STEPS; /* low does not fit; high is taken to */
  while (high - low > 1) {
    uint32_t middle = (low + high) / 2;
    int64_t value = step_value(pic, middle);
    if (fits(pic, d, (shf_rule){value, value, 0}))
      high = middle;
    else
      low = middle;
  }
  rule = (shf_rule){step_value(pic, high), step_value(pic, low), 0};
  uint32_t shallow = 0, deep = shf_profile_max_depth(pic->p) + 1;
  while (deep - shallow > 1) {
    rule.shallow = shallow + (deep - shallow) / 2;
    if (fits(pic, d, rule))
      shallow = rule.shallow;
    else
      deep = rule.shallow;
  }
  rule.shallow = shallow;
  /* Nothing smaller can be drawn, so this is written even if it is too long. */
  if (!fits(pic, d, rule)) {
    pic->o.max_bytes = SIZE_MAX;
    fits(pic, d, rule);
  }
  return rule;
}

/* ---- The file ---------------------------------------------------------------------- */

static int resolve(shf_picture *pic) {
  shf_svg_options *o = &pic->o;
  if (o->width == 0) o->width = 1200;
  if (o->height == 0) o->height = 16;
  if (o->min_width == 0) o->min_width = 0.1;
  if (o->max_bytes == 0) o->max_bytes = 1000000;
  pic->scheme = shf__scheme_of(o->colors);
  if (pic->scheme < 0 || o->font_size > 200) return SHF_E_ARG;
  if (o->width < 200 || o->width > 100000 || o->height < 2 || o->height > 200) return SHF_E_ARG;
  return o->min_width > 0 && o->min_width < 1e6 ? SHF_OK : SHF_E_ARG;
}

static int draw(shf_picture *pic, shf_data *d, shf_sink *sink) {
  shf_rule rule = choose(pic, d);
  if (d->code) return d->code;
  shf_xml x;
  shf__xml_begin(&x, sink);
  shf__svg_head(pic, &x);
  shf__svg_rows(pic, &x, rule, UINT64_MAX);
  shf__svg_foot(pic, &x);
  write_tail(pic, d, &x);
  return shf__xml_flush(&x);
}

static int lay_out(shf_picture *pic, const shf_profile *p) {
  int code = shf__layout_new(&pic->layout, p, pic->o.type);
  pic->layout.x0 = SHF_MARGIN * 10;
  pic->layout.width = (pic->o.width - 2 * SHF_MARGIN) * 10;
  return code;
}

/* The header tells of the stacks as they are; only the frames are turned around. */
static int turn_around(shf_picture *pic, shf_profile **turned) {
  if (!pic->o.reverse) return SHF_OK;
  int code = shf__svg_reverse(pic->p, turned);
  if (code) return code;
  shf__layout_free(&pic->layout);
  code = lay_out(pic, *turned);
  if (code) return code;
  uint32_t frames = shf_profile_frames(*turned);
  uint8_t *paint = realloc(pic->paint, (size_t)frames + 1);
  if (!paint) return SHF_E_NOMEM;
  pic->paint = paint;
  for (uint32_t f = 0; f < frames; f++) paint[f] = (uint8_t)shf__paint_of(*turned, f, pic->scheme);
  return SHF_OK;
}

int shf_svg_write(const shf_profile *p, const shf_svg_options *o, shf_sink *sink) {
  if ((unsigned)o->type >= SHF_TYPES) return SHF_E_ARG;
  if (!(shf_profile_types(p) & 1u << o->type)) return SHF_E_ABSENT;
  shf_picture pic = {.p = p, .o = *o};
  shf_profile *turned = NULL;
  shf_data data = {0};
  int code = resolve(&pic);
  if (!code) code = shf__svg_find_facts(&pic);
  if (!code) code = lay_out(&pic, p);
  if (!code) code = shf__svg_summarize(&pic);
  if (!code) code = turn_around(&pic, &turned);
  if (!code) code = shf__data_new(&data, p);
  if (!code) code = draw(&pic, &data, sink);
  shf__data_free(&data);
  free(pic.paint);
  shf__layout_free(&pic.layout);
  shf_profile_free(turned);
  return code;
}
