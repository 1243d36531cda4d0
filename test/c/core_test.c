/* Arena, interned strings and sinks. */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <zlib.h>
#include "core/arena.h"
#include "core/file_stat.h"
#include "core/large_alloc.h"
#include "core/string_table.h"
#include "test.h"

/* ---- pages */

static void check_resize(size_t from, size_t to) {
  unsigned char *block = shf_large_resize(NULL, 0, from);
  for (size_t i = 0; i < from; i++) block[i] = (unsigned char)(i % 251);
  block = shf_large_resize(block, from, to);
  size_t wrong = 0;
  for (size_t i = 0; i < from && i < to; i++) wrong += block[i] != i % 251;
  CHECK_EQ(wrong, 0);
  CHECK_EQ((uintptr_t)block % 16, 0);
  block[to - 1] = 1;
  shf_large_free(block, to);
}

TEST(large_blocks_keep_their_contents_when_they_cross_the_mapping_threshold) {
  static const size_t sizes[] = {100, SHF_LARGE_MIN - 1, SHF_LARGE_MIN, SHF_LARGE_MIN * 3 + 5};
  for (size_t i = 0; i < 4; i++)
    for (size_t k = 0; k < 4; k++) check_resize(sizes[i], sizes[k]);
  shf_large_free(NULL, 0);
}

TEST(large_blocks_are_returned_to_the_system) {
#ifdef __linux__
  enum { BYTES = 64 << 20 };
  char *block = shf_large_resize(NULL, 0, BYTES);
  memset(block, 1, BYTES);
  shf_large_free(block, BYTES);
  unsigned char resident;
  CHECK(mincore(block, 4096, &resident) != 0 && errno == ENOMEM);
#else
  SKIP("elsewhere malloc gives them");
#endif
}

TEST(large_blocks_beyond_the_machine_s_memory_are_refused) {
  CHECK(shf_large_resize(NULL, 0, SIZE_MAX / 2) == NULL);
  void *block = shf_large_resize(NULL, 0, SHF_LARGE_MIN);
  CHECK(shf_large_resize(block, SHF_LARGE_MIN, SIZE_MAX / 2) == NULL);
  shf_large_free(block, SHF_LARGE_MIN);
}

/* ---- arena */

TEST(arena_blocks_are_apart_and_aligned) {
  shf_arena *a = shf_arena_new();
  unsigned char *block[1000];
  for (size_t i = 0; i < 1000; i++) {
    block[i] = shf_arena_alloc(a, i % 300 + 1, 1);
    CHECK_EQ((uintptr_t)block[i] % 16, 0);
    memset(block[i], (int)(i & 255), i % 300 + 1);
  }
  int wrong = 0;
  for (size_t i = 0; i < 1000; i++)
    wrong += block[i][0] != (i & 255) || block[i][i % 300] != (i & 255);
  CHECK_EQ(wrong, 0);
  shf_arena_free(a);
}

TEST(arena_gives_blocks_larger_than_its_chunks) {
  shf_arena *a = shf_arena_new();
  char *small = shf_arena_alloc(a, 1, 1), *large = shf_arena_alloc(a, 1000, 1000);
  CHECK(small && large);
  memset(large, 7, 1000 * 1000);
  char *next = shf_arena_alloc(a, 1, 1);
  CHECK_EQ(next - small, 16);
  shf_arena_free(a);
}

TEST(arena_columns_keep_their_rows_when_they_are_mapped) {
  shf_arena *a = shf_arena_new();
  uint32_t *rows = NULL, capacity = 0, wrong = 0;
  for (uint32_t i = 0; i < 1000000; i++) {
    CHECK_EQ(shf_arena_reserve(a, (void **)&rows, i, &capacity, sizeof *rows), SHF_OK);
    rows[i] = i;
  }
  for (uint32_t i = 0; i < 1000000; i++) wrong += rows[i] != i;
  CHECK_EQ(wrong, 0);
  CHECK_EQ((uintptr_t)rows % 16, 0);
  shf_arena_drop(a, rows);
  shf_arena_free(a);
}

TEST(arena_allocates_zero_bytes) {
  shf_arena *a = shf_arena_new();
  CHECK(shf_arena_alloc(a, 0, 8) != NULL);
  CHECK(shf_arena_grow(a, NULL, 8, 0) != NULL);
  shf_arena_free(a);
}

