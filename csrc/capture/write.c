#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "capture/capture.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "captures are little-endian: this machine needs a converting writer and reader"
#endif

/* A growing column of fixed-size rows. */
typedef struct column {
  char *bytes;
  uint64_t rows, capacity;
} column;

struct shf_capture {
  column sources, metas, ends, functions, nodes, buckets, labels, text;
};

int shf_capture_new(shf_capture **out) {
  *out = calloc(1, sizeof **out);
  return *out ? SHF_OK : SHF_E_NOMEM;
}

void shf_capture_free(shf_capture *c) {
  if (!c) return;
  free(c->sources.bytes);
  free(c->metas.bytes);
  free(c->ends.bytes);
  free(c->functions.bytes);
  free(c->nodes.bytes);
  free(c->buckets.bytes);
  free(c->labels.bytes);
  free(c->text.bytes);
  free(c);
}

static int reserve(column *c, uint64_t rows, size_t size) {
  if (c->capacity - c->rows >= rows) return SHF_OK;
  if (rows > SHF_NONE - 1 - c->rows) return SHF_E_LIMIT;
  uint64_t want = c->capacity + c->capacity / 2 + 64;
  if (want > SHF_NONE - 1) want = SHF_NONE - 1; /* the capacity never exceeds the limit */
  if (want < c->rows + rows) want = c->rows + rows;
  char *grown = realloc(c->bytes, (size_t)want * size);
  if (!grown) return SHF_E_NOMEM;
  c->bytes = grown;
  c->capacity = want;
  return SHF_OK;
}

static int add(column *c, const void *row, size_t size, uint32_t *number) {
  int code = reserve(c, 1, size);
  if (code) return code;
  memcpy(c->bytes + c->rows * size, row, size);
  if (number) *number = (uint32_t)c->rows;
  c->rows++;
  return SHF_OK;
}

int shf_capture_string_reserve(shf_capture *c, size_t len, char **text) {
  int code = reserve(&c->text, len, 1);
  if (!code) code = reserve(&c->ends, 1, sizeof(uint32_t));
  if (code) return code;
  *text = c->text.bytes + c->text.rows;
  return SHF_OK;
}

uint32_t shf_capture_string_commit(shf_capture *c, size_t len) {
  assert(len <= c->text.capacity - c->text.rows && c->ends.rows < c->ends.capacity);
  c->text.rows += len;
  uint32_t end = (uint32_t)c->text.rows;
  memcpy(c->ends.bytes + c->ends.rows * sizeof end, &end, sizeof end);
  return (uint32_t)c->ends.rows++;
}

int shf_capture_string(shf_capture *c, const char *text, size_t len, uint32_t *id) {
  char *at;
  int code = shf_capture_string_reserve(c, len, &at);
  if (code) return code;
  if (len) memcpy(at, text, len);
  *id = shf_capture_string_commit(c, len);
  return SHF_OK;
}

int shf_capture_source(shf_capture *c, const shf_source *source, uint32_t *row) {
  return add(&c->sources, source, sizeof *source, row);
}

int shf_capture_meta_add(shf_capture *c, shf_str key, shf_str value) {
  shf_capture_meta m;
  int code = shf_capture_string(c, key.ptr, key.len, &m.key);
  if (!code) code = shf_capture_string(c, value.ptr, value.len, &m.value);
  return code ? code : add(&c->metas, &m, sizeof m, NULL);
}

int shf_capture_function_add(shf_capture *c, const shf_capture_function *f, uint32_t *row) {
  return add(&c->functions, f, sizeof *f, row);
}

int shf_capture_node_add(shf_capture *c, const shf_capture_node *n, uint32_t *row) {
  return add(&c->nodes, n, sizeof *n, row);
}

int shf_capture_bucket_add(shf_capture *c, const shf_capture_bucket *b) {
  return add(&c->buckets, b, sizeof *b, NULL);
}

void shf_capture_bucket_more(shf_capture *c, uint32_t row, uint32_t allocated, uint32_t live) {
  assert(row < c->buckets.rows);
  shf_capture_bucket *b = (shf_capture_bucket *)(void *)c->buckets.bytes + row;
  b->allocated += allocated;
  b->live += live;
}

int shf_capture_label_add(shf_capture *c, const shf_capture_label *l) {
  return add(&c->labels, l, sizeof *l, NULL);
}

uint32_t shf_capture_nodes(const shf_capture *c) {
  return (uint32_t)c->nodes.rows;
}

