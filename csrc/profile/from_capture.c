/* Makes a profile of a capture: resolves names, computes and rounds estimates. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "capture/capture.h"
#include "core/damaged.h"
#include "core/str.h"
#include "profile/call_functions.h"
#include "profile/capture_labels.h"

/* One segment while it is converted; all columns are temporary. */
typedef struct segment {
  const shf_capture_view *v;
  shf_profile *p;
  shf_frame *function; /* of each function row: its frame; without a line, unless it is a call's */
  uint32_t *frame;  /* of each function row: that frame's id; SHF_NONE: not added yet; SHF__HIDDEN:
                       left out */
  uint32_t *node;   /* from node rows to nodes; SHF_NONE: not needed yet */
  uint32_t *cut;    /* the same below `(truncated)` */
  uint32_t *path;   /* memory for the rows of one stack */
  uint32_t *depth;  /* frames from the root, including hidden ones */
  uint32_t *source; /* from source rows to sources */
  shf_hash_index ids; /* node rows by V8's id */
  uint32_t truncated; /* the node `(truncated)`; SHF_NONE until needed */
  shf__capture_labels labels;
} segment;

static uint32_t node_id(const shf_capture_view *v, uint32_t row) {
  shf_capture_node n;
  shf_capture_view_node(v, row, &n);
  return n.id;
}

static uint32_t id_hash(const void *table, uint32_t row) {
  return shf_hash_u64(node_id(table, row));
}

/* The row of the node with that id, or SHF_NONE. */
static uint32_t find_node(const segment *in, uint32_t id) {
  uint32_t at = shf_hash_u64(id) & in->ids.mask, row;
  for (; (row = in->ids.slots[at]) != SHF_NONE; at = (at + 1) & in->ids.mask)
    if (node_id(in->v, row) == id) return row;
  return SHF_NONE;
}

static int index_nodes(segment *in, shf_error *error) {
  for (uint32_t row = 0; row < in->v->header.nodes; row++) {
    int code = shf_hash_index_reserve(&in->ids, id_hash, in->v);
    if (code) return code;
    uint32_t id = node_id(in->v, row);
    if (find_node(in, id) != SHF_NONE)
      return shf__damaged(error, "two nodes of one id",
                          (uint64_t)(in->v->nodes - (const unsigned char *)in->v->sources) +
                              sizeof in->v->header + in->v->node_size * (uint64_t)row);
    uint32_t at = shf_hash_u64(id) & in->ids.mask;
    while (in->ids.slots[at] != SHF_NONE) at = (at + 1) & in->ids.mask;
    in->ids.slots[at] = row;
    in->ids.used++;
  }
  return SHF_OK;
}

/* `file:///a%20b.mjs?v=1` becomes /a b.mjs, so that modules and scripts of a file are the same. */
static int script_path(shf_profile *p, shf_str url, uint32_t *id) {
  shf_str script = shf__without_query(url);
  size_t skip = shf__scheme_length(script);
  if (skip == 0) return shf_profile_string(p, script, id);
  char *path = malloc(script.len);
  if (!path) return SHF_E_NOMEM;
  size_t n = 0;
  for (size_t i = skip; i < script.len; i++) {
    int high = -1, low = -1;
    if (script.ptr[i] == '%' && script.len - i > 2) {
      high = shf__hex_value(script.ptr[i + 1]);
      low = shf__hex_value(script.ptr[i + 2]);
    }
    path[n] = script.ptr[i];
    if (high >= 0 && low >= 0) {
      unsigned char byte = (unsigned char)(high * 16 + low);
      memcpy(&path[n], &byte, 1);
      i += 2;
    }
    n++;
  }
  int code = shf_profile_string(p, (shf_str){path, n}, id);
  free(path);
  return code;
}

/* Whether a path begins with one of the lines of `prefixes`. */
static bool is_hidden(shf_str path, shf_str prefixes) {
  while (prefixes.len) {
    const char *eol = memchr(prefixes.ptr, '\n', prefixes.len);
    size_t n = eol ? (size_t)(eol - prefixes.ptr) : prefixes.len;
    if (n && path.len >= n && memcmp(path.ptr, prefixes.ptr, n) == 0) return true;
    size_t step = eol ? n + 1 : n;
    prefixes.ptr += step;
    prefixes.len -= step;
  }
  return false;
}

/*
 * A script without a name comes from eval or new Function, or V8 forgot its name. A function
 * without a script is part of V8, or one of V8's own places, whose names are in parentheses.
 */