TEST(arena_refuses_a_size_that_overflows) {
  shf_arena *a = shf_arena_new();
  CHECK(shf_arena_alloc(a, SIZE_MAX / 8 + 1, 8) == NULL);
  CHECK(shf_arena_alloc(a, SIZE_MAX, 1) == NULL);
  CHECK(shf_arena_grow(a, NULL, SIZE_MAX / 2, 3) == NULL);
  shf_arena_free(a);
}

TEST(arena_growth_keeps_contents_and_neighbours) {
  shf_arena *a = shf_arena_new();
  char *one = shf_arena_grow(a, NULL, 8, 1), *other = shf_arena_grow(a, NULL, 8, 1);
  memcpy(one, "one", 4);
  memcpy(other, "other", 6);
  for (size_t n = 16; n < 1 << 20; n *= 2) {
    one = shf_arena_grow(a, one, n, 1);
    other = shf_arena_grow(a, other, n, 1);
  }
  CHECK_TEXT(one, "one");
  CHECK_TEXT(other, "other");
  shf_arena_free(a);
}

TEST(arena_drop_frees_one_block_of_several) {
  shf_arena *a = shf_arena_new();
  char *one = shf_arena_grow(a, NULL, 8, 1), *two = shf_arena_grow(a, NULL, 8, 1),
       *three = shf_arena_grow(a, NULL, 8, 1);
  memcpy(three, "three", 6);
  shf_arena_drop(a, two);
  shf_arena_drop(a, NULL);
  shf_arena_drop(a, one);
  three = shf_arena_grow(a, three, 100000, 1);
  CHECK_TEXT(three, "three");
  shf_arena_free(a);
}

TEST(arena_free_allows_null) {
  shf_arena_free(NULL);
  test_checked(); /* it came back */
}

TEST(column_capacity_grows_by_half) {
  shf_arena *a = shf_arena_new();
  uint32_t *rows = NULL, capacity = 0, grown = 0, last = 0;
  for (uint32_t i = 0; i < 100000; i++) {
    CHECK_EQ(shf_arena_reserve(a, (void **)&rows, i, &capacity, sizeof *rows), SHF_OK);
    if (capacity != last) grown++;
    last = capacity;
    rows[i] = i;
  }
  CHECK(grown < 25);
  CHECK_EQ(rows[99999], 99999);
  shf_arena_free(a);
}

TEST(column_capacity_ends_before_the_reserved_row_numbers) {
  shf_arena *a = shf_arena_new();
  void *rows = NULL;
  uint32_t capacity = SHF_NONE - 1;
  CHECK_EQ(shf_arena_reserve(a, &rows, SHF_NONE - 1, &capacity, 1), SHF_E_LIMIT);
  CHECK_EQ(shf_arena_reserve(a, &rows, SHF_NONE - 2, &capacity, 1), SHF_OK);
  shf_arena_free(a);
}

/* ---- strings */

typedef struct table {
  shf_arena *arena;
  shf_string_table strings;
} table;

static table table_new(void) {
  table t = {shf_arena_new(), {0}};
  CHECK_EQ(shf_string_table_init(&t.strings, t.arena), SHF_OK);
  return t;
}

static void table_free(table *t) {
  shf_hash_index_free(&t->strings.index);
  shf_arena_free(t->arena);
}

static uint32_t intern(table *t, const char *text, size_t len) {
  uint32_t id = 12345;
  CHECK_EQ(shf_string_table_intern(&t->strings, t->arena, (shf_str){text, len}, &id), SHF_OK);
  return id;
}

TEST(string_0_is_empty) {
  table t = table_new();
  CHECK_EQ(t.strings.count, 1);
  CHECK_EQ(t.strings.rows[0].len, 0);
  CHECK_EQ(intern(&t, "", 0), 0);
  CHECK_EQ(intern(&t, NULL, 0), 0);
  table_free(&t);
}

TEST(strings_of_the_same_bytes_have_one_id) {
  table t = table_new();
  char copy[] = "parse";
  uint32_t id = intern(&t, "parse", 5);
  CHECK_EQ(intern(&t, copy, 5), id);
  CHECK(intern(&t, "parse", 4) != id);
  CHECK_EQ(t.strings.count, 3);
  table_free(&t);
}

TEST(strings_may_hold_nul) {
  table t = table_new();
  uint32_t ab = intern(&t, "a\0b", 3), ac = intern(&t, "a\0c", 3), a = intern(&t, "a", 1);
  CHECK(ab != ac && ab != a && ac != a);
  CHECK_EQ(t.strings.rows[ab].len, 3);
  CHECK_EQ(intern(&t, "\0", 1), 4);
  CHECK_EQ(intern(&t, "\0\0", 2), 5);
  table_free(&t);
}

