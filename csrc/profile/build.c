/* Adding to a profile: strings, frames, nodes, buckets, sources, metadata. */
#include <stdlib.h>
#include <string.h>

#include "core/budget.h"
#include "profile/memory_use.h"
#include "profile/profile.h"

int shf_profile_new(shf_profile **out) {
  shf_profile *p = calloc(1, sizeof *p);
  if (!p) return SHF_E_NOMEM;
  p->arena = shf_arena_new();
  int code = p->arena ? shf_string_table_init(&p->strings, p->arena) : SHF_E_NOMEM;
  uint32_t root;
  if (!code) code = shf__tree_append(&p->tree, p->arena, SHF_NONE, SHF_NONE, &root);
  if (code) {
    shf_profile_free(p);
    return code;
  }
  *out = p;
  return SHF_OK;
}

void shf_profile_free(shf_profile *p) {
  if (!p) return;
  shf_hash_index_free(&p->strings.index);
  shf_hash_index_free(&p->frame_index);
  shf_hash_index_free(&p->tree.index);
  shf_hash_index_free(&p->source_index);
  shf_hash_index_free(&p->labels.index);
  shf_hash_index_free(&p->mapping_index);
  shf_arena_free(p->arena);
  if (p->held) shf__budget_release(p->held);
  free(p);
}

/*
 * Memory for each node that outputs need: the rest of the tree, a renamed copy of it, and the
 * drawing.
 */
enum { OUTPUT_BYTES = 64 };

bool shf__profile_memory_use(shf_profile *p, uint64_t *bytes) {
  *bytes = 0;
  if (!shf__budget_is_set()) return true;
  if (!shf__budget_fits((uint64_t)p->nnodes * OUTPUT_BYTES)) return false;
  *bytes = p->held = shf_arena_bytes(p->arena);
  return true;
}

int shf_profile_string(shf_profile *p, shf_str text, uint32_t *id) {
  return shf_string_table_intern(&p->strings, p->arena, text, id);
}

static uint32_t frame_hash(const shf_frame *f) {
  uint64_t place = (uint64_t)(uint32_t)f->line << 32 | (uint32_t)f->column;
  uint64_t call = (uint64_t)(uint32_t)f->call * 0xD1B54A32D192ED03u;
  return shf_hash_u64(((uint64_t)f->name << 32 | f->file) ^ place * 0x9E3779B97F4A7C15u ^ call);
}

static uint32_t frame_row_hash(const void *table, uint32_t row) {
  return frame_hash(&((const shf_profile *)table)->frames[row]);
}

static bool same_frame(const shf_frame *a, const shf_frame *b) {
  return shf__same_function(a, b) && a->call == b->call;
}

int shf_profile_frame(shf_profile *p, shf_frame frame, uint32_t *id) {
  if (p->sealed || frame.name >= p->strings.count || frame.file >= p->strings.count ||
      frame.call < 0)
    return SHF_E_ARG;
  int code = shf_hash_index_reserve(&p->frame_index, frame_row_hash, p);
  if (code) return code;
  uint32_t at = frame_hash(&frame) & p->frame_index.mask, row;
  for (; (row = p->frame_index.slots[at]) != SHF_NONE; at = (at + 1) & p->frame_index.mask) {
    if (!same_frame(&p->frames[row], &frame)) continue;
    *id = row;
    return SHF_OK;
  }
  code = shf_arena_reserve(p->arena, (void **)&p->frames, p->nframes, &p->frames_capacity,
                           sizeof frame);
  if (code) return code;
  p->frames[p->nframes] = frame;
  p->has_lines = p->has_lines || frame.call;
  p->frame_index.slots[at] = *id = p->nframes++;
  p->frame_index.used++;
  return SHF_OK;
}

int shf_profile_node(shf_profile *p, uint32_t parent, uint32_t frame, uint32_t *id) {
  if (p->sealed || parent >= p->tree.count || frame >= p->nframes) return SHF_E_ARG;
  return shf__tree_child(&p->tree, p->arena, parent, frame, id);
}

