/*
 * Turns a profile.proto into a profile.
 *
 * Go's four sample types are our four; types.c maps the others. The numeric label `bytes` is the
 * block size; the label `interval`, or the period, is the sampling interval. Together they give
 * the number of sampled blocks. All other labels are kept. A comment `key: value` is a line of
 * meta.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/str.h"
#include "format/pprof/metadata.h"
#include "format/pprof/types.h"
#include "profile/binaries.h"
#include "profile/location_tree.h"
#include "profile/metadata_lines.h"

/* Each run costs a walk over the tree. */
enum { SHF__RUNS_MAX = 10000 };

typedef struct model {
  shf__pprof *r;
  shf_profile *p;
  shf__pp_column *column;       /* of each sample type */
  shf__pprof_metadata metadata; /* what comments say about sources */
  uint32_t types;               /* bit set of the columns */
  shf_source last;              /* the source of the sample before, */
  uint32_t last_id;             /* SHF_NONE: there is none */
  uint8_t *drops;               /* of each location: see shf__pprof_prune; NULL: none */
  uint8_t *state;               /* of each node of the location tree: KEPT_ONE, CUT */
  bool differs;                 /* a difference: some samples are of the side before */
  shf_label *labels;            /* of the sample at hand */
  uint32_t nlabels, labels_capacity;
  bool calls;     /* lines of functions without a start_line are those of calls */
  uint32_t *node; /* row n: leaf of the location tree's node n; NULL: n itself */
} model;

/* ---- Sample types ---------------------------------------------------------------- */

static int set_default_type(const model *m) {
  for (uint32_t i = 0; i < m->r->ntypes; i++) {
    if (m->r->default_type == 0 || m->column[i].type == SHF_TYPES) continue;
    shf_str name = shf__pprof_text(m->r, m->r->types[i].type);
    if (shf_str_compare(name, shf__pprof_text(m->r, m->r->default_type)) != 0) continue;
    return shf_profile_meta(m->p, shf_str_of("default_type"),
                            shf_str_of(shf_type_name(m->column[i].type)));
  }
  return SHF_OK;
}

/* ---- The tree ------------------------------------------------------------------------ */

/* Whether the name is only the place of an anonymous function. */
static bool is_anonymous(shf_str name) {
  if (name.len == 0 || name.ptr[name.len - 1] != ')') return false;
  return shf__str_equals(name, "(anonymous)") || shf__str_begins(name, "(anonymous) (") ||
         shf__str_begins(name, "(anonymous:L#");
}

/* The number after `prefix` in `(anonymous:L#12:C#3)`; 0: none. */
static int32_t number_in(shf_str name, const char *prefix) {
  const char *at =
      shf__str_begins(name, "(anonymous:L#") ? memmem(name.ptr, name.len, prefix, 3) : NULL;
  int32_t number = 0;
  for (at = at ? at + 3 : at; at && *at >= '0' && *at <= '9' && number < 100000000; at++)
    number = number * 10 + (*at - '0');
  return number;
}

static int add_frame(model *m, const shf__pp_line *line, uint32_t *frame) {
  const shf__pp_function *f = &m->r->functions[line->function];
  shf_frame made = {m->r->strings[f->name], m->r->strings[f->file], line->line, line->column, 0};
  if (made.name == 0) made.name = m->r->strings[f->system_name];
  shf_str name = shf_profile_text(m->p, made.name);
  bool call = f->start_line ? f->calls : m->calls;
  bool begins = !call && (f->start_line == 0 || f->start_line == line->line);
  if (call) made.call = line->line;
  if (!begins) made.line = f->start_line;
  if (!begins && !m->metadata.columns_of_functions) made.column = 0;
  if (is_anonymous(name) && (made.file || name.len == sizeof "(anonymous)" - 1)) {
    if (made.line == 0) made.line = number_in(name, ":L#");
    if (made.column == 0) made.column = number_in(name, ":C#");
    made.name = 0;
  }
  return shf_profile_frame(m->p, made, frame);
}

/* The offset of an address in its mapping's file. @return false if it is outside */
static bool in_file(const shf__pp_mapping *in, uint64_t address, uint64_t *place) {
  bool inside = address >= in->start && (in->limit <= in->start || address < in->limit);
  return inside && !__builtin_add_overflow(address - in->start, in->offset, place);
}

