/*
 * Each allocation of the core fails once, and once for good from there on:
 * every job must then say SHF_E_NOMEM, leak nothing and go on living. The
 * Makefile links this program alone with its allocators wrapped.
 */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include <zlib.h>
#include "capture/label_sets.h"
#include "capture_make.h"
#include "output/formats.h"
#include "runtime/live_blocks.h"

/* ---- allocators that fail */

static long before_failure = -1; /* allocations that still succeed; -1: all */
static bool for_good;            /* all that follow fail too */
static long failures;

static bool fails(void) {
  if (before_failure < 0) return false;
  if (before_failure > 0) {
    before_failure--;
    return false;
  }
  if (!for_good) before_failure = -1;
  failures++;
  errno = ENOMEM;
  return true;
}

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_malloc(size_t size) {
  return fails() ? NULL : __real_malloc(size);
}

void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size) {
  return fails() ? NULL : __real_calloc(count, size);
}

void *__real_realloc(void *old, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_realloc(void *old, size_t size) {
  return fails() ? NULL : __real_realloc(old, size);
}

char *__real_strdup(const char *text);
char *__wrap_strdup(const char *text);
char *__wrap_strdup(const char *text) {
  return fails() ? NULL : __real_strdup(text);
}

char *__real_realpath(const char *path, char *out);
char *__wrap_realpath(const char *path, char *out);
char *__wrap_realpath(const char *path, char *out) {
  return fails() ? NULL : __real_realpath(path, out);
}

void *__real_mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset);
void *__wrap_mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset);
void *__wrap_mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset) {
  return fails() ? MAP_FAILED : __real_mmap(at, size, protection, flags, fd, offset);
}

#ifdef __linux__
void *__real_mremap(void *old, size_t from, size_t to, int flags, ...);
void *__wrap_mremap(void *old, size_t from, size_t to, int flags, ...);
void *__wrap_mremap(void *old, size_t from, size_t to, int flags, ...) {
  return fails() ? MAP_FAILED : __real_mremap(old, from, to, flags);
}
#endif

int __real_deflateInit2_(z_streamp z, int level, int method, int window, int memory, int strategy,
                         const char *version, int size);
int __wrap_deflateInit2_(z_streamp z, int level, int method, int window, int memory, int strategy,
                         const char *version, int size);
int __wrap_deflateInit2_(z_streamp z, int level, int method, int window, int memory, int strategy,
                         const char *version, int size) {
  if (fails()) return Z_MEM_ERROR;
  return __real_deflateInit2_(z, level, method, window, memory, strategy, version, size);
}

/* Runs a job until none of its allocations is left to fail. */
static void drive(int (*job)(const void *), const void *with) {
  for (int mode = 0; mode < 2; mode++) {
    long n = 0;
    for (;; n++) {
      before_failure = n;
      for_good = mode == 1;
      failures = 0;
      int code = job(with);
      before_failure = -1;
      if (failures == 0) {
        CHECK_EQ(code, SHF_OK);
        break;
      }
      if (code != SHF_E_NOMEM)
        test_fail(__FILE__, __LINE__, "allocation %ld fails%s: \"%s\"", n,
                  mode ? " and all behind it" : "", shf_code_text(code));
    }
    CHECK(n > 0);
  }
}

/* ---- building */

static int build_rows(shf_profile *p) {
  uint32_t source;
  shf_source s = {.interval = 4096, .types = SHF_HAS_ALLOC | SHF_HAS_INUSE};
  int code = shf_profile_source(p, s, &source);
  for (int i = 0; i < 150 && !code; i++) {
    char text[32];
    shf_frame f = {0, 0, i + 1, 1, 0};
    uint32_t frame, node;
    int len = snprintf(text, sizeof text, "function%d", i);
    code = shf_profile_string(p, (shf_str){text, (size_t)len}, &f.name);
    if (!code) code = shf_profile_string(p, shf_str_of("/app/node_modules/x/a.js"), &f.file);
    if (!code) code = shf_profile_frame(p, f, &frame);
    if (!code) code = shf_profile_node(p, 0, frame, &node);
    if (!code) code = shf_profile_node(p, node, 0, &node);
    shf_bucket b = {64, {1, 64, 1, 64}, node, source, 1, 1, 0};
    shf_label labels[2] = {{.number = i % 7}, {.number = 0}};
    if (!code) code = shf_profile_string(p, shf_str_of("size"), &labels[0].key);
    if (!code) code = shf_profile_string(p, shf_str_of("route"), &labels[1].key);
    if (!code) code = shf_profile_string(p, (shf_str){text, (size_t)len}, &labels[1].text);
    if (!code) code = shf_profile_label_set(p, labels, 2, &b.labels);
    if (!code) code = shf_profile_bucket(p, &b);
  }
  for (int i = 0; i < 70 && !code; i++) {
    char key[16];
    int len = snprintf(key, sizeof key, "key%d", i);
    code = shf_profile_meta(p, (shf_str){key, (size_t)len}, shf_str_of("value"));
  }
  return code;
}

