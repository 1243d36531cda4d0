#include <unistd.h>

#include "picture.h"
#include "svg.h"
#include "text_metrics.h"

static const char shop[] =
    "emit@node:events:519:28;handle@/srv/shop/node_modules/express/lib/router.js:12:3;"
    "renderPage@/srv/shop/src/page.js:4:10 64000 6400\n"
    "emit@node:events:519:28;handle@/srv/shop/node_modules/express/lib/router.js:12:3;"
    "renderPage@/srv/shop/src/page.js:4:10;@/srv/shop/src/page.js:20:5 32000 0\n"
    "emit@node:events:519:28;handle@/srv/shop/node_modules/express/lib/router.js:12:3;"
    "_parse@/srv/shop/node_modules/zod/lib/types.js:77:9 48000 12800\n"
    "emit@node:events:519:28;alloc@node:buffer:385:7;(off-heap) 16000 1600\n"
    "(GC) 8000 0\n"
    "main@/srv/shop/server.js:1:1 128 64\n"
    "main@/srv/shop/server.js:1:1;tiny@/srv/shop/src/page.js:90:1 64 64\n";

/* What is drawn; the data and the viewer behind it are cut off. */
static char *picture_of(const shf_profile *p, shf_svg_options o, size_t *len) {
  char *svg = svg_of(p, o, len), *data = strstr(svg, "<metadata ");
  CHECK(data != NULL);
  if (data) *data = '\0';
  return svg;
}

static char *svg_of_lines(const char *lines, shf_svg_options o) {
  shf_profile *p = test_profile(lines);
  char *svg = picture_of(p, o, NULL);
  shf_profile_free(p);
  return svg;
}

static int count(const char *svg, const char *part) {
  int n = 0;
  for (const char *at = svg; (at = strstr(at, part)); at++) n++;
  return n;
}

/* The next path of a frame that is drawn as a line, where its d begins; grey blocks are in rows. */
static const char *next_line(const char *at) {
  for (const char *d = at; (d = strstr(d, "<path d=\"")); d++) {
    const char *row = d;
    while (*row != '\n') row--;
    if (strncmp(row, "\n<g stroke=\"#", 13) == 0) return d + strlen("<path d=\"");
  }
  return NULL;
}

/* Rectangles, and what is in the paths of frames that are drawn as lines. */
static int count_frames(const char *svg) {
  int n = count(frames_of(svg), "<rect ");
  for (const char *d = frames_of(svg); (d = next_line(d));)
    for (; *d != '"'; d++) n += *d == 'h';
  return n;
}

/* The y of the row that the text stands in. */
static int row_of(const char *svg, const char *text) {
  const char *at = strstr(frames_of(svg), text), *row = NULL;
  if (!at) {
    test_fail(__FILE__, __LINE__, "no %s", text);
    return -1;
  }
  for (const char *r = frames_of(svg); (r = strstr(r, "translate(0 ")) && r < at; r++) row = r;
  return row ? atoi(row + strlen("translate(0 ")) : -1;
}

/* ---- The picture ------------------------------------------------------------- */

TEST(svg_is_this_picture) {
  shf_profile *p = test_profile(shop);
  size_t len;
  shf_svg_options o = {.type = SHF_ALLOC_SPACE,
                       .title = shf_str_of("node server.js"),
                       .subtitle = shf_str_of("pid 4711"),
                       .cwd = shf_str_of("/srv/shop")};
  char *svg = svg_of(p, o, &len);
  check_golden("shop.svg", svg, without_script(svg, len));
  free(svg);
  o = (shf_svg_options){.type = SHF_INUSE_OBJECTS, .width = 480, .height = 20, .inverted = true};
  svg = svg_of(p, o, &len);
  check_golden("shop_inuse_icicle.svg", svg, without_script(svg, len));
  free(svg);
  shf_profile_free(p);
}

static shf_profile *wide_and_deep(uint32_t stacks, uint32_t depth);

/* What test/browser clicks through. */
TEST(svg_of_several_processes_is_this_picture) {
  shf_profile *p = test_profile(
      "process 7 (node app.js);main@/srv/shop/server.js:1:1;walk@/srv/shop/src/tree.js:3:2;"
      "walk@/srv/shop/src/tree.js:3:2;leaf@/srv/shop/src/tree.js:30:2 64000 640\n"
      "process 7 (node app.js);main@/srv/shop/server.js:1:1;walk@/srv/shop/src/tree.js:3:2 6400 0\n"
      "process 7 (node "
      "app.js);main@/srv/shop/server.js:1:1;zip@/srv/shop/node_modules/zlib/z.js:1:1;"
      "leaf@/srv/shop/src/tree.js:30:2 12800 12800\n"
      "process 7 (node app.js);worker 1;run@file:///srv/shop/worker.mjs:5:1 32000 3200\n"
      "process 8 (node job.cjs);main@/srv/shop/job.cjs:1:1 48000 0\n");
  size_t len;
  char *svg = svg_of(
      p,
      (shf_svg_options){
          .type = SHF_ALLOC_SPACE, .cwd = shf_str_of("/srv/shop"), .notes = shf_str_of("a & b")},
      &len);
  check_golden("processes.svg", svg, without_script(svg, len));
  free(svg);
  shf_profile_free(p);
}

