/*
 * What `report` and `diff` do, from any bytes of one or two inputs of any format to every output:
 * detected by content, zipped or not, read within a bound of memory, merged or compared, filtered,
 * grouped, pruned, written. All outputs must have the same sums, and the bound's account must be
 * even at the end. See choose() for what the first bytes stand for.
 */
#include "core/budget.h"
#include "generate.h"
#include "output_sums.h"
#include "xml_check.h"

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed);

enum { HEAD = 5 };
enum together { ALONE, MERGED, COMPARED, RUNS, TOGETHERS };

typedef struct choice {
  shf_read_options read;
  shf_type type;
  enum together together;
  uint8_t change; /* bits of transforms */
  bool zipped, consumed, normalize, draw;
  size_t cut; /* bytes of the first input */
} choice;

static choice choose(const uint8_t *head, size_t rest) {
  static const uint64_t memory[] = {0, 20000, 300000, 64000000};
  choice c = {.type = (shf_type)(head[0] % SHF_TYPES), .change = head[2]};
  c.together = head[1] % TOGETHERS;
  c.read.single = head[0] & 4 ? c.type : SHF_TYPES;
  c.read.max_memory = memory[head[0] / 8 % 4];
  c.zipped = head[0] & 32;
  c.draw = head[0] >= 192;
  c.consumed = head[1] & 4;
  c.read.compact = c.consumed;
  c.normalize = head[1] & 8;
  c.cut = (head[3] | (size_t)head[4] << 8) % (rest + 1);
  if (c.together == ALONE) c.cut = rest;
  return c;
}

/* ---- Reading ------------------------------------------------------------------------- */

static output zipped(const uint8_t *data, size_t size) {
  output o;
  shf_sink *memory, *gzip;
  PROMISE(shf_sink_memory(&memory) == SHF_OK && shf_sink_gzip(memory, 1, &gzip) == SHF_OK);
  o.code = shf_sink_write(gzip, data, size);
  PROMISE(o.code == SHF_OK && shf_sink_finish(gzip, NULL) == SHF_OK);
  shf_sink_free(gzip);
  PROMISE(shf_sink_finish(memory, NULL) == SHF_OK);
  shf_sink_take(memory, &o.bytes, &o.len);
  shf_sink_free(memory);
  return o;
}

/* NULL where it is refused. */
static shf_profile *read_input(const uint8_t *data, size_t size, const choice *c) {
  shf_profile *p = NULL;
  shf_error error = {.message = NULL};
  output o = {NULL, 0, SHF_OK};
  if (c->zipped) o = zipped(data, size);
  int code = c->zipped ? shf_profile_read_bytes(o.bytes, o.len, &c->read, &p, &error)
                       : shf_profile_read_bytes(data, size, &c->read, &p, &error);
  free(o.bytes);
  PROMISE(code == SHF_OK || code == SHF_E_FORMAT || code == SHF_E_LIMIT);
  PROMISE(code == SHF_OK || error.message);
  if (code == SHF_OK && c->consumed && c->together != ALONE)
    shf_profile_consume(p);
  else if (code == SHF_OK)
    PROMISE(shf_profile_build_index(p) == SHF_OK);
  return code == SHF_OK ? p : NULL;
}

/* What readings took and profiles held has been given back, to the byte. */
static void check_account(void) {
  shf__budget_begin(1, false);
  PROMISE(shf__budget_fits(1));
  PROMISE(!shf__budget_end(0));
}

/* ---- The sums of a profile -------------------------------------------------------------- */

static bool knows(const shf_profile *p, shf_type type) {
  return shf_profile_types(p) >> type & 1;
}

static bool has_losses(const shf_profile *p, shf_type type) {
  for (uint32_t i = 0; i < shf_profile_buckets(p); i++)
    if (shf_profile_bucket_at(p, i).value[type] < 0) return true;
  return false;
}

/* Any type of any side: SHF_SIDE_NONE stands for all that has no side. */
static sum128 buckets_sum(const shf_profile *p, enum shf_side side, shf_type type) {
  sum128 sum = 0;
  for (uint32_t i = 0; i < shf_profile_buckets(p); i++) {
    const shf_bucket b = shf_profile_bucket_at(p, i);
    if (shf_profile_source_at(p, b.source)->side == side) sum += b.value[type];
  }
  return sum;
}

typedef struct sums {
  int64_t *self, *total; /* of each node */
} sums;