static int import_script(segment *in, const shf_capture_function *f, uint32_t *id) {
  shf_str script = shf_capture_view_string(in->v, f->script);
  shf_str name = shf_capture_view_string(in->v, f->name);
  if (script.len) return script_path(in->p, script, id);
  const char *instead = f->line > 0 ? "[unnamed script]" : "[collected script]";
  if (f->script_id == 0) instead = name.len && name.ptr[0] != '(' ? SHF__NATIVE : "";
  return shf_profile_string(in->p, shf_str_of(instead), id);
}

static bool equals(const shf_profile *p, uint32_t string, const char *text) {
  shf_str s = shf_profile_text(p, string);
  return s.len == strlen(text) && memcmp(s.ptr, text, s.len) == 0;
}

/* Whether a segment is of off-heap memory, whose functions have the places of calls. */
static bool is_offheap(const shf_capture_view *v) {
  for (uint32_t row = 0; row < v->header.sources; row++) {
    shf_source s;
    shf_capture_view_source(v, row, &s);
    if (s.kind != SHF_OFFHEAP) return false;
  }
  return v->header.sources > 0;
}

/* In a capture with lines, calls of off-heap stacks join the functions of the heap's segments. */
static int join_calls(segment *in) {
  shf__call_functions known;
  int code = shf__call_functions_init(&known, in->p);
  for (uint32_t row = 0; row < in->v->header.functions && !code; row++) {
    shf_frame *f = &in->function[row];
    bool place = f->file && f->line > 0 && !equals(in->p, f->name, SHF__OFFHEAP);
    if (place) shf__call_functions_join(&known, f);
  }
  shf__call_functions_free(&known);
  return code;
}

static int import_functions(segment *in) {
  shf_str hide = shf_profile_meta_get(in->p, "hide");
  for (uint32_t row = 0; row < in->v->header.functions; row++) {
    shf_capture_function f;
    shf_capture_view_function(in->v, row, &f);
    shf_frame frame = {0, 0, f.line, f.column, 0};
    int code = shf_profile_string(in->p, shf_capture_view_string(in->v, f.name), &frame.name);
    if (!code) code = import_script(in, &f, &frame.file);
    if (code) return code;
    bool leaf = equals(in->p, frame.name, SHF__OFFHEAP);
    if (leaf && is_hidden(shf_profile_text(in->p, frame.file), hide)) {
      frame.file = 0; /* off-heap memory: the leaf stays */
      frame.line = frame.column = 0;
    }
    if (is_hidden(shf_profile_text(in->p, frame.file), hide)) in->frame[row] = SHF__HIDDEN;
    in->function[row] = frame;
  }
  return in->p->has_lines && is_offheap(in->v) ? join_calls(in) : SHF_OK;
}

static int import_sources(segment *in) {
  int code = SHF_OK;
  for (uint32_t row = 0; row < in->v->header.sources && !code; row++) {
    shf_source s;
    shf_capture_view_source(in->v, row, &s);
    code = shf_profile_source(in->p, s, &in->source[row]);
  }
  return code;
}

/* The script facts are stored under the path that its functions have. */
static int import_script_facts(shf_profile *p, shf_str script, shf_str facts) {
  uint32_t path;
  int code = script_path(p, script, &path);
  if (code) return code;
  shf_str text = shf_profile_text(p, path), mark = shf_str_of(SHF_SCRIPT_FACTS);
  char *key = malloc(mark.len + text.len);
  if (!key) return SHF_E_NOMEM;
  memcpy(key, mark.ptr, mark.len);
  if (text.len) memcpy(key + mark.len, text.ptr, text.len);
  code = shf_profile_content(p, (shf_str){key, mark.len + text.len}, facts);
  free(key);
  return code;
}

static int import_meta(segment *in, shf_str key, shf_str value) {
  const size_t n = sizeof SHF_SCRIPT_FACTS - 1;
  if (key.len <= n || memcmp(key.ptr, SHF_SCRIPT_FACTS, n) != 0)
    return shf_profile_meta(in->p, key, value);
  return import_script_facts(in->p, (shf_str){key.ptr + n, key.len - n}, value);
}

static int import_metas(segment *in) {
  int code = SHF_OK;
  for (uint32_t row = 0; row < in->v->header.metas && !code; row++) {
    shf_capture_meta m;
    shf_capture_view_meta(in->v, row, &m);
    code = import_meta(in, shf_capture_view_string(in->v, m.key),
                       shf_capture_view_string(in->v, m.value));
  }
  return code;
}

