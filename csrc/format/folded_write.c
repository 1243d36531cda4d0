/*
 * Folded stacks: `frame;frame;frame COUNT`, root first, each stack once, sorted
 * by the frames' texts as they are written.
 *
 * The format has no escape, and its readers differ in what they do with odd
 * bytes. So, in a frame:
 *   `;`                                      becomes U+FF1B, the fullwidth semicolon
 *   control characters, U+2028 and U+2029    become a space
 *   broken UTF-8, marks that turn direction  become U+FFFD
 *   white space at its ends                  is left out
 *   `# ` at its beginning                    becomes U+FF03, or the line were a comment
 *   a number at its end behind a space       gets `_` for that space, since readers
 *                                            would take it for a count: `worker_1`
 *   `(root)`                                 becomes `root`
 * What a stackless allocation adds stands under `(root)`. Stacks without a
 * positive count are left out.
 *
 * A difference has two counts a line, before and after, as difffolded.pl writes
 * them; stacks with neither are left out.
 */
#include <stdlib.h>

#include "format/text.h"

/* Figures of the nodes themselves: of a difference before and after, else one column. */
typedef struct columns {
  int64_t *self[2];
  uint32_t count;
} columns;

static void columns_free(columns *c) {
  free(c->self[0]);
  free(c->self[1]);
}

static int columns_make(const shf_profile *p, shf_type type, columns *c) {
  size_t nodes = shf_profile_nodes(p);
  *c = (columns){{NULL, NULL}, shf_profile_is_diff(p) ? 2 : 1};
  for (uint32_t i = 0; i < c->count; i++) {
    c->self[i] = calloc(nodes, sizeof *c->self[i]);
    if (!c->self[i]) return SHF_E_NOMEM;
  }
  if (c->count == 2) {
    shf_profile_side_sums(p, SHF_SIDE_BEFORE, type, c->self[0], NULL);
    shf_profile_side_sums(p, SHF_SIDE_AFTER, type, c->self[1], NULL);
  } else {
    shf_profile_sums(p, type, c->self[0], NULL);
  }
  return SHF_OK;
}

/* Row f: the text of frame f is all[at[f] .. at[f + 1]). */
typedef struct labels {
  shf__text all;
  size_t *at;
} labels;

static void labels_free(labels *l) {
  shf__text_free(&l->all);
  free(l->at);
}

static shf_str label(const labels *l, uint32_t frame) {
  return (shf_str){l->all.ptr + l->at[frame], l->at[frame + 1] - l->at[frame]};
}

static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/* Where a space stands in front of a number at the end, else SIZE_MAX. */
static size_t space_before_number(const char *text, size_t len) {
  size_t i = len;
  while (i > 0 && (is_digit(text[i - 1]) || text[i - 1] == '.')) i--;
  return i > 0 && i < len && text[i - 1] == ' ' ? i - 1 : SIZE_MAX;
}

static void add_label(shf__text *out, shf_str raw) {
  static const char root[] = "(root)";
  size_t start = out->len, from = 0;
  shf__text whole = {NULL, 0, 0, SHF_OK};
  shf__text_line(&whole, raw);
  if (whole.len && whole.ptr[0] == '#' && (whole.len == 1 || whole.ptr[1] == ' ')) {
    shf__text_puts(out, "\xEF\xBC\x83");
    from = 1;
  }
  for (size_t i = 0; i < whole.len; i++) {
    if (whole.ptr[i] != ';') continue;
    shf__text_add(out, whole.ptr + from, i - from);
    shf__text_puts(out, "\xEF\xBC\x9B");
    from = i + 1;
  }
  if (whole.len > from) shf__text_add(out, whole.ptr + from, whole.len - from);
  if (whole.code != SHF_OK) out->code = whole.code;
  shf__text_free(&whole);
  if (out->code != SHF_OK) return;
  if (out->len == start) shf__text_puts(out, "(anonymous)");
  if (out->code != SHF_OK) return;
  size_t space = space_before_number(out->ptr + start, out->len - start);
  if (space != SIZE_MAX) out->ptr[start + space] = '_';
  if (out->len - start != sizeof root - 1 || memcmp(out->ptr + start, root, sizeof root - 1) != 0)
    return;
  memmove(out->ptr + start, out->ptr + start + 1, sizeof root - 3);
  out->len -= 2;
}

