/* Lines of calls: the function view with its table, groups by line, captures. */
#include "capture_make.h"
#include "test.h"

static shf_profile *grouped(const shf_profile *p, enum shf_group by) {
  shf_profile *q = NULL;
  CHECK_EQ(shf_profile_group(p, by, &q), SHF_OK);
  return q;
}

/* `NAME:LINE self total`, a row a line, of alloc_space. */
static char *lines_text(const shf_profile *p) {
  shf_sink *sink = test_sink();
  for (uint32_t i = 0; i < shf_profile_lines(p); i++) {
    const shf_line *line = shf_profile_line_at(p, i);
    shf_sink_str(sink, shf_frame_name(p, line->frame));
    shf_sink_printf(sink, ":%d %lld %lld\n", (int)line->line,
                    (long long)line->self[SHF_ALLOC_SPACE],
                    (long long)line->total[SHF_ALLOC_SPACE]);
  }
  size_t len;
  return test_written(sink, shf_sink_code(sink), &len);
}

static void check_lines(const shf_profile *p, const char *expected) {
  char *text = lines_text(p);
  CHECK_TEXT(text, expected);
  free(text);
}

/* ---- frames */

TEST(a_call_is_part_of_a_frame) {
  shf_profile *p = test_new(SHF_HAS_ALLOC);
  uint32_t a, b, c;
  CHECK(!shf_profile_has_lines(p));
  CHECK_EQ(shf_profile_frame(p, (shf_frame){0, 0, 3, 1, 0}, &a), SHF_OK);
  CHECK(!shf_profile_has_lines(p));
  CHECK_EQ(shf_profile_frame(p, (shf_frame){0, 0, 3, 1, 4}, &b), SHF_OK);
  CHECK(shf_profile_has_lines(p));
  CHECK_EQ(shf_profile_frame(p, (shf_frame){0, 0, 3, 1, 4}, &c), SHF_OK);
  CHECK(a != b && b == c);
  CHECK_EQ(shf_profile_frame(p, (shf_frame){0, 0, 3, 1, -1}, &c), SHF_E_ARG);
  shf_profile_free(p);
}

TEST(the_text_of_a_frame_ignores_its_call) {
  shf_profile *p = test_profile("f@/a.js:3:1=9 64 0\n");
  check_folded(p, SHF_ALLOC_SPACE, "f (/a.js:3:1) 64\n");
  shf_profile_free(p);
}

TEST(frames_of_a_function_are_in_order_of_their_calls) {
  shf_profile *p = test_profile("f@/a.js:3:1=9 64 0\nf@/a.js:3:1 64 0\nf@/a.js:3:1=4 64 0\n");
  CHECK_EQ(shf_profile_frames(p), 3);
  CHECK_EQ(shf_profile_frame_at(p, 0)->call, 0);
  CHECK_EQ(shf_profile_frame_at(p, 1)->call, 4);
  CHECK_EQ(shf_profile_frame_at(p, 2)->call, 9);
  shf_profile_free(p);
}

/* ---- the function view */

static const char PROGRAM[] =
    "main@/a.js:1:1=5;make@/a.js:10:1=12 640 64\n"
    "main@/a.js:1:1=5;make@/a.js:10:1=13 64 0\n"
    "main@/a.js:1:1=6;make@/a.js:10:1=12;push 128 128\n"
    "main@/a.js:1:1=6 192 0\n"
    "main@/a.js:1:1 64 0\n";

TEST(function_view_adds_up_the_lines_of_a_function) {
  shf_profile *p = test_profile(PROGRAM), *q = grouped(p, SHF_BY_FUNCTION);
  CHECK(shf_profile_has_lines(p) && !shf_profile_has_lines(q));
  check_folded(q, SHF_ALLOC_SPACE,
               "main (/a.js:1:1) 256\n"
               "main (/a.js:1:1);make (/a.js:10:1) 704\n"
               "main (/a.js:1:1);make (/a.js:10:1);push 128\n");
  for (int t = 0; t < SHF_TYPES; t++)
    CHECK_EQ(shf_profile_total(q, (shf_type)t), shf_profile_total(p, (shf_type)t));
  shf_profile_free(p);
  shf_profile_free(q);
}

