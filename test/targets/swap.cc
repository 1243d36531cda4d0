// Another library that replaces functions of the ArrayBuffers' allocator:
// swap() puts its table over what is there, back() puts that in again.
#include <node.h>

#include <cstdint>
#include <cstring>

namespace {

constexpr int kWords = 24;
uintptr_t table[kWords];
uintptr_t *before = nullptr;

uintptr_t **Table() {
  return reinterpret_cast<uintptr_t **>(v8::Isolate::GetCurrent()->GetArrayBufferAllocator());
}

void Swap(const v8::FunctionCallbackInfo<v8::Value> &) {
  before = *Table();
  memcpy(table, before - 2, sizeof table);
  *Table() = table + 2;
}

void Back(const v8::FunctionCallbackInfo<v8::Value> &) {
  *Table() = before;
}

}  // namespace

NODE_MODULE_INIT() {
  (void)module;
  (void)context;
  NODE_SET_METHOD(exports, "swap", Swap);
  NODE_SET_METHOD(exports, "back", Back);
}
