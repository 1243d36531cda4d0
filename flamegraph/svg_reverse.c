/* Stacks that begin where they ended: merged from the function that allocated. */
#include <stdlib.h>

#include "svg.h"

typedef struct turn {
  const shf_profile *from;
  shf_profile *to;
  uint32_t *frame; /* rows as frames of `from`: the same frame in `to` */
} turn;

static int copy_string(const turn *t, uint32_t from, uint32_t *to) {
  return shf_profile_string(t->to, shf_profile_text(t->from, from), to);
}

static int copy_frames(turn *t) {
  for (uint32_t f = 0; f < shf_profile_frames(t->from); f++) {
    shf_frame frame = *shf_profile_frame_at(t->from, f);
    int code = copy_string(t, frame.name, &frame.name);
    if (!code) code = copy_string(t, frame.file, &frame.file);
    if (!code) code = shf_profile_frame(t->to, frame, &t->frame[f]);
    if (code) return code;
  }
  return SHF_OK;
}

static int copy_bucket(const turn *t, uint32_t row) {
  shf_bucket b = shf_profile_bucket_at(t->from, row);
  uint32_t node = 0;
  int code = shf_profile_source(t->to, *shf_profile_source_at(t->from, b.source), &b.source);
  for (uint32_t n = b.node; !code && n != 0; n = shf_profile_parent(t->from, n))
    code = shf_profile_node(t->to, node, t->frame[shf_profile_frame_of(t->from, n)], &node);
  b.node = node;
  return code ? code : shf_profile_bucket(t->to, &b);
}

static int copy_all(turn *t) {
  int code = copy_frames(t);
  /* All sources, so that the types known to all stay the same. */
  for (uint32_t i = 0, id; !code && i < shf_profile_sources(t->from); i++)
    code = shf_profile_source(t->to, *shf_profile_source_at(t->from, i), &id);
  for (uint32_t i = 0; !code && i < shf_profile_buckets(t->from); i++) code = copy_bucket(t, i);
  /* A difference's scale is one of these lines. */
  for (uint32_t i = 0; !code && i < shf_profile_metas(t->from); i++) {
    shf_str key, value;
    shf_profile_meta_at(t->from, i, &key, &value);
    code = shf_profile_meta(t->to, key, value);
  }
  return code ? code : shf_profile_seal(t->to);
}

int shf__svg_reverse(const shf_profile *p, shf_profile **out) {
  turn t = {.from = p};
  int code = shf_profile_new(&t.to);
  if (code) return code;
  t.frame = malloc(((size_t)shf_profile_frames(p) + 1) * sizeof *t.frame);
  code = t.frame ? copy_all(&t) : SHF_E_NOMEM;
  free(t.frame);
  if (code) {
    shf_profile_free(t.to);
    return code;
  }
  *out = t.to;
  return SHF_OK;
}
