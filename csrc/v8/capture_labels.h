/* The label sets of a capture: those that the app set, with the type of a live block. */
#ifndef SHF_V8_CAPTURE_LABELS_H
#define SHF_V8_CAPTURE_LABELS_H

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "capture/capture.h"
#include "v8/row_table.h"

namespace shf {

// Keys and values.
using LabelSet = std::vector<std::pair<std::string, std::string>>;

class CaptureLabels {
 public:
  // `sets`: set i + 1 of the thread; `types`: name of type i + 1. Both outlive this object.
  CaptureLabels(const std::vector<LabelSet> &sets, const std::vector<std::string> &types,
                shf_capture *c)
      : sets_(sets), types_(types), c_(c) {}

  // The capture's set for a label set (0: none) and a type (0: none), added if missing.
  // Throws std::bad_alloc. @return 0 or a SHF_E… code
  int SetOf(uint32_t set, uint32_t type, uint32_t *row);

 private:
  int Add(uint32_t set, uint32_t type, uint32_t *row);
  int AddLabel(const std::string &key, const std::string &value);

  const std::vector<LabelSet> &sets_;
  const std::vector<std::string> &types_;
  shf_capture *c_;
  RowTable rows_;
  uint32_t count_ = 0;
};

}  // namespace shf

#endif
