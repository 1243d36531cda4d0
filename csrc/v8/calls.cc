#include "v8/calls.h"

#include <algorithm>
#include <climits>
#include <new>
#include <utility>

#include "core/quiet_thread.h"
#include "v8/detour.h"
#include "v8/profile_signal.h"
#include "v8/sampler_internal.h"

namespace shf {

namespace {

using v8::CpuProfile;
using v8::CpuProfileNode;
using v8::CpuProfiler;

// Bytes of a stack in V8's queue.
constexpr uint64_t kQueued = 2304;
constexpr uint64_t kMaxRows = 1024, kMinRows = 64;
constexpr size_t kFirstRows = 256;
// The queue may take this share of the memory.
constexpr uint64_t kShare = 8;
// V8 also queues each function that it compiles, or moves: many at the start of a program, few
// later. So the time between two drains, and their rows, follow from how long the last one took.
constexpr uint64_t kFirstWaitUs = 250000, kMinWaitUs = 50000, kMaxWaitUs = 60 * 1000000;
constexpr uint64_t kLongDrainUs = 8000, kShortDrainUs = 2000;
// 36 minutes: V8 interrupts this thread by a signal when the period is over, and reads the queue
// only then. Neither is wanted.
constexpr int kPeriodUs = INT_MAX;
// V8 adds one to its clock's microseconds.
constexpr int64_t kClockOffset = 1;
constexpr uint32_t kMaxSize = INT_MAX;
// What hash tables and allocations add to the text of a function.
constexpr uint64_t kFunctionBytes = 128;

size_t MaxRows(uint64_t max_memory) {
  uint64_t rows = max_memory ? max_memory / kShare / kQueued : kMaxRows;
  return static_cast<size_t>(std::min(std::max(rows, kMinRows), kMaxRows));
}

}  // namespace

Calls::Calls(v8::Isolate *isolate, uint64_t max_memory)
    : isolate_(isolate),
      max_rows_(MaxRows(max_memory)),
      due_rows_(std::min(max_rows_, kFirstRows)),
      due_us_(kFirstWaitUs) {
  // Twice as many, in case JavaScript takes no interrupt for a while.
  rows_.reserve(max_rows_ * 2);
  stopped_rows_.reserve(max_rows_ * 2);
}

Calls::~Calls() {
  FinishJoin();
  CpuProfile *last = StopProfile();
  if (last) last->Delete();
  if (stopped_) stopped_->Delete();
  if (profiler_) profiler_->Dispose();
}

const char *Calls::Start() {
  profiler_ = CpuProfiler::New(isolate_, v8::kDebugNaming, v8::kEagerLogging);
  profiler_->SetSamplingInterval(kPeriodUs);
  StartProfile();
  return profiling_ ? nullptr : "V8's CPU profiler did not start";
}

void Calls::StartProfile() {
  StartWithoutSignal(
      [](void *self) {
        Calls *calls = static_cast<Calls *>(self);
        v8::CpuProfilingResult result =
            calls->profiler_->Start(v8::CpuProfilingOptions(v8::kCallerLineNumbers));
        calls->profile_ = result.id;
        calls->profiling_ = result.status == v8::CpuProfilingStatus::kStarted;
      },
      this);
  drained_us_ = NowUs();
  if (!profiling_) failure_ = "V8's CPU profiler did not start again";
}

CpuProfile *Calls::StopProfile() {
  struct Stopped {
    Calls *calls;
    CpuProfile *profile;
  } stopped = {this, nullptr};
  if (!profiling_) return nullptr;
  StopWithoutSignal(
      [](void *arg) {
        Stopped *to = static_cast<Stopped *>(arg);
        to->profile = to->calls->profiler_->Stop(to->calls->profile_);
      },
      &stopped);
  profiling_ = false;
  return stopped.profile;
}

void Calls::Reset() {
  FinishJoin();
  rows_.clear();
  joined_ = std::vector<Joined>();
  tree_ = CallTree();
  functions_ = std::vector<Function>();
  function_of_ = RowTable();
  scripts_.clear();
  text_bytes_ = first_id_ = drained_id_ = 0;
}

void Calls::Add(uint64_t id, size_t size) {
  if (!profiling_ || Full() || size > kMaxSize) return;
  Row row = {NowUs(), id, 0, static_cast<uint32_t>(size) & kMaxSize, know_leaf_};
  {
    Detour detour(isolate_, detour_);
    CpuProfiler::CollectSample(isolate_);
    if (detour.Taken()) detours_++;
    if (detour.SlowPath() && !detour.Taken()) row.leaf = 0;
  }
  row.took_us = static_cast<uint32_t>(std::min<uint64_t>(NowUs() - row.begin_us, UINT32_MAX));
  rows_.push_back(row);
}

bool Calls::Due() const {
  return !held_ && !rows_.empty() &&
         (rows_.size() >= due_rows_ || NowUs() - drained_us_ >= due_us_);
}

void Calls::PlanNextDrain(uint64_t took_us) {
  drain_us_ = std::max(drain_us_, took_us);
  if (took_us > kLongDrainUs) {
    due_rows_ = std::max<size_t>(due_rows_ / 2, kMinRows);
    due_us_ = std::max(due_us_ / 2, kMinWaitUs);
  } else if (took_us < kShortDrainUs) {
    due_rows_ = std::min(due_rows_ * 2, max_rows_);
    due_us_ = std::min(due_us_ * 2, kMaxWaitUs);
  }
}

// V8's profiling thread works off its queue before it ends, and this thread waits for it. The
// profile before is freed while no thread of V8 counts references to its functions.
void Calls::Drain(bool wait) {
  uint64_t begin = NowUs();
  FinishJoin();
  if (!rows_.empty() && profiling_) {
    CpuProfile *profile = StopProfile();
    if (stopped_) stopped_->Delete();
    stopped_ = profile;
    stopped_rows_.clear();
    stopped_rows_.swap(rows_);
    drained_id_ = stopped_rows_.back().id;
    StartProfile();
    Join();
    PlanNextDrain(NowUs() - begin);
  }
  if (wait) FinishJoin();
}

void Calls::Join() {
  if (!stopped_) return;
  auto body = [](void *self) { static_cast<Calls *>(self)->JoinRows(); };
  joining_ = shf_quiet_thread(body, this, &thread_) == 0;
  if (!joining_) JoinRows();
}

void Calls::FinishJoin() {
  if (joining_) uv_thread_join(&thread_);
  joining_ = false;
}

// From V8's tree, in which a node's line is that of the call in its parent, to ours. Nodes without
// a script are V8's own: the heap sampler knows them better.
class Calls::Translator {
 public:
  explicit Translator(Calls *calls) : calls_(calls) {}

