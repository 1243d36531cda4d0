#include "v8/labels.h"

#include <node.h>

#include <new>
#include <utility>

#include "capture/label_sets.h"
#include "v8/sampler_internal.h"

namespace shf {

using v8::Isolate;
using v8::Local;
using v8::Value;

Labels::Labels(Isolate *isolate, uint64_t max_memory)
    : isolate_(isolate), max_rows_(max_memory ? max_memory / sizeof(uint16_t) : SIZE_MAX) {
  v8::HandleScope scope(isolate);
  context_.Reset(isolate, isolate->GetCurrentContext());
}

// The frame of the current context; empty where there is none.
Local<Value> Labels::Current() const {
#if NODE_MODULE_VERSION == 147
  Local<v8::Data> data = isolate_->GetContinuationPreservedEmbedderDataV2();
  if (data.IsEmpty() || !data->IsValue()) return Local<Value>();
  Local<Value> frame = data.As<Value>();
#elif NODE_MODULE_VERSION == 127 || NODE_MODULE_VERSION == 137
  Local<Value> frame = isolate_->GetContinuationPreservedEmbedderData();
#else
  Local<Value> frame;
#endif
  return !frame.IsEmpty() && frame->IsMap() ? frame : Local<Value>();
}

bool Labels::UseFrames(double probe) {
  v8::HandleScope scope(isolate_);
  Local<Value> frame = Current(), key, value;
  if (frame.IsEmpty()) return false;
  Local<v8::Context> context = context_.Get(isolate_);
  Local<v8::Array> pairs = frame.As<v8::Map>()->AsArray();
  for (uint32_t i = 0; i + 1 < pairs->Length(); i += 2) {
    if (!pairs->Get(context, i + 1).ToLocal(&value)) return false;
    if (!value->IsNumber() || value.As<v8::Number>()->Value() != probe) continue;
    if (!pairs->Get(context, i).ToLocal(&key)) return false;
    storage_.Reset(isolate_, key);
    return true;
  }
  return false;
}

void Labels::UseSlots(const int32_t *slots, uint32_t count) {
  slots_ = slots;
  nslots_ = count;
}

// The Map is read as an array: Map::Get would run JavaScript amid what was interrupted.
// @return false where JavaScript is being terminated
bool Labels::SetOfFrame(Local<Value> frame, uint16_t *set) {
  Local<Value> key, value;
  Local<v8::Context> context = context_.Get(isolate_);
  v8::Context::Scope entered(context);
  v8::TryCatch caught(isolate_);
  Local<v8::Array> pairs = frame.As<v8::Map>()->AsArray();
  *set = 0;
  for (uint32_t i = 0; i + 1 < pairs->Length(); i += 2) {
    if (!pairs->Get(context, i).ToLocal(&key)) return false;
    if (storage_ != key) continue;
    if (!pairs->Get(context, i + 1).ToLocal(&value)) return false;
    if (!value->IsUint32()) return true;
    uint32_t number = value.As<v8::Uint32>()->Value();
    if (number < kFrame) *set = static_cast<uint16_t>(number);
    return true;
  }
  return true;
}

uint16_t Labels::SetOfExecution() const {
  v8::HandleScope scope(isolate_);
  // V8 is in none while some of its builtins allocate.
  v8::Context::Scope entered(context_.Get(isolate_));
  double execution = node::AsyncHooksGetExecutionAsyncId(isolate_);
  if (!(execution >= 0)) return 0;
  uint32_t id = static_cast<uint32_t>(static_cast<uint64_t>(execution));
  const int32_t *slot = &slots_[size_t{id & (nslots_ - 1)} * 2];
  bool known = static_cast<uint32_t>(slot[0]) == id && slot[1] > 0 && slot[1] < kFrame;
  return known ? static_cast<uint16_t>(slot[1]) : 0;
}

bool Labels::FindRecent(Local<Value> frame, uint16_t *set) {
  for (size_t i = 0; i < kRecent; i++) {
    size_t at = (found_ + i) % kRecent;
    if (recent_[at].IsEmpty() || recent_[at] != frame) continue;
    found_ = at;
    *set = recent_set_[at];
    return true;
  }
  return false;
}

void Labels::KeepRecent(Frame *frame, uint16_t set) {
  recent_[next_] = std::move(*frame);
  recent_[next_].SetWeak();
  recent_set_[next_] = set;
  found_ = next_;
  next_ = (next_ + 1) % kRecent;
}

// A set, or the row of a frame that Resolve() reads.
uint16_t Labels::RowOfFrame() {
  v8::HandleScope scope(isolate_);
  uint16_t set;
  Local<Value> frame = Current();
  if (frame.IsEmpty()) return base_;
  if (FindRecent(frame, &set)) return OrBase(set);
  if (frames_.empty() || frames_.back() != frame || base_of_[frames_.size() - 1] != base_) {
    if (frames_.size() == kFrames) {
      lost_++;
      return 0;
    }
    base_of_[frames_.size()] = base_;
    frames_.emplace_back(isolate_, frame);
  }
  return static_cast<uint16_t>(kFrame + frames_.size() - 1);
}

uint16_t Labels::RowOfContext() {
  if (!ReadsContexts()) return base_;
  return slots_ ? OrBase(SetOfExecution()) : RowOfFrame();
}

bool Labels::Add(uint64_t id) {
  if (busy_ || (!ReadsContexts() && base_ == 0)) return false;
  count_++;
  try {
    if (sets_.empty()) first_ = id;
    if (id < first_) return false;
    if (id - first_ >= max_rows_) {
      lost_++;
      return false;
    }
    sets_.resize(id - first_);  // of samples that did not reach us: none
    sets_.push_back(RowOfContext());
  } catch (const std::bad_alloc &) {
    lost_++;
  }
  return !frames_.empty();
}

void Labels::Resolve() {
  if (frames_.empty() || busy_) return;
  busy_ = true;
  v8::HandleScope scope(isolate_);
  uint16_t sets[kFrames];
  for (size_t i = 0; i < frames_.size(); i++) {
    v8::HandleScope each(isolate_);
    Local<Value> frame = frames_[i].Get(isolate_);
    if (frame.IsEmpty() || !SetOfFrame(frame, &sets[i])) sets[i] = kLost;
  }
  for (; unread_ < sets_.size(); unread_++) {
    if (sets_[unread_] < kFrame) continue;
    size_t frame = sets_[unread_] - kFrame;
    lost_ += sets[frame] == kLost;
    sets_[unread_] = sets[frame] == kLost || sets[frame] == 0 ? base_of_[frame] : sets[frame];
  }
  for (size_t i = frames_.size() > kRecent ? frames_.size() - kRecent : 0; i < frames_.size(); i++)
    if (sets[i] != kLost) KeepRecent(&frames_[i], sets[i]);
  frames_.clear();
  old_ = 0;
  busy_ = false;
}

void Labels::OnCollection() {
  for (size_t i = 0; i < old_; i++)
    if (!frames_[i].IsEmpty()) frames_[i].SetWeak();
  old_ = frames_.size();
}

uint32_t Labels::Now() {
  if (busy_ || !ReadsContexts()) return base_;
  if (slots_) return OrBase(SetOfExecution());
  v8::HandleScope scope(isolate_);
  uint16_t set = 0;
  Local<Value> frame = Current();
  if (frame.IsEmpty() || FindRecent(frame, &set)) return OrBase(set);
  busy_ = true;
  if (SetOfFrame(frame, &set)) {
    Frame kept(isolate_, frame);
    KeepRecent(&kept, set);
  }
  busy_ = false;
  return OrBase(set);
}

void Labels::Reset() {
  sets_.clear();
  frames_.clear();
  unread_ = old_ = 0;
}

namespace {

// Of the memory bound, for the rows of samples. V8's samples fill the rest far earlier, unless it
// keeps live ones only.
constexpr uint64_t kLabelShare = 8;
// Fewer than one sample in a thousand are not worth a word.
constexpr uint64_t kWorthAWord = 1000;

void ReadFrames(shf_sampler *s) {
  if (!s->busy) s->labels->Resolve();
}

void OnLabelSample(void *self, uint64_t id, size_t) {
  shf_sampler *s = static_cast<shf_sampler *>(self);
  if (s->labels->Add(id)) RequestInterrupt(s, &s->labels_read, ReadFrames);
}

// Samples are reported from now on. @return why not, constant text; nullptr: they are
const char *StartLabels(shf_sampler *s) {
  if (!SampleObserver::Supported()) return "this Node's V8 is not known";
  if (!s->labels) {
    s->labels = new (std::nothrow) Labels(s->isolate, s->options.max_memory / kLabelShare);
    if (!s->labels) return "out of memory";
    if (!s->observer.Listen(OnLabelSample, s)) return "out of memory";
  }
  if (!s->observer.Works()) InstallObserver(s);
  return *s->observer_why ? s->observer_why : nullptr;
}

std::string LabelsLimit(const shf_sampler *s) {
  if (s->labels_why) return s->labels_why;
  if (!s->labels) return std::string();
  if (*s->observer_why) return s->observer_why;
  uint64_t lost = s->labels->lost();
  if (lost * kWorthAWord <= s->labels->count()) return std::string();
  return "the labels of " + std::to_string(lost) + " samples are not known";
}

}  // namespace

void StopLabels(shf_sampler *s) {
  CancelInterrupt(s->labels_read);
  delete s->labels;
  s->labels = nullptr;
}

}  // namespace shf

extern "C" {

enum shf_label_contexts shf_sampler_label_contexts(shf_sampler *s, double probe) {
  s->labels_why = shf::StartLabels(s);
  if (s->labels_why) return SHF_LABELS_NONE;
  return s->labels->UseFrames(probe) ? SHF_LABELS_FRAMES : SHF_LABELS_HOOKS;
}

void shf_sampler_label_slots(shf_sampler *s, const int32_t *slots, uint32_t count) {
  if (s->labels) s->labels->UseSlots(slots, count);
}

bool shf_sampler_label_base(shf_sampler *s, uint32_t set) {
  if (set > SHF_LABEL_SETS_ALL) return false;
  s->labels_why = shf::StartLabels(s);
  if (s->labels_why) return false;
  s->labels->UseBase(static_cast<uint16_t>(set));
  return true;
}

uint32_t shf_sampler_label_set(shf_sampler *s) {
  return s->labels && !s->busy ? s->labels->Now() : 0;
}

const char *shf_sampler_labels_limit(shf_sampler *s) {
  try {
    s->labels_limit = shf::LabelsLimit(s);
    return s->labels_limit.c_str();
  } catch (const std::bad_alloc &) {
    return "";
  }
}

}  // extern "C"
