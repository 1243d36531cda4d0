/* A frame as text, as a path, as a category. */
#include "test.h"

/* A sealed profile of that one frame, which is row 0. */
static shf_profile *one_frame(shf_str name, const char *file, int32_t line, int32_t column) {
  shf_profile *p;
  shf_frame f = {0, 0, line, column, 0};
  uint32_t frame;
  if (shf_profile_new(&p) != SHF_OK) abort();
  CHECK_EQ(shf_profile_string(p, name, &f.name), SHF_OK);
  CHECK_EQ(shf_profile_string(p, shf_str_of(file), &f.file), SHF_OK);
  CHECK_EQ(shf_profile_frame(p, f, &frame), SHF_OK);
  CHECK_EQ(shf_profile_seal(p), SHF_OK);
  return p;
}

static void check_text(const char *name, const char *file, int32_t line, int32_t column,
                       const char *expected) {
  shf_profile *p = one_frame(shf_str_of(name), file, line, column);
  shf_sink *sink = test_sink();
  char *text = test_written(sink, shf_frame_text(p, 0, sink), NULL);
  CHECK_TEXT(text, expected);
  free(text);
  shf_profile_free(p);
}

TEST(frame_text_has_name_file_line_and_column) {
  check_text("parse", "/app/a.js", 12, 3, "parse (/app/a.js:12:3)");
}
TEST(frame_text_without_a_column) {
  check_text("parse", "/app/a.js", 12, 0, "parse (/app/a.js:12)");
}
TEST(frame_text_without_a_line_has_no_column_either) {
  check_text("parse", "/app/a.js", 0, 3, "parse (/app/a.js)");
  check_text("parse", "/app/a.js", -1, -1, "parse (/app/a.js)");
}
TEST(frame_text_without_a_file_is_the_name) {
  check_text("(GC)", "", 1, 1, "(GC)");
}
TEST(frame_text_without_a_name) {
  check_text("", "/app/a.js", 1, 1, "(anonymous) (/app/a.js:1:1)");
  check_text("", "", 0, 0, "(anonymous)");
}
TEST(frame_text_without_the_scheme) {
  check_text("f", "file:///app/a.mjs", 1, 2, "f (/app/a.mjs:1:2)");
}

TEST(frame_text_keeps_nul) {
  shf_profile *p = one_frame((shf_str){"a\0b", 3}, "", 0, 0);
  shf_sink *sink = test_sink();
  size_t len;
  char *text = test_written(sink, shf_frame_text(p, 0, sink), &len);
  CHECK(len == 3 && memcmp(text, "a\0b", 3) == 0);
  free(text);
  shf_profile_free(p);
}

static void check_path(const char *file, const char *expected) {
  shf_profile *p = one_frame(shf_str_of("f"), file, 1, 1);
  CHECK_EQ(shf_str_compare(shf_frame_path(p, 0), shf_str_of(expected)), 0);
  shf_profile_free(p);
}

TEST(frame_path_is_without_file_scheme_only) {
  check_path("file:///a/b.mjs", "/a/b.mjs");
  check_path("/a/b.js", "/a/b.js");
  check_path("node:fs", "node:fs");
  check_path("https://example.com/a.js", "https://example.com/a.js");
  check_path("file:", "file:");
  check_path("file:///", "/");
  check_path("file:///C:/a/b.mjs", "C:/a/b.mjs");
  check_path("file:///C:", "/C:");
  check_path("C:\\a\\b.js", "C:\\a\\b.js");
  check_path("", "");
}

static void check_category(const char *name, const char *file, enum shf_category expected,
                           const char *expected_package) {
  shf_profile *p = one_frame(shf_str_of(name), file, 1, 1);
  shf_str package = {"unset", 5};
  CHECK_EQ(shf_frame_category(p, 0, &package), expected);
  CHECK_EQ(package.len, strlen(expected_package));
  CHECK(memcmp(package.ptr, expected_package, package.len) == 0);
  CHECK_EQ(shf_frame_category(p, 0, NULL), expected);
  shf_profile_free(p);
}