static sums sums_of(const shf_profile *p, shf_type type) {
  sums s = {calloc(shf_profile_nodes(p), sizeof *s.self),
            calloc(shf_profile_nodes(p), sizeof *s.total)};
  PROMISE(s.self && s.total);
  shf_profile_sums(p, type, s.self, s.total);
  return s;
}

static void check_rows(const shf_profile *p, shf_type type, const sums *s) {
  shf_row *rows;
  uint32_t count;
  sum128 self = s->self[0];
  PROMISE(shf_profile_rows(p, type, &rows, &count) == SHF_OK);
  for (uint32_t i = 0; i < count; i++) {
    self += rows[i].self[type];
    PROMISE(rows[i].self_variance[type] >= 0 && rows[i].total_variance[type] >= 0);
  }
  PROMISE(self == shf_profile_total(p, type));
  free(rows);
}

/* ---- The sums of its outputs ---------------------------------------------------------------- */

static void check_read_again(const shf_profile *p, const output *o, shf_type type) {
  shf_profile *q = NULL;
  PROMISE(shf_profile_read(o->bytes, o->len, type, &q, NULL) == SHF_OK);
  PROMISE(knows(q, type) && shf_profile_total(q, type) == shf_profile_total(p, type));
  shf_profile_free(q);
}

static void check_plain(const shf_profile *p, const shf__format *format, shf_type type,
                        const output *o) {
  const sum128 total = shf_profile_total(p, type);
  const char *end = o->len ? o->bytes + o->len : o->bytes;
  bool losses = has_losses(p, type), again = !losses && o->len > 0;
  sum128 columns[2];
  if (is_format(format, "folded") && !losses) {
    folded_sums(o, 1, columns);
    PROMISE(columns[0] == total);
    if (again) check_read_again(p, o, type);
  } else if (is_format(format, "json")) {
    sums s = sums_of(p, type);
    PROMISE(json_total(o, type) == total && json_sum(o, "self", type) + s.self[0] == total);
    free(s.self);
    free(s.total);
  } else if (is_format(format, "speedscope") && !losses) {
    PROMISE(speedscope_sum(o, type) == total);
  } else if (is_format(format, "heapprofile") && shf_type_is_space(type)) {
    PROMISE(sum_behind(o->bytes, end, "\"selfSize\":") == total);
    PROMISE(sum_behind(o->bytes, end, "{\"size\":") == total);
    if (again) check_read_again(p, o, type);
  } else if (is_format(format, "pprof")) {
    check_read_again(p, o, type);
  }
}

static void check_difference(const shf_profile *p, const shf__format *format, shf_type type,
                             const output *o) {
  sum128 columns[2];
  if (is_format(format, "folded") && !has_losses(p, type)) {
    folded_sums(o, 2, columns);
    PROMISE(columns[0] == shf_profile_side_total(p, SHF_SIDE_BEFORE, type));
    PROMISE(columns[1] == shf_profile_side_total(p, SHF_SIDE_AFTER, type));
  } else if (is_format(format, "pprof")) {
    shf_profile *q = NULL;
    PROMISE(shf_profile_read(o->bytes, o->len, type, &q, NULL) == SHF_OK);
    for (int side = SHF_SIDE_BEFORE; side <= SHF_SIDE_AFTER && shf_profile_is_diff(q); side++)
      PROMISE(shf_profile_side_total(q, (enum shf_side)side, type) ==
              shf_profile_side_total(p, (enum shf_side)side, type));
    shf_profile_free(q);
  }
}

static void check_written(const shf_profile *p, const shf__format *format, shf_type type) {
  bool diff = shf_profile_is_diff(p), svg = is_format(format, "svg");
  output o = written(p, format, type);
  PROMISE(o.code == SHF_OK || o.code == SHF_E_LIMIT || (o.code == SHF_E_ARG && svg) ||
          (o.code == SHF_E_ARG && diff && !format->of_differences) ||
          /* it holds bytes alone */
          (o.code == SHF_E_ABSENT && is_format(format, "heapprofile")));
  if (o.code == SHF_OK && svg) PROMISE(xml_well_formed(o.bytes, o.len));
  if (o.code == SHF_OK && !svg && diff) check_difference(p, format, type, &o);
  if (o.code == SHF_OK && !svg && !diff) check_plain(p, format, type, &o);
  free(o.bytes);
}