static int build(const void *unused) {
  (void)unused;
  shf_profile *p;
  int code = shf_profile_new(&p);
  if (code) return code;
  code = build_rows(p);
  if (!code) code = shf_profile_seal(p);
  shf_profile_free(p);
  return code;
}

TEST(building_and_sealing_without_memory) {
  drive(build, NULL);
}

/* Columns beyond the size from which the system gives them. */
static int build_large(const void *unused) {
  (void)unused;
  shf_profile *p;
  uint32_t frame = 0, node = 0;
  int code = shf_profile_new(&p);
  if (code) return code;
  code = shf_profile_frame(p, (shf_frame){0, 0, 0, 0, 0}, &frame);
  for (uint32_t i = 0; i < 300000 && !code; i++) code = shf_profile_node(p, node, frame, &node);
  uint32_t source;
  if (!code) code = shf_profile_source(p, (shf_source){.types = SHF_HAS_ALLOC}, &source);
  shf_bucket b = {64, {1, 64, 0, 0}, node, 0, 1, 0, 0};
  if (!code) code = shf_profile_bucket(p, &b);
  if (!code) code = shf_profile_seal(p);
  shf_profile_free(p);
  return code;
}

TEST(building_and_sealing_a_large_tree_without_memory) {
  drive(build_large, NULL);
}

static int write_capture(const void *unused) {
  (void)unused;
  shf_capture *c;
  int code = shf_capture_new(&c);
  if (code) return code;
  uint32_t row;
  shf_source s = {.types = SHF_HAS_INUSE};
  shf_capture_function f = {0, 0, 0, 0, 0, 0};
  shf_capture_node n = {1, SHF_NONE, 0, 0};
  shf_capture_bucket b = {1, 0, 8, 0, 1, 1, 0};
  shf_capture_label l = {1, 0, 1, 0};
  code = shf_capture_source(c, &s, &row);
  if (!code) code = shf_capture_meta_add(c, shf_str_of("key"), shf_str_of("value"));
  if (!code) code = shf_capture_function_add(c, &f, &row);
  if (!code) code = shf_capture_node_add(c, &n, &row);
  if (!code) code = shf_capture_bucket_add(c, &b);
  if (!code) code = shf_capture_label_add(c, &l);
  shf_capture_free(c);
  return code;
}

TEST(writing_a_capture_without_memory) {
  drive(write_capture, NULL);
}

TEST(compacting_a_capture_needs_no_memory) {
  shf_capture *c = make_capture();
  make_source(c, 0, SHF_HAS_INUSE, 0);
  make_root(c);
  for (int i = 0; i < 100; i++) make_bucket(c, 0, 8, 1, 1);
  before_failure = 0;
  shf_capture_compact(c);
  before_failure = -1;
  CHECK_EQ(shf_capture_buckets(c), 1);
  make_bucket(c, 0, 16, 1, 1);
  shf_capture_free(c);
}

/* Two segments with hidden, cut and escaped frames. */
static made_bytes make_rich(void) {
  made_bytes b = {NULL, 0};
  for (uint32_t depth = 0; depth < 2; depth++) {
    shf_capture *c = make_capture();
    make_source(c, 4096, SHF_HAS_ALLOC | SHF_HAS_INUSE, depth * 2);
    make_meta(c, "hide", "/shap/");
    make_root(c);
    for (int32_t i = 1; i < 80; i++) {
      uint32_t a = make_call(c, 0, "outer", "file:///a%20b.mjs", i),
               hidden = make_call(c, a, "hidden", "/shap/x.js", 1),
               inner = make_call(c, hidden, "inner", "/app/node_modules/@s/x/i.js", i);
      make_bucket(c, inner, 64, 2, 1);
    }
    make_bytes(c, &b);
  }
  return b;
}

