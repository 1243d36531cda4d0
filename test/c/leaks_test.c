/* Likely leaks, in simulated programs with fixed seeds. */
#include <math.h>

#include "test.h"

/* ---- A program that is simulated */

enum { PROGRAMS = 20, INTERVAL = 65536 };

typedef struct program {
  shf_profile *p;
  uint64_t seed;
  double seconds;     /* of the run */
  const char *caller; /* of the functions; NULL: none */
  uint32_t source;
  uint32_t root; /* node below which all stacks are */
} program;

static double uniform(program *m) {
  m->seed ^= m->seed << 13;
  m->seed ^= m->seed >> 7;
  m->seed ^= m->seed << 17;
  return (double)(m->seed >> 11) * 0x1p-53;
}

/* One call in an expression: compilers evaluate arguments in different orders. */
static double between(program *m, double least, double most) {
  return least + (most - least) * uniform(m);
}

static void set_meta(shf_profile *p, const char *key, double value) {
  char text[32];
  snprintf(text, sizeof text, "%.0f", value);
  CHECK_EQ(shf_profile_meta(p, shf_str_of(key), shf_str_of(text)), SHF_OK);
}

static program new_program(uint64_t seed, double seconds, uint32_t gc) {
  program m = {.seed = seed * 0x9E3779B97F4A7C15u | 1, .seconds = seconds};
  shf_source source = {.interval = INTERVAL, .since_ms = 1000000, .gc = gc, .pid = 7};
  uint32_t id;
  source.types = SHF_HAS_ALLOC | SHF_HAS_INUSE;
  CHECK_EQ(shf_profile_new(&m.p), SHF_OK);
  CHECK_EQ(shf_profile_source(m.p, source, &id), SHF_OK);
  set_meta(m.p, "time_ms", 1000000 + seconds * 1000);
  set_meta(m.p, "duration_ms", seconds * 1000);
  for (int i = 0; i < 20; i++) (void)uniform(&m);
  return m;
}

static int64_t rounded_age(double seconds) {
  int64_t age = (int64_t)(seconds + 0.5), unit = 1;
  while (age / unit >= 100) unit *= 10;
  return (age + unit / 2) / unit * unit;
}

/* The set of an age, and of a type and a route where they are given. */
static uint32_t labels_of(shf_profile *p, int64_t age, const char *type, const char *route) {
  shf_label labels[3] = {{.number = age}, {.number = 0}, {.number = 0}};
  const char *keys[3] = {SHF_LABEL_AGE, SHF_LABEL_TYPE, "http.route"};
  const char *texts[3] = {NULL, type, route};
  uint32_t set, count = 0;
  for (int i = 0; i < 3; i++) {
    if (i && !texts[i]) continue;
    shf_label *l = &labels[count++];
    CHECK_EQ(shf_profile_string(p, shf_str_of(keys[i]), &l->key), SHF_OK);
    if (i) CHECK_EQ(shf_profile_string(p, shf_str_of(texts[i]), &l->text), SHF_OK);
    if (!i) CHECK_EQ(shf_profile_string(p, shf_str_of("seconds"), &l->unit), SHF_OK);
  }
  CHECK_EQ(shf_profile_label_set(p, labels, count, &set), SHF_OK);
  return set;
}

static uint32_t node_below(shf_profile *p, uint32_t parent, const char *function) {
  shf_frame f = {.line = 35, .column = 9};
  uint32_t frame, node;
  CHECK_EQ(shf_profile_string(p, shf_str_of(function), &f.name), SHF_OK);
  CHECK_EQ(shf_profile_string(p, shf_str_of("/app/server.js"), &f.file), SHF_OK);
  CHECK_EQ(shf_profile_frame(p, f, &frame), SHF_OK);
  CHECK_EQ(shf_profile_node(p, parent, frame, &node), SHF_OK);
  return node;
}

/* One sampled block that was allocated at that time, of the run as a part of 1. */
static void block(program *m, const char *function, uint64_t size, double time, bool lives) {
  double each = shf_weight(size, INTERVAL), bytes = each * (double)size;
  uint32_t parent = m->caller ? node_below(m->p, m->root, m->caller) : m->root;
  shf_bucket b = {.size = size, .source = m->source, .allocated = 1};
  b.node = function ? node_below(m->p, parent, function) : m->root;
  b.value[SHF_ALLOC_OBJECTS] = (int64_t)each;
  b.value[SHF_ALLOC_SPACE] = (int64_t)bytes;
  if (lives) {
    b.live = 1;
    b.value[SHF_INUSE_OBJECTS] = b.value[SHF_ALLOC_OBJECTS];
    b.value[SHF_INUSE_SPACE] = b.value[SHF_ALLOC_SPACE];
    b.labels = labels_of(m->p, rounded_age((1 - time) * m->seconds), NULL, NULL);
  }
  CHECK_EQ(shf_profile_bucket(m->p, &b), SHF_OK);
}