/* `[libfoo.so] `; the kernel's names already have brackets: `[heap] `. */
static void add_file(shf__builder *name, shf_str file) {
  bool bare = file.ptr[0] != '[' || file.ptr[file.len - 1] != ']';
  if (bare) shf__builder_puts(name, "[");
  shf__builder_add(name, file.ptr, file.len);
  shf__builder_puts(name, bare ? "] " : " ");
}

/* Code without symbols is named by its offset in its file, which is the same in each process. */
static int add_address(model *m, const shf__pp_location *l, const shf__pp_mapping *in,
                       uint32_t *frame) {
  char number[32];
  shf__builder name = {NULL, 0, 0, SHF_OK};
  shf_frame made = {0, 0, 0, 0, 0};
  shf_str file = in ? shf__base_name(shf__pprof_text(m->r, in->file)) : (shf_str){NULL, 0};
  uint64_t address = l->address;
  if (file.len) add_file(&name, file);
  if (file.len && !in_file(in, l->address, &address)) shf__builder_puts(&name, "address ");
  snprintf(number, sizeof number, "0x%llx", (unsigned long long)address);
  shf__builder_puts(&name, number);
  int code = name.code;
  if (!code) code = shf_profile_string(m->p, shf__builder_str(&name), &made.name);
  shf__builder_free(&name);
  return code ? code : shf_profile_frame(m->p, made, frame);
}

/* A file without addresses and build id, as we write a program's own mapping. */
static bool is_file(const shf__pp_mapping *in) {
  return in->limit <= in->start && !in->build_id && in->file;
}

static bool says_nothing(const shf__pp_mapping *in) {
  return in->limit <= in->start && !in->build_id && !in->file;
}

/* The mapping of a location; NULL: unknown. */
static const shf__pp_mapping *mapping_of(const shf__pprof *r, const shf__pp_location *l) {
  uint32_t row = l->mapping ? shf__key_set_find(&r->mapping_ids, l->mapping) : SHF_NONE;
  return row == SHF_NONE || says_nothing(&r->mappings[row]) ? NULL : &r->mappings[row];
}

/* Whether the first mapping is the program itself, and all code with symbols has a mapping. */
static bool program_is_implied(const shf__pprof *r) {
  bool implied = r->mapping_ids.count > 0 && is_file(&r->mappings[0]);
  for (uint32_t i = 0; i < r->location_ids.count && implied; i++)
    implied = r->locations[i].lines == 0 || mapping_of(r, &r->locations[i]);
  return implied;
}

static int add_mapping(model *m, const shf__pp_mapping *in, uint32_t *row) {
  const shf__mapping made = {.start = in->start,
                             .limit = in->limit,
                             .offset = in->offset,
                             .file = m->r->strings[in->file],
                             .build_id = m->r->strings[in->build_id],
                             .has = in->has};
  return shf__profile_mapping(m->p, made, row);
}

/* Records the mapping and address of a location's frame. */
static int add_code(model *m, const shf__pp_location *l, const shf__pp_mapping *in,
                    uint32_t frame) {
  shf__code where = {.address = l->address, .mapping = SHF_NONE, .bare = l->lines == 0};
  int code = SHF_OK;
  bool implied = !shf__profile_unmapped(m->p) && in == m->r->mappings;
  if (!in || (implied && !where.bare))
    return where.bare ? shf__profile_code(m->p, frame, where) : code;
  code = add_mapping(m, in, &where.mapping);
  const shf__mapping was = {.start = in->start, .limit = in->limit};
  if (!code)
    where.address =
        shf__address_moved(where.address, &was, shf__profile_mapping_at(m->p, where.mapping));
  return code ? code : shf__profile_code(m->p, frame, where);
}

/* The frame of line `i` of a location; without lines, a frame named by the address. */
static int location_frame(model *m, const shf__pp_location *l, uint32_t i, uint32_t *frame) {
  const shf__pp_mapping *in = mapping_of(m->r, l);
  int code =
      l->lines ? add_frame(m, &m->r->lines[l->line + i], frame) : add_address(m, l, in, frame);
  return code ? code : add_code(m, l, in, *frame);
}

