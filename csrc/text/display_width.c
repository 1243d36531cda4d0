#include "text/display_width.h"

#include "text/string_builder.h"

typedef struct range {
  uint32_t first, last;
} range;

static bool within(const range *ranges, size_t count, uint32_t point) {
  for (size_t i = 0; i < count; i++) {
    if (point < ranges[i].first) return false;
    if (point <= ranges[i].last) return true;
  }
  return false;
}

static const range WIDE[] = {
    {0x1100, 0x115F},   {0x231A, 0x231B},   {0x23E9, 0x23EC},   {0x25FD, 0x25FE},
    {0x2614, 0x2615},   {0x2648, 0x2653},   {0x26A1, 0x26A1},   {0x26AA, 0x26AB},
    {0x26BD, 0x26BE},   {0x26C4, 0x26C5},   {0x26D4, 0x26D4},   {0x26EA, 0x26EA},
    {0x26F2, 0x26F5},   {0x26FA, 0x26FD},   {0x2705, 0x2705},   {0x270A, 0x270B},
    {0x2728, 0x2728},   {0x274C, 0x274E},   {0x2753, 0x2757},   {0x2795, 0x2797},
    {0x2B1B, 0x2B1C},   {0x2B50, 0x2B55},   {0x2E80, 0x303E},   {0x3041, 0x4DBF},
    {0x4E00, 0xA4CF},   {0xA960, 0xA97F},   {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},
    {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},   {0x16FE0, 0x18CFF},
    {0x1AFF0, 0x1B2FF}, {0x1F004, 0x1F004}, {0x1F0CF, 0x1F0CF}, {0x1F18E, 0x1F19A},
    {0x1F200, 0x1F64F}, {0x1F680, 0x1F6FF}, {0x1F7E0, 0x1F7FF}, {0x1F900, 0x1F9FF},
    {0x1FA70, 0x1FAFF}, {0x20000, 0x3FFFD}};
static const range NONE[] = {
    {0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD},   {0x0610, 0x061A},  {0x064B, 0x065F},
    {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF}, {0x200B, 0x200F},   {0x20D0, 0x20FF},  {0xFE00, 0xFE0F},
    {0xFE20, 0xFE2F}, {0xFEFF, 0xFEFF}, {0x1F3FB, 0x1F3FF}, {0xE0000, 0xE0FFF}};

static size_t point_width(uint32_t point) {
  if (point < 0x0300 || point == SHF__BAD_UTF8) return 1;
  if (within(NONE, sizeof NONE / sizeof NONE[0], point)) return 0;
  return within(WIDE, sizeof WIDE / sizeof WIDE[0], point) ? 2 : 1;
}

size_t shf__display_width(shf_str text) {
  size_t used, columns = 0;
  for (size_t i = 0; i < text.len; i += used)
    columns += point_width(shf__utf8_next(text.ptr + i, text.len - i, &used));
  return columns;
}

shf_str shf__display_width_head(shf_str text, size_t columns) {
  size_t used, i = 0, taken = 0;
  for (; i < text.len; i += used) {
    taken += point_width(shf__utf8_next(text.ptr + i, text.len - i, &used));
    if (taken > columns) break;
  }
  return (shf_str){text.ptr, i};
}

shf_str shf__display_width_tail(shf_str text, size_t columns) {
  size_t used, i = 0, width = shf__display_width(text);
  for (; i < text.len && width > columns; i += used)
    width -= point_width(shf__utf8_next(text.ptr + i, text.len - i, &used));
  return (shf_str){text.ptr + i, text.len - i};
}
