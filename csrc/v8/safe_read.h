/* Reads memory that may not be mapped. */
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

// Whether the address is aligned and not null.
inline bool Possible(const Range &r) {
  return r.from != nullptr && reinterpret_cast<uintptr_t>(r.from) % sizeof *r.from == 0;
}

// Copies memory through the kernel, in one system call. Where a sandbox refuses that call, it
// uses a pipe. false: the memory is not readable.
bool SafeRead(const Range *ranges, int count);
bool SafeRead(uintptr_t *to, const uintptr_t *from, size_t words);

}  // namespace shf

#endif
