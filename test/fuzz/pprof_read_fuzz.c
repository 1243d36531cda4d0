/* Any bytes as a profile.proto that is not gzipped. */
#include "read_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  shf__input in;
  PROMISE(shf__pprof_open(&in) == SHF_OK);
  return fuzz_reader(&in, data, size);
}
