#include <node.h>
#include <v8-profiler.h>

#include <chrono>
#include <cstring>
#include <memory>
#include <new>
#include <type_traits>
#include <vector>

#include "v8/sampler_internal.h"

namespace shf {
namespace {

using v8::AllocationProfile;
using v8::HeapProfiler;
using v8::Isolate;

constexpr int kKeepCollected = HeapProfiler::kSamplingIncludeObjectsCollectedByMajorGC |
                               HeapProfiler::kSamplingIncludeObjectsCollectedByMinorGC;

// Sample::is_live exists since Node 26.
template <class S>
auto PublicLiveness(const S &sample, int) -> decltype(sample.is_live) {
  return sample.is_live;
}
template <class S>
bool PublicLiveness(const S &, long) {
  return false;
}
template <class S, class = void>
struct TellsLiveness : std::false_type {};
template <class S>
struct TellsLiveness<S, decltype(void(&S::is_live))> : std::true_type {};
constexpr bool kPublic = TellsLiveness<AllocationProfile::Sample>::value;

#define SHF_TEXT(x) #x
#define SHF_TEXT_OF(x) SHF_TEXT(x)
// Identifies the ABI in the file, for readers that do not load it.
__attribute__((used)) const char kMark[] =
    "shap_sampler for ABI " SHF_TEXT_OF(NODE_MODULE_VERSION) ";";

uint32_t KnownTypes(const shf_sampler *s, bool inuse_lost) {
  switch (s->liveness) {
    case SHF_LIVENESS_ONLY:
      return SHF_HAS_INUSE;
    case SHF_LIVENESS_NONE:
      return SHF_HAS_ALLOC;
    default:
      return inuse_lost ? SHF_HAS_ALLOC : SHF_HAS_ALLOC | SHF_HAS_INUSE;
  }
}

// One byte for each sample: alive or not. false: not known.
bool ReadLiveness(shf_sampler *s, const std::vector<AllocationProfile::Sample> &samples,
                  std::vector<uint8_t> *live) {
  if (s->liveness == SHF_LIVENESS_GUARDED) return s->guarded.Read(samples, live, nullptr);
  if (s->liveness == SHF_LIVENESS_NONE) return false;
  live->resize(samples.size());
  for (size_t i = 0; i < samples.size(); i++)
    (*live)[i] = s->liveness == SHF_LIVENESS_ONLY || PublicLiveness(samples[i], 0);
  return true;
}

// The same, and the classes of live objects if they are wanted, from V8's own table of samples.
// Allocates nothing on V8's heap.
bool ReadLive(shf_sampler *s, const std::vector<AllocationProfile::Sample> &samples, bool closing,
              std::vector<uint8_t> *live, std::unique_ptr<ObjectTypes> *types) {
  s->types_limit = "";
  if (!s->types_wanted || closing) return ReadLiveness(s, samples, live);
  types->reset(new ObjectTypes(s->isolate, samples.size()));
  if (s->guarded.Read(samples, live, types->get())) {
    (*types)->ReadClasses();
    if (s->liveness == SHF_LIVENESS_GUARDED) return true;
  } else {
    types->reset();
    s->types_limit = "types are not known: V8's table of samples was not found, or did not agree";
  }
  return ReadLiveness(s, samples, live);
}

void NameTypes(shf_sampler *s, ObjectTypes *types, SampleColumns *columns) {
  if (!types) return;
  types->Name();
  columns->types = types->TakeRows();
  if (types->full()) s->types_limit = "there were more than 1,000 types: further ones are (other)";
}

// Of live samples: seconds since the allocation + 1.
void ReadAges(const shf_sampler *s, const std::vector<AllocationProfile::Sample> &samples,
              SampleColumns *columns) {
  uint64_t now = NowUs();
  columns->ages.resize(samples.size());
  for (size_t i = 0; i < samples.size(); i++)
    if (columns->live[i]) columns->ages[i] = s->clock.Age(samples[i].sample_id, now);
}

void ReadLabels(const shf_sampler *s, const std::vector<AllocationProfile::Sample> &samples,
                SampleColumns *columns) {
  columns->labels.resize(samples.size());
  for (size_t i = 0; i < samples.size(); i++)
    columns->labels[i] = s->labels->SetOf(samples[i].sample_id);
}

int AddSource(const shf_sampler *s, bool gc, bool inuse_lost, shf_capture *c, uint32_t *row) {
  shf_source source = {};
  source.interval = s->interval;
  source.since_ms = s->since_ms;
  source.kind = SHF_HEAP;
  source.gc = gc ? SHF_GC_FORCED : SHF_GC_NONE;
  source.pid = s->options.pid;
  source.thread = s->options.thread;
  source.types = KnownTypes(s, inuse_lost);
  source.depth = s->options.exact_depth ? 0 : s->options.depth;
  return shf_capture_source(c, &source, row);
}

// `closing`: the segment ends with a restart, so live blocks are not counted.
int Fill(shf_sampler *s, AllocationProfile *profile, bool closing, bool gc, shf_capture *c,
         bool *inuse_lost) {
  const std::vector<AllocationProfile::Sample> &samples = profile->GetSamples();
  if (samples.size() >= SHF_NONE) return SHF_E_LIMIT;
  // First: an allocation on V8's heap may start a garbage collection.
  SampleColumns columns;
  std::unique_ptr<ObjectTypes> types;
  bool known = ReadLive(s, samples, closing, &columns.live, &types);
  columns.count_live = known && !closing;
  *inuse_lost = !known && s->liveness != SHF_LIVENESS_NONE;
  if (columns.count_live) ReadAges(s, samples, &columns);
  if (s->labels) ReadLabels(s, samples, &columns);
  NameTypes(s, types.get(), &columns);
  uint32_t row;
  int code = AddSource(s, gc, *inuse_lost, c, &row);
  FunctionRows functions(s->isolate, s->scripts, &s->locations, c);
  const std::vector<std::string> none;
  CaptureLabels labels(types ? types->names() : none, c);
  if (!code) code = AddSamples(s, profile, columns, row, &functions, &labels, c);
  s->scripts_nameless = functions.nameless();
  return code ? code : s->scripts.Write(c);
}

int Walk(shf_sampler *s, bool closing, bool gc, shf_snapshot *out) {
  // Samples of other code may look like ours, so none are read until we restart.
  if (s->used_by_other) return SHF_E_ABSENT;
  v8::HandleScope scope(s->isolate);
  uint64_t begin = NowUs();
  if (s->lines) s->lines->calls.Drain(true);
  if (s->labels) s->labels->Resolve();
  std::unique_ptr<AllocationProfile> profile(s->isolate->GetHeapProfiler()->GetAllocationProfile());
  uint64_t got = NowUs();
  if (!profile || !SamplesBelongToUs(s, profile->GetSamples())) return SHF_E_ABSENT;
  shf_capture *c;
  int code = shf_capture_new(&c);
  if (code) return code;
  try {
    code = Fill(s, profile.get(), closing, gc, c, &out->inuse_lost);
  } catch (const std::bad_alloc &) {
    code = SHF_E_NOMEM;
  }
  if (code) {
    shf_capture_free(c);
    return code;
  }
  out->now = c;
  out->samples = static_cast<uint32_t>(profile->GetSamples().size());
  out->unfreed_v8_profile = profile.release();
  out->get_us = got - begin;
  out->copy_us = NowUs() - got;
  return SHF_OK;
}

}  // namespace

uint64_t NowMs() {
  auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

uint64_t NowUs() {
  auto now = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(now).count());
}

uint64_t UsedHeap(Isolate *isolate) {
  v8::HeapStatistics statistics;
  isolate->GetHeapStatistics(&statistics);
  return statistics.used_heap_size();
}

int V8Depth(const shf_sampler *s) {
  // one more frame shows that a stack was cut
  return static_cast<int>(s->options.depth) + (s->options.exact_depth ? 0 : 1);
}

bool FindTable(shf_sampler *s) {
  return s->guarded.After(s->interval, V8Depth(s), s->flags);
}

int StartV8(shf_sampler *s) {
  HeapProfiler *profiler = s->isolate->GetHeapProfiler();
  V8Sampler sampler;
  sampler.Before(profiler);
  s->guarded.Before(profiler);
  if (!profiler->StartSamplingHeapProfiler(s->interval, V8Depth(s),
                                           static_cast<HeapProfiler::SamplingFlags>(s->flags)))
    return SHF_E_ABSENT;
  const char *why = sampler.Find(s->isolate, s->interval);
  s->v8_sampler = sampler;
  s->v8_sampler_why = why ? why : "";
  if (s->lines) s->lines->calls.Reset();
  if (s->labels) s->labels->Reset();
  InstallObserver(s);
  s->clock.Start(sampler, NowUs());  // if it was not found, only captures know numbers
  s->since_ms = NowMs();
  s->whole_collection_us = NowUs();
  s->running = true;
  s->locations = Locations();  // new functions still have their scripts
  return SHF_OK;
}

void StopV8(shf_sampler *s) {
  if (!s->running) return;
  s->running = false;
  s->observer.Remove();
  if (!s->used_by_other) s->isolate->GetHeapProfiler()->StopSamplingHeapProfiler();
}

void InstallObserver(shf_sampler *s) {
  if (!s->lines && !s->labels && !s->scripts_at_samples) return;
  const char *why = *s->v8_sampler_why ? s->v8_sampler_why : s->observer.Install(s->v8_sampler);
  s->observer_why = why ? why : "";
}

// Walk and copy allocate on V8's heap, so callbacks may come meanwhile.
int CaptureFromV8(shf_sampler *s, bool closing, bool gc, shf_snapshot *out) {
  s->busy = true;
  int code = Walk(s, closing, gc, out);
  s->busy = false;
  return code;
}

int EmptyCapture(const shf_sampler *s, bool gc, shf_snapshot *out) {
  shf_capture *c;
  uint32_t row, name, script;
  int code = shf_capture_new(&c);
  if (code) return code;
  code = AddSource(s, gc, false, c, &row);
  if (!code) code = shf_capture_string(c, "(root)", 6, &name);
  if (!code) code = shf_capture_string(c, "", 0, &script);
  if (!code) {
    shf_capture_function f = {name, script, 0, 0, 0, 0};
    code = shf_capture_function_add(c, &f, &row);
  }
  if (!code) {
    shf_capture_node root = {1, SHF_NONE, row, 0};
    code = shf_capture_node_add(c, &root, &row);
  }
  if (code)
    shf_capture_free(c);
  else
    out->now = c;
  return code;
}

struct PendingInterrupt {
  shf_sampler *sampler;  // nullptr: the sampler has stopped
  PendingInterrupt **place;
  void (*call)(shf_sampler *s);
};

void RequestInterrupt(shf_sampler *s, PendingInterrupt **place, void (*call)(shf_sampler *s)) {
  if (*place) return;
  *place = new (std::nothrow) PendingInterrupt{s, place, call};
  if (!*place) return;
  s->isolate->RequestInterrupt(
      [](Isolate *, void *data) {
        std::unique_ptr<PendingInterrupt> pending(static_cast<PendingInterrupt *>(data));
        if (!pending->sampler) return;
        *pending->place = nullptr;
        pending->call(pending->sampler);
      },
      *place);
}

void CancelInterrupt(PendingInterrupt *pending) {
  if (pending) pending->sampler = nullptr;
}

}  // namespace shf

