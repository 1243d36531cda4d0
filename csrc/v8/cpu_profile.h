/*
 * What V8 knows of a CPU profile's samples, but does not tell in public: the line of each sample,
 * and both where a node's function begins and where it was called. Each private word is read in
 * step with what V8 says in public, and must agree.
 */
#ifndef SHF_V8_CPU_PROFILE_H
#define SHF_V8_CPU_PROFILE_H

#include <v8-profiler.h>

#include <cstddef>
#include <cstdint>

namespace shf {

// Reads of one kind so far that agreed. The first thousand go through the kernel; later ones are
// plain loads.
using ProvenReads = size_t;

// The lines of a profile's samples. V8 keeps its samples in a std::deque.
class SampleLines {
 public:
  explicit SampleLines(const v8::CpuProfile *profile);

  // Whether they can be read. A profile without samples has nothing to read.
  bool Readable() const {
    return words_ != 0 || count_ == 0;
  }
  // The line in the innermost function; 0: V8 knows none; -1: not readable, nor is any later one.
  int At(int sample);

 private:
  bool Find(const uintptr_t *words, int count);
  bool Agrees(size_t words) const;
  bool IsSample(const uintptr_t *entry, int sample) const;
  const uintptr_t *Entry(int sample) const;

  const v8::CpuProfile *profile_;
  int count_;
  const uintptr_t *blocks_ = nullptr;  // pointers to the deque's blocks
  size_t words_ = 0;                   // of one sample; 0: not readable
};

struct NodePlace {
  int line, column, position;  // where the function begins; 1-based, position from 0
  int call_line;               // in its caller; 0: V8 knows none
};

// @return false: the private words do not agree
bool ReadNodePlace(const v8::CpuProfileNode *node, ProvenReads *proven, NodePlace *to);

}  // namespace shf

#endif
