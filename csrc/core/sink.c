#include "core/sink.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

shf_sink *shf__sink_new(void *self, int (*drain)(shf_sink *, const char *, size_t)) {
  return shf__sink_sized(self, drain, SHF_SINK_BUFFER);
}

shf_sink *shf__sink_sized(void *self, int (*drain)(shf_sink *, const char *, size_t),
                          size_t capacity) {
  shf_sink *s = malloc(sizeof *s + capacity);
  if (!s) return NULL;
  memset(s, 0, sizeof *s);
  s->self = self;
  s->drain = drain;
  s->capacity = capacity;
  s->left = UINT64_MAX;
  return s;
}

static int drain(shf_sink *s, const char *bytes, size_t len) {
  if (len > s->left) {
    s->error.message = "it would be larger than it may be (--max-memory)";
    return s->code = SHF_E_LIMIT;
  }
  s->left -= len;
  return s->code = s->drain(s, bytes, len);
}

int shf__sink_flush(shf_sink *s) {
  if (s->code || s->used == 0) return s->code;
  size_t n = s->used;
  s->used = 0;
  return drain(s, s->buffer, n);
}

void shf_sink_limit(shf_sink *s, uint64_t limit) {
  s->left = limit;
}

shf_error shf_sink_error(const shf_sink *s) {
  return s->error;
}

int shf_sink_write(shf_sink *s, const void *bytes, size_t len) {
  if (s->code) return s->code;
  if (s->finished) return s->code = SHF_E_ARG;
  assert(s->used <= s->capacity);
  if (len > s->capacity - s->used) {
    if (shf__sink_flush(s)) return s->code;
    if (len >= s->capacity) return drain(s, bytes, len);
  }
  if (len) memcpy(s->buffer + s->used, bytes, len);
  s->used += len;
  return SHF_OK;
}

int shf_sink_puts(shf_sink *s, const char *text) {
  return shf_sink_write(s, text, strlen(text));
}

int shf_sink_str(shf_sink *s, shf_str text) {
  return shf_sink_write(s, text.ptr, text.len);
}

int shf_sink_u64(shf_sink *s, uint64_t value) {
  char digits[20];
  size_t at = sizeof digits;
  do digits[--at] = (char)('0' + value % 10);
  while (value /= 10);
  return shf_sink_write(s, digits + at, sizeof digits - at);
}

int shf_sink_i64(shf_sink *s, int64_t value) {
  if (value >= 0) return shf_sink_u64(s, (uint64_t)value);
  shf_sink_write(s, "-", 1);
  return shf_sink_u64(s, 0 - (uint64_t)value);
}

int shf_sink_printf(shf_sink *s, const char *format, ...) {
  char text[513];
  va_list args;
  va_start(args, format);
  int n = vsnprintf(text, sizeof text, format, args);
  va_end(args);
  if (n < 0 || (size_t)n >= sizeof text) return s->code ? s->code : (s->code = SHF_E_ARG);
  return shf_sink_write(s, text, (size_t)n);
}

int shf_sink_finish(shf_sink *s, shf_error *error) {
  if (!s->finished) {
    shf__sink_flush(s);
    s->finished = true;
    if (!s->code && s->finish) s->code = s->finish(s);
  }
  if (error) {
    *error = s->error;
    if (s->code && !error->message) error->message = shf_code_text(s->code);
  }
  return s->code;
}

int shf_sink_code(const shf_sink *s) {
  return s->code;
}

void shf_sink_free(shf_sink *s) {
  if (!s) return;
  if (s->destroy) s->destroy(s);
  free(s);
}

/* ---- memory */

typedef struct memory {
  char *bytes;
  size_t len, capacity;
} memory;

static int memory_drain(shf_sink *s, const char *bytes, size_t len) {
  memory *m = s->self;
  if (len > m->capacity - m->len) {
    if (len > SIZE_MAX / 2 - m->capacity) return SHF_E_NOMEM;
    size_t want = m->capacity + m->capacity / 2;
    if (want < m->len + len) want = m->len + len;
    char *grown = realloc(m->bytes, want);
    if (!grown) return SHF_E_NOMEM;
    m->bytes = grown;
    m->capacity = want;
  }
  memcpy(m->bytes + m->len, bytes, len);
  m->len += len;
  return SHF_OK;
}

static void memory_destroy(shf_sink *s) {
  memory *m = s->self;
  free(m->bytes);
  free(m);
}

int shf_sink_memory(shf_sink **out) {
  memory *m = calloc(1, sizeof *m);
  shf_sink *s = m ? shf__sink_new(m, memory_drain) : NULL;
  if (!s) {
    free(m);
    return SHF_E_NOMEM;
  }
  s->destroy = memory_destroy;
  *out = s;
  return SHF_OK;
}

void shf_sink_take(shf_sink *s, char **bytes, size_t *len) {
  memory *m = s->self;
  shf__sink_flush(s);
  *bytes = m->bytes;
  *len = m->len;
  memset(m, 0, sizeof *m);
}
