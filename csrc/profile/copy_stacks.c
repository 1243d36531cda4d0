/* Copies stacks from one profile into another, as every transform does. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "profile/seal.h"

static uint32_t *unset(uint32_t rows) {
  size_t bytes = (rows ? rows : 1) * sizeof(uint32_t);
  uint32_t *column = malloc(bytes);
  if (column) memset(column, 0xff, bytes);
  return column;
}

static int copy_contents(const shf_profile *from, shf_profile *to) {
  int code = SHF_OK;
  for (uint32_t i = 0; i < from->ncontents && !code; i++) {
    const shf_content *content = &from->contents[i];
    code = shf_profile_content(to, shf_profile_text(from, content->file), content->text);
  }
  return code;
}

static int init(shf__copy *c, const shf_profile *from, enum shf_side side, uint32_t run,
                shf_profile *to) {
  memset(c, 0, sizeof *c);
  c->scale = 1;
  c->from = from;
  c->to = to;
  c->frame = unset(from->nframes);
  c->source = unset(from->nsources);
  c->labels = unset(shf_profile_label_sets(from));
  if (!c->frame || !c->source || !c->labels) return SHF_E_NOMEM;
  int code = copy_contents(from, to);
  if (!code) code = shf__mappings_copy(from, to);
  if (!code) code = shf__labels_copy(from, to, c->labels);
  /* all sources, even unused ones: they say what was measured */
  for (uint32_t i = 0; i < from->nsources && !code; i++) {
    shf_source source = from->sources[i];
    if (side != SHF_SIDE_NONE) source.side = side;
    if (run) source.run = run + (source.run ? source.run - 1 : 0);
    code = shf_profile_source(to, source, &c->source[i]);
  }
  return code;
}

int shf__copy_init(shf__copy *c, const shf_profile *from, shf_profile *to) {
  return init(c, from, SHF_SIDE_NONE, 0, to);
}

int shf__copy_init_side(shf__copy *c, const shf_profile *from, enum shf_side side,
                        shf_profile *to) {
  return init(c, from, side, 0, to);
}

int shf__copy_init_run(shf__copy *c, const shf_profile *from, uint32_t run, shf_profile *to) {
  return init(c, from, SHF_SIDE_NONE, run, to);
}

void shf__copy_free(shf__copy *c) {
  free(c->frame);
  free(c->source);
  free(c->labels);
  free(c->node);
  c->frame = c->source = c->labels = c->node = NULL;
}

int shf__copy_nodes(shf__copy *c) {
  c->node = unset(c->from->nnodes);
  if (!c->node) return SHF_E_NOMEM;
  c->node[0] = 0;
  /* a compact profile has no other readers: see shf_profile_build_index */
  return shf_profile_build_index((shf_profile *)c->from);
}

int shf__copy_frame_at(const shf_profile *from, uint32_t frame, int32_t line, int32_t column,
                       int32_t call, shf_profile *to, uint32_t *id) {
  shf_frame f = {from->frames[frame].name, from->frames[frame].file, line, column, call};
  int code = shf_profile_string(to, shf_profile_text(from, f.name), &f.name);
  if (!code) code = shf_profile_string(to, shf_profile_text(from, f.file), &f.file);
  if (!code) code = shf_profile_frame(to, f, id);
  return code ? code : shf__codes_copy(from, frame, to, *id);
}

int shf__copy_frame(const shf_profile *from, uint32_t frame, shf_profile *to, uint32_t *id) {
  const shf_frame *f = &from->frames[frame];
  return shf__copy_frame_at(from, frame, f->line, f->column, f->call, to, id);
}

/* Drops the column, or the line, so that the frame differs from the one that is there now. */
static int displaced_frame(shf__copy *c, uint32_t frame) {
  shf_frame f = c->from->frames[frame];
  if (f.column > 0)
    f.column = 0;
  else
    f.line = 0;
  int code = shf_profile_string(c->to, shf_profile_text(c->from, f.name), &f.name);
  if (!code) code = shf_profile_string(c->to, shf_profile_text(c->from, f.file), &f.file);
  return code ? code : shf_profile_frame(c->to, f, &c->frame[frame]);
}

/* The line of a call, once its function begins at another line. */
static int32_t moved_call(const shf_frame *f, int32_t line) {
  int64_t call = (int64_t)f->call + line - f->line;
  if (f->call == 0 || f->line <= 0 || line <= 0) return f->call;
  return call > 0 && call <= INT32_MAX ? (int32_t)call : 0;
}

/*
 * Gives a frame the function of frame `*as` of `names`, and the code of the same line there. *as
 * moves towards that line: the next frame of the function has a later one.
 */
static int renamed_frame(shf__copy *c, uint32_t frame, const shf_profile *names, uint32_t *as) {
  shf_frame f = names->frames[*as];
  uint32_t *id = &c->frame[frame];
  f.call = moved_call(&c->from->frames[frame], f.line);
  while (names->frames[*as].call < f.call && *as + 1 < names->nframes &&
         shf__same_function(&names->frames[*as + 1], &f))
    ++*as;
  if (names->frames[*as].call == f.call) return shf__copy_frame(names, *as, c->to, id);
  int code = shf_profile_string(c->to, shf_profile_text(names, f.name), &f.name);
  if (!code) code = shf_profile_string(c->to, shf_profile_text(names, f.file), &f.file);
  if (!code) code = shf_profile_frame(c->to, f, id);
  return code ? code : shf__codes_copy(c->from, frame, c->to, *id);
}

