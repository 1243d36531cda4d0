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
 *   a number at its end after a space        gets `_` for that space, since readers
 *                                            would take it for a count: `worker_1`
 *   `(root)`                                 becomes `root`
 * Allocations without a stack go to `(root)`. Stacks without a
 * positive count are left out.
 *
 * A difference has two counts a line, before and after, as difffolded.pl writes
 * them; stacks with neither are left out.
 */
#include <stdlib.h>

#include "core/str.h"
#include "text/string_builder.h"

/*
 * Self values of nodes: before and after in a difference, else one. Buckets are in the order of
 * nodes, so both are walked together, which works for a compact profile too.
 */
typedef struct figures {
  const shf_profile *p;
  shf_type type;
  uint32_t count;  /* values of a node */
  uint32_t at;     /* row of `next` */
  shf_bucket next; /* node SHF_NONE: no more */
} figures;

static void figures_seek(figures *f, uint32_t at) {
  f->at = at;
  f->next = (shf_bucket){.node = SHF_NONE};
  if (at < shf_profile_buckets(f->p)) f->next = shf_profile_bucket_at(f->p, at);
}

static figures figures_of(const shf_profile *p, shf_type type) {
  figures f = {.p = p, .type = type, .count = shf_profile_is_diff(p) ? 2 : 1};
  figures_seek(&f, 0);
  return f;
}

/* Must be called in the order of nodes. */
static void figures_take(figures *f, uint32_t node, int64_t self[2]) {
  self[0] = self[1] = 0;
  for (; f->next.node == node; figures_seek(f, f->at + 1)) {
    uint32_t side = shf_profile_source_at(f->p, f->next.source)->side;
    if (f->count == 1)
      self[0] += f->next.value[f->type];
    else if (side != SHF_SIDE_NONE)
      self[side == SHF_SIDE_AFTER] += f->next.value[f->type];
  }
}

/* Row f: the text of frame f is all[at[f] .. at[f + 1]). */
typedef struct labels {
  shf__builder all;
  size_t *at;
} labels;

static void labels_free(labels *l) {
  shf__builder_free(&l->all);
  free(l->at);
}

static shf_str label(const labels *l, uint32_t frame) {
  return (shf_str){l->all.ptr + l->at[frame], l->at[frame + 1] - l->at[frame]};
}

/* The index of a space before a number at the end, else SIZE_MAX. */
static size_t space_before_number(const char *text, size_t len) {
  size_t i = len;
  while (i > 0 && (shf__is_digit(text[i - 1]) || text[i - 1] == '.')) i--;
  return i > 0 && i < len && text[i - 1] == ' ' ? i - 1 : SIZE_MAX;
}

