/* Formats detected by content, gzip in front of any of them, captures, descriptors. */
#include <fcntl.h>
#include <unistd.h>

#include "capture_make.h"
#include "reading.h"

#define FORMAT_OF(text) shf_format_of(text, sizeof(text) - 1)

TEST(format_of_folded_stacks) {
  CHECK_EQ(FORMAT_OF("main;parse 12\n"), SHF_FORMAT_FOLDED);
  CHECK_EQ(FORMAT_OF("\n\n# note\nmain 12\n"), SHF_FORMAT_FOLDED);
  CHECK_EQ(FORMAT_OF("{closure};f 1\n"), SHF_FORMAT_FOLDED);
  CHECK_EQ(FORMAT_OF("x"), SHF_FORMAT_FOLDED);
  CHECK_EQ(FORMAT_OF("\x1b[1m;\0 7\n"), SHF_FORMAT_FOLDED);
}

/* Their first letters are tags of profile.proto's fields. */
TEST(format_of_stacks_that_begin_like_a_pprof) {
  CHECK_EQ(FORMAT_OF("Parser;next 3\n"), SHF_FORMAT_FOLDED);
  CHECK_EQ(FORMAT_OF("Handler;next 3\n"), SHF_FORMAT_FOLDED);
  CHECK_EQ(FORMAT_OF("push;next 3\n"), SHF_FORMAT_FOLDED);
  CHECK_EQ(FORMAT_OF("*;next 3\n"), SHF_FORMAT_FOLDED);
  CHECK_EQ(FORMAT_OF("2 5\n"), SHF_FORMAT_FOLDED);
}

TEST(format_of_pprof) {
  CHECK_EQ(FORMAT_OF("\x0a\x04\x08\x01\x10\x02\x32\x00"), SHF_FORMAT_PPROF);
  CHECK_EQ(FORMAT_OF("\x32\x00\x32\x05space"), SHF_FORMAT_PPROF);
  /* damaged behind its beginning, or cut */
  CHECK_EQ(FORMAT_OF("\x0a\x04\x08\x01\x10\x02\xff\xff"), SHF_FORMAT_PPROF);
  CHECK_EQ(FORMAT_OF("\x0a\x04\x08\x01"), SHF_FORMAT_PPROF);
}

TEST(format_of_heapprofile) {
  CHECK_EQ(FORMAT_OF("{\"head\":{}}"), SHF_FORMAT_HEAPPROFILE);
  CHECK_EQ(FORMAT_OF(" \r\n\t{ \"samples\":[]}"), SHF_FORMAT_HEAPPROFILE);
  CHECK_EQ(FORMAT_OF("\xEF\xBB\xBF{\"head\":{}}"), SHF_FORMAT_HEAPPROFILE);
  CHECK_EQ(FORMAT_OF("{}"), SHF_FORMAT_HEAPPROFILE);
}

TEST(format_of_captures) {
  CHECK_EQ(FORMAT_OF("SHFCAP\r\n"), SHF_FORMAT_CAPTURE);
  CHECK_EQ(FORMAT_OF("SHFCAPE;x 1\n"), SHF_FORMAT_FOLDED);
}

TEST(format_of_nothing_is_unknown) {
  CHECK_EQ(shf_format_of("", 0), SHF_FORMAT_UNKNOWN);
}

TEST(nothing_is_refused) {
  shf_error error = read_bad("", 0);
  CHECK_TEXT(error.message, "the file is empty");
}

TEST(one_byte_is_refused) {
  shf_error error = read_bad("x", 1);
  CHECK_EQ(error.line, 1);
}

static void check_kind(const void *bytes, size_t len, const char *begins) {
  shf_error error = read_bad(bytes, len);
  CHECK(strncmp(error.message, begins, strlen(begins)) == 0);
  CHECK_EQ(error.offset, 0);
  CHECK_EQ(error.line, 0);
}
#define KIND_OF(text, begins) check_kind(text, sizeof(text) - 1, begins)

TEST(archives_and_programs_are_named) {
  KIND_OF(
      "\xFD"
      "7zXZ\0\0\4",
      "this is an xz archive,");
  KIND_OF("\x28\xB5\x2F\xFD\x24\x0A", "this is a zstd archive,");
  KIND_OF("PK\3\4\x14", "this is a zip archive,");
  KIND_OF("BZh91AY&SY\x01\x02", "this is a bzip2 archive,");
  KIND_OF(
      "\x7F"
      "ELF\2\1\1",
      "this is a program:");
  char tar[1024] = "main;a 1";
  memcpy(tar + 257, "ustar", 5);
  check_kind(tar, sizeof tar, "this is a tar archive,");
}

