/*
 * Inputs that are right where chance wants it: of each format that has a grammar, with the figures
 * at which sums and scales break. What mutation makes of one is mostly refused at its first byte.
 */
#ifndef SHF_GENERATE_H
#define SHF_GENERATE_H

#include <stdarg.h>

#include "format/pprof/fields.h"
#include "writers.h"

typedef struct generator {
  uint64_t state;
  uint8_t *out;
  size_t len, capacity; /* what does not fit is left out: a cut input is one more case */
} generator;

static inline uint32_t chance(generator *g, uint32_t below) {
  g->state = g->state * 6364136223846793005u + 1442695040888963407u;
  return (uint32_t)(g->state >> 33) % below;
}

static inline void put(generator *g, const void *bytes, size_t len) {
  if (len > g->capacity - g->len) len = g->capacity - g->len;
  if (len) memcpy(g->out + g->len, bytes, len);
  g->len += len;
}

__attribute__((format(printf, 2, 3))) static inline void putf(generator *g, const char *format,
                                                              ...) {
  char text[512];
  va_list args;
  va_start(args, format);
  int n = vsnprintf(text, sizeof text, format, args);
  va_end(args);
  if (n > 0) put(g, text, (size_t)n < sizeof text ? (size_t)n : sizeof text - 1);
}

static inline int64_t figure(generator *g) {
  static const int64_t edges[] = {0,         1,         -1,        INT32_MAX,     INT64_MAX,
                                  INT64_MIN, 1LL << 53, 1LL << 62, INT64_MIN / 2, 524288,
                                  4096,      -24};
  if (chance(g, 8) == 0) return edges[chance(g, sizeof edges / sizeof *edges)];
  return (int64_t)chance(g, 1u << (1 + chance(g, 24)));
}

static inline const char *word(generator *g) {
  static const char *const words[] = {"main",
                                      "parse",
                                      "(anonymous)",
                                      "",
                                      "(root)",
                                      "(GC)",
                                      "(off-heap)",
                                      "a;b",
                                      "##[error]",
                                      "<&>\"']]>",
                                      "\xF0\x9F\x98\x80",
                                      "\xFF",
                                      "x 12",
                                      "# note",
                                      "process 7 (node a.js)",
                                      "worker 1",
                                      "::",
                                      "(hidden)",
                                      "f (/app/a.js:1:2)",
                                      "g (node:fs:7)",
                                      "(/app/node_modules/@a/b/c.js:3:4)",
                                      "runtime.malloc",
                                      "\x1b[1m"};
  return words[chance(g, sizeof words / sizeof *words)];
}

static inline const char *file(generator *g) {
  static const char *const files[] = {"",
                                      "/app/a.js",
                                      "file:///app/b.mjs",
                                      "node:fs",
                                      "evalmachine.<anonymous>",
                                      "/app/node_modules/p/i.js",
                                      "/app/a.js?v=2",
                                      "webpack://x/./s.ts",
                                      "wasm://1"};
  return files[chance(g, sizeof files / sizeof *files)];
}

/* ---- Folded stacks */

static inline void generate_folded(generator *g) {
  bool two = chance(g, 4) == 0;
  for (uint32_t lines = 1 + chance(g, 12); lines > 0; lines--) {
    for (uint32_t depth = 1 + chance(g, 6); depth > 0; depth--)
      putf(g, "%s%s", word(g), depth > 1 ? ";" : "");
    if (two) putf(g, " %lld", (long long)figure(g));
    if (chance(g, 8) == 0)
      putf(g, " %u.%u%s\n", chance(g, 100), chance(g, 1000), chance(g, 4) ? "" : "e9");
    else
      putf(g, " %lld\n", (long long)figure(g));
  }
}

/* ---- .heapprofile */

static inline void generate_call(generator *g, uint32_t id) {
  static const char *const names[] = {"main",           "",          "(root)", "(GC)",
                                      "\\ud83d\\ude00", "a\\u0000b", "x;y",    "(V8 API)"};
  putf(g,
       "{\"callFrame\":{\"functionName\":\"%s\",\"scriptId\":\"%u\",\"url\":\"%s\",\"lineNumber\":%"
       "d,",
       names[chance(g, sizeof names / sizeof *names)], chance(g, 9), file(g),
       (int)chance(g, 40) - 1);
  putf(g, "\"columnNumber\":%d},\"selfSize\":%lld,\"id\":%u,\"children\":[", (int)chance(g, 40) - 1,
       (long long)figure(g), id);
}

static inline void generate_samples(generator *g, uint32_t nodes) {
  bool live = chance(g, 2);
  uint32_t samples = chance(g, 16);
  putf(g, "\"samples\":[");
  for (uint32_t i = 0; i < samples; i++) {
    putf(g, "%s{\"size\":%lld,\"nodeId\":%u,\"ordinal\":%u", i ? "," : "", (long long)figure(g),
         chance(g, nodes + 1), i);
    if (live)
      putf(g, ",\"isLive\":%s,\"objectSize\":%lld,\"objectCount\":%lld",
           chance(g, 2) ? "true" : "false", (long long)figure(g), (long long)figure(g));
    putf(g, "}");
  }
  putf(g, "]");
}

