#include "capture/label_sets.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

typedef struct label_set {
  shf_str *texts; /* of one block with what they point to */
  uint32_t count;
  shf_str *before; /* texts that these have replaced; NULL: none */
} label_set;

static struct {
  pthread_mutex_t lock;
  label_set sets[SHF_LABEL_SETS_ALL]; /* set i + 1 */
  uint32_t count;
} g = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* The text without what is beyond the limit, and without a part of a character. */
static shf_str cut(shf_str text) {
  if (text.len <= SHF_LABEL_BYTES) return text;
  text.len = SHF_LABEL_BYTES;
  while (text.len > 0 && ((unsigned char)text.ptr[text.len] & 0xc0) == 0x80) text.len--;
  return text;
}

static bool is_set(const label_set *set, const shf_str *texts, uint32_t count) {
  bool same = set->count == count;
  for (uint32_t i = 0; i < count && same; i++)
    same = set->texts[i].len == texts[i].len &&
           memcmp(set->texts[i].ptr, texts[i].ptr, texts[i].len) == 0;
  return same;
}

static bool copy(label_set *to, const shf_str *texts, uint32_t count) {
  size_t bytes = count * sizeof *texts;
  for (uint32_t i = 0; i < count; i++) bytes += texts[i].len;
  to->texts = malloc(bytes);
  if (!to->texts) return false;
  char *at = (char *)(to->texts + count);
  for (uint32_t i = 0; i < count; i++) {
    memcpy(at, texts[i].ptr, texts[i].len);
    to->texts[i] = (shf_str){at, texts[i].len};
    at += texts[i].len;
  }
  to->count = count;
  return true;
}

static uint32_t add(const shf_str *texts, uint32_t count, bool other) {
  for (uint32_t i = 0; i < g.count; i++)
    if (is_set(&g.sets[i], texts, count)) return i + 1;
  if (g.count >= (other ? SHF_LABEL_SETS_ALL : SHF_LABEL_SETS)) return 0;
  return copy(&g.sets[g.count], texts, count) ? ++g.count : 0;
}

/* At most SHF_LABELS_OF_SET labels. @return the number of texts in `short_texts` */
static uint32_t cut_all(const shf_str *texts, uint32_t count, shf_str *short_texts) {
  if (count > 2 * SHF_LABELS_OF_SET) count = 2 * SHF_LABELS_OF_SET;
  count -= count % 2;
  for (uint32_t i = 0; i < count; i++) short_texts[i] = cut(texts[i]);
  return count;
}

uint32_t shf_label_sets_add(const shf_str *texts, uint32_t count, bool other) {
  shf_str short_texts[2 * SHF_LABELS_OF_SET];
  count = cut_all(texts, count, short_texts);
  if (count == 0) return 0;
  pthread_mutex_lock(&g.lock);
  uint32_t set = add(short_texts, count, other);
  pthread_mutex_unlock(&g.lock);
  return set;
}

bool shf_label_sets_rename(uint32_t set, const shf_str *texts, uint32_t count) {
  shf_str short_texts[2 * SHF_LABELS_OF_SET];
  label_set renamed = {0};
  count = cut_all(texts, count, short_texts);
  if (count == 0) return false;
  pthread_mutex_lock(&g.lock);
  bool done =
      set > 0 && set <= g.count && !g.sets[set - 1].before && copy(&renamed, short_texts, count);
  if (done) {
    renamed.before = g.sets[set - 1].texts;
    g.sets[set - 1] = renamed;
  }
  pthread_mutex_unlock(&g.lock);
  return done;
}

const shf_str *shf_label_sets_texts(uint32_t set, uint32_t *count) {
  const shf_str *texts = NULL;
  *count = 0;
  pthread_mutex_lock(&g.lock);
  if (set > 0 && set <= g.count) {
    texts = g.sets[set - 1].texts;
    *count = g.sets[set - 1].count;
  }
  pthread_mutex_unlock(&g.lock);
  return texts;
}

static int write_label(shf_str key, shf_str value, uint32_t number, shf_capture *c) {
  shf_capture_label label = {number, 0, 0, 0};
  int code = shf_capture_string(c, key.ptr, key.len, &label.key);
  if (!code) code = shf_capture_string(c, value.ptr, value.len, &label.value);
  return code ? code : shf_capture_label_add(c, &label);
}

int shf_label_sets_write(uint32_t set, shf_str type, uint32_t number, shf_capture *c) {
  uint32_t count;
  const shf_str *texts = shf_label_sets_texts(set, &count);
  int code = SHF_OK;
  for (uint32_t i = 0; i < count && !code; i += 2)
    code = write_label(texts[i], texts[i + 1], number, c);
  if (!code && type.len) code = write_label(shf_str_of(SHF_LABEL_TYPE), type, number, c);
  return code;
}
