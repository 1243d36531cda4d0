/* What an input may cost: memory by a bound, hashes by a seed, outputs by their size. */
#include "core/hash_index.h"
#include "output/formats.h"
#include "test.h"

static int read_within(const char *text, uint64_t most, shf_profile **p, shf_error *error) {
  shf_read_options o = {.single = SHF_TYPES, .max_memory = most};
  return shf_profile_read_bytes(text, strlen(text), &o, p, error);
}

/* One stack of so many frames, each another. */
static char *deep(size_t frames) {
  char *text = malloc(frames * 8 + 16), *at = text;
  if (!text) abort();
  for (size_t i = 0; i < frames; i++) at += sprintf(at, "%zx;", i);
  sprintf(at, "x 1\n");
  return text;
}

TEST(an_input_beyond_its_memory_is_refused) {
  char *text = deep(20000);
  shf_profile *p = NULL;
  shf_error error = {.message = NULL};
  CHECK_EQ(read_within(text, 400000, &p, &error), SHF_E_LIMIT);
  CHECK_TEXT(error.message, "it needs more memory than --max-memory allows: raise that");
  CHECK_EQ(read_within(text, 40000000, &p, &error), SHF_OK);
  shf_profile_free(p);
  free(text);
}

TEST(what_outputs_need_counts_too) {
  char *text = deep(20000);
  shf_profile *p = NULL;
  CHECK_EQ(read_within(text, 1250000, &p, NULL), SHF_E_LIMIT); /* below 64 bytes a node */
  CHECK_EQ(read_within(text, 12500000, &p, NULL), SHF_OK);
  shf_profile_free(p);
  free(text);
}

TEST(profiles_that_are_kept_count_until_they_are_freed) {
  enum { MOST = 1500000 };
  char *text = deep(2000);
  shf_profile *kept[100];
  int n = 0, code = SHF_OK;
  while (n < 100 && (code = read_within(text, MOST, &kept[n], NULL)) == SHF_OK) n++;
  CHECK_EQ(code, SHF_E_LIMIT);
  CHECK(n > 1);
  for (int round = 0; round < 20 && n > 0; round++) {
    shf_profile_free(kept[n - 1]);
    code = read_within(text, MOST, &kept[n - 1], NULL);
    CHECK_EQ(code, SHF_OK);
    if (code) n--;
  }
  while (n > 0) shf_profile_free(kept[--n]);
  free(text);
}

TEST(a_refused_input_holds_nothing) {
  char *text = deep(20000);
  shf_profile *p = NULL;
  for (int i = 0; i < 50; i++) CHECK_EQ(read_within(text, 300000, &p, NULL), SHF_E_LIMIT);
  CHECK_EQ(read_within("a;b 1\n", 300000, &p, NULL), SHF_OK);
  shf_profile_free(p);
  free(text);
}

/* Every stack of a chain is a line. */
TEST(an_output_is_bounded) {
  shf_profile *p = test_new(SHF_HAS_ALLOC);
  uint32_t node = 0;
  for (int i = 0; i < 1000; i++) {
    node = test_node(p, node, shf_str_of("frame"));
    test_block(p, node);
  }
  test_seal(p);
  shf_sink *sink = test_sink();
  shf_sink_limit(sink, 100000);
  CHECK_EQ(shf_folded_write(p, SHF_ALLOC_SPACE, sink), SHF_E_LIMIT);
  CHECK_TEXT(shf_sink_error(sink).message, "it would be larger than it may be (--max-memory)");
  shf_sink_free(sink);
  sink = test_sink();
  shf_sink_limit(sink, 100000000);
  CHECK_EQ(shf_folded_write(p, SHF_ALLOC_SPACE, sink), SHF_OK);
  shf_sink_free(sink);
  shf_profile_free(p);
}

/* ---- Hashes */