TEST(strings_are_copied) {
  table t = table_new();
  char text[] = "before";
  uint32_t id = intern(&t, text, 6);
  memset(text, 'x', 6);
  CHECK(memcmp(t.strings.rows[id].ptr, "before", 6) == 0);
  table_free(&t);
}

TEST(strings_keep_their_ids_while_the_index_grows) {
  table t = table_new();
  char text[32];
  int wrong = 0;
  for (int round = 0; round < 2; round++)
    for (uint32_t i = 0; i < 50000; i++) {
      size_t n = (size_t)snprintf(text, sizeof text, "string number %u", i);
      wrong += intern(&t, text, n) != i + 1;
    }
  CHECK_EQ(wrong, 0);
  table_free(&t);
}

TEST(str_compare_is_bytewise_and_shorter_first) {
  CHECK(shf_str_compare(shf_str_of("a"), shf_str_of("b")) < 0);
  CHECK(shf_str_compare(shf_str_of("ab"), shf_str_of("a")) > 0);
  CHECK(shf_str_compare(shf_str_of(""), shf_str_of("a")) < 0);
  CHECK(shf_str_compare(shf_str_of("\x7f"), shf_str_of("\x80")) < 0);
  CHECK_EQ(shf_str_compare((shf_str){"a\0b", 3}, (shf_str){"a\0b", 3}), 0);
  CHECK(shf_str_compare((shf_str){"a\0b", 3}, (shf_str){"a\0c", 3}) < 0);
  CHECK_EQ(shf_str_compare((shf_str){NULL, 0}, (shf_str){NULL, 0}), 0);
}

TEST(each_code_has_its_text) {
  for (int a = SHF_OK; a <= SHF_E_ABSENT + 1; a++)
    for (int b = SHF_OK; b < a; b++) CHECK(strcmp(shf_code_text(a), shf_code_text(b)) != 0);
}

/* ---- sinks */

TEST(sink_holds_what_was_written) {
  shf_sink *s;
  CHECK_EQ(shf_sink_memory(&s), SHF_OK);
  shf_sink_write(s, "a\0b", 3);
  shf_sink_puts(s, " ");
  shf_sink_str(s, (shf_str){NULL, 0});
  shf_sink_u64(s, 0);
  shf_sink_puts(s, " ");
  shf_sink_u64(s, UINT64_MAX);
  shf_sink_puts(s, " ");
  shf_sink_i64(s, INT64_MIN);
  shf_sink_printf(s, " %d%s", 7, "x");
  size_t len;
  char *text = test_sink_text(s, &len);
  static const char expected[] = "a\0b 0 18446744073709551615 -9223372036854775808 7x";
  CHECK_EQ(len, sizeof expected - 1);
  CHECK(memcmp(text, expected, sizeof expected) == 0);
  free(text);
  shf_sink_free(s);
}

TEST(sink_take_resets) {
  shf_sink *s;
  char *bytes;
  size_t len;
  CHECK_EQ(shf_sink_memory(&s), SHF_OK);
  shf_sink_take(s, &bytes, &len);
  CHECK(bytes == NULL && len == 0);
  shf_sink_puts(s, "one");
  shf_sink_take(s, &bytes, &len);
  CHECK(len == 3 && memcmp(bytes, "one", 3) == 0);
  free(bytes);
  shf_sink_puts(s, "four");
  shf_sink_take(s, &bytes, &len);
  CHECK(len == 4 && memcmp(bytes, "four", 4) == 0);
  free(bytes);
  shf_sink_free(s);
}

TEST(sink_holds_more_than_its_buffer) {
  shf_sink *s;
  CHECK_EQ(shf_sink_memory(&s), SHF_OK);
  char large[100000];
  memset(large, 'x', sizeof large);
  for (int i = 0; i < 40; i++) {
    shf_sink_write(s, large, sizeof large);
    shf_sink_write(s, "yy", 2);
  }
  size_t len;
  char *text = test_sink_text(s, &len);
  CHECK_EQ(len, 40 * 100002);
  CHECK(text[100000] == 'y' && text[len - 1] == 'y' && text[100002] == 'x');
  free(text);
  shf_sink_free(s);
}