int shf__copy_name(shf__copy *c, const uint32_t *frames, const shf_profile *names) {
  int code = SHF_OK;
  uint32_t as = SHF_NONE;
  for (uint32_t f = 0; f < c->from->nframes && !code; f++) {
    if (f == 0 || frames[f] != frames[f - 1]) as = frames[f];
    if (frames[f] == SHF__DISPLACED)
      code = displaced_frame(c, f);
    else if (frames[f] != SHF_NONE)
      code = renamed_frame(c, f, names, &as);
  }
  return code;
}

static int known_frame(shf__copy *c, uint32_t frame) {
  if (c->frame[frame] != SHF_NONE) return SHF_OK;
  return shf__copy_frame(c->from, frame, c->to, &c->frame[frame]);
}

int shf__copy_frames(shf__copy *c) {
  const shf_profile *p = c->from;
  uint8_t *used = calloc((size_t)p->nframes + 1, sizeof *used);
  int code = used ? SHF_OK : SHF_E_NOMEM;
  for (uint32_t n = 1; n < p->nnodes && used; n++) used[p->frame[n]] = 1;
  /* in their order, which is mostly the canonical order of the copy too */
  for (uint32_t f = 0; f < p->nframes && !code; f++)
    if (used[f]) code = known_frame(c, f);
  free(used);
  return code;
}

int shf__copy_apart(shf__copy *c) {
  const shf_profile *p = c->from;
  int code = shf__copy_frames(c);
  uint32_t *from = unset(c->to->nframes); /* row f: which frame became f */
  if (!from && !code) code = SHF_E_NOMEM;
  bool apart = !code;
  for (uint32_t n = 1; n < p->nnodes && apart; n++) {
    uint32_t frame = p->frame[n], to = c->frame[frame];
    apart = to != SHF__HIDDEN && (from[to] == SHF_NONE || from[to] == frame);
    if (apart) from[to] = frame;
  }
  free(from);
  c->fresh = apart;
  return code;
}

int shf__copy_node(shf__copy *c, uint32_t node) {
  if (c->node[node] != SHF_NONE) return SHF_OK;
  uint32_t parent = c->node[c->from->parent[node]], frame = c->from->frame[node];
  int code = known_frame(c, frame);
  if (code) return code;
  if (c->frame[frame] == SHF__HIDDEN) {
    c->node[node] = parent;
    return SHF_OK;
  }
  if (c->fresh)
    return shf__tree_append(&c->to->tree, c->to->arena, parent, c->frame[frame], &c->node[node]);
  return shf_profile_node(c->to, parent, c->frame[frame], &c->node[node]);
}

static const double MAX_VALUE = 9.2e18; /* less than 2^63 */

/* Carries the rounding error to the next value, so that sums are right. */
static int64_t scaled(shf__copy *c, int type, int64_t value) {
  if (value == 0) return 0;
  double exact = (double)value * c->scale + c->carry[type];
  if (!(fabs(exact) < MAX_VALUE)) {
    c->beyond = true;
    return 0;
  }
  int64_t rounded = llround(exact);
  c->carry[type] = exact - (double)rounded;
  return rounded;
}

shf_bucket shf__copy_bucket(shf__copy *c, uint32_t row, uint32_t node) {
  shf_bucket copy = shf__bucket(&c->from->buckets, row);
  copy.node = node;
  copy.source = c->source[copy.source];
  copy.labels = c->labels[copy.labels];
  if (c->inuse_only) {
    copy.allocated = 0;
    copy.value[SHF_ALLOC_OBJECTS] = copy.value[SHF_ALLOC_SPACE] = 0;
  }
  for (int t = 0; t < SHF_TYPES && c->scale != 1; t++) copy.value[t] = scaled(c, t, copy.value[t]);
  return copy;
}

int shf__copy_buckets(shf__copy *c, uint32_t node) {
  int code = SHF_OK;
  for (uint32_t b = c->from->first[node]; b < c->from->first[node + 1] && !code; b++) {
    if (c->kept && !c->kept[shf__bucket_labels(&c->from->buckets, b)]) continue;
    shf_bucket copy = shf__copy_bucket(c, b, c->node[node]);
    code = c->beyond ? SHF_E_LIMIT : shf_profile_bucket(c->to, &copy);
  }
  return code;
}

int shf__copy_stacks(shf__copy *c) {
  int code = SHF_OK;
  for (uint32_t n = 0; n < c->from->nnodes && !code; n++) {
    code = shf__copy_node(c, n);
    if (!code) code = shf__copy_buckets(c, n);
  }
  return code;
}

int shf__copy_metas(shf__copy *c) {
  for (uint32_t i = 0; i < c->from->nmetas; i++) {
    shf_str key, value;
    shf_profile_meta_at(c->from, i, &key, &value);
    int code = shf_profile_meta(c->to, key, value);
    if (code) return code;
  }
  return SHF_OK;
}

int shf__copy_filled(const shf_profile *p, shf__fill fill, const void *how, shf_profile **out) {
  shf_profile *to;
  int code = shf_profile_new(&to);
  if (code) return code;
  shf__copy c;
  code = shf__copy_init(&c, p, to);
  if (!code) code = shf__copy_nodes(&c);
  if (!code) code = fill(&c, how);
  if (!code) code = shf__copy_metas(&c);
  if (!code) code = shf_profile_seal(to);
  shf__copy_free(&c);
  if (code) {
    shf_profile_free(to);
    return code;
  }
  *out = to;
  return SHF_OK;
}
