#include "profile/add_stacks.h"

#include "profile/profile.h"

/* One look-up of a depth, where the stack has a frame there that the one before has not. */
static bool looks_up(const shf__stack *s, uint32_t depth) {
  return depth < s->depth && depth >= s->shared;
}

/* The first child of each stack's node, sent for. */
static void expect_first(const shf__tree *t, const shf__stack *stacks, uint32_t count,
                         uint32_t depth) {
  for (uint32_t i = 0; i < count; i++) {
    if (!looks_up(&stacks[i], depth)) continue;
    uint32_t first = t->links[stacks[i].node].first;
    if (first != SHF_NONE) __builtin_prefetch(&t->links[first]);
  }
}

/* The slots of those that are no first child, sent for. @return how many there are */
static uint32_t expect_slots(const shf__tree *t, const shf__stack *stacks, uint32_t count,
                             uint32_t depth, uint32_t *slots) {
  uint32_t others = 0;
  for (uint32_t i = 0; i < count && t->index.slots; i++) {
    const shf__stack *s = &stacks[i];
    if (!looks_up(s, depth)) continue;
    uint32_t first = t->links[s->node].first;
    if (first == SHF_NONE || t->links[first].frame == s->frames[depth]) continue;
    uint32_t at = shf__tree_hash(s->node, s->frames[depth]) & t->index.mask;
    __builtin_prefetch(&t->index.slots[at]);
    slots[others++] = at;
  }
  return others;
}

/* What these slots hold, sent for. */
static void expect_others(const shf__tree *t, const uint32_t *slots, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    uint32_t row = t->index.slots[slots[i]];
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
    uint32_t first = p->tree.links[s->node].first;
    if (first != SHF_NONE && p->tree.links[first].frame == s->frames[depth]) {
      s->node = first;
      continue;
    }
    int code = shf_profile_node(p, s->node, s->frames[depth], &s->node);
    if (code) return code;
  }
  return SHF_OK;
}

int shf__profile_stacks(shf_profile *p, shf__stack *stacks, uint32_t count) {
  uint32_t slots[SHF__STACKS_MAX];
  uint32_t deepest = 0;
  int code = count <= SHF__STACKS_MAX ? SHF_OK : SHF_E_ARG;
  for (uint32_t i = 0; i < count && !code; i++) {
    const shf__stack *before = i ? &stacks[i - 1] : NULL;
    if (stacks[i].node >= p->tree.count) code = SHF_E_ARG;
    if (stacks[i].depth > deepest) deepest = stacks[i].depth;
    uint32_t most = before && before->depth < stacks[i].depth ? before->depth : stacks[i].depth;
    if (stacks[i].shared > (before ? most : 0)) code = SHF_E_ARG;
    if (before && stacks[i].shared && stacks[i].node != before->node) code = SHF_E_ARG;
  }
  for (uint32_t d = 0; d < deepest && !code; d++) {
    expect_first(&p->tree, stacks, count, d);
    expect_others(&p->tree, slots, expect_slots(&p->tree, stacks, count, d, slots));
    code = take_steps(p, stacks, count, d);
  }
  return code;
}

void shf__profile_lean(shf_profile *p) {
  p->lean = true;
}

uint32_t shf__profile_caller(const shf_profile *p, uint32_t node) {
  return p->tree.links[node].parent;
}
