/* State of a profile.proto writer, shared by write.c and write_locations.c. */
#ifndef SHF_FORMAT_PPROF_WRITE_H
#define SHF_FORMAT_PPROF_WRITE_H

#include "format/pprof/fields.h"
#include "format/pprof/write_frames.h"

/* Strings that every profile has, by index in the table. */
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
  uint32_t *name_id;      /* row s: index of string s in the table, as a name */
  uint32_t *file_id;      /* the same, as a file */
  uint32_t strings;       /* strings in the table so far */
  uint32_t interval;      /* index of the label's key; 0: one interval for all, the period */
  uint32_t run;           /* the same for runs; 0: only one run */
  uint32_t drop;          /* index of drop_frames, then keep_frames; 0: none */
  uint32_t binaries;      /* index of the first mapping's file, then its build id, and so on */
  uint32_t base;          /* index of pprof's key for the side before, then its value; 0: none */
  uint32_t label_strings; /* index of the first string that only labels have */
  uint32_t *label_id;     /* row s: index of string s in the table, in labels */
  char *labels;           /* the labels of each set, encoded; */
  size_t *labels_end;     /* where those of set s end; 0 for set 0 */
  size_t labels_max;      /* bytes of the largest set at most */
} shf__pw;

/* Each returns the number of bytes written; a field of value 0 takes none. */
static inline size_t shf__pw_varint(char *to, uint64_t value) {
  size_t n = 0;
  while (value >= 0x80) {
    to[n++] = (char)(value | 0x80);
    value >>= 7;
  }
  to[n++] = (char)value;
  return n;
}

/* One byte, as all field numbers here are below 16. */
static inline char shf__pw_tag(int field, int wire) {
  return (char)(field << 3 | wire);
}

static inline size_t shf__pw_put(char *to, int field, uint64_t value) {
  if (value == 0) return 0;
  to[0] = shf__pw_tag(field, PB_VARINT);
  return 1 + shf__pw_varint(to + 1, value);
}

/* The same to the sink; a message is written after its tag and length. */
void shf__pw_field(shf_sink *sink, int field, uint64_t value);
void shf__pw_message(shf_sink *sink, int field, const char *message, size_t len);
/* Writes a string of the table as valid UTF-8. */
int shf__pw_string(shf__pw *w, shf_str text);

/* A label, encoded. `to` has LABEL_MAX bytes. @return its bytes */
enum { LABEL_MAX = 2 + 3 * (1 + PB_VARINT_MAX) };
size_t shf__pw_number_label(char *to, uint32_t key, int64_t number, uint32_t unit);
size_t shf__pw_text_label(char *to, uint32_t key, uint32_t text);
/* Encodes all sets and assigns indices to their strings, from w->strings on. */
int shf__pw_labels_make(shf__pw *w);
void shf__pw_labels_free(shf__pw *w);
/* Copies the labels of a set: at most w->labels_max bytes. @return how many */
size_t shf__pw_labels_put(const shf__pw *w, uint32_t set, char *to);
/* Writes the strings that shf__pw_labels_make has numbered. */
int shf__pw_label_strings(shf__pw *w);

void shf__pw_mappings(shf__pw *w);
void shf__pw_locations(shf__pw *w);
/* Assigns indices to their strings. */
void shf__pw_functions(shf__pw *w);
/* In the order of shf__pw_functions: a string is written at its first use. */
int shf__pw_function_strings(shf__pw *w, uint32_t next);
/* drop_frames, keep_frames and those of mappings. */
int shf__pw_binary_strings(shf__pw *w);

#endif
