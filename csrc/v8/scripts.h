/* Scripts that were compiled in memory: their source URLs and source maps. */
#ifndef SHF_V8_SCRIPTS_H
#define SHF_V8_SCRIPTS_H

#include <v8.h>

#include <cstdint>
#include <string>
#include <unordered_map>

#include "capture/capture.h"

namespace shf {

/*
 * The positions of code that was compiled in memory do not fit the file it is named after. Its
 * text may name its source (sourceURL) and contain a source map (sourceMappingURL). V8 reports
 * both only for frames of the stack, so the stack is read where memory is allocated.
 */
class Scripts {
 public:
  // Call it soon after a garbage collection, when functions that allocate much are on the
  // stack. Limits the cost to half a percent of the time.
  bool Due(uint64_t now_us) const;
  void ReadStack(v8::Isolate *isolate);
  // The same for soon after a sample, less often where nothing new was found.
  bool DueAtSample(uint64_t now_us) const;
  void ReadStackAtSample(v8::Isolate *isolate);
  // Whether this is a name that a script was given; otherwise its sourceURL is used.
  static bool IsName(const std::string &name);
  bool Knows(int script_id) const;
  // The sourceURL of a script; nullptr: not known.
  const std::string *Url(int script_id) const;
  // Writes a meta line for each script: the key is `script:` and its name, the value the length
  // of its text in UTF-16 units, a line feed, and its source map if that is a data: URL. Several
  // texts of the same name cannot be told apart: the length is -1, and there is no map.
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
  uint64_t next_at_sample_us_ = 0, wait_at_sample_us_ = 0;
};

}  // namespace shf

#endif
