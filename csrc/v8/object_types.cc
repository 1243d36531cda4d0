#include "v8/object_types.h"

#include <algorithm>
#include <cstring>

#include "v8/loaded_object.h"
#include "v8/safe_read.h"
#include "v8/utf8.h"

namespace shf {

namespace {

using v8::Isolate;
using v8::Local;
using v8::internal::Internals;

// The word of a handle, without reading what it points to.
uintptr_t ObjectOf(Local<v8::Data> data) {
  const uintptr_t *slot;
  static_assert(sizeof data == sizeof slot, "a Local is a pointer to a slot");
  memcpy(&slot, static_cast<const void *>(&data), sizeof slot);
  return *slot;
}

int InstanceType(Local<v8::Data> data) {
  return Internals::GetInstanceType(ObjectOf(data));
}

// The instance type of an object's part: a field of V8's own. -1: not known.
int TypeOfField(Local<v8::Object> object, size_t offset) {
  uintptr_t part, map, *at = reinterpret_cast<uintptr_t *>(ObjectOf(object) - 1 + offset);
  if (!SafeRead(&part, at, 1) || (part & 3) != 1) return -1;
  if (!SafeRead(&map, reinterpret_cast<uintptr_t *>(part - 1), 1) || (map & 3) != 1) return -1;
  return Internals::GetInstanceType(part);
}

// Numbers of types differ between versions; Node exports them for debuggers.
struct NamedType {
  const char *symbol, *name;
};
constexpr NamedType kNamed[] = {
    {"v8dbg_type_FixedArray__FIXED_ARRAY_TYPE", "(array)"},
    {"v8dbg_type_FixedDoubleArray__FIXED_DOUBLE_ARRAY_TYPE", "(array of doubles)"},
    {"v8dbg_type_PropertyArray__PROPERTY_ARRAY_TYPE", "(properties)"},
    {"v8dbg_type_ByteArray__BYTE_ARRAY_TYPE", "(bytes)"},
    {"v8dbg_type_Map__MAP_TYPE", "(hidden class)"},
    {"v8dbg_type_DescriptorArray__DESCRIPTOR_ARRAY_TYPE", "(hidden class)"},
    {"v8dbg_type_StrongDescriptorArray__STRONG_DESCRIPTOR_ARRAY_TYPE", "(hidden class)"},
    {"v8dbg_type_PromiseReaction__PROMISE_REACTION_TYPE", "(promise reaction)"},
    {"v8dbg_type_BytecodeArray__BYTECODE_ARRAY_TYPE", "(code)"},
    {"v8dbg_type_InstructionStream__INSTRUCTION_STREAM_TYPE", "(code)"},
    {"v8dbg_type_Code__CODE_TYPE", "(code)"},
    {"v8dbg_type_SharedFunctionInfo__SHARED_FUNCTION_INFO_TYPE", "(code)"},
    {"v8dbg_type_ScopeInfo__SCOPE_INFO_TYPE", "(code)"},
    {"v8dbg_type_FeedbackVector__FEEDBACK_VECTOR_TYPE", "(code)"},
};
constexpr size_t kNamedTypes = sizeof kNamed / sizeof kNamed[0];

// Fields of V8's objects: pointers of a class, of properties, of elements; then those of its own.
constexpr size_t kPropertiesField = 8, kTableField = 24;

class InternalTypes {
 public:
  explicit InternalTypes(Isolate *isolate) {
    v8::HandleScope scope(isolate);
    for (const NamedType &named : kNamed)
      if (const void *number = ExportedAddress(named.symbol))
        Add(*static_cast<const int *>(number), named.name);
    // Tables have no symbol, so those of an empty Map, Set and object are looked at.
    Add(TypeOfField(v8::Map::New(isolate), kTableField), "(Map table)");
    Add(TypeOfField(v8::Set::New(isolate), kTableField), "(Set table)");
    Local<v8::Object> bare = v8::Object::New(isolate, v8::Null(isolate), nullptr, nullptr, 0);
    Add(TypeOfField(bare, kPropertiesField), "(properties)");
  }

  const char *NameOf(int type) const {
    for (size_t i = 0; i < count_; i++)
      if (types_[i] == type) return names_[i];
    return "(internal)";
  }

