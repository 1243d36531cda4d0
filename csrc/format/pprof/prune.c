/*
 * Applies drop_frames and keep_frames as pprof does: a location whose function matches drop_frames
 * but not keep_frames is removed from the stack with all below it. Of inlined functions the outer
 * ones stay. Whole names are matched, without their argument lists.
 */
#include <stdlib.h>

#include "core/str.h"
#include "format/pprof/read.h"
#include "profile/metadata_lines.h"
#include "text/regex.h"

/* Limit of regex steps for all names together: a second or two. */
#define STEPS UINT64_C(1000000000)

typedef struct rules {
  shf__regex *drop, *keep; /* `keep` NULL: none */
  uint64_t steps;          /* steps left */
  uint8_t *verdict;        /* row f: of function f */
} rules;

enum verdict { UNASKED, DROPPED, KEPT };

/* The name without its argument list; two C++ names contain brackets themselves. */
static shf_str without_arguments(shf_str name) {
  if (shf__str_begins(name, ".")) name = (shf_str){name.ptr + 1, name.len - 1};
  for (size_t i = 0; i < name.len; i++) {
    shf_str rest = {name.ptr + i, name.len - i};
    if (shf__str_begins(rest, "(anonymous namespace)"))
      i += sizeof "(anonymous namespace)" - 2;
    else if (shf__str_begins(rest, "operator()"))
      i += sizeof "operator()" - 2;
    else if (shf__str_begins(rest, "("))
      return (shf_str){name.ptr, i};
  }
  return name;
}

static bool is_dropped(const shf__pprof *r, rules *by, uint32_t function) {
  const shf__pp_function *f = &r->functions[function];
  shf_str name = shf__pprof_text(r, f->name);
  if (by->verdict[function] == UNASKED) {
    if (name.len == 0) name = shf__pprof_text(r, f->system_name);
    name = without_arguments(name);
    bool drop = name.len && shf__regex_matches(by->drop, name, &by->steps);
    bool keep = drop && by->keep && shf__regex_matches(by->keep, name, &by->steps);
    by->verdict[function] = drop && !keep ? DROPPED : KEPT;
  }
  return by->verdict[function] == DROPPED;
}

/* What drop_frames says of a location; *first is its innermost line that stays. */
static uint8_t drop_of(const shf__pprof *r, rules *by, const shf__pp_location *l, uint32_t *first) {
  for (uint32_t i = l->lines; i-- > 0;) {
    if (!is_dropped(r, by, r->lines[l->line + i].function)) continue;
    *first = i + 1;
    return i + 1 == l->lines ? SHF__PP_DROPPED : SHF__PP_LAST;
  }
  return 0;
}

static int find_drops(shf__pprof *r, rules *by, uint8_t *drops, uint32_t *first) {
  by->verdict = calloc((size_t)r->function_ids.count + 1, 1);
  if (!by->verdict) return SHF_E_NOMEM;
  for (uint32_t i = 0; i < r->location_ids.count && by->steps; i++)
    drops[i] = drop_of(r, by, &r->locations[i], &first[i]);
  if (by->steps == 0) return SHF_E_FORMAT;
  for (uint32_t i = 0; i < r->location_ids.count; i++) {
    if (drops[i] != SHF__PP_LAST) continue;
    r->locations[i].line += first[i];
    r->locations[i].lines -= first[i];
  }
  return SHF_OK;
}

static int open_rules(const shf__pprof *r, rules *by) {
  shf_str drop = shf__pprof_text(r, r->drop_frames), keep = shf__pprof_text(r, r->keep_frames);
  int code = shf__regex_new(drop, &by->drop);
  if (!code && keep.len) code = shf__regex_new(keep, &by->keep);
  return code;
}

static int set_unread(shf__pprof *r) {
  static const char why[] =
      "drop_frames or keep_frames is not a supported expression, so no frame is dropped";
  return shf_profile_meta(r->p, shf_str_of("remark"), shf_str_of(why));
}

int shf__pprof_prune(shf__pprof *r, uint8_t **out) {
  shf_str drop = shf__pprof_text(r, r->drop_frames), keep = shf__pprof_text(r, r->keep_frames);
  *out = NULL;
  if (drop.len == 0) return SHF_OK;
  rules by = {.steps = STEPS};
  size_t rows = (size_t)r->location_ids.count + 1;
  uint8_t *drops = calloc(rows, 1);
  uint32_t *first = calloc(rows, sizeof *first);
  int code = drops && first ? open_rules(r, &by) : SHF_E_NOMEM;
  if (!code) code = find_drops(r, &by, drops, first);
  bool unread = code == SHF_E_FORMAT;
  if (unread) code = set_unread(r);
  if (!code) code = shf_profile_meta(r->p, shf_str_of("drop_frames"), drop);
  if (!code) code = shf_profile_meta(r->p, shf_str_of("keep_frames"), keep);
  shf__regex_free(by.drop);
  shf__regex_free(by.keep);
  free(by.verdict);
  free(first);
  if (code || unread)
    free(drops);
  else
    *out = drops;
  return code;
}
