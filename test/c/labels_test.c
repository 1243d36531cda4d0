/* Labels: sets of them, through merges, differences, filters and pprof, and as frames. */
#include "reading.h"

/* A label of `key=text`, or of `key#number unit`. */
static shf_label label_of(shf_profile *p, const char *text) {
  shf_label l = {.number = 0};
  size_t n = strcspn(text, "=#");
  char *unit = NULL;
  CHECK_EQ(shf_profile_string(p, (shf_str){text, n}, &l.key), SHF_OK);
  if (text[n] == '=') {
    CHECK_EQ(shf_profile_string(p, shf_str_of(text + n + 1), &l.text), SHF_OK);
    return l;
  }
  l.number = strtoll(text + n + 1, &unit, 10);
  if (*unit == ' ') CHECK_EQ(shf_profile_string(p, shf_str_of(unit + 1), &l.unit), SHF_OK);
  return l;
}

/* A set of labels, separated by commas. */
static uint32_t set_of(shf_profile *p, const char *text) {
  shf_label labels[8];
  char copy[256];
  uint32_t count = 0, set = SHF_NONE;
  snprintf(copy, sizeof copy, "%s", text);
  for (char *at = strtok(copy, ","); at && count < 8; at = strtok(NULL, ","))
    labels[count++] = label_of(p, at);
  CHECK_EQ(shf_profile_label_set(p, labels, count, &set), SHF_OK);
  return set;
}

/* 64 bytes, allocated by a stack of functions, with labels. */
typedef struct labelled {
  const char *stack, *labels;
} labelled;

static shf_profile *profile_of(const labelled *rows, size_t count) {
  shf_profile *p = test_new(SHF_HAS_ALLOC);
  for (size_t i = 0; i < count; i++) {
    char copy[256];
    uint32_t node = 0;
    snprintf(copy, sizeof copy, "%s", rows[i].stack);
    for (char *at = strtok(copy, ";"); at; at = strtok(NULL, ";"))
      node = test_node(p, node, shf_str_of(at));
    shf_bucket b = {.size = 64, .value = {1, 64}, .node = node, .allocated = 1};
    b.labels = set_of(p, rows[i].labels);
    CHECK_EQ(shf_profile_bucket(p, &b), SHF_OK);
  }
  return test_seal(p);
}
#define PROFILE(...)                          \
  profile_of((const labelled[]){__VA_ARGS__}, \
             sizeof((const labelled[]){__VA_ARGS__}) / sizeof(labelled))

/* `key=text,key#number unit` of a set. */
static void put_set(const shf_profile *p, uint32_t set, shf_sink *sink) {
  uint32_t count;
  const shf_label *labels = shf_profile_labels_of(p, set, &count);
  for (uint32_t i = 0; i < count; i++) {
    if (i) shf_sink_puts(sink, ",");
    shf_sink_str(sink, shf_profile_text(p, labels[i].key));
    shf_sink_puts(sink, labels[i].text ? "=" : "#");
    shf_sink_str(sink, shf_profile_text(p, labels[i].text));
    if (labels[i].text) continue;
    shf_sink_i64(sink, labels[i].number);
    if (labels[i].unit) shf_sink_puts(sink, " ");
    shf_sink_str(sink, shf_profile_text(p, labels[i].unit));
  }
}

/* Each bucket as a line `leaf {labels} bytes`, in the order of the profile. */
static void check_buckets(const shf_profile *p, const char *expected) {
  shf_sink *sink = test_sink();
  for (uint32_t i = 0; i < shf_profile_buckets(p); i++) {
    const shf_bucket b = shf_profile_bucket_at(p, i);
    if (b.node) shf_sink_str(sink, shf_frame_name(p, shf_profile_frame_of(p, b.node)));
    shf_sink_puts(sink, " {");
    put_set(p, b.labels, sink);
    shf_sink_printf(sink, "} %lld\n", (long long)b.value[SHF_ALLOC_SPACE]);
  }
  char *text = test_written(sink, SHF_OK, NULL);
  CHECK_TEXT(text, expected);
  free(text);
}

static void check_sets(const shf_profile *p, const char *expected) {
  shf_sink *sink = test_sink();
  for (uint32_t set = 1; set < shf_profile_label_sets(p); set++) {
    put_set(p, set, sink);
    shf_sink_puts(sink, "\n");
  }
  char *text = test_written(sink, SHF_OK, NULL);
  CHECK_TEXT(text, expected);
  free(text);
}

/* ---- Sets */

