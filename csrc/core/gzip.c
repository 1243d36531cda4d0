/* gzip and gunzip; the only file that includes zlib.h. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "core/sink.h"
#include "core/unzip.h"

typedef struct gzip {
  z_stream z;
  shf_sink *next;
  unsigned char out[64 * 1024];
} gzip;

static int deflate_some(shf_sink *s, const char *bytes, size_t len, int flush) {
  gzip *g = s->self;
  do {
    uInt step = len > INT_MAX ? (uInt)INT_MAX : (uInt)len;
    /* zlib's next_in is not const, although zlib only reads it */
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

/* ---- gunzip */

struct shf_unzip {
  z_stream z;
  shf_unzip_put put;
  void *self;
  uint64_t at;   /* input bytes consumed */
  bool between;  /* a member has ended and no other begun */
  bool trailing; /* garbage after the last member, which gzip ignores too */
  char out[256 * 1024];
};

int shf_unzip_new(shf_unzip_put put, void *self, shf_unzip **out) {
  shf_unzip *u = malloc(sizeof *u);
  if (!u) return SHF_E_NOMEM;
  memset(u, 0, offsetof(shf_unzip, out));
  u->put = put;
  u->self = self;
  /* 15 + 16: gzip alone, no zlib header */
  if (inflateInit2(&u->z, 15 + 16) != Z_OK) {
    free(u);
    return SHF_E_NOMEM;
  }
  *out = u;
  return SHF_OK;
}

static int unzip_failed(const shf_unzip *u, int status, shf_error *error) {
  if (status == Z_MEM_ERROR) return SHF_E_NOMEM;
  if (error) *error = (shf_error){.message = "damaged gzip data", .offset = u->at};
  return SHF_E_FORMAT;
}

/* Inflates what z.next_in holds of one member. */
static int inflate_some(shf_unzip *u, shf_error *error) {
  int status;
  do {
    uInt before = u->z.avail_in;
    u->z.next_out = (unsigned char *)u->out;
    u->z.avail_out = sizeof u->out;
    status = inflate(&u->z, Z_NO_FLUSH);
    u->at += before - u->z.avail_in;
    if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR)
      return unzip_failed(u, status, error);
    size_t made = sizeof u->out - u->z.avail_out;
    int code = made ? u->put(u->self, u->out, made) : SHF_OK;
    if (code) return code;
  } while (status == Z_OK && u->z.avail_out == 0);
  if (status == Z_STREAM_END) u->between = true;
  return SHF_OK;
}

int shf_unzip_push(shf_unzip *u, const void *bytes, size_t len, shf_error *error) {
  const unsigned char *at = bytes;
  while (len && !u->trailing) {
    uInt step = len > INT_MAX ? (uInt)INT_MAX : (uInt)len;
    if (u->between) {
      u->trailing = *at != 0x1f;
      if (u->trailing) break;
      u->between = false;
      if (inflateReset(&u->z) != Z_OK) return unzip_failed(u, Z_DATA_ERROR, error);
    }
    memcpy(&u->z.next_in, &at, sizeof at);
    u->z.avail_in = step;
    int code = inflate_some(u, error);
    if (code) return code;
    at += step - u->z.avail_in;
    len -= step - u->z.avail_in;
  }
  return SHF_OK;
}

int shf_unzip_finish(shf_unzip *u, shf_error *error) {
  if (u->between) return SHF_OK;
  if (error) *error = (shf_error){.message = "the gzip data is cut short", .offset = u->at};
  return SHF_E_FORMAT;
}

void shf_unzip_free(shf_unzip *u) {
  if (!u) return;
  inflateEnd(&u->z);
  free(u);
}
