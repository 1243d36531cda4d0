#include "color.h"

#include <math.h>

enum {
  HUES = 14,
  SHADES = 3, /* of a package's hue */
  APP = 0,
  PACKAGE = APP + 4,
  NODE = PACKAGE + HUES * SHADES,
  V8 = NODE + 3,
  OFFHEAP = V8 + 3,
  LABEL = OFFHEAP + 2,
  OTHER = LABEL + 3,
  SCHEMES = SHF_PAINT_PRUNED + 1,
  SCHEME_SHADES = 6
};

/*
 * Light fills are pastels of 12 bits, which are short in the file; dark ones have a similar hue and
 * enough contrast to SHF_INK_DARK. Amber is for the app, yellow for labels and red for off-heap
 * memory, so packages have hues from lime to pink.
 */
static const shf_paint palette[SHF_PAINTS] = {
    {"#fb7", "#8b551c"}, {"#fc8", "#8f611e"}, {"#fa6", "#83451e"}, {"#fc6", "#835f14"},
    {"#cd9", "#4f5824"}, {"#deb", "#5a6330"}, {"#bc8", "#454e1a"}, {"#bda", "#3f5c31"},
    {"#cec", "#4a673c"}, {"#ada", "#365227"}, {"#9d9", "#2e5f3f"}, {"#bec", "#396a4a"},
    {"#8c9", "#235536"}, {"#9eb", "#1a604d"}, {"#8da", "#286b58"}, {"#aed", "#0a5644"},
    {"#8dc", "#045f5b"}, {"#9ed", "#1a6b66"}, {"#7cc", "#075551"}, {"#8de", "#025e68"},
    {"#9ee", "#186973"}, {"#7cd", "#05535c"}, {"#8df", "#165b72"}, {"#aef", "#24667d"},
    {"#8ce", "#055167"}, {"#adf", "#295779"}, {"#bef", "#356285"}, {"#9cf", "#1f4d6e"},
    {"#acf", "#3a527c"}, {"#cdf", "#455e88"}, {"#9bf", "#314971"}, {"#ccf", "#494e7b"},
    {"#ddf", "#545988"}, {"#bbf", "#404471"}, {"#dcf", "#574977"}, {"#edf", "#625483"},
    {"#cbf", "#4d406d"}, {"#ecf", "#62456f"}, {"#fdf", "#6d507b"}, {"#dbf", "#583c65"},
    {"#fcf", "#6b4265"}, {"#ede", "#774d70"}, {"#ebe", "#61395b"}, {"#fce", "#714058"},
    {"#ebd", "#7d4b64"}, {"#fbe", "#67374f"}, {"#bcd", "#404c58"}, {"#cde", "#485460"},
    {"#abc", "#38444f"}, {"#dcb", "#584a40"}, {"#cba", "#4d3f35"}, {"#edc", "#63554a"},
    {"#f88", "#9d3438"}, {"#f99", "#a73d40"}, {"#ff8", "#746d12"}, {"#ff9", "#6e6a1c"},
    {"#ff7", "#6a640c"}, {"#ccc", "#3f3f43"}, {"#bbb", "#47474b"}, {"#ddd", "#303033"}, /* pruned */
    {"#f64", "#991f1f"}, {"#fe5", "#6a6315"}, {"#fd6", "#795f18"}, {"#fc7", "#88571b"},
    {"#fb8", "#994c1f"}, {"#fa9", "#99351f"}, /* hot */
    {"#7d6", "#386e2d"}, {"#7db", "#2c6d5d"}, {"#8db", "#2d6e52"}, {"#9da", "#2d6e46"},
    {"#9ea", "#2d6e3a"}, {"#aea", "#2e702f"}, /* mem */
    {"#8ae", "#2c548c"}, {"#a8e", "#442c8c"}, {"#a9e", "#372c8c"}, {"#aae", "#2c2d8c"},
    {"#bbe", "#2c3a8c"}, {"#bce", "#2c478c"}, /* io */
    {"#e78", "#8f283a"}, {"#e88", "#8f3628"}, {"#e98", "#8f3028"}, {"#e99", "#8f2a28"},
    {"#e9a", "#8f282d"}, {"#eab", "#8f2833"}, /* red */
    {"#e85", "#964522"}, {"#fb6", "#7f5b1d"}, {"#eb6", "#85581e"}, {"#eb7", "#8b5520"},
    {"#eb8", "#915221"}, {"#fb9", "#964c22"}, /* orange */
    {"#ec4", "#74601d"}, {"#ee5", "#66661a"}, {"#ee6", "#68641a"}, {"#ee7", "#6c641b"},
    {"#ee8", "#6e621c"}, {"#fe9", "#72621d"}, /* yellow */
    {"#ac6", "#516a2f"}, {"#7d8", "#316f3c"}, {"#7d7", "#316f32"}, {"#9d8", "#396d31"},
    {"#ad9", "#426d31"}, {"#bea", "#4a6c30"}, /* green */
    {"#5cb", "#306c60"}, {"#6bc", "#356976"}, {"#8cd", "#326971"}, {"#8dd", "#316b6d"},
    {"#9dd", "#306c69"}, {"#add", "#306c65"}, /* aqua */
    {"#7ce", "#2a6988"}, {"#89e", "#2c448c"}, {"#9ae", "#2c4c8c"}, {"#9be", "#2c548c"},
    {"#ace", "#2c5c8c"}, {"#bde", "#2c648c"}, /* blue */
    {"#b9d", "#593582"}, {"#e9e", "#823582"}, {"#dae", "#7a3582"}, {"#dbe", "#723582"},
    {"#dce", "#6a3582"}, {"#ece", "#613582"},                                           /* purple */
    {"#39e", "#1464b4"}, {"#6bf", "#1a5690"}, {"#9df", "#1f4569"}, {"#cef", "#24354a"}, /* shrank */
    {"#eee", "#2b2c33"}, /* did not */
    {"#fdb", "#49311e"}, {"#fb4", "#6b4018"}, {"#f93", "#8c4812"}, {"#f73", "#ad480f"}, /* grew */
};

