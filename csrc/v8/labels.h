/*
 * Which set of labels was the async context's at each sample.
 *
 * An AsyncLocalStorage of ours holds the number of a set. Where Node keeps contexts as frames (Maps
 * from storages to values), the frame of a sample is kept until the next moment when it can be
 * read, and no longer. Elsewhere, JavaScript writes the set of each execution into slots.
 *
 * All functions are called on the isolate's thread.
 */
#ifndef SHF_V8_LABELS_H
#define SHF_V8_LABELS_H

#include <v8.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

struct shf_sampler;

namespace shf {

class Labels {
 public:
  // `max_memory`: bytes that rows of samples may take; 0: no limit
  Labels(v8::Isolate *isolate, uint64_t max_memory);

  // Finds the storage that holds `probe` in the current frame. @return whether there are frames
  bool UseFrames(double probe);
  // `slots`: see shf_sampler_label_slots
  void UseSlots(const int32_t *slots, uint32_t count);

  // The set of what has none of its context, from now on.
  void UseBase(uint16_t set) {
    base_ = set;
  }

  // V8 has taken a sample. Allocates nothing on V8's heap. @return whether Resolve() is needed
  bool Add(uint64_t id);
  // Reads the frames that are kept, and lets them go. Not while V8 allocates or collects.
  void Resolve();
  // A collection begins. Frames that an earlier one has met do not live on because of us.
  void OnCollection();
  // V8's numbers of samples begin anew.
  void Reset();

  // The set of a sample; 0: none.
  uint32_t SetOf(uint64_t id) const {
    return id >= first_ && id - first_ < sets_.size() ? Known(sets_[id - first_]) : 0;
  }
  // The set of the current context. May allocate.
  uint32_t Now();
  // Samples whose set is not known.
  uint64_t lost() const {
    return lost_;
  }
  // Samples that were reported.
  uint64_t count() const {
    return count_;
  }
  size_t Bytes() const {
    return sets_.capacity() * sizeof sets_[0];
  }

 private:
  using Frame = v8::Global<v8::Value>;
  // Rows of `sets_` from here on are frames.
  static constexpr uint16_t kFrame = 0x8000, kLost = 0xffff;
  static constexpr size_t kFrames = 1024, kRecent = 16;

  static uint32_t Known(uint16_t row) {
    return row < kFrame ? row : 0;
  }
  bool ReadsContexts() const {
    return slots_ || !storage_.IsEmpty();
  }
  uint16_t OrBase(uint16_t set) const {
    return set > 0 ? set : base_;
  }
  v8::Local<v8::Value> Current() const;
  bool SetOfFrame(v8::Local<v8::Value> frame, uint16_t *set);
  uint16_t SetOfExecution() const;
  uint16_t RowOfFrame();
  uint16_t RowOfContext();
  bool FindRecent(v8::Local<v8::Value> frame, uint16_t *set);
  void KeepRecent(Frame *frame, uint16_t set);

  v8::Isolate *isolate_;
  v8::Global<v8::Context> context_;
  v8::Global<v8::Value> storage_;
  const int32_t *slots_ = nullptr;
  uint32_t nslots_ = 0;
  uint16_t base_ = 0;

  size_t max_rows_;
  uint64_t first_ = 0;          // number of the sample of row 0
  std::vector<uint16_t> sets_;  // a set, or a frame that was not read yet
  size_t unread_ = 0;           // the first row that may be a frame

  std::vector<Frame> frames_;  // to be read
  uint16_t base_of_[kFrames];  // the base when each was met
  size_t old_ = 0;             // how many of them were there at a collection
  // Weak: frames that were read, as the next samples are likely to have one of them.
  Frame recent_[kRecent];
  uint16_t recent_set_[kRecent] = {};
  size_t next_ = 0, found_ = 0;

  bool busy_ = false;  // reading frames allocates
  uint64_t lost_ = 0, count_ = 0;
};

// After V8's sampler has stopped.
void StopLabels(shf_sampler *s);

}  // namespace shf

#endif