TEST(sink_printf_refuses_more_than_it_can_hold) {
  shf_sink *s;
  CHECK_EQ(shf_sink_memory(&s), SHF_OK);
  CHECK_EQ(shf_sink_printf(s, "%512d", 1), SHF_OK);
  CHECK_EQ(shf_sink_printf(s, "%513d", 1), SHF_E_ARG);
  CHECK_EQ(shf_sink_puts(s, "more"), SHF_E_ARG);
  CHECK_EQ(shf_sink_code(s), SHF_E_ARG);
  shf_sink_free(s);
}

TEST(finished_sink_refuses_bytes) {
  shf_sink *s;
  shf_error error;
  CHECK_EQ(shf_sink_memory(&s), SHF_OK);
  CHECK_EQ(shf_sink_finish(s, &error), SHF_OK);
  CHECK(error.message == NULL);
  CHECK_EQ(shf_sink_puts(s, "late"), SHF_E_ARG);
  CHECK_EQ(shf_sink_finish(s, &error), SHF_E_ARG);
  CHECK(error.message != NULL);
  shf_sink_free(s);
}

TEST(sink_free_allows_null) {
  shf_sink_free(NULL);
  test_checked(); /* it came back */
}

/* ---- files: each test has a directory of its own */

static char dir[64];

static const char *in_dir(const char *name) {
  static char path[4][128];
  static int next;
  char *p = path[next++ % 4];
  snprintf(p, sizeof path[0], "%s/%s", dir, name);
  return p;
}

static void dir_make(void) {
  snprintf(dir, sizeof dir, "/tmp/shf-core-test-XXXXXX");
  if (!mkdtemp(dir)) abort();
}

static void dir_remove(void) {
  char command[128];
  snprintf(command, sizeof command, "rm -rf '%s'", dir);
  CHECK_EQ(system(command), 0);
}

static int entries(void) {
  char command[128];
  snprintf(command, sizeof command, "exit $(ls -A '%s' | wc -l)", dir);
  int status = system(command);
  return WEXITSTATUS(status);
}

static void check_file(const char *path, const char *expected) {
  char text[256] = "";
  FILE *f = fopen(path, "rb");
  if (f) {
    text[fread(text, 1, sizeof text - 1, f)] = 0;
    fclose(f);
  }
  CHECK_TEXT(f ? text : "(no file)", expected);
}

static shf_sink *file_sink(const char *path) {
  shf_sink *s = NULL;
  shf_error error;
  CHECK_EQ(shf_sink_file(path, &s, &error), SHF_OK);
  if (!s) abort();
  return s;
}

TEST(file_is_not_there_until_it_is_finished) {
  dir_make();
  shf_sink *s = file_sink(in_dir("out"));
  shf_sink_puts(s, "text");
  CHECK(access(in_dir("out"), F_OK) != 0);
  CHECK_EQ(shf_sink_finish(s, NULL), SHF_OK);
  check_file(in_dir("out"), "text");
  CHECK_EQ(entries(), 1);
  shf_sink_free(s);
  check_file(in_dir("out"), "text");
  dir_remove();
}

TEST(existing_file_is_unchanged_until_the_sink_finishes) {
  dir_make();
  FILE *f = fopen(in_dir("out"), "w");
  if (!f) abort();
  fputs("old", f);
  fclose(f);
  shf_sink *s = file_sink(in_dir("out"));
  shf_sink_puts(s, "new");
  check_file(in_dir("out"), "old");
  CHECK_EQ(shf_sink_finish(s, NULL), SHF_OK);
  check_file(in_dir("out"), "new");
  shf_sink_free(s);
  dir_remove();
}

TEST(file_freed_unfinished_leaves_nothing) {
  dir_make();
  shf_sink *s = file_sink(in_dir("out"));
  for (int i = 0; i < 20000; i++) shf_sink_puts(s, "more than a buffer");
  CHECK_EQ(entries(), 1);
  shf_sink_free(s);
  CHECK_EQ(entries(), 0);
  dir_remove();
}

TEST(file_has_the_mode_that_umask_leaves) {
  dir_make();
  mode_t old = umask(027);
  shf_sink *s = file_sink(in_dir("out"));
  CHECK_EQ(shf_sink_finish(s, NULL), SHF_OK);
  shf_sink_free(s);
  umask(old);
  struct stat st;
  CHECK_EQ(stat(in_dir("out"), &st), 0);
  CHECK_EQ(st.st_mode & 0777, 0640);
  dir_remove();
}

