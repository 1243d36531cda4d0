/* A tree of calls: rows of (caller, function, line in the function). */
#ifndef SHF_V8_CALL_TREE_H
#define SHF_V8_CALL_TREE_H

#include <cstddef>
#include <cstdint>
#include <vector>

#include "v8/row_table.h"

namespace shf {

class CallTree {
 public:
  // Of a call that is not there.
  static constexpr uint32_t kRoot = 0;

  struct Place {
    uint32_t function;
    int32_t line;  // of the next call, or of the allocation; 0: unknown
  };
  struct Call {
    uint32_t parent, place;
  };

  CallTree() : calls_(1, Call{SHF_NONE, SHF_NONE}) {}

  // The row of that call, added if missing. Throws std::bad_alloc.
  uint32_t Add(uint32_t parent, uint32_t function, int32_t line) {
    uint64_t at = (static_cast<uint64_t>(function) + 1) << 32 | static_cast<uint32_t>(line);
    uint32_t *place = place_of_.Find(at);
    if (*place == SHF_NONE) {
      places_.push_back({function, line});
      *place = static_cast<uint32_t>(places_.size() - 1);
    }
    uint64_t key = static_cast<uint64_t>(parent) << 32 | (*place + 1);
    uint32_t *call = call_of_.Find(key);
    if (*call == SHF_NONE) {
      calls_.push_back({parent, *place});
      *call = static_cast<uint32_t>(calls_.size() - 1);
    }
    return *call;
  }
  // A parent's row is below those of its callees. Not of the root:
  uint32_t Parent(uint32_t call) const {
    return calls_[call].parent;
  }
  const Place &At(uint32_t call) const {
    return places_[calls_[call].place];
  }
  uint32_t size() const {
    return static_cast<uint32_t>(calls_.size());
  }
  size_t Bytes() const {
    return places_.capacity() * sizeof(Place) + calls_.capacity() * sizeof(Call) +
           place_of_.Bytes() + call_of_.Bytes();
  }

 private:
  std::vector<Place> places_;
  std::vector<Call> calls_;
  RowTable place_of_, call_of_;
};

}  // namespace shf

#endif
