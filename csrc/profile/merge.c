/* Several profiles as one, each under its own root if wanted. */
#include <stdio.h>
#include <stdlib.h>

#include "profile/merge_sorted.h"
#include "profile/meta.h"

static int merge_metas(const shf__copy *c) {
  int code = SHF_OK;
  for (uint32_t i = 0; i < c->from->nmetas && !code; i++) {
    shf_str key, value;
    shf_profile_meta_at(c->from, i, &key, &value);
    code = shf__merge_meta(c->to, key, value);
  }
  return code;
}

/* Adds the stacks below a frame named `root`, if that is not empty. */
static int add_stacks(shf__copy *c, shf_str root) {
  int code = shf__copy_nodes(c);
  if (!code && root.len) {
    shf_frame f = {0, 0, 0, 0, 0};
    uint32_t frame;
    code = shf_profile_string(c->to, root, &f.name);
    if (!code) code = shf_profile_frame(c->to, f, &frame);
    if (!code) code = shf_profile_node(c->to, 0, frame, &c->node[0]);
  }
  if (code) return code;
  /* at most the root that the stacks are put under */
  if (c->to->tree.count == 1 || c->node[0] == c->to->tree.count - 1) code = shf__copy_apart(c);
  return code ? code : shf__copy_stacks(c);
}

/* Row i of `roots` belongs to copy i; NULL: no roots. */
static int add_all(shf__copy *copies, uint32_t count, const shf_merge_input *roots) {
  bool done = false, rooted = false, consumed = count > 0;
  for (uint32_t i = 0; i < count; i++) consumed = consumed && copies[i].from->consumed;
  if (consumed) copies[0].to->compact = true;
  for (uint32_t i = 0; roots && i < count; i++) rooted = rooted || roots[i].root.len;
  int code = rooted ? SHF_OK : shf__merge_sorted(copies, count, &done);
  for (uint32_t i = 0; i < count && !code; i++) {
    if (!done) code = add_stacks(&copies[i], roots ? roots[i].root : (shf_str){NULL, 0});
    if (!code) code = merge_metas(&copies[i]);
    shf__copy_free(&copies[i]);
  }
  return code;
}

/* Seals the profile, or frees it after a failure. */
static int sealed(shf_profile *to, int code, shf_profile **out) {
  if (!code) code = shf_profile_seal(to);
  if (code) {
    shf_profile_free(to);
    return code;
  }
  *out = to;
  return SHF_OK;
}

int shf_profile_merge(const shf_merge_input *inputs, uint32_t count, shf_profile **out) {
  shf_profile *to;
  int code = shf_profile_new(&to);
  if (code) return code;
  shf__copy *copies = calloc(count ? count : 1, sizeof *copies);
  if (!copies) code = SHF_E_NOMEM;
  for (uint32_t i = 1; i < count; i++) shf__mix_programs(to, inputs[0].profile, inputs[i].profile);
  for (uint32_t i = 0; i < count && !code; i++)
    code = shf__copy_init(&copies[i], inputs[i].profile, to);
  if (!code) code = add_all(copies, count, inputs);
  for (uint32_t i = 0; copies && i < count; i++) shf__copy_free(&copies[i]);
  free(copies);
  return sealed(to, code, out);
}

static int set_meta_runs(shf_profile *p, uint32_t runs) {
  char text[16];
  snprintf(text, sizeof text, "%lu", (unsigned long)runs);
  return shf_profile_meta(p, shf_str_of("runs"), shf_str_of(text));
}

/* `run`: number of the first run of the input. Its frames are matched with those of `first`. */
static int open_run(shf__copy *c, const shf_profile *p, const shf_profile *first, uint32_t run,
                    shf_profile *to) {
  uint32_t *frames = malloc((p->nframes ? p->nframes : 1) * sizeof *frames);
  int code = shf__copy_init_run(c, p, run, to);
  if (!frames) code = SHF_E_NOMEM;
  if (!code) code = shf__match_frames(p, first, frames);
  if (!code) code = shf__copy_name(c, frames, first);
  free(frames);
  return code;
}

int shf_profile_merge_runs(const shf_profile *const *inputs, uint32_t count, shf_profile **out) {
  shf_profile *to;
  uint32_t runs = 0;
  int code = shf_profile_new(&to);
  if (code) return code;
  shf__copy *copies = calloc(count ? count : 1, sizeof *copies);
  if (!copies) code = SHF_E_NOMEM;
  for (uint32_t i = 1; i < count; i++) shf__mix_programs(to, inputs[0], inputs[i]);
  for (uint32_t i = 0; i < count && !code; i++) {
    code = open_run(&copies[i], inputs[i], inputs[0], runs + 1, to);
    runs += shf_profile_runs(inputs[i], SHF_SIDE_NONE);
  }
  if (!code) code = add_all(copies, count, NULL);
  if (!code) code = set_meta_runs(to, runs);
  for (uint32_t i = 0; copies && i < count; i++) shf__copy_free(&copies[i]);
  free(copies);
  return sealed(to, code, out);
}
