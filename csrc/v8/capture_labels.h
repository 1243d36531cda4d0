/* The label sets of a capture: those that the app set, with the type of a live block. */
#ifndef SHF_V8_CAPTURE_LABELS_H
#define SHF_V8_CAPTURE_LABELS_H

#include <cstdint>
#include <string>
#include <vector>

#include "capture/capture.h"
#include "v8/row_table.h"

namespace shf {

class CaptureLabels {
 public:
  // `types`: name of type i + 1; outlives this object.
  CaptureLabels(const std::vector<std::string> &types, shf_capture *c) : types_(types), c_(c) {}

  // The capture's set for a set of the process (0: none) and a type (0: none), added if missing.
  // Throws std::bad_alloc. @return 0 or a SHF_E… code
  int SetOf(uint32_t set, uint32_t type, uint32_t *row);

 private:
  int Add(uint32_t set, uint32_t type, uint32_t *row);

  const std::vector<std::string> &types_;
  shf_capture *c_;
  RowTable rows_;
  uint32_t count_ = 0;
};

}  // namespace shf

#endif
