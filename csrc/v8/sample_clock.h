/*
 * When V8 took a sample. The numbers of its samples ascend, so a log of (time, last number) tells
 * it, to the distance of two entries: at most a 24th of the age, or a tenth of a second, where
 * times are noted so often.
 */
#ifndef SHF_V8_SAMPLE_CLOCK_H
#define SHF_V8_SAMPLE_CLOCK_H

#include <cstddef>
#include <cstdint>

#include "v8/v8_sampler.h"

namespace shf {

class SampleClock {
 public:
  // V8's sampler has started at that time; its numbers begin anew.
  void Start(const V8Sampler &sampler, uint64_t now_us);
  // Adds an entry, unless the last one is too near. During a collection this is allowed.
  void Note(uint64_t now_us);
  // Adds an entry. `id`: the highest number that is known, if the last one is not.
  void NoteId(uint64_t now_us, uint64_t id);
  // Of a capture's bucket: how long ago a sample was taken. Call it after NoteId().
  uint32_t Age(uint64_t id, uint64_t now_us) const;

 private:
  static constexpr size_t kEntries = 512;
  static constexpr uint64_t kLeastGapUs = 100000, kParts = 24;

  struct Entry {
    uint64_t us, id;
  };

  void Add(Entry entry);
  void Thin(uint64_t now_us, uint64_t parts);
  uint64_t TimeOf(uint64_t id) const;

  V8Sampler sampler_;
  Entry entries_[kEntries] = {};
  size_t count_ = 0;
};

}  // namespace shf

#endif