 private:
  // The first name of a type stays.
  void Add(int type, const char *name) {
    for (size_t i = 0; i < count_; i++)
      if (types_[i] == type) return;
    if (type < 0 || count_ == kMax) return;
    types_[count_] = type;
    names_[count_++] = name;
  }

  static constexpr size_t kMax = kNamedTypes + 3;
  int types_[kMax];
  const char *names_[kMax];
  size_t count_ = 0;
};

// @param isolate of the first call
const InternalTypes &Internal(Isolate *isolate) {
  static const InternalTypes types(isolate);
  return types;
}

}  // namespace

void ObjectTypes::Learn(Isolate *isolate) {
  (void)Internal(isolate);
}

bool ObjectTypes::Add(size_t row, uintptr_t handle, bool safe) {
  uintptr_t object, map;
  if (safe) {
    if (!SafeRead(&object, reinterpret_cast<const uintptr_t *>(handle), 1)) return false;
    if ((object & 3) != 1) return false;
    if (!SafeRead(&map, reinterpret_cast<const uintptr_t *>(object - 1), 1)) return false;
  }
  live_.push_back({static_cast<uint32_t>(row), handle});
  return true;
}

void ObjectTypes::AddClass(const Live &live, uintptr_t map) {
  uint32_t *known = classes_.Find(map);
  if (*known == SHF_NONE && objects_.size() < kClasses) {
    objects_.push_back(Local<v8::Data>::New(
        isolate_, *reinterpret_cast<const v8::Persistent<v8::Data> *>(&live.handle)));
    *known = static_cast<uint32_t>(objects_.size());
  }
  rows_[live.row] = *known;
  full_ |= *known == SHF_NONE;
}

// Objects lie anywhere, so the next ones are fetched while the memory of these is awaited.
void ObjectTypes::ReadClasses() {
  const uintptr_t *objects[kFetched];
  for (size_t from = 0; from < live_.size(); from += kFetched) {
    size_t count = std::min(kFetched, live_.size() - from);
    for (size_t i = 0; i < count; i++) {
      uintptr_t object = *reinterpret_cast<const uintptr_t *>(live_[from + i].handle);
      objects[i] = reinterpret_cast<const uintptr_t *>(object - 1);
      __builtin_prefetch(objects[i]);
    }
    for (size_t i = 0; i < count; i++) AddClass(live_[from + i], *objects[i]);
  }
  live_ = std::vector<Live>();
}

uint32_t ObjectTypes::TypeOf(const std::string &name) {
  auto found = types_.find(name);
  if (found != types_.end()) return found->second;
  if (names_.size() >= kTypes && name != "(other)") {
    full_ = true;
    return TypeOf("(other)");
  }
  names_.push_back(name);
  uint32_t type = static_cast<uint32_t>(names_.size());
  types_.emplace(name, type);
  return type;
}

// V8 reads the name from the class and its prototypes, and neither getters nor Proxies run.
std::string ObjectTypes::ConstructorOf(Local<v8::Object> object) const {
  char text[kNameBytes + 4];
  Local<v8::String> name = object->GetConstructorName();
  if (name->Length() > kReadChars) return "(long name)";
  size_t len = WriteUtf8(isolate_, name, text, kNameBytes);
  return len ? std::string(text, len) : std::string("Object");
}

std::string ObjectTypes::NameOf(Local<v8::Data> data) const {
  Local<v8::Value> value = data.As<v8::Value>();
  if (value->IsString()) return "(string)";
  if (value->IsProxy()) return "Proxy";
  if (value->IsFunction()) return "(closure)";
  if (value->IsObject()) return ConstructorOf(value.As<v8::Object>());
  if (value->IsNumber()) return "(number)";
  if (value->IsBigInt()) return "(bigint)";
  if (value->IsSymbol()) return "(symbol)";
  return "(internal)";
}

void ObjectTypes::Name() {
  v8::HandleScope scope(isolate_);
  std::vector<uint32_t> types(objects_.size() + 1);
  for (size_t i = 0; i < objects_.size(); i++) {
    v8::HandleScope each(isolate_);
    Local<v8::Data> data = objects_[i];
    types[i + 1] =
        TypeOf(data->IsValue() ? NameOf(data) : Internal(isolate_).NameOf(InstanceType(data)));
  }
  for (uint32_t &row : rows_) row = row == SHF_NONE ? TypeOf("(other)") : types[row];
}

}  // namespace shf
