/* pprof: decoded by a small decoder of its own and asked by stack. */
#include <sys/wait.h>
#include <unistd.h>

#include "format/pprof/fields.h"
#include "test.h"

/* ---- A decoder that keeps the bytes and looks things up in them --------- */

typedef struct view {
  const uint8_t *at, *end;
} view;

typedef struct field {
  int number, wire;
  uint64_t value; /* of a varint */
  view bytes;     /* of a length-counted field */
} field;

static uint64_t take_varint(view *v) {
  uint64_t value = 0;
  for (int shift = 0; v->at < v->end && shift < 64; shift += 7) {
    uint8_t byte = *v->at++;
    value |= (uint64_t)(byte & 0x7F) << shift;
    if (byte < 0x80) return value;
  }
  test_fail(__FILE__, __LINE__, "a varint has no end");
  v->at = v->end;
  return 0;
}

static bool next_field(view *v, field *f) {
  if (v->at >= v->end) return false;
  uint64_t tag = take_varint(v);
  *f = (field){(int)(tag >> 3), (int)(tag & 7), 0, {NULL, NULL}};
  uint64_t value = take_varint(v);
  if (f->wire == PB_VARINT) {
    f->value = value;
    return true;
  }
  CHECK_EQ(f->wire, PB_BYTES);
  if (f->wire != PB_BYTES || value > (uint64_t)(v->end - v->at)) {
    test_fail(__FILE__, __LINE__, "a field is longer than its message");
    v->at = v->end;
    return false;
  }
  f->bytes = (view){v->at, v->at + value};
  v->at += value;
  return true;
}

/* The n-th field of that number. */
static bool find(view v, int number, uint64_t n, field *f) {
  while (next_field(&v, f)) {
    if (f->number == number && n-- == 0) return true;
  }
  return false;
}

static uint64_t number_of(view v, int number) {
  field f;
  return find(v, number, 0, &f) ? f.value : 0;
}

static uint64_t count_of(view v, int number) {
  uint64_t n = 0;
  for (field f; next_field(&v, &f);) n += f.number == number;
  return n;
}

/* The string of that place as new text; free() it. */
static char *string_at(view profile, uint64_t place) {
  field f;
  if (!find(profile, PPROF_PROFILE_STRING_TABLE, place, &f)) return strdup("?");
  size_t len = (size_t)(f.bytes.end - f.bytes.at);
  char *text = malloc(len + 1);
  if (!text) abort();
  if (len) memcpy(text, f.bytes.at, len);
  text[len] = 0;
  return text;
}

static bool string_is(view profile, uint64_t place, const char *expected) {
  char *text = string_at(profile, place);
  bool same = strcmp(text, expected) == 0;
  free(text);
  return same;
}

/* The message of that number whose field 1 is `id`. */
static bool by_id(view profile, int number, uint64_t id, view *message) {
  for (field f; next_field(&profile, &f);) {
    if (f.number != number || number_of(f.bytes, 1) != id) continue;
    *message = f.bytes;
    return true;
  }
  return false;
}

static view function_of(view profile, uint64_t location, view *line) {
  view message = {NULL, NULL}, function = {NULL, NULL};
  field f;
  CHECK(by_id(profile, PPROF_PROFILE_LOCATION, location, &message));
  CHECK_EQ(number_of(message, PPROF_LOCATION_MAPPING_ID), 1);
  CHECK_EQ(count_of(message, PPROF_LOCATION_LINE), 1);
  CHECK(find(message, PPROF_LOCATION_LINE, 0, &f));
  *line = f.bytes;
  CHECK(
      by_id(profile, PPROF_PROFILE_FUNCTION, number_of(*line, PPROF_LINE_FUNCTION_ID), &function));
  return function;
}

