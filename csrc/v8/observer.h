/*
 * A hook in V8's heap sampler: a function of ours runs after each sample that V8 takes. V8 has no
 * API for it. Its sampler holds an observer of allocations, an object with virtual functions. That
 * object gets a copy of its class's table in which `Step` is ours, which calls V8's own first.
 *
 * The observer is found by values that only we know, and nothing is changed where one of them is
 * not as expected.
 */
#ifndef SHF_V8_OBSERVER_H
#define SHF_V8_OBSERVER_H

#include <v8-profiler.h>

#include <cstddef>
#include <cstdint>

#include "v8/v8_sampler.h"

namespace shf {

class SampleObserver {
 public:
  // Runs while V8 allocates: it must not allocate on V8's heap, run JavaScript or throw.
  // `id`: V8's number of the sample; `size`: of its block.
  using Listener = void (*)(void *self, uint64_t id, size_t size);

  // Whether this build knows V8's layout.
  static bool Supported();

  SampleObserver() = default;
  SampleObserver(const SampleObserver &) = delete;
  SampleObserver &operator=(const SampleObserver &) = delete;
  ~SampleObserver() {
    Remove();
  }

  // Adds a listener, before Install(). @return false: there are too many
  bool Listen(Listener listener, void *self);
  // Puts the hook into a sampler that runs.
  // @return why not, constant text; nullptr: done
  const char *Install(const V8Sampler &sampler);
  // Call it before V8's sampler stops. If other code has stopped it, nothing is touched.
  void Remove();
  // Whether samples reach the listeners: false where other code has stopped V8's sampler, or where
  // the first sample showed that V8 is not as expected.
  bool Works() const;

 private:
  static constexpr int kListeners = 3;
  struct Hook;
  struct Call {
    Listener listener;
    void *self;
  };

  static void Step(void *observer, int bytes, uintptr_t object, size_t size);

  Hook *hook_ = nullptr;
  Call calls_[kListeners] = {};
  int count_ = 0;
};

}  // namespace shf

#endif
