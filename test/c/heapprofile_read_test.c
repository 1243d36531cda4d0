/* V8's .heapprofile as it is read: Node's, Chrome's, ours, and damaged ones. */
#include "format/heapprofile/samples.h"
#include "reading.h"

#define FRAME(name, url, line, column)                                                         \
  "{\"functionName\":\"" name "\",\"scriptId\":\"7\",\"url\":\"" url "\",\"lineNumber\":" line \
  ",\"columnNumber\":" column "}"
#define ROOT FRAME("(root)", "", "-1", "-1")
#define NODE(frame, size, id, children) \
  "{\"callFrame\":" frame ",\"selfSize\":" size ",\"id\":" id ",\"children\":[" children "]}"

static shf_profile *read_text(const char *text) {
  return read_good(text, strlen(text), SHF_TYPES);
}

static void check_read(const char *text, const char *expected) {
  shf_profile *p = read_text(text);
  char *folded = test_folded(p, SHF_INUSE_SPACE);
  CHECK_TEXT(folded, expected);
  free(folded);
  shf_profile_free(p);
}

static void check_refused(const char *text, const char *why, uint64_t offset) {
  shf_error error = read_bad(text, strlen(text));
  CHECK_TEXT(error.message ? error.message : "", why);
  CHECK_EQ(error.offset, offset);
}

static const char NODES_OWN[] =
    "{\"head\":" NODE(ROOT, "16", "1",
                      NODE(FRAME("main", "file:///app/a.mjs", "0", "9"), "0", "2",
                           NODE(FRAME("", "node:fs", "6", "0"), "640", "3", "")) ","
                      NODE(FRAME("(GC)", "", "-1", "-1"), "64", "4", ""))
    ",\"samples\":[{\"size\":320,\"nodeId\":3,\"ordinal\":1},{\"size\":320,\"nodeId\":3,"
    "\"ordinal\":2},{\"size\":64,\"nodeId\":4,\"ordinal\":3},{\"size\":16,\"nodeId\":1,"
    "\"ordinal\":4}]}";

TEST(heapprofile_read_takes_nodes_own) {
  check_read(NODES_OWN,
             "(root) 16\n(GC) 64\nmain (/app/a.mjs:1:10);(anonymous) (node:fs:7:1) 640\n");
}

TEST(heapprofile_read_counts_samples) {
  shf_profile *p = read_text(NODES_OWN);
  CHECK_EQ(shf_profile_types(p), 1u << SHF_INUSE_SPACE);
  CHECK_EQ(shf_profile_buckets(p), 3);
  CHECK_EQ(shf_profile_bucket_at(p, 2).live, 2);
  shf_profile_free(p);
}

TEST(heapprofile_read_takes_the_type_that_is_wanted) {
  shf_profile *p = read_good(NODES_OWN, strlen(NODES_OWN), SHF_ALLOC_SPACE);
  CHECK_EQ(shf_profile_types(p), 1u << SHF_ALLOC_SPACE);
  CHECK_EQ(shf_profile_total(p, SHF_ALLOC_SPACE), 720);
  shf_profile_free(p);
  p = read_good(NODES_OWN, strlen(NODES_OWN), SHF_ALLOC_OBJECTS);
  CHECK_EQ(shf_profile_types(p), 1u << SHF_ALLOC_SPACE);
  shf_profile_free(p);
}

TEST(heapprofile_read_takes_any_order_and_white_space) {
  check_read(
      "\xEF\xBB\xBF {\r\n\t\"samples\" : [ { \"nodeId\" : 2 , \"size\" : 8 } ] ,\n"
      "\"head\" : { \"children\" : [ { \"id\" : 2, \"selfSize\" : 8,\n"
      "\"callFrame\" : { \"lineNumber\" : 4, \"functionName\" : \"f\", \"url\" : \"/x.js\""
      " } } ], \"id\" : 1 , \"selfSize\" : 0 } }\n",
      "f (/x.js:5) 8\n");
}

TEST(heapprofile_read_leaves_out_what_it_does_not_know) {
  check_read("{\"startTime\":1.5e3,\"more\":{\"head\":{\"id\":[1,[2,{\"a\":null}]]},\"x\":true},"
             "\"head\":{\"hit\":false,\"tags\":[\"a\",1,{}],\"callFrame\":" ROOT
             ",\"children\":[{\"callFrame\":" FRAME("f", "", "-1", "-1") ",\"selfSize\":5,"
             "\"extra\":{\"selfSize\":9,\"children\":[1]}}]}}",
             "f 5\n");
}

