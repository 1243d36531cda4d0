/* What V8 knows of scripts that the tree of allocations does not tell. */
#ifndef SHF_V8_SCRIPTS_H
#define SHF_V8_SCRIPTS_H

#include <v8.h>

#include <cstdint>
#include <string>
#include <unordered_map>

#include "capture/capture.h"

namespace shf {

/*
 * Code that was compiled in memory is at no place of the file that it is named after: its text
 * says where its source is (sourceURL), and often holds a map (sourceMappingURL). V8 tells both
 * of the scripts that run, so the stack is looked at where memory is allocated.
 */
class Scripts {
 public:
  // Soon after a collection: whoever allocates much stands on the stack then, again and again.
  // At most half a percent of the time.
  bool Due(uint64_t now_us) const;
  void ReadStack(v8::Isolate *isolate);
  // Whether a script was given this name: what it calls itself goes in front of none alone.
  static bool IsName(const std::string &name);
  // What the text of a script calls itself; nullptr: nothing that is known.
  const std::string *Url(int script_id) const;
  // A meta line for each script that was met: `script:` and its name; the length of its text in
  // UTF-16 units, a line feed, and its map where that is a data: URL. Where several texts had one
  // name, none is known to be that of a function: -1 and no map.
  int Write(shf_capture *c) const;

 private:
  struct Script {
    std::string name, url, map;
    int length;
  };

  void Add(v8::Isolate *isolate, int id, v8::Local<v8::StackFrame> frame);

  std::unordered_map<int, Script> scripts_;
  size_t map_bytes_ = 0;
  uint64_t next_us_ = 0;
};

}  // namespace shf

#endif
