/*
 * What live samples are: the constructor of an object, or what V8 made it for.
 *
 * Objects of one hidden class (V8's Map) have one type, so each class is named once. While rows are
 * added nothing is allocated on V8's heap: a row is the address of a class, and of the first object
 * of each class a handle is kept. Names are read afterwards.
 */
#ifndef SHF_V8_OBJECT_TYPES_H
#define SHF_V8_OBJECT_TYPES_H

#include <v8.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "v8/row_table.h"

namespace shf {

class ObjectTypes {
 public:
  // Learns the types of V8's own objects, once in a process. JavaScript must run: captures are also
  // made during a collection, where nothing has a context.
  static void Learn(v8::Isolate *isolate);

  ObjectTypes(v8::Isolate *isolate, size_t samples) : isolate_(isolate), rows_(samples) {}

  // Sample `row` is alive; `handle`: V8's global handle of its object.
  // @param safe what is there is not proven yet: it is read through the kernel
  // @return false: it is not readable
  bool Add(size_t row, uintptr_t handle, bool safe);
  // Finds the classes of all rows, before anything is allocated on V8's heap.
  void ReadClasses();
  // Names all classes. Allocates on V8's heap, and runs no JavaScript.
  void Name();

  // Of each sample, after Name(): row of its type's name + 1; 0: it is not alive.
  std::vector<uint32_t> TakeRows() {
    return std::move(rows_);
  }
  const std::vector<std::string> &names() const {
    return names_;
  }
  // Whether there were more than are told apart.
  bool full() const {
    return full_;
  }

  // Types that are told apart; all others are `(other)`.
  static constexpr size_t kTypes = 1000;
  // Bytes of a name, which is cut at a character's end.
  static constexpr size_t kNameBytes = 128;
  // Characters of a name that is read: V8 makes a whole copy of a string that has several pieces.
  static constexpr int kReadChars = 256;

 private:
  struct Live {
    uint32_t row;
    uintptr_t handle;
  };

  static constexpr size_t kFetched = 64;
  // Classes that are named.
  static constexpr size_t kClasses = 100000;

  void AddClass(const Live &live, uintptr_t map);
  uint32_t TypeOf(const std::string &name);
  std::string NameOf(v8::Local<v8::Data> object) const;
  std::string ConstructorOf(v8::Local<v8::Object> object) const;

  v8::Isolate *isolate_;
  std::vector<Live> live_;
  std::vector<uint32_t> rows_;                // until Name(): a class + 1; SHF_NONE: too many
  RowTable classes_;                          // by address: a class + 1
  std::vector<v8::Local<v8::Data>> objects_;  // one of each class
  std::vector<std::string> names_;
  std::unordered_map<std::string, uint32_t> types_;
  bool full_ = false;
};

}  // namespace shf

#endif
