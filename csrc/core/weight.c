#include <math.h>

#include "shf.h"

double shf_weight(uint64_t size, uint64_t interval) {
  if (size == 0 || interval == 0) return 1;
  return -1 / expm1(-(double)size / (double)interval);
}
