/* The harness behind test.h: registry, TAP, golden files, small profiles. */
#include "test.h"

#include <stdarg.h>

static shf_test *first;
static shf_test **last = &first;
static int failures, checks;
static const char *skip_reason;

void test_register(shf_test *test) {
  *last = test;
  last = &test->next;
}

void test_fail(const char *file, int line, const char *format, ...) {
  failures++;
  printf("# %s:%d: ", file, line);
  va_list args;
  va_start(args, format);
  vprintf(format, args);
  va_end(args);
  printf("\n");
}

void test_checked(void) {
  checks++;
}

void test_skip(const char *why) {
  skip_reason = why;
}
bool test_skipped(void) {
  return skip_reason != NULL;
}

int main(int argc, char **argv) {
  const char *only = argc > 1 ? argv[1] : NULL;
  int number = 0, failed = 0;
  setvbuf(stdout, NULL, _IOLBF, 0);
  for (shf_test *t = first; t; t = t->next) {
    if (only && !strstr(t->name, only)) continue;
    failures = checks = 0;
    skip_reason = NULL;
    t->run();
    if (checks == 0 && !skip_reason) test_fail(__FILE__, __LINE__, "%s checks nothing", t->name);
    number++;
    if (failures) failed++;
    printf("%s %d - %s", failures ? "not ok" : "ok", number, t->name);
    if (skip_reason && !failures) printf(" # SKIP %s", skip_reason);
    printf("\n");
  }
  printf("1..%d\n", number);
  return failed ? 1 : 0;
}

static char *read_whole(const char *path, size_t *len) {
  FILE *f = fopen(path, "rb");
  if (!f) return NULL;
  size_t cap = 1 << 20, n = 0, got;
  char *text = malloc(cap + 1);
  while (text && (got = fread(text + n, 1, cap - n, f)) > 0) {
    n += got;
    if (n == cap) text = realloc(text, (cap *= 2) + 1);
  }
  fclose(f);
  if (!text) abort();
  text[n] = 0;
  *len = n;
  return text;
}

void check_golden(const char *name, const char *text, size_t len) {
  test_checked();
  char path[512];
  const char *dir = getenv("SHF_GOLDEN_DIR");
  snprintf(path, sizeof path, "%s/%s", dir ? dir : "../golden", name);
  const char *bless = getenv("SHF_BLESS");
  if (bless && strcmp(bless, "1") == 0) {
    FILE *f = fopen(path, "wb");
    if (!f || fwrite(text, 1, len, f) != len || fclose(f) != 0)
      test_fail(__FILE__, __LINE__, "cannot write %s", path);
    return;
  }
  size_t want_len = 0;
  char *want = read_whole(path, &want_len);
  if (!want) {
    test_fail(__FILE__, __LINE__, "%s is missing; bless it with SHF_BLESS=1", path);
    return;
  }
  if (want_len != len || memcmp(want, text, len) != 0)
    test_fail(__FILE__, __LINE__, "differs from %s; it is\n%.*s", path, (int)len, text);
  free(want);
}

static void must(int code) {
  if (code == SHF_OK) return;
  printf("Bail out! %s\n", shf_code_text(code));
  exit(99);
}

void check_has(const char *text, const char *part) {
  test_checked();
  if (!strstr(text, part)) test_fail(__FILE__, __LINE__, "%s is not in\n%s", part, text);
}

void check_lacks(const char *text, const char *part) {
  test_checked();
  if (strstr(text, part)) test_fail(__FILE__, __LINE__, "%s is in\n%s", part, text);
}

shf_sink *test_sink(void) {
  shf_sink *sink;
  must(shf_sink_memory(&sink));
  return sink;
}

char *test_sink_text(shf_sink *sink, size_t *len) {
  char *bytes = NULL;
  size_t n = 0;
  shf_sink_take(sink, &bytes, &n);
  char *text = malloc(n + 1);
  if (!text) abort();
  if (n) memcpy(text, bytes, n);
  text[n] = 0;
  free(bytes);
  if (len) *len = n;
  return text;
}

char *test_written(shf_sink *sink, int code, size_t *len) {
  CHECK_EQ(code, SHF_OK);
  char *text = test_sink_text(sink, len);
  shf_sink_free(sink);
  return text;
}

char *test_folded(const shf_profile *p, shf_type type) {
  shf_sink *sink = test_sink();
  return test_written(sink, shf_folded_write(p, type, sink), NULL);
}

