/*
 * The call tree of a capture with lines. V8's heap sampler knows the builtins on a stack (map,
 * push), but no inlined functions; Calls knows these, but no builtins. All else is in both, in the
 * same order.
 */
#ifndef SHF_V8_WEAVE_H
#define SHF_V8_WEAVE_H

#include <v8-profiler.h>

#include <cstdint>
#include <vector>

#include "capture/capture.h"
#include "v8/call_tree.h"
#include "v8/calls.h"
#include "v8/function_rows.h"
#include "v8/row_table.h"

namespace shf {

class Weaver {
 public:
  using Node = v8::AllocationProfile::Node;

  // `max_depth`: frames of a stack, of which the innermost are kept
  Weaver(const Calls &calls, FunctionRows *functions, uint32_t max_depth)
      : calls_(calls),
        functions_(functions),
        max_depth_(max_depth),
        function_rows_(calls.functions().size(), SHF_NONE),
        depths_(1, 0) {}

  // Adds V8's tree, and its functions. @return 0 or a SHF_E… code
  int AddTree(Node *root);
  // The stack of a sample, by V8's id of its node: `*stack` is a row for Write(); SHF_NONE: V8 has
  // no such node. `joined` may be nullptr. `*with_lines`: whether the stack is that of `joined`,
  // and not V8's own.
  int AddSample(uint32_t node_id, const Calls::Joined *joined, uint32_t *stack, bool *with_lines);
  // Adds a node for each call of the stacks that were added. The nodes' ids begin at 1.
  int Write(shf_capture *c);
  uint32_t v8_nodes() const {
    return static_cast<uint32_t>(heap_.size());
  }
  // Above the rows of all stacks.
  uint32_t size() const {
    return tree_.size();
  }
  // After Write().
  uint32_t NodeId(uint32_t stack) const {
    return ids_[stack];
  }

 private:
  struct HeapCall {
    uint32_t parent;    // row
    uint32_t function;  // row in the capture
    int script_id, position;
  };
  struct Step {
    uint64_t key;
    uint32_t function;
    int32_t line;
  };

  int Weave(uint32_t heap, uint32_t call, uint32_t *stack);
  int WeaveWithoutLeaf(uint32_t heap, uint32_t call, uint32_t *stack);
  int Pass(uint32_t *heap, uint32_t *call, Step *step, bool *ends);
  uint32_t V8Stack(uint32_t heap);
  uint32_t Limit(uint32_t stack);
  uint32_t Add(uint32_t parent, uint32_t function, int32_t line);
  int FunctionRow(uint32_t function, uint32_t *row);
  bool SameFunction(const HeapCall &heap, uint32_t call) const;

  const Calls &calls_;
  FunctionRows *functions_;
  uint32_t max_depth_;
  std::vector<uint32_t> function_rows_;  // of the functions of calls_
  std::vector<HeapCall> heap_;
  RowTable heap_of_;  // by V8's node id
  CallTree tree_;     // of rows of functions of the capture
  std::vector<uint32_t> depths_;
  RowTable woven_;    // by rows of heap_ and of calls_.tree()
  RowTable limited_;  // by row of tree_
  std::vector<Step> steps_;
  std::vector<bool> used_;
  std::vector<uint32_t> ids_;
};

}  // namespace shf

#endif