TEST(json_that_is_no_heapprofile_is_named) {
  KIND_OF("{\"nodes\":[{\"id\":1}],\"startTime\":1,\"samples\":[1,2],\"timeDeltas\":[0,1]}",
          "this is a CPU profile,");
  KIND_OF("{\"snapshot\":{\"meta\":{}},\"nodes\":[1]}", "this is a heap snapshot,");
  KIND_OF("{\"version\":2,\"type\":\"Inspector\",\"nodes\":[0,1],\"nodeClassNames\":[\"a\"]}",
          "this is a heap snapshot of Bun or Safari,");
  KIND_OF("{\"$schema\":\"https://www.speedscope.app/file-format-schema.json\",\"profiles\":[]}",
          "this is speedscope JSON,");
  KIND_OF("{\"shared\":{\"frames\":[]},\"profiles\":[]}", "this is speedscope JSON,");
  KIND_OF("{\"displayTimeUnit\":\"ms\",\"traceEvents\":[]}", "this is a Chrome trace,");
  KIND_OF(" [ {\"pid\":1,\"ts\":2}]\n", "this is a list of JSON objects,");
  KIND_OF("{\"version\":3,\"mappings\":\"AAAA\"}", "this is a source map:");
  KIND_OF("{\"version\":1,\"functions\":[]}", "this is a JSON report,");
}

/* A key of another kind behind the head, or below it, says nothing. */
TEST(a_heapprofile_with_keys_of_others_is_read) {
  const char *text =
      "{\"head\":{\"snapshot\":1,\"callFrame\":{\"functionName\":\"(root)\"},"
      "\"selfSize\":5},\"startTime\":1,\"nodes\":[],\"$schema\":\"speedscope\"}";
  shf_profile *p = read_good(text, strlen(text), SHF_TYPES);
  CHECK_EQ(shf_profile_total(p, SHF_INUSE_SPACE), 5);
  shf_profile_free(p);
}

/* ASCII as UTF-16, behind a mark; `\x01` is a smiley, which takes two units. */
static size_t wide(const char *text, bool big, char *out) {
  size_t n = 0;
  uint16_t units[256];
  size_t count = 0;
  units[count++] = 0xFEFF;
  for (; *text; text++) {
    if (*text == 1) {
      units[count++] = 0xD83D;
      units[count++] = 0xDE00;
    } else {
      units[count++] = (uint8_t)*text;
    }
  }
  for (size_t i = 0; i < count; i++) {
    out[n++] = (char)(big ? units[i] >> 8 : units[i] & 0xFF);
    out[n++] = (char)(big ? units[i] & 0xFF : units[i] >> 8);
  }
  return n;
}

TEST(utf16_is_read_by_its_mark) {
  for (int big = 0; big < 2; big++) {
    char bytes[512];
    size_t len = wide("main;a\x01 5\r\nmain;b 6\r\n", big, bytes);
    shf_profile *p = read_good(bytes, len, SHF_TYPES);
    char *folded = test_folded(p, SHF_ALLOC_SPACE);
    CHECK_TEXT(folded, "main;a\xF0\x9F\x98\x80 5\nmain;b 6\n");
    free(folded);
    shf_profile_free(p);
    len = wide("{\"head\":{\"callFrame\":{\"functionName\":\"f\"},\"selfSize\":7}}", big, bytes);
    p = read_good(bytes, len, SHF_TYPES);
    CHECK_EQ(shf_profile_total(p, SHF_INUSE_SPACE), 7);
    shf_profile_free(p);
  }
}

TEST(utf16_of_halves_is_read_with_marks_in_their_place) {
  static const char bytes[] =
      "\xFF\xFE"
      "a\0\x3D\xD8"
      "b\0\0\xDE \0"
      "1\0";
  shf_profile *p = read_good(bytes, sizeof bytes - 1, SHF_TYPES);
  char *folded = test_folded(p, SHF_ALLOC_SPACE);
  CHECK_TEXT(folded,
             "a\xEF\xBF\xBD"
             "b\xEF\xBF\xBD 1\n");
  free(folded);
  shf_profile_free(p);
}

TEST(utf16_that_is_no_profile_is_refused_by_its_line) {
  char bytes[512];
  size_t len = wide("\nhello\n", false, bytes);
  shf_error error = read_bad(bytes, len);
  CHECK_EQ(error.line, 2);
  len = wide("", false, bytes);
  error = read_bad(bytes, len);
  CHECK_TEXT(error.message, "the file is empty");
}

TEST(captures_are_read) {
  made_bytes b = make_small();
  shf_profile *p = read_good(b.ptr, b.len, SHF_TYPES);
  CHECK_EQ(shf_profile_total(p, SHF_ALLOC_SPACE), 148);
  CHECK_EQ(shf_profile_total(p, SHF_INUSE_SPACE), 32);
  shf_profile_free(p);
  free(b.ptr);
}

