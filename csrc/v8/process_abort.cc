/* Replaces functions of `process` by wrappers that look the same to the program. */
#include <v8.h>

#include "v8/sampler.h"

namespace {

using v8::Context;
using v8::Function;
using v8::Isolate;
using v8::Local;
using v8::Value;

// Only the main thread may abort.
struct {
  void (*call)(void *arg);
  void *arg;
} at_abort;

struct {
  shf_kill_calls calls;
  bool watched;
} at_kill;

// The original function is the wrapper's data.
void CallOriginal(const v8::FunctionCallbackInfo<Value> &info, int argc, Local<Value> *argv) {
  Local<Context> context = info.GetIsolate()->GetCurrentContext();
  Local<Value> result;
  if (info.Data().As<Function>()->Call(context, info.This(), argc, argv).ToLocal(&result))
    info.GetReturnValue().Set(result);
}

void Abort(const v8::FunctionCallbackInfo<Value> &info) {
  at_abort.call(at_abort.arg);
  CallOriginal(info, 0, nullptr);
}

// Converts as Node does, without running code of the program.
int32_t NumberOf(Local<Context> context, Local<Value> value) {
  return value->IsNumber() || value->IsString() ? value->Int32Value(context).FromMaybe(0) : 0;
}

// Node's function takes two numbers, and throws with fewer arguments.
void Kill(const v8::FunctionCallbackInfo<Value> &info) {
  constexpr int kArguments = 2;
  Local<Context> context = info.GetIsolate()->GetCurrentContext();
  Local<Value> argv[kArguments] = {info[0], info[1]};
  at_kill.calls.before(at_kill.calls.self, NumberOf(context, info[0]), NumberOf(context, info[1]));
  CallOriginal(info, info.Length() < kArguments ? info.Length() : kArguments, argv);
  at_kill.calls.after(at_kill.calls.self);
}

// Replaces `process.<name>`. @return whether it was replaced
bool ReplaceProcessFunction(const char *name, v8::FunctionCallback replacement) {
  Isolate *isolate = Isolate::GetCurrent();
  v8::HandleScope scope(isolate);
  v8::TryCatch caught(isolate);  // a getter may throw, and objects may be frozen
  Local<Context> context = isolate->GetCurrentContext();
  Local<v8::String> key, process = v8::String::NewFromUtf8Literal(isolate, "process");
  Local<Value> holder, original;
  Local<Function> function;
  if (!v8::String::NewFromUtf8(isolate, name).ToLocal(&key)) return false;
  if (!context->Global()->Get(context, process).ToLocal(&holder) || !holder->IsObject())
    return false;
  if (!holder.As<v8::Object>()->Get(context, key).ToLocal(&original) || !original->IsFunction())
    return false;
  if (!Function::New(context, replacement, original, 0, v8::ConstructorBehavior::kThrow)
           .ToLocal(&function))
    return false;
  function->SetName(key);
  return holder.As<v8::Object>()->Set(context, key, function).FromMaybe(false);
}

}  // namespace

extern "C" {

void shf_abort_watch(void (*call)(void *arg), void *arg) {
  at_abort = {call, arg};
  ReplaceProcessFunction("abort", Abort);
}

void shf_kill_watch(const shf_kill_calls *calls) {
  at_kill.calls = *calls;
  if (!at_kill.watched) at_kill.watched = ReplaceProcessFunction("_kill", Kill);
}

}  // extern "C"
