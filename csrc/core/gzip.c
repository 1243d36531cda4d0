/* gzip in front of another sink: the one file that includes zlib.h. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "core/sink.h"

typedef struct gzip {
  z_stream z;
  shf_sink *next;
  unsigned char out[64 * 1024];
} gzip;

static int deflate_some(shf_sink *s, const char *bytes, size_t len, int flush) {
  gzip *g = s->self;
  do {
    uInt step = len > INT_MAX ? (uInt)INT_MAX : (uInt)len;
    /* zlib reads through a pointer that it does not declare const */
    memcpy(&g->z.next_in, &bytes, sizeof bytes);
    g->z.avail_in = step;
    bytes += step;
    len -= step;
    int status;
    do {
      g->z.next_out = g->out;
      g->z.avail_out = sizeof g->out;
      status = deflate(&g->z, len ? Z_NO_FLUSH : flush);
      if (status == Z_STREAM_ERROR) return SHF_E_ARG;
      int code = shf_sink_write(g->next, g->out, sizeof g->out - g->z.avail_out);
      if (code) return code;
    } while (g->z.avail_out == 0);
  } while (len);
  return SHF_OK;
}

static int gzip_drain(shf_sink *s, const char *bytes, size_t len) {
  return deflate_some(s, bytes, len, Z_NO_FLUSH);
}

static int gzip_finish(shf_sink *s) {
  return deflate_some(s, "", 0, Z_FINISH);
}

static void gzip_destroy(shf_sink *s) {
  gzip *g = s->self;
  deflateEnd(&g->z);
  free(g);
}

int shf_sink_gzip(shf_sink *next, int level, shf_sink **out) {
  if (level < 1 || level > 9) return SHF_E_ARG;
  gzip *g = malloc(sizeof *g);
  if (!g) return SHF_E_NOMEM;
  memset(&g->z, 0, sizeof g->z);
  g->next = next;
  /* 15 + 16: the largest window, a gzip header with no name and no time */
  if (deflateInit2(&g->z, level, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY) != Z_OK) {
    free(g);
    return SHF_E_NOMEM;
  }
  shf_sink *s = shf__sink_new(g, gzip_drain);
  if (!s) {
    deflateEnd(&g->z);
    free(g);
    return SHF_E_NOMEM;
  }
  s->finish = gzip_finish;
  s->destroy = gzip_destroy;
  *out = s;
  return SHF_OK;
}