TEST(labels_in_another_order_and_repeated_are_the_same_set) {
  shf_profile *p = test_new(SHF_HAS_ALLOC);
  CHECK_EQ(set_of(p, ""), 0);
  uint32_t set = set_of(p, "route=/a,tenant=x,age#60 seconds");
  CHECK_EQ(set_of(p, "tenant=x,age#60 seconds,route=/a,tenant=x"), set);
  CHECK(set_of(p, "route=/a,tenant=x,age#60") != set);
  CHECK(set_of(p, "route=/a,tenant=x") != set);
  CHECK_EQ(shf_profile_label_sets(p), 4);
  shf_profile_free(p);
}

TEST(labels_of_a_text_and_a_number_are_refused) {
  shf_profile *p = test_new(SHF_HAS_ALLOC);
  uint32_t set;
  shf_label both = label_of(p, "route=/a"), unknown = {.key = 1000};
  both.number = 1;
  CHECK_EQ(shf_profile_label_set(p, &both, 1, &set), SHF_E_ARG);
  CHECK_EQ(shf_profile_label_set(p, &unknown, 1, &set), SHF_E_ARG);
  shf_bucket b = {.size = 64, .labels = 1};
  CHECK_EQ(shf_profile_bucket(p, &b), SHF_E_ARG);
  shf_profile_free(p);
}

TEST(sealing_orders_sets_by_text_and_drops_unused_ones) {
  shf_profile *p = test_new(SHF_HAS_ALLOC);
  uint32_t node = test_node(p, 0, shf_str_of("f"));
  const char *sets[] = {"tenant=y,route=/b", "unused=1", "route=/b",
                        "tenant=x,route=/a", "n#2",      "n#-1"};
  for (int i = 0; i < 6; i++) {
    shf_bucket b = {.size = 64, .value = {1, 64}, .node = node, .allocated = 1};
    b.labels = set_of(p, sets[i]);
    if (i != 1) CHECK_EQ(shf_profile_bucket(p, &b), SHF_OK);
  }
  test_seal(p);
  check_sets(p, "n#-1\nn#2\nroute=/a,tenant=x\nroute=/b\nroute=/b,tenant=y\n");
  check_buckets(p,
                "f {n#-1} 64\nf {n#2} 64\nf {route=/a,tenant=x} 64\nf {route=/b} 64\n"
                "f {route=/b,tenant=y} 64\n");
  shf_profile_free(p);
}

TEST(buckets_of_equal_labels_are_added_up) {
  shf_profile *p = PROFILE({"f", "route=/b"}, {"f", "route=/a"}, {"f", "route=/b"}, {"f", ""});
  check_buckets(p, "f {} 64\nf {route=/a} 64\nf {route=/b} 128\n");
  CHECK_EQ(shf_profile_total(p, SHF_ALLOC_SPACE), 256);
  check_folded(p, SHF_ALLOC_SPACE, "f 256\n");
  shf_profile_free(p);
}

/* ---- Merges and differences */

static void check_merge(const char *root, const char *expected) {
  shf_profile *a = PROFILE({"f", "route=/b"}, {"g", "route=/a"}),
              *b = PROFILE({"f", "tenant=x"}, {"f", "route=/b"}, {"h", ""}), *both = NULL;
  shf_merge_input inputs[] = {{a, shf_str_of(root)}, {b, shf_str_of(root)}};
  CHECK_EQ(shf_profile_merge(inputs, 2, &both), SHF_OK);
  shf_profile_free(a);
  shf_profile_free(b);
  check_buckets(both, expected);
  shf_profile_free(both);
}

TEST(merging_keeps_labels) {
  const char *expected = "f {route=/b} 128\nf {tenant=x} 64\ng {route=/a} 64\nh {} 64\n";
  check_merge("", expected);
  check_merge("process 1", expected);
}

TEST(a_difference_keeps_the_labels_of_both_sides) {
  shf_profile *a = PROFILE({"f", "route=/b"}), *b = PROFILE({"f", "route=/a"}, {"f", "route=/b"}),
              *diff = NULL;
  CHECK_EQ(shf_profile_diff(a, b, SHF_ALLOC_SPACE, false, &diff), SHF_OK);
  shf_profile_free(a);
  shf_profile_free(b);
  check_buckets(diff, "f {route=/b} 64\nf {route=/a} 64\nf {route=/b} 64\n");
  shf_profile_free(diff);
}

/* ---- Filters */

