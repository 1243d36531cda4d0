/* Parts of Markdown: what is written whole or not at all, and text that is safe in it. */
#include "format/table/markdown_text.h"

bool shf__markdown_flush(shf__markdown *m, size_t reserve) {
  size_t len = m->part.len;
  m->part.len = 0;
  if (m->left < reserve || len > m->left - reserve) return false;
  shf_sink_write(m->sink, m->part.ptr, len);
  m->left -= len;
  return true;
}

static size_t longest_run(shf_str text, char c) {
  size_t longest = 0, run = 0;
  for (size_t i = 0; i < text.len; i++) {
    run = text.ptr[i] == c ? run + 1 : 0;
    if (run > longest) longest = run;
  }
  return longest;
}

/*
 * A code span that is safe in a table: its fence is longer than any backticks
 * inside, a pipe is escaped. Behind a backslash no escape works for a pipe: it
 * becomes U+FF5C, the fullwidth one.
 */
void shf__markdown_code(shf__builder *out, shf_str text, bool table) {
  size_t fence = longest_run(text, '`') + 1;
  bool pad = fence > 1;
  for (size_t i = 0; i < fence; i++) shf__builder_add(out, "`", 1);
  if (pad) shf__builder_add(out, " ", 1);
  for (size_t i = 0; i < text.len; i++) {
    if (table && text.ptr[i] == '|') {
      shf__builder_puts(out, i > 0 && text.ptr[i - 1] == '\\' ? "\xEF\xBD\x9C" : "\\|");
    } else {
      shf__builder_add(out, text.ptr + i, 1);
    }
  }
  if (pad) shf__builder_add(out, " ", 1);
  for (size_t i = 0; i < fence; i++) shf__builder_add(out, "`", 1);
}

void shf__markdown_command(shf__markdown *m, const shf_profile *p) {
  shf__builder command = {NULL, 0, 0, SHF_OK};
  shf__builder_line(&command, shf_profile_meta_get(p, "command"));
  if (command.len) {
    shf__markdown_code(&m->part, shf__builder_str(&command), false);
    shf__builder_puts(&m->part, "\n\n");
  }
  if (command.code != SHF_OK) m->part.code = command.code;
  shf__builder_free(&command);
}
