/* Data for the viewer: metadata of the profile, and options. */
#include "svg.h"

void shf__svg_key(shf_xml *x, const char *name) {
  shf__xml_raw(x, ",\n\"");
  shf__xml_raw(x, name);
  shf__xml_raw(x, "\":");
}

static void text(shf_xml *x, const char *name, shf_str value) {
  shf__svg_key(x, name);
  shf__xml_json(x, value);
}

static void number(shf_xml *x, const char *name, uint64_t value) {
  shf__svg_key(x, name);
  shf__xml_u64(x, value);
}

static void flag(shf_xml *x, const char *name, bool value) {
  shf__svg_key(x, name);
  shf__xml_raw(x, value ? "true" : "false");
}

static void write_lines(const shf_profile *p, shf_xml *x) {
  const char *between = "{";
  for (uint32_t i = 0; i < shf_profile_metas(p); i++) {
    shf_str name, value;
    shf_profile_meta_at(p, i, &name, &value);
    if (shf_meta_is_internal(name)) continue;
    shf__xml_raw(x, between);
    between = ",";
    shf__xml_json(x, name);
    shf__xml_raw(x, ":");
    shf__xml_json(x, value);
  }
  shf__xml_raw(x, *between == '{' ? "{}" : "}");
}

/* [interval, kind, gc, pid, thread] of each. */
static void write_sources(const shf_profile *p, shf_xml *x) {
  shf__xml_raw(x, "[");
  for (uint32_t i = 0; i < shf_profile_sources(p); i++) {
    const shf_source *s = shf_profile_source_at(p, i);
    shf__xml_raw(x, i ? ",[" : "[");
    const uint64_t facts[] = {s->interval, s->kind, s->gc, s->pid, s->thread};
    for (size_t f = 0; f < sizeof facts / sizeof *facts; f++) {
      if (f) shf__xml_raw(x, ",");
      shf__xml_u64(x, facts[f]);
    }
    shf__xml_raw(x, "]");
  }
  shf__xml_raw(x, "]");
}

static void write_paints(const shf_svg *svg, shf_xml *x) {
  shf__xml_raw(x, "[");
  uint32_t count = svg->scheme ? SHF_PAINT_RAMP : SHF_PAINT_PRUNED + 1;
  if (shf__layout_compares(&svg->layout)) count = SHF_PAINTS;
  for (uint32_t i = 0; i < count; i++) {
    shf__xml_raw(x, i ? ",\"" : "\"");
    shf__xml_raw(x, shf__paint_at(i)->light + 1);
    shf__xml_raw(x, shf__paint_at(i)->dark + 1);
    shf__xml_raw(x, "\"");
  }
  shf__xml_raw(x, "]");
}

/* Facts about the sampling, by type. */
static void write_facts(const shf_svg *svg, shf_xml *x) {
  uint32_t types = shf_profile_types(svg->p);
  bool first = true;
  shf__xml_raw(x, "[");
  for (int t = 0; t < SHF_TYPES; t++) {
    if (!(types & 1u << t)) continue;
    if (!first) shf__xml_raw(x, ",");
    shf__xml_json(x, shf_str_of(svg->facts[t]));
    first = false;
  }
  shf__xml_raw(x, "]");
}

static void write_category_names(shf_xml *x) {
  shf__xml_raw(x, "[");
  for (int c = 0; c < SHF_CATEGORIES; c++) {
    if (c) shf__xml_raw(x, ",");
    shf__xml_json(x, shf_str_of(shf__svg_category((enum shf_category)c)));
  }
  shf__xml_raw(x, "]");
}

/* The paints of the categories, in order. */
static void write_category_paints(shf_xml *x) {
  shf__xml_raw(x, "[");
  for (int c = 0; c < SHF_CATEGORIES; c++) {
    if (c) shf__xml_raw(x, ",");
    shf__xml_u64(x, shf__paint_of_category((enum shf_category)c));
  }
  shf__xml_raw(x, "]");
}

/* flamegraph.pl puts a colon after it. */
static shf_str name_type(const shf_svg_options *o) {
  shf_str name = o->name_type;
  if (name.len && name.ptr[name.len - 1] == ':') name.len--;
  return name.len ? name : shf_str_of("Function");
}

/* Ends in one slash, or is empty. */
static void write_folder(shf_str cwd, shf_xml *x) {
  while (cwd.len && cwd.ptr[cwd.len - 1] == '/') cwd.len--;
  shf__svg_key(x, "cwd");
  shf_xml folder;
  shf__xml_hold(&folder);
  shf__xml_bytes(&folder, cwd.ptr, cwd.len);
  if (cwd.len) shf__xml_raw(&folder, "/");
  shf__xml_json(x, shf__xml_held(&folder));
}

void shf__svg_meta(const shf_svg *svg, shf_xml *x) {
  const shf_svg_options *o = &svg->o;
  text(x, "title", shf__svg_title(svg));
  text(x, "subtitle", o->subtitle);
  text(x, "notes", o->notes);
  text(x, "type", shf_str_of(shf_type_name(o->type)));
  text(x, "countName", o->count_name);
  shf__svg_key(x, "nameType");
  shf__xml_json(x, name_type(o));
  text(x, "font", o->font);
  number(x, "fontSize", o->font_size);
  number(x, "width", o->width);
  number(x, "height", o->height);
  flag(x, "inverted", o->inverted);
  flag(x, "reverse", o->reverse);
  flag(x, "byCategory", svg->scheme == 0);
  write_folder(o->cwd, x);
  shf__svg_key(x, "meta");
  write_lines(svg->p, x);
  shf__svg_key(x, "sources");
  write_sources(svg->p, x);
  shf__svg_key(x, "facts");
  write_facts(svg, x);
  shf__svg_key(x, "categories");
  write_category_names(x);
  shf__svg_key(x, "paints");
  write_paints(svg, x);
  shf__svg_key(x, "categoryPaints");
  write_category_paints(x);
  /* The index of the paint of no change; only a difference has it. */
  if (shf__layout_compares(&svg->layout)) number(x, "ramp", SHF_PAINT_RAMP + SHF_RAMP_STEPS);
}
