/* Several profiles as one, each under its own root if wanted. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/str.h"
#include "profile/merge_sorted.h"

enum { META_BYTES = 4096 };

/* Compares decimal numbers: the longer one is larger. */
static bool larger_number(shf_str a, shf_str b) {
  return a.len != b.len ? a.len > b.len : shf_str_compare(a, b) > 0;
}

/* Whether `item` is in the list, whose items are separated by `; `. */
static bool has_item(shf_str list, shf_str item) {
  for (size_t at = 0; at + item.len <= list.len; at++) {
    if (memcmp(list.ptr + at, item.ptr, item.len) != 0) continue;
    bool begins = at == 0 || (at >= 2 && memcmp(list.ptr + at - 2, "; ", 2) == 0);
    size_t end = at + item.len;
    bool ends = end == list.len || (end + 2 <= list.len && memcmp(list.ptr + end, "; ", 2) == 0);
    if (begins && ends) return true;
  }
  return false;
}

/* Adds decimal numbers; a value that is no number is ignored. */
static int add_numbers(shf_profile *to, shf_str key, shf_str a, shf_str b) {
  char text[24];
  uint64_t sum = 0;
  for (int i = 0; i < 2; i++) {
    shf_str from = i ? b : a;
    uint64_t value = 0;
    if (from.len == 0 || from.len > 18) continue;
    for (size_t at = 0; at < from.len; at++) {
      if (from.ptr[at] < '0' || from.ptr[at] > '9') return SHF_OK;
      value = value * 10 + (uint64_t)(from.ptr[at] - '0');
    }
    sum += value;
  }
  int n = snprintf(text, sizeof text, "%" PRIu64, sum);
  return shf_profile_meta(to, key, (shf_str){text, (size_t)n});
}

/* Two pprof expressions cannot be combined. */
static bool is_single(shf_str key) {
  return shf__str_ends(key, "_frames");
}

/*
 * Times and pauses: the maximum; bytes: the sum; anything else: the distinct values, separated
 * by `; `.
 */
static int merge_meta(shf_profile *to, shf_str key, shf_str value) {
  shf_str old = shf__profile_meta_value(to, key);
  if (old.len == 0) return shf_profile_meta(to, key, value);
  if (is_single(key)) return SHF_OK;
  if (shf__str_ends(key, "_ms") || shf__str_ends(key, "_us"))
    return larger_number(value, old) ? shf_profile_meta(to, key, value) : SHF_OK;
  if (shf__str_ends(key, "_bytes")) return add_numbers(to, key, old, value);
  if (has_item(old, value) || old.len + value.len > META_BYTES) return SHF_OK;
  char *joined = malloc(old.len + value.len + 2);
  if (!joined) return SHF_E_NOMEM;
  memcpy(joined, old.ptr, old.len);
  /* length-counted: NOLINTNEXTLINE(bugprone-not-null-terminated-result) */
  memcpy(joined + old.len, "; ", 2);
  memcpy(joined + old.len + 2, value.ptr, value.len);
  int code = shf_profile_meta(to, key, (shf_str){joined, old.len + value.len + 2});
  free(joined);
  return code;
}

static int merge_metas(const shf__copy *c) {
  int code = SHF_OK;
  for (uint32_t i = 0; i < c->from->nmetas && !code; i++) {
    shf_str key, value;
    shf_profile_meta_at(c->from, i, &key, &value);
    code = merge_meta(c->to, key, value);
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
