/* What tables, JSON and the flamegraph say of the lines of functions. */
#include <unistd.h>

#include "picture.h"

enum { HOT_LINES = 3 };

/* Adds bytes to the stack main (line 10) > hot (the line `call`). */
static void add(shf_profile *p, const char *file, int32_t call, int64_t bytes) {
  shf_frame main = {.line = 8, .column = 1, .call = 10},
            hot = {.line = 2, .column = 3, .call = call};
  uint32_t source = 0, frame, node = 0;
  CHECK_EQ(shf_profile_string(p, shf_str_of("main"), &main.name), 0);
  CHECK_EQ(shf_profile_string(p, shf_str_of("hot"), &hot.name), 0);
  CHECK_EQ(shf_profile_string(p, shf_str_of(file), &main.file), 0);
  hot.file = main.file;
  CHECK_EQ(shf_profile_frame(p, main, &frame), 0);
  CHECK_EQ(shf_profile_node(p, node, frame, &node), 0);
  CHECK_EQ(shf_profile_frame(p, hot, &frame), 0);
  CHECK_EQ(shf_profile_node(p, node, frame, &node), 0);
  shf_bucket b = {.size = 64, .node = node, .source = source, .allocated = 1};
  b.value[SHF_ALLOC_OBJECTS] = bytes / 64;
  b.value[SHF_ALLOC_SPACE] = bytes;
  CHECK_EQ(shf_profile_bucket(p, &b), 0);
}

/* The function view: hot has 640,000 bytes on line 3, 192,000 on 5, 64,000 on 6, 6,400 on none. */
static shf_profile *with_lines(const char *file) {
  shf_profile *p = test_new(SHF_HAS_ALLOC), *view = NULL;
  add(p, file, 3, 640000);
  add(p, file, 5, 192000);
  add(p, file, 6, 64000);
  add(p, file, 0, 6400);
  test_seal(p);
  CHECK(shf_profile_has_lines(p));
  CHECK_EQ(shf_profile_group(p, SHF_BY_FUNCTION, &view), 0);
  shf_profile_free(p);
  return view;
}

static char *listing(const char *file, uint32_t source_lines) {
  shf_profile *p = with_lines(file);
  const shf_listing_options o = {.type = SHF_ALLOC_SPACE,
                                 .width = 100,
                                 .source_lines = source_lines,
                                 .cwd = shf_str_of("/srv")};
  shf_sink *sink = test_sink();
  char *text = test_written(sink, shf_listing_write(p, &o, sink), NULL);
  shf_profile_free(p);
  return text;
}

static void check_below_hot(const char *text, const char *expected) {
  const char *hot = strstr(text, "  hot (");
  CHECK(hot != NULL);
  if (hot) check_has(strchr(hot, '\n'), expected);
}

TEST(the_listing_has_the_lines_of_a_function_with_their_bytes) {
  char name[] = "/tmp/shf-lines-XXXXXX";
  int fd = mkstemp(name);
  FILE *f = fdopen(fd, "w");
  fputs("// first\nfunction hot () {\n    const a = {}\n\n  return [\n      a]\n}\n", f);
  fclose(f);
  char *text = listing(name, HOT_LINES);
  check_below_hot(text,
                  "\n  640,000       3 \xE2\x94\x82   const a = {}\n"
                  "  192,000       5 \xE2\x94\x82 return [\n"
                  "   64,000       6 \xE2\x94\x82     a]\n"
                  "    6,400       \xE2\x80\xA6 \xE2\x94\x82 other lines, or not known\n");
  free(text);
  unlink(name);
}

TEST(the_listing_keeps_the_lines_with_most_in_order) {
  char *text = listing("/srv/gone.js", 2);
  check_below_hot(text,
                  "\n  640,000       3 \xE2\x94\x82\n"
                  "  192,000       5 \xE2\x94\x82\n"
                  "   70,400       \xE2\x80\xA6 \xE2\x94\x82 other lines, or not known\n");
  free(text);
}

TEST(the_listing_has_no_lines_where_none_are_asked_for) {
  char *text = listing("/srv/gone.js", 0);
  check_lacks(text, "\xE2\x94\x82");
  free(text);
}

TEST(markdown_names_the_lines_of_a_function_with_most) {
  shf_profile *p = with_lines("/srv/a.js");
  const shf_listing_options o = {.type = SHF_ALLOC_SPACE, .cwd = shf_str_of("/srv")};
  shf_sink *sink = test_sink();
  char *text = test_written(sink, shf_markdown_write(p, &o, 0, sink), NULL);
  check_has(text, "`hot (a.js:2:3)`<br>line 3: 640,000, 5: 192,000, 6: 64,000, other: 6,400 |\n");
  free(text);
  shf_profile_free(p);
}

