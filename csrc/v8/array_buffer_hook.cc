// Hooks the ArrayBuffer allocator of an isolate. V8 has no API for it: the allocator object gets
// a copy of its class's virtual function table, in which we replace the functions that allocate
// and free.
#include <v8.h>

#include <atomic>
#include <cstring>
#include <mutex>

#include "v8/loaded_object.h"
#include "v8/safe_read.h"
#include "v8/sampler.h"

#if defined(SHF_SAFE_READ) && defined(__GNUC__) && (defined(__x86_64__) || defined(__aarch64__))
#define SHF_CAN_HOOK 1
#endif

namespace {

using Allocator = v8::ArrayBuffer::Allocator;
using v8::Isolate;

constexpr size_t kHeaderWords = 2;  // words before the first function: offset to top, type
constexpr size_t kSlots = 22;       // functions copied; later ones are never used
constexpr int kTables = 256;        // max isolates at the same time
constexpr size_t kTrial = 64;       // bytes

}  // namespace

// One for each allocator object. Never freed: a sweeper's thread may still use it.
struct shf_array_buffer_hook {
  uintptr_t table[kHeaderWords + kSlots];
  const uintptr_t *original;                          // the object's table before
  std::atomic<Allocator *> object;                    // nullptr: this row is free
  std::atomic<bool> on;                               // callbacks are enabled
  std::atomic<int64_t> bytes_left;                    // bytes until the next sample
  std::atomic<int64_t> allocated_bytes, freed_bytes;  // allocated: only by the isolate's thread
  shf_array_buffer_calls calls;
  Isolate *isolate;
  bool sampling;    // inside the sample callback
  int collections;  // running garbage collections
  std::atomic<bool> trial;
  std::atomic<const void *> trial_block;  // the block of the trial, until it is freed
};

#ifdef SHF_CAN_HOOK

