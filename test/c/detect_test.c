/* Formats told by content, gzip in front of any of them, captures, descriptors. */
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
  CHECK_TEXT(error.message, "it is empty");
}

TEST(one_byte_is_refused) {
  shf_error error = read_bad("x", 1);
  CHECK_EQ(error.line, 1);
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

#ifdef SHF_TEST_ZLIB
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

TEST(gzip_with_padding_behind_it_is_read) {
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
#else
TEST(gzip_needs_zlib) {
  shf_profile *p;
  shf_error error;
  CHECK_EQ(shf_profile_read("\x1f\x8b\x08", 3, SHF_TYPES, &p, &error), SHF_E_ABSENT);
  CHECK_TEXT(error.message, "gzipped, and this was built without zlib");
}
#endif