void check_folded(const shf_profile *p, shf_type type, const char *expected) {
  char *text = test_folded(p, type);
  CHECK_TEXT(text, expected);
  free(text);
}

/* `name`, `name@file:line:column` or `name@file:line:column=call` as a frame id. */
static uint32_t frame_of(shf_profile *p, const char *text, size_t len) {
  shf_frame f = {0, 0, 0, 0, 0};
  const char *at = memchr(text, '@', len);
  shf_str name = {text, at ? (size_t)(at - text) : len};
  must(shf_profile_string(p, name, &f.name));
  if (at) {
    char rest[256];
    snprintf(rest, sizeof rest, "%.*s", (int)(len - name.len - 1), at + 1);
    char *column = strrchr(rest, ':');
    if (column) {
      *column++ = 0;
      f.column = atoi(column);
      const char *call = strchr(column, '=');
      if (call) f.call = atoi(call + 1);
    }
    char *line = strrchr(rest, ':');
    if (line) {
      *line++ = 0;
      f.line = atoi(line);
    }
    must(shf_profile_string(p, shf_str_of(rest), &f.file));
  }
  uint32_t id;
  must(shf_profile_frame(p, f, &id));
  return id;
}

shf_profile *test_profile(const char *lines) {
  shf_profile *p;
  must(shf_profile_new(&p));
  shf_source source = {.interval = 65536,
                       .gc = SHF_GC_FORCED,
                       .pid = 1,
                       .types = SHF_HAS_ALLOC | SHF_HAS_INUSE,
                       .depth = 128};
  uint32_t src;
  must(shf_profile_source(p, source, &src));
  while (*lines) {
    const char *eol = strchr(lines, '\n');
    if (!eol) eol = lines + strlen(lines);
    char line[1024];
    snprintf(line, sizeof line, "%.*s", (int)(eol - lines), lines);
    lines = *eol ? eol + 1 : eol;
    char *space = strrchr(line, ' ');
    if (!space) continue;
    long long inuse = atoll(space + 1);
    *space = 0;
    space = strrchr(line, ' ');
    if (!space) continue;
    long long alloc = atoll(space + 1);
    *space = 0;
    uint32_t node = 0;
    for (char *f = line; f;) {
      char *semi = strchr(f, ';');
      size_t n = semi ? (size_t)(semi - f) : strlen(f);
      must(shf_profile_node(p, node, frame_of(p, f, n), &node));
      f = semi ? semi + 1 : NULL;
    }
    shf_bucket b = {64, {alloc / 64, alloc, inuse / 64, inuse}, node, src, 1, inuse ? 1 : 0, 0};
    must(shf_profile_bucket(p, &b));
  }
  must(shf_profile_seal(p));
  return p;
}

shf_profile *test_diff(const char *before, const char *after, bool normalize) {
  shf_profile *a = test_profile(before), *b = test_profile(after), *d = NULL;
  must(shf_profile_diff(a, b, SHF_ALLOC_SPACE, normalize, &d));
  shf_profile_free(a);
  shf_profile_free(b);
  return d;
}

shf_profile *test_new(uint32_t types) {
  shf_profile *p;
  uint32_t row;
  must(shf_profile_new(&p));
  must(shf_profile_source(p, (shf_source){.interval = 65536, .pid = 1, .types = types}, &row));
  return p;
}

uint32_t test_node(shf_profile *p, uint32_t parent, shf_str name) {
  shf_frame frame = {0, 0, 0, 0, 0};
  uint32_t id, node;
  must(shf_profile_string(p, name, &frame.name));
  must(shf_profile_frame(p, frame, &id));
  must(shf_profile_node(p, parent, id, &node));
  return node;
}

void test_block(shf_profile *p, uint32_t node) {
  shf_bucket b = {64, {1, 64, 0, 0}, node, 0, 1, 0, 0};
  must(shf_profile_bucket(p, &b));
}

shf_profile *test_seal(shf_profile *p) {
  must(shf_profile_seal(p));
  return p;
}

shf_profile *test_stack(uint32_t depth, const char *name) {
  shf_profile *p = test_new(SHF_HAS_ALLOC);
  uint32_t node = 0;
  for (uint32_t i = 0; i < depth; i++) node = test_node(p, node, shf_str_of(name));
  test_block(p, node);
  return test_seal(p);
}
