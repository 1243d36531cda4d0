#include "core/budget.h"

#include <stdatomic.h>

/* Of all readings of this process, with what is left of those that are over. */
static _Atomic uint64_t held;

/* The reading of this thread; most 0: there is none, or it may take any. */
static _Thread_local struct {
  uint64_t most;
  uint64_t taken;
  bool refused;
} reading;

void shf__budget_begin(uint64_t most) {
  reading.most = most;
  reading.taken = 0;
  reading.refused = false;
}

bool shf__budget_end(uint64_t kept) {
  if (reading.most) {
    atomic_fetch_add(&held, kept);
    atomic_fetch_sub(&held, reading.taken);
  }
  reading.most = 0;
  return reading.refused;
}

void shf__budget_release(uint64_t bytes) {
  atomic_fetch_sub(&held, bytes);
}

bool shf__budget_is_set(void) {
  return reading.most != 0;
}

static bool refuse(void) {
  reading.refused = true;
  return false;
}

bool shf__budget_resize(size_t from, size_t to) {
  if (reading.most == 0 || from == to) return true;
  if (to < from) {
    /* what was taken before the reading began is not given back to it */
    uint64_t less = from - to < reading.taken ? from - to : reading.taken;
    atomic_fetch_sub(&held, less);
    reading.taken -= less;
    return true;
  }
  uint64_t more = to - from;
  if (atomic_fetch_add(&held, more) + more > reading.most) {
    atomic_fetch_sub(&held, more);
    return refuse();
  }
  reading.taken += more;
  return true;
}

bool shf__budget_room(uint64_t bytes) {
  if (reading.most == 0) return true;
  uint64_t now = atomic_load(&held);
  return now <= reading.most && bytes <= reading.most - now ? true : refuse();
}