TEST(heapprofile_read_adds_up_samples_where_no_size_is) {
  check_read("{\"head\":{\"callFrame\":" ROOT ",\"id\":1,\"children\":[{\"callFrame\":" FRAME(
                 "f", "", "0", "0") ",\"id\":2}]},\"samples\":[{\"size\":3,\"nodeId\":2},"
             "{\"size\":4,\"nodeId\":2}]}",
             "f 7\n");
}

TEST(heapprofile_read_merges_siblings_of_one_function) {
  check_read("{\"head\":" NODE(ROOT, "0", "1",
                               NODE(FRAME("f", "", "-1", "-1"), "1", "2", "") "," NODE(
                                   FRAME("f", "", "-1", "-1"), "2", "3", "")) "}",
             "f 3\n");
}

TEST(heapprofile_read_takes_another_head_for_a_frame) {
  check_read("{\"head\":" NODE(FRAME("main", "/a.js", "0", "0"), "5", "1", "") "}",
             "main (/a.js:1:1) 5\n");
  check_read("{\"head\":{}}", "");
}

TEST(heapprofile_read_decodes_escapes) {
  shf_profile *p = read_text("{\"head\":" NODE(
      FRAME("\\u0041\\n\\t\\\\\\\"\\/\\b\\f\\r\\u00e9\\uD83D\\uDE00\\ud800x\\uDC00", "", "0", "0"),
      "1", "1", "") "}");
  static const char want[] = "A\n\t\\\"/\b\f\r\xC3\xA9\xF0\x9F\x98\x80\xEF\xBF\xBDx\xEF\xBF\xBD";
  shf_str name = shf_frame_name(p, 0);
  CHECK_EQ(name.len, sizeof want - 1);
  CHECK(name.len == sizeof want - 1 && memcmp(name.ptr, want, name.len) == 0);
  shf_profile_free(p);
}

TEST(heapprofile_read_rounds_sizes) {
  check_read("{\"head\":" NODE(FRAME("f", "", "0", "0"), "1.5e2", "1", "") "}", "f 150\n");
  check_read("{\"head\":" NODE(FRAME("f", "", "0", "0"), "9007199254740993", "1", "") "}",
             "f 9007199254740993\n");
  check_read("{\"head\":" NODE(FRAME("f", "", "0", "0"), "4611686018427387905", "1", "") "}",
             "f 4611686018427387905\n");
  check_read("{\"head\":" NODE(FRAME("f", "", "0", "0"), "9223372036854775807", "1", "") "}",
             "f 9223372036854775807\n");
}

TEST(heapprofile_read_takes_any_depth) {
  enum { DEPTH = 10000 };
  static const char node[] =
      "{\"callFrame\":{\"functionName\":\"f\"},\"selfSize\":1,\"children\":[";
  size_t len = 0;
  char *text = malloc(DEPTH * (sizeof node + 4) + 64);
  if (!text) abort();
  len += (size_t)sprintf(text, "{\"head\":");
  for (int i = 0; i < DEPTH; i++) len += (size_t)sprintf(text + len, "%s", node);
  for (int i = 0; i < DEPTH; i++) len += (size_t)sprintf(text + len, "]}");
  len += (size_t)sprintf(text + len, "}");
  shf_profile *p;
  shf_error error;
  CHECK_EQ(shf_profile_read(text, len, SHF_TYPES, &p, &error), SHF_OK);
  CHECK_EQ(shf_profile_max_depth(p), DEPTH);
  shf_profile_free(p);
  free(text);
}

TEST(heapprofile_read_takes_ours_back) {
  shf_profile *p = test_profile(
      "main@/app/main.js:1:1;parse@/app/src/parser.js:12:3 192000 64000\n"
      "main@/app/main.js:1:1;@file:///app/b.mjs:3:9;(off-heap) 640000 640000\n(GC) 64 64\n");
  shf_sink *sink = test_sink();
  char *json = test_written(sink, shf_heapprofile_write(p, SHF_INUSE_SPACE, sink), NULL),
       *folded = test_folded(p, SHF_INUSE_SPACE);
  check_read(json, folded);
  free(json);
  free(folded);
  shf_profile_free(p);
}

