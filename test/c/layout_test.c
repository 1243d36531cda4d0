#include "layout.h"

#include "test.h"
#include "text_metrics.h"

/* A frame as flamegraph.pl makes it out of sorted lines. */
typedef struct drawn {
  char path[128];
  long start, width;
} drawn;

/* How many names two stacks have in common, as bytes of the first up to there. */
static size_t common(const char *a, const char *b) {
  size_t last = 0;
  for (size_t i = 0;; i++) {
    bool a_ends = a[i] == ';' || !a[i], b_ends = b[i] == ';' || !b[i];
    if (a_ends && b_ends) last = i;
    if (a[i] != b[i] || !a[i]) return last;
  }
}

static void open_frames(const char *stack, size_t from, long at, drawn *out, int *count) {
  for (size_t i = from ? from + 1 : 0; stack[i]; i++) {
    if (stack[i + 1] && stack[i + 1] != ';') continue;
    snprintf(out[*count].path, sizeof out->path, "%.*s", (int)i + 1, stack);
    out[*count].start = at;
    out[(*count)++].width = -1;
  }
}

static void close_frames(const char *keep, size_t len, long at, drawn *out, int count) {
  for (int i = 0; i < count; i++) {
    size_t n = strlen(out[i].path);
    bool stays = n <= len && strncmp(out[i].path, keep, n) == 0;
    if (out[i].width < 0 && !stays) out[i].width = at - out[i].start;
  }
}

/* Lines in bytewise order, each of the value behind it: the flow that flamegraph.pl merges. */
static int by_lines(const char *const *stacks, const long *values, int lines, drawn *out) {
  int count = 0;
  long at = 0;
  const char *last = "";
  for (int i = 0; i < lines; i++) {
    size_t same = common(stacks[i], last);
    close_frames(stacks[i], same, at, out, count);
    open_frames(stacks[i], same, at, out, &count);
    at += values[i];
    last = stacks[i];
  }
  close_frames("", 0, at, out, count);
  return count;
}

static void path_of(const shf_profile *p, uint32_t node, char *out, size_t size) {
  char path[128] = "";
  for (uint32_t n = node; n != 0; n = shf_profile_parent(p, n)) {
    shf_str name = shf_frame_name(p, shf_profile_frame_of(p, n));
    char longer[128];
    snprintf(longer, sizeof longer, "%.*s%s%.60s", (int)name.len, name.ptr, *path ? ";" : "", path);
    memcpy(path, longer, sizeof path);
  }
  snprintf(out, size, "%.*s", (int)size - 1, path);
}

TEST(layout_places_frames_where_flamegraph_pl_does) {
  static const char *const stacks[] = {"(GC)", "a",   "a;b",   "a;b;c", "a;b;d",
                                       "a;c",  "e;a", "e;a;b", "main",  "main;x;y;z"};
  static const long values[] = {64, 128, 640, 64, 192, 6400, 64, 256, 64, 128};
  char lines[1024] = "";
  for (int i = 9; i >= 0; i--) { /* any order in */
    size_t n = strlen(lines);
    snprintf(lines + n, sizeof lines - n, "%s %ld 0\n", stacks[i], values[i]);
  }
  drawn expected[32];
  int count = by_lines(stacks, values, 10, expected);
  shf_profile *p = test_profile(lines);
  shf_layout l;
  CHECK_EQ(shf__layout_new(&l, p, SHF_ALLOC_SPACE), SHF_OK);
  CHECK_EQ(l.nodes, count + 1);
  for (uint32_t n = 1; n < l.nodes; n++) {
    char path[128];
    path_of(p, n, path, sizeof path);
    int found = 0;
    for (int i = 0; i < count; i++) {
      if (strcmp(expected[i].path, path) != 0) continue;
      found++;
      CHECK_EQ(l.start[n], expected[i].start);
      CHECK_EQ(shf__layout_total(&l, n), expected[i].width);
    }
    CHECK_EQ(found, 1);
  }
  shf__layout_free(&l);
  shf_profile_free(p);
}

