/* Any bytes as V8's .heapprofile. */
#include "read_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  shf__input in;
  PROMISE(shf__heapprofile_open(SHF_INUSE_SPACE, &in) == SHF_OK);
  return fuzz_reader(&in, data, size);
}