/* A sample's names, root first, joined by `;`. */
static void stack_of(view profile, view sample, char *out, size_t capacity) {
  field ids;
  uint64_t locations[64];
  size_t n = 0, len = 0;
  out[0] = 0;
  if (!find(sample, PPROF_SAMPLE_LOCATION_ID, 0, &ids)) return;
  while (ids.bytes.at < ids.bytes.end && n < 64) locations[n++] = take_varint(&ids.bytes);
  while (n-- > 0) {
    view line, function = function_of(profile, locations[n], &line);
    char *name = string_at(profile, number_of(function, PPROF_FUNCTION_NAME));
    len += (size_t)snprintf(out + len, capacity - len, "%s%s", len ? ";" : "", name);
    free(name);
  }
}

/* Samples of that stack, their values added up; *block is the last one's `bytes` label. */
static int samples_of(view profile, const char *stack, int64_t values[SHF_TYPES], uint64_t *block) {
  view rest = profile;
  int count = 0;
  memset(values, 0, SHF_TYPES * sizeof *values);
  *block = 0;
  for (field f; next_field(&rest, &f);) {
    char text[1024];
    field packed, label;
    if (f.number != PPROF_PROFILE_SAMPLE) continue;
    stack_of(profile, f.bytes, text, sizeof text);
    if (strcmp(text, stack) != 0) continue;
    count++;
    CHECK(find(f.bytes, PPROF_SAMPLE_VALUE, 0, &packed));
    for (int i = 0; packed.bytes.at < packed.bytes.end && i < SHF_TYPES; i++)
      values[i] += (int64_t)take_varint(&packed.bytes);
    if (!find(f.bytes, PPROF_SAMPLE_LABEL, 0, &label)) continue;
    *block = number_of(label.bytes, PPROF_LABEL_NUM);
    CHECK(string_is(profile, number_of(label.bytes, PPROF_LABEL_KEY), "bytes"));
    CHECK(string_is(profile, number_of(label.bytes, PPROF_LABEL_NUM_UNIT), "bytes"));
  }
  return count;
}

static bool has_function(view profile, const char *name, view *function) {
  for (view rest = profile; rest.at < rest.end;) {
    field f;
    if (!next_field(&rest, &f) || f.number != PPROF_PROFILE_FUNCTION) continue;
    if (!string_is(profile, number_of(f.bytes, PPROF_FUNCTION_NAME), name)) continue;
    *function = f.bytes;
    return true;
  }
  return false;
}

static bool has_comment(view profile, const char *text) {
  for (view rest = profile; rest.at < rest.end;) {
    field f;
    if (next_field(&rest, &f) && f.number == PPROF_PROFILE_COMMENT &&
        string_is(profile, f.value, text))
      return true;
  }
  return false;
}

/* ---- Profiles ------------------------------------------------------------ */

static char *encode(const shf_profile *p, shf_type type, view *out) {
  size_t len;
  shf_sink *sink = test_sink();
  char *bytes = test_written(sink, shf_pprof_write(p, type, sink), &len);
  *out = (view){(const uint8_t *)bytes, (const uint8_t *)bytes + len};
  return bytes;
}

static char *encode_lines(const char *lines, view *out) {
  shf_profile *p = test_profile(lines);
  char *bytes = encode(p, SHF_INUSE_SPACE, out);
  shf_profile_free(p);
  return bytes;
}

/* A profile with one node, unsealed; the bucket is ready to be added. */
static shf_profile *one_node(uint32_t types, shf_str name, shf_bucket *bucket) {
  shf_profile *p;
  shf_source source = {.interval = 4096, .pid = 1, .types = types};
  shf_frame frame = {0, 0, 0, 0, 0};
  uint32_t id;
  *bucket = (shf_bucket){64, {1, 64, 1, 64}, 0, 0, 1, 1, 0};
  CHECK_EQ(shf_profile_new(&p), SHF_OK);
  CHECK_EQ(shf_profile_source(p, source, &bucket->source), SHF_OK);
  CHECK_EQ(shf_profile_string(p, name, &frame.name), SHF_OK);
  CHECK_EQ(shf_profile_frame(p, frame, &id), SHF_OK);
  CHECK_EQ(shf_profile_node(p, 0, id, &bucket->node), SHF_OK);
  return p;
}