TEST(function_view_has_a_table_of_lines) {
  shf_profile *p = test_profile(PROGRAM), *q = grouped(p, SHF_BY_FUNCTION);
  check_lines(q,
              "main:0 64 64\n"
              "main:5 0 704\n"
              "main:6 192 320\n"
              "make:12 640 768\n"
              "make:13 64 64\n");
  CHECK_EQ(shf_profile_lines(p), 0);
  shf_profile_free(p);
  shf_profile_free(q);
}

TEST(lines_of_a_function_are_found_by_its_frame) {
  shf_profile *p = test_profile(PROGRAM), *q = grouped(p, SHF_BY_FUNCTION);
  for (uint32_t f = 0; f < shf_profile_frames(q); f++) {
    uint32_t first, end;
    shf_profile_lines_of(q, f, &first, &end);
    shf_str name = shf_frame_name(q, f);
    CHECK_EQ(end - first, name.ptr[1] == 'u' ? 0 : name.len == 4 && name.ptr[2] == 'i' ? 3 : 2);
    for (uint32_t i = first; i < end; i++) CHECK_EQ(shf_profile_line_at(q, i)->frame, f);
  }
  shf_profile_free(p);
  shf_profile_free(q);
}

TEST(lines_add_up_to_their_function) {
  shf_profile *p = test_profile(PROGRAM), *q = grouped(p, SHF_BY_FUNCTION);
  shf_row *rows;
  uint32_t count;
  CHECK_EQ(shf_profile_rows(q, SHF_ALLOC_SPACE, &rows, &count), SHF_OK);
  for (uint32_t r = 0; r < count; r++) {
    uint32_t first, end;
    shf_profile_lines_of(q, rows[r].frame, &first, &end);
    if (first == end) continue;
    for (int t = 0; t < SHF_TYPES; t++) {
      int64_t self = 0;
      double variance = 0;
      for (uint32_t i = first; i < end; i++) {
        self += shf_profile_line_at(q, i)->self[t];
        variance += shf_profile_line_at(q, i)->self_variance[t];
      }
      CHECK_EQ(self, rows[r].self[t]);
      CHECK_EQ(variance * 16, rows[r].self_variance[t] * 16);
    }
  }
  free(rows);
  shf_profile_free(p);
  shf_profile_free(q);
}

TEST(total_of_a_line_counts_a_recursive_call_once) {
  shf_profile *p = test_profile("f@/a.js:1:1=2;f@/a.js:1:1=2;f@/a.js:1:1=3 64 0\n");
  shf_profile *q = grouped(p, SHF_BY_FUNCTION);
  check_lines(q, "f:2 0 64\nf:3 64 64\n");
  shf_profile_free(p);
  shf_profile_free(q);
}

TEST(a_profile_without_lines_has_no_table) {
  shf_profile *p = test_profile("f@/a.js:1:1;g 64 0\n"), *q = grouped(p, SHF_BY_FUNCTION);
  CHECK_EQ(shf_profile_lines(q), 0);
  shf_profile_free(p);
  shf_profile_free(q);
}

TEST(functions_of_one_text_have_lines_of_their_own) {
  shf_profile *p = test_profile("f@/a.js:1:1=2 64 0\nf@/a.js:1:7=2 128 0\n");
  shf_profile *q = grouped(p, SHF_BY_FUNCTION);
  check_lines(q, "f:2 64 64\nf:2 128 128\n");
  CHECK(shf_profile_line_at(q, 0)->frame != shf_profile_line_at(q, 1)->frame);
  shf_profile_free(p);
  shf_profile_free(q);
}

/* ---- groups */

