/* A sink that counts bytes and keeps none: the size of an output. */
#include "core/sink.h"

#include <stdlib.h>

typedef struct counter {
  uint64_t bytes, limit;
} counter;

static int count_drain(shf_sink *s, const char *bytes, size_t len) {
  (void)bytes;
  counter *c = s->self;
  c->bytes += len;
  return c->bytes > c->limit ? SHF_E_LIMIT : SHF_OK;
}

static void count_destroy(shf_sink *s) {
  free(s->self);
}

int shf_sink_count(uint64_t limit, shf_sink **out) {
  counter *c = malloc(sizeof *c);
  shf_sink *s = c ? shf__sink_new(c, count_drain) : NULL;
  if (!s) {
    free(c);
    return SHF_E_NOMEM;
  }
  *c = (counter){.limit = limit};
  s->destroy = count_destroy;
  *out = s;
  return SHF_OK;
}

uint64_t shf_sink_counted(const shf_sink *s) {
  const counter *c = s->self;
  return c->bytes + s->used;
}
