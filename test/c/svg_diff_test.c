/* A difference as a picture. */
#include <unistd.h>

#include "picture.h"
#include "svg.h"

static const char was[] =
    "main@/srv/a.js:1:1;stays@/srv/a.js:5:1 6553600 0\n"
    "main@/srv/a.js:1:1;less@/srv/a.js:9:1 13107200 0\n"
    "main@/srv/a.js:1:1;more@/srv/a.js:12:1 6553600 0\n"
    "main@/srv/a.js:1:1;lost@/srv/b.js:3:7;leaf@/srv/b.js:8:1 3276800 0\n";
static const char is[] =
    "main@/srv/a.js:1:1;stays@/srv/a.js:5:1 6619136 0\n"
    "main@/srv/a.js:1:1;less@/srv/a.js:9:1 6553600 0\n"
    "main@/srv/a.js:1:1;more@/srv/a.js:12:1 13107200 0\n"
    "main@/srv/a.js:1:1;found@/srv/c.js:2:2 19660800 0\n";

static char *svg_of_difference(const char *before, const char *after, shf_svg_options o) {
  shf_profile *d = test_diff(before, after, false);
  char *svg = svg_of(d, o, NULL);
  shf_profile_free(d);
  return svg;
}

/* What stands on the frame whose title begins so: from its rect to the end of its label. */
static void check_frame(const char *svg, const char *title, const char *part) {
  test_checked();
  const char *at = strstr(frames_of(svg), title), *end = at ? strstr(at, "</g>") : NULL;
  const char *found = at ? strstr(at, part) : NULL;
  if (!found || found > end) test_fail(__FILE__, __LINE__, "no %s at %s in\n%s", part, title, svg);
}

TEST(svg_of_a_difference_is_this_picture) {
  shf_profile *d = test_diff(was, is, false);
  size_t len;
  char *svg = svg_of(
      d,
      (shf_svg_options){
          .type = SHF_ALLOC_SPACE, .title = shf_str_of("server.js"), .cwd = shf_str_of("/srv")},
      &len);
  check_golden("difference.svg", svg, without_script(svg, len));
  free(svg);
  shf_profile_free(d);
}

/* Widths are of 55,771,136 bytes: the larger side of each leaf; an outline is a px narrower. */
TEST(svg_of_a_difference_keeps_the_place_of_what_is_gone) {
  char *svg = svg_of_difference(was, is, (shf_svg_options){.type = SHF_ALLOC_SPACE, .width = 1020});
  check_frame(svg, "<title>lost (", "stroke-dasharray=");
  check_frame(svg, "<title>lost (", " width=\"57.8\"");
  check_frame(svg, "<title>found (", " width=\"351.5\"");
  check_frame(svg, "<title>stays (", " width=\"118.7\"");
  check_frame(svg, "<title>leaf (", ">gone");
  free(svg);
}

TEST(svg_of_a_difference_has_both_sides_in_titles) {
  char *svg = svg_of_difference(was, is, (shf_svg_options){.type = SHF_ALLOC_SPACE});
  check_has(svg,
            "<title>main (/srv/a.js:1:1) (before 29,491,200 \xE2\x86\x92 after 45,940,736 bytes, "
            "+55.8%)</title>");
  check_has(svg,
            "<title>less (/srv/a.js:9:1) (before 13,107,200 \xE2\x86\x92 after 6,553,600 bytes, "
            "-50.0%, self -6,553,600)</title>");
  check_has(svg, " after 6,619,136 bytes, +1.0%, self +65,536, within noise)</title>");
  check_has(svg, "(before 0 \xE2\x86\x92 after 19,660,800 bytes, new, self +19,660,800)</title>");
  check_has(svg, " after 0 bytes, gone, self -3,276,800)</title>");
  free(svg);
}

TEST(svg_of_a_difference_has_signs_in_labels_and_colours_by_change) {
  char *svg = svg_of_difference(was, is, (shf_svg_options){.type = SHF_ALLOC_SPACE});
  check_frame(svg, "<title>all (", ">+56% all<");
  check_frame(svg, "<title>all (", "fill=\"#f73\"");
  check_frame(svg, "<title>less (", ">-50% less<");
  check_frame(svg, "<title>less (", "fill=\"#6bf\"");
  check_frame(svg, "<title>more (", ">+100% more<");
  check_frame(svg, "<title>more (", "fill=\"#f93\"");
  check_frame(svg, "<title>found (", ">new found<");
  check_frame(svg, "<title>found (", "stroke=\"#222\" stroke-width=\"1\"/>");
  check_frame(svg, "<title>stays (", ">stays<");
  check_frame(svg, "<title>stays (", "fill=\"#eee\"");
  free(svg);
}