/* flamegraph.pl's options. */
TEST(svg_texts_are_named_as_the_options_say) {
  char *svg = svg_of_lines("a;b 6400 0\n", (shf_svg_options){.type = SHF_ALLOC_SPACE,
                                                             .count_name = shf_str_of("samples"),
                                                             .font = shf_str_of("Verdana"),
                                                             .font_size = 12,
                                                             .notes = shf_str_of("<run 3>")});
  check_has(svg, "<title>b (6,400 samples, 100.00%)</title>");
  check_has(svg, "<g id=\"frames\" fill=\"#222\" font-family=\"Verdana\" font-size=\"12\"");
  check_has(svg, "&lt;run 3&gt;</desc>");
  check_lacks(svg, "monospace");
  free(svg);
}

TEST(svg_reversed_begins_at_the_function_that_allocated) {
  char *svg = svg_of_lines("a;c 640 0\nb;c 1280 0\nb 1280 0\n",
                           (shf_svg_options){.type = SHF_ALLOC_SPACE, .reverse = true});
  CHECK_EQ(row_of(svg, "<title>all (3,200 bytes") - row_of(svg, "<title>c (1,920 bytes, 60.00%)"),
           16);
  CHECK_EQ(row_of(svg, "<title>all (") - row_of(svg, "<title>a (640 bytes, 20.00%)"), 32);
  check_has(svg, "Most: c 60.00%; b 40.00%.");
  free(svg);
}

TEST(svg_colors_may_be_flamegraph_pl_s) {
  char *plain = svg_of_lines(shop, (shf_svg_options){.type = SHF_ALLOC_SPACE});
  char *hot =
      svg_of_lines(shop, (shf_svg_options){.type = SHF_ALLOC_SPACE, .colors = shf_str_of("hot")});
  check_has(plain, "data-key=\"app\"><rect ");
  check_has(hot, "data-key=\"app\"><text ");
  CHECK(strcmp(frames_of(plain), frames_of(hot)) != 0);
  free(plain);
  free(hot);
}

TEST(svg_data_sums_up_to_the_totals_of_all_types) {
  shf_profile *p = wide_and_deep(500, 8);
  size_t len;
  char *svg = svg_of(p, (shf_svg_options){.type = SHF_ALLOC_SPACE, .max_bytes = 60000}, &len);
  const char *at = strstr(svg, "\"self\":[[");
  CHECK(at != NULL);
  long long sum = 0;
  for (at = at ? strstr(at, "],[") + 3 : "]"; *at != ']'; at += *at == ',')
    sum += strtoll(at, (char **)&at, 10);
  CHECK_EQ(sum, shf_profile_total(p, SHF_ALLOC_SPACE));
  CHECK(len <= 60000);
  free(svg);
  shf_profile_free(p);
}

TEST(svg_titles_are_flamegraph_pl_s) {
  char *svg = svg_of_lines(shop, (shf_svg_options){.type = SHF_ALLOC_SPACE});
  check_has(svg, "<g><title>all (168,192 bytes, 100%)</title><rect ");
  check_has(svg,
            "<g><title>renderPage (/srv/shop/src/page.js:4:10) (96,000 bytes, 57.08%)</title>"
            "<rect ");
  check_has(svg, "<title>(anonymous) (/srv/shop/src/page.js:20:5) (32,000 bytes, 19.03%)</title>");
  check_has(svg, "<title>(GC) (8,000 bytes, 4.76%)</title>");
  free(svg);
  svg = svg_of_lines(shop, (shf_svg_options){.type = SHF_INUSE_OBJECTS});
  check_has(svg, "<title>renderPage (/srv/shop/src/page.js:4:10) (100 objects, ");
  free(svg);
}

TEST(svg_paths_are_shown_from_cwd) {
  const char *lines = "a@/srv/shop/a.js:1:1 6400 0\nb@/srv/shopping/b.js:1:1 6400 0\n";
  char *svg = svg_of_lines(
      lines, (shf_svg_options){.type = SHF_ALLOC_SPACE, .cwd = shf_str_of("/srv/shop/")});
  check_has(svg, "<title>a (a.js:1:1) (");
  check_has(svg, "<title>b (/srv/shopping/b.js:1:1) (");
  free(svg);
}