static void add_label(shf__builder *out, shf_str raw) {
  static const char root[] = "(root)";
  size_t start = out->len, from = 0;
  shf__builder whole = {NULL, 0, 0, SHF_OK};
  shf__builder_line(&whole, raw);
  if (whole.len && whole.ptr[0] == '#' && (whole.len == 1 || whole.ptr[1] == ' ')) {
    shf__builder_puts(out, "\xEF\xBC\x83");
    from = 1;
  }
  for (size_t i = 0; i < whole.len; i++) {
    if (whole.ptr[i] != ';') continue;
    shf__builder_add(out, whole.ptr + from, i - from);
    shf__builder_puts(out, "\xEF\xBC\x9B");
    from = i + 1;
  }
  if (whole.len > from) shf__builder_add(out, whole.ptr + from, whole.len - from);
  if (whole.code != SHF_OK) out->code = whole.code;
  shf__builder_free(&whole);
  if (out->code != SHF_OK) return;
  if (out->len == start) shf__builder_puts(out, "(anonymous)");
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

/* Compares as if each text ended in `;`, which is the order of a profile's frames. */
static int compare_labels(shf_str a, shf_str b) {
  size_t n = a.len < b.len ? a.len : b.len;
  int order = n ? memcmp(a.ptr, b.ptr, n) : 0;
  if (order || a.len == b.len) return order;
  unsigned char next = (unsigned char)(a.len > n ? a.ptr[n] : b.ptr[n]);
  return (next > ';') == (a.len > n) ? 1 : -1;
}

/* False if different frames have the same text, or texts are in another order than frames. */
static bool labels_in_order(const labels *l, uint32_t frames) {
  for (uint32_t f = 1; f < frames; f++)
    if (compare_labels(label(l, f - 1), label(l, f)) >= 0) return false;
  return true;
}

static int add_figures(figures *from, uint32_t node, const uint32_t *sources, uint32_t to_node,
                       shf_profile *to) {
  int64_t self[2];
  int code = SHF_OK;
  figures_take(from, node, self);
  for (uint32_t i = 0; i < from->count && code == SHF_OK; i++) {
    shf_bucket bucket = {.node = to_node, .source = sources[i]};
    bucket.value[from->type] = self[i];
    if (self[i] != 0) code = shf_profile_bucket(to, &bucket);
  }
  return code;
}

/* Adds each node of p to `to` under its label; `way` has a row for each depth. */
static int copy_by_label(const shf_profile *p, const labels *l, shf_type type, uint32_t *way,
                         shf_profile *to) {
  uint32_t sources[2], nodes = shf_profile_nodes(p);
  figures f = figures_of(p, type);
  int code = SHF_OK;
  for (uint32_t i = 0; i < f.count && code == SHF_OK; i++) {
    shf_source source = {.types = 1u << type};
    if (f.count == 2) source.side = i ? SHF_SIDE_AFTER : SHF_SIDE_BEFORE;
    code = shf_profile_source(to, source, &sources[i]);
  }
  way[0] = 0;
  for (uint32_t n = 0; n < nodes && code == SHF_OK; n++) {
    uint32_t depth = shf_profile_depth(p, n);
    if (depth > 0) {
      shf_frame frame = {0, 0, 0, 0, 0};
      uint32_t id;
      code = shf_profile_string(to, label(l, shf_profile_frame_of(p, n)), &frame.name);
      if (code == SHF_OK) code = shf_profile_frame(to, frame, &id);
      if (code == SHF_OK) code = shf_profile_node(to, way[depth - 1], id, &way[depth]);
    }
    if (code == SHF_OK) code = add_figures(&f, n, sources, way[depth], to);
  }
  return code == SHF_OK ? shf_profile_seal(to) : code;
}

/* A profile of `type` alone in which each label is one frame. */
static int merge_labels(const shf_profile *p, const labels *l, shf_type type, shf_profile **out) {
  uint32_t *way = calloc((size_t)shf_profile_max_depth(p) + 1, sizeof *way);
  shf_profile *merged = NULL;
  int code = way ? shf_profile_new(&merged) : SHF_E_NOMEM;
  if (code == SHF_OK) code = copy_by_label(p, l, type, way, merged);
  if (code != SHF_OK) {
    shf_profile_free(merged);
    merged = NULL;
  }
  free(way);
  *out = merged;
  return code;
}

static void write_column(int64_t value, shf_sink *sink) {
  shf_sink_write(sink, " ", 1);
  shf_sink_i64(sink, value);
}

static void write_line(shf_str path, const int64_t self[2], bool both, shf_sink *sink) {
  shf_sink_str(sink, path);
  write_column(self[0], sink);
  if (both) write_column(self[1], sink);
  shf_sink_write(sink, "\n", 1);
}

/* `ends` has a row for each depth: the path's length without that depth's frame. */
static int write_stacks(const shf_profile *p, const labels *l, shf_type type, size_t *ends,
                        shf_sink *sink) {
  shf__builder path = {NULL, 0, 0, SHF_OK};
  figures f = figures_of(p, type);
  uint32_t nodes = shf_profile_nodes(p);
  for (uint32_t n = 0; n < nodes && shf_sink_code(sink) == SHF_OK && path.code == SHF_OK; n++) {
    uint32_t depth = shf_profile_depth(p, n);
    if (depth > 0) {
      shf_str text = label(l, shf_profile_frame_of(p, n));
      path.len = ends[depth - 1];
      if (depth > 1) shf__builder_add(&path, ";", 1);
      shf__builder_add(&path, text.ptr, text.len);
    }
    ends[depth] = path.len;
    int64_t self[2];
    figures_take(&f, n, self);
    if ((self[0] <= 0 && self[1] <= 0) || path.code != SHF_OK) continue;
    write_line(depth ? shf__builder_str(&path) : shf_str_of("(root)"), self, f.count == 2, sink);
  }
  int code = path.code == SHF_OK ? shf_sink_code(sink) : path.code;
  shf__builder_free(&path);
  return code;
}

static int write_labelled(const shf_profile *p, const labels *l, shf_type type, shf_sink *sink) {
  size_t *ends = calloc((size_t)shf_profile_max_depth(p) + 1, sizeof *ends);
  int code = ends ? write_stacks(p, l, type, ends, sink) : SHF_E_NOMEM;
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