/* The inverse of x ^= x >> by. */
static uint64_t unshift(uint64_t y, unsigned by) {
  uint64_t x = y;
  for (unsigned i = 0; i < 64 / by + 1; i++) x = y ^ x >> by;
  return x;
}

static uint64_t inverse(uint64_t odd) {
  uint64_t x = odd;
  for (int i = 0; i < 6; i++) x *= 2 - odd * x;
  return x;
}

/* A word whose hash was 0 as long as the hash had no seed. */
static uint64_t crafted(uint64_t h) {
  return unshift(unshift(h << 32 | h, 29) * inverse(0x9E3779B97F4A7C15u), 32);
}

static int by_value(const void *a, const void *b) {
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return (x > y) - (x < y);
}

static uint32_t distinct(uint32_t *hashes, uint32_t count) {
  uint32_t n = 1;
  qsort(hashes, count, sizeof *hashes, by_value);
  for (uint32_t i = 1; i < count; i++) n += hashes[i] != hashes[i - 1];
  return n;
}

enum { CRAFTED = 10000 };

TEST(crafted_numbers_do_not_share_a_hash) {
  uint32_t hashes[CRAFTED];
  for (uint32_t i = 0; i < CRAFTED; i++) hashes[i] = shf_hash_u64(crafted(i + 1));
  CHECK(distinct(hashes, CRAFTED) > CRAFTED * 99 / 100);
}

TEST(crafted_texts_do_not_share_a_hash) {
  uint32_t hashes[CRAFTED];
  for (uint32_t i = 0; i < CRAFTED; i++) {
    uint64_t word = crafted(i + 1) * inverse(0xC2B2AE3D27D4EB4Fu) ^ 8 * 0x9E3779B97F4A7C15u;
    hashes[i] = shf_hash_bytes(&word, sizeof word);
  }
  CHECK(distinct(hashes, CRAFTED) > CRAFTED * 99 / 100);
}

TEST(texts_with_a_half_that_was_a_zero_factor_do_not_share_a_hash) {
  uint32_t hashes[CRAFTED];
  for (uint64_t i = 0; i < CRAFTED; i++) {
    uint64_t words[4] = {i, 0x9E3779B97F4A7C16u, 1, 2};
    hashes[i] = shf_hash_bytes(words, sizeof words);
  }
  CHECK(distinct(hashes, CRAFTED) > CRAFTED * 99 / 100);
}

static char *all_formats(const char *text, size_t *len) {
  shf_profile *p = NULL;
  shf_sink *sink = test_sink();
  CHECK_EQ(read_within(text, 0, &p, NULL), SHF_OK);
  shf__write_options o = {.type = SHF_ALLOC_SPACE, .listing = {.type = SHF_ALLOC_SPACE}};
  o.svg = (shf_svg_options){.type = SHF_ALLOC_SPACE, .max_bytes = 100000};
  for (size_t f = 0; f < shf__formats_count; f++)
    CHECK_EQ(shf__format_write(&shf__formats[f], p, &o, sink), SHF_OK);
  shf_profile_free(p);
  return test_written(sink, SHF_OK, len);
}

TEST(no_output_depends_on_the_seed) {
  char text[20000], *at = text;
  uint64_t seed[2] = {shf__hash_seed[0], shf__hash_seed[1]};
  for (int i = 0; i < 300; i++)
    at += sprintf(at, "f%d (/app/%d.js:%d:1);g%d;h%d %d\n", i * 7 % 31, i % 5, i % 11, i * 13 % 17,
                  i % 41, i);
  size_t len, other_len;
  char *one = all_formats(text, &len);
  shf__hash_seed[0] = 12345;
  shf__hash_seed[1] = 0x123456789abcdefu;
  char *other = all_formats(text, &other_len);
  memcpy(shf__hash_seed, seed, sizeof seed);
  CHECK_EQ(len, other_len);
  CHECK(len == other_len && memcmp(one, other, len) == 0);
  free(one);
  free(other);
}