TEST(svg_root_is_at_the_bottom_or_on_top) {
  shf_svg_options o = {.type = SHF_ALLOC_SPACE};
  char *svg = svg_of_lines(shop, o);
  CHECK_EQ(row_of(svg, "<title>all (") - row_of(svg, "<title>emit ("), 16);
  CHECK_EQ(row_of(svg, "<title>all (") - row_of(svg, "<title>renderPage ("), 48);
  free(svg);
  o.inverted = true;
  svg = svg_of_lines(shop, o);
  CHECK_EQ(row_of(svg, "<title>renderPage (") - row_of(svg, "<title>all ("), 48);
  free(svg);
}

TEST(svg_frames_follow_the_self_value_of_their_caller) {
  char *svg = svg_of_lines("a 2560 0\na;b 1280 0\na;c 1280 0\n",
                           (shf_svg_options){.type = SHF_ALLOC_SPACE, .width = 1020});
  check_has(svg, "<title>a (5,120 bytes, 100.00%)</title><rect x=\"10\" width=\"1000\" ");
  check_has(svg, "<title>b (1,280 bytes, 25.00%)</title><rect x=\"510\" width=\"250\" ");
  check_has(svg, "<title>c (1,280 bytes, 25.00%)</title><rect x=\"760\" width=\"250\" ");
  free(svg);
}

TEST(svg_head_says_what_was_measured_and_how_well) {
  char *svg = svg_of_lines("a 65536000 0\n", (shf_svg_options){.type = SHF_ALLOC_SPACE});
  check_has(svg, "aria-label=\"shap-flame: alloc_space 65.5 MB \xC2\xB1 0.1 %\"");
  check_has(svg, "alloc_space</tspan>\xC2\xA0<tspan font-weight=\"600\">65.5 MB</tspan>");
  check_has(svg, ">65,536,000 bytes \xC2\xB7 sampled every 65,536 bytes</text>");
  check_lacks(svg, "gc ");
  free(svg);
  svg = svg_of_lines("a 64 64\n", (shf_svg_options){.type = SHF_INUSE_SPACE});
  check_has(svg, "sampled every 65,536 bytes \xC2\xB7 gc forced</text>");
  free(svg);
}

/* Sampling that was begun anew knows nothing of what was in use before. */
TEST(svg_head_says_since_when_in_use_counts) {
  shf_profile *p;
  CHECK_EQ(shf_profile_new(&p), SHF_OK);
  shf_source source = {.interval = 65536, .pid = 1, .types = SHF_HAS_ALLOC | SHF_HAS_INUSE};
  source.since_ms = 1793709200000;
  uint32_t row;
  CHECK_EQ(shf_profile_source(p, source, &row), SHF_OK);
  CHECK_EQ(shf_profile_seal(p), SHF_OK);
  char *svg = picture_of(p, (shf_svg_options){.type = SHF_INUSE_SPACE}, NULL);
  check_has(svg,
            "gc not forced: holds garbage \xC2\xB7 in use: since 2026-11-03 12:33:20 UTC</text>");
  free(svg);
  svg = picture_of(p, (shf_svg_options){.type = SHF_ALLOC_SPACE}, NULL);
  check_lacks(svg, "in use: since");
  free(svg);
  shf_profile_free(p);
}

TEST(svg_desc_names_the_five_functions_that_have_most) {
  char *svg = svg_of_lines("f 64 0\ne 128 0\nd 192 0\nc 256 0\nb 320 0\na;b 64 0\n",
                           (shf_svg_options){.type = SHF_ALLOC_SPACE});
  check_has(svg, "in 5 functions. Most: b 37.50%; c 25.00%; d 18.75%; e 12.50%; f 6.25%.</desc>");
  free(svg);
}

TEST(svg_legend_shows_the_categories_that_occur) {
  char *svg = svg_of_lines(shop, (shf_svg_options){.type = SHF_ALLOC_SPACE});
  check_has(svg, ">app <tspan fill=\"#667\">57.2 %</tspan>");
  check_has(svg, ">node_modules <tspan fill=\"#667\">28.5 %</tspan>");
  check_has(svg, ">off-heap <tspan fill=\"#667\">9.5 %</tspan>");
  check_has(svg, ">V8 <tspan fill=\"#667\">4.8 %</tspan>");
  check_has(svg, ">zod <tspan fill=\"#667\">28.5 %</tspan>");
  check_lacks(svg, "data-key=\"other\"");
  check_has(svg, ">node <tspan fill=\"#667\">0.0 %</tspan>"); /* only callers */
  free(svg);
}

TEST(svg_of_nothing_says_so) {
  char *svg = svg_of_lines("a 64 0\n", (shf_svg_options){.type = SHF_INUSE_SPACE});
  check_has(svg, "Nothing of this type was sampled.");
  check_has(svg, "<title>all (0 bytes, 100%)</title><rect x=\"10\" width=\"1180\" ");
  CHECK_EQ(count_frames(svg), 1);
  free(svg);
}

