#include "viewer.h"

#include <unistd.h>

#include "test.h"

TEST(viewer_script_and_style_are_26_kb_at_most) {
  CHECK(shf__viewer_bytes <= 26 * 1024);
  CHECK_EQ(strlen(shf__viewer_script), shf__viewer_bytes);
}

TEST(viewer_script_can_stand_in_a_cdata_section) {
  CHECK(strstr(shf__viewer_script, "]]>") == NULL);
  for (size_t i = 0; i < shf__viewer_bytes; i++) {
    unsigned char c = (unsigned char)shf__viewer_script[i];
    CHECK(c >= 0x20 || c == '\n');
  }
}

/* The script of a file, and its length. */
static const char *script_of(const char *svg, size_t *len) {
  static const char before[] = "<script><![CDATA[";
  const char *from = strstr(svg, before), *to = strstr(svg, "]]></script>");
  CHECK(from && to);
  if (!from || !to) return NULL;
  from += sizeof before - 1;
  *len = (size_t)(to - from);
  return from;
}

TEST(viewer_is_the_same_in_every_file) {
  static const char *const lines[] = {"a 64 64\n", "b;c@/x/y.js:1:1 6400 0\n"};
  for (int i = 0; i < 2; i++) {
    shf_profile *p = test_profile(lines[i]);
    shf_sink *sink = test_sink();
    char *svg = test_written(
        sink,
        shf_svg_write(p, &(shf_svg_options){.type = SHF_ALLOC_SPACE, .inverted = i == 1}, sink),
        NULL);
    size_t len = 0;
    const char *script = script_of(svg, &len);
    CHECK_EQ(len, shf__viewer_bytes);
    CHECK(script && memcmp(script, shf__viewer_script, len) == 0);
    free(svg);
    shf_profile_free(p);
  }
}

TEST(viewer_needs_no_handler_in_attributes_and_no_eval) {
  static const char *const none[] = {" onclick=", " onload=", "eval(", "new Function", "http://"};
  for (size_t i = 0; i < 4; i++) CHECK(strstr(shf__viewer_script, none[i]) == NULL);
  /* One address: the name of XHTML. */
  const char *at = strstr(shf__viewer_script, none[4]);
  CHECK(at && strncmp(at, "http://www.w3.org/1999/xhtml", 28) == 0);
  CHECK(at && strstr(at + 1, none[4]) == NULL);
}

TEST(viewer_data_is_made_of_the_viewer_s_files) {
  if (system("node --version >/dev/null 2>&1") != 0) SKIP("node is not installed");
  CHECK_EQ(system("node ../../flamegraph/build_viewer.js --check"), 0);
}

TEST(viewer_hash_is_that_of_its_bytes) {
  if (system("node --version >/dev/null 2>&1") != 0) SKIP("node is not installed");
  char path[] = "/tmp/shf_viewer_XXXXXX", line[256], digest[128] = "";
  int fd = mkstemp(path);
  CHECK(fd >= 0);
  FILE *file = fdopen(fd, "w");
  CHECK(file && fwrite(shf__viewer_script, 1, shf__viewer_bytes, file) == shf__viewer_bytes);
  if (file) fclose(file);
  snprintf(line, sizeof line,
           "node -p \"'sha256-' + crypto.createHash('sha256')"
           ".update(fs.readFileSync('%s')).digest('base64')\"",
           path);
  FILE *pipe = popen(line, "r");
  CHECK(pipe && fgets(digest, sizeof digest, pipe));
  if (pipe) pclose(pipe);
  remove(path);
  digest[strcspn(digest, "\n")] = '\0';
  CHECK_TEXT(digest, shf_viewer_sha256());
}
