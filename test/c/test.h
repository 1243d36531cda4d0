/*
 * One behaviour, one TEST; a program a file, TAP on stdout.
 *
 *   TEST(folded_writes_each_stack_once) { CHECK(n == 1); }
 *
 * SKIP("why") ends a test as skipped; one that checks nothing fails. Golden files: see
 * check_golden.
 */
#ifndef SHF_TEST_H
#define SHF_TEST_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shf.h"

typedef struct shf_test {
  const char *name;
  void (*run)(void);
  struct shf_test *next;
} shf_test;

void test_register(shf_test *test);
/* Reports a failure; the test continues, so that one run shows all failures. */
void test_fail(const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Counts a check of the test at hand. */
void test_checked(void);
void test_skip(const char *why);
bool test_skipped(void);

#define TEST(id)                                                 \
  static void id(void);                                          \
  static shf_test id##_entry = {#id, id, NULL};                  \
  __attribute__((constructor)) static void id##_register(void) { \
    test_register(&id##_entry);                                  \
  }                                                              \
  static void id(void)

#define CHECK(condition)                                               \
  do {                                                                 \
    test_checked();                                                    \
    if (!(condition)) test_fail(__FILE__, __LINE__, "%s", #condition); \
  } while (0)
#define CHECK_EQ(actual, expected)                                                        \
  do {                                                                                    \
    long long a_ = (long long)(actual), e_ = (long long)(expected);                       \
    test_checked();                                                                       \
    if (a_ != e_) test_fail(__FILE__, __LINE__, "%s is %lld, not %lld", #actual, a_, e_); \
  } while (0)
#define CHECK_TEXT(actual, expected)                                                               \
  do {                                                                                             \
    const char *a_ = (actual), *e_ = (expected);                                                   \
    test_checked();                                                                                \
    if (strcmp(a_, e_) != 0) test_fail(__FILE__, __LINE__, "%s is\n%s\nnot\n%s", #actual, a_, e_); \
  } while (0)
#define SKIP(why)   \
  do {              \
    test_skip(why); \
    return;         \
  } while (0)

/*
 * Holds `text` against test/golden/NAME, or writes that file when
 * SHF_BLESS=1 is in the environment.
 */
void check_golden(const char *name, const char *text, size_t len);

/* `part` is, or is not, in `text`. */
void check_has(const char *text, const char *part);
void check_lacks(const char *text, const char *part);
/* The folded stacks of a type are `expected`. */
void check_folded(const shf_profile *p, shf_type type, const char *expected);

/* A memory sink; test_written() or shf_sink_free() it. */
shf_sink *test_sink(void);
/* What a memory sink holds, NUL-terminated; free() it. */
char *test_sink_text(shf_sink *sink, size_t *len);
/* The same of a sink that was written to, with that writer's code, which must be
   SHF_OK; the sink is freed. */
char *test_written(shf_sink *sink, int code, size_t *len);
/* The folded stacks of a type; free() them. */
char *test_folded(const shf_profile *p, shf_type type);

/*
 * A sealed profile from lines `frame;frame;frame alloc inuse` where a frame is
 * `name`, `name@file:line:column` or, with the line of its call, `name@file:line:column=call`. Each
 * line is a bucket of blocks of 64 bytes
 * at interval 64k (objects = space / 64). Exits the program when it cannot.
 */
shf_profile *test_profile(const char *lines);

/* The difference of two such profiles, by alloc_space. */
shf_profile *test_diff(const char *before, const char *after, bool normalize);

/* Whether two buckets are equal: padding is no part of them. */
static inline bool test_same_bucket(const shf_bucket *a, const shf_bucket *b) {
  return a->size == b->size && a->node == b->node && a->source == b->source &&
         a->allocated == b->allocated && a->live == b->live && a->labels == b->labels &&
         memcmp(a->value, b->value, sizeof a->value) == 0;
}

/*
 * A profile by hand, where names hold any byte, stacks are deep or a type is not
 * known. An unsealed profile with one source, of these types, at interval 64k.
 */
shf_profile *test_new(uint32_t types);
/* The callee of `parent` of that name, without a place. */
uint32_t test_node(shf_profile *p, uint32_t parent, shf_str name);
/* One block of 64 bytes, allocated there and no longer in use. */
void test_block(shf_profile *p, uint32_t node);
shf_profile *test_seal(shf_profile *p);
/* A sealed profile of one such block, below so many frames of one name; 0: the root's own. */
shf_profile *test_stack(uint32_t depth, const char *name);

#endif
