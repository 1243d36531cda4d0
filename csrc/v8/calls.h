/*
 * The stack of each sample of V8's heap sampler, with inlined functions and the line of each call:
 *
 *   V8 takes a sample --> Add() has V8's CPU profiler queue the stack, and notes the time.
 *   Drain()           --> ends the CPU profile, whose thread turns the queue into functions and
 *                         lines, and begins another. Samples of both are joined by the clock, on
 *                         a thread of ours. What stays is one row of a tree of calls a sample.
 *
 * All functions are called on the isolate's thread.
 */
#ifndef SHF_V8_CALLS_H
#define SHF_V8_CALLS_H

#include <uv.h>
#include <v8-profiler.h>

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "v8/call_tree.h"
#include "v8/cpu_profile.h"
#include "v8/function_rows.h"

namespace shf {

class Calls {
 public:
  struct Function {
    FunctionPlace place;
    std::string name;
  };
  struct Joined {
    uint32_t call;  // row of tree(); SHF_NONE: not known
    uint32_t size : 31;
    uint32_t leaf : 1;  // what is inlined in the innermost frame is known, and the line
  };

  // `max_memory`: bytes that may be used until samples are joined; 0: no limit
  Calls(v8::Isolate *isolate, uint64_t max_memory);
  Calls(const Calls &) = delete;
  Calls &operator=(const Calls &) = delete;
  ~Calls();

  // Starts V8's CPU profiler, which logs all code that exists: 6 to 45 ms, or 3 ms for each
  // megabyte of a large heap. @return why not, constant text; nullptr: it runs
  const char *Start();
  // V8's samples begin anew: forgets all earlier ones.
  void Reset();
  // Whether positions in slow paths of Maglev's code are known: see detour.h.
  void UseDetour(bool use) {
    detour_ = use;
  }
  // Whether any position in innermost frames is known.
  void KnowLeaf(bool know) {
    know_leaf_ = know;
  }

  // Of SampleObserver: amid an allocation.
  void Add(uint64_t id, size_t size);
  // Whether enough samples are queued, or for long enough, for a Drain().
  bool Due() const;
  // While held, no Drain() is due.
  void HoldDrains(bool hold) {
    held_ = hold;
  }
  // Whether further samples are lost until a Drain(): JavaScript takes no interrupts.
  bool Full() const {
    return rows_.size() == rows_.capacity();
  }
  // Joins what was sampled so far. `wait`: also waits for our thread; without it the last rows
  // may be missing.
  void Drain(bool wait);

  // After Drain(true): what is known of a sample; nullptr: nothing.
  const Joined *Find(uint64_t id, size_t size) const;
  // Whether the sample was taken before the last Drain().
  bool Drained(uint64_t id) const {
    return id <= drained_id_;
  }
  const CallTree &tree() const {
    return tree_;
  }
  const std::vector<Function> &functions() const {
    return functions_;
  }
  const std::string &ScriptName(int script_id) const;
  // Whether the lines of allocations are known, or only those of calls.
  bool leaf_lines() const {
    return leaf_lines_ && know_leaf_;
  }
  // Why no lines are known any more, constant text; empty otherwise.
  const char *failure() const {
    return failure_;
  }
  // Bytes that are used, the queue included.
  uint64_t Bytes() const;
  // How long the isolate's thread was in the longest Drain(), without the wait for our thread.
  uint64_t drain_us() const {
    return drain_us_;
  }
  uint64_t detours() const {
    return detours_;
  }

 private:
  struct Row {
    uint64_t begin_us, id;
    uint32_t took_us;
    uint32_t size : 31;
    uint32_t leaf : 1;
  };
  class Translator;

  void StartProfile();
  v8::CpuProfile *StopProfile();
  void PlanNextDrain(uint64_t took_us);
  void Join();
  void JoinRows();
  void FinishJoin();
  void Keep(const Row &row, uint32_t call);
  uint32_t FunctionOf(const v8::CpuProfileNode *node, const NodePlace &place);

  v8::Isolate *isolate_;
  v8::CpuProfiler *profiler_ = nullptr;
  v8::ProfilerId profile_ = 0;
  bool profiling_ = false, detour_ = false, know_leaf_ = true, held_ = false;
  size_t max_rows_, due_rows_;  // of the queue; at which a Drain() is due
  uint64_t due_us_;             // after this time one is due, too
  std::vector<Row> rows_;
  uint64_t drained_us_ = 0, drained_id_ = 0, drain_us_ = 0, detours_ = 0;

  // Of our thread, from the end of a Drain() to FinishJoin().
  uv_thread_t thread_;
  bool joining_ = false;
  v8::CpuProfile *stopped_ = nullptr;
  std::vector<Row> stopped_rows_;
  ProvenReads proven_ = 0;
  bool leaf_lines_ = true;
  const char *failure_ = "";

  uint64_t first_id_ = 0;  // of joined_
  std::vector<Joined> joined_;
  CallTree tree_;
  std::vector<Function> functions_;
  uint64_t text_bytes_ = 0;
  RowTable function_of_;  // by FunctionPlace::Key
  std::unordered_map<int, std::string> scripts_;
};

}  // namespace shf

#endif