namespace {

shf_array_buffer_hook rows[kTables];
std::mutex lock;  // while rows are reserved and released

// In the C++ ABI of GCC and Clang a pointer to a virtual member function contains its offset in
// the table. On ARM another word marks it as virtual.
template <class F>
int SlotOf(F function) {
  uintptr_t words[2] = {};
  static_assert(sizeof function == sizeof words, "a pointer to a member function is two words");
  memcpy(words, &function, sizeof words);
#if defined(__aarch64__)
  bool is_virtual = words[1] & 1;
  uintptr_t offset = words[0];
#else
  bool is_virtual = (words[0] & 1) && words[1] == 0;
  uintptr_t offset = words[0] - 1;
#endif
  uintptr_t slot = offset / sizeof(uintptr_t);
  return is_virtual && offset % sizeof(uintptr_t) == 0 && slot < kSlots ? static_cast<int>(slot)
                                                                        : -1;
}

// Reallocate was removed in Node 24.
template <class A>
auto SlotOfReallocate(int) -> decltype(SlotOf(&A::Reallocate)) {
  return SlotOf(&A::Reallocate);
}
template <class A>
int SlotOfReallocate(long) {
  return -1;
}

struct Slots {
  int allocate, uninitialized, free, reallocate;
};

const Slots &AllocatorSlots() {
  static const Slots slots = {SlotOf(&Allocator::Allocate),
                              SlotOf(&Allocator::AllocateUninitialized), SlotOf(&Allocator::Free),
                              SlotOfReallocate<Allocator>(0)};
  return slots;
}

std::atomic<uintptr_t> *TableOf(Allocator *object) {
  static_assert(sizeof(std::atomic<uintptr_t>) == sizeof(uintptr_t), "as an object begins");
  return reinterpret_cast<std::atomic<uintptr_t> *>(object);
}

uintptr_t Functions(const uintptr_t *table) {
  return reinterpret_cast<uintptr_t>(table + kHeaderWords);
}

// The row of an object in one of our functions. Usually its table is in the row; otherwise other
// code has hooked it after us, and we search for the object. nullptr: the hook was removed.
shf_array_buffer_hook *RowOf(Allocator *object) {
  uintptr_t table = TableOf(object)->load(std::memory_order_relaxed);
  uintptr_t at = table - reinterpret_cast<uintptr_t>(rows);
  if (at < sizeof rows) return &rows[at / sizeof *rows];
  for (shf_array_buffer_hook &row : rows)
    if (row.object.load(std::memory_order_acquire) == object) return &row;
  return nullptr;
}

using AllocateFunction = void *(*)(Allocator *, size_t);
using FreeFunction = void (*)(Allocator *, void *, size_t);
using ReallocateFunction = void *(*)(Allocator *, void *, size_t, size_t);

void Sample(shf_array_buffer_hook *row, const void *block, size_t size) {
  if (row->sampling || Isolate::TryGetCurrent() != row->isolate) return;
  row->sampling = true;
  int64_t next = row->calls.sample(row->calls.self, block, size, row->collections == 0);
  row->bytes_left.store(next, std::memory_order_relaxed);
  row->sampling = false;
}

void CountAllocation(shf_array_buffer_hook *row, const void *block, size_t size) {
  constexpr auto relaxed = std::memory_order_relaxed;
  if (!block || !row->on.load(std::memory_order_acquire)) return;
  int64_t bytes = static_cast<int64_t>(size);
  row->allocated_bytes.store(row->allocated_bytes.load(relaxed) + bytes, relaxed);
  int64_t bytes_left = row->bytes_left.load(relaxed) - bytes;
  row->bytes_left.store(bytes_left, relaxed);
  if (bytes_left < 0) Sample(row, block, size);
}

void CountFree(shf_array_buffer_hook *row, const void *block, size_t size) {
  if (!block || !row->on.load(std::memory_order_acquire)) return;
  row->freed_bytes.fetch_add(static_cast<int64_t>(size), std::memory_order_relaxed);
  row->calls.freed(block);
}

// The original function.
template <class F>
F Target(const shf_array_buffer_hook *row, Allocator *self, int slot) {
  const uintptr_t *functions =
      row ? row->original + kHeaderWords
          : reinterpret_cast<const uintptr_t *>(TableOf(self)->load(std::memory_order_relaxed));
  return reinterpret_cast<F>(functions[slot]);
}

void *AllocateBy(int slot, Allocator *self, size_t size) {
  shf_array_buffer_hook *row = RowOf(self);
  void *block = Target<AllocateFunction>(row, self, slot)(self, size);
  if (!row) return block;
  if (row->trial.load(std::memory_order_relaxed)) row->trial_block.store(block);
  CountAllocation(row, block, size);
  return block;
}

void *Allocate(Allocator *self, size_t size) {
  return AllocateBy(AllocatorSlots().allocate, self, size);
}

void *AllocateUninitialized(Allocator *self, size_t size) {
  return AllocateBy(AllocatorSlots().uninitialized, self, size);
}

void Free(Allocator *self, void *block, size_t size) {
  shf_array_buffer_hook *row = RowOf(self);
  if (row && row->trial.load(std::memory_order_relaxed) && row->trial_block.load() == block)
    row->trial_block.store(nullptr);
  if (row) CountFree(row, block, size);
  Target<FreeFunction>(row, self, AllocatorSlots().free)(self, block, size);
}

// A block that could not be resized counts as freed: the program ends then.
void *Reallocate(Allocator *self, void *block, size_t old_size, size_t size) {
  shf_array_buffer_hook *row = RowOf(self);
  ReallocateFunction target = Target<ReallocateFunction>(row, self, AllocatorSlots().reallocate);
  if (!row || !row->on.load(std::memory_order_acquire)) return target(self, block, old_size, size);
  row->calls.freed(block);
  int64_t allocated_bytes = row->allocated_bytes.load(std::memory_order_relaxed);
  void *grown = target(self, block, old_size, size);
  // V8's default implementation calls Allocate and Free, which have counted already
  if (row->allocated_bytes.load(std::memory_order_relaxed) != allocated_bytes) return grown;
  CountFree(row, block, old_size);
  CountAllocation(row, grown, size);
  return grown;
}

// Whether the table can be read and its functions lie in code that is loaded.
bool Readable(const uintptr_t *object, const Slots &slots, uintptr_t *table) {
  uintptr_t functions;
  if (!shf::SafeRead(&functions, object, 1) || functions < 0x10000) return false;
  const uintptr_t *from = reinterpret_cast<const uintptr_t *>(functions) - kHeaderWords;
  if (!shf::SafeRead(table, from, kHeaderWords + kSlots)) return false;
  for (int slot : {slots.allocate, slots.uninitialized, slots.free, slots.reallocate}) {
    if (slot < 0) continue;
    if (!shf::IsLoaded(table[kHeaderWords + static_cast<size_t>(slot)], shf::Segment::kCode))
      return false;
  }
  return table[0] == 0;  // offset to top: the object starts at this address
}

bool Usable(const Slots &slots) {
  return slots.allocate >= 2 && slots.uninitialized > slots.allocate &&
         slots.free > slots.uninitialized && slots.reallocate != slots.allocate;
}

void SetSlot(shf_array_buffer_hook *row, int slot, uintptr_t function) {
  if (slot >= 0) row->table[kHeaderWords + static_cast<size_t>(slot)] = function;
}

void Install(shf_array_buffer_hook *row, Allocator *object, const uintptr_t *table,
             const Slots &slots) {
  memcpy(row->table, table, sizeof row->table);
  SetSlot(row, slots.allocate, reinterpret_cast<uintptr_t>(&Allocate));
  SetSlot(row, slots.uninitialized, reinterpret_cast<uintptr_t>(&AllocateUninitialized));
  SetSlot(row, slots.free, reinterpret_cast<uintptr_t>(&Free));
  SetSlot(row, slots.reallocate, reinterpret_cast<uintptr_t>(&Reallocate));
  row->original =
      reinterpret_cast<const uintptr_t *>(TableOf(object)->load(std::memory_order_relaxed)) -
      kHeaderWords;
  row->object.store(object, std::memory_order_release);
  TableOf(object)->store(Functions(row->table), std::memory_order_release);
}

bool IsOurs(Allocator *object, const shf_array_buffer_hook *row) {
  return TableOf(object)->load(std::memory_order_relaxed) == Functions(row->table);
}

void Restore(shf_array_buffer_hook *row) {
  Allocator *object = row->object.load(std::memory_order_relaxed);
  // Other code that hooked it later calls us: the row stays and only forwards.
  if (!IsOurs(object, row)) return;
  TableOf(object)->store(Functions(row->original), std::memory_order_release);
  row->object.store(nullptr, std::memory_order_release);
}

bool TrialPasses(shf_array_buffer_hook *row, Allocator *object, void *block) {
  bool came = block && row->trial_block.load() == block;
  object->Free(block, kTrial);
  return came && row->trial_block.load() == nullptr;
}

// Whether calls reach our functions.
bool TrialPasses(shf_array_buffer_hook *row, Allocator *object) {
  row->trial_block.store(nullptr);
  row->trial.store(true);
  bool both = TrialPasses(row, object, object->Allocate(kTrial)) &&
              TrialPasses(row, object, object->AllocateUninitialized(kTrial));
  row->trial.store(false);
  return both;
}

// With the lock: the row of this object, or a free one; nullptr: all are in use.
shf_array_buffer_hook *RowFor(Allocator *object) {
  shf_array_buffer_hook *free = nullptr;
  for (shf_array_buffer_hook &row : rows) {
    Allocator *other = row.object.load(std::memory_order_relaxed);
    if (other == object) return &row;
    if (!other && !free) free = &row;
  }
  return free;
}

void BeforeCollection(Isolate *, v8::GCType, v8::GCCallbackFlags, void *data) {
  static_cast<shf_array_buffer_hook *>(data)->collections++;
}

void HookAfterCollection(Isolate *, v8::GCType, v8::GCCallbackFlags, void *data) {
  static_cast<shf_array_buffer_hook *>(data)->collections--;
}

int Hook(Isolate *isolate, shf_array_buffer_hook **out, const char **why) {
  Allocator *object = isolate->GetArrayBufferAllocator();
  const Slots &slots = AllocatorSlots();
  uintptr_t table[kHeaderWords + kSlots];
  *why = "V8's allocator of ArrayBuffers is not as expected";
  if (!object || !Usable(slots) ||
      !Readable(reinterpret_cast<const uintptr_t *>(object), slots, table))
    return SHF_E_ABSENT;
  shf_array_buffer_hook *row = RowFor(object);
  if (!row) {
    *why = "too many threads at a time";
    return SHF_E_ABSENT;
  }
  bool known = row->object.load(std::memory_order_relaxed) == object;
  uintptr_t now = TableOf(object)->load(std::memory_order_relaxed);
  // A new object has the address of the old one.
  if (known && now == Functions(row->original)) known = false;
  *why = "the allocator of ArrayBuffers is watched already";
  if (row->on.load(std::memory_order_relaxed)) return SHF_E_ABSENT;
  if (!known) Install(row, object, table, slots);
  if (!TrialPasses(row, object)) {
    *why = "another library has replaced the allocator of ArrayBuffers";
    Restore(row);
    return SHF_E_ABSENT;
  }
  *out = row;
  *why = "";
  return SHF_OK;
}

}  // namespace