/* About `samples` blocks at random between two times; those before `freed` are gone. */
static void blocks(program *m, const char *function, double samples, double from, double to,
                   double freed) {
  double time = from, mean = (to - from) / samples;
  uint64_t size = 40 + (uint64_t)((function ? strlen(function) : 0) * 8);
  for (;;) {
    time += -log(1 - uniform(m)) * mean;
    if (time >= to) return;
    block(m, function, size, time, time >= freed);
  }
}

/* What a program without a leak does. */
static void harmless(program *m) {
  double life = between(m, 0.02, 0.7), burst = between(m, 0, 0.9), end = between(m, 0.02, 0.2);
  blocks(m, "warmUp", between(m, 50, 400), 0, end, 0);
  end = between(m, 0.1, 0.7);
  blocks(m, "fill", between(m, 50, 600), 0, end, 0);
  end = burst + between(m, 0.01, 0.1);
  blocks(m, "burst", between(m, 30, 300), burst, end, 0);
  blocks(m, "cache", between(m, 100, 800), 0, 1, 1 - life);
  life = between(m, 0.001, 0.08);
  blocks(m, "churn", between(m, 100, 800), 0, 1, 1 - life);
  for (int i = 0; i < 4; i++) block(m, "table", 300000u << i, between(m, 0, 1), i % 2);
}

static void steady(program *m) {
  double start = between(m, 0, 0.15);
  blocks(m, "createSession", between(m, 70, 900), start, 1, 0);
  block(m, "createSession", 1 << 20, between(m, 0, 1), true); /* the table that holds them */
}

/* The functions that are likely leaks, each with a space behind it. */
static void find(const shf_profile *p, double min_seconds, char *names, size_t size) {
  shf_leak leaks[SHF_LEAKS];
  uint32_t count;
  CHECK_EQ(shf_profile_leaks(p, min_seconds, leaks, &count), SHF_OK);
  names[0] = 0;
  for (uint32_t i = 0; i < count; i++) {
    shf_str name = shf_frame_name(p, leaks[i].frame);
    size_t used = strlen(names);
    snprintf(names + used, size - used, "%.*s ", (int)name.len, name.ptr);
  }
}

static void check_program(program *m, const char *expected) {
  char names[256];
  CHECK_EQ(shf_profile_seal(m->p), SHF_OK);
  find(m->p, SHF_LEAK_SECONDS, names, sizeof names);
  CHECK_TEXT(names, expected);
  shf_profile_free(m->p);
}

static double seconds_of(uint64_t seed) {
  static const double all[] = {30, 45, 75, 110, 180, 600, 3600};
  return all[seed % (sizeof all / sizeof *all)];
}

TEST(a_leak_is_found_beside_caches_bursts_and_warm_up) {
  for (uint64_t seed = 1; seed <= PROGRAMS; seed++) {
    program m = new_program(seed, seconds_of(seed), SHF_GC_FORCED);
    harmless(&m);
    steady(&m);
    check_program(&m, "createSession ");
  }
}

TEST(nothing_is_claimed_without_a_leak) {
  for (uint64_t seed = 1; seed <= PROGRAMS; seed++) {
    program m = new_program(seed + 1000, seconds_of(seed), SHF_GC_FORCED);
    harmless(&m);
    check_program(&m, "");
  }
}

TEST(garbage_is_no_leak_so_a_collection_or_a_cut_by_age_is_needed) {
  char names[256];
  program m = new_program(3, 100, SHF_GC_NONE);
  steady(&m);
  CHECK_EQ(shf_profile_seal(m.p), SHF_OK);
  find(m.p, SHF_LEAK_SECONDS, names, sizeof names);
  CHECK_TEXT(names, "");
  shf_profile *old;
  const shf_filter f = {.older_than = 20};
  CHECK_EQ(shf_profile_filter(m.p, &f, &old), SHF_OK);
  find(old, SHF_LEAK_SECONDS, names, sizeof names);
  CHECK_TEXT(names, "createSession ");
  shf_profile_free(old);
  shf_profile_free(m.p);
}

