/* Reverses stacks, so that they are merged from the allocating function on. */
#include <stdlib.h>

#include "svg.h"

typedef struct reversal {
  const shf_profile *from;
  shf_profile *to;
  uint32_t *frame; /* row f: frame f of `from` in `to` */
} reversal;

static int copy_string(const reversal *r, uint32_t from, uint32_t *to) {
  return shf_profile_string(r->to, shf_profile_text(r->from, from), to);
}

static int copy_frames(reversal *r) {
  for (uint32_t f = 0; f < shf_profile_frames(r->from); f++) {
    shf_frame frame = *shf_profile_frame_at(r->from, f);
    int code = copy_string(r, frame.name, &frame.name);
    if (!code) code = copy_string(r, frame.file, &frame.file);
    if (!code) code = shf_profile_frame(r->to, frame, &r->frame[f]);
    if (code) return code;
  }
  return SHF_OK;
}

static int copy_bucket(const reversal *r, uint32_t row) {
  shf_bucket b = shf_profile_bucket_at(r->from, row);
  uint32_t node = 0;
  int code = shf_profile_source(r->to, *shf_profile_source_at(r->from, b.source), &b.source);
  for (uint32_t n = b.node; !code && n != 0; n = shf_profile_parent(r->from, n))
    code = shf_profile_node(r->to, node, r->frame[shf_profile_frame_of(r->from, n)], &node);
  b.node = node;
  return code ? code : shf_profile_bucket(r->to, &b);
}

static int copy_all(reversal *r) {
  int code = copy_frames(r);
  /* Copy all sources, so that the known types stay the same. */
  for (uint32_t i = 0, id; !code && i < shf_profile_sources(r->from); i++)
    code = shf_profile_source(r->to, *shf_profile_source_at(r->from, i), &id);
  for (uint32_t i = 0; !code && i < shf_profile_buckets(r->from); i++) code = copy_bucket(r, i);
  /* Meta lines include the scale of a difference. */
  for (uint32_t i = 0; !code && i < shf_profile_metas(r->from); i++) {
    shf_str key, value;
    shf_profile_meta_at(r->from, i, &key, &value);
    code = shf_profile_meta(r->to, key, value);
  }
  return code ? code : shf_profile_seal(r->to);
}

int shf__svg_reverse(const shf_profile *p, shf_profile **out) {
  reversal r = {.from = p};
  int code = shf_profile_new(&r.to);
  if (code) return code;
  r.frame = malloc(((size_t)shf_profile_frames(p) + 1) * sizeof *r.frame);
  code = r.frame ? copy_all(&r) : SHF_E_NOMEM;
  free(r.frame);
  if (code) {
    shf_profile_free(r.to);
    return code;
  }
  *out = r.to;
  return SHF_OK;
}
