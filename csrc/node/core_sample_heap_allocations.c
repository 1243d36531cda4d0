/* A capture in the format of sample-heap-allocations: callsites with their blocks. */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "capture/capture.h"
#include "node/core_binding.h"

/* The nodes of a capture that have allocations, in the order of their rows. */
typedef struct sites {
  shf_capture_view view;
  shf_capture_bucket *buckets; /* by node row, then size */
  uint32_t *first;             /* nodes + 1 rows: where a node's buckets begin */
  uint32_t *depth;             /* of each node: 0 for the root */
  unsigned char *bytes;        /* the capture */
} sites;

static void sites_free(sites *s) {
  free(s->buckets);
  free(s->first);
  free(s->depth);
  free(s->bytes);
}

typedef struct id_row {
  uint32_t id, row;
} id_row;

static int by_id(const void *a, const void *b) {
  const id_row *x = a, *y = b;
  return (x->id > y->id) - (x->id < y->id);
}

static int by_node_size(const void *a, const void *b) {
  const shf_capture_bucket *x = a, *y = b;
  if (x->node != y->node) return x->node < y->node ? -1 : 1;
  return (x->size > y->size) - (x->size < y->size);
}

/* Replaces V8's node ids in buckets by rows. @return 0 or a SHF_E… code */
static int place_buckets(sites *s, const id_row *ids) {
  const shf_capture_header *h = &s->view.header;
  for (uint32_t i = 0; i < h->buckets; i++) {
    shf_capture_view_bucket(&s->view, i, &s->buckets[i]);
    id_row wanted = {s->buckets[i].node, 0};
    const id_row *found = bsearch(&wanted, ids, h->nodes, sizeof *ids, by_id);
    if (!found) return SHF_E_FORMAT;
    s->buckets[i].node = found->row;
  }
  if (h->buckets) qsort(s->buckets, h->buckets, sizeof *s->buckets, by_node_size);
  uint32_t at = 0;
  for (uint32_t n = 0; n <= h->nodes; n++) {
    while (at < h->buckets && s->buckets[at].node < n) at++;
    s->first[n] = at;
  }
  return SHF_OK;
}

static int sites_read(sites *s) {
  const shf_capture_header *h = &s->view.header;
  s->buckets = malloc(((size_t)h->buckets + 1) * sizeof *s->buckets);
  s->first = malloc(((size_t)h->nodes + 1) * sizeof *s->first);
  s->depth = malloc((size_t)h->nodes * sizeof *s->depth);
  id_row *ids = malloc((size_t)h->nodes * sizeof *ids);
  int code = s->buckets && s->first && s->depth && ids ? SHF_OK : SHF_E_NOMEM;
  for (uint32_t n = 0; n < h->nodes && !code; n++) {
    shf_capture_node node;
    shf_capture_view_node(&s->view, n, &node);
    assert(n == 0 || node.parent < n); /* shf_capture_open checks it */
    ids[n] = (id_row){node.id, n};
    s->depth[n] = n ? s->depth[node.parent] + 1 : 0;
  }
  if (!code) qsort(ids, h->nodes, sizeof *ids, by_id);
  if (!code) code = place_buckets(s, ids);
  free(ids);
  return code;
}

/* [{ size, count }] of a node's live blocks, sizes ascending. */
static napi_value allocations(napi_env env, const sites *s, uint32_t node) {
  napi_value array = shf_js_array(env, 0);
  uint32_t n = 0;
  for (uint32_t i = s->first[node]; i < s->first[node + 1];) {
    uint64_t size = s->buckets[i].size;
    double count = 0;
    for (; i < s->first[node + 1] && s->buckets[i].size == size; i++) {
      shf_source source;
      shf_capture_view_source(&s->view, s->buckets[i].source, &source);
      count += s->buckets[i].live * shf_weight(size, source.interval);
    }
    if (count == 0) continue;
    napi_handle_scope scope = shf_js_open(env);
    napi_value o = shf_js_object(env);
    shf_js_set(env, o, "size", shf_js_number(env, (double)size));
    shf_js_set(env, o, "count", shf_js_number(env, floor(count + 0.5)));
    shf_js_set_at(env, array, n++, o);
    shf_js_close(env, scope);
  }
  return array;
}

