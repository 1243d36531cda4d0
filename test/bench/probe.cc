/*
 * V8's own part alone, for the benchmark: start, and one GetAllocationProfile.
 * What shap-flame and its peers do beyond is measured against it.
 */
#include <node.h>
#include <v8-profiler.h>

#include <chrono>
#include <vector>

namespace {

v8::AllocationProfile *held = nullptr;

double Number(const v8::FunctionCallbackInfo<v8::Value> &args, int at) {
  return args[at].As<v8::Number>()->Value();
}

void Start(const v8::FunctionCallbackInfo<v8::Value> &args) {
  args.GetIsolate()->GetHeapProfiler()->StartSamplingHeapProfiler(
      static_cast<uint64_t>(Number(args, 0)), static_cast<int>(Number(args, 1)),
      static_cast<v8::HeapProfiler::SamplingFlags>(static_cast<int>(Number(args, 2))));
}

void Stop(const v8::FunctionCallbackInfo<v8::Value> &args) {
  args.GetIsolate()->GetHeapProfiler()->StopSamplingHeapProfiler();
}

// Returns [milliseconds, nodes, samples]; the profile lives until Free.
void Get(const v8::FunctionCallbackInfo<v8::Value> &args) {
  v8::Isolate *isolate = args.GetIsolate();
  auto begin = std::chrono::steady_clock::now();
  held = isolate->GetHeapProfiler()->GetAllocationProfile();
  std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
  size_t nodes = 0;
  std::vector<v8::AllocationProfile::Node *> todo = {held->GetRootNode()};
  while (!todo.empty()) {
    v8::AllocationProfile::Node *node = todo.back();
    todo.pop_back();
    nodes++;
    todo.insert(todo.end(), node->children.begin(), node->children.end());
  }
  v8::Local<v8::Value> values[] = {
      v8::Number::New(isolate, took.count()), v8::Number::New(isolate, static_cast<double>(nodes)),
      v8::Number::New(isolate, static_cast<double>(held->GetSamples().size()))};
  args.GetReturnValue().Set(v8::Array::New(isolate, values, 3));
}

void Free(const v8::FunctionCallbackInfo<v8::Value> &) {
  delete held;
  held = nullptr;
}

}  // namespace

NODE_MODULE_INIT() {
  (void)module;
  (void)context;
  NODE_SET_METHOD(exports, "start", Start);
  NODE_SET_METHOD(exports, "stop", Stop);
  NODE_SET_METHOD(exports, "get", Get);
  NODE_SET_METHOD(exports, "free", Free);
}
