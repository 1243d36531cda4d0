#include "color.h"

enum {
  HUES = 14,
  SHADES = 3, /* of a package's hue */
  APP = 0,
  PACKAGE = APP + 4,
  NODE = PACKAGE + HUES * SHADES,
  V8 = NODE + 3,
  OFFHEAP = V8 + 3,
  OTHER = OFFHEAP + 2
};

/*
 * Light fills are pastels of 12 bits, to be short in the file; dark ones are of
 * like hue, with a lightness that carries SHF_INK_DARK. Amber belongs to the
 * app and red to off-heap memory, so the packages' hues run from lime to pink.
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
    {"#f88", "#9d3438"}, {"#f99", "#a73d40"}, {"#ccc", "#3f3f43"}, {"#bbb", "#47474b"},
    {"#ddd", "#303033"},
};

/* FNV-1a, then mixed, for its low bits alone hardly differ between like names. */
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
      return OTHER - OFFHEAP;
    case SHF_CAT_OTHER:
    case SHF_CATEGORIES:
      break;
  }
  return SHF_PAINT_PRUNED - OTHER;
}

uint32_t shf__paint_of(const shf_profile *p, uint32_t frame) {
  if (frame == SHF_NONE) return OTHER;
  shf_str package = {NULL, 0};
  enum shf_category category = shf_frame_category(p, frame, &package);
  uint32_t base = category == SHF_CAT_PACKAGE ? shf__paint_of_package(package)
                                              : shf__paint_of_category(category);
  return base + hash(shf_frame_name(p, frame)) % shades(category);
}