/* The mode of a file of `mode` that a sink has replaced. */
static unsigned mode_after(mode_t mode) {
  FILE *f = fopen(in_dir("out"), "w");
  if (!f) abort();
  fclose(f);
  CHECK_EQ(chmod(in_dir("out"), mode), 0);
  shf_sink *s = file_sink(in_dir("out"));
  shf_sink_puts(s, "text");
  CHECK_EQ(shf_sink_finish(s, NULL), SHF_OK);
  shf_sink_free(s);
  check_file(in_dir("out"), "text");
  struct stat st;
  CHECK_EQ(stat(in_dir("out"), &st), 0);
  return st.st_mode & 07777;
}

TEST(file_that_is_replaced_keeps_its_mode) {
  dir_make();
  mode_t old = umask(022);
  CHECK_EQ(mode_after(0600), 0600);
  CHECK_EQ(mode_after(0666), 0666);
  CHECK_EQ(mode_after(0644), 0644);
  CHECK_EQ(mode_after(04755), 0755);
  umask(old);
  dir_remove();
}

TEST(file_that_is_replaced_keeps_its_owner_where_we_may_give_it) {
  if (geteuid() != 0) SKIP("only root gives files to others");
  dir_make();
  FILE *f = fopen(in_dir("out"), "w");
  if (!f) abort();
  fclose(f);
  CHECK_EQ(chown(in_dir("out"), 65534, 12345), 0);
  CHECK_EQ(mode_after(0640), 0640);
  struct stat st;
  CHECK_EQ(stat(in_dir("out"), &st), 0);
  CHECK_EQ(st.st_uid, 65534);
  CHECK_EQ(st.st_gid, 12345);
  dir_remove();
}

TEST(target_of_a_symbolic_link_is_replaced_and_the_link_kept) {
  dir_make();
  FILE *f = fopen(in_dir("target"), "w");
  if (!f) abort();
  fclose(f);
  CHECK_EQ(symlink("target", in_dir("link")), 0);
  shf_sink *s = file_sink(in_dir("link"));
  shf_sink_puts(s, "text");
  CHECK_EQ(shf_sink_finish(s, NULL), SHF_OK);
  shf_sink_free(s);
  struct stat st;
  CHECK_EQ(lstat(in_dir("link"), &st), 0);
  CHECK(S_ISLNK(st.st_mode));
  check_file(in_dir("target"), "text");
  dir_remove();
}

/* In a folder of another user's, whose links lead to what only we may write. */
static void make_foreign(const char *name, const char *target) {
  CHECK_EQ(chown(dir, 65534, 65534), 0);
  CHECK_EQ(symlink(target, in_dir(name)), 0);
  CHECK_EQ(lchown(in_dir(name), 65534, 65534), 0);
}

static void write_to(const char *path, const char *text) {
  shf_sink *s = file_sink(path);
  shf_sink_puts(s, text);
  CHECK_EQ(shf_sink_finish(s, NULL), SHF_OK);
  shf_sink_free(s);
}

TEST(link_of_another_user_is_replaced_and_its_target_not_touched) {
  if (geteuid() != 0) SKIP("only root has links of other users");
  dir_make();
  write_to(in_dir("victim"), "secret");
  make_foreign("out", "victim");
  write_to(in_dir("out"), "text");
  check_file(in_dir("victim"), "secret");
  check_file(in_dir("out"), "text");
  struct stat st;
  CHECK_EQ(stat(in_dir("victim"), &st), 0);
  CHECK_EQ(st.st_uid, 0);
  dir_remove();
}

TEST(temporary_name_that_is_a_link_already_is_not_followed) {
  dir_make();
  write_to(in_dir("victim"), "secret");
  char name[64];
  for (int i = 0; i < 3; i++) {
    snprintf(name, sizeof name, "out.%ld.%d~", (long)getpid(), i);
    CHECK_EQ(symlink("victim", in_dir(name)), 0);
  }
  write_to(in_dir("out"), "text");
  check_file(in_dir("victim"), "secret");
  check_file(in_dir("out"), "text");
  dir_remove();
}

TEST(folder_that_is_exchanged_while_a_file_is_written_gets_nothing) {
  dir_make();
  CHECK_EQ(mkdir(in_dir("mine"), 0700), 0);
  CHECK_EQ(mkdir(in_dir("other"), 0700), 0);
  write_to(in_dir("other/out"), "secret");
  shf_sink *s = file_sink(in_dir("mine/out"));
  shf_sink_puts(s, "text");
  CHECK_EQ(rename(in_dir("mine"), in_dir("moved")), 0);
  CHECK_EQ(symlink("other", in_dir("mine")), 0);
  CHECK_EQ(shf_sink_finish(s, NULL), SHF_OK);
  shf_sink_free(s);
  check_file(in_dir("other/out"), "secret");
  check_file(in_dir("moved/out"), "text");
  dir_remove();
}

