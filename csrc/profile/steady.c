/*
 * Finds leaks by the times when memory in use was allocated. A run is the span from 0 to 1. Without
 * its first and its last part, it is cut into slots. A leak leaves about as much in each of them;
 * a cache that filled leaves nothing in the late ones, a cache that drops its oldest entries
 * nothing in the early ones, and a burst fills one.
 */
#include "profile/steady.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS = 6, MIN_SAMPLES = 30, ROUNDS = 4 };

/* Parts of the span that are not judged: at its start a program warms up, at its end much is still
   used that will be freed soon. */
static const double WARM_UP = 0.1, YOUNG = 0.1;
/* The slots must take this part of the span. */
static const double MIN_SPAN = 0.4;
/* A program does not do the same at all times: by so much may its halves differ, and by so many
   standard errors. */
static const double UNEVEN = 0.15, UNEVEN_ERRORS = 1;
typedef struct slots {
  double bytes[SLOTS], variance[SLOTS];
  double before; /* bytes in the first part, which is not judged */
  double all, variances;
  double rate; /* bytes a second, if all were allocated in the whole span */
} slots;

static double overlap(const shf__leak_row *r, double from, double to) {
  double common = fmin(r->to, to) - fmax(r->from, from);
  if (r->to <= r->from) return r->from >= from && r->from < to ? 1 : 0;
  return common > 0 ? common / (r->to - r->from) : 0;
}

/* @param largest blocks that stand for more are left out */
static void fill_slots(const shf__leak_rows *g, double start, double first, double end,
                       double largest, slots *s) {
  double width = (end - first) / SLOTS;
  *s = (slots){.all = 0};
  for (uint32_t i = 0; i < g->count; i++) {
    const shf__leak_row *r = &g->rows[i];
    if (r->each > largest) continue;
    s->before += r->bytes * overlap(r, start, first);
    for (int k = 0; k < SLOTS; k++) {
      double part = overlap(r, first + k * width, first + (k + 1) * width);
      s->bytes[k] += part * r->bytes;
      s->variance[k] += part * r->bytes * r->each;
      s->rate += part * r->bytes / r->seconds;
    }
  }
  for (int k = 0; k < SLOTS; k++) {
    s->all += s->bytes[k];
    s->variances += s->variance[k];
  }
}

static int by_value(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double median_of(const slots *s) {
  double sorted[SLOTS];
  memcpy(sorted, s->bytes, sizeof sorted);
  qsort(sorted, SLOTS, sizeof *sorted, by_value);
  return (sorted[SLOTS / 2 - 1] + sorted[SLOTS / 2]) / 2;
}

/* Whether no slot is empty, and both halves have about the same. More in one slot is a burst beside
   it, and counts for no more than twice the median. */
static bool is_steady(slots *s, double median) {
  double each = s->variances / s->all, noise = sqrt(median * each), half[2] = {0, 0};
  double least = fmax(median / 2 - 2 * noise, median / 5);
  for (int k = 0; k < SLOTS; k++) {
    if (s->bytes[k] < least) return false;
    s->bytes[k] = fmin(s->bytes[k], 2 * median);
    half[k >= SLOTS / 2] += s->bytes[k];
  }
  double sum = half[0] + half[1];
  return fabs(half[0] - half[1]) <= UNEVEN_ERRORS * sqrt(sum * each) + UNEVEN * sum;
}

/* @param start where the run begins for this memory, as a part of the span */
static bool judge(const shf__leak_rows *g, double start, double seconds, shf_leak *leak,
                  double *uneven) {
  double first = start + WARM_UP * (1 - start), young = YOUNG * (1 - start);
  for (uint32_t i = 0; i < g->count; i++) young = fmax(young, g->rows[i].young);
  double end = 1 - young;
  double largest = HUGE_VAL;
  slots s;
  if (end - first < MIN_SPAN) return false;
  for (int round = 0; round < ROUNDS; round++) {
    /* One block with more than half a slot is a table that grew, and copied what was there. */
    fill_slots(g, start, first, end, largest, &s);
    largest = s.all / (2 * SLOTS);
  }
  if (s.all <= 0 || s.all * s.all < MIN_SAMPLES * s.variances) return false;
  double median = median_of(&s), width = (end - first) / SLOTS;
  if (median <= 0 || !is_steady(&s, median)) return false;
  if (!g->stays && s.before < median / 5 * (first - start) / width) return false;
  double kept = 0, rate = s.rate / s.all / (end - first);
  for (int k = 0; k < SLOTS; k++) kept += s.bytes[k];
  *uneven = 0;
  for (int k = 0; k < SLOTS; k++) *uneven += fabs(s.bytes[k] / kept - 1.0 / SLOTS);
  leak->rate = kept * rate;
  leak->rate_error = sqrt(s.variances) * rate;
  leak->seconds = (1 - start) * seconds;
  return true;
}

bool shf__is_leak(const shf__leak_rows *g, double min_seconds, bool late, shf_leak *leak,
                  double *uneven) {
  double oldest = 1, seconds = 0;
  for (uint32_t i = 0; i < g->count; i++) {
    oldest = fmin(oldest, g->rows[i].from);
    seconds = fmax(seconds, g->rows[i].seconds);
  }
  if (judge(g, 0, seconds, leak, uneven)) return true;
  return late && g->stays && oldest <= 0.5 && (1 - oldest) * seconds >= min_seconds &&
         judge(g, oldest, seconds, leak, uneven);
}