/* Whether drop_frames keeps a node's location. Dropped frames at the root of a stack stay. */
enum { KEPT_ONE = 1, CUT = 2 };
static bool stays(model *m, const shf__key_node *of) {
  uint8_t state = m->state[of->parent], drop = m->drops[of->key];
  bool gone = state & CUT;
  if (!gone && !drop) state |= KEPT_ONE;
  if (!gone && drop && state & KEPT_ONE) state |= CUT;
  m->state[of->row] = state;
  return !gone && !(state & CUT && drop == SHF__PP_DROPPED);
}

/* Adds the frames of a location below *node, inlined functions below their callers. */
static int add_location(void *self, const shf__key_node *of, uint32_t *node) {
  model *m = self;
  const shf__pp_location *l = &m->r->locations[of->key];
  uint32_t frame;
  int code = SHF_OK;
  if (m->state && !stays(m, of)) return SHF_OK;
  for (uint32_t i = l->lines ? l->lines : 1; i-- > 0 && !code;) {
    code = location_frame(m, l, i, &frame);
    if (!code) code = shf_profile_node(m->p, *node, frame, node);
  }
  return code;
}

enum { AHEAD = 8 }; /* nodes to prefetch */

/*
 * Finds the frame of each location that is in a stack; `frame` has a row for each location.
 * @return whether each location is exactly one frame and no two share one
 */
static bool frames_apart(model *m, uint32_t *frame, int *code) {
  uint32_t nodes = shf__profile_key_nodes(m->p);
  memset(frame, 0xff, m->r->location_ids.count * sizeof *frame);
  for (uint32_t i = 1; i < nodes && !*code; i++) {
    if (i + AHEAD < nodes) __builtin_prefetch(&frame[shf__profile_key_of(m->p, i + AHEAD)]);
    uint32_t location = shf__profile_key_of(m->p, i), before = shf_profile_frames(m->p);
    const shf__pp_location *l = &m->r->locations[location];
    if (frame[location] != SHF_NONE) continue;
    if (l->lines != 1) return false;
    *code = location_frame(m, l, 0, &frame[location]);
    if (shf_profile_frames(m->p) == before) return false;
  }
  return !*code;
}

/* In file order: the first mapping is the program itself. */
static int add_mappings(model *m) {
  uint32_t row;
  int code = SHF_OK;
  bool implied = program_is_implied(m->r);
  for (uint32_t i = implied; i < m->r->mapping_ids.count && !code; i++)
    if (!says_nothing(&m->r->mappings[i])) code = add_mapping(m, &m->r->mappings[i], &row);
  if (!implied) shf__profile_set_unmapped(m->p);
  return code;
}

/* Turns the tree of locations into one of frames, without dropped ones. */
static int drop_frames(model *m) {
  int code = shf__profile_in_rows(m->p) ? shf__pprof_rows_leave(m->r) : SHF_OK;
  if (code) return code;
  m->state = calloc(shf__profile_key_nodes(m->p), 1);
  return m->state ? shf__profile_keys_expand(m->p, add_location, m, &m->node) : SHF_E_NOMEM;
}

/* Turns the tree of locations into one of frames. */
static int name_nodes(model *m) {
  if (m->drops) return drop_frames(m);
  uint32_t *frame = malloc(((size_t)m->r->location_ids.count + 1) * sizeof *frame);
  int code = frame ? SHF_OK : SHF_E_NOMEM;
  bool apart = !code && frames_apart(m, frame, &code);
  bool rows = shf__profile_in_rows(m->p), ordered = false;
  if (apart && rows) code = shf__profile_rows_name(m->p, frame, m->r->location_ids.count, &ordered);
  if (!code && rows && !ordered) code = shf__pprof_rows_leave(m->r);
  if (!code && apart && !ordered) shf__profile_keys_name(m->p, frame);
  free(frame);
  return code || apart ? code : shf__profile_keys_expand(m->p, add_location, m, &m->node);
}

/* ---- Samples -------------------------------------------------------------------------- */

