/* The interface of a format's reader; csrc/format/read.c chooses the reader. */
#ifndef SHF_FORMAT_READER_H
#define SHF_FORMAT_READER_H

#include "core/damaged.h"
#include "text/string_builder.h"

/* After a failure only `free` may be called. `error` is never NULL. */
typedef struct shf__input {
  void *self;
  int (*push)(void *self, const char *bytes, size_t len, shf_error *error);
  /* No more bytes. @return 0 and a sealed profile, which may be compact */
  int (*finish)(void *self, shf_profile **out, shf_error *error);
  void (*free)(void *self);
} shf__input;

/* `type` is the type of the input's only column. */
int shf__folded_open(shf_type type, shf__input *in);
int shf__heapprofile_open(shf_type type, shf__input *in);
int shf__pprof_open(shf__input *in);

/* For formats that do not allow concatenation. */
#define SHF__SEVERAL_PROFILES                                                 \
  "several profiles one after the other, where each needs a file of its own " \
  "(report a.pb.gz b.pb.gz)"

/* Parses `name (file:line:column)`; any other text is a name alone. */
int shf__frame_parse(shf_profile *p, shf_str text, uint32_t *frame);

#endif
