/* What a kind of sink implements; shf.h has what writers call. */
#ifndef SHF_CORE_SINK_H
#define SHF_CORE_SINK_H

#include "shf.h"

/* Bytes; of files, whose system takes large pieces with less work. */
enum { SHF_SINK_BUFFER = 32 * 1024, SHF_SINK_FILE_BUFFER = 256 * 1024 };

struct shf_sink {
  /* Takes the buffered bytes. @return 0 or a SHF_E… code, error.sys set for files */
  int (*drain)(shf_sink *sink, const char *bytes, size_t len);
  /* After the last drain: trailer, close, rename. May be NULL. */
  int (*finish)(shf_sink *sink);
  /* Frees what the kind owns, not the sink itself. May be NULL. */
  void (*destroy)(shf_sink *sink);
  void *self; /* the kind's own state */
  int code;   /* the first failure */
  shf_error error;
  bool finished;
  uint64_t left; /* bytes that may still be drained */
  size_t used, capacity;
  char buffer[];
};

/* A sink with an empty buffer; `self` is not yet owned. NULL when memory is short. */
shf_sink *shf__sink_new(void *self, int (*drain)(shf_sink *, const char *, size_t));
shf_sink *shf__sink_sized(void *self, int (*drain)(shf_sink *, const char *, size_t),
                          size_t capacity);
/* Drains the buffer. */
int shf__sink_flush(shf_sink *sink);

#endif
