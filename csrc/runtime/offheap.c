#include "runtime/offheap.h"

#include <math.h>
#include <stdlib.h>
#include <time.h>

#include "runtime/live_blocks.h"

#define NS_PER_S UINT64_C(1000000000)

enum { STACKS_PER_SECOND = 500, HIGHEST_BITS = 58 };

struct shf_offheap {
  shf_offheap_options options;
  shf_allocator *allocator;
  shf_tally tally;
  uint64_t since_ms;
  uint32_t level; /* the interval is options.interval << level */
  uint64_t seed;
  uint64_t second_ns; /* when the second began that stacks are counted in */
  uint32_t stacks;    /* in it */
  uint64_t lost;      /* samples that no memory was there for */
  bool lumped;        /* stacks beyond the bound are one */
  bool thinned;
};

static uint64_t clock_ns(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

static uint64_t interval_at(const shf_offheap *o, uint32_t level) {
  return o->options.interval << level;
}

/* Exponential, as gaps between points thrown at random are. */
static int64_t next_gap(shf_offheap *o) {
  o->seed ^= o->seed << 13;
  o->seed ^= o->seed >> 7;
  o->seed ^= o->seed << 17;
  double u = (double)(o->seed >> 11) * 0x1p-53;
  return (int64_t)(-log1p(-u) * (double)interval_at(o, o->level));
}

static void raise_interval(shf_offheap *o) {
  if (o->level + 1 < SHF_TALLY_LEVELS && interval_at(o, o->level) >> HIGHEST_BITS == 0) o->level++;
}

static void keep_pace(shf_offheap *o) {
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

/* A stack that there is no room for goes below a name of its own. */
static int lump(path *at) {
  uint32_t function;
  shf_tally *t = &at->o->tally;
  at->o->lumped = true;
  int code = shf_tally_function_add(t, 0, 0, shf_str_of("(stacks beyond the memory bound)"),
                                    shf_str_of(""), 0, 0, &function);
  return code ? code : shf_tally_child(t, 0, function, &at->node);
}

static bool full(const shf_offheap *o) {
  return shf_tally_call_bytes(&o->tally) > o->options.max_memory / 2;
}

/*
 * Text is read before anything is changed: reading allocates on V8's heap, whose
 * limit may be met, and then a capture is made of what is here.
 */
static int function_of(shf_tally *t, int32_t script, uint64_t call, void *frame, uint32_t *id) {
  *id = script ? shf_tally_find(t, script, call) : SHF_NONE;
  if (*id != SHF_NONE) return SHF_OK;
  shf_call text;
  int code = shf_stack_describe(frame, &text);
  if (code) return code;
  if (text.script.len == 0 && text.name.len == 0 && script == 0) text.name = shf_str_of("(native)");
  return shf_tally_function_add(t, script, call, text.name, text.script, text.line, text.column,
                                id);
}

static int on_frame(void *self, int32_t script, uint64_t call, void *frame) {
  path *at = self;
  uint32_t function;
  int code = function_of(&at->o->tally, script, call, frame, &function);
  return code ? code : shf_tally_child(&at->o->tally, at->node, function, &at->node);
}

/* V8's own words for what is no JavaScript. */
static int no_stack(path *at, const char *name) {
  uint32_t function;
  shf_tally *t = &at->o->tally;
  int code = shf_tally_function_add(t, 0, 0, shf_str_of(name), shf_str_of(""), 0, 0, &function);
  return code ? code : shf_tally_child(t, 0, function, &at->node);
}

static int node_of(shf_offheap *o, bool stack, uint32_t *node) {
  path at = {o, 0};
  int code;
  if (full(o)) {
    code = lump(&at);
  } else if (!stack) {
    code = no_stack(&at, "(GC)");
  } else {
    /* one frame more tells what was cut */
    code = shf_stack_walk(o->options.depth + 1, on_frame, &at);
    if (!code && at.node == 0) code = no_stack(&at, "(EXTERNAL)");
  }
  *node = at.node;
  return code;
}

/* ---- Samples ------------------------------------------------------------------- */

/* The table's entries and the counts stay below their half of the bound. */
static void keep_bound(shf_offheap *o) {
  for (int tries = 0; tries < SHF_TALLY_LEVELS; tries++) {
    uint64_t bytes = shf_tally_count_bytes(&o->tally) + (uint64_t)o->tally.live * SHF_BLOCK_BYTES;
    if (bytes <= o->options.max_memory / 2) return;
    uint32_t before = o->level;
    raise_interval(o);
    if (o->level == before || shf_blocks_thin(&o->tally, o->level, &o->seed)) return;
    o->thinned = true;
  }
}

static int64_t on_sample(void *self, const void *block, size_t size, bool stack) {
  shf_offheap *o = self;
  uint32_t node;
  int code = node_of(o, stack, &node);
  shf_tally_sample sample = {size, node, o->level};
  if (!code) code = shf_blocks_add(block, &o->tally, &sample);
  if (code) o->lost++;
  keep_bound(o);
  keep_pace(o);
  return next_gap(o);
}

int shf_offheap_start(const shf_offheap_options *options, shf_offheap **out, const char **why) {
  *why = "";
  shf_offheap *o = calloc(1, sizeof *o);
  if (!o) return SHF_E_NOMEM;
  o->options = *options;
  o->since_ms = clock_ns(CLOCK_REALTIME) / 1000000;
  o->seed = (clock_ns(CLOCK_MONOTONIC) ^ (uint64_t)(uintptr_t)o << 20) | 1;
  int code = shf_tally_init(&o->tally, options->interval);
  for (int i = 0; i < 16; i++) next_gap(o); /* a clock's bits are not random yet */
  shf_allocator_calls calls = {on_sample, shf_blocks_freed, o};
  if (!code) code = shf_allocator_watch(&calls, next_gap(o), &o->allocator, why);
  if (code) {
    shf_tally_free(&o->tally);
    free(o);
    return code;
  }
  *out = o;
  return SHF_OK;
}

void shf_offheap_stop(shf_offheap *o) {
  if (!o) return;
  shf_allocator_leave(o->allocator);
  shf_blocks_forget(&o->tally);
  shf_tally_free(&o->tally);
  free(o);
}

int shf_offheap_capture(shf_offheap *o, bool collected, shf_capture **out) {
  shf_source source = {.since_ms = o->since_ms,
                       .gc = collected ? SHF_GC_FORCED : SHF_GC_NONE,
                       .pid = o->options.pid,
                       .thread = o->options.thread,
                       .depth = o->options.depth};
  return shf_blocks_capture(&o->tally, &source, out);
}

uint64_t shf_offheap_total(const shf_offheap *o) {
  int64_t total = (int64_t)o->options.before + shf_allocator_balance(o->allocator);
  return total > 0 ? (uint64_t)total : 0;
}

uint64_t shf_offheap_before(const shf_offheap *o) {
  return o->options.before;
}

const char *shf_offheap_limit(const shf_offheap *o) {
  if (o->lost) return "memory was short, some samples are missing";
  if (o->lumped) return "stacks beyond the memory bound are in one frame";
  if (o->thinned) return "samples were thinned to stay below the memory bound";
  return "";
}
