#include "profile/stacks.h"

#include "profile/profile.h"

int shf__profile_stacks(shf_profile *p, shf__stack *stacks, uint32_t count) {
  uint32_t deepest = 0;
  for (uint32_t i = 0; i < count; i++) {
    stacks[i].node = 0;
    if (stacks[i].depth > deepest) deepest = stacks[i].depth;
  }
  for (uint32_t d = 0; d < deepest; d++) {
    for (uint32_t i = 0; i < count; i++) {
      shf__stack *s = &stacks[i];
      if (d < s->depth) shf__node_expect(p, s->node, s->frames[d]);
    }
    for (uint32_t i = 0; i < count; i++) {
      shf__stack *s = &stacks[i];
      if (d < s->depth) shf__node_expect_row(p, s->node, s->frames[d]);
    }
    for (uint32_t i = 0; i < count; i++) {
      shf__stack *s = &stacks[i];
      int code = d < s->depth ? shf_profile_node(p, s->node, s->frames[d], &s->node) : SHF_OK;
      if (code) return code;
    }
  }
  return SHF_OK;
}