TEST(svg_picture_needs_no_style_and_no_script) {
  char *svg = svg_of_lines(shop, (shf_svg_options){.type = SHF_ALLOC_SPACE});
  check_lacks(svg, "<script");
  check_lacks(svg, " class=");
  check_lacks(svg, " style=");
  check_lacks(svg, "href");
  check_lacks(svg, "url(");
  CHECK_EQ(count(svg, "http"), 1); /* the namespace */
  CHECK(count(svg, "<rect ") > 10);
  for (const char *r = svg; (r = strstr(r, "<rect ")); r++) {
    const char *fill = strstr(r, " fill=\"#");
    CHECK(fill && fill < strchr(r, '>'));
  }
  free(svg);
}

TEST(svg_dark_style_has_every_color_that_is_drawn) {
  char *svg = svg_of_lines(shop, (shf_svg_options){.type = SHF_ALLOC_SPACE});
  check_has(svg, "@media (prefers-color-scheme:dark)");
  for (const char *f = strstr(svg, "<rect "); f && (f = strstr(f, " fill=\"#")); f++) {
    char rule[32];
    snprintf(rule, sizeof rule, "[fill=\"%.4s\"]{fill:#", f + 7);
    check_has(svg, rule);
  }
  free(svg);
}

/* ---- Lines ----------------------------------------------------------------------- */

enum { NARROW = 5000 };

/* So many callees of one caller, each with a callee, of packages in turn; all are 1 px wide. */
static char *narrow_frames(void) {
  char *lines = malloc(NARROW * 64), *at = lines;
  CHECK(lines != NULL);
  if (!lines) return NULL;
  for (int i = 0; i < NARROW; i++)
    at += snprintf(at, 64, "f%04d@/node_modules/p%d/x.js:1:1;g%04d 64 0\n", i, i % 3, i);
  char *svg = svg_of_lines(
      lines, (shf_svg_options){.type = SHF_ALLOC_SPACE, .width = NARROW + 2 * SHF_MARGIN});
  free(lines);
  return svg;
}

/* Follows a path's lines; adds up those of each row at each px. */
static void follow(const char *d, double height, int (*seen)[NARROW]) {
  double x = 0, y = 0, by, down;
  for (int used; *d && *d != '"'; d += used) {
    char move = *d++;
    if (move == 'h' && sscanf(d, "%lf%n", &by, &used) == 1) {
      int row = (int)((height - y) / 16), column = (int)(x - SHF_MARGIN + 0.5);
      CHECK(row >= 0 && row < 2 && column >= 0 && column < NARROW && by > 0.99 && by < 1.01);
      seen[row][column]++;
      x += by;
      continue;
    }
    bool read = sscanf(d, "%lf%lf%n", &by, &down, &used) == 2;
    CHECK(read && (move == 'M' || move == 'm'));
    if (!read) return;
    x = move == 'M' ? by : x + by;
    y = move == 'M' ? down : y + down;
  }
}

TEST(svg_frames_too_narrow_for_a_title_are_lines_where_they_belong) {
  static int seen[2][NARROW];
  memset(seen, 0, sizeof seen);
  char *svg = narrow_frames();
  int top = row_of(svg, "<title>all ");
  for (const char *d = frames_of(svg); (d = next_line(d));) follow(d, top, seen);
  for (int i = 0; i < NARROW; i++) CHECK(seen[0][i] == 1 && seen[1][i] == 1);
  CHECK_EQ(count_frames(svg), 2 * NARROW + 1);
  free(svg);
}

/* Of 1000 px: 20, 6 and 5 of them, and one that is wide enough for a letter. */
TEST(svg_frames_without_a_letter_are_lines_with_titles) {
  const char *lines = "abcdef 1280 0\nb 384 0\nc 320 0\nd 62016 0\n";
  char *svg =
      svg_of_lines(lines, (shf_svg_options){.type = SHF_ALLOC_SPACE, .width = 1020, .height = 16});
  int top = row_of(svg, "<title>d (");
  struct {
    const char *at, *title;
  } line[] = {{"M10 %d.5h19.5", "abcdef (1,280 bytes, 2.00%)"},
              {"M30 %d.5h5.5", "b (384 bytes, 0.60%)"},
              {"M36 %d.5h5", "c (320 bytes, 0.50%)"}};
  for (size_t i = 0; i < sizeof line / sizeof *line; i++) {
    char at[32], part[128];
    snprintf(at, sizeof at, line[i].at, top + 7);
    snprintf(part, sizeof part, "<path d=\"%s\"><title>%s</title></path>", at, line[i].title);
    check_has(svg, part);
  }
  check_has(svg, "<rect x=\"41\" width=\"969\" ");
  CHECK_EQ(count_frames(svg), 5);
  free(svg);
}

