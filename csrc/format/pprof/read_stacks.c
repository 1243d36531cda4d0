/*
 * Stacks of a profile.proto into the tree. Samples in order have most of their stack in common,
 * and as the root's ids come last, so do the bytes of their packed ids: what ends alike is neither
 * decoded nor looked up again.
 */
#include <stdlib.h>

#include "core/budget.h"

#include "format/pprof/fields.h"
#include "format/pprof/read.h"
#include "profile/location_tree.h"

/* Most writers number locations from 1 on: those need no look-up. */
enum { NEAR_IDS = 1024 * 1024 };

static int grow_near(shf__pprof *r, uint64_t id) {
  uint32_t want = r->near_capacity ? r->near_capacity : 1024;
  while (want <= id) want *= 2;
  uint32_t *grown = realloc(r->near, want * sizeof *grown);
  if (!grown) return SHF_E_NOMEM;
  memset(grown + r->near_capacity, 0, (want - r->near_capacity) * sizeof *grown);
  r->near = grown;
  r->near_capacity = want;
  return SHF_OK;
}

static int find_location(shf__pprof *r, uint64_t id, uint64_t at, uint32_t *row) {
  uint32_t before = r->location_ids.count;
  int code = shf__growable_reserve((void **)&r->locations, before, &r->locations_capacity,
                                   sizeof *r->locations);
  if (!code) code = shf__key_set_add(&r->location_ids, id, row);
  if (!code && *row == before) r->locations[*row] = (shf__pp_location){.at = at};
  return code;
}

/* Of those that were met and have small ids; else SHF_NONE. */
static inline uint32_t near_location(const shf__pprof *r, uint64_t id) {
  return id < r->near_capacity ? r->near[id] - 1 : SHF_NONE;
}

int shf__pprof_location(shf__pprof *r, uint64_t id, uint64_t at, uint32_t *row) {
  *row = near_location(r, id);
  if (*row != SHF_NONE) return SHF_OK;
  int code = find_location(r, id, at, row);
  if (!code && id < NEAR_IDS && id >= r->near_capacity) code = grow_near(r, id);
  if (!code && id < NEAR_IDS) r->near[id] = *row + 1;
  return code;
}

void shf__pprof_stack_begin(shf__pprof *r) {
  r->base = r->depth = r->shared = 0;
}

static int push_id(shf__pprof *r, uint64_t id, uint32_t back) {
  int code =
      shf__growable_reserve((void **)&r->stack, r->depth, &r->stack_capacity, sizeof *r->stack);
  if (!code) r->stack[r->depth++] = (shf__pp_step){.location = id, .back = back};
  return code;
}

/* Bytes that both texts end in. */
static size_t common_end(const unsigned char *a_end, const unsigned char *b_end, size_t most) {
  size_t n = 0;
  for (uint64_t x, y; n + 8 <= most; n += 8) {
    memcpy(&x, a_end - n - 8, 8);
    memcpy(&y, b_end - n - 8, 8);
    if (x != y) break;
  }
  while (n < most && a_end[-1 - (ptrdiff_t)n] == b_end[-1 - (ptrdiff_t)n]) n++;
  return n;
}

/* Steps of the path that packed ids end in; *back, 0 before, is how many bytes these take. */
static uint32_t shared_steps(const shf__pprof *r, const shf__wire *packed, size_t *back) {
  size_t len = (size_t)(packed->end - packed->at), most = len < r->ids.len ? len : r->ids.len;
  if (most == 0) return 0;
  size_t alike = common_end(packed->end, r->ids.buffer + r->ids.size, most);
  uint32_t steps = r->path_depth;
  while (steps && r->path[steps - 1].back > alike) steps--;
  /* where both begin to differ, what is in front of a shared id must end there too */
  if (steps && r->path[steps - 1].back == alike && alike < len &&
      packed->end[-1 - (ptrdiff_t)alike] >= 0x80)
    steps--;
  if (steps) *back = r->path[steps - 1].back;
  return steps;
}

/* Keeps packed ids, the last `back` bytes of which stand there already. */
static int keep_ids(shf__pp_ids *ids, const shf__wire *packed, size_t back) {
  size_t len = (size_t)(packed->end - packed->start);
  if (len > ids->size) {
    size_t size = len * 2 + 256;
    unsigned char *buffer = shf__budget_resize(ids->size, size) ? malloc(size) : NULL;
    if (!buffer) return SHF_E_NOMEM;
    if (back) memcpy(buffer + size - back, ids->buffer + ids->size - back, back);
    free(ids->buffer);
    ids->buffer = buffer;
    ids->size = size;
  }
  if (len > back) memcpy(ids->buffer + ids->size - len, packed->start, len - back);
  ids->len = len;
  return SHF_OK;
}

/* What is taken as shared stands nearest to the root: more ids come in front of that. */
static int unshare(shf__pprof *r) {
  int code = SHF_OK;
  while (r->shared && !code) code = push_id(r, r->path[--r->shared].location, 0);
  r->ids.len = 0;
  return code;
}

/*
 * Packed ids from the root's on, which stand last: a byte below 0x80 ends each. False where one is
 * 0, does not end or takes more than four bytes: then none was taken.
 */
