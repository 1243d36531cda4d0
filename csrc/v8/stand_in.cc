/* Functions in the place of Node's own, which the program cannot tell from them. */
#include <v8.h>

#include <cstring>

#include "v8/sampler.h"

namespace {

using v8::Context;
using v8::Function;
using v8::Isolate;
using v8::Local;
using v8::Value;

// A napi_value is a handle of V8's in Node's own implementation.
Local<Value> FromNode(void *handle) {
  Local<Value> value;
  static_assert(sizeof value == sizeof handle, "a handle is a pointer");
  memcpy(static_cast<void *>(&value), &handle, sizeof value);
  return value;
}

void *ToNode(Local<Value> value) {
  void *handle;
  memcpy(&handle, static_cast<void *>(&value), sizeof handle);
  return handle;
}

// Of the main thread, which alone may abort.
struct {
  void (*call)(void *arg);
  void *arg;
} at_abort;

void Abort(const v8::FunctionCallbackInfo<Value> &info) {
  at_abort.call(at_abort.arg);
  Local<Context> context = info.GetIsolate()->GetCurrentContext();
  Local<Value> result;
  if (info.Data().As<Function>()->Call(context, info.This(), 0, nullptr).ToLocal(&result))
    info.GetReturnValue().Set(result);
}

}  // namespace

extern "C" {

void shf_abort_watch(void (*call)(void *arg), void *arg) {
  Isolate *isolate = Isolate::GetCurrent();
  v8::HandleScope scope(isolate);
  v8::TryCatch caught(isolate);  // a getter of the program's may throw, and it may have frozen both
  Local<Context> context = isolate->GetCurrentContext();
  Local<v8::String> name = v8::String::NewFromUtf8Literal(isolate, "abort");
  Local<v8::String> process = v8::String::NewFromUtf8Literal(isolate, "process");
  Local<Value> holder, abort;
  Local<Function> ours;
  if (!context->Global()->Get(context, process).ToLocal(&holder) || !holder->IsObject()) return;
  if (!holder.As<v8::Object>()->Get(context, name).ToLocal(&abort) || !abort->IsFunction()) return;
  if (!Function::New(context, Abort, abort, 0, v8::ConstructorBehavior::kThrow).ToLocal(&ours))
    return;
  at_abort = {call, arg};
  ours->SetName(name);
  (void)holder.As<v8::Object>()->Set(context, name, ours).IsNothing();
}

void *shf_call_edited(void *function, void *arguments, void *edit) {
  Isolate *isolate = Isolate::GetCurrent();
  v8::EscapableHandleScope scope(isolate);
  Local<Context> context = isolate->GetCurrentContext();
  Local<Value> undefined = v8::Undefined(isolate), result, argv[3];
  Local<v8::Array> list = FromNode(arguments).As<v8::Array>();
  for (uint32_t i = 0; i < 3; i++)
    if (!list->Get(context, i).ToLocal(&argv[i])) return nullptr;
  v8::TryCatch caught(isolate);
  if (FromNode(function).As<Function>()->Call(context, undefined, 3, argv).ToLocal(&result))
    return ToNode(scope.Escape(result));
  if (caught.CanContinue()) {
    Local<Value> error = caught.Exception();
    v8::TryCatch again(isolate);
    (void)FromNode(edit).As<Function>()->Call(context, undefined, 1, &error).IsEmpty();
  }
  caught.ReThrow();
  return nullptr;
}

}  // extern "C"
