/* Reads of memory that may not be there. */
#ifndef SHF_V8_SAFE_READ_H
#define SHF_V8_SAFE_READ_H

#include <cstddef>
#include <cstdint>

#if defined(__linux__)
#define SHF_SAFE_READ 1
#endif

namespace shf {

struct Range {
  uintptr_t *to;
  const uintptr_t *from;
  size_t words;
};

// Whether it can be an address of words at all.
inline bool Possible(const Range &r) {
  return r.from != nullptr && reinterpret_cast<uintptr_t>(r.from) % sizeof *r.from == 0;
}

// Copies memory through the kernel, in one call: it is that which costs.
// Sandboxes refuse it; a pipe is the other way. false: it cannot be read.
bool SafeRead(const Range *ranges, int count);
bool SafeRead(uintptr_t *to, const uintptr_t *from, size_t words);

}  // namespace shf

#endif