TEST(file_with_the_longest_name_is_written) {
  dir_make();
  char name[257], path[512];
  memset(name, 'a', 256);
  name[255] = 0;
  snprintf(path, sizeof path, "%s/%s", dir, name);
  write_to(path, "text");
  check_file(path, "text");
  CHECK_EQ(entries(), 1);
  snprintf(path, sizeof path, "%s/%sa", dir, name);
  shf_sink *s = NULL;
  shf_error error;
  CHECK_EQ(shf_sink_file(path, &s, &error), SHF_E_IO);
  CHECK_EQ(error.sys, ENAMETOOLONG);
  dir_remove();
}

/* What shf__file_open_untrusted says of `name`, or "open". */
static const char *left(const char *name) {
  const char *refused;
  int fd = shf__file_open_untrusted(in_dir(name), &refused);
  if (fd < 0) return refused ? refused : strerror(errno);
  close(fd);
  return "open";
}

TEST(untrusted_open_takes_only_regular_files) {
  dir_make();
  write_to(in_dir("file"), "text");
  CHECK_EQ(mkfifo(in_dir("pipe"), 0600), 0);
  CHECK_EQ(mkdir(in_dir("folder"), 0700), 0);
  CHECK_EQ(symlink("file", in_dir("link")), 0);
  CHECK_TEXT(left("file"), "open");
  CHECK_TEXT(left("pipe"), "it is no regular file");
  CHECK_TEXT(left("folder"), "it is no regular file");
  CHECK_TEXT(left("link"), "it is no regular file");
  CHECK_TEXT(left("absent"), strerror(ENOENT));
  dir_remove();
}

TEST(untrusted_open_refuses_files_of_another_user) {
  if (geteuid() != 0) SKIP("only root has files of other users");
  dir_make();
  write_to(in_dir("file"), "text");
  CHECK_EQ(chown(in_dir("file"), 65534, 65534), 0);
  CHECK_TEXT(left("file"), "it is another user's");
  dir_remove();
}

TEST(two_sinks_of_one_file_do_not_mix) {
  dir_make();
  shf_sink *one = file_sink(in_dir("out")), *two = file_sink(in_dir("out"));
  shf_sink_puts(one, "one");
  shf_sink_puts(two, "two");
  CHECK_EQ(shf_sink_finish(two, NULL), SHF_OK);
  check_file(in_dir("out"), "two");
  CHECK_EQ(shf_sink_finish(one, NULL), SHF_OK);
  check_file(in_dir("out"), "one");
  shf_sink_free(one);
  shf_sink_free(two);
  CHECK_EQ(entries(), 1);
  dir_remove();
}

TEST(pipe_by_name_is_written_in_place) {
  dir_make();
  CHECK_EQ(mkfifo(in_dir("pipe"), 0600), 0);
  int reader = open(in_dir("pipe"), O_RDONLY | O_NONBLOCK);
  shf_sink *s = file_sink(in_dir("pipe"));
  shf_sink_puts(s, "text");
  CHECK_EQ(shf_sink_finish(s, NULL), SHF_OK);
  shf_sink_free(s);
  char got[8] = "";
  CHECK_EQ(read(reader, got, sizeof got), 4);
  CHECK_TEXT(got, "text");
  CHECK_EQ(entries(), 1);
  close(reader);
  dir_remove();
}

static void check_refused(const char *path, int sys) {
  shf_sink *s = NULL;
  shf_error error = {.message = NULL};
  CHECK_EQ(shf_sink_file(path, &s, &error), SHF_E_IO);
  CHECK(s == NULL && error.message != NULL);
  CHECK_EQ(error.sys, sys);
  CHECK_EQ(shf_sink_file(path, &s, NULL), SHF_E_IO);
}

TEST(file_in_no_directory_is_refused_with_errno) {
  dir_make();
  check_refused(in_dir("absent/out"), ENOENT);
  dir_remove();
}

TEST(file_named_as_a_directory_is_refused_with_errno) {
  dir_make();
  check_refused(dir, EISDIR);
  dir_remove();
}