/* In the palette's order. */
static const char *const scheme_names[] = {"hot",    "mem",   "io",   "red",  "orange",
                                           "yellow", "green", "aqua", "blue", "purple"};
enum { SCHEME_COUNT = sizeof scheme_names / sizeof *scheme_names, BY_LANGUAGE = SCHEME_COUNT + 1 };
enum { RED = 3, ORANGE = 4, YELLOW = 5, GREEN = 6, AQUA = 7 };

/* FNV-1a with a final mix, as its low bits hardly differ between similar names. */
static uint32_t hash(shf_str text) {
  uint32_t h = 2166136261u;
  for (size_t i = 0; i < text.len; i++) h = (h ^ (unsigned char)text.ptr[i]) * 16777619u;
  h ^= h >> 16;
  h *= 0x85EBCA6Bu;
  h ^= h >> 13;
  h *= 0xC2B2AE35u;
  return h ^ h >> 16;
}

const shf_paint *shf__paint_at(uint32_t paint) {
  return &palette[paint < SHF_PAINTS ? paint : SHF_PAINT_PRUNED];
}

uint32_t shf__paint_of_package(shf_str package) {
  return PACKAGE + hash(package) % HUES * SHADES;
}

uint32_t shf__paint_of_category(enum shf_category category) {
  switch (category) {
    case SHF_CAT_APP:
      return APP;
    case SHF_CAT_PACKAGE:
      return PACKAGE;
    case SHF_CAT_NODE:
      return NODE;
    case SHF_CAT_V8:
      return V8;
    case SHF_CAT_OFFHEAP:
      return OFFHEAP;
    case SHF_CAT_LABEL:
      return LABEL;
    case SHF_CAT_OTHER:
    case SHF_CATEGORIES:
      break;
  }
  return OTHER;
}

static uint32_t shades(enum shf_category category) {
  switch (category) {
    case SHF_CAT_APP:
      return PACKAGE - APP;
    case SHF_CAT_PACKAGE:
      return SHADES;
    case SHF_CAT_NODE:
      return V8 - NODE;
    case SHF_CAT_V8:
      return OFFHEAP - V8;
    case SHF_CAT_OFFHEAP:
      return LABEL - OFFHEAP;
    case SHF_CAT_LABEL:
      return OTHER - LABEL;
    case SHF_CAT_OTHER:
    case SHF_CATEGORIES:
      break;
  }
  return SHF_PAINT_PRUNED - OTHER;
}

static uint32_t by_category(const shf_profile *p, uint32_t frame) {
  shf_str package = {NULL, 0};
  enum shf_category category = shf_frame_category(p, frame, &package);
  uint32_t base = category == SHF_CAT_PACKAGE ? shf__paint_of_package(package)
                                              : shf__paint_of_category(category);
  return base + hash(shf_frame_name(p, frame)) % shades(category);
}

/* flamegraph.pl's js scheme goes by annotations in names; here it goes by category. */
static uint32_t language(enum shf_category category) {
  switch (category) {
    case SHF_CAT_APP:
      return GREEN;
    case SHF_CAT_PACKAGE:
      return AQUA;
    case SHF_CAT_NODE:
      return YELLOW;
    case SHF_CAT_V8:
      return ORANGE;
    case SHF_CAT_OFFHEAP:
    case SHF_CAT_LABEL:
    case SHF_CAT_OTHER:
    case SHF_CATEGORIES:
      break;
  }
  return RED;
}

int shf__scheme_of(shf_str name) {
  static const char *const others[][2] = {{"wakeup", "aqua"}, {"chain", "aqua"}};
  if (name.len == 0) return 0;
  for (size_t i = 0; i < sizeof others / sizeof *others; i++)
    if (shf_str_compare(name, shf_str_of(others[i][0])) == 0) name = shf_str_of(others[i][1]);
  for (int i = 0; i < SCHEME_COUNT; i++)
    if (shf_str_compare(name, shf_str_of(scheme_names[i])) == 0) return i + 1;
  static const char *const languages[] = {"js", "java", "perl"};
  for (size_t i = 0; i < sizeof languages / sizeof *languages; i++)
    if (shf_str_compare(name, shf_str_of(languages[i])) == 0) return BY_LANGUAGE;
  return -1;
}

uint32_t shf__paint_of(const shf_profile *p, uint32_t frame, int scheme) {
  if (frame == SHF_NONE) return OTHER;
  if (scheme == 0) return by_category(p, frame);
  enum shf_category category = shf_frame_category(p, frame, NULL);
  if (category == SHF_CAT_LABEL || category == SHF_CAT_OTHER) return by_category(p, frame);
  uint32_t row = scheme == BY_LANGUAGE ? language(category) : (uint32_t)scheme - 1;
  return SCHEMES + row * SCHEME_SHADES + hash(shf_frame_name(p, frame)) % SCHEME_SHADES;
}

uint32_t shf__paint_of_change(int64_t change, int64_t largest) {
  static const double from[SHF_RAMP_STEPS] = {0, 0.05, 0.2, 0.5};
  uint32_t middle = SHF_PAINT_RAMP + SHF_RAMP_STEPS, step = 0;
  if (change == 0 || largest <= 0) return middle;
  double share = fabs((double)change / (double)largest);
  while (step < SHF_RAMP_STEPS && share >= from[step]) step++;
  return change < 0 ? middle - step : middle + step;
}