/* The number of sampled blocks behind an estimate of bytes, or else of objects. */
static uint32_t sampled(const model *m, const shf_bucket *b, shf_type objects, uint64_t interval) {
  shf_type space = (shf_type)(objects + 1);
  bool known = interval && b->size && m->types & (1u << objects | 1u << space);
  if (!known) return 0;
  double weight = shf_weight(b->size, interval);
  double blocks = m->types & 1u << space ? (double)b->value[space] / (double)b->size
                                         : (double)b->value[objects];
  double count = fabs(blocks) / weight;
  if (!(count < 4e9)) return UINT32_MAX;
  return blocks != 0 && count < 1 ? 1 : (uint32_t)(count + 0.5);
}

/* Without a label, the size is bytes / objects if that is a whole number. */
static uint64_t block_size(const model *m, const shf_bucket *b) {
  for (int t = 0; t < SHF_TYPES; t += 2) {
    if ((m->types >> t & 3) != 3) continue;
    int64_t objects = b->value[t], space = b->value[t + 1];
    if (objects > 0 && space > 0 && space % objects == 0) return (uint64_t)(space / objects);
  }
  return 0;
}

/* The labels of a sample. */
typedef struct sample_facts {
  uint64_t size, interval;
  uint32_t run, labels;
  bool base; /* pprof::base: the side before of a difference, whose values are negated */
} sample_facts;

/* Sets m->last_id; neighbouring samples mostly have the same source. */
static int source_id(model *m, const sample_facts *s) {
  uint32_t side = !m->differs ? SHF_SIDE_NONE : s->base ? SHF_SIDE_BEFORE : SHF_SIDE_AFTER;
  if (m->last_id != SHF_NONE && m->last.interval == s->interval && m->last.run == s->run &&
      m->last.side == side)
    return SHF_OK;
  m->last = (shf_source){.interval = s->interval,
                         .since_ms = m->metadata.since_ms,
                         .kind = SHF_HEAP,
                         .gc = m->metadata.gc,
                         .types = m->types,
                         .side = side,
                         .run = s->run};
  return shf_profile_source(m->p, m->last, &m->last_id);
}

static int add_sample(model *m, uint32_t sample, const sample_facts *s) {
  const shf__pprof *r = m->r;
  uint32_t node = r->sample_node[sample];
  shf_bucket b = {.size = s->size, .node = m->node ? m->node[node] : node, .labels = s->labels};
  for (uint32_t i = 0; i < r->ntypes; i++) {
    const shf__pp_column *c = &m->column[i];
    int64_t value = r->values[(size_t)sample * r->width + i];
    if (c->type == SHF_TYPES) continue;
    if (s->base && __builtin_sub_overflow(0, value, &value)) return SHF_E_LIMIT;
    if (__builtin_mul_overflow(value, c->factor, &b.value[c->type])) return SHF_E_LIMIT;
  }
  if (s->size == 0) b.size = block_size(m, &b);
  b.allocated = sampled(m, &b, SHF_ALLOC_OBJECTS, s->interval);
  b.live = sampled(m, &b, SHF_INUSE_OBJECTS, s->interval);
  if (b.allocated && b.live > b.allocated) b.live = b.allocated;
  int code = source_id(m, s);
  b.source = m->last_id;
  return code ? code : shf_profile_bucket(m->p, &b);
}

/* The index of a label's key in the string table; 0: absent. */
static uint64_t find_key(const shf__pprof *r, const char *key) {
  for (uint32_t i = 1; i < r->nstrings; i++)
    if (shf__str_equals(shf__pprof_text(r, i), key)) return i;
  return 0;
}

static bool has_base(const shf__pprof *r) {
  uint64_t key = find_key(r, "pprof::base");
  for (uint32_t i = 0; i < r->nlabels && key; i++)
    if (r->labels[i].key == key && shf__str_equals(shf__pprof_text(r, r->labels[i].text), "true"))
      return true;
  return false;
}

/* Only in our own files, which have a comment with the number of runs, is the label a run. */
static uint32_t run_of(const model *m, int64_t number) {
  uint64_t runs = shf__meta_number(m->p, "runs");
  return number > 0 && (uint64_t)number <= runs && runs <= SHF__RUNS_MAX ? (uint32_t)number : 0;
}

/* Indices of the keys that are read; 0: not in the table. */
typedef struct label_keys {
  uint64_t size, interval, run, base;
} label_keys;