TEST(layout_neighbours_touch_in_tenths_of_a_pixel) {
  char lines[4096] = "";
  for (int i = 0; i < 97; i++) {
    size_t n = strlen(lines);
    snprintf(lines + n, sizeof lines - n, "f%02d %d 0\n", i, 64 * (1 + i * 7 % 13));
  }
  shf_profile *p = test_profile(lines);
  shf_layout l;
  CHECK_EQ(shf__layout_new(&l, p, SHF_ALLOC_SPACE), SHF_OK);
  l.x0 = 100;
  l.width = 11800;
  int64_t at = l.x0;
  for (uint32_t c = shf__layout_child(&l, 0); c != SHF_NONE; c = shf__layout_sibling(&l, 0, c)) {
    shf_span s = shf__layout_span(&l, l.start[c], shf__layout_end_of(&l, c));
    CHECK_EQ(s.x, at);
    at += s.width;
  }
  CHECK_EQ(at, l.x0 + l.width);
  shf__layout_free(&l);
  shf_profile_free(p);
}

TEST(layout_leaves_out_what_has_no_value_of_the_type) {
  shf_profile *p = test_profile("a;b 640 0\na;c 640 64\nd 64 0\n");
  shf_layout l;
  CHECK_EQ(shf__layout_new(&l, p, SHF_INUSE_SPACE), SHF_OK);
  CHECK_EQ(shf__layout_frames(&l, 0), 3);
  uint32_t a = shf__layout_child(&l, 0), c = shf__layout_child(&l, a);
  CHECK_EQ(shf__layout_sibling(&l, 0, a), SHF_NONE);
  CHECK_EQ(shf__layout_total(&l, c), 64);
  CHECK_EQ(shf__layout_sibling(&l, a, c), SHF_NONE);
  shf__layout_free(&l);
  shf_profile_free(p);
}

TEST(layout_draws_by_width_and_deeper_only_what_is_wider) {
  shf_profile *p = test_profile("a;b;c 6400 0\na;b;d 64 0\ne 640 0\n");
  shf_layout l;
  CHECK_EQ(shf__layout_new(&l, p, SHF_ALLOC_SPACE), SHF_OK);
  shf__layout_start(&l, (shf_rule){1000, 100, 1});
  uint32_t a = shf__layout_child(&l, 0), e = shf__layout_sibling(&l, 0, a);
  CHECK(shf__layout_kept(&l, a));
  CHECK(shf__layout_kept(&l, e)); /* 640, in the first row */
  shf__layout_keep(&l, a);
  CHECK(shf__layout_next(&l));
  CHECK(!shf__layout_kept(&l, e)); /* no longer */
  CHECK(!shf__layout_next(&l));
  shf__layout_free(&l);
  shf_profile_free(p);
}

/* ---- Labels ----------------------------------------------------------------- */

static void check_fit(const char *text, uint32_t width, size_t bytes, bool cut) {
  bool was_cut;
  CHECK_EQ(shf__label_fit(shf_str_of(text), SHF_FACE_MONO, width, &was_cut), bytes);
  CHECK_EQ(was_cut, cut);
}

TEST(label_is_whole_or_clipped_or_not_there) {
  check_fit("parse", 5 * 62, 5, false);
  check_fit("parse", 5 * 62 - 1, 3, true); /* par… */
  check_fit("parse", 3 * 62, 2, true);     /* pa… */
  check_fit("parse", 2 * 62, 0, true);
  check_fit("f", 62, 1, false);
  check_fit("f", 61, 0, true);
  check_fit("", 100, 0, false);
}

TEST(label_counts_wide_characters_as_wide) {
  shf_str latin = shf_str_of("abc"), han = shf_str_of("\xE7\xBF\xBB\xE8\xAF\x91\xE6\xA0\x87");
  shf_str party = shf_str_of("\xF0\x9F\x8E\x89");
  CHECK(shf__label_width(han, SHF_FACE_MONO) >= 300);
  CHECK(shf__label_width(party, SHF_FACE_MONO) >= 120);
  CHECK(shf__label_width(latin, SHF_FACE_MONO) <= 200);
  CHECK(shf__label_width(shf_str_of("iii"), SHF_FACE_SANS) <
        shf__label_width(shf_str_of("MMM"), SHF_FACE_SANS));
}

TEST(label_is_never_cut_within_a_character) {
  shf_str text = shf_str_of("a\xE7\xBF\xBB\xF0\x9F\x8E\x89z\xE7\xBF\xBB");
  for (uint32_t width = 0; width < 700; width++) {
    bool cut;
    size_t n = shf__label_fit(text, SHF_FACE_MONO, width, &cut);
    CHECK(n == 0 || n == 1 || n == 4 || n == 8 || n == 9 || n == 12);
    CHECK(shf__label_width((shf_str){text.ptr, n}, SHF_FACE_MONO) + (cut && n ? 62 : 0) <= width);
  }
}
