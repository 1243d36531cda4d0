/* What a kind of sink implements. shf.h has the functions that writers call. */
#ifndef SHF_CORE_SINK_H
#define SHF_CORE_SINK_H

#include "shf.h"

/* Bytes of a buffer. Files have a larger one, for fewer system calls. */
enum { SHF_SINK_BUFFER = 32 * 1024, SHF_SINK_FILE_BUFFER = 256 * 1024 };

struct shf_sink {
  /* Takes the buffered bytes. @return 0 or an error code; error.sys is set for files */
  int (*drain)(shf_sink *sink, const char *bytes, size_t len);
  /* After the last drain: writes a trailer, closes, renames. May be NULL. */
  int (*finish)(shf_sink *sink);
  /* Frees `self`, not the sink. May be NULL. */
  void (*destroy)(shf_sink *sink);
  void *self; /* the kind's own state */
  int code;   /* the first failure */
  shf_error error;
  bool finished;
  uint64_t left; /* bytes that may still be drained */
  size_t used, capacity;
  char buffer[];
};

/* A sink with an empty buffer. NULL when out of memory; then `self` still belongs to the caller. */
shf_sink *shf__sink_new(void *self, int (*drain)(shf_sink *, const char *, size_t));
shf_sink *shf__sink_sized(void *self, int (*drain)(shf_sink *, const char *, size_t),
                          size_t capacity);
/* Drains the buffer. */
int shf__sink_flush(shf_sink *sink);

#endif