TEST(a_filter_keeps_only_memory_of_some_sets) {
  shf_profile *p = PROFILE({"a;f", "route=/a"}, {"a;f", "route=/b"}, {"g", "route=/b"}, {"h", ""}),
              *kept = NULL;
  const uint8_t sets[] = {0, 1, 0};
  const shf_filter filter = {.labels = sets};
  CHECK_EQ(shf_profile_label_sets(p), 3);
  CHECK_EQ(shf_profile_filter(p, &filter, &kept), SHF_OK);
  shf_profile_free(p);
  check_buckets(kept, "f {route=/a} 64\n");
  CHECK_EQ(shf_profile_nodes(kept), 3);
  check_sets(kept, "route=/a\n");
  CHECK(shf_profile_meta_get(kept, SHF_META_FILTERED).len > 0);
  shf_profile_free(kept);
}

TEST(a_filter_of_labels_leaves_no_leaf_for_hidden_stacks_without_memory) {
  shf_profile *p = PROFILE({"f", "route=/a"}, {"g", "route=/b"}), *kept = NULL;
  const uint8_t sets[] = {0, 1, 0}, hide[] = {1, 1};
  const shf_filter filter = {.labels = sets, .hide = hide};
  CHECK_EQ(shf_profile_filter(p, &filter, &kept), SHF_OK);
  shf_profile_free(p);
  check_folded(kept, SHF_ALLOC_SPACE, "(hidden) 64\n");
  shf_profile_free(kept);
}

/* ---- Frames */

static void check_frames(const char *roots, const char *leaves, bool alone, const char *expected) {
  shf_profile *p = PROFILE({"a;f", "route=/a,tenant=x"}, {"a;f", "route=/b"}, {"a;g", "route=/a"},
                           {"h", "age#60 seconds,n#-1"}, {"a", "route=/a,route=/c"}),
              *made = NULL;
  const shf_str root = shf_str_of(roots ? roots : ""), leaf = shf_str_of(leaves ? leaves : "");
  const shf_label_frames how = {.roots = &root,
                                .leaves = &leaf,
                                .nroots = roots != NULL,
                                .nleaves = leaves != NULL,
                                .alone = alone};
  CHECK_EQ(shf_profile_label_frames(p, &how, &made), SHF_OK);
  CHECK_EQ(shf_profile_total(made, SHF_ALLOC_SPACE), shf_profile_total(p, SHF_ALLOC_SPACE));
  check_folded(made, SHF_ALLOC_SPACE, expected);
  shf_profile_free(p);
  shf_profile_free(made);
}

TEST(a_label_is_a_frame_above_stacks) {
  check_frames("route", NULL, false,
               "(no route);h 64\nroute: /a, /c;a 64\nroute: /a;a;f 64\nroute: /a;a;g 64\n"
               "route: /b;a;f 64\n");
}

TEST(a_label_is_a_frame_below_stacks) {
  check_frames(NULL, "tenant", false,
               "a;(no tenant) 64\na;f;(no tenant) 64\na;f;tenant: x 64\na;g;(no tenant) 64\n"
               "h;(no tenant) 64\n");
}

TEST(labels_are_frames_above_and_below_stacks) {
  check_frames("age", "n", false,
               "(no age);a;(no n) 64\n(no age);a;f;(no n) 128\n(no age);a;g;(no n) 64\n"
               "age: 60 seconds;h;n: -1 64\n");
}

TEST(labels_alone_are_the_sums_of_their_values) {
  check_frames("route", NULL, true,
               "(no route) 64\nroute: /a, /c 64\nroute: /a 128\nroute: /b 64\n");
}

TEST(frames_of_labels_have_a_category_of_their_own) {
  shf_profile *p = test_profile("route: /a;f@/a.js:1:1 64 0\n(no route);a: b@/a.js:1:1 64 0\n");
  enum shf_category expected[] = {SHF_CAT_LABEL, SHF_CAT_APP, SHF_CAT_APP, SHF_CAT_LABEL};
  CHECK_EQ(shf_profile_frames(p), 4);
  for (uint32_t f = 0; f < 4; f++) CHECK_EQ(shf_frame_category(p, f, NULL), expected[f]);
  shf_profile_free(p);
}

/* ---- pprof */

static shf_profile *through_pprof(shf_profile *p) {
  shf_sink *sink = test_sink();
  size_t len;
  char *bytes = test_written(sink, shf_pprof_write(p, SHF_ALLOC_SPACE, sink), &len);
  shf_profile_free(p);
  shf_profile *back = read_good(bytes, len, SHF_TYPES);
  free(bytes);
  return back;
}

