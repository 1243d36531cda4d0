#include "text_metrics.h"

/*
 * Advances of U+0020 to U+007E: the wider of DejaVu Sans (as Verdana) and
 * Liberation Sans (as Arial, Helvetica).
 */
static const unsigned char sans[95] = {
    32, 41, 46, 84, 64, 96, 78, 28, 40,  40, 50, 84, 32, 37, 32, 34, 64, 64, 64, 64, 64, 64, 64, 64,
    64, 64, 34, 34, 84, 84, 84, 56, 102, 69, 69, 73, 78, 67, 62, 78, 76, 30, 50, 67, 56, 87, 75, 79,
    67, 79, 73, 67, 62, 74, 69, 99, 69,  67, 69, 40, 34, 40, 84, 56, 50, 62, 64, 55, 64, 62, 36, 64,
    64, 28, 28, 58, 28, 98, 64, 62, 64,  64, 42, 53, 40, 64, 60, 82, 60, 60, 53, 64, 34, 64, 84};
static const unsigned char bold[95] = {
    35, 46,  53, 84, 70, 101, 88, 31,  46, 46, 53, 84, 38, 42,  38, 37, 70, 70,  70,
    70, 70,  70, 70, 70, 70,  70, 40,  40, 84, 84, 84, 62, 100, 78, 77, 74, 84,  69,
    69, 83,  84, 38, 56, 78,  64, 100, 84, 86, 74, 86, 78, 73,  69, 82, 78, 111, 78,
    73, 73,  46, 37, 46, 84,  56, 50,  68, 72, 60, 72, 68, 44,  72, 72, 35, 35,  67,
    35, 105, 72, 69, 72, 72,  50, 60,  48, 72, 66, 93, 65, 66,  59, 72, 37, 72,  84};

/* The widest of the usual monospaced fonts: SF Mono. */
enum { MONO = 62, ELLIPSIS = 100, EMOJI = 140, WIDE = 105 };

typedef struct range {
  uint32_t first, last;
  uint32_t width;
} range;

/* Characters beyond ASCII, ascending; all others are WIDE. */
static const range ranges[] = {
    {0x00A0, 0x024F, 75},                             /* Latin with accents */
    {0x0300, 0x036F, 0},                              /* combining */
    {0x0370, 0x058F, 112},                            /* Greek, Cyrillic, Armenian */
    {0x200B, 0x200F, 0},                              /* no width, direction */
    {0x202A, 0x202E, 0},                              /* direction */
    {0x2060, 0x206F, 0},                              /* no width */
    {0x2190, 0x21FF, 100},                            /* arrows */
    {0x2600, 0x27BF, EMOJI},   {0xFE00, 0xFE0F, 0},   /* variation selectors */
    {0xFE20, 0xFE2F, 0},                              /* combining */
    {0x1F000, 0x1FAFF, EMOJI}, {0xE0000, 0xE01EF, 0}, /* tags */
};

static uint32_t advance(uint32_t c, enum shf_face face) {
  if (c < 0x7F) {
    if (face == SHF_FACE_MONO) return MONO;
    return (face == SHF_FACE_BOLD ? bold : sans)[c - 0x20];
  }
  if (c == 0x2026) return face == SHF_FACE_MONO ? MONO : ELLIPSIS;
  for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
    if (c < ranges[i].first) break;
    if (c <= ranges[i].last) return ranges[i].width;
  }
  return WIDE;
}

uint32_t shf__label_width(shf_str text, enum shf_face face) {
  uint64_t width = 0;
  for (size_t i = 0; i < text.len;) {
    uint32_t c;
    i += shf__xml_next(text.ptr + i, text.len - i, &c);
    width += advance(c, face);
    if (width > UINT32_MAX) return UINT32_MAX;
  }
  return (uint32_t)width;
}

size_t shf__label_fit(shf_str text, enum shf_face face, uint32_t available, bool *cut) {
  uint32_t mark = face == SHF_FACE_MONO ? MONO : ELLIPSIS;
  uint64_t width = 0;
  size_t fits = 0; /* bytes that leave space for the ellipsis */
  uint32_t characters = 0;
  *cut = false;
  for (size_t i = 0; i < text.len;) {
    uint32_t c;
    i += shf__xml_next(text.ptr + i, text.len - i, &c);
    uint32_t w = advance(c, face);
    width += w;
    if (width > available) {
      *cut = true;
      /* one letter and an ellipsis are of no use */
      return characters < 2 ? 0 : fits;
    }
    if (width + mark > available) continue;
    fits = i;
    characters += w > 0;
  }
  return text.len;
}

void shf__label_write(shf_xml *x, shf_str text, enum shf_face face, uint32_t available) {
  bool cut;
  size_t fits = shf__label_fit(text, face, available, &cut);
  if (fits == 0) return;
  shf__xml_text(x, (shf_str){text.ptr, fits});
  if (cut) shf__xml_raw(x, "\xE2\x80\xA6");
}
