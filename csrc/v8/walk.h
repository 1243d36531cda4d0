/* V8's tree of allocations into the rows of a capture. */
#ifndef SHF_WALK_H
#define SHF_WALK_H

#include <v8-profiler.h>

#include <string>
#include <unordered_map>
#include <vector>

#include "capture/capture.h"

namespace shf {

// Where functions were defined. V8 forgets it when a script is collected, as
// that of a program is whose work is done; its functions are still in the tree.
class Places {
 public:
  struct Place {
    int line, column;
  };

  bool KnowsScript(int script_id) const {
    return scripts_.count(script_id) != 0;
  }
  void AddScript(int script_id, std::string name) {
    scripts_.emplace(script_id, std::move(name));
  }
  void AddFunction(uint64_t key, Place place) {
    functions_.emplace(key, place);
  }
  // nullptr: not known.
  const std::string *Script(int script_id) const {
    auto it = scripts_.find(script_id);
    return it == scripts_.end() ? nullptr : &it->second;
  }
  const Place *Function(uint64_t key) const {
    auto it = functions_.find(key);
    return it == functions_.end() ? nullptr : &it->second;
  }

 private:
  std::unordered_map<int, std::string> scripts_;
  std::unordered_map<uint64_t, Place> functions_;
};

// Adds all functions and nodes, parents before children. What `places` does not
// know yet it learns, and it fills in what V8 forgot. `seen` gets a bit for
// each node id: V8 samples its own work on the profile too, and those samples
// may be of nodes that came after their callers had been copied.
// @return 0 or a SHF_E… code
int CopyTree(v8::Isolate *isolate, v8::AllocationProfile *profile, Places *places, shf_capture *c,
             std::vector<bool> *seen);

}  // namespace shf

#endif
