/*
 * Decides what the line numbers of locations mean. Without a start_line, JavaScript profilers write
 * the first line of the function, most others the line of the call. A call's line must not become
 * part of the function, or one function would become several.
 */
#include "format/pprof/read.h"
#include "profile/metadata_lines.h"

/* Languages whose profilers write the line of the call. */
static bool is_native_source(shf_str file) {
  static const char *const endings[] = {
      ".c",   ".cc", ".cpp",   ".cxx",  ".h",  ".hh",    ".hpp", ".m",      ".mm",
      ".s",   ".S",  ".go",    ".rs",   ".py", ".pyx",   ".rb",  ".php",    ".pl",
      ".lua", ".ex", ".erl",   ".java", ".kt", ".scala", ".clj", ".groovy", ".cs",
      ".fs",  ".vb", ".swift", ".zig",  ".d",  ".nim",   ".hs",  ".ml"};
  for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
    size_t n = strlen(endings[i]);
    if (file.len > n && memcmp(file.ptr + file.len - n, endings[i], n) == 0) return true;
  }
  return false;
}

void shf__pprof_mark_calls(shf__pprof *r) {
  for (uint32_t i = 0; i < r->nlines; i++) {
    const shf__pp_line *line = &r->lines[i];
    shf__pp_function *f = &r->functions[line->function];
    if (f->start_line && line->line && line->line != f->start_line) f->calls = true;
  }
}

bool shf__pprof_lines_are_calls(const shf__pprof *r) {
  for (uint32_t i = 0; i < r->nlines; i++) {
    const shf__pp_line *line = &r->lines[i];
    shf__pp_function *f = &r->functions[line->function];
    if (f->start_line || line->line == 0) continue;
    if (f->line && f->line != line->line) return true;
    if (f->line == 0 && is_native_source(shf__pprof_text(r, f->file))) return true;
    f->line = line->line;
  }
  return false;
}
