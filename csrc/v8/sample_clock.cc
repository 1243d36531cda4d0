#include "v8/sample_clock.h"

#include <algorithm>

#include "capture/capture.h"

namespace shf {

void SampleClock::Start(const V8Sampler &sampler, uint64_t now_us) {
  sampler_ = sampler;
  entries_[0] = {now_us, 0};
  count_ = 1;
  gap_us_ = 0;
}

void SampleClock::Note(uint64_t now_us) {
  if (count_ == 0 || now_us - entries_[count_ - 1].us < gap_us_) return;
  uint64_t id = sampler_.LastId();
  if (id >= entries_[count_ - 1].id) Add({now_us, id});
}

void SampleClock::NoteId(uint64_t now_us, uint64_t id) {
  id = std::max(id, sampler_.LastId());
  if (count_ > 0 && id >= entries_[count_ - 1].id) Add({now_us, id});
}

// Of entries with the same number, the first and the last one stay: nothing was sampled between.
void SampleClock::Add(Entry entry) {
  if (count_ > 1 && entries_[count_ - 2].id == entry.id) count_--;
  if (count_ == kEntries) Thin();
  entries_[count_++] = entry;
}

// All parts of the log keep the same distance.
void SampleClock::Thin() {
  size_t kept = 0;
  for (size_t i = 0; i < count_; i += 2) entries_[kept++] = entries_[i];
  count_ = kept;
  gap_us_ = (entries_[count_ - 1].us - entries_[0].us) / (kEntries / 2);
}

uint64_t SampleClock::TimeOf(uint64_t id) const {
  const Entry *end = entries_ + count_;
  const Entry *after = std::lower_bound(
      entries_, end, id, [](const Entry &entry, uint64_t sought) { return entry.id < sought; });
  if (after == end) return entries_[count_ - 1].us;
  if (after == entries_) return entries_[0].us;
  const Entry &before = after[-1];
  double part = static_cast<double>(id - before.id) / static_cast<double>(after->id - before.id);
  return before.us + static_cast<uint64_t>(static_cast<double>(after->us - before.us) * part);
}

uint32_t SampleClock::Age(uint64_t id, uint64_t now_us) const {
  uint64_t then = TimeOf(id);
  return shf_capture_age(now_us > then ? now_us - then : 0);
}

}  // namespace shf