/* ---- Tests ---------------------------------------------------------------- */

TEST(pprof_sample_types_are_in_gos_order) {
  static const char *const names[] = {"alloc_objects", "alloc_space", "inuse_objects",
                                      "inuse_space"};
  view v;
  char *bytes = encode_lines("a 64 64\n", &v);
  CHECK_EQ(count_of(v, PPROF_PROFILE_SAMPLE_TYPE), 4);
  for (uint64_t i = 0; i < 4; i++) {
    field f;
    CHECK(find(v, PPROF_PROFILE_SAMPLE_TYPE, i, &f));
    CHECK(string_is(v, number_of(f.bytes, PPROF_VALUE_TYPE_TYPE), names[i]));
    CHECK(string_is(v, number_of(f.bytes, PPROF_VALUE_TYPE_UNIT), i % 2 ? "bytes" : "count"));
  }
  free(bytes);
}

TEST(pprof_writes_only_the_types_that_are_known) {
  shf_bucket bucket;
  shf_profile *p = one_node(SHF_HAS_ALLOC, shf_str_of("a"), &bucket);
  view v;
  int64_t values[SHF_TYPES];
  uint64_t block;
  CHECK_EQ(shf_profile_bucket(p, &bucket), SHF_OK);
  CHECK_EQ(shf_profile_seal(p), SHF_OK);
  char *bytes = encode(p, SHF_ALLOC_SPACE, &v);
  CHECK_EQ(count_of(v, PPROF_PROFILE_SAMPLE_TYPE), 2);
  CHECK_EQ(samples_of(v, "a", values, &block), 1);
  CHECK_EQ(values[0], 1);
  CHECK_EQ(values[1], 64);
  free(bytes);
  shf_profile_free(p);
}

TEST(pprof_of_an_unknown_default_type_is_absent) {
  shf_bucket bucket;
  shf_profile *p = one_node(SHF_HAS_ALLOC, shf_str_of("a"), &bucket);
  CHECK_EQ(shf_profile_seal(p), SHF_OK);
  shf_sink *sink = test_sink();
  CHECK_EQ(shf_pprof_write(p, SHF_INUSE_SPACE, sink), SHF_E_ABSENT);
  CHECK_EQ(shf_pprof_write(p, SHF_TYPES, sink), SHF_E_ARG);
  shf_sink_free(sink);
  shf_profile_free(p);
}

TEST(pprof_period_and_default_type) {
  view v;
  field f;
  char *bytes = encode_lines("a 64 64\n", &v);
  CHECK(find(v, PPROF_PROFILE_PERIOD_TYPE, 0, &f));
  CHECK(string_is(v, number_of(f.bytes, PPROF_VALUE_TYPE_TYPE), "space"));
  CHECK(string_is(v, number_of(f.bytes, PPROF_VALUE_TYPE_UNIT), "bytes"));
  CHECK_EQ(number_of(v, PPROF_PROFILE_PERIOD), 65536);
  CHECK(string_is(v, number_of(v, PPROF_PROFILE_DEFAULT_SAMPLE_TYPE), "inuse_space"));
  free(bytes);
}

TEST(pprof_string_table_begins_with_the_empty_string) {
  view v;
  char *bytes = encode_lines("a 64 64\n", &v);
  CHECK(string_is(v, 0, ""));
  free(bytes);
}

