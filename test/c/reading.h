/* Inputs read whole and in pieces: both must say the same. */
#ifndef SHF_READING_H
#define SHF_READING_H

#include "test.h"

/* Reads in steps of so many bytes; 0: in one piece. */
static int read_steps(const void *bytes, size_t len, size_t step, shf_type single,
                      shf_profile **out, shf_error *error) {
  shf_reader *r;
  *error = (shf_error){.message = NULL};
  if (step == 0) return shf_profile_read(bytes, len, single, out, error);
  CHECK_EQ(shf_reader_new(single, &r), SHF_OK);
  int code = SHF_OK;
  for (size_t at = 0; at < len && !code; at += step) {
    /* a copy of its own, so that reading past its end is seen */
    size_t n = len - at < step ? len - at : step;
    char *piece = malloc(n);
    if (!piece) abort();
    memcpy(piece, (const char *)bytes + at, n);
    code = shf_reader_push(r, piece, n, error);
    free(piece);
  }
  if (!code) code = shf_reader_finish(r, out, error);
  shf_reader_free(r);
  return code;
}

/* A profile of bytes that must be readable, in one piece and in every kind of pieces. */
static inline shf_profile *read_good(const void *bytes, size_t len, shf_type single) {
  static const size_t steps[] = {1, 2, 3, 7, 64, 1000};
  shf_profile *p = NULL, *q;
  shf_error error;
  int code = read_steps(bytes, len, 0, single, &p, &error);
  if (code) {
    printf("Bail out! %s at byte %llu, line %llu\n", error.message,
           (unsigned long long)error.offset, (unsigned long long)error.line);
    exit(99);
  }
  for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
    CHECK_EQ(read_steps(bytes, len, steps[i], single, &q, &error), SHF_OK);
    CHECK_EQ(shf_profile_nodes(p), shf_profile_nodes(q));
    for (int t = 0; t < SHF_TYPES; t++) {
      if (!(shf_profile_types(p) & 1u << t)) continue;
      char *a = test_folded(p, (shf_type)t), *b = test_folded(q, (shf_type)t);
      CHECK_TEXT(b, a);
      free(a);
      free(b);
    }
    shf_profile_free(q);
  }
  return p;
}

/* Bytes that must be refused, in pieces too, always for the same reason. */
static inline shf_error read_bad(const void *bytes, size_t len) {
  shf_profile *p;
  shf_error error, other;
  CHECK_EQ(read_steps(bytes, len, 0, SHF_TYPES, &p, &error), SHF_E_FORMAT);
  CHECK_EQ(read_steps(bytes, len, 1, SHF_TYPES, &p, &other), SHF_E_FORMAT);
  CHECK(error.message != NULL && other.message != NULL);
  CHECK_TEXT(other.message ? other.message : "", error.message ? error.message : "");
  CHECK_EQ(other.offset, error.offset);
  CHECK_EQ(other.line, error.line);
  return error;
}

#endif
