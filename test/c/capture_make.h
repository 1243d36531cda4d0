/* Captures for tests, made by the writer; what fails ends the program. */
#ifndef SHF_TEST_CAPTURE_MAKE_H
#define SHF_TEST_CAPTURE_MAKE_H

#include "capture/capture.h"
#include "test.h"

#define MAKER __attribute__((unused)) static

MAKER void made(int code) {
  if (code == SHF_OK) return;
  printf("Bail out! %s\n", shf_code_text(code));
  exit(99);
}

MAKER shf_capture *make_capture(void) {
  shf_capture *c;
  made(shf_capture_new(&c));
  return c;
}

MAKER uint32_t make_source(shf_capture *c, uint64_t interval, uint32_t types, uint32_t depth) {
  shf_source s = {
      .interval = interval, .gc = SHF_GC_FORCED, .pid = 1, .types = types, .depth = depth};
  uint32_t row;
  made(shf_capture_source(c, &s, &row));
  return row;
}

MAKER uint32_t make_function(shf_capture *c, const char *name, const char *script, int32_t line) {
  shf_capture_function f = {0, 0, *script ? 7 : 0, 2, line, line ? 1 : 0};
  uint32_t row;
  made(shf_capture_string(c, name, strlen(name), &f.name));
  made(shf_capture_string(c, script, strlen(script), &f.script));
  made(shf_capture_function_add(c, &f, &row));
  return row;
}

MAKER uint32_t make_line(shf_capture *c, uint32_t id, uint32_t parent, uint32_t function,
                         int32_t line) {
  shf_capture_node n = {id, parent, function, line};
  uint32_t row;
  made(shf_capture_node_add(c, &n, &row));
  return row;
}

MAKER uint32_t make_node(shf_capture *c, uint32_t id, uint32_t parent, uint32_t function) {
  return make_line(c, id, parent, function, 0);
}

/* A node below `parent` with a function of its own, and 10 times its row as id. */
MAKER uint32_t make_call(shf_capture *c, uint32_t parent, const char *name, const char *script,
                         int32_t line) {
  uint32_t id = shf_capture_nodes(c) * 10;
  return make_node(c, id, parent, make_function(c, name, script, line));
}

MAKER void make_root(shf_capture *c) {
  make_call(c, SHF_NONE, "(root)", "", 0);
}

/* Blocks of a node by its row, which make_call gave. */
MAKER void make_bucket(shf_capture *c, uint32_t node, uint64_t size, uint32_t allocated,
                       uint32_t live) {
  shf_capture_bucket b = {node * 10, 0, size, allocated, live, 0, 0};
  made(shf_capture_bucket_add(c, &b));
}

MAKER void make_meta(shf_capture *c, const char *key, const char *value) {
  made(shf_capture_meta_add(c, shf_str_of(key), shf_str_of(value)));
}

typedef struct made_bytes {
  char *ptr;
  size_t len;
} made_bytes;

MAKER int append_bytes(void *self, const void *bytes, size_t len) {
  made_bytes *b = self;
  b->ptr = realloc(b->ptr, b->len + len);
  if (!b->ptr) abort();
  memcpy(b->ptr + b->len, bytes, len);
  b->len += len;
  return 0;
}

/* Adds a segment to `b`, which free(b->ptr) frees; the capture is freed. */
MAKER void make_bytes(shf_capture *c, made_bytes *b) {
  made(shf_capture_emit(c, append_bytes, b));
  shf_capture_free(c);
}

/*
 * main (/app/a.js:1:1) and parse (/app/b.js:2:1) that it calls, a bucket each;
 * exact figures, one line of meta.
 */
MAKER made_bytes make_small(void) {
  shf_capture *c = make_capture();
  make_source(c, 0, SHF_HAS_ALLOC | SHF_HAS_INUSE, 0);
  make_meta(c, "command", "node a.js");
  make_root(c);
  uint32_t main = make_call(c, 0, "main", "/app/a.js", 1);
  uint32_t parse = make_call(c, main, "parse", "/app/b.js", 2);
  make_bucket(c, main, 16, 3, 2);
  make_bucket(c, parse, 100, 1, 0);
  made_bytes b = {NULL, 0};
  make_bytes(c, &b);
  return b;
}

/* Where its parts begin: 1 source, 1 meta, 8 strings, 3 functions, 3 nodes. */
enum {
  SOURCES = sizeof(shf_capture_header),
  METAS = SOURCES + sizeof(shf_source),
  ENDS = METAS + sizeof(shf_capture_meta),
  FUNCTIONS = ENDS + 8 * sizeof(uint32_t),
  NODES = FUNCTIONS + 3 * sizeof(shf_capture_function),
  BUCKETS = NODES + 3 * sizeof(shf_capture_node)
};

#endif
