#include "profile/stacks.h"

#include "profile/profile.h"

typedef struct step {
  uint32_t frame; /* SHF_NONE: nothing to look up */
  uint32_t first; /* child of the stack's node */
  uint32_t at;    /* slot of the tree's index */
} step;

/* What the look-ups of this depth are about to read, sent for. */
static void expect_children(const shf__tree *t, const shf__stack *stacks, uint32_t count,
                            uint32_t depth, step *steps) {
  for (uint32_t i = 0; i < count; i++) {
    const shf__stack *s = &stacks[i];
    steps[i].frame = SHF_NONE;
    if (depth >= s->depth || depth < s->shared) continue;
    steps[i] = (step){s->frames[depth], t->links[s->node].first, 0};
    if (steps[i].first == SHF_NONE) continue;
    __builtin_prefetch(&t->links[steps[i].first]);
    if (!t->index.slots) continue;
    steps[i].at = shf__tree_hash(s->node, steps[i].frame) & t->index.mask;
    __builtin_prefetch(&t->index.slots[steps[i].at]);
  }
}

/* The same of those that are no first child. */
static void expect_others(const shf__tree *t, uint32_t count, const step *steps) {
  for (uint32_t i = 0; i < count; i++) {
    const step *s = &steps[i];
    if (s->frame == SHF_NONE || s->first == SHF_NONE || !t->index.slots) continue;
    if (t->links[s->first].frame == s->frame) continue;
    uint32_t row = t->index.slots[s->at];
    if (row != SHF_NONE) __builtin_prefetch(&t->links[row]);
  }
}

static int take_steps(shf_profile *p, shf__stack *stacks, uint32_t count, uint32_t depth) {
  for (uint32_t i = 0; i < count; i++) {
    shf__stack *s = &stacks[i];
    if (depth >= s->depth) continue;
    if (depth < s->shared) {
      s->node = stacks[i - 1].node;
      continue;
    }
    int code = shf_profile_node(p, s->node, s->frames[depth], &s->node);
    if (code) return code;
  }
  return SHF_OK;
}

int shf__profile_stacks(shf_profile *p, shf__stack *stacks, uint32_t count) {
  step steps[SHF__STACKS_MAX];
  uint32_t deepest = 0;
  int code = count <= SHF__STACKS_MAX ? SHF_OK : SHF_E_ARG;
  for (uint32_t i = 0; i < count && !code; i++) {
    const shf__stack *before = i ? &stacks[i - 1] : NULL;
    stacks[i].node = 0;
    if (stacks[i].depth > deepest) deepest = stacks[i].depth;
    uint32_t most = before && before->depth < stacks[i].depth ? before->depth : stacks[i].depth;
    if (stacks[i].shared > (before ? most : 0)) code = SHF_E_ARG;
  }
  for (uint32_t d = 0; d < deepest && !code; d++) {
    expect_children(&p->tree, stacks, count, d, steps);
    expect_others(&p->tree, count, steps);
    code = take_steps(p, stacks, count, d);
  }
  return code;
}