TEST(group_by_line_makes_a_frame_of_each_line) {
  shf_profile *p = test_profile(PROGRAM), *q = grouped(p, SHF_BY_LINE);
  CHECK(!shf_profile_has_lines(q));
  check_folded(q, SHF_ALLOC_SPACE,
               "main (/a.js:1:1) 64\n"
               "main (/a.js:5);make (/a.js:12) 640\n"
               "main (/a.js:5);make (/a.js:13) 64\n"
               "main (/a.js:6) 192\n"
               "main (/a.js:6);make (/a.js:12);push 128\n");
  shf_profile_free(p);
  shf_profile_free(q);
}

TEST(group_by_file_drops_lines) {
  shf_profile *p = test_profile(PROGRAM), *q = grouped(p, SHF_BY_FILE);
  CHECK(!shf_profile_has_lines(q));
  check_folded(q, SHF_ALLOC_SPACE, "/a.js 960\n/a.js;push 128\n");
  shf_profile_free(p);
  shf_profile_free(q);
}

/* ---- prune */

TEST(prune_keeps_a_function_whose_lines_are_small) {
  shf_profile *p = test_profile(
                  "main@/a.js:1:1=5;make@/a.js:10:1=12 512 0\n"
                  "main@/a.js:1:1=6;make@/a.js:10:1=12;small@/a.js:20:1=21 64 0\n"
                  "main@/a.js:1:1=6;make@/a.js:10:1=13 512 0\n"
                  "main@/a.js:1:1=6;small@/a.js:20:1=21 64 0\n"
                  "main@/a.js:1:1=7;small@/a.js:20:1=22 64 0\n"
                  "main@/a.js:1:1=7;tiny@/a.js:30:1=31 64 0\n"),
              *q = NULL;
  shf_profile *view = grouped(p, SHF_BY_FUNCTION), *expected = NULL;
  CHECK_EQ(shf_profile_prune(p, SHF_ALLOC_SPACE, 45, &q), SHF_OK);
  CHECK_EQ(shf_profile_prune(view, SHF_ALLOC_SPACE, 45, &expected), SHF_OK);
  shf_profile *pruned = grouped(q, SHF_BY_FUNCTION);
  char *folded = test_folded(expected, SHF_ALLOC_SPACE);
  check_folded(pruned, SHF_ALLOC_SPACE, folded);
  check_has(folded, "main (/a.js:1:1);(2 frames below 45%) 192\n");
  check_lines(pruned,
              "main:5 0 512\nmain:6 0 640\nmain:7 0 128\nmake:12 512 576\nmake:13 512 512\n");
  free(folded);
  shf_profile_free(p);
  shf_profile_free(q);
  shf_profile_free(view);
  shf_profile_free(expected);
  shf_profile_free(pruned);
}

/* ---- merges and differences */

TEST(merge_adds_up_lines) {
  shf_profile *a = test_profile("f@/a.js:1:1=2 64 0\nf@/a.js:1:1=3 64 0\n");
  shf_profile *b = test_profile("f@/a.js:1:1=3 128 0\nf@/a.js:1:1 64 0\n"), *both = NULL;
  shf_merge_input inputs[] = {{a, {"", 0}}, {b, {"", 0}}};
  CHECK_EQ(shf_profile_merge(inputs, 2, &both), SHF_OK);
  shf_profile *view = grouped(both, SHF_BY_FUNCTION);
  check_lines(view, "f:0 64 64\nf:2 64 64\nf:3 192 192\n");
  shf_profile_free(a);
  shf_profile_free(b);
  shf_profile_free(both);
  shf_profile_free(view);
}

TEST(lines_of_a_difference_move_with_their_function) {
  shf_profile *d =
      test_diff("f@/a.js:1:1=1;g@/a.js:10:1=12 64 0\nf@/a.js:1:1=1;g@/a.js:10:1=13 640 0\n",
                "f@/a.js:1:1=1;g@/a.js:14:1=16 128 0\nf@/a.js:1:1=1;g@/a.js:14:1=19 64 0\n", false);
  shf_profile *by_line = grouped(d, SHF_BY_LINE), *view = grouped(d, SHF_BY_FUNCTION);
  check_folded(by_line, SHF_ALLOC_SPACE,
               "f (/a.js:1);g (/a.js:16) 64 128\n"
               "f (/a.js:1);g (/a.js:17) 640 0\n"
               "f (/a.js:1);g (/a.js:19) 0 64\n");
  check_folded(view, SHF_ALLOC_SPACE, "f (/a.js:1:1);g (/a.js:14:1) 704 192\n");
  CHECK_EQ(shf_profile_lines(view), 0);
  shf_profile_free(d);
  shf_profile_free(by_line);
  shf_profile_free(view);
}