/* Too low for letters. */
TEST(svg_wide_frames_without_a_letter_are_rectangles_with_titles) {
  char *svg = svg_of_lines("a 6400 0\n", (shf_svg_options){.type = SHF_ALLOC_SPACE, .height = 8});
  check_has(svg, "height=\"7\" fill=\"#fc6\"><title>a (6,400 bytes, 100.00%)</title></rect>");
  CHECK_EQ(count_frames(svg), 2);
  free(svg);
}

TEST(svg_lines_have_dark_colours) {
  char *svg = narrow_frames();
  int colours = 0;
  for (const char *g = frames_of(svg); (g = strstr(g, "<g stroke=\"#")); g++, colours++) {
    char rule[32];
    snprintf(rule, sizeof rule, "[stroke=\"%.4s\"]{stroke:#", g + 11);
    check_has(svg, rule);
  }
  CHECK(colours >= 4);
  free(svg);
}

/* ---- Labels -------------------------------------------------------------------- */

/* Labels are within their frames: text of x, rect of x and width, in one <g>. */
static void check_labels(const char *svg) {
  int labels = 0;
  for (const char *g = frames_of(svg); (g = strstr(g, "<g><title>")); g++) {
    const char *end = strstr(g, "</g>"), *rect = strstr(g, "<rect x=\""), *text;
    if (!rect || rect > end) continue;
    double x, width, text_x;
    CHECK_EQ(sscanf(rect, "<rect x=\"%lf\" width=\"%lf\"", &x, &width), 2);
    text = strstr(g, "<text x=\"");
    if (!text || text > end) continue;
    CHECK_EQ(sscanf(text, "<text x=\"%lf\"", &text_x), 1);
    const char *first = strchr(text, '>') + 1, *last = strchr(first, '<');
    shf_str label = {first, (size_t)(last - first)};
    CHECK(label.len > 0);
    CHECK(text_x + shf__label_width(label, SHF_FACE_MONO) * 0.11 <= x + width);
    labels++;
  }
  CHECK(labels > 0);
}

TEST(svg_labels_never_leave_their_frames) {
  char lines[8192] = "";
  for (int i = 1; i < 60; i++) {
    size_t n = strlen(lines);
    snprintf(lines + n, sizeof lines - n, "f%d%s\xE7\xBF\xBB\xE8\xAF\x91 %d 0\n", i,
             i % 2 ? "parseSomethingLong" : "", 64 * i);
  }
  char *svg = svg_of_lines(lines, (shf_svg_options){.type = SHF_ALLOC_SPACE});
  check_labels(svg);
  check_lacks(svg, "\"></text>");
  check_has(frames_of(svg), "\xE2\x80\xA6</text>");
  free(svg);
}

TEST(svg_label_of_an_anonymous_function_says_where_it_is) {
  char *svg = svg_of_lines("@/srv/a/page.js:20:5 640 0\nnamed@/srv/a/page.js:1:1 640 0\n",
                           (shf_svg_options){.type = SHF_ALLOC_SPACE});
  check_has(svg, ">(anonymous) page.js:20</text>");
  check_has(svg, ">named</text>");
  free(svg);
}

/* ---- Pruning --------------------------------------------------------------------- */

/* A number with commas. */
static long long grouped(const char **at) {
  long long n = 0;
  for (; **at == ',' || (**at >= '0' && **at <= '9'); ++*at)
    if (**at != ',') n = n * 10 + (**at - '0');
  return n;
}

/* How many frames grey blocks hold, and how much. */
static long long blocks(const char *svg, long long *value) {
  long long frames = 0;
  *value = 0;
  for (const char *g = frames_of(svg); (g = strstr(g, "<title>"));) {
    g += strlen("<title>");
    const char *at = g;
    long long n = grouped(&at);
    if (strncmp(at, " frame", 6) != 0) continue;
    at = strchr(at, ',') + 2;
    *value += grouped(&at);
    frames += n;
  }
  return frames;
}

TEST(svg_narrow_frames_become_a_grey_block_that_says_what_it_holds) {
  char *svg = svg_of_lines("a;b 6400000 0\na;c;d 64 0\na;c;e 64 0\na;f 128 0\n",
                           (shf_svg_options){.type = SHF_ALLOC_SPACE});
  check_has(svg,
            "<g stroke=\"#ddd\" stroke-width=\"15\"><path d=\"M1190 7.5h.1\"><title>4 frames, 256 "
            "bytes</title></path></g>");
  check_has(svg, ">3 of 7 frames; grey blocks hold the rest, &lt;0.1 %</text>");
  free(svg);
  svg = svg_of_lines("a 6400000 0\na;b 64 0\n", (shf_svg_options){.type = SHF_ALLOC_SPACE});
  check_has(svg, "<title>1 frame, 64 bytes</title>");
  free(svg);
}

