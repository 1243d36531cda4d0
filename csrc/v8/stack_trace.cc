// The current JavaScript stack, frame by frame.
#include <v8.h>

#include <new>
#include <string>

#include "v8/sampler.h"
#include "v8/scripts.h"
#include "v8/utf8.h"

namespace {

using v8::Isolate;
using v8::Local;
using v8::StackFrame;
using v8::StackTrace;

// A frame of another context belongs to the app too.
constexpr int kFrameOptions = StackTrace::kColumnOffset | StackTrace::kScriptName |
                              StackTrace::kScriptNameOrSourceURL | StackTrace::kFunctionName |
                              StackTrace::kScriptId |
                              StackTrace::kExposeFramesAcrossSecurityOrigins;

// GetSourcePosition exists since Node 24; before, line and column identify the call.
template <class F>
auto CallId(const F *frame, int) -> decltype(static_cast<uint64_t>(frame->GetSourcePosition())) {
  return static_cast<uint32_t>(frame->GetSourcePosition());
}
template <class F>
uint64_t CallId(const F *frame, long) {
  v8::Location at = frame->GetLocation();
  return static_cast<uint64_t>(static_cast<uint32_t>(at.GetLineNumber())) << 32 |
         static_cast<uint32_t>(at.GetColumnNumber());
}

struct Visited {
  Isolate *isolate;
  Local<StackFrame> frame;
  std::string name, script;
};

shf_str Read(Isolate *isolate, Local<v8::String> from, std::string *to) {
  size_t len = from.IsEmpty() ? 0 : shf::Utf8Length(isolate, from);
  to->resize(len);
  if (len) to->resize(shf::WriteUtf8(isolate, from, &(*to)[0], len));
  return {to->data(), to->size()};
}

}  // namespace

extern "C" {

int shf_stack_walk(uint32_t max,
                   int (*visit)(void *self, int32_t script, uint64_t call, void *frame),
                   void *self) {
  Visited at;
  at.isolate = Isolate::GetCurrent();
  if (!at.isolate->InContext()) return SHF_OK;
  v8::HandleScope scope(at.isolate);
  Local<StackTrace> trace = StackTrace::CurrentStackTrace(
      at.isolate, static_cast<int>(max), static_cast<StackTrace::StackTraceOptions>(kFrameOptions));
  int code = SHF_OK;
  for (int i = trace->GetFrameCount() - 1; i >= 0 && !code; i--) {
    v8::HandleScope inner(at.isolate);
    at.frame = trace->GetFrame(at.isolate, static_cast<uint32_t>(i));
    int script = at.frame->GetScriptId();
    uint64_t call = script > 0 ? CallId(*at.frame, 0) : 0;
    code = visit(self, script > 0 ? script : 0, call, &at);
  }
  return code;
}

int shf_stack_describe(void *frame, shf_call *out) {
  Visited *at = static_cast<Visited *>(frame);
  try {
    out->name = Read(at->isolate, at->frame->GetFunctionName(), &at->name);
    out->script = Read(at->isolate, at->frame->GetScriptName(), &at->script);
    // Code of eval has no name, but may have a sourceURL.
    if (!shf::Scripts::IsName(at->script))
      out->script = Read(at->isolate, at->frame->GetScriptNameOrSourceURL(), &at->script);
  } catch (const std::bad_alloc &) {
    return SHF_E_NOMEM;
  }
  bool placed = at->frame->GetScriptId() > 0;
  v8::Location place = placed ? at->frame->GetLocation() : v8::Location(-1, -1);
  out->line = place.GetLineNumber() + 1;
  out->column = place.GetColumnNumber() + 1;
  return SHF_OK;
}

}  // extern "C"
