/* The functions of a capture. */
#ifndef SHF_V8_FUNCTION_ROWS_H
#define SHF_V8_FUNCTION_ROWS_H

#include <v8-profiler.h>

#include <string>
#include <unordered_map>

#include "capture/capture.h"
#include "v8/row_table.h"
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

// A function as V8 tells functions apart. Scripts' ids begin at 1; 0: it has none.
struct FunctionPlace {
  int script_id, position;  // where it begins
  int line, column;         // 1-based

  uint64_t Key() const {
    return static_cast<uint64_t>(static_cast<uint32_t>(script_id)) << 32 |
           static_cast<uint32_t>(position);
  }
};

// Adds each function to a capture once.
class FunctionRows {
 public:
  using Node = v8::AllocationProfile::Node;

  // New locations go to `locations`, which supplies those that V8 has lost.
  FunctionRows(v8::Isolate *isolate, const Scripts &scripts, Locations *locations, shf_capture *c)
      : isolate_(isolate), known_scripts_(scripts), known_locations_(locations), c_(c) {}

  // The function of a node of V8's tree. @return 0 or a SHF_E… code
  int Add(Node *n, uint32_t *row);
  // One that may be in no node, since it was inlined everywhere. It has a script.
  // `script`: its name, in case no other is known.
  int Add(const FunctionPlace &place, const std::string &name, const std::string &script,
          uint32_t *row);
  // Whether there was a script without a name that may have a sourceURL, which was not read.
  bool nameless() const {
    return nameless_;
  }

 private:
  struct NamedRow {
    v8::Local<v8::String> name;
    uint32_t row;
  };

  int AddWithoutScript(Node *n, uint32_t *row);
  int AddRow(Node *n, uint32_t *row);
  int AddScript(int script_id, const std::string *otherwise, uint32_t *id);
  void CacheScriptName(Node *n);
  int AddText(v8::Local<v8::String> s, uint32_t *id);

  v8::Isolate *isolate_;
  const Scripts &known_scripts_;
  Locations *known_locations_;
  shf_capture *c_;
  RowTable functions_;  // by (script, position), as V8 itself tells them apart
  std::unordered_multimap<int, NamedRow> without_script_;
  std::unordered_map<int, uint32_t> scripts_;
  bool nameless_ = false;
};

}  // namespace shf

#endif
