#include "v8/scripts.h"

#include <algorithm>
#include <new>
#include <string>
#include <utility>

#include "v8/sampler_internal.h"
#include "v8/utf8.h"

namespace shf {

namespace {

using v8::Isolate;
using v8::Local;
using v8::StackFrame;
using v8::StackTrace;
using v8::String;

// Reading them allocates little on V8's heap.
constexpr int kFrames = 8;
constexpr int kScriptOptions = StackTrace::kScriptId | StackTrace::kScriptNameOrSourceURL |
                               StackTrace::kExposeFramesAcrossSecurityOrigins;
constexpr size_t kMaxScripts = 4096;
constexpr int kMaxUrl = 4096;
// UTF-16 units of one map, bytes of all of a thread.
constexpr int kMaxMap = 4 << 20;
constexpr size_t kMaxMaps = 8 << 20;
// Time between two reads: kReadShare times the duration of the last one, at most kMaxReadWaitUs.
constexpr uint64_t kReadShare = 200, kMaxReadWaitUs = 20000;
// At samples, each read that finds nothing new doubles this time, up to the maximum.
constexpr uint64_t kMinSampleWaitUs = 20000, kMaxSampleWaitUs = 1000000;

constexpr char kData[] = "data:";
// The name that node:vm gives to code without a name.
constexpr char kNameless[] = "evalmachine.<anonymous>";
// The length of several texts of the same name.
constexpr int kSeveral = -1;

std::string Text(Isolate *isolate, Local<String> s, int max) {
  if (s.IsEmpty() || s->Length() == 0 || s->Length() > max) return std::string();
  std::string text(Utf8Length(isolate, s), 0);
  if (!text.empty()) text.resize(WriteUtf8(isolate, s, &text[0], text.size()));
  return text;
}

}  // namespace

void Scripts::Add(Isolate *isolate, int id, Local<StackFrame> frame) {
  Script script;
  Local<String> source = frame->GetScriptSource();
  script.name = Text(isolate, frame->GetScriptName(), kMaxUrl);
  script.url = Text(isolate, frame->GetScriptNameOrSourceURL(), kMaxUrl);
  script.length = source.IsEmpty() ? 0 : source->Length();
  if (map_bytes_ < kMaxMaps) {
    std::string map = Text(isolate, frame->GetScriptSourceMappingURL(), kMaxMap);
    bool inside = map.compare(0, sizeof kData - 1, kData) == 0;
    if (inside && map.size() <= kMaxMaps - map_bytes_) script.map = std::move(map);
  }
  map_bytes_ += script.map.size();
  scripts_.emplace(id, std::move(script));
}

bool Scripts::Due(uint64_t now_us) const {
  return now_us >= next_us_ && scripts_.size() < kMaxScripts;
}

bool Scripts::DueAtSample(uint64_t now_us) const {
  return now_us >= next_at_sample_us_ && Due(now_us);
}

void Scripts::ReadStack(Isolate *isolate) {
  uint64_t begin = NowUs();
  if (!Due(begin) || !isolate->InContext()) return;
  v8::HandleScope scope(isolate);
  Local<StackTrace> trace = StackTrace::CurrentStackTrace(
      isolate, kFrames, static_cast<StackTrace::StackTraceOptions>(kScriptOptions));
  try {
    for (int i = 0; i < trace->GetFrameCount(); i++) {
      Local<StackFrame> frame = trace->GetFrame(isolate, static_cast<uint32_t>(i));
      int id = frame->GetScriptId();
      if (id > 0 && scripts_.count(id) == 0) Add(isolate, id, frame);
    }
  } catch (const std::bad_alloc &) {
    // some scripts will have no source map
  }
  uint64_t end = NowUs(), wait = (end - begin) * kReadShare;
  next_us_ = end + std::min(wait, kMaxReadWaitUs);
}

void Scripts::ReadStackAtSample(Isolate *isolate) {
  size_t known = scripts_.size();
  ReadStack(isolate);
  bool fruitless = scripts_.size() == known;
  wait_at_sample_us_ =
      fruitless ? std::clamp(wait_at_sample_us_ * 2, kMinSampleWaitUs, kMaxSampleWaitUs) : 0;
  next_at_sample_us_ = NowUs() + wait_at_sample_us_;
}

bool Scripts::IsName(const std::string &name) {
  return !name.empty() && name != kNameless;
}

bool Scripts::Knows(int script_id) const {
  return scripts_.count(script_id) != 0;
}

const std::string *Scripts::Url(int script_id) const {
  auto it = scripts_.find(script_id);
  return it == scripts_.end() || it->second.url.empty() ? nullptr : &it->second.url;
}

int Scripts::Write(shf_capture *c) const {
  static const Script several = {"", "", "", kSeveral};
  std::unordered_map<std::string, const Script *> by_name;
  for (const auto &entry : scripts_) {
    const Script &script = entry.second;
    const std::string &name = IsName(script.name) ? script.name : script.url;
    if (name.empty() || name.compare(0, 5, "node:") == 0) continue;
    const Script *&known = by_name[name];
    bool other = known && (known->length != script.length || known->map != script.map);
    known = other ? &several : &script;
  }
  int code = SHF_OK;
  for (const auto &entry : by_name) {
    std::string key = SHF_SCRIPT_FACTS + entry.first,
                value = std::to_string(entry.second->length) + '\n' + entry.second->map;
    code = shf_capture_meta_add(c, {key.data(), key.size()}, {value.data(), value.size()});
    if (code) break;
  }
  return code;
}

}  // namespace shf
