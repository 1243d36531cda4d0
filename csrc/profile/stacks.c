#include "profile/stacks.h"

#include "profile/profile.h"

typedef struct step {
  uint32_t at;    /* slot of the node index */
  uint32_t frame; /* SHF_NONE: the stack has ended */
} step;

/* Where each stack's next node is looked up, sent for. */
static void expect_slots(const shf_profile *p, const shf__stack *stacks, uint32_t count,
                         uint32_t depth, step *steps) {
  for (uint32_t i = 0; i < count; i++) {
    const shf__stack *s = &stacks[i];
    steps[i].frame = depth < s->depth ? s->frames[depth] : SHF_NONE;
    if (depth >= s->depth) continue;
    steps[i].at = shf__node_hash(s->node, steps[i].frame) & p->node_index.mask;
    __builtin_prefetch(&p->node_index.slots[steps[i].at]);
  }
}

/* What they hold, sent for. */
static void expect_links(const shf_profile *p, uint32_t count, const step *steps) {
  for (uint32_t i = 0; i < count; i++) {
    if (steps[i].frame == SHF_NONE) continue;
    uint32_t row = p->node_index.slots[steps[i].at];
    if (row != SHF_NONE) __builtin_prefetch(&p->links[row]);
  }
}

static int take_steps(shf_profile *p, shf__stack *stacks, uint32_t count, const step *steps) {
  for (uint32_t i = 0; i < count; i++) {
    uint32_t frame = steps[i].frame, parent = stacks[i].node;
    if (frame == SHF_NONE) continue;
    /* The index may have grown since; then the row is another, and is looked up. */
    uint32_t row = p->node_index.slots[steps[i].at];
    if (row != SHF_NONE && p->links[row].parent == parent && p->links[row].frame == frame) {
      stacks[i].node = row;
      continue;
    }
    int code = shf_profile_node(p, parent, frame, &stacks[i].node);
    if (code) return code;
  }
  return SHF_OK;
}

int shf__profile_stacks(shf_profile *p, shf__stack *stacks, uint32_t count) {
  step steps[SHF__STACKS_MAX];
  uint32_t deepest = 0;
  int code = count <= SHF__STACKS_MAX ? SHF_OK : SHF_E_ARG;
  for (uint32_t i = 0; i < count && !code; i++) {
    stacks[i].node = 0;
    if (stacks[i].depth > deepest) deepest = stacks[i].depth;
  }
  for (uint32_t d = 0; d < deepest && !code; d++) {
    expect_slots(p, stacks, count, d, steps);
    expect_links(p, count, steps);
    code = take_steps(p, stacks, count, steps);
  }
  return code;
}