static int labels_make(const shf_profile *p, labels *l) {
  uint32_t frames = shf_profile_frames(p);
  *l = (labels){{NULL, 0, 0, SHF_OK}, calloc((size_t)frames + 1, sizeof *l->at)};
  if (!l->at) return SHF_E_NOMEM;
  shf_sink *memory;
  int code = shf_sink_memory(&memory);
  if (code != SHF_OK) return code;
  for (uint32_t f = 0; f < frames && code == SHF_OK; f++) {
    char *raw = NULL;
    size_t len = 0;
    code = shf_frame_text(p, f, memory);
    shf_sink_take(memory, &raw, &len);
    if (code == SHF_OK) code = shf_sink_code(memory);
    if (code == SHF_OK) add_label(&l->all, (shf_str){raw, len});
    if (code == SHF_OK) code = l->all.code;
    l->at[f + 1] = l->all.len;
    free(raw);
  }
  shf_sink_free(memory);
  return code;
}

/* As if each text ended in `;`, as a profile's frames are in order. */
static int compare_labels(shf_str a, shf_str b) {
  size_t n = a.len < b.len ? a.len : b.len;
  int order = n ? memcmp(a.ptr, b.ptr, n) : 0;
  if (order || a.len == b.len) return order;
  unsigned char next = (unsigned char)(a.len > n ? a.ptr[n] : b.ptr[n]);
  return (next > ';') == (a.len > n) ? 1 : -1;
}

/* Different frames may have become the same text, or stand in another order than their texts. */
static bool labels_in_order(const labels *l, uint32_t frames) {
  for (uint32_t f = 1; f < frames; f++)
    if (compare_labels(label(l, f - 1), label(l, f)) >= 0) return false;
  return true;
}

static int add_figures(const columns *c, shf_type type, uint32_t node, const uint32_t *sources,
                       uint32_t to_node, shf_profile *to) {
  int code = SHF_OK;
  for (uint32_t i = 0; i < c->count && code == SHF_OK; i++) {
    shf_bucket bucket = {.node = to_node, .source = sources[i]};
    bucket.value[type] = c->self[i][node];
    if (bucket.value[type] != 0) code = shf_profile_bucket(to, &bucket);
  }
  return code;
}

/* Adds each node of p to `to` under its label; `row` has a row a node. */
static int copy_by_label(const shf_profile *p, const labels *l, shf_type type, const columns *c,
                         uint32_t *row, shf_profile *to) {
  uint32_t sources[2], nodes = shf_profile_nodes(p);
  int code = SHF_OK;
  for (uint32_t i = 0; i < c->count && code == SHF_OK; i++) {
    shf_source source = {.types = 1u << type};
    if (c->count == 2) source.side = i ? SHF_SIDE_AFTER : SHF_SIDE_BEFORE;
    code = shf_profile_source(to, source, &sources[i]);
  }
  for (uint32_t n = 0; n < nodes && code == SHF_OK; n++) {
    row[n] = 0;
    if (n > 0) {
      shf_frame frame = {0, 0, 0, 0};
      uint32_t id;
      code = shf_profile_string(to, label(l, shf_profile_frame_of(p, n)), &frame.name);
      if (code == SHF_OK) code = shf_profile_frame(to, frame, &id);
      if (code == SHF_OK) code = shf_profile_node(to, row[shf_profile_parent(p, n)], id, &row[n]);
    }
    if (code == SHF_OK) code = add_figures(c, type, n, sources, row[n], to);
  }
  return code == SHF_OK ? shf_profile_seal(to) : code;
}