TEST(a_difference_has_the_same_functions_with_and_without_lines) {
  static const char BEFORE[] =
      "@/a.js:1:1=40;@/a.js:3:1=4 64 0\n@/a.js:1:1=41;@/a.js:9:1=10 640 0\n"
      "@/a.js:1:1=41;@/a.js:9:1=11 320 0\n@/a.js:1:1=42;@/a.js:20:1=22 128 0\n";
  static const char AFTER[] =
      "@/a.js:1:1=42;@/a.js:5:1=6 64 0\n@/a.js:1:1=43;@/a.js:11:1=12 640 0\n"
      "@/a.js:1:1=43;@/a.js:11:1=13 384 0\n@/a.js:1:1=44;@/a.js:22:1=24 128 0\n";
  shf_profile *before = test_profile(BEFORE), *after = test_profile(AFTER), *d, *views;
  shf_profile *old = grouped(before, SHF_BY_FUNCTION), *now = grouped(after, SHF_BY_FUNCTION);
  CHECK_EQ(shf_profile_diff(before, after, SHF_ALLOC_SPACE, false, &d), SHF_OK);
  CHECK_EQ(shf_profile_diff(old, now, SHF_ALLOC_SPACE, false, &views), SHF_OK);
  shf_profile *view = grouped(d, SHF_BY_FUNCTION);
  char *folded = test_folded(views, SHF_ALLOC_SPACE);
  check_folded(view, SHF_ALLOC_SPACE, folded);
  check_has(folded, "(/a.js:11:1) 960 1024\n");
  free(folded);
  shf_profile_free(before);
  shf_profile_free(after);
  shf_profile_free(old);
  shf_profile_free(now);
  shf_profile_free(d);
  shf_profile_free(views);
  shf_profile_free(view);
}

TEST(runs_of_one_program_share_the_lines_of_a_function_that_moved) {
  shf_profile *a = test_profile("f@/a.js:5:1=6 64 0\n"), *b = test_profile("f@/a.js:8:1=9 64 0\n");
  const shf_profile *runs[] = {a, b};
  shf_profile *both = NULL;
  CHECK_EQ(shf_profile_merge_runs(runs, 2, &both), SHF_OK);
  shf_profile *view = grouped(both, SHF_BY_FUNCTION);
  check_lines(view, "f:6 128 128\n");
  shf_profile_free(a);
  shf_profile_free(b);
  shf_profile_free(both);
  shf_profile_free(view);
}

/* ---- pprof */

/* What a reader makes of the pprof of a profile. */
static shf_profile *through_pprof(const shf_profile *p) {
  size_t len;
  shf_profile *q = NULL;
  shf_error error = {.message = NULL};
  shf_sink *sink = test_sink();
  char *bytes = test_written(sink, shf_pprof_write(p, SHF_ALLOC_SPACE, sink), &len);
  CHECK_EQ(shf_profile_read(bytes, len, SHF_TYPES, &q, &error), SHF_OK);
  CHECK_TEXT(error.message ? error.message : "", "");
  free(bytes);
  return q;
}

static void check_same_through_pprof(const char *lines) {
  shf_profile *p = test_profile(lines), *q = through_pprof(p);
  for (enum shf_group by = SHF_BY_LINE; by <= SHF_BY_FUNCTION; by++) {
    shf_profile *written = grouped(p, by), *read = grouped(q, by);
    char *folded = test_folded(written, SHF_ALLOC_SPACE), *table = lines_text(written);
    check_folded(read, SHF_ALLOC_SPACE, folded);
    check_lines(read, table);
    free(folded);
    free(table);
    shf_profile_free(written);
    shf_profile_free(read);
  }
  shf_profile_free(p);
  shf_profile_free(q);
}

