#include "core/budget.h"

#include <stdatomic.h>

/* Bytes of all readings of this process, and of the profiles that are left of finished ones. */
static _Atomic uint64_t held;

/*
 * What one input may take by its size: a base, and BYTES_EACH for every unzipped byte. Measured
 * on profiles of a million nodes: 1 byte for a byte of pprof, 0.5 for .heapprofile, less for
 * folded stacks. Inlined lines of a pprof can take millions of bytes for one byte.
 */
#define BASE_BYTES (UINT64_C(128) << 20)
enum { BYTES_EACH = 64 };

/* The reading of this thread. limit 0: there is none, or it is unlimited. */
static _Thread_local struct {
  uint64_t limit;
  uint64_t own; /* limit by the size of the input */
  uint64_t taken;
  bool refused;
} reading;

void shf__budget_begin(uint64_t limit, bool by_size) {
  reading.limit = limit;
  reading.own = by_size ? BASE_BYTES : UINT64_MAX;
  reading.taken = 0;
  reading.refused = false;
}

void shf__budget_read(uint64_t bytes) {
  uint64_t more;
  if (__builtin_mul_overflow(bytes, BYTES_EACH, &more) ||
      __builtin_add_overflow(reading.own, more, &reading.own))
    reading.own = UINT64_MAX;
}

bool shf__budget_end(uint64_t kept) {
  if (reading.limit) {
    atomic_fetch_add(&held, kept);
    atomic_fetch_sub(&held, reading.taken);
  }
  reading.limit = 0;
  return reading.refused;
}

void shf__budget_release(uint64_t bytes) {
  atomic_fetch_sub(&held, bytes);
}

bool shf__budget_is_set(void) {
  return reading.limit != 0;
}

static bool refuse(void) {
  reading.refused = true;
  return false;
}

bool shf__budget_resize(size_t from, size_t to) {
  if (reading.limit == 0 || from == to) return true;
  if (to < from) {
    /* memory from before the reading began does not count */
    uint64_t less = from - to < reading.taken ? from - to : reading.taken;
    atomic_fetch_sub(&held, less);
    reading.taken -= less;
    return true;
  }
  uint64_t more = to - from;
  if (more > reading.own || reading.taken > reading.own - more) return refuse();
  if (atomic_fetch_add(&held, more) + more > reading.limit) {
    atomic_fetch_sub(&held, more);
    return refuse();
  }
  reading.taken += more;
  return true;
}

bool shf__budget_fits(uint64_t bytes) {
  if (reading.limit == 0) return true;
  if (bytes > reading.own || reading.taken > reading.own - bytes) return refuse();
  uint64_t now = atomic_load(&held);
  return now <= reading.limit && bytes <= reading.limit - now ? true : refuse();
}
