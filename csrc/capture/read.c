#include <string.h>

#include "capture/capture.h"
#include "core/damaged.h"

static uint64_t padded(uint64_t len) {
  return (len + 7) & ~UINT64_C(7);
}

/* Where each part begins; counts are 32-bit, so no sum can overflow. */
static int place_parts(const unsigned char *bytes, shf_capture_view *v, shf_error *error) {
  const shf_capture_header *h = &v->header;
  uint64_t at = sizeof *h;
  if (h->text > h->length) return shf__damaged(error, "text longer than the capture", 48);
#define PART(part, rows, size) \
  uint64_t part##_at = at;     \
  at += padded((uint64_t)(rows) * (size))
  PART(sources, h->sources, sizeof(shf_source));
  PART(metas, h->metas, sizeof(shf_capture_meta));
  PART(ends, h->strings, sizeof(uint32_t));
  PART(functions, h->functions, sizeof(shf_capture_function));
  PART(nodes, h->nodes, v->node_size);
  PART(buckets, h->buckets, v->bucket_size);
  PART(labels, h->labels, sizeof(shf_capture_label));
  PART(text, h->text, 1);
#undef PART
  if (at != h->length) return shf__damaged(error, "row counts do not add up to the length", 24);
  v->sources = bytes + sources_at;
  v->metas = bytes + metas_at;
  v->ends = bytes + ends_at;
  v->functions = bytes + functions_at;
  v->nodes = bytes + nodes_at;
  v->buckets = bytes + buckets_at;
  v->labels = bytes + labels_at;
  v->text = (const char *)bytes + text_at;
  return SHF_OK;
}

static uint32_t u32_at(const unsigned char *rows, uint32_t row) {
  uint32_t value;
  memcpy(&value, rows + (size_t)row * sizeof value, sizeof value);
  return value;
}

void shf_capture_view_source(const shf_capture_view *v, uint32_t row, shf_source *out) {
  memcpy(out, v->sources + (size_t)row * sizeof *out, sizeof *out);
}

void shf_capture_view_meta(const shf_capture_view *v, uint32_t row, shf_capture_meta *out) {
  memcpy(out, v->metas + (size_t)row * sizeof *out, sizeof *out);
}

void shf_capture_view_function(const shf_capture_view *v, uint32_t row, shf_capture_function *out) {
  memcpy(out, v->functions + (size_t)row * sizeof *out, sizeof *out);
}

void shf_capture_view_node(const shf_capture_view *v, uint32_t row, shf_capture_node *out) {
  out->line = 0;
  memcpy(out, v->nodes + (size_t)row * v->node_size, v->node_size);
}

void shf_capture_view_bucket(const shf_capture_view *v, uint32_t row, shf_capture_bucket *out) {
  out->labels = out->age = 0;
  memcpy(out, v->buckets + (size_t)row * v->bucket_size, v->bucket_size);
}

void shf_capture_view_label(const shf_capture_view *v, uint32_t row, shf_capture_label *out) {
  memcpy(out, v->labels + (size_t)row * sizeof *out, sizeof *out);
}

shf_str shf_capture_view_string(const shf_capture_view *v, uint32_t id) {
  uint32_t from = id ? u32_at(v->ends, id - 1) : 0;
  return (shf_str){v->text + from, u32_at(v->ends, id) - from};
}

static int check_strings(const shf_capture_view *v, const unsigned char *bytes, shf_error *error) {
  uint32_t last = 0;
  for (uint32_t i = 0; i < v->header.strings; i++) {
    uint32_t end = u32_at(v->ends, i);
    if (end < last || end > v->header.text)
      return shf__damaged(error, "string out of range",
                          (uint64_t)(v->ends - bytes) + 4 * (uint64_t)i);
    last = end;
  }
  for (uint32_t i = 0; i < v->header.metas; i++) {
    shf_capture_meta m;
    shf_capture_view_meta(v, i, &m);
    if (m.key >= v->header.strings || m.value >= v->header.strings)
      return shf__damaged(error, "meta line without its string",
                          (uint64_t)(v->metas - bytes) + sizeof m * (uint64_t)i);
  }
  return SHF_OK;
}

/* Objects and bytes are known together or not at all. */
static bool source_known(const shf_source *s) {
  uint32_t types = s->types;
  bool paired =
      types == SHF_HAS_ALLOC || types == SHF_HAS_INUSE || types == (SHF_HAS_ALLOC | SHF_HAS_INUSE);
  bool of_one_side = s->side == SHF_SIDE_NONE && s->run == 0;
  return paired && of_one_side && s->kind <= SHF_OFFHEAP && s->gc <= SHF_GC_UNKNOWN;
}