TEST(svg_wide_grey_blocks_stand_where_the_frames_were) {
  char *svg =
      svg_of_lines("a;b 2560 0\na;c 2560 0\na;d 5120 0\n",
                   (shf_svg_options){.type = SHF_ALLOC_SPACE, .width = 1020, .min_width = 300});
  check_has(svg,
            "<g stroke=\"#ddd\" stroke-width=\"15\"><g><title>2 frames, 5,120 bytes</title>"
            "<path d=\"M10 7.5h500\"/><text x=\"13\"");
  check_has(svg, "<rect x=\"510\" width=\"500\" ");
  free(svg);
}

TEST(svg_counts_in_grey_blocks_are_whole_or_not_there) {
  const char *lines = "a;b 2560 0\na;c 2560 0\na;d 51200 0\n";
  shf_svg_options o = {.type = SHF_ALLOC_SPACE, .width = 520, .min_width = 300};
  char *svg = svg_of_lines(lines, o);
  check_has(
      svg,
      "<g stroke=\"#ddd\" stroke-width=\"15\"><path d=\"M10 7.5h45.5\"><title>2 frames, 5,120 "
      "bytes</title></path></g>");
  free(svg);
}

static shf_profile *wide_and_deep(uint32_t stacks, uint32_t depth) {
  shf_profile *p;
  CHECK_EQ(shf_profile_new(&p), SHF_OK);
  shf_source source = {.interval = 65536, .pid = 1, .types = SHF_HAS_ALLOC, .depth = 128};
  uint32_t row, random = 1;
  CHECK_EQ(shf_profile_source(p, source, &row), SHF_OK);
  for (uint32_t s = 0; s < stacks; s++) {
    uint32_t node = 0;
    for (uint32_t d = 0; d < depth; d++) {
      char name[64];
      random = random * 1664525 + 1013904223;
      snprintf(name, sizeof name, "function%u", d % 4 ? (random >> 16) % 3 : s % 7);
      shf_frame f = {0, 0, (int32_t)(random >> 24), 0, 0};
      CHECK_EQ(shf_profile_string(p, shf_str_of(name), &f.name), SHF_OK);
      CHECK_EQ(shf_profile_string(p, shf_str_of("/srv/app/node_modules/x/y.js"), &f.file), SHF_OK);
      uint32_t frame;
      CHECK_EQ(shf_profile_frame(p, f, &frame), SHF_OK);
      CHECK_EQ(shf_profile_node(p, node, frame, &node), SHF_OK);
    }
    int64_t bytes = 64 * (int64_t)(1 + random % 1000);
    shf_bucket b = {64, {bytes / 64, bytes, 0, 0}, node, row, 1, 0, 0};
    CHECK_EQ(shf_profile_bucket(p, &b), SHF_OK);
  }
  CHECK_EQ(shf_profile_seal(p), SHF_OK);
  return p;
}

static void check_budget(const shf_profile *p, size_t budget) {
  size_t len;
  char *svg = picture_of(p, (shf_svg_options){.type = SHF_ALLOC_SPACE, .max_bytes = budget}, &len);
  CHECK(len <= budget);
  CHECK(len > budget / 2);
  long long value, hidden = blocks(svg, &value);
  CHECK(hidden > 0);
  CHECK_EQ(hidden + count_frames(svg), shf_profile_nodes(p));
  free(svg);
}

TEST(svg_keeps_to_its_byte_budget_and_loses_no_frame) {
  shf_profile *p = wide_and_deep(3000, 20);
  check_budget(p, 400000);
  check_budget(p, 100000);
  check_budget(p, 60000);
  shf_profile_free(p);
}

/* Beside the data: names, the viewer and all. */
static void check_bytes_a_frame(const shf_profile *p, size_t budget) {
  size_t len;
  shf_svg_options o = {.type = SHF_ALLOC_SPACE, .max_bytes = budget};
  char *svg = svg_of(p, o, &len), *data = strstr(svg, "<metadata "), *end = strstr(svg, "<script>");
  CHECK(data && end);
  size_t bytes = len - (size_t)(end - data);
  CHECK(bytes <= 80u * (unsigned)count_frames(svg));
  free(svg);
}

TEST(svg_takes_at_most_80_bytes_a_frame) {
  shf_profile *p = wide_and_deep(3000, 20);
  check_bytes_a_frame(p, 10000000);
  check_bytes_a_frame(p, 1000000);
  shf_profile_free(p);
}

