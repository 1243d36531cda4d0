#include "v8/loaded_object.h"

#include <uv.h>

#if defined(__linux__)

#include <link.h>

namespace shf {

namespace {

struct Search {
  uintptr_t address;
  Segment segment;
};

int Holds(dl_phdr_info *info, size_t, void *data) {
  const Search *search = static_cast<const Search *>(data);
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const auto &part = info->dlpi_phdr[i];
    bool code = (part.p_flags & PF_X) != 0;
    if (part.p_type != PT_LOAD || (!code && search->segment == Segment::kCode)) continue;
    if (search->address - (info->dlpi_addr + part.p_vaddr) < part.p_memsz) return 1;
  }
  return 0;
}

}  // namespace

bool IsLoaded(uintptr_t address, Segment segment) {
  Search search = {address, segment};
  return dl_iterate_phdr(Holds, &search) != 0;
}

}  // namespace shf

#else

namespace shf {

bool IsLoaded(uintptr_t, Segment) {
  return false;
}

}  // namespace shf

#endif

namespace shf {

// By libuv: dlsym itself is a newer symbol than the oldest glibc that Node runs on has.
void *ExportedAddress(const char *name) {
  uv_lib_t all;
  void *address = nullptr;
  if (uv_dlopen(nullptr, &all) == 0) (void)uv_dlsym(&all, name, &address);
  uv_dlclose(&all);
  return address;
}

}  // namespace shf