static int check_sources(const shf_capture_view *v, const unsigned char *bytes, shf_error *error) {
  for (uint32_t i = 0; i < v->header.sources; i++) {
    shf_source s;
    shf_capture_view_source(v, i, &s);
    if (!source_known(&s))
      return shf__damaged(error, "source of an unknown kind",
                          (uint64_t)(v->sources - bytes) + sizeof s * (uint64_t)i);
  }
  return SHF_OK;
}

static int check_rows(const shf_capture_view *v, const unsigned char *bytes, shf_error *error) {
  const shf_capture_header *h = &v->header;
  for (uint32_t i = 0; i < h->functions; i++) {
    shf_capture_function f;
    shf_capture_view_function(v, i, &f);
    if (f.name >= h->strings || f.script >= h->strings)
      return shf__damaged(error, "function without its string",
                          (uint64_t)(v->functions - bytes) + sizeof f * (uint64_t)i);
  }
  for (uint32_t i = 0; i < h->nodes; i++) {
    shf_capture_node n;
    shf_capture_view_node(v, i, &n);
    bool placed = i == 0 ? n.parent == SHF_NONE : n.parent < i;
    uint64_t at = (uint64_t)(v->nodes - bytes) + v->node_size * (uint64_t)i;
    if (!placed || n.function >= h->functions)
      return shf__damaged(error, "node without its parent or function", at);
    if (n.line < 0) return shf__damaged(error, "node with a line below 0", at);
  }
  return SHF_OK;
}

/* @param sets how many there are */
static int check_labels(const shf_capture_view *v, const unsigned char *bytes, uint32_t *sets,
                        shf_error *error) {
  uint32_t last = 0;
  for (uint32_t i = 0; i < v->header.labels; i++) {
    shf_capture_label l;
    shf_capture_view_label(v, i, &l);
    bool follows = l.set == last + 1 || (l.set == last && last > 0);
    if (!follows || l.key >= v->header.strings || l.value >= v->header.strings)
      return shf__damaged(error, "label without its string, or out of order",
                          (uint64_t)(v->labels - bytes) + sizeof l * (uint64_t)i);
    last = l.set;
  }
  *sets = last;
  return SHF_OK;
}

/* An age is that of live blocks, so such a bucket has no others. */
static bool counted(const shf_capture_bucket *b) {
  if (b->age && b->allocated != b->live && b->allocated != 0) return false;
  return b->allocated ? b->live <= b->allocated : b->live > 0;
}

static int check_buckets(const shf_capture_view *v, const unsigned char *bytes, uint32_t sets,
                         shf_error *error) {
  for (uint32_t i = 0; i < v->header.buckets; i++) {
    shf_capture_bucket b;
    shf_capture_view_bucket(v, i, &b);
    if (b.source >= v->header.sources || b.labels > sets || !counted(&b))
      return shf__damaged(error, "bucket without its source or labels, or with wrong counts",
                          (uint64_t)(v->buckets - bytes) + v->bucket_size * (uint64_t)i);
  }
  return SHF_OK;
}

int shf_capture_open(const void *bytes, size_t len, shf_capture_view *v, shf_error *error) {
  shf_capture_header *h = &v->header;
  if (len < sizeof *h) return shf__damaged(error, "too short for a capture", len);
  memcpy(h, bytes, sizeof *h);
  if (memcmp(h->magic, SHF_CAPTURE_MAGIC, sizeof h->magic) != 0)
    return shf__damaged(error, "not a capture", 0);
  if (h->version < 1 || h->version > SHF_CAPTURE_VERSION || h->header != sizeof *h)
    return shf__damaged(error, "a capture of another version", 8);
  v->node_size = h->version == 1 ? offsetof(shf_capture_node, line) : sizeof(shf_capture_node);
  v->bucket_size =
      h->version < 3 ? offsetof(shf_capture_bucket, labels) : sizeof(shf_capture_bucket);
  if (h->version < 3) h->labels = 0;
  if (h->length > len) return shf__damaged(error, "the capture is cut short", len);
  if (h->nodes == 0) return shf__damaged(error, "a capture without a root", 40);
  int code = place_parts(bytes, v, error);
  if (!code) code = check_sources(v, bytes, error);
  if (!code) code = check_strings(v, bytes, error);
  if (!code) code = check_rows(v, bytes, error);
  uint32_t sets = 0;
  if (!code) code = check_labels(v, bytes, &sets, error);
  return code ? code : check_buckets(v, bytes, sets, error);
}