TEST(what_is_younger_than_the_last_whole_collection_is_not_judged) {
  program late = new_program(3, 100, SHF_GC_NONE), early = new_program(3, 100, SHF_GC_NONE);
  set_meta(late.p, SHF_META_UNCOLLECTED, 15000);
  steady(&late);
  blocks(&late, "garbage", 500, 0.86, 1, 0);
  check_program(&late, "createSession ");
  set_meta(early.p, SHF_META_UNCOLLECTED, 85000);
  steady(&early);
  check_program(&early, "");
}

TEST(a_cut_by_age_alone_does_not_make_leaks_of_garbage) {
  char names[256];
  program m = new_program(3, 100, SHF_GC_NONE);
  shf_profile *old;
  const shf_filter f = {.older_than = 20};
  set_meta(m.p, SHF_META_UNCOLLECTED, 99000);
  blocks(&m, "garbage", 500, 0, 1, 0);
  CHECK_EQ(shf_profile_seal(m.p), SHF_OK);
  CHECK_EQ(shf_profile_filter(m.p, &f, &old), SHF_OK);
  find(old, SHF_LEAK_SECONDS, names, sizeof names);
  CHECK_TEXT(names, "");
  shf_profile_free(old);
  shf_profile_free(m.p);
}

/* From `when` on, the caller of the function allocates in its place. */
static void inlined(program *m, const char *function, double samples, double when) {
  m->caller = "onRequest";
  blocks(m, function, samples * when, 0, when, 0);
  m->caller = NULL;
  blocks(m, "onRequest", samples * (1 - when), when, 1, 0);
}

TEST(a_leak_that_was_inlined_amid_the_run_is_found_with_its_caller) {
  for (uint64_t seed = 1; seed <= PROGRAMS; seed++) {
    program m = new_program(seed + 2000, seconds_of(seed), SHF_GC_FORCED);
    double when = between(&m, 0.25, 0.85);
    harmless(&m);
    inlined(&m, "createSession", between(&m, 200, 900), when);
    m.caller = "onRequest";
    blocks(&m, "fill", 400, 0, 0.15, 0);
    check_program(&m, "createSession ");
  }
}

static program new_program_of_timers(void) {
  program m = new_program(10, 60, SHF_GC_FORCED);
  shf_frame f = {.line = 500};
  uint32_t frame;
  CHECK_EQ(shf_profile_string(m.p, shf_str_of("node:internal/timers"), &f.file), SHF_OK);
  CHECK_EQ(shf_profile_frame(m.p, f, &frame), SHF_OK);
  CHECK_EQ(shf_profile_node(m.p, 0, frame, &m.root), SHF_OK);
  return m;
}

TEST(a_leak_is_found_that_was_inlined_with_its_caller_into_a_function_of_node) {
  program leak = new_program_of_timers(), own = new_program_of_timers();
  leak.caller = "onTimeout";
  blocks(&leak, "createSession", 200, 0, 0.4, 0);
  blocks(&leak, NULL, 300, 0.4, 1, 0);
  check_program(&leak, "createSession ");
  blocks(&own, NULL, 500, 0, 1, 0);
  check_program(&own, "");
}

TEST(a_cache_that_filled_below_a_cache_that_drops_entries_is_no_leak) {
  for (uint64_t seed = 1; seed <= PROGRAMS; seed++) {
    program m = new_program(seed + 3000, seconds_of(seed), SHF_GC_FORCED);
    double rate = between(&m, 200, 800), when = between(&m, 0.4, 0.7);
    m.caller = "onRequest";
    blocks(&m, "fill", rate * when, 0, when, 0);
    m.caller = NULL;
    blocks(&m, "onRequest", rate, 0, 1, when);
    check_program(&m, "");
  }
}

/* Entries are dropped at random: their number falls by half with each half-life. */
static void decaying(program *m, const char *function, double samples, double half_life) {
  double time = 0;
  for (;;) {
    time += -log(1 - uniform(m)) / samples;
    if (time >= 1) return;
    block(m, function, 200, time, uniform(m) < exp2(-(1 - time) / half_life));
  }
}

TEST(a_cache_that_drops_entries_at_random_is_no_leak) {
  for (uint64_t seed = 1; seed <= PROGRAMS; seed++) {
    program m = new_program(seed + 4000, seconds_of(seed), SHF_GC_FORCED);
    double half_life = between(&m, 0.03, 0.5);
    decaying(&m, "cache", between(&m, 300, 2000), half_life);
    check_program(&m, "");
  }
}