static napi_value callsite(napi_env env, const sites *s, uint32_t row) {
  shf_capture_node node;
  shf_capture_function f;
  shf_capture_view_node(&s->view, row, &node);
  shf_capture_view_function(&s->view, node.function, &f);
  napi_value o = shf_js_object(env);
  shf_js_set(env, o, "depth", shf_js_number(env, s->depth[row]));
  shf_js_set(env, o, "name", shf_js_text(env, shf_capture_view_string(&s->view, f.name)));
  shf_js_set(env, o, "script", shf_js_text(env, shf_capture_view_string(&s->view, f.script)));
  shf_js_set(env, o, "script_id", shf_js_number(env, f.script_id));
  shf_js_set(env, o, "start_position", shf_js_number(env, f.start_position));
  shf_js_set(env, o, "line_number", shf_js_number(env, f.line));
  shf_js_set(env, o, "column_number", shf_js_number(env, f.column));
  shf_js_set(env, o, "allocations", allocations(env, s, row));
  return o;
}

static bool has_live(const sites *s, uint32_t node) {
  for (uint32_t i = s->first[node]; i < s->first[node + 1]; i++)
    if (s->buckets[i].live) return true;
  return false;
}

/* Opens the last segment, which has the live blocks. false: an exception is pending. */
static bool open_sites(napi_env env, napi_callback_info info, sites *s) {
  napi_value argv[1];
  size_t len, at = 0;
  shf_error error = {.message = NULL};
  memset(s, 0, sizeof *s);
  shf_js_args(env, info, argv, 1);
  s->bytes = shf_js_copy(env, argv[0], &len);
  int code = s->bytes ? SHF_OK : SHF_E_ARG;
  do {
    if (!code) code = shf_capture_open(s->bytes + at, len - at, &s->view, &error);
    if (!code) at += s->view.header.length;
  } while (!code && at < len);
  if (!code) code = sites_read(s);
  if (!code) return true;
  sites_free(s);
  shf_js_throw_code(env, code, &error);
  return false;
}

/* A stack's callsites, outermost first, beginning with V8's root. */
static napi_value stack_of(napi_env env, const sites *s, uint32_t leaf) {
  napi_value callsites = shf_js_array(env, s->depth[leaf] + 1);
  for (uint32_t row = leaf;;) {
    napi_handle_scope scope = shf_js_open(env);
    shf_js_set_at(env, callsites, s->depth[row], callsite(env, s, row));
    shf_js_close(env, scope);
    if (row == 0) break;
    shf_capture_node node;
    shf_capture_view_node(&s->view, row, &node);
    row = node.parent;
  }
  napi_value o = shf_js_object(env);
  shf_js_set(env, o, "callsites", callsites);
  return o;
}

/* An array of `made(node)` for each node with live blocks. */
static napi_value of_live(napi_env env, napi_callback_info info,
                          napi_value (*made)(napi_env env, const sites *s, uint32_t node)) {
  sites s;
  if (!open_sites(env, info, &s)) return NULL;
  napi_value array = shf_js_array(env, 0);
  uint32_t n = 0;
  for (uint32_t row = 0; row < s.view.header.nodes; row++) {
    if (!has_live(&s, row)) continue;
    napi_handle_scope scope = shf_js_open(env);
    shf_js_set_at(env, array, n++, made(env, &s, row));
    shf_js_close(env, scope);
  }
  sites_free(&s);
  return array;
}

napi_value shf_js_callsites(napi_env env, napi_callback_info info) {
  return of_live(env, info, stack_of);
}

napi_value shf_js_visit(napi_env env, napi_callback_info info) {
  return of_live(env, info, callsite);
}