using namespace shf;

namespace {

// Uses public liveness where V8 has it, else guarded liveness, else none.
int StartWithBestLiveness(shf_sampler *s) {
  const shf_sampler_options &o = s->options;
  s->flags = o.alloc ? kKeepCollected : 0;
  int code = StartV8(s);
  if (code) return code;
  if (!o.alloc) {
    s->liveness = SHF_LIVENESS_ONLY;
    if (GuardedLiveness::Supported()) (void)FindTable(s);  // for types
  } else if (kPublic) {
    s->liveness = SHF_LIVENESS_PUBLIC;
    (void)FindTable(s);  // for types
  } else if (!GuardedLiveness::Supported()) {
    s->liveness = SHF_LIVENESS_NONE;
    s->reason = "this Node's V8 does not tell which samples are alive";
  } else if (!FindTable(s)) {
    s->liveness = SHF_LIVENESS_NONE;
    s->reason = "V8's table of samples was not found";
  } else {
    s->liveness = SHF_LIVENESS_GUARDED;
  }
  return SHF_OK;
}

void OnCollection(Isolate *, v8::GCType, v8::GCCallbackFlags, void *data) {
  shf_sampler *s = static_cast<shf_sampler *>(data);
  if (!s->busy) s->at_collection(s->collection_arg);
}

}  // namespace

