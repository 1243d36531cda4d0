#include "runtime/offheap.h"

#include <math.h>
#include <stdlib.h>
#include <time.h>

#include "runtime/live_blocks.h"

#define NS_PER_S UINT64_C(1000000000)

enum { STACKS_PER_SECOND = 500, MAX_INTERVAL_BITS = 58 };

struct shf_offheap {
  shf_offheap_options options;
  shf_array_buffer_hook *allocator;
  shf_offheap_profile profile;
  uint64_t since_ms;
  uint32_t level; /* the interval is options.interval << level */
  uint64_t seed;
  uint64_t second_ns; /* start of the second in which stacks are counted */
  uint32_t stacks;    /* taken in that second */
  uint64_t lost;      /* samples that were dropped because memory was short */
  bool overflowed;    /* some stacks went to the overflow stack */
  bool downsampled;
};

static uint64_t clock_ns(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

static uint64_t interval_at(const shf_offheap *o, uint32_t level) {
  return o->options.interval << level;
}

/* Gaps of a Poisson process are exponential. */
static int64_t next_gap(shf_offheap *o) {
  o->seed ^= o->seed << 13;
  o->seed ^= o->seed >> 7;
  o->seed ^= o->seed << 17;
  double u = (double)(o->seed >> 11) * 0x1p-53;
  return (int64_t)(-log1p(-u) * (double)interval_at(o, o->level));
}

static void raise_interval(shf_offheap *o) {
  if (o->level + 1 < SHF_OFFHEAP_LEVELS && interval_at(o, o->level) >> MAX_INTERVAL_BITS == 0)
    o->level++;
}

static void throttle(shf_offheap *o) {
  uint64_t now = clock_ns(CLOCK_MONOTONIC);
  if (now - o->second_ns >= NS_PER_S) {
    o->second_ns = now;
    o->stacks = 0;
  }
  if (++o->stacks < STACKS_PER_SECOND) return;
  raise_interval(o);
  o->second_ns = now;
  o->stacks = 0;
}

/* ---- The stack --------------------------------------------------------------- */

typedef struct path {
  shf_offheap *o;
  uint32_t node;
} path;

/* All stacks beyond the memory limit share this one. */
static int add_overflow_stack(path *at) {
  uint32_t function;
  shf_offheap_profile *t = &at->o->profile;
  at->o->overflowed = true;
  int code = shf_offheap_add_function(t, 0, 0, shf_str_of("(stacks beyond the memory bound)"),
                                      shf_str_of(""), 0, 0, &function);
  return code ? code : shf_offheap_child(t, 0, function, &at->node);
}

static bool full(const shf_offheap *o) {
  return shf_offheap_call_bytes(&o->profile) > o->options.max_memory / 2;
}

/*
 * Reads the text before it changes anything: reading allocates on V8's heap and may hit
 * its limit, where a capture of this profile is written.
 */
static int function_of(shf_offheap_profile *t, int32_t script, uint64_t call, void *frame,
                       uint32_t *id) {
  *id = script ? shf_offheap_find_function(t, script, call) : SHF_NONE;
  if (*id != SHF_NONE) return SHF_OK;
  shf_call text;
  int code = shf_stack_describe(frame, &text);
  if (code) return code;
  if (text.script.len == 0 && text.name.len == 0 && script == 0) text.name = shf_str_of("(native)");
  return shf_offheap_add_function(t, script, call, text.name, text.script, text.line, text.column,
                                  id);
}

static int on_frame(void *self, int32_t script, uint64_t call, void *frame) {
  path *at = self;
  uint32_t function;
  int code = function_of(&at->o->profile, script, call, frame, &function);
  return code ? code : shf_offheap_child(&at->o->profile, at->node, function, &at->node);
}

/* A stack of one frame, named as V8 names what is not JavaScript. */
static int add_stack_without_js(path *at, const char *name) {
  uint32_t function;
  shf_offheap_profile *t = &at->o->profile;
  int code = shf_offheap_add_function(t, 0, 0, shf_str_of(name), shf_str_of(""), 0, 0, &function);
  return code ? code : shf_offheap_child(t, 0, function, &at->node);
}

static int node_of(shf_offheap *o, bool stack, uint32_t *node) {
  path at = {o, 0};
  int code;
  if (full(o)) {
    code = add_overflow_stack(&at);
  } else if (!stack) {
    code = add_stack_without_js(&at, "(GC)");
  } else {
    /* one more frame shows that the stack was cut */
    code = shf_stack_walk(o->options.depth + 1, on_frame, &at);
    if (!code && at.node == 0) code = add_stack_without_js(&at, "(EXTERNAL)");
  }
  *node = at.node;
  return code;
}

/* ---- Samples ------------------------------------------------------------------- */

/* Keeps the table's entries and the counts below half of the limit. */
static void enforce_bound(shf_offheap *o) {
  for (int tries = 0; tries < SHF_OFFHEAP_LEVELS; tries++) {
    uint64_t bytes =
        shf_offheap_count_bytes(&o->profile) + (uint64_t)o->profile.live * SHF_LIVE_BLOCK_BYTES;
    if (bytes <= o->options.max_memory / 2) return;
    uint32_t before = o->level;
    raise_interval(o);
    if (o->level == before || shf_live_blocks_downsample(&o->profile, o->level, &o->seed)) return;
    o->downsampled = true;
  }
}

static int64_t on_sample(void *self, const void *block, size_t size, bool stack) {
  shf_offheap *o = self;
  uint32_t node;
  int code = node_of(o, stack, &node);
  uint32_t labels = stack ? shf_sampler_label_set(o->options.heap) : 0;
  shf_offheap_sample sample = {size, node, o->level, labels};
  if (!code) code = shf_live_blocks_add(block, &o->profile, &sample);
  if (code) o->lost++;
  enforce_bound(o);
  throttle(o);
  return next_gap(o);
}

int shf_offheap_start(const shf_offheap_options *options, shf_offheap **out, const char **why) {
  *why = "";
  shf_offheap *o = calloc(1, sizeof *o);
  if (!o) return SHF_E_NOMEM;
  o->options = *options;
  o->since_ms = clock_ns(CLOCK_REALTIME) / 1000000;
  o->seed = (clock_ns(CLOCK_MONOTONIC) ^ (uint64_t)(uintptr_t)o << 20) | 1;
  int code = shf_offheap_profile_init(&o->profile, options->interval);
  for (int i = 0; i < 16; i++) next_gap(o); /* mixes the bits of the clock */
  shf_array_buffer_calls calls = {on_sample, shf_live_blocks_on_free, o};
  if (!code) code = shf_array_buffer_hook_install(&calls, next_gap(o), &o->allocator, why);
  if (code) {
    shf_offheap_profile_free(&o->profile);
    free(o);
    return code;
  }
  *out = o;
  return SHF_OK;
}

void shf_offheap_stop(shf_offheap *o) {
  if (!o) return;
  shf_array_buffer_hook_remove(o->allocator);
  shf_live_blocks_forget(&o->profile);
  shf_offheap_profile_free(&o->profile);
  free(o);
}

int shf_offheap_capture(shf_offheap *o, bool collected, bool types, shf_capture **out) {
  shf_source source = {.since_ms = o->since_ms,
                       .gc = collected ? SHF_GC_FORCED : SHF_GC_NONE,
                       .pid = o->options.pid,
                       .thread = o->options.thread,
                       .depth = o->options.depth};
  return shf_live_blocks_capture(&o->profile, &source, types, out);
}

uint64_t shf_offheap_total(const shf_offheap *o) {
  int64_t total = (int64_t)o->options.before + shf_array_buffer_hook_balance(o->allocator);
  return total > 0 ? (uint64_t)total : 0;
}

uint64_t shf_offheap_before(const shf_offheap *o) {
  return o->options.before;
}

const char *shf_offheap_limit(const shf_offheap *o) {
  if (o->lost) return "memory was short, some samples are missing";
  if (o->overflowed) return "stacks beyond the memory bound are in one frame";
  if (o->downsampled) return "samples were thinned to stay below the memory bound";
  return "";
}
