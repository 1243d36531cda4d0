// Functions that headers of newer compilers call, and that older libstdc++ does not have.

#include <new>

#ifdef __GLIBCXX__
namespace std {
// In libstdc++ since gcc 11. Node needs only that of gcc 8, and so must this binary.
[[noreturn]] void __throw_bad_array_new_length();
void __throw_bad_array_new_length() {
  throw bad_array_new_length();
}
}  // namespace std
#endif