TEST(a_damaged_capture_is_refused_with_its_byte) {
  shf_error error = read_bad("SHFCAP\r\nxyz", 11);
  CHECK_TEXT(error.message, "too short for a capture");
  CHECK_EQ(error.offset, 11);
}

TEST(a_descriptor_is_read_to_its_end) {
  char path[] = "/tmp/shf-read-XXXXXX";
  int fd = mkstemp(path);
  CHECK(fd >= 0);
  unlink(path);
  for (int i = 0; i < 100000; i++) {
    char line[64];
    int n = snprintf(line, sizeof line, "main;f%d;g 2\n", i % 100);
    CHECK_EQ(write(fd, line, (size_t)n), n);
  }
  lseek(fd, 0, SEEK_SET);
  shf_profile *p;
  shf_error error;
  CHECK_EQ(shf_profile_read_fd(fd, &(shf_read_options){.single = SHF_TYPES}, &p, &error), SHF_OK);
  CHECK_EQ(shf_profile_total(p, SHF_ALLOC_SPACE), 200000);
  CHECK_EQ(shf_profile_nodes(p), 202);
  shf_profile_free(p);
  close(fd);
}

TEST(a_descriptor_that_cannot_be_read_says_why) {
  shf_profile *p;
  shf_error error;
  int fd = open("/", O_RDONLY);
  CHECK_EQ(shf_profile_read_fd(fd, &(shf_read_options){.single = SHF_TYPES}, &p, &error), SHF_E_IO);
  CHECK(error.sys != 0);
  close(fd);
}

TEST(a_reader_may_be_left_half_way) {
  shf_reader *r;
  CHECK_EQ(shf_reader_new(SHF_TYPES, &r), SHF_OK);
  CHECK_EQ(shf_reader_push(r, "main;a 1\nmain", 13, NULL), SHF_OK);
  shf_reader_free(r);
  CHECK_EQ(shf_reader_new(SHF_TYPES, &r), SHF_OK);
  shf_reader_free(r);
  shf_reader_free(NULL);
}

/* gzip's bytes of a text; free() them. */
static char *zipped(const char *text, size_t *len) {
  shf_sink *memory, *gzip;
  CHECK_EQ(shf_sink_memory(&memory), SHF_OK);
  CHECK_EQ(shf_sink_gzip(memory, 6, &gzip), SHF_OK);
  shf_sink_puts(gzip, text);
  CHECK_EQ(shf_sink_finish(gzip, NULL), SHF_OK);
  shf_sink_free(gzip);
  char *bytes = test_sink_text(memory, len);
  shf_sink_free(memory);
  return bytes;
}

TEST(gzip_is_seen_through) {
  size_t len;
  char *bytes = zipped("main;a 1\nmain;b 2\n", &len);
  shf_profile *p = read_good(bytes, len, SHF_TYPES);
  CHECK_EQ(shf_profile_total(p, SHF_ALLOC_SPACE), 3);
  shf_profile_free(p);
  free(bytes);
}

TEST(gzip_members_are_one_input) {
  size_t first, second;
  char *a = zipped("main;a 1\nma", &first), *b = zipped("in;b 2\n", &second);
  char *both = malloc(first + second);
  if (!both) abort();
  memcpy(both, a, first);
  memcpy(both + first, b, second);
  shf_profile *p = read_good(both, first + second, SHF_TYPES);
  CHECK_EQ(shf_profile_total(p, SHF_ALLOC_SPACE), 3);
  CHECK_EQ(shf_profile_nodes(p), 4);
  shf_profile_free(p);
  free(a);
  free(b);
  free(both);
}

TEST(gzip_with_trailing_padding_is_read) {
  size_t len;
  char *bytes = zipped("main;a 1\n", &len);
  char *padded = calloc(1, len + 512);
  if (!padded) abort();
  memcpy(padded, bytes, len);
  shf_profile *p = read_good(padded, len + 512, SHF_TYPES);
  shf_profile_free(p);
  free(bytes);
  free(padded);
}

TEST(gzip_cut_short_is_refused) {
  size_t len;
  char *bytes = zipped("main;a 1\nmain;b 2\n", &len);
  shf_error error = read_bad(bytes, len - 1);
  CHECK_TEXT(error.message, "the gzip data is cut short");
  CHECK_EQ(error.offset, len - 1);
  error = read_bad(bytes, 5);
  CHECK_TEXT(error.message, "the gzip data is cut short");
  free(bytes);
}

TEST(gzip_damaged_is_refused) {
  size_t len;
  char *bytes = zipped("main;a 1\nmain;b 2\n", &len);
  bytes[len - 6] ^= 1; /* of the checksum */
  shf_error error = read_bad(bytes, len);
  CHECK_TEXT(error.message, "damaged gzip data");
  free(bytes);
}