TEST(heapprofile_read_refuses_what_is_cut_short) {
  for (size_t len = 3; len < sizeof NODES_OWN - 1; len++) {
    shf_error error = read_bad(NODES_OWN, len);
    CHECK_TEXT(error.message, "the JSON is cut short");
    CHECK_EQ(error.offset, len);
  }
}

TEST(heapprofile_read_refuses_other_json) {
  check_refused("{}", "JSON without a head: not a .heapprofile", 2);
  check_refused("{\"names\":[],\"startTime\":5}", "JSON without a head: not a .heapprofile", 26);
}

TEST(heapprofile_read_refuses_broken_json) {
  static const char why[] = "invalid JSON";
  check_refused("{\"head\":{},}", why, 11);
  check_refused("{\"head\" {}}", why, 8);
  check_refused("{\"head\":{}} x", why, 12);
  check_refused("{\"head\":{}}]", why, 11);
  check_refused("{\"head\":{\"a\":[1,]}}", why, 16);
  check_refused("{\"head\":{\"a\":[1}}", why, 15);
  check_refused("{\"head\":{\"a\":nul}}", why, 16);
  check_refused("{\"head\":{\"a\":\"\n\"}}", why, 14);
  check_refused("{\"head\":{\"a\":\"\\x\"}}", why, 15);
  check_refused("{\"head\":{\"a\":\"\\u12g4\"}}", why, 18);
  check_refused("{\"head\":{\"a\":+1}}", why, 13);
  check_refused("{\"a\":1,2}", why, 7);
}

TEST(heapprofile_read_refuses_concatenated_profiles) {
  check_refused("{\"head\":{}}\n{\"head\":{}}",
                "several profiles one after the other, where each needs a file of its own "
                "(report a.pb.gz b.pb.gz)",
                12);
}

TEST(heapprofile_read_refuses_values_of_the_wrong_type) {
  static const char why[] = "a value of the wrong type for a .heapprofile";
  check_refused("{\"head\":[]}", why, 8);
  check_refused("{\"head\":5}", why, 8);
  check_refused("{\"head\":{\"children\":{}}}", why, 20);
  check_refused("{\"head\":{\"children\":[1]}}", why, 21);
  check_refused("{\"head\":{\"children\":[[]]}}", why, 21);
  check_refused("{\"head\":{\"selfSize\":\"5\"}}", why, 20);
  check_refused("{\"head\":{\"selfSize\":{}}}", why, 20);
  check_refused("{\"head\":{\"callFrame\":{\"functionName\":7}}}", why, 37);
  check_refused("{\"head\":{\"callFrame\":null}}", why, 21);
  check_refused("{\"head\":{},\"samples\":[5]}", why, 22);
}

TEST(heapprofile_read_refuses_numbers_that_are_none) {
  check_refused("{\"head\":{\"selfSize\":1e999}}", "not a number, or too large", 20);
  check_refused("{\"head\":{\"selfSize\":1.2.3}}", "invalid JSON", 20);
  check_refused("{\"head\":{\"selfSize\":9223372036854775808}}", "not a number, or too large", 20);
  check_refused("{\"head\":{\"selfSize\":99999999999999999999}}", "not a number, or too large", 20);
}

TEST(heapprofile_read_refuses_ids_twice) {
  check_refused("{\"head\":{\"id\":1,\"children\":[{\"id\":1}]}}", "two nodes of one id", 34);
}

/* V8 writes such samples itself. */
TEST(heapprofile_read_leaves_out_samples_of_no_node) {
  check_read("{\"head\":" NODE(FRAME("f", "", "0", "0"), "5", "1", "") ",\"samples\":[{\"size\":1,"
             "\"nodeId\":2},{}]}",
             "f 5\n");
}

TEST(heapprofile_read_refuses_a_second_head) {
  check_refused("{\"head\":{},\"head\":{}}", "a second head", 18);
}

/* ---- Samples that tell their blocks, as Node's since 26.11 ------------------------------ */

#define BLOCK(node, size, count, live)                                             \
  "{\"size\":1,\"objectSize\":" size ",\"objectCount\":" count ",\"nodeId\":" node \
  ",\"ordinal\":1,"                                                                \
  "\"isLive\":" live "}"
#define TWO_NODES                                                                      \
  "\"head\":" NODE(ROOT, "0", "1",                                                     \
                   NODE(FRAME("keep", "/a.js", "0", "0"), "131176", "2", "") "," NODE( \
                       FRAME("drop", "/a.js", "4", "0"), "65600", "3", ""))