static void check_profile(const shf_profile *p, const choice *c) {
  check_tree(p);
  for (int t = 0; t < SHF_TYPES; t++) {
    shf_type type = (shf_type)t;
    if (!knows(p, type)) continue;
    for (size_t f = 0; f < shf__formats_count; f++)
      if (c->draw || !is_format(&shf__formats[f], "svg")) check_written(p, &shf__formats[f], type);
    if (shf_profile_is_diff(p)) {
      for (int side = SHF_SIDE_BEFORE; side <= SHF_SIDE_AFTER; side++)
        PROMISE(buckets_sum(p, (enum shf_side)side, type) ==
                shf_profile_side_total(p, (enum shf_side)side, type));
      continue;
    }
    sums s = sums_of(p, type);
    PROMISE(buckets_sum(p, SHF_SIDE_NONE, type) == shf_profile_total(p, type));
    PROMISE(s.total[0] == shf_profile_total(p, type));
    check_rows(p, type, &s);
    free(s.self);
    free(s.total);
  }
}

/* ---- Transforms --------------------------------------------------------------------------------
 */

/* Every sum of `made` and of `rest` (NULL: none) together is that of `p`. */
static void check_kept(const shf_profile *p, const shf_profile *made, const shf_profile *rest) {
  for (int t = 0; t < SHF_TYPES; t++)
    for (int side = SHF_SIDE_NONE; side <= SHF_SIDE_AFTER; side++) {
      sum128 sum = buckets_sum(made, (enum shf_side)side, (shf_type)t);
      if (rest) sum += buckets_sum(rest, (enum shf_side)side, (shf_type)t);
      PROMISE(sum == buckets_sum(p, (enum shf_side)side, (shf_type)t));
    }
}

/* `p` is freed where another one takes its place. */
static shf_profile *changed(shf_profile *p, int code, shf_profile *made) {
  PROMISE(code == SHF_OK || code == SHF_E_LIMIT);
  if (code != SHF_OK) return p;
  check_kept(p, made, NULL);
  shf_profile_free(p);
  return made;
}

/* What --focus keeps, --ignore leaves out; what is left of both goes on. */
static shf_profile *focused(shf_profile *p, const uint8_t *mask) {
  shf_profile *with = NULL, *without = NULL;
  int code = shf_profile_filter(p, &(shf_filter){.focus = mask}, &with);
  int other = shf_profile_filter(p, &(shf_filter){.ignore = mask}, &without);
  PROMISE((code == SHF_OK || code == SHF_E_LIMIT) && (other == SHF_OK || other == SHF_E_LIMIT));
  bool both = code == SHF_OK && other == SHF_OK;
  if (both) check_kept(p, with, without);
  if (other == SHF_OK) shf_profile_free(without);
  if (code != SHF_OK) return p;
  shf_profile_free(p);
  return with;
}

/* Half of the sets and the other half are all; frames of a label change no sum. */
static shf_profile *labelled(shf_profile *p, const choice *c) {
  uint32_t sets = shf_profile_label_sets(p), count;
  if (sets == 1) return p;
  uint8_t *masks[2] = {calloc(sets, 1), calloc(sets, 1)};
  shf_profile *halves[2] = {NULL, NULL}, *made = NULL;
  PROMISE(masks[0] && masks[1]);
  for (uint32_t set = 0; set < sets; set++) masks[(set ^ c->change) & 1][set] = 1;
  bool both = true;
  for (int i = 0; i < 2; i++)
    both &= shf_profile_filter(p, &(shf_filter){.labels = masks[i]}, &halves[i]) == SHF_OK;
  if (both) check_kept(p, halves[0], halves[1]);
  for (int i = 0; i < 2; i++) {
    shf_profile_free(halves[i]);
    free(masks[i]);
  }
  const shf_str key = shf_profile_text(p, shf_profile_labels_of(p, 1, &count)->key);
  const shf_label_frames how = {.roots = &key,
                                .leaves = &key,
                                .nroots = c->change & 1,
                                .nleaves = c->change >> 1 & 1,
                                .alone = c->change & 4};
  int code = shf_profile_label_frames(p, &how, &made);
  return changed(p, code, made);
}

