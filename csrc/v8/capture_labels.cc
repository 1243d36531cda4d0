#include "v8/capture_labels.h"

#include <cstring>

#include "capture/label_sets.h"

namespace shf {

int CaptureLabels::AddType(uint32_t type) {
  shf_capture_label label = {count_ + 1, 0, 0, 0};
  const std::string &name = types_[type - 1];
  int code = shf_capture_string(c_, SHF_LABEL_TYPE, strlen(SHF_LABEL_TYPE), &label.key);
  if (!code) code = shf_capture_string(c_, name.data(), name.size(), &label.value);
  return code ? code : shf_capture_label_add(c_, &label);
}

int CaptureLabels::Add(uint32_t set, uint32_t type, uint32_t *row) {
  int code = shf_label_sets_write(set, count_ + 1, c_);
  if (type > 0 && !code) code = AddType(type);
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
