#include "profile/meta.h"

uint64_t shf__meta_number(const shf_profile *p, const char *key) {
  shf_str text = shf_profile_meta_get(p, key);
  uint64_t value = 0;
  for (size_t i = 0; i < text.len; i++) {
    unsigned digit = (unsigned)(uint8_t)text.ptr[i] - '0';
    if (digit > 9 || value > (UINT64_MAX - digit) / 10) return 0;
    value = value * 10 + digit;
  }
  return value;
}