TEST(pprof_keeps_the_lines_of_calls) {
  check_same_through_pprof(
      "main@/a.js:1:1=5;make@/a.js:10:1=12 640 64\n"
      "main@/a.js:1:1=5;make@/a.js:10:1=13;push 64 0\n"
      "main@/a.js:1:1=1 64 0\n");
}

TEST(pprof_keeps_functions_apart_whose_columns_differ) {
  check_same_through_pprof(
      "@/a.js:1:5=7;@/a.js:1:9=7 64 0\n"
      "@/a.js:1:5=8;@/a.js:1:9=8 128 0\n"
      "f@/a.js:1:30=7;f@/a.js:1:40=7 64 0\n");
}

TEST(pprof_has_a_function_once_for_all_its_lines) {
  shf_profile *p = test_profile("f@/a.js:1:1=2;g@/a.js:5:1=6 64 0\nf@/a.js:1:1=3 64 0\n");
  size_t len, functions = 0;
  shf_sink *sink = test_sink();
  char *bytes = test_written(sink, shf_pprof_write(p, SHF_ALLOC_SPACE, sink), &len);
  /* top-level fields: a tag, a length below 128, and so many bytes */
  for (size_t at = 0; at < len;) {
    functions += bytes[at] == (5 << 3 | 2);
    if ((bytes[at] & 7) == 2) {
      at += 2 + (size_t)bytes[at + 1];
      continue;
    }
    for (at++; bytes[at] & 0x80;) at++;
    at++;
  }
  CHECK_EQ(functions, 2);
  free(bytes);
  shf_profile_free(p);
}

TEST(pprof_of_a_profile_without_lines_has_none) {
  shf_profile *p = test_profile("f@/a.js:3:1;g@/a.js:9:7 64 0\n"), *q = through_pprof(p);
  CHECK(!shf_profile_has_lines(q));
  check_folded(q, SHF_ALLOC_SPACE, "f (/a.js:3:1);g (/a.js:9:7) 64\n");
  shf_profile_free(p);
  shf_profile_free(q);
}

TEST(an_unknown_line_of_a_function_with_lines_is_read_as_its_first) {
  shf_profile *p = test_profile("f@/a.js:3:1=4 64 0\nf@/a.js:3:1 128 0\n"), *q = through_pprof(p);
  shf_profile *view = grouped(q, SHF_BY_FUNCTION);
  check_lines(view, "f:3 128 128\nf:4 64 64\n");
  shf_profile_free(p);
  shf_profile_free(q);
  shf_profile_free(view);
}

/* ---- captures */

TEST(capture_keeps_the_line_of_each_call) {
  shf_capture *c = make_capture();
  make_source(c, 0, SHF_HAS_ALLOC, 0);
  make_root(c);
  uint32_t main = make_function(c, "main", "/a.js", 1),
           make = make_function(c, "make", "/a.js", 10);
  make_line(c, 10, 0, main, 5);
  make_line(c, 20, 1, make, 12);
  make_line(c, 30, 1, make, 13);
  make_line(c, 40, 0, main, 0);
  for (uint32_t node = 1; node < 5; node++) make_bucket(c, node, 64, node, 0);
  made_bytes b = {NULL, 0};
  make_bytes(c, &b);
  shf_profile *p = NULL;
  CHECK_EQ(shf_profile_from_capture(b.ptr, b.len, &p, NULL), SHF_OK);
  shf_profile *q = grouped(p, SHF_BY_FUNCTION);
  check_lines(q, "main:0 256 256\nmain:5 64 384\nmake:12 128 128\nmake:13 192 192\n");
  shf_profile_free(p);
  shf_profile_free(q);
  free(b.ptr);
}

/* Off-heap stacks of one call each, by name and line, after a heap with main, make and two
 * anonymous. */
