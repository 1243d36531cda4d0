#include "format/table/source_lines.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/file_stat.h"
#include "core/str.h"

enum { PATH_LIMIT = 4096, CHUNK = 65536, MAX_BYTES = 64 << 20 };

typedef struct wanted_line {
  uint32_t file; /* string id */
  int32_t line;
  uint32_t row;
} wanted_line;

/* Copies a path and decodes %XX in URLs; false if it cannot be a path. */
static bool put_path(char *to, shf_str path, bool url) {
  size_t n = 0;
  for (size_t i = 0; i < path.len; i++) {
    char c = path.ptr[i];
    if (url && c == '%' && i + 2 < path.len) {
      int high = shf__hex_value(path.ptr[i + 1]), low = shf__hex_value(path.ptr[i + 2]);
      if (high < 0 || low < 0) return false;
      c = (char)(high << 4 | low);
      i += 2;
    }
    if (c == 0 || n + 1 == PATH_LIMIT) return false;
    to[n++] = c;
  }
  to[n] = 0;
  return true;
}

static bool is_absolute(const char *path) {
  if (path[0] == '/') return true;
  bool letter = (path[0] >= 'A' && path[0] <= 'Z') || (path[0] >= 'a' && path[0] <= 'z');
  return letter && path[1] == ':' && (path[2] == '/' || path[2] == '\\');
}

/* `folder` without a slash at its end. */
static bool is_below(const char *path, const char *folder, size_t len) {
  return strncmp(path, folder, len) == 0 && (path[len] == '/' || path[len] == 0);
}

/* Pseudo file systems; /dev/shm may hold ordinary temporary files. */
static bool is_special(const char *path) {
  return is_below(path, "/proc", 5) || is_below(path, "/sys", 4) ||
         (is_below(path, "/dev", 4) && !is_below(path, "/dev/shm", 8));
}

static bool below_a_root(const char *path, shf_str roots) {
  const char *end = roots.ptr + roots.len;
  for (const char *root = roots.ptr; root < end; root += strlen(root) + 1) {
    size_t len = strlen(root);
    while (len && root[len - 1] == '/') len--;
    if (is_below(path, root, len)) return true;
  }
  return false;
}

/* Profiles and links may come from other people: the target of links is checked. */
static bool may_read(const char *path, shf_str roots) {
  if (is_special(path)) return false;
  char *real = realpath(path, NULL);
  bool may = real && !is_special(real) && (!roots.ptr || below_a_root(real, roots));
  free(real);
  return may;
}

/* Opens a regular file of limited size; O_NONBLOCK as it may have become a pipe meanwhile. */
static FILE *open_regular(const char *path) {
  int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (fd < 0) return NULL;
  bool regular = shf__file_stat_fd(fd, NULL) == SHF__FILE_REGULAR &&
                 lseek(fd, 0, SEEK_END) <= MAX_BYTES && lseek(fd, 0, SEEK_SET) == 0;
  FILE *f = regular ? fdopen(fd, "rb") : NULL;
  if (!f) close(fd);
  return f;
}

/* NULL if the file may not or cannot be read. */
static FILE *open_file(const shf_profile *p, shf_str roots, uint32_t frame) {
  char path[PATH_LIMIT];
  shf_str file = shf_profile_text(p, shf_profile_frame_at(p, frame)->file);
  bool url = file.len >= 7 && memcmp(file.ptr, "file://", 7) == 0;
  if (!put_path(path, shf_frame_path(p, frame), url) || !is_absolute(path)) return NULL;
  if (shf__file_stat(path, NULL) != SHF__FILE_REGULAR || !may_read(path, roots)) return NULL;
  return open_regular(path);
}

/* The file on disk, else its text from a source map. */
static FILE *open_source(const shf_profile *p, shf_str roots, uint32_t frame) {
  FILE *f = open_file(p, roots, frame);
  if (f) return f;
  shf_str text = shf_profile_content_of(p, shf_profile_frame_at(p, frame)->file);
  if (text.len == 0) return NULL;
  return fmemopen((void *)text.ptr, text.len, "rb");
}

