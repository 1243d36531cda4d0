/* A capture becomes a profile. */
#include "capture_make.h"

static shf_profile *profile_of(made_bytes b) {
  shf_profile *p = NULL;
  shf_error error;
  int code = shf_profile_from_capture(b.ptr, b.len, &p, &error);
  if (code) printf("# %s at %llu\n", error.message, (unsigned long long)error.offset);
  made(code);
  CHECK(error.message == NULL);
  return p;
}

static void check_bytes(made_bytes b, const char *expected) {
  shf_profile *p = profile_of(b);
  check_folded(p, SHF_ALLOC_SPACE, expected);
  shf_profile_free(p);
}

/* Holds what becomes of the capture, which it frees, against folded lines. */
static void check_capture(shf_capture *c, const char *expected) {
  made_bytes b = {NULL, 0};
  make_bytes(c, &b);
  check_bytes(b, expected);
  free(b.ptr);
}

/* A capture of exact figures whose stacks keep `depth` frames. */
static shf_capture *exact(uint32_t depth) {
  shf_capture *c = make_capture();
  make_source(c, 0, SHF_HAS_ALLOC | SHF_HAS_INUSE, depth);
  make_root(c);
  return c;
}

TEST(capture_becomes_stacks_without_v8_s_root) {
  made_bytes b = make_small();
  check_bytes(b, "main (/app/a.js:1:1) 48\nmain (/app/a.js:1:1);parse (/app/b.js:2:1) 100\n");
  free(b.ptr);
}

TEST(capture_s_meta_and_source_are_kept) {
  made_bytes b = make_small();
  shf_profile *p = profile_of(b);
  CHECK_EQ(shf_str_compare(shf_profile_meta_get(p, "command"), shf_str_of("node a.js")), 0);
  CHECK_EQ(shf_profile_sources(p), 1);
  CHECK_EQ(shf_profile_source_at(p, 0)->gc, SHF_GC_FORCED);
  shf_profile_free(p);
  free(b.ptr);
}

TEST(root_s_own_blocks_stay_at_the_root) {
  shf_capture *c = exact(0);
  make_bucket(c, 0, 8, 1, 1);
  check_capture(c, "(root) 8\n");
}

TEST(capture_without_blocks_is_empty) {
  check_capture(exact(0), "");
}

TEST(functions_of_one_place_are_one_frame) {
  shf_capture *c = exact(0);
  make_bucket(c, make_call(c, 0, "f", "/a.js", 1), 8, 1, 0);
  make_bucket(c, make_call(c, 0, "f", "/a.js", 1), 8, 2, 0);
  check_capture(c, "f (/a.js:1:1) 24\n");
}

/* ---- paths */

static void check_script(const char *script, const char *path) {
  shf_capture *c = exact(0);
  char line[128];
  make_bucket(c, make_call(c, 0, "f", script, 1), 8, 1, 0);
  snprintf(line, sizeof line, "f (%s:1:1) 8\n", path);
  check_capture(c, line);
}

TEST(file_url_becomes_a_path) {
  check_script("file:///a%20b.mjs", "/a b.mjs");
  check_script("file:///%C3%a9.mjs", "/\xc3\xa9.mjs");
  check_script("file:///", "/");
  check_script("file:///C:/a%20b.mjs", "C:/a b.mjs");
}
TEST(file_url_with_a_broken_escape_keeps_it) {
  check_script("file:///a%", "/a%");
  check_script("file:///a%2", "/a%2");
  check_script("file:///a%2g.mjs", "/a%2g.mjs");
  check_script("file:///a%%41.mjs", "/a%A.mjs");
}
TEST(script_that_is_no_file_url_stays_as_it_is) {
  check_script("node:fs", "node:fs");
  check_script("/a%20b.js", "/a%20b.js");
  check_script("https://example.com/a%20b.js", "https://example.com/a%20b.js");
  check_script("file://", "file://");
}
TEST(module_and_script_of_one_file_are_one) {
  shf_capture *c = exact(0);
  make_bucket(c, make_call(c, 0, "f", "/a.js", 1), 8, 1, 0);
  make_bucket(c, make_call(c, 0, "f", "file:///a.js", 1), 8, 1, 0);
  check_capture(c, "f (/a.js:1:1) 16\n");
}