TEST(category_of_the_program_s_own_files) {
  check_category("f", "/app/a.js", SHF_CAT_APP, "");
  check_category("f", "file:///app/a.mjs", SHF_CAT_APP, "");
  check_category("f", "[eval]", SHF_CAT_APP, "");
}
TEST(category_of_a_package) {
  check_category("f", "/app/node_modules/lodash/a.js", SHF_CAT_PACKAGE, "lodash");
  check_category("f", "file:///app/node_modules/lodash/a.js", SHF_CAT_PACKAGE, "lodash");
  check_category("f", "node_modules/lodash/a.js", SHF_CAT_PACKAGE, "lodash");
  check_category("f", "/app/node_modules/one.js", SHF_CAT_PACKAGE, "one.js");
}
TEST(category_of_a_package_with_a_scope) {
  check_category("f", "/app/node_modules/@babel/core/lib/a.js", SHF_CAT_PACKAGE, "@babel/core");
  check_category("f", "/app/node_modules/@babel", SHF_CAT_PACKAGE, "@babel");
}
TEST(category_of_a_package_on_windows) {
  check_category("f", "C:\\app\\node_modules\\lodash\\a.js", SHF_CAT_PACKAGE, "lodash");
  check_category("f", "C:\\app\\node_modules\\@babel\\core\\a.js", SHF_CAT_PACKAGE, "@babel\\core");
  check_category("f", "C:\\app\\my_node_modules\\a\\x.js", SHF_CAT_APP, "");
}
TEST(category_of_a_package_in_a_package) {
  check_category("f", "/app/node_modules/a/node_modules/b/x.js", SHF_CAT_PACKAGE, "b");
  check_category("f", "/app/node_modules/.pnpm/a@1.0.0/node_modules/@s/a/x.js", SHF_CAT_PACKAGE,
                 "@s/a");
}
TEST(category_of_a_folder_that_only_looks_so) {
  check_category("f", "/app/my_node_modules/a/x.js", SHF_CAT_APP, "");
  check_category("f", "/app/node_modules", SHF_CAT_APP, "");
  check_category("f", "/app/node_modules/", SHF_CAT_APP, "");
  check_category("f", "/app/node_modules//a.js", SHF_CAT_APP, "");
}
TEST(category_of_node) {
  check_category("readFileSync", "node:fs", SHF_CAT_NODE, "");
  check_category("f", "node:internal/modules/cjs/loader", SHF_CAT_NODE, "");
}
TEST(category_of_v8) {
  check_category("(GC)", "", SHF_CAT_V8, "");
  check_category("(V8 API)", "", SHF_CAT_V8, "");
  check_category("", "", SHF_CAT_V8, "");
}
TEST(category_of_offheap) {
  check_category("(off-heap)", "", SHF_CAT_OFFHEAP, "");
}
TEST(category_of_roots_and_sums) {
  check_category("(truncated)", "", SHF_CAT_OTHER, "");
  check_category("process 12 (node app.js)", "", SHF_CAT_OTHER, "");
  check_category("worker 1", "", SHF_CAT_OTHER, "");
  check_category("(12 frames below 5%)", "", SHF_CAT_OTHER, "");
}

TEST(categories_have_names) {
  CHECK_TEXT(shf_category_name(SHF_CAT_APP), "app");
  CHECK_TEXT(shf_category_name(SHF_CAT_PACKAGE), "package");
  CHECK_TEXT(shf_category_name(SHF_CAT_NODE), "node");
  CHECK_TEXT(shf_category_name(SHF_CAT_V8), "v8");
  CHECK_TEXT(shf_category_name(SHF_CAT_OFFHEAP), "offheap");
  CHECK_TEXT(shf_category_name(SHF_CAT_OTHER), "other");
  CHECK_TEXT(shf_category_name(SHF_CATEGORIES), "other");
}
