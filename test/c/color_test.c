#include "color.h"

#include <math.h>

#include "svg.h"
#include "test.h"

static double channel(unsigned value) {
  double c = value / 255.0;
  return c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4);
}

/* WCAG 2's relative luminance of #rgb or #rrggbb. */
static double luminance(const char *color) {
  unsigned r = 0, g = 0, b = 0;
  if (strlen(color) == 4) {
    CHECK_EQ(sscanf(color, "#%1x%1x%1x", &r, &g, &b), 3);
    r *= 17, g *= 17, b *= 17;
  } else {
    CHECK_EQ(sscanf(color, "#%2x%2x%2x", &r, &g, &b), 3);
  }
  return 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
}

static double contrast(const char *a, const char *b) {
  double l = luminance(a), d = luminance(b);
  return ((l > d ? l : d) + 0.05) / ((l > d ? d : l) + 0.05);
}

static void check_contrast(const char *ink, const char *fill) {
  double c = contrast(ink, fill);
  if (c < 4.5) test_fail(__FILE__, __LINE__, "%s on %s has a contrast of %.2f", ink, fill, c);
}

TEST(color_contrast_is_the_one_that_wcag_defines) {
  CHECK(fabs(contrast("#000", "#fff") - 21) < 0.01);
  CHECK(fabs(contrast("#777777", "#fff") - 4.48) < 0.01);
}

TEST(color_labels_can_be_read_on_every_fill_in_light_and_dark) {
  for (uint32_t i = 0; i < SHF_PAINTS; i++) {
    check_contrast(SHF_INK_LIGHT, shf__paint_at(i)->light);
    check_contrast(SHF_INK_DARK, shf__paint_at(i)->dark);
  }
}

TEST(color_texts_can_be_read_on_the_page_in_light_and_dark) {
  check_contrast(SHF_INK_LIGHT, SHF_PAGE_LIGHT);
  check_contrast(SHF_INK_DARK, SHF_PAGE_DARK);
  check_contrast(SHF_MUTED_LIGHT, SHF_PAGE_LIGHT);
  check_contrast(SHF_MUTED_DARK, SHF_PAGE_DARK);
}

/* The dark style finds a fill by its light value. */
TEST(color_light_values_are_all_different) {
  const char *page[] = {SHF_PAGE_LIGHT, SHF_INK_LIGHT, SHF_MUTED_LIGHT};
  for (uint32_t i = 0; i < SHF_PAINTS; i++) {
    const char *light = shf__paint_at(i)->light;
    CHECK_EQ(strlen(light), 4);
    for (uint32_t j = 0; j < i; j++) CHECK(strcmp(light, shf__paint_at(j)->light) != 0);
    for (uint32_t j = 0; j < 3; j++) CHECK(strcmp(light, page[j]) != 0);
  }
}

static uint32_t frame_at_depth_one(const shf_profile *p, const char *name) {
  for (uint32_t f = 0; f < shf_profile_frames(p); f++)
    if (shf_str_compare(shf_frame_name(p, f), shf_str_of(name)) == 0) return f;
  test_fail(__FILE__, __LINE__, "no frame %s", name);
  return 0;
}

static uint32_t paint(const shf_profile *p, const char *name) {
  return shf__paint_of(p, frame_at_depth_one(p, name), 0);
}

TEST(color_a_package_has_one_hue_wherever_it_is_installed) {
  shf_profile *p = test_profile(
      "a@/srv/one/node_modules/@babel/core/lib/index.js:1:1 64 64\n"
      "b@/home/two/node_modules/x/node_modules/@babel/core/src/other.js:9:1 64 64\n");
  uint32_t base = shf__paint_of_package(shf_str_of("@babel/core"));
  CHECK(paint(p, "a") - base < 3);
  CHECK(paint(p, "b") - base < 3);
  shf_profile_free(p);
}