TEST(svg_of_a_difference_never_cuts_a_number) {
  for (uint32_t width = 200; width < 400; width++) {
    char *svg =
        svg_of_difference(was, is, (shf_svg_options){.type = SHF_ALLOC_SPACE, .width = width});
    const char *numbers[] = {">+100%", ">-50%", ">+56%", ">new", ">gone"};
    const char *cuts[] = {">+1\xE2\x80\xA6", ">+10\xE2\x80\xA6", ">+100\xE2\x80\xA6",
                          ">-5\xE2\x80\xA6", ">-50\xE2\x80\xA6", ">ne\xE2\x80\xA6",
                          ">go\xE2\x80\xA6"};
    CHECK(strstr(frames_of(svg), numbers[2]) != NULL);
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) check_lacks(svg, cuts[i]);
    free(svg);
  }
}

TEST(svg_of_a_difference_says_both_totals_their_error_and_the_verdict) {
  char *svg = svg_of_difference(was, is, (shf_svg_options){.type = SHF_ALLOC_SPACE});
  check_has(svg, "29.5 MB \xE2\x86\x92 45.9 MB, +55.8%</tspan>");
  check_has(svg, "%, grew, 99% confidence</tspan>");
  check_has(svg, ">29,491,200 \xE2\x86\x92 45,940,736 bytes, +16,449,536 \xC2\xB1 ");
  check_has(svg, "\"legend\">\n<text x=\"10\" y=\"74\" font-size=\"11\">shrank</text>");
  check_has(svg, ">unchanged or within noise</text>");
  check_has(svg, "strongest: at least half of the largest change, 19.7 MB</text>");
  free(svg);
  svg = svg_of_difference(is, was, (shf_svg_options){.type = SHF_ALLOC_SPACE});
  check_has(svg, "%, shrank, 99% confidence</tspan>");
  free(svg);
  svg = svg_of_difference("a 6553600 0\n", "a 6619136 0\n",
                          (shf_svg_options){.type = SHF_ALLOC_SPACE});
  check_has(svg, "%, within noise</tspan>");
  free(svg);
}

TEST(svg_desc_of_a_difference_names_what_changed_most) {
  char *svg = svg_of_difference(
      was, is, (shf_svg_options){.type = SHF_ALLOC_SPACE, .cwd = shf_str_of("/srv")});
  check_has(svg,
            ". Changed most: found (c.js:2:2) +19,660,800 bytes, new; less (a.js:9:1) -6,553,600 "
            "bytes, -50.0%; more (a.js:12:1) +6,553,600 bytes, +100.0%; leaf (b.js:8:1) -3,276,800 "
            "bytes, gone; stays (a.js:5:1) +65,536 bytes, +1.0%, within noise.</desc>");
  free(svg);
}

TEST(svg_of_a_difference_has_dark_colours_for_all_that_it_draws) {
  char *svg = svg_of_difference(was, is, (shf_svg_options){.type = SHF_ALLOC_SPACE});
  check_has(
      svg, "[stroke=\"#fff\"]{stroke:" SHF_PAGE_DARK "}#shap-flame [stroke=\"#222\"]{stroke:#eee}");
  for (const char *f = strstr(svg, "<rect "); f && (f = strstr(f, " fill=\"#")); f++) {
    char rule[32];
    snprintf(rule, sizeof rule, "[fill=\"%.4s\"]{fill:#", f + 7);
    check_has(svg, rule);
  }
  free(svg);
}

TEST(svg_of_equal_profiles_shows_no_change) {
  char *svg = svg_of_difference(was, was, (shf_svg_options){.type = SHF_ALLOC_SPACE});
  check_has(svg, "29.5 MB \xE2\x86\x92 29.5 MB, unchanged</tspan>");
  check_has(svg, ". No function changed.</desc>");
  check_lacks(frames_of(svg), "fill=\"#f");
  check_lacks(frames_of(svg), "fill=\"#c");
  check_lacks(svg, "within noise)");
  free(svg);
}