TEST(pprof_has_one_mapping_that_is_symbolized) {
  view v;
  field f;
  char *bytes = encode_lines("a 64 64\n", &v);
  CHECK_EQ(count_of(v, PPROF_PROFILE_MAPPING), 1);
  CHECK(find(v, PPROF_PROFILE_MAPPING, 0, &f));
  CHECK_EQ(number_of(f.bytes, PPROF_MAPPING_ID), 1);
  CHECK_EQ(number_of(f.bytes, PPROF_MAPPING_HAS_FUNCTIONS), 1);
  CHECK_EQ(number_of(f.bytes, PPROF_MAPPING_HAS_FILENAMES), 1);
  CHECK_EQ(number_of(f.bytes, PPROF_MAPPING_HAS_LINE_NUMBERS), 1);
  CHECK(string_is(v, number_of(f.bytes, PPROF_MAPPING_FILENAME), "node"));
  free(bytes);
}

TEST(pprof_mapping_is_the_executable_where_it_is_known) {
  shf_profile *p = test_profile("a 64 64\n");
  view v;
  field f;
  CHECK_EQ(shf_profile_meta(p, shf_str_of("exec"), shf_str_of("/usr/bin/node")), SHF_OK);
  char *bytes = encode(p, SHF_INUSE_SPACE, &v);
  CHECK(find(v, PPROF_PROFILE_MAPPING, 0, &f));
  CHECK(string_is(v, number_of(f.bytes, PPROF_MAPPING_FILENAME), "/usr/bin/node"));
  CHECK(!has_comment(v, "exec: /usr/bin/node"));
  free(bytes);
  shf_profile_free(p);
}

TEST(pprof_values_are_found_by_stack) {
  view v;
  int64_t values[SHF_TYPES];
  uint64_t block;
  char *bytes = encode_lines("main;parse;get 640 64\nmain;parse 128 0\nmain;get 6400 6400\n", &v);
  CHECK_EQ(samples_of(v, "main;parse;get", values, &block), 1);
  CHECK_EQ(values[SHF_ALLOC_OBJECTS], 10);
  CHECK_EQ(values[SHF_ALLOC_SPACE], 640);
  CHECK_EQ(values[SHF_INUSE_OBJECTS], 1);
  CHECK_EQ(values[SHF_INUSE_SPACE], 64);
  CHECK_EQ(samples_of(v, "main;parse", values, &block), 1);
  CHECK_EQ(values[SHF_ALLOC_SPACE], 128);
  CHECK_EQ(samples_of(v, "main;get", values, &block), 1);
  CHECK_EQ(values[SHF_INUSE_SPACE], 6400);
  CHECK_EQ(samples_of(v, "main", values, &block), 0);
  free(bytes);
}

TEST(pprof_label_bytes_is_the_block_size) {
  view v;
  int64_t values[SHF_TYPES];
  uint64_t block;
  char *bytes = encode_lines("a 64 64\n", &v);
  CHECK_EQ(samples_of(v, "a", values, &block), 1);
  CHECK_EQ(block, 64);
  free(bytes);
}

TEST(pprof_writes_a_sample_a_block_size) {
  shf_bucket bucket;
  shf_profile *p = one_node(SHF_HAS_ALLOC, shf_str_of("a"), &bucket);
  view v;
  int64_t values[SHF_TYPES];
  uint64_t block;
  CHECK_EQ(shf_profile_bucket(p, &bucket), SHF_OK);
  bucket.size = 0;
  CHECK_EQ(shf_profile_bucket(p, &bucket), SHF_OK);
  CHECK_EQ(shf_profile_seal(p), SHF_OK);
  char *bytes = encode(p, SHF_ALLOC_SPACE, &v);
  CHECK_EQ(samples_of(v, "a", values, &block), 2);
  CHECK_EQ(values[1], 128);
  free(bytes);
  shf_profile_free(p);
}

TEST(pprof_an_unknown_block_size_has_no_label) {
  shf_bucket bucket;
  shf_profile *p = one_node(SHF_HAS_ALLOC, shf_str_of("a"), &bucket);
  view v;
  field sample;
  bucket.size = 0;
  CHECK_EQ(shf_profile_bucket(p, &bucket), SHF_OK);
  CHECK_EQ(shf_profile_seal(p), SHF_OK);
  char *bytes = encode(p, SHF_ALLOC_SPACE, &v);
  CHECK(find(v, PPROF_PROFILE_SAMPLE, 0, &sample));
  CHECK_EQ(count_of(sample.bytes, PPROF_SAMPLE_LABEL), 0);
  free(bytes);
  shf_profile_free(p);
}