static bool take_ids(shf__pprof *r, const shf__wire *packed, size_t back, int *code) {
  const unsigned char *from = packed->start, *end = packed->end, *at = end;
  uint32_t row = (uint32_t)(end - from);
  if (row && end[-1] >= 0x80) return false;
  while (r->stack_capacity < row && !*code)
    *code = shf__growable_grow((void **)&r->stack, r->stack_capacity, &r->stack_capacity,
                               sizeof *r->stack);
  if (*code) return false;
  r->depth = row;
  while (at > from) {
    const unsigned char *last = --at;
    uint32_t id = *last;
    while (at > from && at[-1] >= 0x80 && last - at < 3) id = id << 7 | (*--at & 0x7f);
    if (id == 0 || (at > from && at[-1] >= 0x80)) {
      r->depth = 0;
      return false;
    }
    if (id < r->near_capacity) __builtin_prefetch(&r->near[id]); /* for add_rows */
    r->stack[--row] = (shf__pp_step){.location = id, .back = (uint32_t)(end - at) + (uint32_t)back};
  }
  r->base = row;
  return true;
}

int shf__pprof_stack_ids(shf__pprof *r, const shf__wire *w, const shf__field *f, shf_error *error) {
  shf__wire packed = {NULL, NULL, NULL, 0};
  size_t back = 0;
  uint64_t id;
  bool first = r->depth == r->base && r->shared == 0, whole = first && f->wire == PB_BYTES;
  int code = first ? SHF_OK : unshare(r);
  if (whole) {
    packed = shf__wire_message(w, f);
    r->shared = shared_steps(r, &packed, &back);
    code = keep_ids(&r->ids, &packed, back);
    packed.end -= back;
    if (!code && take_ids(r, &packed, back, &code)) return SHF_OK;
  } else {
    r->ids.len = 0;
  }
  for (const unsigned char *at = packed.at;
       !code && shf__pprof_number(w, f, &packed, &id, &code, error); at = packed.at) {
    if (id == 0) return shf__damaged(error, "a sample with a location 0", f->offset);
    code = push_id(r, id, whole ? (uint32_t)(packed.end - at + (ptrdiff_t)back) : 0);
  }
  return code;
}

/* ---- Into the tree ----------------------------------------------------------------- */

int shf__pprof_rows_leave(shf__pprof *r) {
  uint32_t *node;
  int code = shf__profile_rows_leave(r->p, &node);
  if (code) return code;
  for (uint32_t i = 0; i < r->nsamples; i++) r->sample_node[i] = node[r->sample_node[i]];
  for (uint32_t i = 0; i < r->path_depth; i++) r->path[i].node = node[r->path[i].node];
  free(node);
  return SHF_OK;
}

static uint32_t path_end(const shf__pprof *r) {
  return r->path_depth ? r->path[r->path_depth - 1].node : 0;
}

/* Whether the sample's stack, of which `count` nodes are new, can follow those before. */
static int stay_in_order(shf__pprof *r, uint32_t count, uint64_t at) {
  uint32_t node = path_end(r), location;
  bool order = count || r->nsamples == 0 || r->sample_node[r->nsamples - 1] <= node;
  if (count && node + 1 < shf__profile_key_nodes(r->p)) {
    int code = shf__pprof_location(r, r->stack[r->depth - 1].location, at, &location);
    if (code) return code;
    uint32_t hash = shf_hash_u64((uint64_t)node << 32 | location);
    shf__pp_seen *seen = &r->seen[hash % SHF__PP_SEEN];
    order = seen->node != node || seen->below != location + 1;
    *seen = (shf__pp_seen){node, location + 1};
  }
  return order ? SHF_OK : shf__pprof_rows_leave(r);
}

/* The steps that are left, as rows below the path. */
static int add_rows(shf__pprof *r, uint32_t count, uint64_t at) {
  uint32_t *keys, node = shf__profile_key_nodes(r->p);
  int code = shf__profile_rows_add(r->p, r->path_depth + 1, count, &keys);
  for (; r->depth > r->base && !code; keys++) {
    shf__pp_step *step = &r->path[r->path_depth++];
    *step = r->stack[--r->depth];
    step->node = node++;
    *keys = near_location(r, step->location);
    if (*keys == SHF_NONE) code = shf__pprof_location(r, step->location, at, keys);
  }
  return code;
}

static int look_up(shf__pprof *r, uint64_t at) {
  int code = SHF_OK;
  while (r->depth > r->base && !code) {
    shf__pp_step step = r->stack[--r->depth];
    uint32_t location;
    code = shf__pprof_location(r, step.location, at, &location);
    if (!code) code = shf__profile_key(r->p, path_end(r), location, &step.node);
    if (!code) r->path[r->path_depth++] = step;
  }
  return code;
}

int shf__pprof_stack_end(shf__pprof *r, uint64_t at, uint32_t *node) {
  while (r->depth > r->base && r->shared < r->path_depth &&
         r->path[r->shared].location == r->stack[r->depth - 1].location) {
    r->path[r->shared++].back = r->stack[--r->depth].back;
  }
  r->path_depth = r->shared;
  uint32_t count = r->depth - r->base;
  int code = SHF_OK;
  while (r->path_capacity - r->path_depth < count && !code)
    code =
        shf__growable_grow((void **)&r->path, r->path_capacity, &r->path_capacity, sizeof *r->path);
  if (!code && shf__profile_in_rows(r->p)) code = stay_in_order(r, count, at);
  if (!code) code = shf__profile_in_rows(r->p) ? add_rows(r, count, at) : look_up(r, at);
  *node = path_end(r);
  return code;
}