TEST(svg_of_a_difference_from_nothing_is_all_new) {
  char *svg = svg_of_difference("", is, (shf_svg_options){.type = SHF_ALLOC_SPACE});
  check_has(svg, "0 B \xE2\x86\x92 45.9 MB, new</tspan>");
  check_frame(svg, "<title>all (", ">new all<");
  free(svg);
}

TEST(svg_of_a_difference_reversed_keeps_its_sides_and_its_scale) {
  shf_profile *d = test_diff(was, is, true);
  shf_svg_options o = {.type = SHF_ALLOC_SPACE};
  char *forward = svg_of(d, o, NULL);
  o.reverse = true;
  char *svg = svg_of(d, o, NULL);
  check_frame(svg, "<title>found (", "after 19,660,800 bytes, new)");
  /* rows are written from the root up */
  CHECK(strstr(svg, "<title>main (") > strstr(svg, "<title>found ("));
  /* the head, the error in it, is the same */
  const char *total = strstr(forward, "id=\"facts\">"), *end = total ? strchr(total, '<') : NULL;
  char facts[256];
  if (end) {
    snprintf(facts, sizeof facts, "%.*s", (int)(end - total), total);
    check_has(svg, facts);
  }
  free(forward);
  free(svg);
  shf_profile_free(d);
}

/* So many stacks of three functions each; free() it. */
static char *many(uint32_t from, uint32_t to) {
  char *lines = malloc((size_t)(to - from) * 64 + 1);
  if (!lines) abort();
  size_t at = 0;
  for (uint32_t i = from; i < to; i++)
    at += (size_t)sprintf(lines + at, "all%u;work%u;leaf%u %u 0\n", i % 7, i % 90, i,
                          (i % 50 + 1) * 6400);
  return lines;
}

TEST(svg_of_a_difference_keeps_to_its_byte_budget) {
  char *before = many(0, 3000), *after = many(1000, 4000);
  shf_profile *d = test_diff(before, after, false);
  size_t len;
  char *svg = svg_of(d, (shf_svg_options){.type = SHF_ALLOC_SPACE, .max_bytes = 80000}, &len);
  CHECK(len <= 80000);
  check_has(svg, " frames, before ");
  check_has(svg, " frames; grey blocks hold the rest");
  free(svg);
  free(before);
  free(after);
  shf_profile_free(d);
}

static int judge(const char *command) {
  char path[] = "/tmp/shf_svg_XXXXXX", line[256];
  int fd = mkstemp(path);
  CHECK(fd >= 0);
  shf_profile *d = test_diff("a\x01<b>;c\xFF 6400 0\n", "a\x01<b>;d&\" 64000 0\n", false);
  shf_sink *sink;
  CHECK_EQ(shf_sink_fd(fd, &sink), SHF_OK);
  CHECK_EQ(shf_svg_write(d, &(shf_svg_options){.type = SHF_ALLOC_SPACE}, sink), SHF_OK);
  CHECK_EQ(shf_sink_finish(sink, NULL), SHF_OK);
  shf_sink_free(sink);
  shf_profile_free(d);
  close(fd);
  snprintf(line, sizeof line, command, path);
  int status = system(line);
  unlink(path);
  return status;
}

TEST(svg_of_a_difference_is_well_formed_for_any_bytes_by_xmllint) {
  if (system("xmllint --version >/dev/null 2>&1") != 0) SKIP("xmllint is not installed");
  CHECK_EQ(judge("xmllint --noout %s"), 0);
}

TEST(svg_of_a_difference_is_drawn_by_rsvg_convert) {
  if (system("rsvg-convert --version >/dev/null 2>&1") != 0) SKIP("rsvg-convert is not installed");
  CHECK_EQ(judge("rsvg-convert %s >/dev/null"), 0);
}

/* [before, after] of the first row: what the viewer adds up. */
TEST(svg_data_of_a_difference_has_both_sides) {
  char *svg = svg_of_difference("a 6400 0\n", "a 12800 0\nb 640 0\n",
                                (shf_svg_options){.type = SHF_ALLOC_SPACE});
  check_has(svg, "\n\"ramp\":124");
  check_has(svg, "\n\"before\":[[100,0],[6400,0]");
  check_has(svg, "\n\"after\":[[200,10],[12800,640]");
  check_lacks(svg, "\n\"self\":");
  free(svg);
}