TEST(file_in_a_directory_without_write_permission_is_refused_with_errno) {
  enum { NOBODY = 65534 };
  bool root = geteuid() == 0; /* who may write everywhere */
  dir_make();
  CHECK_EQ(chmod(dir, 0500), 0);
  if (root) CHECK_EQ(seteuid(NOBODY), 0);
  check_refused(in_dir("out"), EACCES);
  if (root) CHECK_EQ(seteuid(0), 0);
  CHECK_EQ(chmod(dir, 0700), 0);
  dir_remove();
}

TEST(file_on_a_full_device_fails_with_errno) {
  if (access("/dev/full", W_OK) != 0) SKIP("no /dev/full here");
  shf_sink *s = file_sink("/dev/full");
  shf_error error;
  shf_sink_puts(s, "text");
  CHECK_EQ(shf_sink_finish(s, &error), SHF_E_IO);
  CHECK_EQ(error.sys, ENOSPC);
  CHECK_TEXT(error.message, "write failed");
  CHECK_EQ(shf_sink_puts(s, "text"), SHF_E_IO);
  shf_sink_free(s);
}

TEST(failed_rename_is_an_error_and_leaves_no_file) {
  dir_make();
  shf_sink *s = file_sink(in_dir("out"));
  CHECK_EQ(mkdir(in_dir("out"), 0700), 0);
  shf_error error;
  CHECK_EQ(shf_sink_finish(s, &error), SHF_E_IO);
  CHECK_EQ(error.sys, EISDIR);
  shf_sink_free(s);
  CHECK_EQ(entries(), 1);
  dir_remove();
}

TEST(descriptor_stays_open) {
  int fd[2];
  if (pipe(fd)) abort();
  shf_sink *s;
  CHECK_EQ(shf_sink_fd(fd[1], &s), SHF_OK);
  shf_sink_puts(s, "text");
  CHECK_EQ(shf_sink_finish(s, NULL), SHF_OK);
  shf_sink_free(s);
  CHECK_EQ(write(fd[1], "!", 1), 1);
  char got[8] = "";
  CHECK_EQ(read(fd[0], got, sizeof got), 5);
  CHECK_TEXT(got, "text!");
  close(fd[0]);
  close(fd[1]);
}

TEST(sink_waits_for_a_full_nonblocking_pipe) {
  int fd[2];
  if (pipe(fd)) abort();
  CHECK_EQ(fcntl(fd[1], F_SETFL, O_NONBLOCK), 0);
  fflush(stdout);
  pid_t reader = fork();
  if (reader == 0) {
    char part[4096];
    size_t sum = 0;
    ssize_t n;
    close(fd[1]);
    usleep(100 * 1000);
    while ((n = read(fd[0], part, sizeof part)) > 0) sum += (size_t)n;
    _exit(sum == 500000 ? 0 : 1);
  }
  close(fd[0]);
  shf_sink *s;
  CHECK_EQ(shf_sink_fd(fd[1], &s), SHF_OK);
  for (int i = 0; i < 50000; i++) shf_sink_puts(s, "0123456789");
  CHECK_EQ(shf_sink_finish(s, NULL), SHF_OK);
  shf_sink_free(s);
  close(fd[1]);
  int status = -1;
  CHECK_EQ(waitpid(reader, &status, 0), reader);
  CHECK_EQ(status, 0);
}

TEST(descriptor_that_is_closed_fails_with_errno) {
  shf_sink *s;
  shf_error error;
  CHECK_EQ(shf_sink_fd(1000000, &s), SHF_OK);
  shf_sink_puts(s, "text");
  CHECK_EQ(shf_sink_finish(s, &error), SHF_E_IO);
  CHECK_EQ(error.sys, EBADF);
  shf_sink_free(s);
}

/* ---- counting */

TEST(counting_sink_counts_bytes) {
  shf_sink *s;
  CHECK_EQ(shf_sink_count(1000000, &s), SHF_OK);
  for (int i = 0; i < 10001; i++) shf_sink_puts(s, "0123456789");
  CHECK_EQ(shf_sink_counted(s), 100010);
  CHECK_EQ(shf_sink_finish(s, NULL), SHF_OK);
  CHECK_EQ(shf_sink_counted(s), 100010);
  shf_sink_free(s);
}

