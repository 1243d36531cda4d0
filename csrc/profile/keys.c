#include "profile/keys.h"

#include <stdlib.h>

#include "profile/profile.h"

int shf__profile_key(shf_profile *p, uint32_t parent, uint32_t key, uint32_t *id) {
  return shf__tree_child(&p->tree, p->arena, parent, key, id);
}

uint32_t shf__profile_key_nodes(const shf_profile *p) {
  return p->tree.count;
}

uint32_t shf__profile_key_of(const shf_profile *p, uint32_t node) {
  return p->tree.links[node].frame;
}

void shf__profile_keys_name(shf_profile *p, const uint32_t *frame) {
  shf__tree *t = &p->tree;
  shf_index_free(&t->index);
  t->known = 0;
  t->links[0].first = SHF_NONE;
  for (uint32_t i = 1; i < t->count; i++) {
    t->links[i].frame = frame[t->links[i].frame];
    t->links[i].first = SHF_NONE;
  }
}

int shf__profile_keys_expand(shf_profile *p, shf__below *below, void *self, uint32_t **out) {
  uint32_t root, *node = malloc(p->tree.count * sizeof *node);
  if (!node) return SHF_E_NOMEM;
  shf__tree keys = p->tree;
  p->tree = (shf__tree){.links = NULL};
  int code = shf__tree_append(&p->tree, p->arena, SHF_NONE, SHF_NONE, &root);
  node[0] = 0;
  for (uint32_t i = 1; i < keys.count && !code; i++) {
    node[i] = node[keys.links[i].parent];
    code = below(self, keys.links[i].frame, &node[i]);
  }
  shf__tree_drop(&keys, p->arena);
  *out = node;
  return code;
}
