/* The isolate of this thread, whether it is sampled or not. */
#include <node.h>

#include <memory>
#include <new>

#include "v8/sampler.h"

using v8::Isolate;

namespace {

struct Call {
  void (*call)(void *arg);
  void *arg;
};

}  // namespace

extern "C" {

unsigned shf_sampler_node_major(void) {
  return NODE_MAJOR_VERSION;
}

void *shf_sampler_isolate(void) {
  return Isolate::GetCurrent();
}

void shf_sampler_memory(uint64_t *heap, uint64_t *external) {
  v8::HeapStatistics all;
  Isolate::GetCurrent()->GetHeapStatistics(&all);
  *heap = all.total_physical_size();
  *external = all.external_memory();
}

bool shf_sampler_interrupt(void *isolate, void (*call)(void *arg), void *arg) {
  Call *c = new (std::nothrow) Call{call, arg};
  if (!c) return false;
  static_cast<Isolate *>(isolate)->RequestInterrupt(
      [](Isolate *, void *data) {
        std::unique_ptr<Call> owned(static_cast<Call *>(data));
        owned->call(owned->arg);
      },
      c);
  return true;
}

void shf_sampler_at_exit(void (*call)(void *arg), void *arg) {
  Isolate *isolate = Isolate::GetCurrent();
  v8::HandleScope scope(isolate);
  node::AtExit(node::GetCurrentEnvironment(isolate->GetCurrentContext()), call, arg);
}

}  // extern "C"
