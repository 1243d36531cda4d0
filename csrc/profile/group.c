/* Replaces frames by groups (lines, functions, files, packages) or by other names. */
#include <stdlib.h>

#include "profile/profile.h"

/*
 * Copies all stacks with the frames set in c->frame. With `fold`, a node joins its parent when
 * both have the same frame.
 */
static int copy_all(shf__copy *c, bool fold) {
  const shf_profile *p = c->from;
  int code = SHF_OK;
  for (uint32_t n = 0; n < p->nnodes && !code; n++) {
    uint32_t parent = p->parent[n];
    if (n && fold && parent && c->frame[p->frame[n]] != SHF_NONE &&
        c->frame[p->frame[n]] == c->frame[p->frame[parent]])
      c->node[n] = c->node[parent];
    code = shf__copy_node(c, n);
    if (!code) code = shf__copy_buckets(c, n);
  }
  return code;
}

/* A frame that is only a name. */
static int named_frame(shf_profile *p, shf_str name, uint32_t *id) {
  shf_frame f = {0, 0, 0, 0, 0};
  int code = shf_profile_string(p, name, &f.name);
  return code ? code : shf_profile_frame(p, f, id);
}

/* A package keeps a path, which gives it its category. */
static int package_frame(shf_profile *p, shf_str package, uint32_t *id) {
  shf_frame f = {0, 0, 0, 0, 0};
  shf_sink *sink;
  int code = shf_sink_memory(&sink);
  if (code) return code;
  char *path = NULL;
  size_t len = 0;
  shf_sink_puts(sink, "node_modules/");
  code = shf_sink_str(sink, package);
  shf_sink_take(sink, &path, &len);
  if (!code) code = shf_sink_code(sink);
  shf_sink_free(sink);
  if (!code) code = shf_profile_string(p, package, &f.name);
  if (!code) code = shf_profile_string(p, (shf_str){path, len}, &f.file);
  free(path);
  return code ? code : shf_profile_frame(p, f, id);
}

/* The line of a call as a frame of its own. */
static int line_frame(const shf_profile *p, uint32_t frame, shf_profile *to, uint32_t *id) {
  int32_t call = p->frames[frame].call;
  if (call == 0) return shf__copy_frame(p, frame, to, id);
  return shf__copy_frame_at(p, frame, call, 0, 0, to, id);
}

static int function_frame(const shf_profile *p, uint32_t frame, shf_profile *to, uint32_t *id) {
  const shf_frame *f = &p->frames[frame];
  return shf__copy_frame_at(p, frame, f->line, f->column, 0, to, id);
}

/* The group of a function: its file or package. */
static int file_frame(const shf_profile *p, uint32_t frame, enum shf_group by, shf_profile *to,
                      uint32_t *id) {
  shf_str package, path = shf_frame_path(p, frame);
  enum shf_category category = shf_frame_category(p, frame, &package);
  if (path.len == 0 || category == SHF_CAT_V8) return function_frame(p, frame, to, id);
  if (category == SHF_CAT_OFFHEAP) return named_frame(to, shf_str_of(SHF__OFFHEAP), id);
  if (by == SHF_BY_FILE) return named_frame(to, path, id);
  if (category == SHF_CAT_PACKAGE) return package_frame(to, package, id);
  return named_frame(to, shf_str_of(category == SHF_CAT_NODE ? "node:" : "(app)"), id);
}

static int copy_groups(shf__copy *c, const void *how) {
  enum shf_group by = *(const enum shf_group *)how;
  int code = SHF_OK;
  for (uint32_t f = 0; f < c->from->nframes && !code; f++) {
    if (by == SHF_BY_LINE)
      code = line_frame(c->from, f, c->to, &c->frame[f]);
    else if (by == SHF_BY_FUNCTION)
      code = function_frame(c->from, f, c->to, &c->frame[f]);
    else
      code = file_frame(c->from, f, by, c->to, &c->frame[f]);
  }
  return code ? code : copy_all(c, by == SHF_BY_FILE || by == SHF_BY_PACKAGE);
}

int shf_profile_group(const shf_profile *p, enum shf_group by, shf_profile **out) {
  if (by > SHF_BY_PACKAGE) return SHF_E_ARG;
  int code = shf__copy_filled(p, copy_groups, &by, out);
  if (code || by != SHF_BY_FUNCTION) return code;
  code = shf__fill_lines(p, *out);
  if (!code) return SHF_OK;
  shf_profile_free(*out);
  *out = NULL;
  return code;
}

typedef struct places {
  const shf_place *rows;
  uint32_t count;
} places;

static int copy_places(shf__copy *c, const void *how) {
  const places *list = how;
  int code = SHF_OK;
  for (uint32_t i = 0; i < list->count && !code; i++) {
    const shf_place *place = &list->rows[i];
    shf_frame f = {0, 0, place->line, place->column, place->call};
    if (place->frame >= c->from->nframes) return SHF_E_ARG;
    code = shf_profile_string(c->to, place->name, &f.name);
    if (!code) code = shf_profile_string(c->to, place->file, &f.file);
    if (!code) code = shf_profile_frame(c->to, f, &c->frame[place->frame]);
  }
  return code ? code : copy_all(c, false);
}

int shf_profile_remap(const shf_profile *p, const shf_place *rows, uint32_t count,
                      shf_profile **out) {
  places list = {rows, count};
  return shf__copy_filled(p, copy_places, &list, out);
}