/* The frame of a node, or SHF__HIDDEN. */
static int frame_of(segment *in, const shf_capture_node *n, uint32_t *frame) {
  uint32_t *known = &in->frame[n->function];
  shf_frame f = in->function[n->function];
  if (*known == SHF__HIDDEN || (*known != SHF_NONE && n->line == 0)) {
    *frame = *known;
    return SHF_OK;
  }
  if (n->line) f.call = n->line;
  int code = shf_profile_frame(in->p, f, frame);
  if (!code && n->line == 0) *known = *frame;
  return code;
}

/* Parents come first, so one pass makes all nodes. */
static int import_nodes(segment *in) {
  in->node[0] = 0;
  in->depth[0] = 0;
  for (uint32_t row = 1; row < in->v->header.nodes; row++) {
    shf_capture_node n;
    shf_capture_view_node(in->v, row, &n);
    in->depth[row] = in->depth[n.parent] + 1;
    uint32_t parent = in->node[n.parent], frame;
    in->node[row] = parent;
    int code = frame_of(in, &n, &frame);
    if (!code && frame != SHF__HIDDEN)
      code = shf_profile_node(in->p, parent, frame, &in->node[row]);
    if (code) return code;
  }
  return SHF_OK;
}

static int truncated_root(segment *in) {
  shf_frame f = {0, 0, 0, 0, 0};
  uint32_t frame;
  int code = shf_profile_string(in->p, shf_str_of("(truncated)"), &f.name);
  if (!code) code = shf_profile_frame(in->p, f, &frame);
  return code ? code : shf_profile_node(in->p, 0, frame, &in->truncated);
}

/*
 * The stack of a node with its outermost frame replaced by `(truncated)`. V8 does not mark stacks
 * that it cut. The sampler asks for one frame more than wanted, so a stack of that depth was cut.
 */
static int cut_node(segment *in, uint32_t row, uint32_t *id) {
  if (in->truncated == SHF_NONE) {
    int code = truncated_root(in);
    if (code) return code;
  }
  uint32_t steps = 0, at = row, parent = in->truncated;
  shf_capture_node n;
  for (; in->depth[at] > 1 && in->cut[at] == SHF_NONE; at = n.parent) {
    in->path[steps++] = at;
    shf_capture_view_node(in->v, at, &n);
  }
  if (in->depth[at] > 1) parent = in->cut[at];
  while (steps) {
    at = in->path[--steps];
    shf_capture_view_node(in->v, at, &n);
    uint32_t frame;
    int code = frame_of(in, &n, &frame);
    if (!code && frame != SHF__HIDDEN) code = shf_profile_node(in->p, parent, frame, &parent);
    if (code) return code;
    in->cut[at] = parent;
  }
  *id = parent;
  return SHF_OK;
}

static int import_buckets(segment *in, shf_error *error) {
  const unsigned char *start = in->v->sources - sizeof in->v->header;
  for (uint32_t row = 0; row < in->v->header.buckets; row++) {
    shf_capture_bucket b;
    shf_capture_view_bucket(in->v, row, &b);
    uint32_t at = find_node(in, b.node);
    if (at == SHF_NONE)
      return shf__damaged(error, "bucket of a node that is not there",
                          (uint64_t)(in->v->buckets - start) + in->v->bucket_size * (uint64_t)row);
    const shf_source *source = &in->p->sources[in->source[b.source]];
    uint32_t id = in->node[at], depth = source->depth;
    if (depth && source->kind == SHF_OFFHEAP) depth++; /* the leaf (off-heap) is no function */
    int code = SHF_OK;
    if (depth && in->depth[at] > depth) code = cut_node(in, at, &id);
    shf_bucket to = {b.size, {0}, id, in->source[b.source], b.allocated, b.live, 0};
    if (!code) code = shf__capture_labels_of(&in->labels, &b, &to.labels);
    if (!code) code = shf_profile_bucket(in->p, &to);
    if (code) return code;
  }
  return SHF_OK;
}

static uint32_t *column(uint32_t rows) {
  size_t bytes = (rows ? rows : 1) * sizeof(uint32_t);
  uint32_t *c = malloc(bytes);
  if (c) memset(c, 0xff, bytes);
  return c;
}