TEST(counting_sink_fails_beyond_its_limit) {
  shf_sink *s;
  CHECK_EQ(shf_sink_count(50000, &s), SHF_OK);
  for (int i = 0; i < 100000 && !shf_sink_code(s); i++) shf_sink_puts(s, "0123456789");
  CHECK_EQ(shf_sink_code(s), SHF_E_LIMIT);
  CHECK(shf_sink_counted(s) > 50000 && shf_sink_counted(s) < 200000);
  shf_sink_free(s);
}

/* ---- gzip */

static char *gzipped(const char *bytes, size_t len, size_t step, int level, size_t *n) {
  shf_sink *memory, *s;
  CHECK_EQ(shf_sink_memory(&memory), SHF_OK);
  CHECK_EQ(shf_sink_gzip(memory, level, &s), SHF_OK);
  for (size_t at = 0; at < len; at += step)
    shf_sink_write(s, bytes + at, len - at < step ? len - at : step);
  CHECK_EQ(shf_sink_finish(s, NULL), SHF_OK);
  shf_sink_free(s);
  char *out = test_sink_text(memory, n);
  shf_sink_free(memory);
  return out;
}

static void check_inflates(char *packed, size_t n, const char *bytes, size_t len) {
  z_stream z = {.next_in = (Bytef *)packed, .avail_in = (uInt)n};
  char *out = malloc(len + 1);
  if (!out) abort();
  z.next_out = (Bytef *)out;
  z.avail_out = (uInt)len + 1;
  CHECK_EQ(inflateInit2(&z, 15 + 16), Z_OK);
  CHECK_EQ(inflate(&z, Z_FINISH), Z_STREAM_END);
  CHECK_EQ(z.total_out, len);
  CHECK_EQ(z.avail_in, 0);
  CHECK(memcmp(out, bytes, len) == 0);
  inflateEnd(&z);
  free(out);
}

TEST(gzip_of_no_bytes_is_a_complete_stream) {
  size_t n;
  char *packed = gzipped("", 0, 1, 6, &n);
  check_inflates(packed, n, "", 0);
  free(packed);
}

TEST(gzip_has_no_name_and_no_time) {
  size_t n;
  char *packed = gzipped("text", 4, 4, 6, &n);
  CHECK(n > 10 && memcmp(packed, "\x1f\x8b\x08\0\0\0\0\0", 8) == 0);
  free(packed);
}

TEST(gzip_of_megabytes_comes_back) {
  size_t len = 8 << 20, n;
  char *bytes = malloc(len);
  if (!bytes) abort();
  uint32_t x = 1;
  for (size_t i = 0; i < len; i++) {
    x = x * 1664525 + 1013904223;
    bytes[i] = (char)(i & 0x10000 ? x >> 24 : 'a');
  }
  static const size_t steps[] = {8 << 20, 32768, 1000};
  for (size_t i = 0; i < 3; i++) {
    char *packed = gzipped(bytes, len, steps[i], i == 2 ? 9 : 1, &n);
    CHECK(n < len);
    check_inflates(packed, n, bytes, len);
    free(packed);
  }
  free(bytes);
}

TEST(gzip_refuses_an_invalid_level) {
  shf_sink *memory, *s = NULL;
  CHECK_EQ(shf_sink_memory(&memory), SHF_OK);
  CHECK_EQ(shf_sink_gzip(memory, 0, &s), SHF_E_ARG);
  CHECK_EQ(shf_sink_gzip(memory, 10, &s), SHF_E_ARG);
  CHECK(s == NULL);
  shf_sink_free(memory);
}

TEST(gzip_fails_when_the_next_sink_fails) {
  shf_sink *out, *s;
  CHECK_EQ(shf_sink_fd(1000000, &out), SHF_OK);
  CHECK_EQ(shf_sink_gzip(out, 6, &s), SHF_OK);
  uint32_t x = 1;
  for (int i = 0; i < 400000 && shf_sink_code(s) == SHF_OK; i++) {
    x = x * 1664525 + 1013904223;
    shf_sink_write(s, &x, sizeof x);
  }
  CHECK_EQ(shf_sink_code(s), SHF_E_IO);
  CHECK_EQ(shf_sink_finish(s, NULL), SHF_E_IO);
  shf_sink_free(s);
  shf_sink_free(out);
}

TEST(gzip_freed_unfinished_leaks_nothing) {
  shf_sink *memory, *s;
  CHECK_EQ(shf_sink_memory(&memory), SHF_OK);
  CHECK_EQ(shf_sink_gzip(memory, 6, &s), SHF_OK);
  shf_sink_puts(s, "text");
  shf_sink_free(s);
  shf_sink_free(memory);
}
