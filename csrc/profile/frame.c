/* The text, path and category of a frame. */
#include "core/str.h"
#include "profile/profile.h"

shf_str shf_frame_name(const shf_profile *p, uint32_t frame) {
  shf_str name = shf_profile_text(p, p->frames[frame].name);
  return name.len ? name : shf_str_of("(anonymous)");
}

/* Windows writes `C:/app` as file:///C:/app. */
size_t shf__scheme_length(shf_str file) {
  static const size_t scheme = sizeof "file://" - 1;
  if (!shf__str_begins(file, "file:///")) return 0;
  if (file.len < scheme + 4) return scheme;
  char letter = (char)(file.ptr[scheme + 1] | 32), slash = file.ptr[scheme + 3];
  bool drive = letter >= 'a' && letter <= 'z' && file.ptr[scheme + 2] == ':' &&
               (slash == '/' || slash == '\\');
  return scheme + drive;
}

shf_str shf__without_query(shf_str file) {
  size_t n = shf__scheme_length(file);
  if (n == 0) return file;
  while (n < file.len && file.ptr[n] != '?' && file.ptr[n] != '#') n++;
  return (shf_str){file.ptr, n};
}

shf_str shf_frame_path(const shf_profile *p, uint32_t frame) {
  shf_str file = shf_profile_text(p, p->frames[frame].file);
  size_t scheme = shf__scheme_length(file);
  return (shf_str){file.ptr + scheme, file.len - scheme};
}

int shf_frame_text(const shf_profile *p, uint32_t frame, shf_sink *sink) {
  const shf_frame *f = &p->frames[frame];
  shf_sink_str(sink, shf_frame_name(p, frame));
  shf_str path = shf_frame_path(p, frame);
  if (path.len == 0) return shf_sink_code(sink);
  shf_sink_puts(sink, " (");
  shf_sink_str(sink, path);
  if (f->line > 0) {
    shf_sink_puts(sink, ":");
    shf_sink_u64(sink, (uint64_t)f->line);
    if (f->column > 0) {
      shf_sink_puts(sink, ":");
      shf_sink_u64(sink, (uint64_t)f->column);
    }
  }
  return shf_sink_puts(sink, ")");
}

/* Profiles of Windows have backslashes. */
static bool is_slash(char c) {
  return c == '/' || c == '\\';
}

/* What follows the last `node_modules/` in a path; empty when there is none. */
static shf_str below_node_modules(shf_str path) {
  static const char mark[] = "node_modules";
  const size_t n = sizeof mark - 1;
  for (size_t i = path.len; i-- > 0;) {
    if (path.len - i <= n || memcmp(path.ptr + i, mark, n) != 0 || !is_slash(path.ptr[i + n]))
      continue;
    if (i == 0 || is_slash(path.ptr[i - 1]))
      return (shf_str){path.ptr + i + n + 1, path.len - i - n - 1};
  }
  return (shf_str){"", 0};
}

/* `name` or `@scope/name` at the start of a path. */
static shf_str package_name(shf_str path) {
  size_t slashes = path.len && path.ptr[0] == '@' ? 2 : 1, n = 0;
  for (; n < path.len; n++)
    if (is_slash(path.ptr[n]) && --slashes == 0) break;
  return (shf_str){path.ptr, n};
}

/* `KEY: value` or `(no KEY)`, as label_frames.c names frames. */
static bool is_label(shf_str name) {
  size_t n = 0;
  if (shf__str_begins(name, "(no ")) return true;
  while (n < name.len && name.ptr[n] != ':' && name.ptr[n] != ' ') n++;
  return n > 0 && n + 1 < name.len && name.ptr[n] == ':' && name.ptr[n + 1] == ' ';
}

/* Our own roots and sums. Names of V8's own places are in parentheses too. */
static bool is_other(shf_str name) {
  if (shf__str_equals(name, "(truncated)") || shf__str_begins(name, "process ") ||
      shf__str_begins(name, "worker "))
    return true;
  return name.len > 1 && name.ptr[0] == '(' && name.ptr[1] >= '0' && name.ptr[1] <= '9';
}

enum shf_category shf_frame_category(const shf_profile *p, uint32_t frame, shf_str *package) {
  shf_str name = shf_frame_name(p, frame), path = shf_frame_path(p, frame);
  if (package) *package = (shf_str){"", 0};
  if (shf__str_equals(name, SHF__OFFHEAP)) return SHF_CAT_OFFHEAP;
  if (path.len == 0) {
    if (is_label(name)) return SHF_CAT_LABEL;
    if (is_other(name)) return SHF_CAT_OTHER;
    if (shf__str_equals(name, "(app)")) return SHF_CAT_APP;
    if (shf__str_begins(name, "(")) return SHF_CAT_V8;
    path = name; /* the name of a group is a path; unknown names belong to the app */
  }
  if (shf__str_equals(path, SHF__NATIVE)) return SHF_CAT_V8;
  if (shf__str_begins(path, "node:")) return SHF_CAT_NODE;
  shf_str below = below_node_modules(path);
  shf_str name_of_package = package_name(below);
  if (name_of_package.len == 0) return SHF_CAT_APP;
  if (package) *package = name_of_package;
  return SHF_CAT_PACKAGE;
}

const char *shf_category_name(enum shf_category category) {
  static const char *const names[SHF_CATEGORIES] = {"app",     "package", "node", "v8",
                                                    "offheap", "label",   "other"};
  return category < SHF_CATEGORIES ? names[category] : "other";
}
