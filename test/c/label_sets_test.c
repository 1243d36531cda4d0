/* Sets of labels that the app has set: the table of the process. */
#include "capture/label_sets.h"

#include <pthread.h>

#include "test.h"

static uint32_t set_of(const char *key, const char *value, bool other) {
  const shf_str texts[] = {shf_str_of(key), shf_str_of(value)};
  return shf_label_sets_add(texts, 2, other);
}

TEST(equal_sets_have_one_number_and_keep_their_texts) {
  char value[] = "/a";
  uint32_t a = set_of("route", value, false), count;
  CHECK(a > 0);
  value[1] = 'b';
  CHECK(set_of("route", value, false) != a);
  CHECK_EQ(set_of("route", "/a", false), a);
  CHECK(set_of("route", "", false) != a);
  const shf_str *texts = shf_label_sets_texts(a, &count);
  CHECK_EQ(count, 2);
  CHECK_EQ(texts[0].len, 5);
  CHECK_EQ(texts[1].len, 2);
  CHECK(memcmp(texts[1].ptr, "/a", 2) == 0);
}

TEST(a_number_that_is_no_set_has_no_texts) {
  uint32_t count = 1;
  CHECK(shf_label_sets_texts(0, &count) == NULL);
  CHECK_EQ(count, 0);
  CHECK(shf_label_sets_texts(UINT32_MAX, &count) == NULL);
  CHECK_EQ(shf_label_sets_add(NULL, 0, false), 0);
}

TEST(texts_are_cut_to_128_bytes_at_the_end_of_a_character) {
  char text[140];
  uint32_t count;
  memset(text, 'x', sizeof text);
  memcpy(text + 126, "\xe2\x82\xac", 3); /* the euro sign: bytes 126 to 128 */
  const shf_str pair[] = {{text, sizeof text}, {text, 129}};
  const shf_str *texts = shf_label_sets_texts(shf_label_sets_add(pair, 2, false), &count);
  CHECK_EQ(count, 2);
  CHECK_EQ(texts[0].len, 126);
  CHECK_EQ(texts[1].len, 126);
  memset(text, 'x', sizeof text);
  texts = shf_label_sets_texts(shf_label_sets_add(pair, 2, false), &count);
  CHECK_EQ(texts[0].len, 128);
}

TEST(labels_beyond_the_sixteenth_of_a_set_are_dropped) {
  shf_str texts[2 * SHF_LABELS_OF_SET + 2];
  uint32_t count, number = 2 * SHF_LABELS_OF_SET + 2;
  for (uint32_t i = 0; i < number; i++) texts[i] = shf_str_of("many");
  shf_label_sets_texts(shf_label_sets_add(texts, number, false), &count);
  CHECK_EQ(count, 2 * SHF_LABELS_OF_SET);
}

TEST(a_set_is_renamed_once_and_found_by_its_new_texts) {
  const shf_str path[] = {shf_str_of("path"), shf_str_of("/users/bob")};
  const shf_str pattern[] = {shf_str_of("path"), shf_str_of("/users/:name")};
  uint32_t set = shf_label_sets_add(path, 2, false), count;
  const shf_str *before = shf_label_sets_texts(set, &count);
  CHECK(shf_label_sets_rename(set, pattern, 2));
  CHECK_EQ(shf_label_sets_add(pattern, 2, false), set);
  CHECK(shf_label_sets_add(path, 2, false) != set);
  CHECK_EQ(shf_label_sets_texts(set, &count)[1].len, 12);
  CHECK_EQ(before[1].len, 10);
  CHECK(!shf_label_sets_rename(set, path, 2));
  CHECK(!shf_label_sets_rename(0, path, 2));
  CHECK(!shf_label_sets_rename(UINT32_MAX, path, 2));
  CHECK(!shf_label_sets_rename(set, path, 0));
}

static void *add_many(void *numbers) {
  for (uint32_t i = 0; i < 200; i++) {
    char value[16];
    snprintf(value, sizeof value, "%u", (unsigned)i);
    ((uint32_t *)numbers)[i] = set_of("shared", value, false);
  }
  return NULL;
}

TEST(threads_share_the_sets) {
  static uint32_t a[200], b[200];
  pthread_t thread;
  CHECK_EQ(pthread_create(&thread, NULL, add_many, a), 0);
  add_many(b);
  pthread_join(thread, NULL);
  CHECK(memcmp(a, b, sizeof a) == 0);
}

/* The last: it fills the table. */
TEST(there_are_a_thousand_sets_and_a_few_of_others) {
  uint32_t last = 0, set = 1;
  for (int i = 0; i < 2 * SHF_LABEL_SETS && set; i++) {
    char value[16];
    snprintf(value, sizeof value, "%d", i);
    set = set_of("id", value, false);
    if (set) last = set;
  }
  CHECK_EQ(set, 0);
  CHECK_EQ(last, SHF_LABEL_SETS);
  uint32_t other = set_of("id", "(other)", true);
  CHECK_EQ(other, SHF_LABEL_SETS + 1);
  CHECK_EQ(set_of("id", "(other)", true), other);
  CHECK_EQ(set_of("id", "0", false) > 0, 1);
}