TEST(script_that_has_no_name_says_so) {
  shf_capture *c = exact(0);
  shf_capture_function known = {0, 0, 9, 0, 3, 4}, gone = {0, 0, 9, 0, 0, 0};
  uint32_t name, row;
  made(shf_capture_string(c, "f", 1, &name));
  made(shf_capture_string(c, "", 0, &known.script));
  known.name = gone.name = name;
  gone.script = known.script;
  made(shf_capture_function_add(c, &known, &row));
  make_bucket(c, make_node(c, 10, 0, row), 8, 1, 0);
  made(shf_capture_function_add(c, &gone, &row));
  make_bucket(c, make_node(c, 20, 0, row), 8, 1, 0);
  check_capture(c, "f ([collected script]) 8\nf ([unnamed script]:3:4) 8\n");
}

/* ---- frames that are left out */

TEST(hidden_frames_are_spliced) {
  shf_capture *c = exact(0);
  make_meta(c, "hide", "/shap/");
  uint32_t a = make_call(c, 0, "a", "/a.js", 1), hidden = make_call(c, a, "load", "/shap/x.js", 1),
           deep = make_call(c, hidden, "load2", "/shap/y.js", 1);
  make_bucket(c, make_call(c, deep, "b", "/b.js", 1), 8, 1, 0);
  make_bucket(c, deep, 16, 1, 0);
  check_capture(c, "a (/a.js:1:1) 16\na (/a.js:1:1);b (/b.js:1:1) 8\n");
}
TEST(hidden_frame_at_the_root) {
  shf_capture *c = exact(0);
  make_meta(c, "hide", "/shap/");
  uint32_t hidden = make_call(c, 0, "load", "/shap/x.js", 1);
  make_bucket(c, make_call(c, hidden, "b", "/b.js", 1), 8, 1, 0);
  make_bucket(c, hidden, 16, 1, 0);
  check_capture(c, "(root) 16\nb (/b.js:1:1) 8\n");
}
TEST(hide_has_a_prefix_a_line) {
  shf_capture *c = exact(0);
  make_meta(c, "hide", "/one/\n\n/two/");
  uint32_t one = make_call(c, 0, "f", "/one/x.js", 1), two = make_call(c, one, "g", "/two/x.js", 1);
  make_bucket(c, make_call(c, two, "h", "/three/x.js", 1), 8, 1, 0);
  make_bucket(c, make_call(c, 0, "native", "", 0), 8, 1, 0);
  check_capture(c, "h (/three/x.js:1:1) 8\nnative (native) 8\n");
}
TEST(hide_sees_the_path_of_a_file_url) {
  shf_capture *c = exact(0);
  make_meta(c, "hide", "/s h/");
  make_bucket(c, make_call(c, make_call(c, 0, "f", "file:///s%20h/x.mjs", 1), "g", "/g.js", 1), 8,
              1, 0);
  check_capture(c, "g (/g.js:1:1) 8\n");
}

/* ---- stacks that V8 cut */

TEST(stack_deeper_than_asked_begins_with_truncated) {
  shf_capture *c = exact(2);
  uint32_t a = make_call(c, 0, "a", "", 0), b = make_call(c, a, "b", "", 0);
  make_bucket(c, b, 8, 1, 0);
  make_bucket(c, make_call(c, b, "c", "", 0), 16, 1, 0);
  make_bucket(c, make_call(c, b, "d", "", 0), 32, 1, 0);
  make_bucket(c, make_call(c, 0, "e", "", 0), 64, 1, 0);
  check_capture(c,
                "(truncated);b (native);c (native) 16\n(truncated);b (native);d (native) 32\na "
                "(native);b (native) 8\ne (native) 64\n");
}
TEST(stack_of_one_frame_too_many) {
  shf_capture *c = exact(1);
  make_bucket(c, make_call(c, make_call(c, 0, "a", "", 0), "b", "", 0), 8, 1, 0);
  check_capture(c, "(truncated);b (native) 8\n");
}
TEST(hidden_frames_count_for_the_cut) {
  shf_capture *c = exact(2);
  make_meta(c, "hide", "/shap/");
  uint32_t a = make_call(c, 0, "a", "", 0), h = make_call(c, a, "h", "/shap/x.js", 1);
  make_bucket(c, make_call(c, h, "b", "", 0), 8, 1, 0);
  check_capture(c, "(truncated);b (native) 8\n");
}
TEST(truncated_takes_the_place_of_a_hidden_frame_too) {
  shf_capture *c = exact(1);
  make_meta(c, "hide", "/shap/");
  make_bucket(c, make_call(c, make_call(c, 0, "h", "/shap/x.js", 1), "b", "", 0), 8, 1, 0);
  check_capture(c, "(truncated);b (native) 8\n");
}
TEST(unknown_depth_cuts_nothing) {
  shf_capture *c = exact(0);
  make_bucket(c, make_call(c, make_call(c, 0, "a", "", 0), "b", "", 0), 8, 1, 0);
  check_capture(c, "a (native);b (native) 8\n");
}