static int by_file_and_line(const void *a, const void *b) {
  const wanted_line *x = a, *y = b;
  if (x->file != y->file) return x->file < y->file ? -1 : 1;
  if (x->line != y->line) return x->line < y->line ? -1 : 1;
  return 0;
}

/* Sets the offsets of the lines list[0 .. count), which are of one file and ascending. */
static void scan(FILE *f, const wanted_line *list, uint32_t count, char *chunk, shf__source *out) {
  uint64_t base = 0;
  int32_t line = 1;
  uint32_t next = 0;
  while (next < count && list[next].line == 1) out[list[next++].row].offset = 0;
  for (size_t got; next < count && (got = fread(chunk, 1, CHUNK, f)) > 0; base += got) {
    const char *at = chunk, *end = chunk + got;
    while (next < count && (at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
      at++;
      line++;
      while (next < count && list[next].line == line)
        out[list[next++].row].offset = base + (uint64_t)(at - chunk);
    }
  }
}

int shf__source_find(const shf_profile *p, shf_str roots, shf__source *sources, uint32_t count) {
  wanted_line *list = calloc((size_t)count + 1, sizeof *list);
  char *chunk = malloc(CHUNK);
  int code = list && chunk ? SHF_OK : SHF_E_NOMEM;
  for (uint32_t i = 0; i < count && code == SHF_OK; i++) {
    list[i] = (wanted_line){shf_profile_frame_at(p, sources[i].frame)->file, sources[i].line, i};
    sources[i].offset = UINT64_MAX;
  }
  if (code == SHF_OK) qsort(list, count, sizeof *list, by_file_and_line);
  for (uint32_t first = 0, end; first < count && code == SHF_OK; first = end) {
    for (end = first; end < count && list[end].file == list[first].file;) end++;
    while (first < end && list[first].line < 1) first++;
    FILE *f = first < end ? open_source(p, roots, sources[list[first].row].frame) : NULL;
    if (!f) continue;
    scan(f, list + first, end - first, chunk, sources);
    fclose(f);
  }
  free(list);
  free(chunk);
  return code;
}

/*
 * In bundles a whole program is one line, so only the part around a far column is shown. Columns
 * are 1-based, in UTF-16 units.
 */
enum { FAR_COLUMN = 100, LEAD_IN = 30 };

static int skip_to_column(FILE *f, int32_t column) {
  int32_t units = 0;
  int c = getc(f);
  while (c != EOF && c != '\n') {
    if ((c & 0xC0) != 0x80) units += c >= 0xF0 ? 2 : 1;
    if (units >= column && (c & 0xC0) != 0x80) break;
    c = getc(f);
  }
  return c;
}

int shf__source_read(const shf_profile *p, shf_str roots, const shf__source *source, uint32_t count,
                     shf__builder *out) {
  if (source->offset > INT64_MAX) return SHF_OK;
  FILE *f = open_source(p, roots, source->frame);
  if (!f) return SHF_OK;
  const shf_frame *frame = shf_profile_frame_at(p, source->frame);
  int32_t column = source->line == frame->line ? frame->column : 0;
  int c = EOF;
  if (fseeko(f, (off_t)source->offset, SEEK_SET) == 0) c = getc(f);
  if (c != EOF && column > FAR_COLUMN) {
    ungetc(c, f);
    shf__builder_puts(out, "\xE2\x80\xA6");
    c = skip_to_column(f, column - LEAD_IN);
  }
  for (uint32_t i = 0; i < count && c != EOF; i++) {
    for (int kept = 0; c != EOF && c != '\n'; c = getc(f)) {
      char byte = (char)c;
      if (kept++ < SHF__SOURCE_LINE) shf__builder_add(out, &byte, 1);
      if (kept > SHF__SOURCE_LINE && i + 1 == count) break;
    }
    shf__builder_puts(out, "\n");
    if (c != EOF) c = getc(f);
  }
  fclose(f);
  return out->code;
}
