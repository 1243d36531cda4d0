#include "v8/copy_tree.h"

#include <vector>

namespace shf {

namespace {

using Node = v8::AllocationProfile::Node;

class Copier {
 public:
  Copier(FunctionRows *functions, shf_capture *c, RowTable *nodes)
      : functions_(functions), c_(c), nodes_(nodes) {}

  // Several walks in turn: while the next node of one is prefetched, the others continue.
  int Tree(Node *root) {
    todo_[0].push_back({root, SHF_NONE});
    for (size_t left = 1, walk = 0; left > 0; walk = (walk + 1) % kWalks) {
      std::vector<Step> &todo = todo_[walk];
      if (todo.empty()) continue;
      Step step = todo.back();
      todo.pop_back();
      uint32_t id;
      int code = AddNode(step, &id);
      if (code) return code;
      left += step.node->children.size() - 1;
      for (Node *child : step.node->children) {
        __builtin_prefetch(child);
        __builtin_prefetch(reinterpret_cast<const char *>(child) + 64);
        todo_[next_++ % kWalks].push_back({child, id});
      }
    }
    return SHF_OK;
  }

 private:
  static constexpr size_t kWalks = 8;

  struct Step {
    Node *node;
    uint32_t parent;
  };

  int AddNode(const Step &step, uint32_t *id) {
    shf_capture_node row = {step.node->node_id, step.parent, 0, 0};
    int code = functions_->Add(step.node, &row.function);
    if (!code) code = shf_capture_node_add(c_, &row, id);
    if (!code) *nodes_->Find(row.id) = *id;
    return code;
  }

  FunctionRows *functions_;
  shf_capture *c_;
  RowTable *nodes_;
  std::vector<Step> todo_[kWalks];
  size_t next_ = 0;  // where the next child goes
};

}  // namespace

int CopyTree(v8::AllocationProfile *profile, FunctionRows *functions, shf_capture *c,
             RowTable *nodes) {
  return Copier(functions, c, nodes).Tree(profile->GetRootNode());
}

}  // namespace shf