/* Of 65,536 bytes: V8 rounds 1024.5 to 1025 and 1170.8 to 1171. */
static const char DEAD_TOO[] = "{\"samples\":[" BLOCK("2", "64", "1025", "true") "," BLOCK(
    "2", "56", "1171", "true") "," BLOCK("3", "64", "1025",
                                         "false") "," BLOCK("9", "64", "1025",
                                                            "true") "]," TWO_NODES "}";

TEST(heapprofile_read_parts_what_is_in_use_from_what_died) {
  shf_profile *p = read_text(DEAD_TOO);
  CHECK_EQ(shf_profile_types(p), SHF_HAS_ALLOC | SHF_HAS_INUSE);
  check_folded(p, SHF_INUSE_SPACE, "keep (/a.js:1:1) 131132\n");
  check_folded(p, SHF_ALLOC_SPACE, "drop (/a.js:5:1) 65568\nkeep (/a.js:1:1) 131132\n");
  CHECK_EQ(shf_profile_total(p, SHF_INUSE_OBJECTS), 2195);
  CHECK_EQ(shf_profile_total(p, SHF_ALLOC_OBJECTS), 3220);
  shf_profile_free(p);
}

TEST(heapprofile_read_finds_the_interval_in_rounded_weights) {
  shf_profile *p = read_text(DEAD_TOO);
  CHECK_EQ(shf_profile_source_at(p, 0)->interval, 65536);
  CHECK(shf_profile_variance(p, SHF_INUSE_SPACE) > 0);
  shf_profile_free(p);
}

TEST(heapprofile_read_takes_v8s_weights_where_no_interval_fits_them) {
  shf_profile *p = read_text("{\"samples\":[" BLOCK("2", "64", "1025", "true") "," BLOCK(
      "3", "64", "17", "false") "]," TWO_NODES "}");
  CHECK_EQ(shf_profile_source_at(p, 0)->interval, 0);
  CHECK_EQ(shf_profile_total(p, SHF_INUSE_SPACE), 1025 * 64);
  CHECK_EQ(shf_profile_total(p, SHF_ALLOC_SPACE), (1025 + 17) * 64);
  CHECK_EQ(shf_profile_total(p, SHF_ALLOC_OBJECTS), 1025 + 17);
  shf_profile_free(p);
}

TEST(heapprofile_read_of_blocks_that_all_live_says_nothing_of_the_dead) {
  static const char text[] = "{\"samples\":[" BLOCK("2", "64", "1025", "true") "]," TWO_NODES "}";
  shf_profile *p = read_text(text);
  CHECK_EQ(shf_profile_types(p), SHF_HAS_INUSE);
  shf_profile_free(p);
  p = read_good(text, strlen(text), SHF_ALLOC_SPACE);
  CHECK_EQ(shf_profile_types(p), SHF_HAS_ALLOC);
  shf_profile_free(p);
}

TEST(heapprofile_read_counts_bytes_of_dead_samples_without_a_block) {
  shf_profile *p = read_text(
      "{\"samples\":[{\"size\":10,\"nodeId\":2,\"isLive\":true},{\"size\":30,"
      "\"nodeId\":3,\"isLive\":false}]," TWO_NODES "}");
  CHECK_EQ(shf_profile_types(p), 1u << SHF_ALLOC_SPACE | 1u << SHF_INUSE_SPACE);
  CHECK_EQ(shf_profile_total(p, SHF_ALLOC_SPACE), 40);
  CHECK_EQ(shf_profile_total(p, SHF_INUSE_SPACE), 10);
  shf_profile_free(p);
}

TEST(heapprofile_read_refuses_lives_that_are_no_truth) {
  static const char why[] = "a value of the wrong type for a .heapprofile";
  check_refused("{\"head\":{},\"samples\":[{\"isLive\":1}]}", why, 32);
  check_refused("{\"head\":{},\"samples\":[{\"isLive\":null}]}", why, 32);
  check_refused("{\"head\":{},\"samples\":[{\"objectSize\":true}]}", why, 36);
}

TEST(heapprofile_read_finds_no_interval_that_no_program_reaches) {
  for (int i = 0; i < 2; i++) {
    const shf__heap_sample s = {.object_size = i ? INT64_MAX : INT64_C(1) << 58,
                                .object_count = i ? 1000 : 32,
                                .life = SHF__ALIVE};
    CHECK_EQ(shf__heap_facts_of(&s, 1).interval, 0);
  }
}
