/*
 * Writes V8's sampling heap profile as JSON, which DevTools opens. It has bytes only: for a type
 * that counts objects, the bytes of the same family are written.
 *
 * Positions are 0-based here, -1 if unknown. Script ids are not known: scriptId numbers the file
 * names by first use. Subtrees without values are left out.
 */
#include <stdlib.h>

#include "text/string_builder.h"

typedef struct writer {
  const shf_profile *p;
  shf_sink *sink;
  shf_type type;
  uint8_t *keep;       /* row n: node n or one below it has a value */
  uint32_t *script_of; /* row s: scriptId of file s; 0: not assigned yet */
  uint32_t scripts;
} writer;

static void mark_kept(writer *w) {
  for (uint32_t i = 0; i < shf_profile_buckets(w->p); i++) {
    const shf_bucket b = shf_profile_bucket_at(w->p, i);
    if (b.value[w->type] != 0) w->keep[b.node] = 1;
  }
  for (uint32_t n = shf_profile_nodes(w->p) - 1; n > 0; n--) {
    if (w->keep[n]) w->keep[shf_profile_parent(w->p, n)] = 1;
  }
  w->keep[0] = 1;
}

static int64_t zero_based(int32_t position) {
  return position > 0 ? (int64_t)position - 1 : -1;
}

static uint32_t script_id(writer *w, uint32_t file) {
  if (file == 0) return 0;
  if (w->script_of[file] == 0) w->script_of[file] = ++w->scripts;
  return w->script_of[file];
}

static void write_call_frame(writer *w, uint32_t node) {
  shf_str name = shf_str_of("(root)"), url = shf_str_of("");
  uint32_t script = 0;
  int64_t line = -1, column = -1;
  if (node > 0) {
    const shf_frame *f = shf_profile_frame_at(w->p, shf_profile_frame_of(w->p, node));
    name = shf_profile_text(w->p, f->name);
    url = shf_profile_text(w->p, f->file);
    script = script_id(w, f->file);
    line = zero_based(f->line);
    column = zero_based(f->column);
  }
  shf_sink_puts(w->sink, "{\"callFrame\":{\"functionName\":");
  shf__json_string(w->sink, name);
  shf_sink_puts(w->sink, ",\"scriptId\":\"");
  shf_sink_u64(w->sink, script);
  shf_sink_puts(w->sink, "\",\"url\":");
  shf__json_string(w->sink, url);
  shf_sink_puts(w->sink, ",\"lineNumber\":");
  shf_sink_i64(w->sink, line);
  shf_sink_puts(w->sink, ",\"columnNumber\":");
  shf_sink_i64(w->sink, column);
  shf_sink_puts(w->sink, "}");
}

static void write_node(writer *w, uint32_t node, int64_t self) {
  write_call_frame(w, node);
  shf_sink_puts(w->sink, ",\"selfSize\":");
  shf_sink_i64(w->sink, self);
  shf_sink_puts(w->sink, ",\"id\":");
  shf_sink_u64(w->sink, (uint64_t)node + 1);
  shf_sink_puts(w->sink, ",\"children\":[");
}

/* In preorder the depth alone says which lists end and where commas go. */
static void write_tree(writer *w, const int64_t *self) {
  uint32_t nodes = shf_profile_nodes(w->p), open = 0;
  write_node(w, 0, self[0]);
  for (uint32_t n = 1; n < nodes && shf_sink_code(w->sink) == SHF_OK; n++) {
    if (!w->keep[n]) continue;
    uint32_t depth = shf_profile_depth(w->p, n);
    bool sibling = open >= depth;
    for (; open >= depth; open--) shf_sink_puts(w->sink, "]}");
    if (sibling) shf_sink_puts(w->sink, ",");
    write_node(w, n, self[n]);
    open = depth;
  }
  for (; open > 0; open--) shf_sink_puts(w->sink, "]}");
  shf_sink_puts(w->sink, "]}");
}

static void write_samples(writer *w) {
  uint32_t buckets = shf_profile_buckets(w->p), ordinal = 0;
  for (uint32_t i = 0; i < buckets && shf_sink_code(w->sink) == SHF_OK; i++) {
    const shf_bucket b = shf_profile_bucket_at(w->p, i);
    if (b.value[w->type] == 0) continue;
    shf_sink_puts(w->sink, ordinal ? ",{\"size\":" : "{\"size\":");
    shf_sink_i64(w->sink, b.value[w->type]);
    shf_sink_puts(w->sink, ",\"nodeId\":");
    shf_sink_u64(w->sink, (uint64_t)b.node + 1);
    shf_sink_puts(w->sink, ",\"ordinal\":");
    shf_sink_u64(w->sink, ++ordinal);
    shf_sink_puts(w->sink, "}");
  }
}

int shf_heapprofile_write(const shf_profile *p, shf_type type, shf_sink *sink) {
  if ((unsigned)type >= SHF_TYPES || shf_profile_is_diff(p)) return SHF_E_ARG;
  if (type == SHF_ALLOC_OBJECTS) type = SHF_ALLOC_SPACE;
  if (type == SHF_INUSE_OBJECTS) type = SHF_INUSE_SPACE;
  if (!(shf_profile_types(p) & 1u << type)) return SHF_E_ABSENT;
  size_t nodes = shf_profile_nodes(p);
  writer w = {.p = p, .sink = sink, .type = type};
  int64_t *self = calloc(nodes, sizeof *self);
  w.keep = calloc(nodes, sizeof *w.keep);
  w.script_of = calloc((size_t)shf_profile_strings(p) + 1, sizeof *w.script_of);
  int code = self && w.keep && w.script_of ? SHF_OK : SHF_E_NOMEM;
  if (code == SHF_OK) {
    shf_profile_sums(p, type, self, NULL);
    mark_kept(&w);
    shf_sink_puts(sink, "{\"head\":");
    write_tree(&w, self);
    shf_sink_puts(sink, ",\"samples\":[");
    write_samples(&w);
    code = shf_sink_puts(sink, "]}\n");
  }
  free(self);
  free(w.keep);
  free(w.script_of);
  return code;
}
