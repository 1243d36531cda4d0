// What the headers of newer compilers call, and older libstdc++ have not.

#include <new>

#ifdef __GLIBCXX__
namespace std {
// Since gcc 11's libstdc++. A binary that asks the system for it does not load where
// Node, which asks for gcc 8's, still runs.
[[noreturn]] void __throw_bad_array_new_length();
void __throw_bad_array_new_length() {
  throw bad_array_new_length();
}
}  // namespace std
#endif