/* A profile of `type` alone in which each label is one frame. */
static int merge_labels(const shf_profile *p, const labels *l, shf_type type, shf_profile **out) {
  size_t nodes = shf_profile_nodes(p);
  columns c;
  uint32_t *row = calloc(nodes, sizeof *row);
  shf_profile *merged = NULL;
  int code = columns_make(p, type, &c);
  if (!row) code = SHF_E_NOMEM;
  if (code == SHF_OK) code = shf_profile_new(&merged);
  if (code == SHF_OK) code = copy_by_label(p, l, type, &c, row, merged);
  if (code != SHF_OK) {
    shf_profile_free(merged);
    merged = NULL;
  }
  columns_free(&c);
  free(row);
  *out = merged;
  return code;
}

static void write_line(const columns *c, uint32_t node, shf_str path, shf_sink *sink) {
  shf_sink_str(sink, path);
  for (uint32_t i = 0; i < c->count; i++) {
    shf_sink_puts(sink, " ");
    shf_sink_i64(sink, c->self[i][node]);
  }
  shf_sink_puts(sink, "\n");
}

/* `ends` has a row for each depth: the path's length without that depth's frame. */
static int write_stacks(const shf_profile *p, const labels *l, const columns *c, size_t *ends,
                        shf_sink *sink) {
  shf__text path = {NULL, 0, 0, SHF_OK};
  uint32_t nodes = shf_profile_nodes(p);
  for (uint32_t n = 0; n < nodes && shf_sink_code(sink) == SHF_OK && path.code == SHF_OK; n++) {
    uint32_t depth = shf_profile_depth(p, n);
    if (depth > 0) {
      shf_str text = label(l, shf_profile_frame_of(p, n));
      path.len = ends[depth - 1];
      if (depth > 1) shf__text_add(&path, ";", 1);
      shf__text_add(&path, text.ptr, text.len);
    }
    ends[depth] = path.len;
    bool counted = c->self[0][n] > 0 || (c->count == 2 && c->self[1][n] > 0);
    if (!counted || path.code != SHF_OK) continue;
    write_line(c, n, depth ? shf__text_str(&path) : shf_str_of("(root)"), sink);
  }
  int code = path.code == SHF_OK ? shf_sink_code(sink) : path.code;
  shf__text_free(&path);
  return code;
}

static int write_labelled(const shf_profile *p, const labels *l, shf_type type, shf_sink *sink) {
  columns c;
  size_t *ends = calloc((size_t)shf_profile_max_depth(p) + 1, sizeof *ends);
  int code = columns_make(p, type, &c);
  if (!ends) code = SHF_E_NOMEM;
  if (code == SHF_OK) code = write_stacks(p, l, &c, ends, sink);
  columns_free(&c);
  free(ends);
  return code;
}

static int write_merged(const shf_profile *p, const labels *l, shf_type type, shf_sink *sink) {
  shf_profile *merged;
  int code = merge_labels(p, l, type, &merged);
  if (code != SHF_OK) return code;
  labels own;
  code = labels_make(merged, &own);
  if (code == SHF_OK) code = write_labelled(merged, &own, type, sink);
  labels_free(&own);
  shf_profile_free(merged);
  return code;
}

int shf_folded_write(const shf_profile *p, shf_type type, shf_sink *sink) {
  if ((unsigned)type >= SHF_TYPES) return SHF_E_ARG;
  if (!(shf_profile_types(p) & 1u << type)) return SHF_E_ABSENT;
  labels l;
  int code = labels_make(p, &l);
  if (code == SHF_OK)
    code = labels_in_order(&l, shf_profile_frames(p)) ? write_labelled(p, &l, type, sink)
                                                      : write_merged(p, &l, type, sink);
  labels_free(&l);
  return code;
}