TEST(deep_stacks_are_cut_in_linear_time) {
  enum { DEEP = 200000 };
  shf_capture *c = exact(1);
  uint32_t f = make_function(c, "f", "", 0), node = 0;
  for (uint32_t i = 0; i < DEEP; i++) {
    node = make_node(c, shf_capture_nodes(c) * 10, node, f);
    if (i % 10 == 9) make_bucket(c, node, 8, 1, 0);
  }
  made_bytes b = {NULL, 0};
  make_bytes(c, &b);
  shf_profile *p = profile_of(b);
  CHECK_EQ(shf_profile_max_depth(p), DEEP);
  CHECK_EQ(shf_profile_total(p, SHF_ALLOC_OBJECTS), DEEP / 10);
  shf_profile_free(p);
  free(b.ptr);
}

/* ---- what is refused */

static void check_refused(made_bytes b, const char *message, uint64_t offset) {
  shf_profile *p = NULL;
  shf_error error;
  CHECK_EQ(shf_profile_from_capture(b.ptr, b.len, &p, &error), SHF_E_FORMAT);
  CHECK_TEXT(error.message ? error.message : "", message);
  CHECK_EQ(error.offset, offset);
  CHECK(p == NULL);
  CHECK_EQ(shf_profile_from_capture(b.ptr, b.len, &p, NULL), SHF_E_FORMAT);
}

TEST(bucket_of_an_unknown_node_is_refused) {
  made_bytes b = make_small();
  uint32_t id = 77;
  memcpy(b.ptr + BUCKETS + 32, &id, sizeof id);
  check_refused(b, "bucket of a node that is not there", BUCKETS + 32);
  free(b.ptr);
}
TEST(nodes_of_one_id_are_refused) {
  made_bytes b = make_small();
  uint32_t id = 10;
  memcpy(b.ptr + NODES + 2 * sizeof(shf_capture_node), &id, sizeof id);
  check_refused(b, "two nodes of one id", NODES + 2 * sizeof(shf_capture_node));
  free(b.ptr);
}
TEST(damage_in_a_later_segment_has_its_offset_from_the_first_byte) {
  made_bytes b = make_small(), other = make_small();
  size_t first = b.len;
  uint32_t id = 77;
  memcpy(other.ptr + BUCKETS + 32, &id, sizeof id);
  append_bytes(&b, other.ptr, other.len);
  check_refused(b, "bucket of a node that is not there", first + BUCKETS + 32);
  b.ptr[first] = 'X';
  check_refused(b, "not a capture", first);
  b.len = first + 10;
  check_refused(b, "too short for a capture", first + 10);
  free(b.ptr);
  free(other.ptr);
}
TEST(empty_input_is_no_capture) {
  shf_profile *p = NULL;
  shf_error error;
  CHECK_EQ(shf_profile_from_capture("", 0, &p, &error), SHF_E_FORMAT);
  CHECK(p == NULL);
}

/* ---- segments */