static shf_profile *transformed(shf_profile *p, const choice *c) {
  enum { FOCUS = 1, HIDE = 2, GROUP = 4, PRUNE = 8, EVERY = 16 };
  uint8_t *mask = calloc((size_t)shf_profile_frames(p) + 1, 1);
  shf_profile *made = NULL;
  PROMISE(mask);
  for (uint32_t f = 0; f < shf_profile_frames(p); f++) mask[f] = (f + c->change / EVERY) % 3 == 0;
  int code = SHF_OK;
  if (c->change & HIDE) {
    code = shf_profile_filter(p, &(shf_filter){.hide = mask}, &made);
    p = changed(p, code, made);
  } else if (c->change & FOCUS) {
    p = focused(p, mask);
  }
  free(mask);
  if (c->change % 3 == 0) p = labelled(p, c);
  if (c->change & GROUP) {
    code = shf_profile_group(p, c->change & EVERY ? SHF_BY_FILE : SHF_BY_PACKAGE, &made);
    p = changed(p, code, made);
  }
  if (c->change & PRUNE) {
    code = shf_profile_prune(p, c->type, c->change / EVERY, &made);
    p = changed(p, code, made);
  }
  return p;
}

/* ---- Two inputs ---------------------------------------------------------------------------------
 */

/* The sums of both, taken before they are consumed. */
typedef struct both {
  sum128 sum[2][SHF_TYPES];
  bool diff;
} both;

static both sums_of_both(const shf_profile *a, const shf_profile *b) {
  both s = {.diff = shf_profile_is_diff(a) || shf_profile_is_diff(b)};
  for (int t = 0; t < SHF_TYPES; t++) {
    s.sum[0][t] = shf_profile_total(a, (shf_type)t);
    s.sum[1][t] = shf_profile_total(b, (shf_type)t);
  }
  return s;
}

static void check_joined(const shf_profile *p, const both *s, const choice *c) {
  for (int t = 0; t < SHF_TYPES; t++) {
    if (!knows(p, (shf_type)t) || s->diff) continue;
    if (c->together != COMPARED) {
      PROMISE(shf_profile_total(p, (shf_type)t) == s->sum[0][t] + s->sum[1][t]);
      continue;
    }
    PROMISE(shf_profile_side_total(p, SHF_SIDE_AFTER, (shf_type)t) == s->sum[1][t]);
    if (c->normalize) continue;
    PROMISE(shf_profile_side_total(p, SHF_SIDE_BEFORE, (shf_type)t) == s->sum[0][t]);
  }
}

/* NULL where there is none. */
static shf_profile *joined(const shf_profile *a, const shf_profile *b, const choice *c) {
  const both s = sums_of_both(a, b);
  shf_profile *p = NULL;
  int code;
  if (c->together == MERGED)
    code = shf_profile_merge((shf_merge_input[]){{a, {"", 0}}, {b, {"", 0}}}, 2, &p);
  else if (c->together == RUNS)
    code = shf_profile_merge_runs((const shf_profile *[]){a, b}, 2, &p);
  else
    code = shf_profile_diff(a, b, c->type, c->normalize, &p);
  PROMISE(code == SHF_OK || code == SHF_E_LIMIT || code == SHF_E_ARG || code == SHF_E_ABSENT);
  if (code != SHF_OK) return NULL;
  PROMISE(shf_profile_build_index(p) == SHF_OK);
  check_joined(p, &s, c);
  return p;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size < HEAD) return 0;
  const choice c = choose(data, size - HEAD);
  shf_profile *p = read_input(data + HEAD, c.cut, &c);
  if (p && c.together != ALONE) {
    shf_profile *a = p, *b = read_input(data + HEAD + c.cut, size - HEAD - c.cut, &c);
    /* as readJoined has it: a difference is no part of anything else */
    bool fits = b && !shf_profile_is_diff(a) && !shf_profile_is_diff(b);
    p = fits ? joined(a, b, &c) : NULL;
    shf_profile_free(a);
    shf_profile_free(b);
  }
  if (p) p = transformed(p, &c);
  if (p) check_profile(p, &c);
  shf_profile_free(p);
  check_account();
  return 0;
}

/* Half of the inputs are generated anew, by chance one or two, under the head of the old one. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed) {
  if (seed % 2 || most < 4096) return LLVMFuzzerMutate(data, size, most);
  generator g = {.state = seed, .out = data, .len = HEAD, .capacity = most < 65536 ? most : 65536};
  for (int i = 0; i < HEAD; i++) data[i] = (uint8_t)chance(&g, 256);
  generate(&g);
  size_t first = g.len - HEAD;
  if (chance(&g, 3)) generate(&g);
  if (g.len > HEAD + first) {
    data[3] = first & 255;
    data[4] = (uint8_t)(first >> 8);
  }
  return g.len;
}