TEST(pprof_keeps_labels) {
  shf_profile *p =
      through_pprof(PROFILE({"a;f", "route=/a,tenant=x"}, {"a;f", "route=/b"},
                            {"g", "age#60 seconds,route=route,n#-1,zero#0"}, {"h", ""}));
  check_buckets(p,
                "f {route=/a,tenant=x} 64\nf {route=/b} 64\n"
                "g {age#60 seconds,n#-1,route=route,zero#0} 64\nh {} 64\n");
  CHECK_EQ(shf_profile_meta_get(p, "lost").len, 0);
  shf_profile_free(p);
}

TEST(pprof_keeps_labels_named_as_ours_that_are_text) {
  shf_profile *p = through_pprof(PROFILE({"f", "bytes=many,interval=short,pprof::base=false"}));
  check_buckets(p, "f {bytes=many,interval=short,pprof::base=false} 64\n");
  shf_profile_free(p);
}

TEST(pprof_keeps_a_thousand_labels_of_one_sample) {
  enum { MANY = 1000 };
  static shf_label labels[MANY];
  shf_profile *p = test_new(SHF_HAS_ALLOC);
  shf_bucket b = {.size = 64, .value = {1, 64}, .allocated = 1};
  b.node = test_node(p, 0, shf_str_of("f"));
  for (int i = 0; i < MANY; i++) {
    char text[32];
    snprintf(text, sizeof text, "key%d=value%d", i % 7, i);
    labels[i] = label_of(p, text);
  }
  CHECK_EQ(shf_profile_label_set(p, labels, MANY, &b.labels), SHF_OK);
  CHECK_EQ(shf_profile_bucket(p, &b), SHF_OK);
  p = through_pprof(test_seal(p));
  uint32_t count;
  const shf_label *back = shf_profile_labels_of(p, 1, &count);
  CHECK_EQ(count, MANY);
  CHECK(back != NULL);
  CHECK_EQ(shf_profile_label_sets(p), 2);
  shf_profile_free(p);
}

/* ---- Tables */

static char *table_of(int (*write)(const shf_profile *, const shf_listing_options *, shf_sink *)) {
  shf_profile *p =
      PROFILE({"f", "route=/a,tenant=x"}, {"f", "route=/b"}, {"g", "route=/b"}, {"h", ""});
  const shf_listing_options o = {.type = SHF_ALLOC_SPACE};
  shf_sink *sink = test_sink();
  char *text = test_written(sink, write(p, &o, sink), NULL);
  shf_profile_free(p);
  return text;
}

static int write_markdown(const shf_profile *p, const shf_listing_options *o, shf_sink *sink) {
  return shf_markdown_write(p, o, 0, sink);
}

TEST(the_listing_has_a_table_of_each_label) {
  char *text = table_of(shf_listing_write);
  check_golden("labels.txt", text, strlen(text));
  free(text);
}

TEST(markdown_has_a_table_of_each_label) {
  char *text = table_of(write_markdown);
  check_golden("labels.md", text, strlen(text));
  free(text);
}

TEST(json_has_the_values_of_each_label) {
  char *text = table_of(shf_json_write);
  check_has(text,
            "\"labels\":{\"route\":[\n{\"value\":\"/"
            "b\",\"total\":{\"alloc_objects\":2,\"alloc_space\":128}");
  check_has(text, "{\"value\":\"\",\"total\":{\"alloc_objects\":1,\"alloc_space\":64}");
  check_has(text,
            "\"tenant\":[\n{\"value\":\"\",\"total\":{\"alloc_objects\":3,\"alloc_space\":192}");
  free(text);
}

TEST(sums_of_labels_add_up_to_the_total) {
  shf_profile *p = PROFILE({"f", "route=/a"}, {"f", "route=/b"}, {"g", "route=/b"}, {"h", ""});
  double total[3], variance[3];
  CHECK_EQ(shf_profile_label_sets(p), 3);
  shf_profile_label_sums(p, SHF_ALLOC_SPACE, total, variance);
  CHECK_EQ(total[0], 64);
  CHECK_EQ(total[1], 64);
  CHECK_EQ(total[2], 128);
  double sum = variance[0] + variance[1] + variance[2],
         whole = shf_profile_variance(p, SHF_ALLOC_SPACE);
  CHECK(sum > whole * 0.999999 && sum < whole * 1.000001);
  shf_profile_free(p);
}
