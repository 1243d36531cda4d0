/* Copies V8's allocation tree into a capture. */
#ifndef SHF_V8_COPY_TREE_H
#define SHF_V8_COPY_TREE_H

#include <v8-profiler.h>

#include <string>
#include <unordered_map>
#include <vector>

#include "capture/capture.h"
#include "v8/scripts.h"

namespace shf {

// Cache of the locations of functions. V8 loses them when it collects a script, but the
// functions are still in its tree.
class Locations {
 public:
  struct Location {
    int line, column;
  };

  bool KnowsScript(int script_id) const {
    return scripts_.count(script_id) != 0;
  }
  void AddScript(int script_id, std::string name) {
    scripts_.emplace(script_id, std::move(name));
  }
  void AddFunction(uint64_t key, Location location) {
    functions_.emplace(key, location);
  }
  // nullptr: not cached.
  const std::string *Script(int script_id) const {
    auto it = scripts_.find(script_id);
    return it == scripts_.end() ? nullptr : &it->second;
  }
  const Location *Function(uint64_t key) const {
    auto it = functions_.find(key);
    return it == functions_.end() ? nullptr : &it->second;
  }

 private:
  std::unordered_map<int, std::string> scripts_;
  std::unordered_map<uint64_t, Location> functions_;
};

// Hash table from a key to a row. Keys are not 0: script ids and V8's node ids begin at 1.
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

// Adds all functions and nodes, parents before children. New locations go to `locations`,
// which supplies those that V8 has lost. `nodes` gets the row of each node by V8's id. V8 also
// samples its own work on the profile: such a sample may name a node that was not copied.
// @return 0 or a SHF_E… code
int CopyTree(v8::Isolate *isolate, v8::AllocationProfile *profile, const Scripts &scripts,
             Locations *locations, shf_capture *c, RowTable *nodes);

}  // namespace shf

#endif