TEST(pprof_leaves_out_buckets_without_values_and_their_functions) {
  view v, function;
  char *bytes = encode_lines("a;dead 0 0\na 64 64\n", &v);
  CHECK_EQ(count_of(v, PPROF_PROFILE_SAMPLE), 1);
  CHECK(!has_function(v, "dead", &function));
  free(bytes);
}

TEST(pprof_negative_values_take_ten_bytes) {
  shf_bucket bucket;
  shf_profile *p = one_node(SHF_HAS_ALLOC, shf_str_of("a"), &bucket);
  view v;
  int64_t values[SHF_TYPES];
  uint64_t block;
  bucket.value[SHF_ALLOC_SPACE] = -64;
  CHECK_EQ(shf_profile_bucket(p, &bucket), SHF_OK);
  CHECK_EQ(shf_profile_seal(p), SHF_OK);
  char *bytes = encode(p, SHF_ALLOC_SPACE, &v);
  CHECK_EQ(samples_of(v, "a", values, &block), 1);
  CHECK_EQ(values[1], -64);
  free(bytes);
  shf_profile_free(p);
}

TEST(pprof_positions_are_in_line_and_function) {
  view v, line, function;
  char *bytes = encode_lines("f@/app/a.js:12:3 64 64\n", &v);
  function = function_of(v, 1, &line);
  CHECK_EQ(number_of(line, PPROF_LINE_LINE), 12);
  CHECK_EQ(number_of(line, PPROF_LINE_COLUMN), 3);
  CHECK_EQ(number_of(function, PPROF_FUNCTION_START_LINE), 12);
  CHECK_EQ(number_of(function, PPROF_FUNCTION_SYSTEM_NAME), 0);
  CHECK(string_is(v, number_of(function, PPROF_FUNCTION_FILENAME), "/app/a.js"));
  free(bytes);
}

TEST(pprof_most_used_frames_have_the_smallest_ids) {
  view v, function;
  char *bytes = encode_lines("a;hot 64 64\nb;hot 64 64\nc;hot 64 64\n", &v);
  CHECK(has_function(v, "hot", &function));
  CHECK_EQ(number_of(function, PPROF_FUNCTION_ID), 1);
  CHECK_EQ(count_of(v, PPROF_PROFILE_FUNCTION), 4);
  CHECK_EQ(count_of(v, PPROF_PROFILE_LOCATION), 4);
  free(bytes);
}

TEST(pprof_anonymous_functions_are_named_by_their_place) {
  view v, function;
  char *bytes = encode_lines("@/app/a.js:12:3 64 64\n", &v);
  CHECK(has_function(v, "(anonymous) (a.js:12:3)", &function));
  free(bytes);
}

TEST(pprof_anonymous_functions_of_like_named_files_have_their_path) {
  view v, function;
  char *bytes = encode_lines("@/a/index.js:1:1;@/b/index.js:1:1;@/b/index.js:2:1 64 64\n", &v);
  CHECK(has_function(v, "(anonymous) (/a/index.js:1:1)", &function));
  CHECK(has_function(v, "(anonymous) (/b/index.js:1:1)", &function));
  CHECK(has_function(v, "(anonymous) (index.js:2:1)", &function));
  free(bytes);
}