  // @return SHF_NONE: V8's private words do not agree
  uint32_t Sample(const CpuProfileNode *node, int line) {
    uint32_t row = Find(node);
    return row == SHF_NONE ? SHF_NONE : CallIn(known_[row], line);
  }

 private:
  struct Known {
    uint32_t above;     // call in the parent
    uint32_t function;  // SHF_NONE: none of the app
  };

  uint32_t CallIn(const Known &node, int line) {
    return node.function == SHF_NONE ? node.above
                                     : calls_->tree_.Add(node.above, node.function, line);
  }

  uint32_t RowOf(const CpuProfileNode *node) const {
    return nodes_.Row(reinterpret_cast<uintptr_t>(node));
  }

  uint32_t Find(const CpuProfileNode *node) {
    path_.clear();
    for (; node && RowOf(node) == SHF_NONE; node = node->GetParent()) path_.push_back(node);
    uint32_t row = node ? RowOf(node) : SHF_NONE;
    for (size_t i = path_.size(); i-- > 0;) {
      Known known = {CallTree::kRoot, SHF_NONE};
      if (path_[i]->GetParent() && !Read(path_[i], known_[row], &known)) return SHF_NONE;
      row = static_cast<uint32_t>(known_.size());
      known_.push_back(known);
      *nodes_.Find(reinterpret_cast<uintptr_t>(path_[i])) = row;
    }
    return row;
  }