static uint32_t source_row_hash(const void *table, uint32_t row) {
  return shf_hash_bytes(&((const shf_profile *)table)->sources[row], sizeof(shf_source));
}

int shf_profile_source(shf_profile *p, shf_source source, uint32_t *id) {
  if (p->sealed) return SHF_E_ARG;
  int code = shf_hash_index_reserve(&p->source_index, source_row_hash, p);
  if (code) return code;
  uint32_t at = shf_hash_bytes(&source, sizeof source) & p->source_index.mask, row;
  for (; (row = p->source_index.slots[at]) != SHF_NONE; at = (at + 1) & p->source_index.mask) {
    if (memcmp(&p->sources[row], &source, sizeof source) != 0) continue;
    *id = row;
    return SHF_OK;
  }
  code = shf_arena_reserve(p->arena, (void **)&p->sources, p->nsources, &p->sources_capacity,
                           sizeof source);
  if (code) return code;
  p->sources[p->nsources] = source;
  p->source_index.slots[at] = *id = p->nsources++;
  p->source_index.used++;
  return SHF_OK;
}

int shf_profile_bucket(shf_profile *p, const shf_bucket *b) {
  uint32_t nodes = p->nnodes ? p->nnodes : p->tree.count;
  if (p->sealed || b->node >= nodes || b->source >= p->nsources) return SHF_E_ARG;
  if (b->labels >= shf_profile_label_sets(p)) return SHF_E_ARG;
  return shf__buckets_add(&p->buckets, p->arena, b);
}

/* Metadata lines are few and stay sorted by key; they may be set after sealing. */
int shf_profile_meta(shf_profile *p, shf_str key, shf_str value) {
  uint32_t at = 0, k, v;
  int order = 1;
  while (at < p->nmetas) {
    order = shf_str_compare(shf_profile_text(p, p->metas[at].key), key);
    if (order >= 0) break;
    at++;
  }
  bool found = at < p->nmetas && order == 0;
  if (value.len == 0) {
    if (!found) return SHF_OK;
    p->nmetas--;
    memmove(p->metas + at, p->metas + at + 1, (p->nmetas - at) * sizeof *p->metas);
    return SHF_OK;
  }
  int code = shf_profile_string(p, key, &k);
  if (!code) code = shf_profile_string(p, value, &v);
  if (!code && !found)
    code = shf_arena_reserve(p->arena, (void **)&p->metas, p->nmetas, &p->metas_capacity,
                             sizeof *p->metas);
  if (code) return code;
  if (!found) {
    memmove(p->metas + at + 1, p->metas + at, (p->nmetas - at) * sizeof *p->metas);
    p->nmetas++;
  }
  p->metas[at] = (shf_meta_line){k, v};
  return SHF_OK;
}

/* A linear search: there are few, each of a whole file. */
static const shf_content *content_of(const shf_profile *p, uint32_t file) {
  for (uint32_t i = 0; i < p->ncontents; i++)
    if (p->contents[i].file == file) return &p->contents[i];
  return NULL;
}

int shf_profile_content(shf_profile *p, shf_str file, shf_str text) {
  uint32_t id;
  int code = shf_profile_string(p, file, &id);
  if (code || content_of(p, id)) return code;
  char *copy = shf_arena_alloc(p->arena, text.len ? text.len : 1, 1);
  if (!copy) return SHF_E_NOMEM;
  if (text.len) memcpy(copy, text.ptr, text.len);
  code = shf_arena_reserve(p->arena, (void **)&p->contents, p->ncontents, &p->contents_capacity,
                           sizeof *p->contents);
  if (code) return code;
  p->contents[p->ncontents++] = (shf_content){id, {copy, text.len}};
  return SHF_OK;
}

uint32_t shf_profile_contents(const shf_profile *p) {
  return p->ncontents;
}

void shf_profile_content_at(const shf_profile *p, uint32_t i, shf_str *file, shf_str *text) {
  *file = shf_profile_text(p, p->contents[i].file);
  *text = p->contents[i].text;
}

shf_str shf_profile_content_of(const shf_profile *p, uint32_t file) {
  const shf_content *content = content_of(p, file);
  return content ? content->text : (shf_str){NULL, 0};
}