TEST(json_has_the_lines_of_each_function) {
  shf_profile *p = with_lines("/srv/a.js");
  const shf_listing_options o = {.type = SHF_ALLOC_SPACE};
  shf_sink *sink = test_sink();
  char *text = test_written(sink, shf_json_write(p, &o, sink), NULL);
  check_has(text,
            "\"lines\":[{\"line\":0,\"self\":{\"alloc_objects\":100,\"alloc_space\":6400},"
            "\"total\":{\"alloc_objects\":100,\"alloc_space\":6400},");
  check_has(text, "{\"line\":3,\"self\":{\"alloc_objects\":10000,\"alloc_space\":640000},");
  check_has(text,
            "\"lines\":[{\"line\":10,\"self\":{\"alloc_objects\":0,\"alloc_space\":0},"
            "\"total\":{\"alloc_objects\":14100,\"alloc_space\":902400},");
  free(text);
  shf_profile_free(p);
}

TEST(the_viewer_gets_the_lines_of_the_frames_that_it_draws) {
  size_t len;
  shf_profile *p = with_lines("/srv/a.js");
  char *svg = svg_of(p, (shf_svg_options){.type = SHF_ALLOC_SPACE}, &len);
  check_has(svg,
            "\"lines\":{\"frame\":[2,2,2,1],\"line\":[3,5,6,10],"
            "\"self\":[[100e2,300e1,100e1,0],[640e3,192e3,640e2,0]],"
            "\"total\":[[100e2,300e1,100e1,141e2],[640e3,192e3,640e2,902e3]]}");
  check_golden("lines.svg", svg, without_script(svg, len));
  free(svg);
  shf_profile_free(p);
}

TEST(without_lines_nothing_is_said_of_them) {
  shf_profile *p = test_profile("main@a.js:1:1;hot@a.js:2:3 640 0\n");
  const shf_svg_options o = {.type = SHF_ALLOC_SPACE};
  const shf_listing_options l = {.type = SHF_ALLOC_SPACE};
  shf_sink *sink = test_sink();
  char *text = test_written(sink, shf_svg_write(p, &o, sink), NULL);
  check_lacks(text, "\"lines\":");
  free(text);
  sink = test_sink();
  text = test_written(sink, shf_json_write(p, &l, sink), NULL);
  check_lacks(text, "\"lines\":");
  free(text);
  shf_profile_free(p);
}

static shf_profile *with_limit(const char *lines) {
  shf_profile *p = test_new(SHF_HAS_ALLOC);
  add(p, "/srv/a.js", 3, 640);
  CHECK_EQ(shf_profile_meta(p, shf_str_of("lines"), shf_str_of(lines)), 0);
  return test_seal(p);
}

static char *merged_limit(const char *a, const char *b) {
  shf_profile *p[2] = {with_limit(a), with_limit(b)}, *both = NULL;
  const shf_merge_input inputs[2] = {{p[0], {"", 0}}, {p[1], {"", 0}}};
  const shf_listing_options o = {.type = SHF_ALLOC_SPACE};
  CHECK_EQ(shf_profile_merge(inputs, 2, &both), 0);
  shf_sink *sink = test_sink();
  char *text = test_written(sink, shf_listing_write(both, &o, sink), NULL);
  shf_profile_free(p[0]);
  shf_profile_free(p[1]);
  shf_profile_free(both);
  return text;
}

TEST(a_picture_says_what_lacks_its_lines) {
  shf_profile *p = with_limit("no lines are known: out of memory; 1 of 4787 samples without lines");
  const shf_svg_options o = {.type = SHF_ALLOC_SPACE};
  shf_sink *sink = test_sink();
  char *svg = test_written(sink, shf_svg_write(p, &o, sink), NULL);
  check_has(svg, "lines: no lines are known: out of memory</text>");
  free(svg);
  shf_profile_free(p);
}

TEST(samples_without_lines_are_added_up_and_reasons_kept_once) {
  char *text = merged_limit("3 of 100 samples without lines; Node 20 is old",
                            "4 of 50 samples without lines; Node 20 is old");
  check_has(text, "\n  lines: Node 20 is old; 7 of 150 samples without lines\n");
  free(text);
  text = merged_limit("3 of 100 samples without lines", "3 of 100 samples without lines");
  check_has(text, "\n  lines: 6 of 200 samples without lines\n");
  free(text);
  text = merged_limit("1 of 4787 samples without lines", "0 of 9 samples without lines");
  check_lacks(text, "without lines");
  free(text);
  text = merged_limit("no lines are known: out of memory", "5 of many samples without lines; ; ");
  check_has(text,
            "\n  lines: no lines are known: out of memory; 5 of many samples without lines\n");
  free(text);
}
