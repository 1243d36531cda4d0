#include "v8/cpu_profile.h"

#include <cstring>

#include "v8/safe_read.h"

namespace shf {

namespace {

constexpr ProvenReads kProven = 1000;

// libstdc++ gives a deque blocks of this size. An iterator is (current, first, last, block).
constexpr size_t kBlock = 512;
constexpr int kIteratorWords = 4;
// The words of V8's CpuProfile that may hold the deque.
constexpr int kFirstWord = 8, kProfileWords = 24;
// Of a sample: node, timestamp, line and more, which differs between versions.
constexpr int kSampleNode = 0, kSampleTime = 1, kSampleLine = 2;
constexpr size_t kMinSample = 3, kMaxSample = 6;

// A node: tree, function, ticks, children (7 words), the line of the call.
constexpr int kNodeFunction = 1, kNodeLine = 10, kNodeWords = 11;
// A function has, somewhere in its first words: name, file, (line, column), (script, position).
constexpr int kFunctionWords = 8;

size_t PerBlock(size_t words) {
  return kBlock / (words * sizeof(uintptr_t));
}

bool Read(uintptr_t *to, const void *from, size_t words, ProvenReads proven) {
  const uintptr_t *at = static_cast<const uintptr_t *>(from);
  if (proven < kProven) return SafeRead(to, at, words);
  if (!Possible({to, at, words})) return false;
  memcpy(to, at, words * sizeof *to);
  return true;
}

int Low(uintptr_t word) {
  return static_cast<int>(static_cast<uint32_t>(word));
}

int High(uintptr_t word) {
  return static_cast<int>(static_cast<uint32_t>(word >> 32));
}

}  // namespace

SampleLines::SampleLines(const v8::CpuProfile *profile)
    : profile_(profile), count_(profile->GetSamplesCount()) {
  uintptr_t words[kProfileWords];
  if (count_ > 0 && SafeRead(words, reinterpret_cast<const uintptr_t *>(profile), kProfileWords))
    Find(words, kProfileWords);
}

// The deque's first iterator is one whose current element is its block's first, the profile's
// first sample.
bool SampleLines::Find(const uintptr_t *words, int count) {
  for (int i = kFirstWord; i + kIteratorWords <= count; i++) {
    uintptr_t current = words[i], first = words[i + 1], last = words[i + 2], entry[2], block;
    if (current != first || last <= first || last - first > kBlock) continue;
    if (!SafeRead(entry, reinterpret_cast<const uintptr_t *>(current), 2) || !IsSample(entry, 0))
      continue;
    blocks_ = reinterpret_cast<const uintptr_t *>(words[i + 3]);
    if (!SafeRead(&block, blocks_, 1) || block != first) continue;
    for (size_t size = kMinSample; size <= kMaxSample; size++) {
      if (last - first != PerBlock(size) * size * sizeof(uintptr_t) || !Agrees(size)) continue;
      words_ = size;
      return true;
    }
  }
  return false;
}

bool SampleLines::IsSample(const uintptr_t *entry, int sample) const {
  return entry[kSampleNode] == reinterpret_cast<uintptr_t>(profile_->GetSample(sample)) &&
         entry[kSampleTime] == static_cast<uintptr_t>(profile_->GetSampleTimestamp(sample));
}

// By safe reads: the second sample, the first of the second block, and the last.
bool SampleLines::Agrees(size_t words) const {
  size_t per_block = PerBlock(words);
  for (int sample : {1, static_cast<int>(per_block), count_ - 1}) {
    if (sample >= count_) continue;
    uintptr_t block, entry[2];
    size_t at = static_cast<size_t>(sample);
    if (!SafeRead(&block, blocks_ + at / per_block, 1)) return false;
    const uintptr_t *from = reinterpret_cast<const uintptr_t *>(block) + at % per_block * words;
    if (!SafeRead(entry, from, 2) || !IsSample(entry, sample)) return false;
  }
  return true;
}

const uintptr_t *SampleLines::Entry(int sample) const {
  size_t at = static_cast<size_t>(sample), per_block = PerBlock(words_);
  return reinterpret_cast<const uintptr_t *>(blocks_[at / per_block]) + at % per_block * words_;
}

int SampleLines::At(int sample) {
  if (!words_) return -1;
  const uintptr_t *entry = Entry(sample);
  if (IsSample(entry, sample)) {
    int line = Low(entry[kSampleLine]);
    return line > 0 ? line : 0;
  }
  words_ = 0;
  return -1;
}

bool ReadNodePlace(const v8::CpuProfileNode *node, ProvenReads *proven, NodePlace *to) {
  uintptr_t words[kNodeWords], function[kFunctionWords];
  if (!Read(words, node, kNodeWords, *proven)) return false;
  const void *at = reinterpret_cast<const void *>(words[kNodeFunction]);
  if (!Read(function, at, kFunctionWords, *proven)) return false;
  uintptr_t name = reinterpret_cast<uintptr_t>(node->GetFunctionNameStr());
  uintptr_t file = reinterpret_cast<uintptr_t>(node->GetScriptResourceNameStr());
  for (int i = 0; i + 3 < kFunctionWords; i++) {
    uintptr_t place = function[i + 2], script = function[i + 3];
    if (function[i] != name || function[i + 1] != file || Low(script) != node->GetScriptId())
      continue;
    *to = {Low(place), High(place), High(script), Low(words[kNodeLine])};
    if (node->GetLineNumber() != (to->call_line ? to->call_line : to->line)) return false;
    ++*proven;
    return true;
  }
  return false;
}

}  // namespace shf