extern "C" {

int shf_array_buffer_hook_install(const shf_array_buffer_calls *calls, int64_t first,
                                  shf_array_buffer_hook **out, const char **why) {
  Isolate *isolate = Isolate::GetCurrent();
  std::lock_guard<std::mutex> guard(lock);
  int code = Hook(isolate, out, why);
  if (code) return code;
  shf_array_buffer_hook *row = *out;
  row->calls = *calls;
  row->isolate = isolate;
  row->sampling = false;
  row->collections = 0;
  row->allocated_bytes.store(0, std::memory_order_relaxed);
  row->freed_bytes.store(0, std::memory_order_relaxed);
  row->bytes_left.store(first, std::memory_order_relaxed);
  row->on.store(true, std::memory_order_release);
  isolate->AddGCPrologueCallback(BeforeCollection, row);
  isolate->AddGCEpilogueCallback(HookAfterCollection, row);
  return SHF_OK;
}

void shf_array_buffer_hook_remove(shf_array_buffer_hook *row) {
  std::lock_guard<std::mutex> guard(lock);
  row->isolate->RemoveGCPrologueCallback(BeforeCollection, row);
  row->isolate->RemoveGCEpilogueCallback(HookAfterCollection, row);
  row->on.store(false, std::memory_order_relaxed);
  Restore(row);
}

int64_t shf_array_buffer_hook_balance(const shf_array_buffer_hook *row) {
  return row->allocated_bytes.load(std::memory_order_relaxed) -
         row->freed_bytes.load(std::memory_order_relaxed);
}

}  // extern "C"

#else

extern "C" {

int shf_array_buffer_hook_install(const shf_array_buffer_calls *, int64_t, shf_array_buffer_hook **,
                                  const char **why) {
  *why = "V8's allocator of ArrayBuffers cannot be watched on this platform";
  return SHF_E_ABSENT;
}

void shf_array_buffer_hook_remove(shf_array_buffer_hook *) {}

int64_t shf_array_buffer_hook_balance(const shf_array_buffer_hook *) {
  return 0;
}

}  // extern "C"

#endif