TEST(pprof_names_stay_whole) {
  static const char *const names[] = {"<anonymous>",
                                      "Foo<Bar>.baz(x)",
                                      "get x",
                                      "[Symbol.iterator]",
                                      "\xE6\xBC\xA2\xE5\xAD\x97",
                                      "\xF0\x9F\x98\x80",
                                      "it's \"quoted\"",
                                      "a;b",
                                      "a\nb"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    shf_bucket bucket;
    shf_profile *p = one_node(SHF_HAS_ALLOC, shf_str_of(names[i]), &bucket);
    view v, function;
    CHECK_EQ(shf_profile_bucket(p, &bucket), SHF_OK);
    CHECK_EQ(shf_profile_seal(p), SHF_OK);
    char *bytes = encode(p, SHF_ALLOC_SPACE, &v);
    CHECK(has_function(v, names[i], &function));
    free(bytes);
    shf_profile_free(p);
  }
}

TEST(pprof_broken_utf8_becomes_replacement_characters) {
  shf_bucket bucket;
  shf_profile *p = one_node(SHF_HAS_ALLOC, shf_str_of("a\xFFz"), &bucket);
  view v, function;
  CHECK_EQ(shf_profile_bucket(p, &bucket), SHF_OK);
  CHECK_EQ(shf_profile_seal(p), SHF_OK);
  char *bytes = encode(p, SHF_ALLOC_SPACE, &v);
  CHECK(has_function(v, "a\xEF\xBF\xBDz", &function));
  free(bytes);
  shf_profile_free(p);
}

TEST(pprof_comments_are_the_meta_and_what_the_sources_say) {
  shf_profile *p = test_profile("a 64 64\n");
  view v;
  CHECK_EQ(shf_profile_meta(p, shf_str_of("command"), shf_str_of("node a.js")), SHF_OK);
  CHECK_EQ(shf_profile_meta(p, shf_str_of("hide"), shf_str_of("/x")), SHF_OK);
  char *bytes = encode(p, SHF_INUSE_SPACE, &v);
  CHECK(has_comment(v, "command: node a.js"));
  CHECK(has_comment(v, "interval: 65,536 bytes"));
  CHECK(has_comment(v, "gc: forced"));
  CHECK(!has_comment(v, "hide: /x"));
  free(bytes);
  shf_profile_free(p);
}

TEST(pprof_times_are_nanoseconds) {
  shf_profile *p = test_profile("a 64 64\n");
  view v;
  CHECK_EQ(shf_profile_meta(p, shf_str_of("time_ms"), shf_str_of("1793709296123")), SHF_OK);
  CHECK_EQ(shf_profile_meta(p, shf_str_of("duration_ms"), shf_str_of("1500")), SHF_OK);
  char *bytes = encode(p, SHF_INUSE_SPACE, &v);
  CHECK_EQ(count_of(v, PPROF_PROFILE_TIME_NANOS), 1);
  CHECK_EQ(number_of(v, PPROF_PROFILE_TIME_NANOS), 1793709296123000000);
  CHECK_EQ(number_of(v, PPROF_PROFILE_DURATION_NANOS), 1500000000);
  free(bytes);
  shf_profile_free(p);
}

TEST(pprof_and_folded_totals_agree_with_the_profiles) {
  shf_profile *p = test_profile("a;b 640 64\na 128 128\nc;a;b 6400 0\n(GC) 64 64\n");
  view v, rest;
  char *bytes = encode(p, SHF_ALLOC_SPACE, &v);
  int64_t sums[SHF_TYPES] = {0};
  rest = v;
  for (field f, packed; next_field(&rest, &f);) {
    if (f.number != PPROF_PROFILE_SAMPLE) continue;
    CHECK(find(f.bytes, PPROF_SAMPLE_VALUE, 0, &packed));
    for (int t = 0; t < SHF_TYPES; t++) sums[t] += (int64_t)take_varint(&packed.bytes);
  }
  for (int t = 0; t < SHF_TYPES; t++) {
    int64_t folded = 0;
    CHECK_EQ(sums[t], shf_profile_total(p, (shf_type)t));
    char *text = test_folded(p, (shf_type)t);
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
      folded += atoll(strrchr(line, ' '));
    CHECK_EQ(folded, sums[t]);
    free(text);
  }
  free(bytes);
  shf_profile_free(p);
}