static int read_capture(const void *with) {
  const made_bytes *b = with;
  shf_profile *p;
  int code = shf_profile_from_capture(b->ptr, b->len, &p, NULL);
  if (!code) shf_profile_free(p);
  return code;
}

TEST(reading_a_capture_without_memory) {
  made_bytes b = make_rich();
  drive(read_capture, &b);
  free(b.ptr);
}

static shf_profile *rich_profile(void) {
  made_bytes b = make_rich();
  shf_profile *p;
  made(shf_profile_from_capture(b.ptr, b.len, &p, NULL));
  made(shf_profile_meta(p, shf_str_of("command"), shf_str_of("node a.js")));
  free(b.ptr);
  return p;
}

static void drive_profile(int (*job)(const void *)) {
  shf_profile *p = rich_profile();
  drive(job, p);
  shf_profile_free(p);
}

/* ---- what is made of a profile */

static int done(int code, shf_profile **p) {
  if (!code) shf_profile_free(*p);
  return code;
}

static int group_by_file(const void *p) {
  shf_profile *out;
  return done(shf_profile_group(p, SHF_BY_FILE, &out), &out);
}
static int group_by_package(const void *p) {
  shf_profile *out;
  return done(shf_profile_group(p, SHF_BY_PACKAGE, &out), &out);
}
static int remap_half(const void *p) {
  static shf_place places[500];
  uint32_t count = 0;
  for (uint32_t f = 1; f < shf_profile_frames(p) && count < 500; f += 2)
    places[count++] = (shf_place){f, shf_str_of("f"), shf_str_of("/s.ts"), (int32_t)f, 1, 0};
  shf_profile *out;
  int code = shf_profile_remap(p, places, count, &out);
  if (code) return code;
  code = shf_profile_content(out, shf_str_of("/s.ts"), shf_str_of("text"));
  shf_profile_free(out);
  return code;
}
static int filter_half(const void *p) {
  static uint8_t odd[1000];
  for (uint32_t f = 0; f < 1000; f++) odd[f] = f & 1;
  shf_filter filter = {NULL, NULL, odd, NULL, 0};
  shf_profile *out;
  return done(shf_profile_filter(p, &filter, &out), &out);
}
static int frames_of_labels(const void *p) {
  const shf_str keys[] = {shf_str_of("route"), shf_str_of("size")};
  const shf_label_frames how = {.roots = keys, .leaves = keys + 1, .nroots = 1, .nleaves = 1};
  shf_profile *out;
  return done(shf_profile_label_frames(p, &how, &out), &out);
}
static int prune(const void *p) {
  shf_profile *out;
  return done(shf_profile_prune(p, SHF_ALLOC_SPACE, 2, &out), &out);
}
static int merge(const void *p) {
  shf_profile *other, *out = NULL;
  int code = shf_profile_new(&other);
  if (code) return code;
  code = shf_profile_meta(other, shf_str_of("command"), shf_str_of("node b.js"));
  if (!code) code = shf_profile_seal(other);
  shf_merge_input in[] = {{p, shf_str_of("process 1")}, {other, shf_str_of("")}};
  if (!code) code = done(shf_profile_merge(in, 2, &out), &out);
  shf_profile_free(other);
  return code;
}
static int merge_runs(const void *p) {
  const shf_profile *inputs[] = {p, p};
  shf_profile *out;
  return done(shf_profile_merge_runs(inputs, 2, &out), &out);
}
/* In one walk: no input has a root. */
static int join(const void *p) {
  shf_merge_input in[] = {{p, shf_str_of("")}, {p, shf_str_of("")}};
  shf_profile *out;
  return done(shf_profile_merge(in, 2, &out), &out);
}
/* Of a capture without stacks, so that nothing cancels out. */
static int delta(const void *p) {
  shf_profile *none, *out;
  int code = shf_profile_new(&none);
  if (code) return code;
  code = shf_profile_seal(none);
  if (!code) code = done(shf_profile_delta(none, p, &out), &out);
  shf_profile_free(none);
  return code;
}
/* Two sides that are consumed, made anew for each job and without a failure. */
static int diff_consumed(const void *with) {
  const char *const *lines = with;
  long left = before_failure;
  before_failure = -1;
  shf_profile *a = test_profile(lines[0]), *b = test_profile(lines[1]), *out;
  before_failure = left;
  shf_profile_consume(a);
  shf_profile_consume(b);
  int code = done(shf_profile_diff(a, b, SHF_ALLOC_SPACE, false, &out), &out);
  shf_profile_free(a);
  shf_profile_free(b);
  return code;
}
static int rows(const void *p) {
  shf_row *out;
  uint32_t count;
  int code = shf_profile_rows(p, SHF_ALLOC_SPACE, &out, &count);
  if (!code) free(out);
  return code;
}