static shf_profile *with_offheap_calls(const char *const *names, const int32_t *lines, uint32_t n) {
  shf_capture *c = make_capture();
  make_source(c, 0, SHF_HAS_ALLOC, 0);
  make_root(c);
  make_line(c, 10, 0, make_function(c, "", "/a.js", 1), 50);
  make_line(c, 20, 1, make_function(c, "make", "/a.js", 10), 12);
  make_line(c, 30, 1, make_function(c, "", "/a.js", 20), 22);
  make_line(c, 40, 1, make_function(c, "make", "/a.js", 30), 31);
  for (uint32_t node = 1; node < 5; node++) make_bucket(c, node, 64, 1, 0);
  made_bytes b = {NULL, 0};
  make_bytes(c, &b);
  c = make_capture();
  shf_source source = {.kind = SHF_OFFHEAP, .pid = 1, .types = SHF_HAS_ALLOC};
  uint32_t row;
  made(shf_capture_source(c, &source, &row));
  make_root(c);
  for (uint32_t i = 0; i < n; i++) {
    uint32_t call = make_call(c, 0, names[i], "/a.js", lines[i]);
    make_bucket(c, make_call(c, call, "(off-heap)", "/a.js", lines[i]), 1000, 1, 0);
  }
  make_bytes(c, &b);
  shf_profile *p = NULL;
  CHECK_EQ(shf_profile_from_capture(b.ptr, b.len, &p, NULL), SHF_OK);
  free(b.ptr);
  return p;
}

TEST(offheap_calls_join_the_functions_of_the_heap) {
  static const char *const names[] = {"make", "make", "", "", "", "none"};
  static const int32_t lines[] = {11, 90, 21, 40, 60, 7};
  shf_profile *p = with_offheap_calls(names, lines, 6);
  shf_profile *view = grouped(p, SHF_BY_FUNCTION);
  check_lines(view,
              "(anonymous):40 0 1000\n"
              "(anonymous):50 64 256\n"
              "(anonymous):21 0 1000\n"
              "(anonymous):22 64 64\n"
              "(anonymous):60 0 1000\n"
              "make:11 0 1000\n"
              "make:12 64 64\n"
              "make:31 64 64\n"
              "make:90 0 1000\n"
              "none:7 0 1000\n");
  shf_profile_free(p);
  shf_profile_free(view);
}

TEST(offheap_calls_stay_where_the_heap_has_no_lines) {
  shf_capture *c = make_capture();
  shf_source source = {.kind = SHF_OFFHEAP, .pid = 1, .types = SHF_HAS_ALLOC};
  uint32_t row;
  made(shf_capture_source(c, &source, &row));
  make_root(c);
  make_bucket(c, make_call(c, 0, "make", "/a.js", 11), 1000, 1, 0);
  made_bytes b = make_small();
  make_bytes(c, &b);
  shf_profile *p = NULL;
  CHECK_EQ(shf_profile_from_capture(b.ptr, b.len, &p, NULL), SHF_OK);
  CHECK(!shf_profile_has_lines(p));
  char *folded = test_folded(p, SHF_ALLOC_SPACE);
  check_has(folded, "make (/a.js:11:1) 1000\n");
  free(folded);
  shf_profile_free(p);
  free(b.ptr);
}

TEST(a_cut_stack_keeps_its_lines) {
  shf_capture *c = make_capture();
  make_source(c, 0, SHF_HAS_ALLOC, 2);
  make_root(c);
  uint32_t f = make_function(c, "f", "/a.js", 1);
  for (uint32_t i = 1; i <= 4; i++) make_line(c, 10 * i, i - 1, f, (int32_t)i + 1);
  make_bucket(c, 4, 64, 1, 0);
  made_bytes b = {NULL, 0};
  make_bytes(c, &b);
  shf_profile *p = NULL;
  CHECK_EQ(shf_profile_from_capture(b.ptr, b.len, &p, NULL), SHF_OK);
  shf_profile *q = grouped(p, SHF_BY_LINE);
  check_folded(q, SHF_ALLOC_SPACE, "(truncated);f (/a.js:3);f (/a.js:4);f (/a.js:5) 64\n");
  shf_profile_free(p);
  shf_profile_free(q);
  free(b.ptr);
}