TEST(a_table_of_random_keys_that_fills_ever_slower_is_no_leak) {
  for (uint64_t seed = 1; seed <= PROGRAMS; seed++) {
    program m = new_program(seed + 5000, seconds_of(seed), SHF_GC_FORCED);
    double half = between(&m, 0.03, 0.35), samples = between(&m, 300, 2000);
    for (double time = 0;;) {
      time += -log(1 - uniform(&m)) / samples;
      if (time >= 1) break;
      if (uniform(&m) < exp2(-time / half)) block(&m, "intern", 200, time, true);
    }
    check_program(&m, "");
  }
}

TEST(a_leak_in_two_processes_has_the_sum_of_their_rates) {
  enum { SAMPLES = 900, SECONDS = 600 };
  program m = new_program(11, SECONDS, SHF_GC_FORCED);
  shf_source late = {.interval = INTERVAL, .since_ms = 1000000 + SECONDS * 500, .pid = 8};
  shf_leak leaks[SHF_LEAKS];
  uint32_t count;
  late.types = SHF_HAS_ALLOC | SHF_HAS_INUSE;
  late.gc = SHF_GC_FORCED;
  blocks(&m, "createSession", SAMPLES, 0, 1, 0);
  CHECK_EQ(shf_profile_source(m.p, late, &m.source), SHF_OK);
  m.seconds = SECONDS / 2;
  blocks(&m, "createSession", SAMPLES, 0, 1, 0);
  CHECK_EQ(shf_profile_seal(m.p), SHF_OK);
  CHECK_EQ(shf_profile_leaks(m.p, SHF_LEAK_SECONDS, leaks, &count), SHF_OK);
  CHECK_EQ(count, 1);
  CHECK(fabs(leaks[0].rate - 3 * SAMPLES * (double)INTERVAL / SECONDS) < 4 * leaks[0].rate_error);
  shf_profile_free(m.p);
}

TEST(a_short_run_is_not_judged) {
  char names[256];
  program m = new_program(4, 20, SHF_GC_FORCED);
  steady(&m);
  CHECK_EQ(shf_profile_seal(m.p), SHF_OK);
  find(m.p, SHF_LEAK_SECONDS, names, sizeof names);
  CHECK_TEXT(names, "");
  find(m.p, 10, names, sizeof names);
  CHECK_TEXT(names, "createSession ");
  shf_profile_free(m.p);
}

TEST(few_samples_are_no_leak) {
  program m = new_program(5, 100, SHF_GC_FORCED);
  for (int i = 0; i < 24; i++) block(&m, "createSession", 400, (i + 0.5) / 24, true);
  check_program(&m, "");
}

TEST(a_leak_may_begin_late_where_nothing_older_was_freed) {
  program late = new_program(6, 300, SHF_GC_FORCED), cache = new_program(6, 300, SHF_GC_FORCED);
  blocks(&late, "createSession", 300, 0.4, 1, 0);
  check_program(&late, "createSession ");
  blocks(&cache, "createSession", 600, 0, 1, 0.4);
  check_program(&cache, "");
}

TEST(the_rate_of_a_leak_is_right_within_its_error) {
  enum { SAMPLES = 600, SECONDS = 600 };
  program m = new_program(7, SECONDS, SHF_GC_FORCED);
  shf_leak leaks[SHF_LEAKS];
  uint32_t count;
  blocks(&m, "createSession", SAMPLES, 0, 1, 0);
  blocks(&m, "burst", 400, 0.3, 0.31, 0);
  CHECK_EQ(shf_profile_seal(m.p), SHF_OK);
  CHECK_EQ(shf_profile_leaks(m.p, SHF_LEAK_SECONDS, leaks, &count), SHF_OK);
  CHECK_EQ(count, 1);
  double rate = SAMPLES * (double)INTERVAL / SECONDS;
  CHECK(fabs(leaks[0].rate - rate) < 4 * leaks[0].rate_error);
  CHECK(leaks[0].rate_error < rate / 15);
  CHECK(fabs(leaks[0].seconds - SECONDS) < 1);
  shf_profile_free(m.p);
}

TEST(at_most_five_leaks_are_named_the_fastest_first) {
  static const char *const names[] = {"a", "bb", "ccc", "dddd", "eeeee", "ffffff", "ggggggg"};
  program m = new_program(8, 60, SHF_GC_FORCED);
  for (int i = 0; i < 7; i++) blocks(&m, names[i], 200 * (i + 1) * (i + 1), 0, 1, 0);
  check_program(&m, "ggggggg ffffff eeeee dddd ccc ");
}

