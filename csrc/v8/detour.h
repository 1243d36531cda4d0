/*
 * The position of an allocation in Maglev's code. Maglev (on from Node 24) notes no position for
 * slow paths, which lie behind the end of its code:
 *
 *     fast:  ...; jcc slow; back: ...
 *     slow:  mov ...; call BUILTIN; pop ...; mov ...; jmp back
 *
 * V8 takes the position before it in the code: any other line, of any inlined function. The
 * position of `back` is right. So while V8 reads the stack, the return address into the slow path
 * is replaced by `back`. It is put back before anything can return to it.
 */
#ifndef SHF_V8_DETOUR_H
#define SHF_V8_DETOUR_H

#include <v8.h>

#include <cstdint>

namespace shf {

class Detour {
 public:
  // Whether this build can take it.
  static bool Supported();

  // Of the current isolate, amid an allocation. `take`: replaces the return address until it is
  // destroyed; otherwise only tells whether there is a slow path.
  Detour(v8::Isolate *isolate, bool take);
  Detour(const Detour &) = delete;
  Detour &operator=(const Detour &) = delete;
  ~Detour() {
    if (slot_) *slot_ = from_;
  }
  // The innermost call of JavaScript is in a slow path of Maglev's code.
  bool SlowPath() const {
    return slow_path_;
  }
  bool Taken() const {
    return slot_ != nullptr;
  }

 private:
  void Take(uintptr_t back);

  volatile uintptr_t *slot_ = nullptr;  // of the return address, on this thread's stack
  uintptr_t from_ = 0;
  bool slow_path_ = false;
};

}  // namespace shf

#endif
