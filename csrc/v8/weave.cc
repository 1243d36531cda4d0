#include "v8/weave.h"

#include <cassert>

namespace shf {

namespace {

// In place of a row: both stacks have no common order.
constexpr uint32_t kDiffer = SHF_NONE - 1;

}  // namespace

int Weaver::AddTree(Node *root) {
  struct Open {
    Node *node;
    uint32_t parent;
  };
  std::vector<Open> todo = {{root, SHF_NONE}};
  while (!todo.empty()) {
    Open open = todo.back();
    todo.pop_back();
    HeapCall call = {open.parent, 0, open.node->script_id, open.node->start_position};
    int code = functions_->Add(open.node, &call.function);
    if (code) return code;
    uint32_t row = static_cast<uint32_t>(heap_.size());
    heap_.push_back(call);
    *heap_of_.Find(open.node->node_id) = row;
    for (Node *child : open.node->children) todo.push_back({child, row});
  }
  return SHF_OK;
}

uint32_t Weaver::Add(uint32_t parent, uint32_t function, int32_t line) {
  uint32_t row = tree_.Add(parent, function, line);
  if (row == depths_.size()) depths_.push_back(depths_[parent] + 1);
  assert(row < depths_.size());
  return row;
}

int Weaver::FunctionRow(uint32_t function, uint32_t *row) {
  int code = SHF_OK;
  if (function_rows_[function] == SHF_NONE) {
    const Calls::Function &f = calls_.functions()[function];
    code = functions_->Add(f.place, f.name, calls_.ScriptName(f.place.script_id),
                           &function_rows_[function]);
  }
  *row = function_rows_[function];
  return code;
}

bool Weaver::SameFunction(const HeapCall &heap, uint32_t call) const {
  const FunctionPlace &f = calls_.functions()[calls_.tree().At(call).function].place;
  return f.script_id == heap.script_id && f.position == heap.position;
}

// Takes one frame off the innermost end of both stacks. `*ends`: the stacks differ.
int Weaver::Pass(uint32_t *heap, uint32_t *call, Step *step, bool *ends) {
  const HeapCall &own = heap_[*heap];
  *ends = false;
  if (*heap != 0 && own.script_id == 0) {
    *step = {step->key, own.function, 0};
    *heap = own.parent;
    return SHF_OK;
  }
  *ends = *call == CallTree::kRoot;
  if (*ends) return SHF_OK;
  // What V8's stack lacks was inlined.
  if (*heap != 0 && SameFunction(own, *call)) *heap = own.parent;
  const CallTree::Place &at = calls_.tree().At(*call);
  step->line = at.line;
  *call = calls_.tree().Parent(*call);
  return FunctionRow(at.function, &step->function);
}

// The outer part of a stack is the same for many, so the result is kept for each pair of rows.
int Weaver::Weave(uint32_t heap, uint32_t call, uint32_t *stack) {
  *stack = SHF_NONE;
  steps_.clear();
  while (*stack == SHF_NONE) {
    if (heap == 0 && call == CallTree::kRoot) {
      *stack = CallTree::kRoot;
      break;
    }
    Step step = {static_cast<uint64_t>(heap) << 32 | call, 0, 0};
    *stack = *woven_.Find(step.key);
    if (*stack != SHF_NONE) break;
    bool ends;
    int code = Pass(&heap, &call, &step, &ends);
    if (code) return code;
    if (ends) *stack = kDiffer;
    steps_.push_back(step);
  }
  for (size_t i = steps_.size(); i-- > 0;) {
    const Step &step = steps_[i];
    if (*stack != kDiffer) *stack = Add(*stack, step.function, step.line);
    *woven_.Find(step.key) = *stack;
  }
  return SHF_OK;
}

// Of the innermost function with a script the position is not known, nor what is inlined there.
int Weaver::WeaveWithoutLeaf(uint32_t heap, uint32_t call, uint32_t *stack) {
  std::vector<uint32_t> builtins;
  for (; heap != 0 && heap_[heap].script_id == 0; heap = heap_[heap].parent)
    builtins.push_back(heap_[heap].function);
  if (heap != 0) {
    while (call != CallTree::kRoot && !SameFunction(heap_[heap], call))
      call = calls_.tree().Parent(call);
    *stack = kDiffer;
    if (call == CallTree::kRoot) return SHF_OK;
    int code = Weave(heap_[heap].parent, calls_.tree().Parent(call), stack);
    if (code || *stack == kDiffer) return code;
    *stack = Add(*stack, heap_[heap].function, 0);
  } else {
    *stack = CallTree::kRoot;
  }
  for (size_t i = builtins.size(); i-- > 0;) *stack = Add(*stack, builtins[i], 0);
  return SHF_OK;
}

uint32_t Weaver::V8Stack(uint32_t heap) {
  std::vector<uint32_t> functions;
  for (; heap != 0; heap = heap_[heap].parent) functions.push_back(heap_[heap].function);
  uint32_t stack = CallTree::kRoot;
  for (size_t i = functions.size(); i-- > 0;) stack = Add(stack, functions[i], 0);
  return stack;
}

// The stack with its innermost frames, where it has too many.
uint32_t Weaver::Limit(uint32_t stack) {
  if (depths_[stack] <= max_depth_) return stack;
  uint32_t known = *limited_.Find(stack);
  if (known != SHF_NONE) return known;
  std::vector<CallTree::Place> places;
  for (uint32_t at = stack; places.size() < max_depth_; at = tree_.Parent(at))
    places.push_back(tree_.At(at));
  uint32_t limited = CallTree::kRoot;
  for (size_t i = places.size(); i-- > 0;)
    limited = Add(limited, places[i].function, places[i].line);
  *limited_.Find(stack) = limited;
  return limited;
}

int Weaver::AddSample(uint32_t node_id, const Calls::Joined *joined, uint32_t *stack,
                      bool *with_lines) {
  uint32_t heap = heap_of_.Row(node_id);
  *stack = SHF_NONE;
  *with_lines = false;
  if (heap == SHF_NONE) return SHF_OK;
  uint32_t woven = kDiffer;
  int code = SHF_OK;
  if (joined && joined->leaf)
    code = Weave(heap, joined->call, &woven);
  else if (joined)
    code = WeaveWithoutLeaf(heap, joined->call, &woven);
  if (code) return code;
  *with_lines = woven != kDiffer;
  *stack = Limit(woven == kDiffer ? V8Stack(heap) : woven);
  used_.resize(tree_.size());
  used_[*stack] = true;
  return SHF_OK;
}

int Weaver::Write(shf_capture *c) {
  used_.resize(tree_.size());
  for (uint32_t row = tree_.size(); row-- > 1;)
    if (used_[row]) used_[tree_.Parent(row)] = true;
  std::vector<uint32_t> rows(tree_.size(), SHF_NONE);
  ids_.assign(tree_.size(), 0);
  shf_capture_node root = {1, SHF_NONE, heap_[0].function, 0};
  int code = shf_capture_node_add(c, &root, &rows[0]);
  ids_[0] = root.id;
  for (uint32_t row = 1; row < tree_.size() && !code; row++) {
    if (!used_[row]) continue;
    const CallTree::Place &at = tree_.At(row);
    shf_capture_node node = {row + 1, rows[tree_.Parent(row)], at.function, at.line};
    code = shf_capture_node_add(c, &node, &rows[row]);
    ids_[row] = node.id;
  }
  return code;
}

}  // namespace shf
