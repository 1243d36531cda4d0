#include "v8/copy_tree.h"

#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "v8/utf8.h"

namespace shf {

namespace {

using Node = v8::AllocationProfile::Node;

class Copier {
 public:
  Copier(v8::Isolate *isolate, const Scripts &scripts, Locations *locations, shf_capture *c,
         RowTable *nodes)
      : isolate_(isolate),
        known_scripts_(scripts),
        known_locations_(locations),
        c_(c),
        nodes_(nodes) {}

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
  struct NamedRow {
    v8::Local<v8::String> name;
    uint32_t row;
  };

  int AddNode(const Step &step, uint32_t *id) {
    shf_capture_node row = {step.node->node_id, step.parent, 0, 0};
    int code = Function(step.node, &row.function);
    if (!code) code = shf_capture_node_add(c_, &row, id);
    if (!code) *nodes_->Find(row.id) = *id;
    return code;
  }

  static uint64_t Key(const Node *n) {
    return static_cast<uint64_t>(static_cast<uint32_t>(n->script_id)) << 32 |
           static_cast<uint32_t>(n->start_position);
  }

  int Function(Node *n, uint32_t *row) {
    if (n->script_id == 0) return FunctionWithoutScript(n, row);
    uint32_t *known = functions_.Find(Key(n));
    if (*known == SHF_NONE) {
      int code = Add(n, known);
      if (code) return code;
    }
    *row = *known;
    return SHF_OK;
  }

  // Without a script the name identifies the function. V8 interns names, so equal names are the
  // same handle.
  int FunctionWithoutScript(Node *n, uint32_t *row) {
    auto range = without_script_.equal_range(n->name->GetIdentityHash());
    for (auto it = range.first; it != range.second; ++it) {
      if (it->second.name != n->name) continue;
      *row = it->second.row;
      return SHF_OK;
    }
    int code = Add(n, row);
    if (!code) without_script_.emplace(n->name->GetIdentityHash(), NamedRow{n->name, *row});
    return code;
  }

  int Add(Node *n, uint32_t *row) {
    shf_capture_function f = {
        0, 0, n->script_id, n->start_position, n->line_number, n->column_number};
    if (n->script_id != 0 && n->line_number > 0) {
      known_locations_->AddFunction(Key(n), {n->line_number, n->column_number});
    } else if (const Locations::Location *location = known_locations_->Function(Key(n))) {
      f.line = location->line;
      f.column = location->column;
    }
    int code = Text(n->name, &f.name);
    if (!code) code = Script(n, &f.script);
    return code ? code : shf_capture_function_add(c_, &f, row);
  }

  int Script(Node *n, uint32_t *id) {
    auto written = scripts_.find(n->script_id);
    if (written != scripts_.end()) {
      *id = written->second;
      return SHF_OK;
    }
    if (!known_locations_->KnowsScript(n->script_id)) CacheScriptName(n);
    const std::string *name = known_locations_->Script(n->script_id);
    const std::string *url =
        name && Scripts::IsName(*name) ? nullptr : known_scripts_.Url(n->script_id);
    if (url) name = url;
    int code = shf_capture_string(c_, name ? name->data() : "", name ? name->size() : 0, id);
    if (!code) scripts_.emplace(n->script_id, *id);
    return code;
  }

  void CacheScriptName(Node *n) {
    size_t len = n->script_name.IsEmpty() ? 0 : Utf8Length(isolate_, n->script_name);
    if (len == 0) return;
    std::string name(len, 0);
    name.resize(WriteUtf8(isolate_, n->script_name, &name[0], len));
    known_locations_->AddScript(n->script_id, std::move(name));
  }

  int Text(v8::Local<v8::String> s, uint32_t *id) {
    size_t len = s.IsEmpty() ? 0 : Utf8Length(isolate_, s);
    char *to;
    int code = shf_capture_string_reserve(c_, len, &to);
    if (code) return code;
    if (len) len = WriteUtf8(isolate_, s, to, len);
    *id = shf_capture_string_commit(c_, len);
    return SHF_OK;
  }

  v8::Isolate *isolate_;
  const Scripts &known_scripts_;
  Locations *known_locations_;
  shf_capture *c_;
  RowTable *nodes_;
  std::vector<Step> todo_[kWalks];
  size_t next_ = 0;     // where the next child goes
  RowTable functions_;  // by (script, position), as V8 itself tells them apart
  std::unordered_multimap<int, NamedRow> without_script_;
  std::unordered_map<int, uint32_t> scripts_;
};

}  // namespace

int CopyTree(v8::Isolate *isolate, v8::AllocationProfile *profile, const Scripts &scripts,
             Locations *locations, shf_capture *c, RowTable *nodes) {
  return Copier(isolate, scripts, locations, c, nodes).Tree(profile->GetRootNode());
}

}  // namespace shf
