#include "v8/sample_clock.h"

#include <algorithm>

#include "capture/capture.h"

namespace shf {

void SampleClock::Start(const V8Sampler &sampler, uint64_t now_us) {
  sampler_ = sampler;
  entries_[0] = {now_us, 0};
  count_ = 1;
}

void SampleClock::Note(uint64_t now_us) {
  if (count_ == 0 || now_us - entries_[count_ - 1].us < kLeastGapUs) return;
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
  if (count_ == kEntries)
    for (uint64_t parts = kParts; parts > 0 && count_ > kEntries / 4 * 3; parts /= 2)
      Thin(entry.us, parts);
  if (count_ < kEntries) entries_[count_++] = entry;
}

// The older entries are, the farther apart they may be: by so many parts of their age.
void SampleClock::Thin(uint64_t now_us, uint64_t parts) {
  size_t kept = count_;
  Entry last = entries_[--kept];
  for (size_t i = count_ - 1; i-- > 1;) {
    uint64_t gap = std::max(kLeastGapUs, (now_us - entries_[i].us) / parts);
    if (last.us - entries_[i - 1].us > gap) entries_[--kept] = last = entries_[i];
  }
  entries_[--kept] = entries_[0];
  std::copy(entries_ + kept, entries_ + count_, entries_);
  count_ -= kept;
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