TEST(segments_are_summed) {
  made_bytes b = make_small();
  size_t len = b.len;
  char *again = malloc(len);
  if (!again) abort();
  memcpy(again, b.ptr, len);
  append_bytes(&b, again, len);
  append_bytes(&b, again, len);
  check_bytes(b, "main (/app/a.js:1:1) 144\nmain (/app/a.js:1:1);parse (/app/b.js:2:1) 300\n");
  free(again);
  free(b.ptr);
}
TEST(segments_of_other_intervals_are_weighed_apart) {
  made_bytes b = {NULL, 0};
  for (uint64_t interval = 0; interval <= 1000; interval += 1000) {
    shf_capture *c = make_capture();
    make_source(c, interval, SHF_HAS_ALLOC, 0);
    make_root(c);
    make_bucket(c, make_call(c, 0, "f", "", 0), 1000, 10, 0);
    make_bytes(c, &b);
  }
  shf_profile *p = profile_of(b);
  CHECK_EQ(shf_profile_sources(p), 2);
  CHECK_EQ(shf_profile_buckets(p), 2);
  CHECK_EQ(shf_profile_total(p, SHF_ALLOC_SPACE), 10000 + 15820);
  shf_profile_free(p);
  free(b.ptr);
}
TEST(segments_each_have_truncated_stacks_at_one_root) {
  made_bytes b = {NULL, 0};
  for (uint32_t depth = 1; depth <= 2; depth++) {
    shf_capture *c = exact(depth);
    uint32_t node = make_call(c, make_call(c, 0, "a", "", 0), "b", "", 0);
    make_bucket(c, make_call(c, node, "c", "", 0), 8, 1, 0);
    make_bytes(c, &b);
  }
  check_bytes(b, "(truncated);b (native);c (native) 16\n");
  free(b.ptr);
}
TEST(later_segment_s_meta_replaces_the_earlier) {
  made_bytes b = {NULL, 0};
  for (int i = 0; i < 2; i++) {
    shf_capture *c = exact(0);
    make_meta(c, "end_ms", i ? "2" : "1");
    make_meta(c, i ? "second" : "first", "x");
    make_bytes(c, &b);
  }
  shf_profile *p = profile_of(b);
  CHECK_EQ(shf_str_compare(shf_profile_meta_get(p, "end_ms"), shf_str_of("2")), 0);
  CHECK_EQ(shf_profile_metas(p), 3);
  shf_profile_free(p);
  free(b.ptr);
}

TEST(functions_without_a_script_are_v8s_own) {
  shf_capture *c = make_capture();
  make_source(c, 1, SHF_HAS_ALLOC | SHF_HAS_INUSE, 0);
  make_root(c);
  make_bucket(c, make_call(c, 0, "push", "", 0), 64, 1, 0);
  make_bucket(c, make_call(c, 0, "(GC)", "", 0), 64, 1, 0);
  check_capture(c, "(GC) 64\npush (native) 64\n");
}

/* What a capture of a Node says of allocations that were not sampled. */
static void check_missed(const char *node, const char *counted, uint64_t interval, uint32_t samples,
                         const char *expected) {
  shf_capture *c = make_capture();
  make_source(c, interval, SHF_HAS_ALLOC | SHF_HAS_INUSE, 0);
  make_root(c);
  make_meta(c, "node", node);
  make_meta(c, "heap_allocated_bytes", counted);
  make_bucket(c, make_call(c, 0, "work", "/app/a.js", 1), 1000, samples, samples);
  made_bytes b = {NULL, 0};
  make_bytes(c, &b);
  shf_profile *p = profile_of(b);
  char text[256];
  shf_str limit = shf_profile_meta_get(p, "limit_missed");
  snprintf(text, sizeof text, "%.*s", (int)limit.len, limit.ptr ? limit.ptr : "");
  if (*expected)
    check_has(text, expected);
  else
    CHECK_TEXT(text, "");
  shf_profile_free(p);
  free(b.ptr);
}

TEST(what_node_20_did_not_sample_is_reported) {
  check_missed("v20.20.2", "10000000", 0, 7500, "heap figures are about 25 % low");
}

TEST(what_v8_has_for_itself_is_not_missed) {
  check_missed("v20.20.2", "7700000", 0, 7500, "");
  check_missed("v20.20.2", "4000000", 0, 3000, "");
}

TEST(few_samples_do_not_show_that_any_are_missing) {
  check_missed("v20.20.2", "4000000", 1048576, 2, "");
  check_missed("v20.20.2", "40000000", 65536, 150, "heap figures are about 75 % low");
}

TEST(node_22_samples_all) {
  check_missed("v22.23.3", "10000000", 0, 7500, "");
}

TEST(count_that_is_no_number_says_nothing_of_what_was_missed) {
  check_missed("v20.20.2", "99999999999999999999999", 0, 7500, "");
}
