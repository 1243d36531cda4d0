/* A hash table of rows. */
#ifndef SHF_V8_ROW_TABLE_H
#define SHF_V8_ROW_TABLE_H

#include <cstddef>
#include <cstdint>
#include <vector>

#include "capture/capture.h"

namespace shf {

// Hash table from a key to a row. Keys are not 0.
class RowTable {
 public:
  RowTable() : slots_(1024) {}

  // The row of `key`, added as SHF_NONE if missing.
  uint32_t *Find(uint64_t key) {
    if (used_ * 4 >= slots_.size() * 3) Grow();
    Slot *slot = &slots_[Probe(slots_, key)];
    if (slot->key == 0) {
      *slot = {key, SHF_NONE};
      used_++;
    }
    return &slot->row;
  }
  // The row of `key`; SHF_NONE: missing.
  uint32_t Row(uint64_t key) const {
    return slots_[Probe(slots_, key)].row;
  }
  size_t size() const {
    return used_;
  }
  size_t Bytes() const {
    return slots_.size() * sizeof(Slot);
  }

 private:
  struct Slot {
    uint64_t key = 0;
    uint32_t row = SHF_NONE;
  };

  static size_t Probe(const std::vector<Slot> &slots, uint64_t key) {
    size_t mask = slots.size() - 1;
    size_t at = static_cast<size_t>(key * 0x9E3779B97F4A7C15u >> 32) & mask;
    while (slots[at].key != 0 && slots[at].key != key) at = (at + 1) & mask;
    return at;
  }

  void Grow() {
    std::vector<Slot> larger(slots_.size() * 2);
    for (const Slot &s : slots_)
      if (s.key != 0) larger[Probe(larger, s.key)] = s;
    slots_.swap(larger);
  }

  std::vector<Slot> slots_;
  size_t used_ = 0;
};

}  // namespace shf

#endif