TEST(color_categories_do_not_share_colors) {
  shf_profile *p = test_profile(
      "app@/srv/a.js:1:1 64 64\n"
      "package@/srv/node_modules/x/a.js:1:1 64 64\n"
      "node@node:events:1:1 64 64\n"
      "(GC) 64 64\n"
      "(off-heap) 64 64\n"
      "route: /a 64 64\n");
  const char *names[] = {"app", "package", "node", "(GC)", "(off-heap)", "route: /a"};
  enum shf_category categories[] = {SHF_CAT_APP, SHF_CAT_PACKAGE, SHF_CAT_NODE,
                                    SHF_CAT_V8,  SHF_CAT_OFFHEAP, SHF_CAT_LABEL};
  for (int i = 0; i < 6; i++) {
    uint32_t own = paint(p, names[i]);
    CHECK(own >= shf__paint_of_category(categories[i]));
    CHECK(own < SHF_PAINT_PRUNED);
    if (i < 5) CHECK(own < shf__paint_of_category(categories[i + 1]));
  }
  shf_profile_free(p);
}

TEST(color_the_same_function_has_the_same_color_in_every_profile) {
  shf_profile *p = test_profile("a@/x.js:1:1;b@/y.js:2:2 64 64\n");
  shf_profile *q = test_profile("z@/q.js:1:1 64 64\nb@/y.js:2:2 640 64\n");
  CHECK_EQ(paint(p, "b"), paint(q, "b"));
  shf_profile_free(p);
  shf_profile_free(q);
}

TEST(color_schemes_are_flamegraph_pl_s_by_name) {
  static const char *const names[] = {"hot",    "mem",   "io",   "red",   "orange",
                                      "yellow", "green", "aqua", "blue",  "purple",
                                      "js",     "java",  "perl", "chain", "wakeup"};
  shf_profile *p = test_profile("a@/x.js:1:1;b@node:fs:1:1;(GC) 64 64\n");
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    int scheme = shf__scheme_of(shf_str_of(names[i]));
    CHECK(scheme > 0);
    for (uint32_t f = 0; f < shf_profile_frames(p); f++) {
      uint32_t at = shf__paint_of(p, f, scheme);
      CHECK(at > SHF_PAINT_PRUNED && at < SHF_PAINTS);
    }
  }
  CHECK_EQ(shf__scheme_of(shf_str_of("")), 0);
  CHECK_EQ(shf__scheme_of(shf_str_of("hots")), -1);
  shf_profile_free(p);
}

TEST(color_of_places_differs_in_scheme_js) {
  shf_profile *p = test_profile("a@/x.js:1:1;b@node:fs:1:1 64 64\n");
  int js = shf__scheme_of(shf_str_of("js"));
  uint32_t app = shf__paint_of(p, frame_at_depth_one(p, "a"), js);
  uint32_t node = shf__paint_of(p, frame_at_depth_one(p, "b"), js);
  CHECK((app - SHF_PAINT_PRUNED - 1) / 6 != (node - SHF_PAINT_PRUNED - 1) / 6);
  shf_profile_free(p);
}

TEST(color_of_a_change_is_by_its_share_of_the_largest) {
  uint32_t middle = SHF_PAINT_RAMP + SHF_RAMP_STEPS;
  CHECK_EQ(shf__paint_of_change(0, 100), middle);
  CHECK_EQ(shf__paint_of_change(0, 0), middle);
  CHECK_EQ(shf__paint_of_change(1, 100), middle + 1);
  CHECK_EQ(shf__paint_of_change(5, 100), middle + 2);
  CHECK_EQ(shf__paint_of_change(20, 100), middle + 3);
  CHECK_EQ(shf__paint_of_change(50, 100), middle + 4);
  CHECK_EQ(shf__paint_of_change(100, 100), SHF_PAINTS - 1);
  CHECK_EQ(shf__paint_of_change(-1, 100), middle - 1);
  CHECK_EQ(shf__paint_of_change(-100, 100), SHF_PAINT_RAMP);
}

/* Without hues the strength still rises to both ends, in light and in dark. */
TEST(color_of_a_change_is_stronger_the_larger_it_is) {
  const uint32_t middle = SHF_PAINT_RAMP + SHF_RAMP_STEPS;
  for (uint32_t step = 2; step <= SHF_RAMP_STEPS; step++) {
    for (int side = -1; side <= 1; side += 2) {
      const shf_paint *weak = shf__paint_at(side < 0 ? middle - step + 1 : middle + step - 1);
      const shf_paint *strong = shf__paint_at(side < 0 ? middle - step : middle + step);
      CHECK(luminance(strong->light) < luminance(weak->light));
      CHECK(luminance(strong->dark) > luminance(weak->dark));
    }
  }
}
