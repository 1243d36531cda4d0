/* Whether garbage was collected before a capture: known of ours, not of other tools' profiles. */
#include "capture_make.h"
#include "reading.h"

/* A block in use of each source. */
static shf_profile *of_sources(const uint32_t *gc, uint32_t count) {
  shf_profile *p;
  uint32_t source;
  made(shf_profile_new(&p));
  for (uint32_t i = 0; i < count; i++) {
    shf_source s = {.interval = 65536, .gc = gc[i], .pid = i + 1, .types = SHF_HAS_INUSE};
    made(shf_profile_source(p, s, &source));
    shf_bucket b = {64, {0, 0, 1, 64}, test_node(p, 0, shf_str_of("f")), source, 0, 1, 0};
    made(shf_profile_bucket(p, &b));
  }
  return test_seal(p);
}

static const shf_listing_options table = {.type = SHF_INUSE_SPACE, .width = 80};
static const shf_svg_options picture = {.type = SHF_INUSE_SPACE};

static int write_listing(const shf_profile *p, shf_sink *sink) {
  return shf_listing_write(p, &table, sink);
}
static int write_markdown(const shf_profile *p, shf_sink *sink) {
  return shf_markdown_write(p, &table, 0, sink);
}
static int write_json(const shf_profile *p, shf_sink *sink) {
  return shf_json_write(p, &table, sink);
}
static int write_svg(const shf_profile *p, shf_sink *sink) {
  return shf_svg_write(p, &picture, sink);
}
static int write_pprof(const shf_profile *p, shf_sink *sink) {
  return shf_pprof_write(p, SHF_INUSE_SPACE, sink);
}

static char *text_of(const shf_profile *p, int (*write)(const shf_profile *, shf_sink *),
                     size_t *len) {
  shf_sink *sink;
  made(shf_sink_memory(&sink));
  made(write(p, sink));
  char *text = test_sink_text(sink, len);
  shf_sink_free(sink);
  return text;
}

/* The picture without its script, which names many things. */
static char *picture_of(const shf_profile *p) {
  char *text = text_of(p, write_svg, NULL), *script = strstr(text, "<script>");
  if (script) *script = 0;
  return text;
}

static void check_part(char *text, const char *part, bool there) {
  test_checked();
  if (!strstr(text, part) == there)
    test_fail(__FILE__, __LINE__, "%s is %sin\n%s", part, there ? "not " : "", text);
  free(text);
}

static void check_notes(const uint32_t *gc, uint32_t count, const char *note, const char *drawn) {
  shf_profile *p = of_sources(gc, count);
  check_part(text_of(p, write_listing, NULL), *note ? note : "arbage", *note != 0);
  check_part(text_of(p, write_markdown, NULL), *note ? note : "arbage", *note != 0);
  check_part(picture_of(p), *drawn ? drawn : " gc ", *drawn != 0);
  shf_profile_free(p);
}

TEST(nothing_is_said_where_a_collection_is_not_known) {
  static const uint32_t unknown[] = {SHF_GC_UNKNOWN, SHF_GC_UNKNOWN};
  check_notes(unknown, 2, "", "");
}

TEST(a_collection_is_reported) {
  static const uint32_t forced[] = {SHF_GC_FORCED, SHF_GC_FORCED};
  check_notes(forced, 2, "Garbage was collected before the capture.", "gc forced</text>");
}

TEST(garbage_is_reported) {
  static const uint32_t none[] = {SHF_GC_NONE};
  check_notes(none, 1, "No garbage was collected before the capture",
              "gc not forced: holds garbage");
}

TEST(a_collection_before_some_captures_is_reported) {
  static const uint32_t some[] = {SHF_GC_NONE, SHF_GC_FORCED};
  check_notes(some, 2, "Garbage was collected before some captures only", "gc forced in some");
  static const uint32_t others[] = {SHF_GC_UNKNOWN, SHF_GC_FORCED};
  check_notes(others, 2, "Garbage was collected before some captures only", "gc forced in some");
}

TEST(json_says_of_each_source_what_is_known) {
  static const uint32_t all[] = {SHF_GC_NONE, SHF_GC_FORCED, SHF_GC_UNKNOWN};
  shf_profile *p = of_sources(all, 3);
  check_part(text_of(p, write_json, NULL), "\"gc\":\"none\"", true);
  check_part(text_of(p, write_json, NULL), "\"gc\":\"forced\"", true);
  check_part(text_of(p, write_json, NULL), "\"gc\":\"unknown\"", true);
  shf_profile_free(p);
}

static void check_all_sources(const shf_profile *p, uint32_t gc) {
  CHECK(shf_profile_sources(p) > 0);
  for (uint32_t i = 0; i < shf_profile_sources(p); i++)
    CHECK_EQ(shf_profile_source_at(p, i)->gc, gc);
}

static void check_text(const char *text) {
  shf_profile *p = read_good(text, strlen(text), SHF_INUSE_SPACE);
  check_all_sources(p, SHF_GC_UNKNOWN);
  shf_profile_free(p);
}

TEST(folded_stacks_do_not_know_of_a_collection) {
  check_text("a;b 5\n");
}

TEST(a_heapprofile_does_not_know_of_a_collection) {
  check_text(
      "{\"head\":{\"callFrame\":{\"functionName\":\"f\",\"scriptId\":\"1\",\"url\":\"\","
      "\"lineNumber\":0,\"columnNumber\":0},\"selfSize\":8,\"id\":1,\"children\":[]}}");
}

TEST(pprof_keeps_what_is_known_of_a_collection) {
  static const uint32_t all[] = {SHF_GC_NONE, SHF_GC_FORCED, SHF_GC_UNKNOWN};
  for (int i = 0; i < 3; i++) {
    size_t len;
    shf_profile *p = of_sources(&all[i], 1);
    char *bytes = text_of(p, write_pprof, &len);
    shf_profile *q = read_good(bytes, len, SHF_TYPES);
    check_all_sources(q, all[i]);
    free(bytes);
    shf_profile_free(p);
    shf_profile_free(q);
  }
}

TEST(a_capture_keeps_what_is_known_of_a_collection) {
  static const uint32_t all[] = {SHF_GC_NONE, SHF_GC_FORCED, SHF_GC_UNKNOWN};
  for (int i = 0; i < 3; i++) {
    shf_capture *c = make_capture();
    shf_source s = {.gc = all[i], .types = SHF_HAS_INUSE};
    uint32_t row;
    made(shf_capture_source(c, &s, &row));
    make_root(c);
    make_bucket(c, 0, 8, 1, 1);
    made_bytes b = {NULL, 0};
    make_bytes(c, &b);
    shf_profile *p;
    made(shf_profile_from_capture(b.ptr, b.len, &p, NULL));
    check_all_sources(p, all[i]);
    shf_profile_free(p);
    free(b.ptr);
  }
}
