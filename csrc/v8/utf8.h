/* V8's strings as UTF-8; the functions differ between V8 versions. */
#ifndef SHF_V8_UTF8_H
#define SHF_V8_UTF8_H

#include <v8-version.h>
#include <v8.h>

#include <cstddef>

namespace shf {

#if V8_MAJOR_VERSION >= 13
inline size_t Utf8Length(v8::Isolate *isolate, v8::Local<v8::String> s) {
  return s->Utf8LengthV2(isolate);
}
inline size_t WriteUtf8(v8::Isolate *isolate, v8::Local<v8::String> s, char *to, size_t len) {
  return s->WriteUtf8V2(isolate, to, len, v8::String::WriteFlags::kReplaceInvalidUtf8);
}
#else
inline size_t Utf8Length(v8::Isolate *isolate, v8::Local<v8::String> s) {
  return static_cast<size_t>(s->Utf8Length(isolate));
}
inline size_t WriteUtf8(v8::Isolate *isolate, v8::Local<v8::String> s, char *to, size_t len) {
  int flags = v8::String::NO_NULL_TERMINATION | v8::String::REPLACE_INVALID_UTF8;
  return static_cast<size_t>(s->WriteUtf8(isolate, to, static_cast<int>(len), nullptr, flags));
}
#endif

}  // namespace shf

#endif