TEST(svg_of_a_stack_of_ten_thousand_keeps_to_its_budget_from_the_root_up) {
  shf_profile *p = wide_and_deep(1, 10000);
  check_budget(p, 400000);
  size_t len;
  shf_svg_options o = {.type = SHF_ALLOC_SPACE, .max_bytes = 10000000};
  char *svg = picture_of(p, o, &len);
  CHECK_EQ(count_frames(svg), 10001);
  free(svg);
  shf_profile_free(p);
}

TEST(svg_draws_wide_frames_of_few_levels_before_the_depth_of_a_recursion) {
  shf_profile *p = test_new(SHF_HAS_ALLOC);
  uint32_t deep = 0, main = test_node(p, 0, shf_str_of("main"));
  for (int i = 0; i < 6000; i++) deep = test_node(p, deep, shf_str_of("walk"));
  for (int i = 0; i < 4; i++) test_block(p, deep);
  test_block(p, test_node(p, main, shf_str_of("load")));
  test_block(p, test_node(p, main, shf_str_of("parse")));
  size_t len;
  shf_svg_options o = {.type = SHF_ALLOC_SPACE, .max_bytes = 150000};
  char *svg = picture_of(test_seal(p), o, &len);
  CHECK(len <= 150000);
  check_has(svg, "<title>main (");
  check_has(svg, "<title>load (");
  check_has(svg, "<title>parse (");
  /* The recursion has the space that is left. */
  CHECK(count_frames(svg) > 500);
  long long value, hidden = blocks(svg, &value);
  CHECK_EQ(hidden + count_frames(svg), 6004);
  free(svg);
  shf_profile_free(p);
}

TEST(svg_that_prunes_takes_what_the_root_itself_holds) {
  shf_profile *p = test_new(SHF_HAS_ALLOC);
  test_block(p, 0);
  for (int i = 0; i < 3000; i++) {
    char name[16];
    snprintf(name, sizeof name, "f%d", i);
    test_block(p, test_node(p, 0, shf_str_of(name)));
  }
  size_t len;
  shf_svg_options o = {.type = SHF_ALLOC_SPACE, .max_bytes = 60000};
  free(svg_of(test_seal(p), o, &len));
  CHECK(len <= 60000);
  shf_profile_free(p);
}

/* ---- XML -------------------------------------------------------------------------- */

/* A profile of names and files that hold every byte, alone and among others. */
static shf_profile *any_bytes(void) {
  shf_profile *p;
  CHECK_EQ(shf_profile_new(&p), SHF_OK);
  shf_source source = {.interval = 65536, .pid = 1, .types = SHF_HAS_ALLOC, .depth = 128};
  uint32_t row;
  CHECK_EQ(shf_profile_source(p, source, &row), SHF_OK);
  for (unsigned i = 0; i < 256; i++) {
    char name[] = {'<', (char)i, '&', (char)i, (char)(0x80 | (i & 63)), '"', '\0', '>', 'x'};
    shf_frame f = {0, 0, 1, 1, 0};
    CHECK_EQ(shf_profile_string(p, (shf_str){name, sizeof name}, &f.name), SHF_OK);
    CHECK_EQ(shf_profile_string(p, (shf_str){name, 5}, &f.file), SHF_OK);
    uint32_t frame, node;
    CHECK_EQ(shf_profile_frame(p, f, &frame), SHF_OK);
    CHECK_EQ(shf_profile_node(p, 0, frame, &node), SHF_OK);
    shf_bucket b = {64, {100, 6400, 0, 0}, node, row, 1, 0, 0};
    CHECK_EQ(shf_profile_bucket(p, &b), SHF_OK);
  }
  CHECK_EQ(shf_profile_seal(p), SHF_OK);
  return p;
}

static void check_escaped(const char *bytes, size_t len, const char *expected) {
  shf_xml x;
  shf__xml_hold(&x);
  shf__xml_text(&x, (shf_str){bytes, len});
  x.buffer[x.used] = 0;
  CHECK_TEXT(x.buffer, expected);
}
#define ESCAPED(text, expected) check_escaped(text, sizeof text - 1, expected)
#define FFFD "\xEF\xBF\xBD"

TEST(svg_escapes_any_bytes) {
  ESCAPED("a<b>&\"'c", "a&lt;b&gt;&amp;&quot;'c");
  ESCAPED("a\nb\tc\r\x7F", "a" FFFD "b" FFFD "c" FFFD FFFD);
  ESCAPED("nul\0nul", "nul" FFFD "nul");
  ESCAPED("\xE7\xBF\xBB \xF0\x9F\x8E\x89 \xC3\xA9", "\xE7\xBF\xBB \xF0\x9F\x8E\x89 \xC3\xA9");
  ESCAPED("\xEF\xBF\xBE\xEF\xBF\xBF", FFFD FFFD);            /* U+FFFE, U+FFFF */
  ESCAPED("\xC2\x85z", FFFD "z");                            /* a C1 control */
  ESCAPED("\xED\xA0\x80", FFFD FFFD FFFD);                   /* a surrogate */
  ESCAPED("\xC0\xAF\xE0\x80\xAF", FFFD FFFD FFFD FFFD FFFD); /* overlong */
  ESCAPED("\xF4\x90\x80\x80", FFFD FFFD FFFD FFFD);          /* above U+10FFFF */
  ESCAPED("\xF0\x9F\x8Ez", FFFD "z");                        /* cut short */
  ESCAPED("z\xE7\xBF", "z" FFFD);
}

