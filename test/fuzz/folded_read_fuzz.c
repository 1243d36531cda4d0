/* Any bytes as folded stacks. */
#include "read_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  shf__input in;
  PROMISE(shf__folded_open(SHF_ALLOC_SPACE, &in) == SHF_OK);
  return fuzz_reader(&in, data, size);
}
