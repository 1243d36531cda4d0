/* What changed between two captures of one process. */
#include "core/str.h"
#include "test.h"

static shf_profile *delta_of(const char *before, const char *after) {
  shf_profile *a = test_profile(before), *b = test_profile(after), *out = NULL;
  CHECK_EQ(shf_profile_delta(a, b, &out), SHF_OK);
  shf_profile_free(a); /* the new one stands alone */
  shf_profile_free(b);
  return out;
}

TEST(a_delta_is_what_was_allocated_since) {
  shf_profile *p = delta_of("a;b 64 0\na;c 128 64\n", "a;b 192 0\na;c 128 64\nd 64 64\n");
  check_folded(p, SHF_ALLOC_SPACE, "a;b 128\nd 64\n");
  CHECK_EQ(shf_profile_total(p, SHF_ALLOC_OBJECTS), 3);
  shf_profile_free(p);
}

TEST(a_delta_of_memory_in_use_may_be_negative) {
  shf_profile *p = delta_of("a 128 128\nb 64 64\n", "a 128 64\nb 128 128\n");
  CHECK_EQ(shf_profile_total(p, SHF_INUSE_SPACE), 0);
  int64_t self[8] = {0};
  CHECK_EQ(shf_profile_nodes(p), 3);
  shf_profile_sums(p, SHF_INUSE_SPACE, self, NULL);
  CHECK_EQ(self[1], -64);
  CHECK_EQ(self[2], 64);
  shf_profile_free(p);
}

TEST(a_delta_of_equal_captures_is_empty) {
  shf_profile *p = delta_of("a;b 64 64\n", "a;b 64 64\n");
  CHECK_EQ(shf_profile_buckets(p), 0);
  CHECK_EQ(shf_profile_total(p, SHF_ALLOC_SPACE), 0);
  shf_profile_free(p);
}

/* One block in use with an age, a type and a route. */
static shf_profile *labelled(int64_t age, const char *type, uint32_t gc, const char *time_ms) {
  shf_source source = {.interval = 65536, .since_ms = 1000, .gc = gc, .pid = 7};
  shf_profile *p;
  uint32_t id, set;
  source.types = SHF_HAS_ALLOC | SHF_HAS_INUSE;
  CHECK_EQ(shf_profile_new(&p), SHF_OK);
  CHECK_EQ(shf_profile_source(p, source, &id), SHF_OK);
  shf_label labels[3] = {{.number = age}, {.number = 0}, {.number = 0}};
  CHECK_EQ(shf_profile_string(p, shf_str_of(SHF_LABEL_AGE), &labels[0].key), SHF_OK);
  CHECK_EQ(shf_profile_string(p, shf_str_of("seconds"), &labels[0].unit), SHF_OK);
  CHECK_EQ(shf_profile_string(p, shf_str_of(SHF_LABEL_TYPE), &labels[1].key), SHF_OK);
  CHECK_EQ(shf_profile_string(p, shf_str_of(type), &labels[1].text), SHF_OK);
  CHECK_EQ(shf_profile_string(p, shf_str_of("route"), &labels[2].key), SHF_OK);
  CHECK_EQ(shf_profile_string(p, shf_str_of("/a"), &labels[2].text), SHF_OK);
  CHECK_EQ(shf_profile_label_set(p, labels, 3, &set), SHF_OK);
  shf_bucket b = {.size = 64, .node = test_node(p, 0, shf_str_of("f")), .labels = set};
  b.allocated = b.live = 1;
  for (int t = 0; t < SHF_TYPES; t++) b.value[t] = shf_type_is_space((shf_type)t) ? 640 : 10;
  CHECK_EQ(shf_profile_bucket(p, &b), SHF_OK);
  CHECK_EQ(shf_profile_meta(p, shf_str_of("time_ms"), shf_str_of(time_ms)), SHF_OK);
  return test_seal(p);
}

TEST(a_block_that_only_got_older_is_no_change) {
  shf_profile *before = labelled(3, "Map", SHF_GC_NONE, "5000"), *out;
  shf_profile *after = labelled(13, "Set", SHF_GC_FORCED, "15000");
  CHECK_EQ(shf_profile_delta(before, after, &out), SHF_OK);
  CHECK_EQ(shf_profile_buckets(out), 0);
  shf_profile_free(before);
  shf_profile_free(after);
  shf_profile_free(out);
}

TEST(a_delta_keeps_labels_and_knows_its_duration) {
  shf_profile *before = test_profile("g 64 0\n"), *out;
  shf_profile *after = labelled(13, "Set", SHF_GC_NONE, "15000");
  CHECK_EQ(shf_profile_delta(before, after, &out), SHF_OK);
  uint32_t *keys, count;
  CHECK_EQ(shf_profile_label_keys(out, &keys, &count), SHF_OK);
  CHECK_EQ(count, 1);
  CHECK(count == 1 && shf__str_equals(shf_profile_text(out, keys[0]), "route"));
  free(keys);
  shf_profile_free(before);
  shf_profile_free(out);
  before = labelled(3, "Map", SHF_GC_NONE, "5000");
  CHECK_EQ(shf_profile_delta(before, after, &out), SHF_OK);
  shf_str duration = shf_profile_meta_get(out, "duration_ms");
  CHECK(shf__str_equals(duration, "10000"));
  shf_profile_free(before);
  shf_profile_free(after);
  shf_profile_free(out);
}

TEST(a_difference_has_no_delta) {
  shf_profile *d = test_diff("a 64 0\n", "a 64 0\n", false), *out = NULL;
  CHECK_EQ(shf_profile_delta(d, d, &out), SHF_E_ARG);
  CHECK(out == NULL);
  shf_profile_free(d);
}
