/* What a format's reader implements; csrc/format/read.c chooses among them. */
#ifndef SHF_FORMAT_READER_H
#define SHF_FORMAT_READER_H

#include "text/string_builder.h"

/* A failure ends the reading: only `free` may follow. `error` is never NULL. */
typedef struct shf__input {
  void *self;
  int (*push)(void *self, const char *bytes, size_t len, shf_error *error);
  /* No more bytes. @return 0 and a sealed profile, which may be lean */
  int (*finish)(void *self, shf_profile **out, shf_error *error);
  void (*free)(void *self);
} shf__input;

/* `type` is what the one column of such an input counts. */
int shf__folded_open(shf_type type, shf__input *in);
int shf__heapprofile_open(shf_type type, shf__input *in);
int shf__pprof_open(shf__input *in);

/* @return SHF_E_FORMAT */
static inline int shf__damaged(shf_error *error, const char *message, uint64_t offset) {
  *error = (shf_error){.message = message, .offset = offset};
  return SHF_E_FORMAT;
}

/* Of formats that do not allow it. */
#define SHF__SEVERAL_PROFILES                                                 \
  "several profiles one after the other, where each needs a file of its own " \
  "(report a.pb.gz b.pb.gz)"

/* A frame of its name alone, or of `name (file:line:column)` where it is written so. */
int shf__frame_parse(shf_profile *p, shf_str text, uint32_t *frame);

#endif
