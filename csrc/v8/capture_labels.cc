#include "v8/capture_labels.h"

namespace shf {

int CaptureLabels::AddLabel(const std::string &key, const std::string &value) {
  shf_capture_label label = {count_ + 1, 0, 0, 0};
  int code = shf_capture_string(c_, key.data(), key.size(), &label.key);
  if (!code) code = shf_capture_string(c_, value.data(), value.size(), &label.value);
  return code ? code : shf_capture_label_add(c_, &label);
}

int CaptureLabels::Add(uint32_t set, uint32_t type, uint32_t *row) {
  int code = SHF_OK;
  bool empty = (set == 0 || sets_[set - 1].empty()) && type == 0;
  if (set > 0)
    for (const auto &label : sets_[set - 1])
      if (!code) code = AddLabel(label.first, label.second);
  if (type > 0 && !code) code = AddLabel(SHF_LABEL_TYPE, types_[type - 1]);
  if (!code) *row = empty ? 0 : ++count_;
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