static inline void generate_heapprofile(generator *g) {
  uint32_t nodes = 1 + chance(g, 12), open = 1;
  bool first = chance(g, 4) == 0;
  putf(g, "{");
  if (first) generate_samples(g, nodes);
  putf(g, "%s\"head\":", first ? "," : "");
  generate_call(g, 1);
  for (uint32_t id = 2; id <= nodes; id++) {
    bool sibling = false;
    for (; open > 1 && chance(g, 2); open--) {
      putf(g, "]}");
      sibling = true;
    }
    /* the one before has ended as well where a comma stands */
    if (sibling) putf(g, ",");
    generate_call(g, id);
    open++;
  }
  for (; open > 0; open--) putf(g, "]}");
  if (!first) putf(g, ",");
  if (!first) generate_samples(g, nodes);
  putf(g, "}");
}

/* ---- pprof */

static inline void put_varint(generator *g, uint64_t value) {
  uint8_t bytes[PB_VARINT_MAX];
  size_t n = 0;
  for (; value > 127; value >>= 7) bytes[n++] = (uint8_t)(value | 128);
  bytes[n++] = (uint8_t)value;
  put(g, bytes, n);
}

static inline void put_number(generator *g, uint32_t field, uint64_t value) {
  put_varint(g, field << 3 | PB_VARINT);
  put_varint(g, value);
}

static inline void put_bytes(generator *g, uint32_t field, const void *bytes, size_t len) {
  put_varint(g, field << 3 | PB_BYTES);
  put_varint(g, len);
  put(g, bytes, len);
}

/* What is put between the two is the message of a field. */
static inline generator message_begin(generator *g, uint8_t buffer[static 512]) {
  return (generator){.state = g->state, .out = buffer, .capacity = 512};
}

static inline void message_end(generator *g, uint32_t field, const generator *m) {
  g->state = m->state;
  put_bytes(g, field, m->out, m->len);
}

static const char *const pprof_strings[] = {"",
                                            "alloc_objects",
                                            "count",
                                            "alloc_space",
                                            "bytes",
                                            "inuse_objects",
                                            "inuse_space",
                                            "space",
                                            "kilobytes",
                                            "MiB",
                                            "cpu",
                                            "nanoseconds",
                                            "resident_space",
                                            "petabytes",
                                            "main",
                                            "parse",
                                            "runtime.malloc",
                                            "/app/a.js",
                                            "node:fs",
                                            "libfoo.so",
                                            "abcdef",
                                            "^runtime\\.|parse",
                                            "main",
                                            "(a|b)*[^x]{2,5}$",
                                            "(((",
                                            "gc: forced",
                                            "command: node a.js",
                                            "pprof::base",
                                            "true",
                                            "thread",
                                            "allocated",
                                            "live",
                                            "interval"};
enum { PPROF_STRINGS = sizeof pprof_strings / sizeof *pprof_strings };

static inline uint64_t any_string(generator *g) {
  return chance(g, 64) ? chance(g, PPROF_STRINGS) : (uint64_t)figure(g);
}

static inline void generate_value_type(generator *g, uint32_t field, uint32_t row) {
  static const uint8_t usual[][2] = {{1, 2}, {3, 4}, {5, 2}, {6, 4}};
  uint8_t buffer[512];
  generator m = message_begin(g, buffer);
  bool plain = chance(&m, 3) != 0;
  put_number(&m, PPROF_VALUE_TYPE_TYPE, plain ? usual[row % 4][0] : any_string(&m));
  put_number(&m, PPROF_VALUE_TYPE_UNIT, plain ? usual[row % 4][1] : any_string(&m));
  message_end(g, field, &m);
}

static inline void generate_label(generator *g) {
  uint8_t buffer[512];
  generator m = message_begin(g, buffer);
  bool base = chance(&m, 3) == 0;
  put_number(&m, PPROF_LABEL_KEY, base ? 27 : any_string(&m));
  if (base || chance(&m, 2))
    put_number(&m, PPROF_LABEL_STR, base ? 28 : any_string(&m));
  else
    put_number(&m, PPROF_LABEL_NUM, (uint64_t)figure(&m));
  if (chance(&m, 2)) put_number(&m, PPROF_LABEL_NUM_UNIT, any_string(&m));
  message_end(g, PPROF_SAMPLE_LABEL, &m);
}

static inline void generate_sample(generator *g, uint32_t types, uint32_t locations) {
  uint8_t buffer[512];
  generator m = message_begin(g, buffer);
  for (uint32_t depth = chance(&m, 6); depth > 0; depth--)
    put_number(&m, PPROF_SAMPLE_LOCATION_ID, 1 + chance(&m, locations));
  for (uint32_t i = 0; i < types; i++) put_number(&m, PPROF_SAMPLE_VALUE, (uint64_t)figure(&m));
  for (uint32_t labels = chance(&m, 3); labels > 0; labels--) generate_label(&m);
  message_end(g, PPROF_PROFILE_SAMPLE, &m);
}

