#include "format/heapprofile/samples.h"

#include <math.h>

typedef struct range {
  double min, max;
} range;

/* V8's count is floor(weight + 0.5), and the weight grows with the interval: this bounds the
   interval on both sides. */
static void narrow(range *r, double size, double count) {
  double min = count > 1 ? -size / log1p(-1 / (count - 0.5)) : 0;
  double max = -size / log1p(-1 / (count + 0.5));
  if (min > r->min) r->min = min;
  if (max < r->max) r->max = max;
}

/* The first number of `digit` × a power of `base` within the range; 0: none. */
static uint64_t round_number(const range *r, double base, int digits) {
  double scale = 1;
  while (scale <= r->max && scale < 1e15) {
    for (int digit = 1; digit <= digits; digit++)
      if (digit * scale >= r->min && digit * scale <= r->max) return (uint64_t)(digit * scale);
    scale *= base;
  }
  return 0;
}

/* A round number in the range, or its middle if the range is narrow. */
static uint64_t choose(range r) {
  enum { LOOSE = 2 };                      /* the range may not be wider than this factor */
  static const double MAX_INTERVAL = 1e15; /* bytes: more than any program allocates */
  r.min *= 1 - 1e-9;
  r.max *= 1 + 1e-9;
  if (!(r.min >= 1 && r.min < MAX_INTERVAL) || r.max > r.min * LOOSE) return 0;
  if (r.min > r.max) return 0;
  uint64_t two = round_number(&r, 2, 1), ten = two ? 0 : round_number(&r, 10, 9);
  if (two || ten) return two ? two : ten;
  return r.max <= r.min * 1.05 ? (uint64_t)(sqrt(r.min) * sqrt(r.max) + 0.5) : 0;
}

static bool is_counted(const shf__heap_sample *s) {
  return s->object_size > 0 && s->object_count > 0;
}

shf__heap_facts shf__heap_facts_of(const shf__heap_sample *samples, uint32_t count) {
  shf__heap_facts facts = {.counted = true};
  range r = {0, INFINITY};
  for (uint32_t i = 0; i < count; i++) {
    const shf__heap_sample *s = &samples[i], *last = &samples[i ? i - 1 : 0];
    facts.lives = facts.lives || s->life != SHF__LIFE_UNKNOWN;
    facts.dead = facts.dead || s->life == SHF__DEAD;
    facts.counted = facts.counted && is_counted(s);
    bool again = i && s->object_size == last->object_size && s->object_count == last->object_count;
    if (facts.counted && !again) narrow(&r, (double)s->object_size, (double)s->object_count);
  }
  if (facts.lives && facts.counted) facts.interval = choose(r);
  return facts;
}

/* Rounds, and carries the remainder to the next value. */
static int64_t rounded(double exact, double *rest) {
  double whole = floor(exact + *rest + 0.5);
  *rest += exact - whole;
  return (int64_t)whole;
}

int shf__heap_bucket(const shf__heap_facts *facts, const shf__heap_sample *s, uint32_t types,
                     shf__heap_carry *carry, shf_bucket *b) {
  bool dead = s->life == SHF__DEAD;
  double count = is_counted(s) ? (double)s->object_count : 0;
  if (facts->interval) count = shf_weight((uint64_t)s->object_size, facts->interval);
  double bytes = is_counted(s) ? count * (double)s->object_size : (double)s->size;
  if (!(count < 9e18 && fabs(bytes) < 9e18)) return SHF_E_LIMIT;
  int64_t values[2] = {rounded(count, &carry->rest[dead]), rounded(bytes, &carry->rest[2 + dead])};
  b->size = facts->counted ? (uint64_t)s->object_size : 0;
  for (int t = 0; t < SHF_TYPES; t++) {
    bool inuse = t == SHF_INUSE_OBJECTS || t == SHF_INUSE_SPACE;
    b->value[t] = types & 1u << t && !(inuse && dead) ? values[shf_type_is_space((shf_type)t)] : 0;
  }
  b->allocated = (types & SHF_HAS_ALLOC) != 0;
  b->live = types & SHF_HAS_INUSE && !dead;
  return SHF_OK;
}