static int keep_label(model *m, const shf__pp_label *l) {
  int code = shf__growable_reserve((void **)&m->labels, m->nlabels, &m->labels_capacity,
                                   sizeof *m->labels);
  if (code) return code;
  shf_label *kept = &m->labels[m->nlabels++];
  *kept = (shf_label){.key = m->r->strings[l->key], .text = m->r->strings[l->text]};
  if (kept->text) return SHF_OK;
  kept->number = l->number;
  kept->unit = m->r->strings[l->unit];
  return SHF_OK;
}

static int take_label(model *m, const label_keys *keys, const shf__pp_label *l, sample_facts *s) {
  if (l->key && l->key == keys->base && shf__str_equals(shf__pprof_text(m->r, l->text), "true")) {
    s->base = true;
    return SHF_OK;
  }
  bool number = l->key && l->text == 0 && l->number >= 0;
  if (number && l->key == keys->size)
    s->size = (uint64_t)l->number;
  else if (number && l->key == keys->interval)
    s->interval = (uint64_t)l->number;
  else if (number && l->key == keys->run)
    s->run = run_of(m, l->number);
  else
    return keep_label(m, l);
  return SHF_OK;
}

static int add_samples(model *m) {
  const shf__pprof *r = m->r;
  label_keys keys = {find_key(r, "bytes"), find_key(r, "interval"), find_key(r, "run"),
                     find_key(r, "pprof::base")};
  uint32_t label = 0;
  int code = SHF_OK;
  for (uint32_t i = 0; i < r->nsamples && !code; i++) {
    sample_facts s = {.interval = m->metadata.interval};
    m->nlabels = 0;
    for (; label < r->nlabels && r->labels[label].sample == i && !code; label++)
      code = take_label(m, &keys, &r->labels[label], &s);
    if (!code) code = shf_profile_label_set(m->p, m->labels, m->nlabels, &s.labels);
    if (!code) code = add_sample(m, i, &s);
  }
  return code;
}

/* Lists what the input has and our own pprof output would lose. */
static int set_lost(const model *m) {
  const shf__pprof *r = m->r;
  shf__builder text = {NULL, 0, 0, SHF_OK};
  bool inlined = false;
  for (uint32_t i = 0; i < r->location_ids.count && !inlined; i++)
    inlined = r->locations[i].lines > 1;
  if (inlined) shf__builder_puts(&text, "; what was inlined");
  int code = text.code;
  if (!code && text.len)
    code = shf_profile_meta(m->p, shf_str_of("lost"), (shf_str){text.ptr + 2, text.len - 2});
  shf__builder_free(&text);
  return code;
}

/* ---- All of it -------------------------------------------------------------------------- */

/* A difference has both sides, even if one has no sample. */
static int add_sources(model *m) {
  m->differs = has_base(m->r);
  int code = shf__pprof_add_sources(m->p, &m->metadata, m->types,
                                    m->differs ? SHF_SIDE_AFTER : SHF_SIDE_NONE);
  if (code || !m->differs) return code;
  return shf__pprof_add_sources(m->p, &m->metadata, m->types, SHF_SIDE_BEFORE);
}

static int build(model *m) {
  int code = shf__pprof_read_metadata(m->r, &m->metadata);
  if (!code) code = shf__pprof_choose_types(m->r, &m->column, &m->types);
  if (!code) code = set_default_type(m);
  shf__pprof_mark_calls(m->r);
  m->calls = !code && shf__pprof_lines_are_calls(m->r);
  if (!code) code = shf__pprof_prune(m->r, &m->drops);
  if (!code) code = add_mappings(m);
  if (!code) code = name_nodes(m);
  if (!code) code = add_sources(m);
  if (!code) code = add_samples(m);
  if (!code) code = set_lost(m);
  shf__pprof_samples_drop(m->r);
  return code ? code : shf_profile_seal(m->p);
}

int shf__pprof_model(shf__pprof *r) {
  model m = {.r = r, .p = r->p, .last_id = SHF_NONE};
  int code = build(&m);
  free(m.column);
  free(m.node);
  free(m.drops);
  free(m.state);
  free(m.labels);
  return code;
}
