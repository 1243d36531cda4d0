/* The executable and the libraries that are loaded. */
#ifndef SHF_V8_LOADED_OBJECT_H
#define SHF_V8_LOADED_OBJECT_H

#include <cstdint>

namespace shf {

// Some linkers put constants into the segment of the code, as in Node 20 for arm64.
enum class Segment { kCode, kAny };

// Whether the address lies in such a segment of a loaded file. Always false where the platform
// does not tell.
bool IsLoaded(uintptr_t address, Segment segment);

// The address of a name that a loaded file exports; nullptr: there is none.
void *ExportedAddress(const char *name);

}  // namespace shf

#endif
