/* Merges metadata lines of several profiles. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/str.h"
#include "profile/meta.h"
#include "profile/profile.h"
#include "text/string_builder.h"

/* NOTABLE: the part of all samples that is worth a word. */
enum { META_BYTES = 4096, NOTABLE = 1000 };

/* Compares decimal numbers: the longer one is larger. */
static bool larger_number(shf_str a, shf_str b) {
  return a.len != b.len ? a.len > b.len : shf_str_compare(a, b) > 0;
}

/* Whether `item` is in the list, whose items are separated by `; `. */
static bool has_item(shf_str list, shf_str item) {
  for (size_t at = 0; at + item.len <= list.len; at++) {
    if (memcmp(list.ptr + at, item.ptr, item.len) != 0) continue;
    bool begins = at == 0 || (at >= 2 && memcmp(list.ptr + at - 2, "; ", 2) == 0);
    size_t end = at + item.len;
    bool ends = end == list.len || (end + 2 <= list.len && memcmp(list.ptr + end, "; ", 2) == 0);
    if (begins && ends) return true;
  }
  return false;
}

/* Adds decimal numbers; a value that is no number is ignored. */
static int add_numbers(shf_profile *to, shf_str key, shf_str a, shf_str b) {
  char text[24];
  uint64_t sum = 0;
  for (int i = 0; i < 2; i++) {
    shf_str from = i ? b : a;
    uint64_t value = 0;
    if (from.len == 0 || from.len > 18) continue;
    for (size_t at = 0; at < from.len; at++) {
      if (from.ptr[at] < '0' || from.ptr[at] > '9') return SHF_OK;
      value = value * 10 + (uint64_t)(from.ptr[at] - '0');
    }
    sum += value;
  }
  int n = snprintf(text, sizeof text, "%" PRIu64, sum);
  return shf_profile_meta(to, key, (shf_str){text, (size_t)n});
}

/* Two pprof expressions cannot be combined. */
static bool is_single(shf_str key) {
  return shf__str_ends(key, "_frames");
}

static const char COUNTED[] = " samples without lines";

/* `12 of 3000 samples without lines`, the sum of several lists. */
typedef struct counted {
  uint64_t without, samples;
} counted;

static bool read_number(shf_str *text, uint64_t *value) {
  size_t digits = 0;
  *value = 0;
  for (; digits < text->len && digits < 18 && shf__is_digit(text->ptr[digits]); digits++)
    *value = *value * 10 + (uint64_t)(text->ptr[digits] - '0');
  *text = (shf_str){text->ptr + digits, text->len - digits};
  return digits > 0;
}

/* Whether it is such an item; adds it. */
static bool add_counted(shf_str item, counted *sum) {
  uint64_t without, samples;
  if (!read_number(&item, &without) || !shf__str_begins(item, " of ")) return false;
  item = (shf_str){item.ptr + 4, item.len - 4};
  if (!read_number(&item, &samples) || !shf__str_equals(item, COUNTED)) return false;
  sum->without += without;
  sum->samples += samples;
  return true;
}

/* The item that `list` begins with; the list becomes the rest. */
static shf_str take_item(shf_str *list) {
  size_t len = 0;
  while (len < list->len && !(len + 1 < list->len && memcmp(list->ptr + len, "; ", 2) == 0)) len++;
  shf_str item = {list->ptr, len};
  size_t used = len < list->len ? len + 2 : len;
  *list = (shf_str){list->ptr + used, list->len - used};
  return item;
}

/* Adds the items of `list` that `out` lacks, all but the counts. */
static void add_items(shf_str list, counted *sum, shf__builder *out) {
  while (list.len) {
    shf_str item = take_item(&list);
    if (item.len == 0 || add_counted(item, sum) || has_item(shf__builder_str(out), item)) continue;
    if (out->len) shf__builder_puts(out, "; ");
    shf__builder_add(out, item.ptr, item.len);
  }
}

static void add_count(const counted *sum, shf__builder *out) {
  char text[80];
  snprintf(text, sizeof text, "%s%" PRIu64 " of %" PRIu64 "%s", out->len ? "; " : "", sum->without,
           sum->samples, COUNTED);
  shf__builder_puts(out, text);
}

void shf__meta_lines(const shf_profile *p, shf__builder *out) {
  counted sum = {0, 0};
  add_items(shf_profile_meta_get(p, SHF__META_LINES), &sum, out);
  if (sum.without && sum.without >= sum.samples / NOTABLE) add_count(&sum, out);
}

static int merge_lines(shf_profile *to, shf_str key, shf_str a, shf_str b) {
  counted sum = {0, 0};
  shf__builder out = {NULL, 0, 0, SHF_OK};
  add_items(a, &sum, &out);
  add_items(b, &sum, &out);
  if (sum.samples) add_count(&sum, &out);
  int code = out.code ? out.code : shf_profile_meta(to, key, shf__builder_str(&out));
  shf__builder_free(&out);
  return code;
}

int shf__merge_meta(shf_profile *to, shf_str key, shf_str value) {
  shf_str old = shf__profile_meta_value(to, key);
  if (old.len == 0) return shf_profile_meta(to, key, value);
  if (is_single(key)) return SHF_OK;
  if (shf__str_ends(key, "_ms") || shf__str_ends(key, "_us"))
    return larger_number(value, old) ? shf_profile_meta(to, key, value) : SHF_OK;
  if (shf__str_ends(key, "_bytes")) return add_numbers(to, key, old, value);
  if (old.len + value.len > META_BYTES) return SHF_OK;
  if (shf__str_equals(key, SHF__META_LINES)) return merge_lines(to, key, old, value);
  if (has_item(old, value)) return SHF_OK;
  char *joined = malloc(old.len + value.len + 2);
  if (!joined) return SHF_E_NOMEM;
  memcpy(joined, old.ptr, old.len);
  /* length-counted: NOLINTNEXTLINE(bugprone-not-null-terminated-result) */
  memcpy(joined + old.len, "; ", 2);
  memcpy(joined + old.len + 2, value.ptr, value.len);
  int code = shf_profile_meta(to, key, (shf_str){joined, old.len + value.len + 2});
  free(joined);
  return code;
}