static inline void generate_line(generator *g, uint32_t functions) {
  uint8_t buffer[512];
  generator m = message_begin(g, buffer);
  put_number(&m, PPROF_LINE_FUNCTION_ID, 1 + chance(&m, functions));
  put_number(&m, PPROF_LINE_LINE, chance(&m, 8) ? chance(&m, 100) : (uint64_t)figure(&m));
  if (chance(&m, 2)) put_number(&m, PPROF_LINE_COLUMN, chance(&m, 100));
  message_end(g, PPROF_LOCATION_LINE, &m);
}

static inline void generate_location(generator *g, uint32_t id, uint32_t functions) {
  uint8_t buffer[512];
  generator m = message_begin(g, buffer);
  put_number(&m, PPROF_LOCATION_ID, id);
  if (chance(&m, 2)) put_number(&m, PPROF_LOCATION_MAPPING_ID, chance(&m, 3));
  if (chance(&m, 2)) put_number(&m, PPROF_LOCATION_ADDRESS, (uint64_t)figure(&m));
  for (uint32_t lines = chance(&m, 4); lines > 0; lines--) generate_line(&m, functions);
  message_end(g, PPROF_PROFILE_LOCATION, &m);
}

static inline void generate_function(generator *g, uint32_t id) {
  uint8_t buffer[512];
  generator m = message_begin(g, buffer);
  put_number(&m, PPROF_FUNCTION_ID, id);
  if (chance(&m, 8)) put_number(&m, PPROF_FUNCTION_NAME, any_string(&m));
  if (chance(&m, 2)) put_number(&m, PPROF_FUNCTION_SYSTEM_NAME, any_string(&m));
  if (chance(&m, 2)) put_number(&m, PPROF_FUNCTION_FILENAME, any_string(&m));
  if (chance(&m, 2)) put_number(&m, PPROF_FUNCTION_START_LINE, chance(&m, 50));
  message_end(g, PPROF_PROFILE_FUNCTION, &m);
}

static inline void generate_mapping(generator *g, uint32_t id) {
  uint8_t buffer[512];
  generator m = message_begin(g, buffer);
  put_number(&m, PPROF_MAPPING_ID, id);
  put_number(&m, PPROF_MAPPING_START, (uint64_t)figure(&m));
  put_number(&m, PPROF_MAPPING_LIMIT, (uint64_t)figure(&m));
  put_number(&m, PPROF_MAPPING_FILENAME, any_string(&m));
  put_number(&m, PPROF_MAPPING_BUILD_ID, any_string(&m));
  message_end(g, PPROF_PROFILE_MAPPING, &m);
}

static inline void generate_strings(generator *g) {
  for (uint32_t i = 0; i < PPROF_STRINGS; i++)
    put_bytes(g, PPROF_PROFILE_STRING_TABLE, pprof_strings[i], strlen(pprof_strings[i]));
}

static inline void generate_pprof(generator *g) {
  uint32_t types = 1 + chance(g, 5), locations = 1 + chance(g, 8), functions = 1 + chance(g, 6);
  uint32_t from = chance(g, 4), late = chance(g, 4);
  if (late) generate_strings(g);
  for (uint32_t i = 0; i < types; i++) generate_value_type(g, PPROF_PROFILE_SAMPLE_TYPE, from + i);
  for (uint32_t i = chance(g, 10); i > 0; i--) generate_sample(g, types, locations);
  for (uint32_t i = 1; i < 1 + chance(g, 3); i++) generate_mapping(g, i);
  for (uint32_t i = 1; i <= locations; i++) generate_location(g, i, functions);
  for (uint32_t i = 1; i <= functions; i++) generate_function(g, i);
  if (!late) generate_strings(g);
  if (chance(g, 2)) put_number(g, PPROF_PROFILE_DROP_FRAMES, 21 + chance(g, 4));
  if (chance(g, 3) == 0) put_number(g, PPROF_PROFILE_KEEP_FRAMES, 21 + chance(g, 4));
  if (chance(g, 2)) generate_value_type(g, PPROF_PROFILE_PERIOD_TYPE, 3);
  if (chance(g, 2)) put_number(g, PPROF_PROFILE_PERIOD, (uint64_t)figure(g));
  if (chance(g, 2)) put_number(g, PPROF_PROFILE_DEFAULT_SAMPLE_TYPE, any_string(g));
  if (chance(g, 3) == 0) put_number(g, PPROF_PROFILE_COMMENT, any_string(g));
  if (chance(g, 3) == 0) put_number(g, PPROF_PROFILE_DURATION_NANOS, (uint64_t)figure(g));
}

/* ---- Any of them */

static inline void generate(generator *g) {
  static void (*const all[])(generator *) = {generate_folded, generate_heapprofile, generate_pprof};
  all[chance(g, sizeof all / sizeof *all)](g);
}

#endif