static int import_segment(const shf_capture_view *v, shf_profile *p, shf_error *error) {
  segment in = {.v = v, .p = p, .truncated = SHF_NONE};
  in.function = malloc(((size_t)v->header.functions + 1) * sizeof *in.function);
  in.frame = column(v->header.functions);
  in.node = column(v->header.nodes);
  in.cut = column(v->header.nodes);
  in.path = column(v->header.nodes);
  in.depth = column(v->header.nodes);
  in.source = column(v->header.sources);
  bool there = in.function && in.frame && in.node && in.cut && in.path && in.depth && in.source;
  int code = there ? SHF_OK : SHF_E_NOMEM;
  if (!code) code = import_metas(&in);
  if (!code) code = import_sources(&in);
  if (!code) code = import_functions(&in);
  if (!code) code = index_nodes(&in, error);
  if (!code) code = import_nodes(&in);
  if (!code) code = shf__capture_labels_init(&in.labels, v, p);
  if (!code) code = import_buckets(&in, error);
  free(in.function);
  free(in.frame);
  free(in.node);
  free(in.cut);
  free(in.path);
  free(in.depth);
  free(in.source);
  shf__capture_labels_free(&in.labels);
  shf_hash_index_free(&in.ids);
  return code;
}

/* Rounds a sum and carries the error to the next one. */
static int64_t rounded(double exact, double *carry) {
  double wanted = exact + *carry, whole = floor(wanted);
  if (wanted - whole >= 0.5) whole += 1; /* `wanted + 0.5` would be off beyond 2^52 */
  *carry = wanted - whole;
  return (int64_t)whole;
}

/*
 * Freed and live blocks are rounded separately, and allocated is their sum. So no bucket has more
 * in use than allocated.
 */
static int estimate(shf_profile *p) {
  double carry[4] = {0, 0, 0, 0};
  for (uint32_t i = 0; i < p->buckets.count; i++) {
    shf_bucket b = shf__bucket(&p->buckets, i);
    double weight = shf_weight(b.size, p->sources[b.source].interval);
    double size = (double)b.size, live = b.live * weight;
    double dead = b.allocated > b.live ? (b.allocated - b.live) * weight : 0;
    if ((live + dead) * size > 9e18) return SHF_E_LIMIT;
    b.value[SHF_INUSE_OBJECTS] = rounded(live, &carry[0]);
    b.value[SHF_INUSE_SPACE] = rounded(live * size, &carry[1]);
    b.value[SHF_ALLOC_OBJECTS] = rounded(dead, &carry[2]);
    b.value[SHF_ALLOC_SPACE] = rounded(dead * size, &carry[3]);
    uint32_t types = p->sources[b.source].types;
    b.value[SHF_ALLOC_OBJECTS] += b.value[SHF_INUSE_OBJECTS];
    b.value[SHF_ALLOC_SPACE] += b.value[SHF_INUSE_SPACE];
    if (!(types & 1u << SHF_ALLOC_SPACE)) b.value[SHF_ALLOC_OBJECTS] = b.value[SHF_ALLOC_SPACE] = 0;
    if (!(types & 1u << SHF_INUSE_SPACE)) b.value[SHF_INUSE_OBJECTS] = b.value[SHF_INUSE_SPACE] = 0;
    int code = shf__buckets_set(&p->buckets, p->arena, i, &b);
    if (code) return code;
  }
  return shf__profile_add_up(p);
}

/*
 * Earlier segments have nothing in use. Whether a collection was forced is known from the last
 * segment, and applies to all of them.
 */
static void level_gc(shf_profile *p) {
  for (uint32_t i = 0; i + 1 < p->nsources; i++) p->sources[i].gc = p->sources[p->nsources - 1].gc;
}

int shf_profile_from_capture(const void *bytes, size_t len, shf_profile **out, shf_error *error) {
  shf_profile *p;
  if (error) *error = (shf_error){.message = NULL};
  int code = shf_profile_new(&p);
  if (code) return code;
  size_t at = 0;
  do {
    shf_capture_view v;
    code = shf_capture_open((const char *)bytes + at, len - at, &v, error);
    if (!code) code = import_segment(&v, p, error);
    if (code == SHF_E_FORMAT && error) error->offset += at;
    if (!code) at += v.header.length;
  } while (!code && at < len);
  if (!code) level_gc(p);
  if (!code) code = shf_profile_seal(p);
  if (!code) code = estimate(p);
  if (!code) code = shf__profile_set_missed(p);
  if (code) {
    shf_profile_free(p);
    return code;
  }
  *out = p;
  return SHF_OK;
}
