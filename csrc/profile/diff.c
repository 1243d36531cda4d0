/* A difference: two profiles in one tree. */
#include <stdlib.h>
#include <string.h>

#include "core/decimal.h"
#include "profile/merge_sorted.h"

/* `frames`: frames of p to frames of `names`; NULL: no frame changes. */
static int open_side(shf__copy *c, const shf_profile *p, enum shf_side side, double scale,
                     const uint32_t *frames, const shf_profile *names, shf_profile *to) {
  int code = shf__copy_init_side(c, p, side, to);
  c->scale = scale;
  return code || !frames ? code : shf__copy_name(c, frames, names);
}

static int add_sides(shf__copy *sides) {
  bool done;
  int code = shf__merge_sorted(sides, 2, &done);
  if (code || done) return code;
  code = shf__copy_nodes(&sides[0]);
  if (!code) code = shf__copy_apart(&sides[0]);
  if (!code) code = shf__copy_stacks(&sides[0]);
  if (!code) code = shf__copy_nodes(&sides[1]);
  return code ? code : shf__copy_stacks(&sides[1]);
}

/* Variances are those of the unscaled samples; shf__profile_set_scales reads this line. */
static int set_meta_scale(shf_profile *p, double scale) {
  char text[SHF__DECIMAL];
  size_t len = shf__decimal_put(text, scale, 17);
  return shf_profile_meta(p, shf_str_of(SHF__SCALE_KEY), (shf_str){text, len});
}

int shf_profile_diff(const shf_profile *before, const shf_profile *after, shf_type type,
                     bool normalize, shf_profile **out) {
  if (type >= SHF_TYPES) return SHF_E_ARG;
  double runs[2] = {shf_profile_runs(before, SHF_SIDE_NONE),
                    shf_profile_runs(after, SHF_SIDE_NONE)};
  double was = (double)before->total[type] / runs[0], is = (double)after->total[type] / runs[1];
  double scale = normalize && was > 0 && is > 0 ? is / was : 1;
  shf_profile *to;
  int code = shf_profile_new(&to);
  if (code) return code;
  to->compact = before->consumed && after->consumed;
  shf__mix_programs(to, before, after);
  uint32_t *frames = malloc((before->nframes ? before->nframes : 1) * sizeof *frames);
  if (!frames) code = SHF_E_NOMEM;
  if (!code) code = shf__match_frames(before, after, frames);
  shf__copy sides[2];
  memset(sides, 0, sizeof sides);
  if (!code)
    code = open_side(&sides[0], before, SHF_SIDE_BEFORE, scale / runs[0], frames, after, to);
  if (!code) code = open_side(&sides[1], after, SHF_SIDE_AFTER, 1 / runs[1], NULL, NULL, to);
  free(frames);
  if (!code) code = add_sides(sides);
  if (!code) code = shf__copy_metas(&sides[1]);
  for (int i = 0; i < 2; i++) shf__copy_free(&sides[i]);
  if (!code && scale != 1) code = set_meta_scale(to, scale);
  if (!code) code = shf_profile_seal(to);
  if (code) {
    shf_profile_free(to);
    return code;
  }
  *out = to;
  return SHF_OK;
}