/* The exit status of a tool that reads an SVG of the profile. */
static int judge(const shf_profile *p, shf_svg_options o, const char *command) {
  char path[] = "/tmp/shf_svg_XXXXXX", line[256];
  int fd = mkstemp(path);
  CHECK(fd >= 0);
  shf_sink *sink;
  CHECK_EQ(shf_sink_fd(fd, &sink), SHF_OK);
  CHECK_EQ(shf_svg_write(p, &o, sink), SHF_OK);
  CHECK_EQ(shf_sink_finish(sink, NULL), SHF_OK);
  shf_sink_free(sink);
  close(fd);
  snprintf(line, sizeof line, command, path);
  int status = system(line);
  unlink(path);
  return status;
}

static shf_svg_options hostile(void) {
  return (shf_svg_options){
      .type = SHF_ALLOC_SPACE, .title = {"a & <b> \"\0\xFF", 11}, .subtitle = {"\x01]]>--\xF0", 7}};
}

TEST(svg_is_well_formed_for_any_bytes_by_xmllint) {
  if (system("xmllint --version >/dev/null 2>&1") != 0) SKIP("xmllint is not installed");
  shf_profile *p = any_bytes();
  CHECK_EQ(judge(p, hostile(), "xmllint --noout %s"), 0);
  shf_profile_free(p);
}

TEST(svg_is_drawn_by_rsvg_convert) {
  if (system("rsvg-convert --version >/dev/null 2>&1") != 0) SKIP("rsvg-convert is not installed");
  shf_profile *p = any_bytes();
  CHECK_EQ(judge(p, hostile(), "rsvg-convert %s >/dev/null"), 0);
  shf_profile_free(p);
}

/* ---- Contract ------------------------------------------------------------------------ */

TEST(svg_is_the_same_whatever_order_stacks_came_in) {
  char *one = svg_of_lines("a;b 640 0\na;c 64 0\nd@/x.js:1:2 64 0\n",
                           (shf_svg_options){.type = SHF_ALLOC_SPACE});
  char *two = svg_of_lines("d@/x.js:1:2 64 0\na;c 64 0\na;b 640 0\n",
                           (shf_svg_options){.type = SHF_ALLOC_SPACE});
  CHECK_TEXT(one, two);
  free(one);
  free(two);
}

static int write_code(const shf_profile *p, shf_svg_options o) {
  shf_sink *sink = test_sink();
  int code = shf_svg_write(p, &o, sink);
  shf_sink_free(sink);
  return code;
}

TEST(svg_refuses_a_type_that_the_profile_does_not_know) {
  shf_profile *p = wide_and_deep(1, 1);
  CHECK_EQ(write_code(p, (shf_svg_options){.type = SHF_INUSE_SPACE}), SHF_E_ABSENT);
  shf_profile_free(p);
}

TEST(svg_refuses_options_out_of_range) {
  shf_profile *p = test_profile(shop);
  CHECK_EQ(write_code(p, (shf_svg_options){.type = SHF_TYPES}), SHF_E_ARG);
  CHECK_EQ(write_code(p, (shf_svg_options){.type = SHF_ALLOC_SPACE, .width = 100}), SHF_E_ARG);
  CHECK_EQ(write_code(p, (shf_svg_options){.type = SHF_ALLOC_SPACE, .height = 1}), SHF_E_ARG);
  CHECK_EQ(write_code(p, (shf_svg_options){.type = SHF_ALLOC_SPACE, .min_width = -1}), SHF_E_ARG);
  shf_str pink = shf_str_of("pink");
  CHECK_EQ(write_code(p, (shf_svg_options){.type = SHF_ALLOC_SPACE, .colors = pink}), SHF_E_ARG);
  shf_profile_free(p);
}

TEST(svg_reports_a_failure_of_its_sink) {
  shf_profile *p = test_profile(shop);
  shf_sink *sink;
  CHECK_EQ(shf_sink_fd(-1, &sink), SHF_OK);
  int code = shf_svg_write(p, &(shf_svg_options){.type = SHF_ALLOC_SPACE}, sink);
  if (code == SHF_OK) code = shf_sink_finish(sink, NULL);
  CHECK_EQ(code, SHF_E_IO);
  shf_sink_free(sink);
  shf_profile_free(p);
}