/* ---- The real reader -------------------------------------------------------- */

/* What a shell command prints, stderr in the same stream; free() it. */
static char *output_of(const char *command, int *status) {
  FILE *pipe = popen(command, "r");
  char *text = calloc(1, 65536);
  if (!pipe || !text) abort();
  size_t len = fread(text, 1, 65535, pipe);
  text[len] = 0;
  *status = pclose(pipe);
  return text;
}

static bool has_go(void) {
  int status;
  char *text = output_of("command -v go >/dev/null 2>&1 && go tool pprof -h 2>&1", &status);
  bool has = strstr(text, "pprof") != NULL;
  free(text);
  return has;
}

static void write_gzipped(const shf_profile *p, const char *path) {
  shf_sink *file, *gzip;
  CHECK_EQ(shf_sink_file(path, &file, NULL), SHF_OK);
  CHECK_EQ(shf_sink_gzip(file, 1, &gzip), SHF_OK);
  CHECK_EQ(shf_pprof_write(p, SHF_ALLOC_SPACE, gzip), SHF_OK);
  CHECK_EQ(shf_sink_finish(gzip, NULL), SHF_OK);
  CHECK_EQ(shf_sink_finish(file, NULL), SHF_OK);
  shf_sink_free(gzip);
  shf_sink_free(file);
}

static shf_profile *judged(void) {
  return test_profile(
      "main@/app/main.js:1:1;Foo<Bar>.baz(x)@/app/a.js:12:3 640 64\n"
      "main@/app/main.js:1:1;<anonymous>@/app/a.js:20:3 1280 0\n"
      "main@/app/main.js:1:1;@/app/a.js:30:3 64 0\n(GC) 64 64\n");
}

/* Runs `go tool pprof OPTIONS` on that profile; *err is what it wrote on stderr. */
static char *pprof_prints(const char *options, char **err) {
  char path[] = "/tmp/shf-pprof-XXXXXX", command[512];
  int fd = mkstemp(path), status;
  CHECK(fd >= 0);
  close(fd);
  shf_profile *p = judged();
  write_gzipped(p, path);
  shf_profile_free(p);
  snprintf(command, sizeof command, "go tool pprof %s %s 2>/dev/null", options, path);
  char *text = output_of(command, &status);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  snprintf(command, sizeof command, "go tool pprof %s %s 2>&1 >/dev/null", options, path);
  *err = output_of(command, &status);
  unlink(path);
  return text;
}

TEST(pprof_go_shows_totals_and_whole_names) {
  if (!has_go()) SKIP("go tool pprof is not installed");
  char *err, *text = pprof_prints("-top -unit=B", &err);
  CHECK_TEXT(err, "");
  CHECK(strstr(text, "Type: alloc_space\n") != NULL);
  CHECK(strstr(text, "of 2048B total") != NULL);
  CHECK(strstr(text, "  Foo<Bar>.baz(x)\n") != NULL);
  CHECK(strstr(text, "  <anonymous>\n") != NULL);
  CHECK(strstr(text, "  (anonymous) (a.js:30:3)\n") != NULL);
  free(err);
  free(text);
}

TEST(pprof_go_reads_it_raw) {
  if (!has_go()) SKIP("go tool pprof is not installed");
  char *err, *text = pprof_prints("-raw", &err);
  CHECK_TEXT(err, "");
  CHECK(strstr(text, "PeriodType: space bytes\nPeriod: 65536\n") != NULL);
  CHECK(strstr(text,
               "alloc_objects/count alloc_space/bytes[dflt] inuse_objects/count "
               "inuse_space/bytes\n") != NULL);
  CHECK(strstr(text, "bytes:[64 B]") != NULL || strstr(text, "bytes:[64 bytes]") != NULL ||
        strstr(text, "bytes:[64]") != NULL);
  CHECK(strstr(text, "[FN][FL][LN]") != NULL);
  free(err);
  free(text);
}
