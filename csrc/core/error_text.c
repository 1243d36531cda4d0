#include "shf.h"

const char *shf_code_text(int code) {
  switch (code) {
    case SHF_OK:
      return "no error";
    case SHF_E_NOMEM:
      return "out of memory";
    case SHF_E_IO:
      return "a file could not be written";
    case SHF_E_FORMAT:
      return "the input is damaged or of another kind";
    case SHF_E_LIMIT:
      return "figures that add up beyond 2^63, or more rows than 32 bits can number";
    case SHF_E_ARG:
      return "an argument is out of its range";
    case SHF_E_ABSENT:
      return "the profile does not know this sample type";
    default:
      return "unknown error";
  }
}
