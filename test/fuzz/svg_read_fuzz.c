/* The whole way: any bytes of any format, detected by content, to an SVG that parses as XML. */
#include "read_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  shf_profile *p;
  shf_error error;
  int code = shf_profile_read(data, size, SHF_TYPES, &p, &error);
  if (code) {
    PROMISE(code == SHF_E_FORMAT || code == SHF_E_LIMIT);
    PROMISE(error.message);
    return 0;
  }
  for (int t = 0; t < SHF_TYPES; t++)
    if (shf_profile_types(p) >> t & 1) check_svg(p, (shf_type)t);
  shf_profile_free(p);
  return 0;
}