TEST(grouping_by_file_without_memory) {
  drive_profile(group_by_file);
}
TEST(grouping_by_package_without_memory) {
  drive_profile(group_by_package);
}
TEST(remapping_without_memory) {
  drive_profile(remap_half);
}
TEST(filtering_without_memory) {
  drive_profile(filter_half);
}
TEST(framing_labels_without_memory) {
  shf_profile *p;
  made(shf_profile_new(&p));
  made(build_rows(p));
  made(shf_profile_seal(p));
  drive(frames_of_labels, p);
  shf_profile_free(p);
}
TEST(pruning_without_memory) {
  drive_profile(prune);
}
TEST(merging_without_memory) {
  drive_profile(merge);
}
TEST(merging_runs_without_memory) {
  drive_profile(merge_runs);
}
TEST(merging_sorted_without_memory) {
  drive_profile(join);
}
TEST(deltas_without_memory) {
  drive_profile(delta);
}
TEST(diffing_consumed_profiles_without_memory) {
  const char *lines[] = {"a;b 64 0\na;c 128 64\n", "a;b 64 0\nf 64 64\n"};
  drive(diff_consumed, lines);
}
TEST(matching_functions_that_moved_without_memory) {
  const char *lines[] = {"@/a.js:2:1 64 0\n@/a.js:3:1 128 0\ng@/a.js:4:1 64 0\n",
                         "@/a.js:3:1 64 0\n@/a.js:4:1 128 0\ng@/a.js:5:1 64 0\n"};
  drive(diff_consumed, lines);
}
TEST(copying_consumed_profiles_without_memory) {
  const char *lines[] = {"f@/a.js:1:1 64 0\nf@/a.js:2:1 128 0\n",
                         "f@/a.js:3:1 64 0\nf@/a.js:2:1 64 0\n"};
  drive(diff_consumed, lines);
}
static int callers(const void *p) {
  const uint32_t frame = 0;
  uint32_t caller;
  return shf_profile_callers(p, SHF_ALLOC_SPACE, &frame, 1, &caller);
}
TEST(rows_without_memory) {
  drive_profile(rows);
}
TEST(callers_without_memory) {
  drive_profile(callers);
}

/* ---- writers */

static int to_memory(const void *p, int (*write)(const shf_profile *, shf_sink *)) {
  shf_sink *sink;
  int code = shf_sink_memory(&sink);
  if (code) return code;
  code = write(p, sink);
  int finished = shf_sink_finish(sink, NULL);
  shf_sink_free(sink);
  return code ? code : finished;
}

static const shf_listing_options table = {.type = SHF_ALLOC_SPACE, .width = 80, .human = true};
static const shf_svg_options picture = {.type = SHF_ALLOC_SPACE, .max_bytes = 60000};

/* Each row of the table of formats, so that a new one needs no line here. */
typedef struct writing {
  const shf_profile *p;
  const shf__format *format;
} writing;

static int write_any(const void *with) {
  const writing *w = with;
  const shf__write_options o = {SHF_ALLOC_SPACE, 0, table, picture};
  shf_sink *sink;
  int code = shf_sink_memory(&sink);
  if (code) return code;
  code = shf__format_write(w->format, w->p, &o, sink);
  int finished = shf_sink_finish(sink, NULL);
  shf_sink_free(sink);
  return code ? code : finished;
}

TEST(writing_each_format_without_memory) {
  shf_profile *p = rich_profile();
  for (size_t i = 0; i < shf__formats_count; i++) {
    writing w = {p, &shf__formats[i]};
    drive(write_any, &w);
  }
  shf_profile_free(p);
}

/* Those that have labels, beyond what a profile without any allocates. */
TEST(writing_labels_without_memory) {
  static const char *const names[] = {"pprof", "listing", "markdown", "json"};
  shf_profile *p;
  made(shf_profile_new(&p));
  made(build_rows(p));
  made(shf_profile_seal(p));
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    writing w = {p, shf__format_find(names[i])};
    drive(write_any, &w);
  }
  shf_profile_free(p);
}

