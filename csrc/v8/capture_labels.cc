#include "v8/capture_labels.h"

#include "capture/label_sets.h"

namespace shf {

int CaptureLabels::Add(uint32_t set, uint32_t type, uint32_t *row) {
  shf_str name = {nullptr, 0};
  if (type > 0) name = {types_[type - 1].data(), types_[type - 1].size()};
  int code = shf_label_sets_write(set, name, count_ + 1, c_);
  if (!code) *row = ++count_;
  return code;
}

int CaptureLabels::SetOf(uint32_t set, uint32_t type, uint32_t *row) {
  *row = 0;
  if (set == 0 && type == 0) return SHF_OK;
  uint32_t *known = rows_.Find((static_cast<uint64_t>(set) << 32 | type) + 1);
  if (*known == SHF_NONE) {
    int code = Add(set, type, known);
    if (code) return code;
  }
  *row = *known;
  return SHF_OK;
}

}  // namespace shf