extern "C" {

int shf_sampler_start(const shf_sampler_options *options, shf_sampler **out) {
  if (options->interval < 1 || options->interval > (UINT64_C(1) << 53)) return SHF_E_ARG;
  if (options->depth < 1 || options->depth > 100000) return SHF_E_ARG;
  if (!options->alloc && !options->inuse) return SHF_E_ARG;
  shf_sampler *s = new (std::nothrow) shf_sampler();
  if (!s) return SHF_E_NOMEM;
  s->options = *options;
  s->isolate = Isolate::GetCurrent();
  s->interval = options->interval;
  s->reason = s->types_limit = s->v8_sampler_why = s->observer_why = "";
  ObjectTypes::Learn(s->isolate);
  StartLines(s);
  if (s->lines) ReadScriptsAtSamples(s);
  int code = StartWithBestLiveness(s);
  if (code) {
    StopLines(s);
    delete s;
    return code;
  }
  WatchMemory(s);
  *out = s;
  return SHF_OK;
}

void shf_sampler_stop(shf_sampler *s) {
  RemoveLimitCallbacks(s);
  if (s->at_collection) s->isolate->RemoveGCPrologueCallback(OnCollection, s);
  UnwatchMemory(s);
  StopV8(s);
  StopLines(s);
  StopLabels(s);
  for (PendingInterrupt *pending : {s->memory_check, s->stopped_check, s->scripts_check})
    CancelInterrupt(pending);
  for (shf_capture *c : s->earlier) shf_capture_free(c);
  shf_capture_free(s->last_copy);
  delete s;
}

enum shf_liveness shf_sampler_liveness(const shf_sampler *s) {
  return s->liveness;
}

void shf_sampler_idle(shf_sampler *s) {
  s->clock.Note(NowUs());
  if (s->labels && !s->busy) s->labels->Resolve();
}

const char *shf_sampler_lines_limit(shf_sampler *s) {
  try {
    s->lines_limit = LinesLimit(s);
    return s->lines_limit.c_str();
  } catch (const std::bad_alloc &) {
    return "";
  }
}

uint64_t shf_sampler_lines_us(const shf_sampler *s) {
  return s->lines ? s->lines->calls.drain_us() : 0;
}

const char *shf_sampler_types_limit(const shf_sampler *s) {
  return s->types_limit;
}

const char *shf_sampler_reason(const shf_sampler *s) {
  return s->reason;
}

int shf_sampler_capture(shf_sampler *s, bool types, shf_snapshot *out) {
  *out = {};
  s->types_wanted = types;
  int code = CaptureFromV8(s, false, s->collected, out);
  if (code == SHF_E_ABSENT) code = CaptureAfterRestart(s, out);
  s->types_wanted = false;
  if (code) return code;
  if (s->scripts_nameless) ReadScriptsAtSamples(s);
  out->gc_us = s->gc_us;
  out->collected = s->collected;
  out->earlier = s->earlier.data();
  out->earlier_count = static_cast<uint32_t>(s->earlier.size());
  s->collected = false;
  s->gc_us = 0;
  return SHF_OK;
}

void shf_sampler_retain_last(shf_sampler *s, shf_capture *now) {
  shf_capture_free(s->last_copy);
  s->last_copy = nullptr;
  shf_capture_close(now);
  if (shf_capture_buckets(now) > 0)
    s->last_copy = now;
  else
    shf_capture_free(now);
}

uint64_t shf_sampler_stopped(const shf_sampler *s) {
  return s->stopped_ms;
}

void shf_sampler_free_v8_profile(void *unfreed_v8_profile) {
  delete static_cast<AllocationProfile *>(unfreed_v8_profile);
}

void shf_sampler_at_collection(shf_sampler *s, void (*call)(void *arg), void *arg) {
  if (s->at_collection) return;
  s->at_collection = call;
  s->collection_arg = arg;
  s->isolate->AddGCPrologueCallback(OnCollection, s, kCollections);
}

}  // extern "C"
