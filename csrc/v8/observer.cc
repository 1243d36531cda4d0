#include "v8/observer.h"

#include <cstring>
#include <new>

#include "v8/loaded_object.h"

namespace shf {

#ifdef SHF_CAN_OBSERVE

namespace {

// The table: two destructors, Step, GetNextStepSize; offset to top and type stand before them.
constexpr int kHeaderWords = 2, kFunctions = 4, kStep = 2, kTableWords = kHeaderWords + kFunctions;

constexpr char kTableName[] = "_ZTVN2v88internal20SamplingHeapProfiler8ObserverE";
constexpr char kStepName[] = "_ZN2v88internal20SamplingHeapProfiler8Observer4StepEimm";

using StepFunction = void (*)(void *observer, int bytes, uintptr_t object, size_t size);

// `functions`: where the object points. @return why this is not the observer's table, or nullptr
const char *CheckTable(uintptr_t functions, uintptr_t *table) {
  const uintptr_t *from = reinterpret_cast<const uintptr_t *>(functions);
  if (!IsLoaded(functions, Segment::kAny) || !SafeRead(table, from - kHeaderWords, kTableWords))
    return "V8's observer has no table of functions";
  if (table[0] != 0) return "V8's observer begins elsewhere";
  for (int i = kHeaderWords; i < kTableWords; i++)
    if (!IsLoaded(table[i], Segment::kCode)) return "a function of V8's observer is no code";
  // Only Node 20 and 22 export V8's own names.
  void *named = ExportedAddress(kTableName), *step = ExportedAddress(kStepName);
  if (named && static_cast<const uintptr_t *>(named) + kHeaderWords != from)
    return "V8's observer is of another class";
  if (step && reinterpret_cast<uintptr_t>(step) != table[kHeaderWords + kStep])
    return "V8's observer has another function";
  return nullptr;
}

}  // namespace

// V8's observer points into it, so it is only freed once the observer does not.
struct SampleObserver::Hook {
  uintptr_t table[kTableWords];
  SampleObserver *owner;
  uintptr_t functions;  // V8's own
  V8Sampler sampler;
  bool works;

  uintptr_t *Observer() const {
    return sampler.words() + V8Sampler::kObserver;
  }
  uintptr_t Functions() const {
    return reinterpret_cast<uintptr_t>(table + kHeaderWords);
  }
  bool Installed() const {
    return sampler.Exists() && *Observer() == Functions();
  }
};

bool SampleObserver::Supported() {
  return true;
}

const char *SampleObserver::Install(const V8Sampler &sampler) {
  uintptr_t table[kTableWords];
  Remove();
  if (!sampler.Exists()) return "V8's sampler was stopped";
  uintptr_t functions = sampler.words()[V8Sampler::kObserver];
  const char *why = CheckTable(functions, table);
  if (why) return why;
  Hook *hook = new (std::nothrow) Hook();
  if (!hook) return "out of memory";
  memcpy(hook->table, table, sizeof table);
  hook->table[kHeaderWords + kStep] = reinterpret_cast<uintptr_t>(&Step);
  hook->owner = this;
  hook->functions = functions;
  hook->sampler = sampler;
  hook->works = true;
  hook_ = hook;
  *hook->Observer() = hook->Functions();
  return nullptr;
}

void SampleObserver::Step(void *observer, int bytes, uintptr_t object, size_t size) {
  uintptr_t functions = *static_cast<uintptr_t *>(observer);
  Hook *hook = reinterpret_cast<Hook *>(functions - kHeaderWords * sizeof(uintptr_t) -
                                        offsetof(Hook, table));
  const uintptr_t *words = hook->sampler.words();
  uint64_t last = words[V8Sampler::kLastId];
  reinterpret_cast<StepFunction>(reinterpret_cast<const uintptr_t *>(hook->functions)[kStep])(
      observer, bytes, object, size);
  uint64_t id = words[V8Sampler::kLastId];
  if (!object || !hook->works) return;
  if (id != last + 1) {
    hook->works = false;
    *hook->Observer() = hook->functions;
    return;
  }
  const SampleObserver *owner = hook->owner;
  for (int i = 0; i < owner->count_; i++)
    owner->calls_[i].listener(owner->calls_[i].self, id, size);
}

void SampleObserver::Remove() {
  if (!hook_) return;
  bool exists = hook_->sampler.Exists();
  if (hook_->Installed()) *hook_->Observer() = hook_->functions;
  hook_->works = false;
  // Other code that has put its table over ours calls us.
  if (!exists || *hook_->Observer() == hook_->functions) delete hook_;
  hook_ = nullptr;
}

bool SampleObserver::Works() const {
  return hook_ && hook_->works && hook_->Installed();
}

#else

bool SampleObserver::Supported() {
  return false;
}

const char *SampleObserver::Install(const V8Sampler &) {
  return "this Node's V8 is not known";
}

void SampleObserver::Remove() {}

bool SampleObserver::Works() const {
  return false;
}

#endif

bool SampleObserver::Listen(Listener listener, void *self) {
  if (count_ == kListeners) return false;
  calls_[count_++] = {listener, self};
  return true;
}

}  // namespace shf