uint32_t shf_capture_buckets(const shf_capture *c) {
  return (uint32_t)c->buckets.rows;
}

static int by_key(const void *a, const void *b) {
  const shf_capture_bucket *x = a, *y = b;
  if (x->node != y->node) return x->node < y->node ? -1 : 1;
  if (x->source != y->source) return x->source < y->source ? -1 : 1;
  if (x->size != y->size) return x->size < y->size ? -1 : 1;
  if (x->labels != y->labels) return x->labels < y->labels ? -1 : 1;
  return (x->age > y->age) - (x->age < y->age);
}

void shf_capture_compact(shf_capture *c) {
  shf_capture_bucket *rows = (shf_capture_bucket *)(void *)c->buckets.bytes;
  uint64_t n = c->buckets.rows, kept = 0;
  if (n == 0) return;
  qsort(rows, (size_t)n, sizeof *rows, by_key);
  for (uint64_t i = 1; i < n; i++) {
    if (by_key(&rows[kept], &rows[i]) != 0) {
      rows[++kept] = rows[i];
      continue;
    }
    rows[kept].allocated += rows[i].allocated;
    rows[kept].live += rows[i].live;
  }
  c->buckets.rows = kept + 1;
  shf_capture_bucket *shrunk = realloc(rows, (size_t)c->buckets.rows * sizeof *rows);
  if (!shrunk) return;
  c->buckets.bytes = (char *)shrunk;
  c->buckets.capacity = c->buckets.rows;
}

typedef struct piece {
  const void *bytes;
  uint64_t len;
} piece;

enum { PIECES = 8 };

static void pieces(const shf_capture *c, piece *p) {
  p[0] = (piece){c->sources.bytes, c->sources.rows * sizeof(shf_source)};
  p[1] = (piece){c->metas.bytes, c->metas.rows * sizeof(shf_capture_meta)};
  p[2] = (piece){c->ends.bytes, c->ends.rows * sizeof(uint32_t)};
  p[3] = (piece){c->functions.bytes, c->functions.rows * sizeof(shf_capture_function)};
  p[4] = (piece){c->nodes.bytes, c->nodes.rows * sizeof(shf_capture_node)};
  p[5] = (piece){c->buckets.bytes, c->buckets.rows * sizeof(shf_capture_bucket)};
  p[6] = (piece){c->labels.bytes, c->labels.rows * sizeof(shf_capture_label)};
  p[7] = (piece){c->text.bytes, c->text.rows};
}

static uint64_t padded(uint64_t len) {
  return (len + 7) & ~UINT64_C(7);
}

void shf_capture_close(shf_capture *c) {
  uint64_t kept = 0;
  for (uint64_t i = 0; i < c->buckets.rows; i++) {
    shf_capture_bucket b;
    memcpy(&b, c->buckets.bytes + i * sizeof b, sizeof b);
    if (b.allocated == 0) continue;
    b.live = b.age = 0;
    memcpy(c->buckets.bytes + kept++ * sizeof b, &b, sizeof b);
  }
  c->buckets.rows = kept;
  c->metas.rows = 0;
}

uint64_t shf_capture_length(const shf_capture *c) {
  piece p[PIECES];
  pieces(c, p);
  uint64_t len = sizeof(shf_capture_header);
  for (int i = 0; i < PIECES; i++) len += padded(p[i].len);
  return len;
}

int shf_capture_emit(const shf_capture *c, int (*put)(void *, const void *, size_t), void *self) {
  static const char zeros[8];
  shf_capture_header h = {.version = SHF_CAPTURE_VERSION, .header = sizeof h};
  memcpy(h.magic, SHF_CAPTURE_MAGIC, sizeof h.magic);
  h.length = shf_capture_length(c);
  h.sources = (uint32_t)c->sources.rows;
  h.metas = (uint32_t)c->metas.rows;
  h.strings = (uint32_t)c->ends.rows;
  h.functions = (uint32_t)c->functions.rows;
  h.nodes = (uint32_t)c->nodes.rows;
  h.buckets = (uint32_t)c->buckets.rows;
  h.labels = (uint32_t)c->labels.rows;
  h.text = c->text.rows;
  piece p[PIECES];
  pieces(c, p);
  int code = put(self, &h, sizeof h);
  for (int i = 0; i < PIECES && !code; i++) {
    if (p[i].len) code = put(self, p[i].bytes, (size_t)p[i].len);
    size_t pad = (size_t)(padded(p[i].len) - p[i].len);
    if (!code && pad) code = put(self, zeros, pad);
  }
  return code;
}
