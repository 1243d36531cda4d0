/*
 * Any bytes as an input: what is read is written in every format, and what is
 * written in one that we read is read again and must say the same.
 */
#ifndef SHF_READ_FUZZ_H
#define SHF_READ_FUZZ_H

#include "format/reader.h"
#include "writers.h"
#include "xml_check.h"

/* Pushes in pieces whose length is `step`, each in memory of its own. */
static int push_pieces(shf__input *in, const uint8_t *data, size_t size, size_t step,
                       shf_error *error) {
  for (size_t at = 0; at < size; at += step) {
    size_t n = size - at < step ? size - at : step;
    char *piece = malloc(n);
    PROMISE(piece);
    memcpy(piece, data + at, n);
    int code = in->push(in->self, piece, n, error);
    free(piece);
    if (code) return code;
  }
  return SHF_OK;
}

/* NULL where the bytes are refused. */
static shf_profile *read_with(shf__input *in, const uint8_t *data, size_t size, size_t step) {
  shf_profile *p = NULL;
  shf_error error = {.message = NULL};
  int code = push_pieces(in, data, size, step, &error);
  if (!code) code = in->finish(in->self, &p, &error);
  in->free(in->self);
  if (!code) PROMISE(shf_profile_build_index(p) == SHF_OK);
  if (!code) return p;
  PROMISE(code == SHF_E_FORMAT || code == SHF_E_LIMIT);
  PROMISE(code != SHF_E_FORMAT || (error.message && error.offset <= size));
  return NULL;
}

/* Losses cannot be drawn; folded stacks leave them out. */
static bool has_losses(const shf_profile *p) {
  for (uint32_t i = 0; i < shf_profile_buckets(p); i++)
    for (int t = 0; t < SHF_TYPES; t++)
      if (shf_profile_bucket_at(p, i).value[t] < 0) return true;
  return false;
}

static void check_svg(const shf_profile *p, shf_type type) {
  output o = written(p, shf__format_find("svg"), type);
  PROMISE(o.code == SHF_OK || o.code == SHF_E_LIMIT || (o.code == SHF_E_ARG && has_losses(p)));
  if (o.code == SHF_OK) PROMISE(xml_well_formed(o.bytes, o.len));
  free(o.bytes);
}

static shf_profile *folded_again(const output *o, shf_type type) {
  shf__input in;
  PROMISE(shf__folded_open(type, &in) == SHF_OK);
  return read_with(&in, (const uint8_t *)o->bytes, o->len, o->len);
}

/* What is written once is clean: written again it is the same. */
static void check_folded_again(const shf_profile *p, shf_type type) {
  output first = written(p, shf__format_find("folded"), type);
  PROMISE(first.code == SHF_OK || first.code == SHF_E_LIMIT);
  if (first.code == SHF_OK && first.len && !has_losses(p)) {
    shf_profile *q = folded_again(&first, type);
    PROMISE(q && shf_profile_total(q, type) == shf_profile_total(p, type));
    output second = written(q, shf__format_find("folded"), type);
    PROMISE(second.code == SHF_OK && second.len == first.len);
    PROMISE(memcmp(second.bytes, first.bytes, first.len) == 0);
    shf_profile *r = folded_again(&second, type);
    PROMISE(r && shf_profile_nodes(r) == shf_profile_nodes(q));
    output third = written(r, shf__format_find("folded"), type);
    PROMISE(third.code == SHF_OK && third.len == second.len);
    PROMISE(memcmp(third.bytes, second.bytes, third.len) == 0);
    shf_profile_free(q);
    shf_profile_free(r);
    free(second.bytes);
    free(third.bytes);
  }
  free(first.bytes);
}

static void check_pprof_again(const shf_profile *p, shf_type type) {
  output o = written(p, shf__format_find("pprof"), type);
  PROMISE(o.code == SHF_OK || o.code == SHF_E_LIMIT);
  if (o.code == SHF_OK) {
    shf__input in;
    PROMISE(shf__pprof_open(&in) == SHF_OK);
    shf_profile *q = read_with(&in, (const uint8_t *)o.bytes, o.len, 100);
    PROMISE(q);
    for (int t = 0; t < SHF_TYPES; t++) {
      if (shf_profile_types(p) >> t & 1)
        PROMISE(shf_profile_total(q, (shf_type)t) == shf_profile_total(p, (shf_type)t));
    }
    shf_profile_free(q);
  }
  free(o.bytes);
}

static inline void check_profile(const shf_profile *p, bool draw) {
  check_tree(p);
  check_lines(p);
  for (int t = 0; t < SHF_TYPES; t++) {
    bool known = shf_profile_types(p) >> t & 1;
    for (size_t f = 0; f < shf__formats_count; f++) {
      const shf__format *format = &shf__formats[f];
      if (is_format(format, "svg")) continue; /* in time only where it is asked for */
      output o = written(p, format, (shf_type)t);
      PROMISE(o.code == SHF_OK || o.code == SHF_E_LIMIT || o.code == SHF_E_ABSENT);
      /* a .heapprofile of objects is one of their bytes */
      if (!known && !is_format(format, "heapprofile")) PROMISE(o.code == SHF_E_ABSENT);
      free(o.bytes);
    }
    if (!known) continue;
    check_folded_again(p, (shf_type)t);
    check_pprof_again(p, (shf_type)t);
    if (draw) check_svg(p, (shf_type)t);
  }
}

/* One byte of the input chooses how it is cut into pieces. */
static inline int fuzz_reader(shf__input *in, const uint8_t *data, size_t size) {
  size_t step = size && data[0] % 4 ? (size_t)data[0] % 4 * 3 : 4096;
  shf_profile *p = read_with(in, data, size, step);
  if (p) check_profile(p, size % 16 == 0);
  shf_profile_free(p);
  return 0;
}

#endif