  bool Read(const CpuProfileNode *node, const Known &parent, Known *to) {
    NodePlace place;
    if (!ReadNodePlace(node, &calls_->proven_, &place)) return false;
    to->above = CallIn(parent, place.call_line);
    if (node->GetScriptId() != 0) to->function = calls_->FunctionOf(node, place);
    return true;
  }

  Calls *calls_;
  std::vector<Known> known_;
  RowTable nodes_;  // rows of known_
  std::vector<const CpuProfileNode *> path_;
};

uint32_t Calls::FunctionOf(const CpuProfileNode *node, const NodePlace &at) {
  FunctionPlace place = {node->GetScriptId(), at.position, at.line, at.column};
  uint32_t *row = function_of_.Find(place.Key());
  if (*row != SHF_NONE) return *row;
  if (scripts_.count(place.script_id) == 0) {
    auto added = scripts_.emplace(place.script_id, node->GetScriptResourceNameStr());
    text_bytes_ += kFunctionBytes + added.first->second.size();
  }
  functions_.push_back({place, node->GetFunctionNameStr()});
  text_bytes_ += kFunctionBytes + functions_.back().name.size();
  return *row = static_cast<uint32_t>(functions_.size() - 1);
}

void Calls::Keep(const Row &row, uint32_t call) {
  if (joined_.empty()) first_id_ = row.id;
  size_t at = row.id - first_id_;
  if (at >= joined_.size()) joined_.resize(at + 1, {SHF_NONE, 0, 0});
  joined_[at] = {call, row.size, row.leaf};
}

// Other samples of V8's come in between, and some out of order.
void Calls::JoinRows() {
  if (*failure_) return;
  try {
    SampleLines lines(stopped_);
    Translator translator(this);
    std::vector<std::pair<int64_t, int>> order;
    for (int i = 0; i < stopped_->GetSamplesCount(); i++)
      order.emplace_back(stopped_->GetSampleTimestamp(i) - kClockOffset, i);
    std::sort(order.begin(), order.end());
    size_t at = 0;
    for (const Row &row : stopped_rows_) {
      int64_t begin = static_cast<int64_t>(row.begin_us), end = begin + row.took_us;
      while (at < order.size() && order[at].first < begin) at++;
      if (at == order.size()) break;
      if (order[at].first > end) continue;
      // The next row may begin in the same microsecond: each sample is for one row.
      int sample = order[at++].second, line = lines.At(sample);
      uint32_t call = translator.Sample(stopped_->GetSample(sample), line > 0 ? line : 0);
      if (call == SHF_NONE) {
        failure_ = "V8's CPU profile is not as expected";
        return;
      }
      Keep(row, call);
    }
    leaf_lines_ = leaf_lines_ && lines.Readable();
  } catch (const std::bad_alloc &) {
    // These samples have no lines.
  }
}

const Calls::Joined *Calls::Find(uint64_t id, size_t size) const {
  if (joined_.empty() || id < first_id_ || id - first_id_ >= joined_.size()) return nullptr;
  const Joined *joined = &joined_[id - first_id_];
  return joined->call != SHF_NONE && joined->size == size ? joined : nullptr;
}

const std::string &Calls::ScriptName(int script_id) const {
  static const std::string none;
  auto it = scripts_.find(script_id);
  return it == scripts_.end() ? none : it->second;
}

uint64_t Calls::Bytes() const {
  return max_rows_ * kQueued + (rows_.capacity() + stopped_rows_.capacity()) * sizeof(Row) +
         joined_.capacity() * sizeof(Joined) + tree_.Bytes() +
         functions_.capacity() * sizeof(Function) + function_of_.Bytes() + text_bytes_;
}

}  // namespace shf