static int write_folded(const shf_profile *p, shf_sink *sink) {
  return shf_folded_write(p, SHF_ALLOC_SPACE, sink);
}

static int svg_job(const void *p) {
  const writing w = {p, shf__format_find("svg")};
  return write_any(&w);
}

/* A difference of two runs and one. */
static void drive_diff(int (*job)(const void *)) {
  shf_profile *one = rich_profile(), *other = test_profile("a;b 64 0\n"), *runs, *d;
  const shf_profile *inputs[] = {one, other};
  made(shf_profile_merge_runs(inputs, 2, &runs));
  made(shf_profile_diff(runs, one, SHF_ALLOC_SPACE, false, &d));
  drive(job, d);
  shf_profile_free(d);
  shf_profile_free(runs);
  shf_profile_free(other);
  shf_profile_free(one);
}

#define DIFF_WRITER(format, call)                                        \
  static int write_diff_##format(const shf_profile *p, shf_sink *sink) { \
    return call;                                                         \
  }                                                                      \
  static int diff_##format##_job(const void *p) {                        \
    return to_memory(p, write_diff_##format);                            \
  }                                                                      \
  TEST(writing_diff_##format##_without_memory) {                         \
    drive_diff(diff_##format##_job);                                     \
  }

DIFF_WRITER(listing, shf_diff_write(p, &table, sink))
DIFF_WRITER(markdown, shf_diff_markdown_write(p, &table, 0, sink))
DIFF_WRITER(json, shf_diff_json_write(p, &table, sink))
DIFF_WRITER(folded, shf_folded_write(p, SHF_ALLOC_SPACE, sink))
DIFF_WRITER(pprof, shf_pprof_write(p, SHF_ALLOC_SPACE, sink))
DIFF_WRITER(svg, shf_svg_write(p, &picture, sink))

static int diff_two(const void *p) {
  shf_profile *out;
  return done(shf_profile_diff(p, p, SHF_ALLOC_SPACE, true, &out), &out);
}
TEST(diffing_without_memory) {
  drive_profile(diff_two);
}

static int folded_by_file(const void *p) {
  return to_memory(p, write_folded);
}

TEST(writing_folded_of_equal_texts_without_memory) {
  shf_profile *p = test_profile("a;b 64 0\na\001;b\001 64 0\na\002;c 64 0\n");
  drive(folded_by_file, p);
  shf_profile_free(p);
}

TEST(writing_lines_of_source_without_memory) {
  char path[4096], lines[5000];
  if (!getcwd(path, sizeof path)) abort();
  snprintf(lines, sizeof lines, "f@%s/nomem_test.c:3:1 64 0\n", path);
  if (strlen(lines) > 250) SKIP("this folder's path is too long for a test's profile");
  shf_profile *p = test_profile(lines);
  shf_listing_options o = table;
  o.source_lines = 3;
  shf_sink *sink;
  int failed = 0, succeeded = 0;
  /* a listing without its source is still right: it may go on, or say so */
  for (long n = 0; n < 60; n++) {
    made(shf_sink_memory(&sink));
    before_failure = n;
    int code = shf_listing_write(p, &o, sink);
    before_failure = -1;
    CHECK(code == SHF_OK || code == SHF_E_NOMEM);
    failed += code == SHF_E_NOMEM;
    succeeded += code == SHF_OK;
    shf_sink_free(sink);
  }
  CHECK(failed > 0 && succeeded > 0);
  shf_profile_free(p);
}

/* ---- differences */

static int make_difference(const void *sides) {
  const shf_profile *const *p = sides;
  shf_profile *out;
  return done(shf_profile_diff(p[0], p[1], SHF_ALLOC_SPACE, true, &out), &out);
}

static int changes(const void *p) {
  shf_change *out;
  uint32_t count;
  int code = shf_profile_changes(p, SHF_ALLOC_SPACE, &out, &count);
  if (!code) free(out);
  return code;
}

static int write_difference(const shf_profile *p, shf_sink *sink) {
  return shf_diff_write(p, &table, sink);
}
static int difference_job(const void *p) {
  return to_memory(p, write_difference);
}
static int write_reversed(const shf_profile *p, shf_sink *sink) {
  shf_svg_options o = picture;
  o.reverse = true;
  return shf_svg_write(p, &o, sink);
}
static int reversed_job(const void *p) {
  return to_memory(p, write_reversed);
}

/* With functions that moved, grew, came and went. */
static void drive_difference(int (*job)(const void *), bool of_sides) {
  shf_profile *sides[] = {
      test_profile(
          "main@/a.js:1:1;old@/a.js:5:1 6553600 0\nmain@/a.js:1:1;gone@/b.js:1:1 6400 0\n"),
      test_profile("main@/a.js:2:1;old@/a.js:9:1 65536000 0\nmain@/a.js:2:1;new@/c.js:1:1 64 0\n")};
  shf_profile *d = NULL;
  made(shf_profile_diff(sides[0], sides[1], SHF_ALLOC_SPACE, true, &d));
  drive(job, of_sides ? (const void *)sides : d);
  shf_profile_free(d);
  shf_profile_free(sides[0]);
  shf_profile_free(sides[1]);
}

/* So many that the rows to draw outgrow their initial capacity. */
static int write_many_rows(const shf_profile *p, shf_sink *sink) {
  shf_svg_options o = picture;
  o.max_bytes = 10000000;
  return shf_svg_write(p, &o, sink);
}
static int many_rows_job(const void *p) {
  return to_memory(p, write_many_rows);
}

TEST(comparing_without_memory) {
  drive_difference(make_difference, true);
}
TEST(changes_without_memory) {
  drive_difference(changes, false);
}
TEST(writing_a_difference_as_a_table_without_memory) {
  drive_difference(difference_job, false);
}
TEST(writing_a_difference_as_svg_without_memory) {
  drive_difference(svg_job, false);
}
TEST(writing_a_difference_reversed_without_memory) {
  drive_difference(reversed_job, false);
}

TEST(writing_svg_of_many_rows_without_memory) {
  shf_profile *p = test_new(SHF_HAS_ALLOC);
  for (int i = 0; i < 3000; i++) {
    char name[16];
    int len = snprintf(name, sizeof name, "f%d", i);
    test_block(p, test_node(p, 0, (shf_str){name, (size_t)len}));
  }
  test_seal(p);
  drive(many_rows_job, p);
  shf_profile_free(p);
}

static int to_file(const void *path) {
  shf_sink *sink;
  shf_error error = {.message = NULL};
  int code = shf_sink_file(path, &sink, &error);
  if (code) return error.message ? code : SHF_E_ARG;
  code = shf_sink_puts(sink, "text");
  int finished = shf_sink_finish(sink, NULL);
  shf_sink_free(sink);
  return code ? code : finished;
}

TEST(writing_a_file_without_memory_leaves_nothing) {
  char folder[] = "/tmp/shf-nomem-test-XXXXXX", path[64];
  if (!mkdtemp(folder)) abort();
  snprintf(path, sizeof path, "%s/out", folder);
  drive(to_file, path);
  drive(to_file, path); /* there is one now */
  CHECK_EQ(unlink(path), 0);
  CHECK_EQ(rmdir(folder), 0);
}

static int to_descriptor(const void *unused) {
  (void)unused;
  shf_sink *sink;
  int code = shf_sink_fd(1, &sink);
  if (!code) shf_sink_free(sink);
  return code;
}

TEST(writing_a_descriptor_without_memory) {
  drive(to_descriptor, NULL);
}

static int to_gzip(const void *p) {
  shf_sink *memory, *sink;
  int code = shf_sink_memory(&memory);
  if (code) return code;
  code = shf_sink_gzip(memory, 6, &sink);
  if (!code) {
    code = shf_pprof_write(p, SHF_ALLOC_SPACE, sink);
    int finished = shf_sink_finish(sink, NULL);
    if (!code) code = finished;
    shf_sink_free(sink);
  }
  int finished = shf_sink_finish(memory, NULL);
  shf_sink_free(memory);
  return code ? code : finished;
}

TEST(writing_gzip_without_memory) {
  drive_profile(to_gzip);
}

/* ---- off-heap samples */

static int sample_all(const void *set) {
  const uint32_t labels = *(const uint32_t *)set;
  shf_offheap_profile t;
  shf_capture *c = NULL;
  uint64_t seed = 1;
  int code = shf_offheap_profile_init(&t, 1000);
  if (code) return code;
  for (uint64_t i = 0; i < 600 && !code; i++) {
    uint32_t function = shf_offheap_find_function(&t, 3, i / 2), node;
    char name[16];
    snprintf(name, sizeof name, "f%u", (unsigned)i / 2);
    if (function == SHF_NONE)
      code = shf_offheap_add_function(&t, 3, i / 2, shf_str_of(name), shf_str_of("/a.js"), 1, 1,
                                      &function);
    if (!code) code = shf_offheap_child(&t, 0, function, &node);
    if (code) break;
    shf_offheap_sample sample = {i, node, 0, i % 2 ? labels : 0};
    code = shf_live_blocks_add((const void *)(uintptr_t)(16 + i * 16), &t, &sample);
  }
  if (!code) code = shf_live_blocks_downsample(&t, 1, &seed);
  shf_source source = {.kind = SHF_OFFHEAP};
  if (!code) code = shf_live_blocks_capture(&t, &source, false, &c);
  shf_capture_free(c);
  shf_live_blocks_forget(&t);
  shf_offheap_profile_free(&t);
  return code;
}

TEST(sampling_blocks_without_memory) {
  const shf_str label[] = {shf_str_of("route"), shf_str_of("/a")};
  uint32_t set = shf_label_sets_add(label, 2, false);
  drive(sample_all, &set);
}

/* ---- reading */

/* Bytes of an input, pushed in pieces: what is left over between them is kept too. */
static int read_pieces(const void *input) {
  const made_bytes *b = input;
  shf_reader *r;
  shf_profile *p = NULL;
  int code = shf_reader_new(SHF_TYPES, &r);
  if (code) return code;
  for (size_t at = 0; at < b->len && !code; at += 100)
    code = shf_reader_push(r, b->ptr + at, b->len - at < 100 ? b->len - at : 100, NULL);
  if (!code) code = shf_reader_finish(r, &p, NULL);
  shf_reader_free(r);
  shf_profile_free(p);
  return code;
}

/* What that writer makes of a profile is read again. */
static void drive_lines(const char *lines,
                        int (*write)(const shf_profile *, shf_type, shf_sink *)) {
  shf_profile *p = test_profile(lines);
  shf_sink *sink;
  made_bytes b;
  made(shf_sink_memory(&sink));
  made(write(p, SHF_ALLOC_SPACE, sink));
  shf_sink_take(sink, &b.ptr, &b.len);
  shf_sink_free(sink);
  shf_profile_free(p);
  drive(read_pieces, &b);
  free(b.ptr);
}

static void drive_reading(int (*write)(const shf_profile *, shf_type, shf_sink *)) {
  drive_lines(
      "main@/app/a.js:1:1;parse@/app/b.js:2:3 64000 6400\nmain@/app/a.js:1:1;@/c.js:1:1 640 0\n",
      write);
}

TEST(reading_folded_stacks_without_memory) {
  drive_reading(shf_folded_write);
}

TEST(reading_folded_stacks_that_are_not_ascii_without_memory) {
  drive_lines("\xC3\xA9@/app/a.js:1:1 640 0\n", shf_folded_write);
}

TEST(reading_pprof_without_memory) {
  drive_reading(shf_pprof_write);
}

/* Both names become U+FFFD: one frame of two locations. */
TEST(reading_pprof_of_equal_locations_without_memory) {
  drive_lines("main;\xFF 640 0\nmain;\xFE 64 0\n", shf_pprof_write);
}

TEST(reading_a_heapprofile_without_memory) {
  drive_reading(shf_heapprofile_write);
}

TEST(reading_a_capture_in_pieces_without_memory) {
  made_bytes b = make_small();
  drive(read_pieces, &b);
  free(b.ptr);
}

/* Long enough that what they begin with is kept. */
TEST(reading_long_stacks_without_memory) {
  char text[4096];
  size_t len = 0;
  for (int line = 0; line < 3; line++) {
    for (int d = 0; d < 12; d++)
      len += (size_t)snprintf(text + len, sizeof text - len, "%s%060d", d ? ";" : "",
                              d < 9 ? d : d + line);
    len += (size_t)snprintf(text + len, sizeof text - len, " 1\n%s", line ? "" : "other 1\n");
  }
  made_bytes b = {text, len};
  drive(read_pieces, &b);
}

TEST(reading_odd_stacks_without_memory) {
  static char text[] = "a;b 1.5\nno count\n# note\n(root) 3\n";
  made_bytes b = {text, sizeof text - 1};
  drive(read_pieces, &b);
}
