#include "v8/detour.h"

#include <node_version.h>
#include <v8-unwinder.h>

#include <cstddef>
#include <cstring>

namespace shf {

#if defined(__x86_64__) && defined(__linux__) && NODE_MODULE_VERSION >= 137

namespace {

// V8 has its code in pages of 256 KiB, whose first and last bytes may be something else.
constexpr uintptr_t kPage = 256 << 10, kPageHead = 1024, kPageTail = 4096;
// Bytes that are looked at: behind the call, and before `back`.
constexpr int kAhead = 96, kBehind = 192;
// Words of the stack among which the return address is looked for.
constexpr int kStackWords = 256;
// A frame is at most this far from the next older one.
constexpr uintptr_t kMaxFrame = 65536;

int32_t Displacement(const uint8_t *at) {
  int32_t by;
  memcpy(&by, at, sizeof by);
  return by;
}

bool IsConditionalJump(const uint8_t *at) {
  return at[0] == 0x0F && (at[1] & 0xF0) == 0x80;
}

// Length of an instruction that restores a double from the stack: v?mov.. xmm, [rsp (+ a byte)].
// 0: something else.
size_t DoubleLoad(const uint8_t *at) {
  size_t n = 0;
  if (at[0] == 0xC5) {
    n = 2;
  } else if (at[0] == 0xC4) {
    n = 3;
  } else {
    if (at[0] != 0x0F) n++;
    if ((at[n] & 0xF0) == 0x40) n++;
    if (at[n] != 0x0F) return 0;
    n++;
  }
  if (at[n] != 0x10 && at[n] != 0x6F) return 0;
  uint8_t mode = at[n + 1];
  if ((mode & 7) != 4 || at[n + 2] != 0x24) return 0;
  if (mode >> 6 == 0) return n + 3;
  if (mode >> 6 == 1) return n + 4;
  return mode >> 6 == 2 ? n + 7 : 0;
}

// Length of an instruction that may stand between the call and the jump back. 0: something else.
size_t Between(const uint8_t *at) {
  if ((at[0] & 0xF8) == 0x58) return 1;                   // pop
  if (at[0] == 0x41 && (at[1] & 0xF8) == 0x58) return 2;  // pop of r8 to r15
  bool wide = (at[0] & 0xF8) == 0x48;
  if (wide && (at[1] == 0x89 || at[1] == 0x8B) && at[2] >= 0xC0) return 3;  // mov of registers
  if (at[0] == 0x48 && at[1] == 0x83 && at[2] == 0xC4) return 4;            // add rsp, a byte
  if (at[0] == 0x48 && at[1] == 0x81 && at[2] == 0xC4) return 7;            // add rsp, four bytes
  if (at[0] == 0xA8) return 2;                                              // test al, a byte
  if (at[0] == 0xF6 && at[1] >= 0xC0 && at[1] < 0xC8) return 3;  // test of another register
  if ((at[0] & 0xFE) == 0x40 && at[1] == 0xF6 && at[2] >= 0xC0 && at[2] < 0xC8) return 4;
  if (IsConditionalJump(at)) return 6;  // to where the builtin fails
  bool prefix = (at[0] & 0xFE) == 0xC4 || at[0] == 0xF2 || at[0] == 0xF3 || at[0] == 0x0F;
  return prefix ? DoubleLoad(at) : 0;
}

// Where the code behind the call jumps to. nullptr: it does something else first.
const uint8_t *JumpTarget(const uint8_t *from) {
  for (const uint8_t *at = from; at < from + kAhead - 8;) {
    if (at[0] == 0xE9) return at + 5 + Displacement(at + 1);
    if (at[0] == 0xEB) return at + 2 + static_cast<int8_t>(at[1]);
    size_t length = Between(at);
    if (!length) return nullptr;
    at += length;
  }
  return nullptr;
}

// Where the slow path that is returned to leads. 0: it is none.
__attribute__((no_sanitize("address"))) uintptr_t Back(const uint8_t *from) {
  uintptr_t page = reinterpret_cast<uintptr_t>(from) & ~(kPage - 1);
  const uint8_t *first = reinterpret_cast<const uint8_t *>(page + kPageHead);
  const uint8_t *last = reinterpret_cast<const uint8_t *>(page + kPage - kPageTail);
  if (from < first + kBehind || from + kAhead > last || from[-5] != 0xE8) return 0;
  const uint8_t *back = JumpTarget(from);
  if (!back || back >= from || back < first + kBehind) return 0;
  // The end of a loop looks alike. But only to a slow path leads a conditional jump before `back`.
  for (const uint8_t *at = back - 6; at > back - kBehind; at--) {
    if (!IsConditionalJump(at)) continue;
    const uint8_t *to = at + 6 + Displacement(at + 2);
    if (to < from && to > from - kAhead) return reinterpret_cast<uintptr_t>(back);
  }
  return 0;
}

// The innermost address in JavaScript that is returned to, where it lies in compiled code.
uintptr_t ReturnAddress(v8::Isolate *isolate) {
  void *pc, *code;
  size_t length;
  v8::SampleInfo info;
  v8::RegisterState here;
  here.pc = nullptr;
  here.sp = here.fp = __builtin_frame_address(0);
  isolate->GetStackSample(here, &pc, 1, &info);
  if (info.frames_count < 1) return 0;
  isolate->GetCodeRange(&code, &length);
  uintptr_t address = reinterpret_cast<uintptr_t>(pc);
  return address - reinterpret_cast<uintptr_t>(code) < length ? address : 0;
}

}  // namespace

bool Detour::Supported() {
  return true;
}

Detour::Detour(v8::Isolate *isolate, bool take) {
  from_ = ReturnAddress(isolate);
  uintptr_t back = from_ ? Back(reinterpret_cast<const uint8_t *>(from_)) : 0;
  slow_path_ = back != 0;
  if (take && back) Take(back);
}

// The address stands behind a saved frame pointer, which leads to an older frame.
__attribute__((no_sanitize("address"))) void Detour::Take(uintptr_t back) {
  uintptr_t *stack = static_cast<uintptr_t *>(__builtin_frame_address(0));
  for (int i = 2; i < kStackWords; i++) {
    uintptr_t older = stack[i - 1] - reinterpret_cast<uintptr_t>(&stack[i]);
    if (stack[i] != from_ || older >= kMaxFrame || older % sizeof *stack != 0) continue;
    slot_ = &stack[i];
    *slot_ = back;
    return;
  }
}

#else

bool Detour::Supported() {
  return false;
}

Detour::Detour(v8::Isolate *, bool) {}

#endif

}  // namespace shf
