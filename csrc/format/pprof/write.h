/* A profile.proto while it is written: write.c begins it, write_locations.c writes code. */
#ifndef SHF_FORMAT_PPROF_WRITE_H
#define SHF_FORMAT_PPROF_WRITE_H

#include "format/pprof/fields.h"
#include "format/pprof/write_frames.h"

/* Strings that every profile has, by their place in the table. */
enum {
  STR_EMPTY,
  STR_SPACE,
  STR_BYTES,
  STR_COUNT,
  STR_TYPES,
  STR_MAPPING = STR_TYPES + SHF_TYPES,
  STR_FIXED
};

typedef struct shf__pw {
  const shf_profile *p;
  shf_sink *sink;
  uint32_t types; /* bit set of the sample types written */
  shf__pprof_frames frames;
  uint32_t *name_id; /* row s: place of string s in the table, as a name */
  uint32_t *file_id; /* the same as a file */
  uint32_t strings;  /* places taken in the table */
  uint32_t interval; /* place of the label's key, 0: one interval for all, the period */
  uint32_t run;      /* the same of runs; 0: there is one only */
  uint32_t drop;     /* place of drop_frames, keep_frames behind it; 0: none */
  uint32_t binaries; /* place of the first mapping's file, its build id behind it, and so on */
  uint32_t base;     /* place of pprof's key for the side before, its value behind it; 0: none */
} shf__pw;

/* Each gives the bytes that it put; a field of value 0 has none. Field numbers are below 16. */
static inline size_t shf__pw_varint(char *to, uint64_t value) {
  size_t n = 0;
  while (value >= 0x80) {
    to[n++] = (char)(value | 0x80);
    value >>= 7;
  }
  to[n++] = (char)value;
  return n;
}

/* All field numbers here are below 16: a shf__pw_tag is one byte. */
static inline char shf__pw_tag(int field, int wire) {
  return (char)(field << 3 | wire);
}

static inline size_t shf__pw_put(char *to, int field, uint64_t value) {
  if (value == 0) return 0;
  to[0] = shf__pw_tag(field, PB_VARINT);
  return 1 + shf__pw_varint(to + 1, value);
}

/* The same to the sink; a message's bytes behind its tag and length. */
void shf__pw_field(shf_sink *sink, int field, uint64_t value);
void shf__pw_message(shf_sink *sink, int field, const char *message, size_t len);
/* A string of the table, fit for readers. */
int shf__pw_string(shf__pw *w, shf_str text);

void shf__pw_mappings(shf__pw *w);
void shf__pw_locations(shf__pw *w);
/* Gives places to their strings. */
void shf__pw_functions(shf__pw *w);
/* In the order of shf__pw_functions: a string's first place is where it is written. */
int shf__pw_function_strings(shf__pw *w, uint32_t next);
/* drop_frames, keep_frames and those of mappings. */
int shf__pw_binary_strings(shf__pw *w);

#endif
