#include "v8/detour_proof.h"

#include <node_version.h>
#include <v8-profiler.h>

#include <atomic>

namespace shf {

namespace {

using v8::Context;
using v8::Function;
using v8::HeapProfiler;
using v8::Isolate;
using v8::Local;
using v8::Value;

constexpr char kName[] = "shapFlameKnownAllocations";
// Each allocation is in a branch of its own, so that V8 cannot make two of them in one piece. There
// are few calls, and the loop is not optimized: TurboFan would inline the function into it, late,
// and so without positions.
constexpr char kSource[] =
    "(function () {\n"
    "  let kept;\n"
    "  function shapFlameKnownAllocations(i) {\n"
    "    if (i % 3 === 0) {\n"
    "      kept = { a: i, b: i };\n"
    "    } else if (i % 3 === 1) {\n"
    "      kept = { a: i, b: i, c: i, d: i };\n"
    "    } else {\n"
    "      kept = { a: i, b: i, c: i, d: i, e: i, f: i };\n"
    "    }\n"
    "  }\n"
    "  %PrepareFunctionForOptimization(shapFlameKnownAllocations);\n"
    "  for (let i = 0; i < 9; i++) shapFlameKnownAllocations(i);\n"
    "  %OptimizeMaglevOnNextCall(shapFlameKnownAllocations);\n"
    "  shapFlameKnownAllocations(0);\n"
    "  const run = () => {\n"
    "    for (let i = 0; i < 900; i++) shapFlameKnownAllocations(i);\n"
    "  };\n"
    "  %NeverOptimizeFunction(run);\n"
    "  return %ActiveTierIsMaglev(shapFlameKnownAllocations) && run;\n"
    "})()";

struct Allocation {
  size_t size;
  int32_t line;
};
// On a 64-bit V8 without pointer compression.
constexpr Allocation kAllocations[] = {{40, 5}, {56, 7}, {72, 9}};

constexpr uint64_t kInterval = 151;
constexpr int kDepth = 8;
constexpr uint64_t kMinDetours = 10, kMinSamples = 50, kTolerated = 50;

// What chance does (TurboFan is early, say) it does not do again.
constexpr int kAttempts = 3;

enum class Verdict { kUnknown, kDetour, kNoSlowPaths, kNone };
std::atomic<Verdict> verdict;

struct Outcome {
  uint64_t right, wrong;
};

// The line of a known sample is right if it is the allocation's, or is not claimed to be known.
void Judge(const Calls &calls, uint64_t id, Outcome *to) {
  for (const Allocation &allocation : kAllocations) {
    const Calls::Joined *joined = calls.Find(id, allocation.size);
    if (!joined || !joined->leaf || joined->call == CallTree::kRoot) continue;
    const CallTree::Place &at = calls.tree().At(joined->call);
    if (calls.functions()[at.function].name != kName) continue;
    bool right = at.line == allocation.line;
    to->right += right;
    to->wrong += !right;
  }
}

// A function that allocates; false where Maglev is off. Empty where V8's natives are not allowed.
Local<Value> Compile(Isolate *isolate, Local<Context> context) {
  Local<v8::String> source;
  Local<v8::Script> script;
  Local<Value> value;
  if (!v8::String::NewFromUtf8(isolate, kSource).ToLocal(&source)) return Local<Value>();
  if (!v8::Script::Compile(context, source).ToLocal(&script)) return Local<Value>();
  return script->Run(context).ToLocal(&value) ? value : Local<Value>();
}

Local<Value> CompileWithNatives(Isolate *isolate, Local<Context> context) {
  Local<Value> value = Compile(isolate, context);
  if (!value.IsEmpty()) return value;
  v8::V8::SetFlagsFromString("--allow-natives-syntax");
  value = Compile(isolate, context);
  v8::V8::SetFlagsFromString("--no-allow-natives-syntax");
  return value;
}

Outcome Sample(Isolate *isolate, Local<Context> context, Local<Function> run,
               SampleObserver *observer, Calls *calls) {
  Outcome outcome = {0, 0};
  HeapProfiler *profiler = isolate->GetHeapProfiler();
  V8Sampler sampler;
  sampler.Before(profiler);
  auto flags = static_cast<HeapProfiler::SamplingFlags>(
      HeapProfiler::kSamplingIncludeObjectsCollectedByMajorGC |
      HeapProfiler::kSamplingIncludeObjectsCollectedByMinorGC);
  if (!profiler->StartSamplingHeapProfiler(kInterval, kDepth, flags)) return outcome;
  calls->Reset();
  v8::MaybeLocal<Value> result;
  if (!sampler.Find(isolate, kInterval) && !observer->Install(sampler))
    result = run->Call(context, v8::Undefined(isolate), 0, nullptr);
  calls->Drain(true);
  observer->Remove();
  profiler->StopSamplingHeapProfiler();
  for (uint64_t id = 1; calls->Drained(id); id++) Judge(*calls, id, &outcome);
  return outcome;
}

// V8 may sample a few while it changes from one code to another.
bool Right(const Outcome &outcome) {
  return outcome.right >= kMinSamples && outcome.wrong * kTolerated <= outcome.right;
}

Verdict ProveOnce(Isolate *isolate, Local<Context> context, SampleObserver *observer,
                  Calls *calls) {
  Local<Value> run = CompileWithNatives(isolate, context);
  if (run.IsEmpty()) return Verdict::kNone;
  if (!run->IsFunction()) return Verdict::kNoSlowPaths;
  calls->UseDetour(true);
  Outcome outcome = Sample(isolate, context, run.As<Function>(), observer, calls);
  if (Right(outcome) && calls->detours() >= kMinDetours) return Verdict::kDetour;
  calls->UseDetour(false);
  outcome = Sample(isolate, context, run.As<Function>(), observer, calls);
  return Right(outcome) ? Verdict::kNoSlowPaths : Verdict::kNone;
}

Verdict Prove(Isolate *isolate, SampleObserver *observer, Calls *calls) {
  v8::HandleScope scope(isolate);
  v8::TryCatch caught(isolate);
  Local<Context> context = isolate->GetCurrentContext();
  Verdict proven = Verdict::kNone;
  // An interrupt amid the loop would change how V8 allocates in the rest of it.
  calls->HoldDrains(true);
  for (int i = 0; i < kAttempts && proven == Verdict::kNone; i++)
    proven = ProveOnce(isolate, context, observer, calls);
  calls->HoldDrains(false);
  return proven;
}

}  // namespace

void ProveLeafLines(Isolate *isolate, SampleObserver *observer, Calls *calls) {
  // Maglev is off before Node 24.
  if (NODE_MODULE_VERSION < 137) return;
  if (verdict == Verdict::kUnknown) verdict = Prove(isolate, observer, calls);
  calls->UseDetour(verdict == Verdict::kDetour);
  calls->KnowLeaf(verdict != Verdict::kNone);
}

}  // namespace shf
