/* Read access to a sealed profile. */
#include <assert.h>
#include <string.h>

#include "profile/profile.h"

static const char *const type_names[SHF_TYPES] = {"alloc_objects", "alloc_space", "inuse_objects",
                                                  "inuse_space"};

const char *shf_type_name(shf_type type) {
  return type < SHF_TYPES ? type_names[type] : "";
}

shf_type shf_type_parse(const char *name) {
  int t = 0;
  while (t < SHF_TYPES && strcmp(name, type_names[t]) != 0) t++;
  return (shf_type)t;
}

bool shf_type_is_space(shf_type type) {
  return type == SHF_ALLOC_SPACE || type == SHF_INUSE_SPACE;
}

uint32_t shf_profile_nodes(const shf_profile *p) {
  return p->nnodes;
}

uint32_t shf_profile_parent(const shf_profile *p, uint32_t node) {
  assert(p->parent && node < p->nnodes);
  return p->parent[node];
}

uint32_t shf_profile_frame_of(const shf_profile *p, uint32_t node) {
  assert(node < p->nnodes);
  return p->frame[node];
}

uint32_t shf_profile_depth(const shf_profile *p, uint32_t node) {
  assert(node < p->nnodes);
  return p->depth[node];
}

const uint32_t *shf_profile_frame_rows(const shf_profile *p) {
  return p->frame;
}

const uint32_t *shf_profile_depth_rows(const shf_profile *p) {
  return p->depth;
}

uint32_t shf_profile_end(const shf_profile *p, uint32_t node) {
  assert(p->end && node < p->nnodes);
  return p->end[node];
}

uint32_t shf_profile_max_depth(const shf_profile *p) {
  return p->max_depth;
}

uint32_t shf_profile_frames(const shf_profile *p) {
  return p->nframes;
}

const shf_frame *shf_profile_frame_at(const shf_profile *p, uint32_t frame) {
  assert(frame < p->nframes);
  return &p->frames[frame];
}

bool shf_profile_has_lines(const shf_profile *p) {
  return p->has_lines;
}

uint32_t shf_profile_strings(const shf_profile *p) {
  return p->strings.count;
}

shf_str shf_profile_text(const shf_profile *p, uint32_t string) {
  assert(string < p->strings.count);
  return p->strings.rows[string];
}

uint32_t shf_profile_buckets(const shf_profile *p) {
  return p->buckets.count;
}

shf_bucket shf_profile_bucket_at(const shf_profile *p, uint32_t bucket) {
  assert(bucket < p->buckets.count);
  return shf__bucket(&p->buckets, bucket);
}

uint32_t shf_profile_bucket_first(const shf_profile *p, uint32_t node) {
  assert(p->first && node <= p->nnodes);
  return p->first[node];
}

uint32_t shf_profile_sources(const shf_profile *p) {
  return p->nsources;
}

const shf_source *shf_profile_source_at(const shf_profile *p, uint32_t source) {
  assert(source < p->nsources);
  return &p->sources[source];
}

uint32_t shf_profile_metas(const shf_profile *p) {
  return p->nmetas;
}

void shf_profile_meta_at(const shf_profile *p, uint32_t row, shf_str *key, shf_str *value) {
  assert(row < p->nmetas);
  *key = shf_profile_text(p, p->metas[row].key);
  *value = shf_profile_text(p, p->metas[row].value);
}

shf_str shf__profile_meta_value(const shf_profile *p, shf_str key) {
  for (uint32_t i = 0; i < p->nmetas; i++) {
    if (shf_str_compare(shf_profile_text(p, p->metas[i].key), key) == 0)
      return shf_profile_text(p, p->metas[i].value);
  }
  return (shf_str){"", 0};
}

shf_str shf_profile_meta_get(const shf_profile *p, const char *key) {
  return shf__profile_meta_value(p, shf_str_of(key));
}

bool shf_meta_is_internal(shf_str key) {
  static const char *const keys[] = {"hide",        "exec",   "default_type", "drop_frames",
                                     "keep_frames", "remark", "lost"};
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
    if (shf_str_compare(key, shf_str_of(keys[i])) == 0) return true;
  return false;
}

uint32_t shf_profile_types(const shf_profile *p) {
  uint32_t types = SHF_HAS_ALLOC | SHF_HAS_INUSE;
  for (uint32_t i = 0; i < p->nsources; i++) types &= p->sources[i].types;
  return types;
}

int64_t shf_profile_total(const shf_profile *p, shf_type type) {
  assert(p->sealed);
  return type < SHF_TYPES ? p->total[type] : 0;
}
