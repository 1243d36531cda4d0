#include "v8/function_rows.h"

#include <utility>

#include "v8/utf8.h"

namespace shf {

int FunctionRows::Add(Node *n, uint32_t *row) {
  if (n->script_id == 0) return AddWithoutScript(n, row);
  FunctionPlace place = {n->script_id, n->start_position, 0, 0};
  uint32_t *known = functions_.Find(place.Key());
  int code = *known == SHF_NONE ? AddRow(n, known) : SHF_OK;
  *row = *known;
  return code;
}

int FunctionRows::Add(const FunctionPlace &place, const std::string &name,
                      const std::string &script, uint32_t *row) {
  uint32_t *known = functions_.Find(place.Key());
  int code = SHF_OK;
  if (*known == SHF_NONE) {
    shf_capture_function f = {0, 0, place.script_id, place.position, place.line, place.column};
    code = shf_capture_string(c_, name.data(), name.size(), &f.name);
    if (!code) code = AddScript(place.script_id, &script, &f.script);
    if (!code) code = shf_capture_function_add(c_, &f, known);
  }
  *row = *known;
  return code;
}

// Without a script the name identifies the function. V8 interns names, so equal names are the
// same handle.
int FunctionRows::AddWithoutScript(Node *n, uint32_t *row) {
  auto range = without_script_.equal_range(n->name->GetIdentityHash());
  for (auto it = range.first; it != range.second; ++it) {
    if (it->second.name != n->name) continue;
    *row = it->second.row;
    return SHF_OK;
  }
  int code = AddRow(n, row);
  if (!code) without_script_.emplace(n->name->GetIdentityHash(), NamedRow{n->name, *row});
  return code;
}

int FunctionRows::AddRow(Node *n, uint32_t *row) {
  FunctionPlace place = {n->script_id, n->start_position, n->line_number, n->column_number};
  shf_capture_function f = {0, 0, place.script_id, place.position, place.line, place.column};
  if (place.script_id != 0 && place.line > 0) {
    known_locations_->AddFunction(place.Key(), {place.line, place.column});
  } else if (const Locations::Location *location = known_locations_->Function(place.Key())) {
    f.line = location->line;
    f.column = location->column;
  }
  int code = AddText(n->name, &f.name);
  if (!known_locations_->KnowsScript(n->script_id)) CacheScriptName(n);
  // V8 has no line for a function whose script is collected.
  if (place.script_id != 0 && place.line > 0 && !known_locations_->KnowsScript(place.script_id))
    nameless_ = nameless_ || !known_scripts_.Knows(place.script_id);
  if (!code) code = AddScript(n->script_id, nullptr, &f.script);
  return code ? code : shf_capture_function_add(c_, &f, row);
}

int FunctionRows::AddScript(int script_id, const std::string *otherwise, uint32_t *id) {
  auto written = scripts_.find(script_id);
  if (written != scripts_.end()) {
    *id = written->second;
    return SHF_OK;
  }
  const std::string *name = known_locations_->Script(script_id);
  const std::string *url = name && Scripts::IsName(*name) ? nullptr : known_scripts_.Url(script_id);
  if (url) name = url;
  if (!name) name = otherwise;
  int code = shf_capture_string(c_, name ? name->data() : "", name ? name->size() : 0, id);
  if (!code) scripts_.emplace(script_id, *id);
  return code;
}

void FunctionRows::CacheScriptName(Node *n) {
  size_t len = n->script_name.IsEmpty() ? 0 : Utf8Length(isolate_, n->script_name);
  if (len == 0) return;
  std::string name(len, 0);
  name.resize(WriteUtf8(isolate_, n->script_name, &name[0], len));
  known_locations_->AddScript(n->script_id, std::move(name));
}

int FunctionRows::AddText(v8::Local<v8::String> s, uint32_t *id) {
  size_t len = s.IsEmpty() ? 0 : Utf8Length(isolate_, s);
  char *to;
  int code = shf_capture_string_reserve(c_, len, &to);
  if (code) return code;
  if (len) len = WriteUtf8(isolate_, s, to, len);
  *id = shf_capture_string_commit(c_, len);
  return SHF_OK;
}

}  // namespace shf