/* A leak with types and routes: each block has one of three. */
static shf_profile *labelled_leak(void) {
  static const char *const types[] = {"Session", "Session", "Map"};
  program m = new_program(9, 600, SHF_GC_FORCED);
  for (int i = 0; i < 600; i++) {
    int64_t age = rounded_age(i + 0.5);
    shf_bucket b = {.size = 64, .value = {1024, 65536, 1024, 65536}, .allocated = 1, .live = 1};
    b.node = node_below(m.p, 0, "createSession");
    b.labels = labels_of(m.p, age, types[i % 3], i % 10 ? "/login" : "/other");
    CHECK_EQ(shf_profile_bucket(m.p, &b), SHF_OK);
  }
  return test_seal(m.p);
}

TEST(the_listing_markdown_and_json_name_types_and_labels_of_leaks) {
  static const char line[] =
      "likely leaks: createSession (server.js:35), Session and Map, +3.9 MB a minute "
      "\xC2\xB1 0.2, from /login (90 %), steady over 10 minutes";
  shf_profile *p = labelled_leak();
  const shf_listing_options o = {.type = SHF_INUSE_SPACE, .cwd = shf_str_of("/app")};
  shf_sink *sink = test_sink();
  char *text = test_written(sink, shf_listing_write(p, &o, sink), NULL);
  check_has(text, line);
  free(text);
  sink = test_sink();
  text = test_written(sink, shf_markdown_write(p, &o, 0, sink), NULL);
  check_has(text, line);
  free(text);
  sink = test_sink();
  text = test_written(sink, shf_json_write(p, &o, sink), NULL);
  check_has(text, "\"leaks\":[{\"name\":\"createSession\",\"file\":\"/app/server.js\",\"line\":35");
  check_has(text,
            "\"type\":[{\"value\":\"Session\",\"percent\":66.7},"
            "{\"value\":\"Map\",\"percent\":33.3}]");
  check_has(text, "\"http.route\":[{\"value\":\"/login\",\"percent\":90}");
  free(text);
  shf_profile_free(p);
}

TEST(the_listing_and_json_name_the_function_into_which_a_leak_was_inlined) {
  program m = new_program(12, 600, SHF_GC_FORCED);
  inlined(&m, "createSession", 900, 0.4);
  shf_profile *p = test_seal(m.p);
  const shf_listing_options o = {.type = SHF_INUSE_SPACE, .cwd = shf_str_of("/app")};
  shf_sink *sink = test_sink();
  char *text = test_written(sink, shf_listing_write(p, &o, sink), NULL);
  check_has(text,
            "likely leaks: createSession (server.js:35), inlined into onRequest (server.js:35), +");
  free(text);
  sink = test_sink();
  text = test_written(sink, shf_json_write(p, &o, sink), NULL);
  check_has(text, "\"inlined_into\":{\"name\":\"onRequest\",\"file\":\"/app/server.js\"");
  free(text);
  shf_profile_free(p);
}

TEST(json_says_of_each_function_whether_its_memory_stays) {
  program m = new_program(13, 100, SHF_GC_FORCED);
  steady(&m);
  blocks(&m, "fill", 300, 0, 0.6, 0);
  blocks(&m, "churn", 300, 0, 1, 0.93);
  blocks(&m, "late", 300, 0.5, 1, 0);
  shf_profile *p = test_seal(m.p);
  const shf_listing_options o = {.type = SHF_INUSE_SPACE};
  shf_sink *sink = test_sink();
  char *text = test_written(sink, shf_json_write(p, &o, sink), NULL);
  static const char *const expected[][2] = {
      {"createSession", "leak"}, {"fill", "filled"}, {"churn", "young"}, {"late", NULL}};
  for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
    char name[64], stays[64];
    snprintf(name, sizeof name, "{\"name\":\"%s\"", expected[i][0]);
    snprintf(stays, sizeof stays, "\"stays\":\"%s\"", expected[i][1] ? expected[i][1] : "");
    char *row = strstr(text, name), *end = row ? strchr(row, '\n') : NULL;
    CHECK(row && end);
    *end = 0;
    CHECK((strstr(row, stays) != NULL) == (expected[i][1] != NULL));
    *end = '\n';
  }
  free(text);
  shf_profile_free(p);
}
