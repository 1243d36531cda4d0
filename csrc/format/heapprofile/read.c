/*
 * Reads V8's sampling heap profile, as Node's --heap-prof and Chrome's DevTools write it. A node's
 * value is its selfSize, which V8 has already scaled; samples give the number of blocks, and the
 * value of nodes without selfSize. Since Node 26.11 samples say whether their block is alive, and
 * the file may include dead ones: then values come from the samples.
 * Positions are 0-based here, -1 if unknown.
 */
#include <stdlib.h>

#include "core/decimal.h"
#include "core/growable.h"
#include "core/key_set.h"
#include "format/heapprofile/json_lex.h"
#include "format/heapprofile/samples.h"
#include "format/reader.h"
#include "format/unsupported_inputs.h"
#include "profile/metadata_lines.h"
#include "profile/profile.h"

enum context { PROFILE, NODE, CALL_FRAME, CHILDREN, SAMPLES, SAMPLE, OTHER };

enum key {
  NO_KEY,
  HEAD,
  SAMPLES_KEY,
  CALL_FRAME_KEY,
  SELF_SIZE,
  ID,
  CHILDREN_KEY,
  FUNCTION_NAME,
  URL,
  LINE,
  COLUMN,
  SIZE,
  NODE_ID,
  OBJECT_SIZE,
  OBJECT_COUNT,
  IS_LIVE
};

typedef struct key_name {
  enum context context;
  enum key key;
  const char *name;
} key_name;

static const key_name key_names[] = {
    {PROFILE, HEAD, "head"},
    {PROFILE, SAMPLES_KEY, "samples"},
    {NODE, CALL_FRAME_KEY, "callFrame"},
    {NODE, SELF_SIZE, "selfSize"},
    {NODE, ID, "id"},
    {NODE, CHILDREN_KEY, "children"},
    {CALL_FRAME, FUNCTION_NAME, "functionName"},
    {CALL_FRAME, URL, "url"},
    {CALL_FRAME, LINE, "lineNumber"},
    {CALL_FRAME, COLUMN, "columnNumber"},
    {SAMPLE, SIZE, "size"},
    {SAMPLE, NODE_ID, "nodeId"},
    {SAMPLE, OBJECT_SIZE, "objectSize"},
    {SAMPLE, OBJECT_COUNT, "objectCount"},
    {SAMPLE, IS_LIVE, "isLive"},
};

typedef struct heap_node {
  uint32_t parent; /* an earlier row; SHF_NONE: the head */
  uint32_t frame;  /* SHF_NONE: it has none */
  int64_t self;
  uint32_t samples;
  bool sized; /* whether it has selfSize */
} heap_node;

typedef struct reader {
  shf__json json;
  shf_profile *p;
  shf_type type;
  uint8_t *contexts; /* enum context of each level */
  uint32_t depth, contexts_capacity;
  enum key key; /* the last one, of the innermost object */
  bool headed;
  bool schema;         /* the last key was the top-level $schema */
  const char *refusal; /* message for a foreign kind of file, by top-level keys; NULL: none */

  heap_node *nodes;
  uint32_t nnodes, nodes_capacity;
  uint32_t current; /* the innermost open node */
  shf__key_set ids;
  uint32_t *row_of_id;
  uint32_t ids_capacity;
  shf_frame frame; /* of the current callFrame */
  shf__heap_sample *samples;
  uint32_t nsamples, samples_capacity;
} reader;

/* ---- Levels ----------------------------------------------------------------- */

static int begin_node(reader *r, uint32_t parent) {
  int code =
      shf__growable_reserve((void **)&r->nodes, r->nnodes, &r->nodes_capacity, sizeof *r->nodes);
  if (code) return code;
  r->nodes[r->nnodes] = (heap_node){.parent = parent, .frame = SHF_NONE};
  r->current = r->nnodes++;
  return SHF_OK;
}

static int begin_sample(reader *r) {
  int code = shf__growable_reserve((void **)&r->samples, r->nsamples, &r->samples_capacity,
                                   sizeof *r->samples);
  if (!code) r->samples[r->nsamples++] = (shf__heap_sample){.node = 0};
  return code;
}

/* The context of an object or array by its position; *fits: whether it is allowed there. */
static enum context context_of(const reader *r, bool object, bool *fits) {
  enum context outer = r->depth ? (enum context)r->contexts[r->depth - 1] : OTHER;
  *fits = true;
  if (r->depth == 0) {
    *fits = object;
    return PROFILE;
  }
  if (outer == CHILDREN || outer == SAMPLES) {
    *fits = object;
    return outer == CHILDREN ? NODE : SAMPLE;
  }
  switch (outer == OTHER ? NO_KEY : r->key) {
    case HEAD:
      *fits = object;
      return NODE;
    case CALL_FRAME_KEY:
      *fits = object;
      return CALL_FRAME;
    case CHILDREN_KEY:
      *fits = !object;
      return CHILDREN;
    case SAMPLES_KEY:
      *fits = !object;
      return SAMPLES;
    case NO_KEY:
      return OTHER;
    default: /* a text or a number is expected */
      *fits = false;
      return OTHER;
  }
}

static int begin_level(reader *r, bool object, uint64_t at, shf_error *error) {
  bool fits, first = r->depth == 1;
  enum context context = context_of(r, object, &fits);
  if (!fits) return shf__damaged(error, "a value of the wrong type for a .heapprofile", at);
  int code = shf__growable_reserve((void **)&r->contexts, r->depth, &r->contexts_capacity, 1);
  if (code) return code;
  r->contexts[r->depth++] = (uint8_t)context;
  if (context == CALL_FRAME) r->frame = (shf_frame){0, 0, 0, 0, 0};
  if (context == SAMPLE) code = begin_sample(r);
  if (context == NODE && first && r->headed) return shf__damaged(error, "a second head", at);
  if (context == NODE) code = begin_node(r, first ? SHF_NONE : r->current);
  if (context == NODE) r->headed = true;
  r->key = NO_KEY;
  return code;
}

static int end_level(reader *r) {
  enum context context = (enum context)r->contexts[--r->depth];
  r->key = NO_KEY;
  if (context == NODE) r->current = r->nodes[r->current].parent;
  if (context != CALL_FRAME) return SHF_OK;
  return shf_profile_frame(r->p, r->frame, &r->nodes[r->current].frame);
}

/* ---- Values ---------------------------------------------------------------------------- */

static enum key key_of(const reader *r, shf_str text) {
  enum context context = (enum context)r->contexts[r->depth - 1];
  for (size_t i = 0; i < sizeof key_names / sizeof key_names[0]; i++)
    if (key_names[i].context == context && shf__str_equals(text, key_names[i].name))
      return key_names[i].key;
  return NO_KEY;
}

static bool parse_number(shf_str text, double *value) {
  return shf__decimal_parse(text.ptr, text.len, value);
}

static int32_t one_based(double value) {
  return value >= 0 && value < INT32_MAX ? (int32_t)value + 1 : 0;
}

static int add_id(reader *r, uint64_t id, uint64_t at, shf_error *error) {
  uint32_t row, before = r->ids.count;
  int code =
      shf__growable_reserve((void **)&r->row_of_id, before, &r->ids_capacity, sizeof *r->row_of_id);
  if (!code) code = shf__key_set_add(&r->ids, id, &row);
  if (code) return code;
  if (row < before) return shf__damaged(error, "two nodes of one id", at);
  r->row_of_id[row] = r->current;
  return SHF_OK;
}

static int take_number(reader *r, shf_str text, uint64_t at, shf_error *error) {
  double value;
  int64_t whole;
  if (!parse_number(text, &value) || !shf__decimal_whole(text.ptr, text.len, value, &whole))
    return shf__damaged(error, "not a number, or too large", at);
  switch (r->key) {
    case SELF_SIZE:
      r->nodes[r->current].self = whole;
      r->nodes[r->current].sized = true;
      return SHF_OK;
    case ID:
      return add_id(r, (uint64_t)whole, at, error);
    case LINE:
      r->frame.line = one_based(value);
      return SHF_OK;
    case COLUMN:
      r->frame.column = one_based(value);
      return SHF_OK;
    case SIZE:
      r->samples[r->nsamples - 1].size = whole;
      return SHF_OK;
    case NODE_ID:
      r->samples[r->nsamples - 1].node = (uint64_t)whole;
      return SHF_OK;
    case OBJECT_SIZE:
      r->samples[r->nsamples - 1].object_size = whole;
      return SHF_OK;
    case OBJECT_COUNT:
      r->samples[r->nsamples - 1].object_count = whole;
      return SHF_OK;
    case NO_KEY:
      return SHF_OK;
    default:
      return shf__damaged(error, "a value of the wrong type for a .heapprofile", at);
  }
}

static int take_text(reader *r, shf_str text, uint64_t at, shf_error *error) {
  if (r->key == FUNCTION_NAME) return shf_profile_string(r->p, text, &r->frame.name);
  if (r->key == URL) return shf_profile_string(r->p, shf__without_query(text), &r->frame.file);
  if (r->key == NO_KEY) return SHF_OK;
  return shf__damaged(error, "a value of the wrong type for a .heapprofile", at);
}

static int take_word(reader *r, shf_str text, uint64_t at, shf_error *error) {
  if (r->key == NO_KEY) return SHF_OK;
  if (r->key != IS_LIVE || shf__str_equals(text, "null"))
    return shf__damaged(error, "a value of the wrong type for a .heapprofile", at);
  r->samples[r->nsamples - 1].life = shf__str_equals(text, "true") ? SHF__ALIVE : SHF__DEAD;
  return SHF_OK;
}

/* Top-level keys also show whether this is another kind of file. */
static int take_key(reader *r, shf_str text, uint64_t at, shf_error *error) {
  r->key = key_of(r, text);
  r->schema = r->depth == 1 && shf__str_equals(text, "$schema");
  const shf__json_kind *kind = r->depth == 1 && !r->headed ? shf__unsupported_json(text) : NULL;
  if (!kind) return SHF_OK;
  if (kind->certain || !r->refusal) r->refusal = kind->refusal;
  return kind->certain ? shf__damaged(error, kind->refusal, at) : SHF_OK;
}

static int take_schema(reader *r, shf_str text, uint64_t at, shf_error *error) {
  const char *refusal = r->schema && !r->headed ? shf__unsupported_schema(text) : NULL;
  r->schema = false;
  if (!refusal) return SHF_OK;
  r->refusal = refusal;
  return shf__damaged(error, refusal, at);
}

static int on_event(void *self, enum shf__json_event event, shf_str text, uint64_t at,
                    shf_error *error) {
  reader *r = self;
  bool listed = r->depth && event != SHF__JSON_CLOSE && event != SHF__JSON_OBJECT &&
                (r->contexts[r->depth - 1] == CHILDREN || r->contexts[r->depth - 1] == SAMPLES);
  if (listed) return shf__damaged(error, "a value of the wrong type for a .heapprofile", at);
  switch (event) {
    case SHF__JSON_OBJECT:
    case SHF__JSON_ARRAY:
      return begin_level(r, event == SHF__JSON_OBJECT, at, error);
    case SHF__JSON_CLOSE:
      return end_level(r);
    case SHF__JSON_KEY:
      return take_key(r, text, at, error);
    case SHF__JSON_NUMBER:
      return take_number(r, text, at, error);
    case SHF__JSON_STRING: {
      int code = take_schema(r, text, at, error);
      return code ? code : take_text(r, text, at, error);
    }
    default:
      return take_word(r, text, at, error);
  }
}

/* ---- The profile ------------------------------------------------------------------------- */

/* NULL: V8 also writes samples of nodes that are not in the tree; these are ignored. */
static heap_node *node_of(const reader *r, const shf__heap_sample *s) {
  uint32_t id = shf__key_set_find(&r->ids, s->node);
  return id == SHF_NONE ? NULL : &r->nodes[r->row_of_id[id]];
}

static int count_samples(reader *r) {
  for (uint32_t i = 0; i < r->nsamples; i++) {
    const shf__heap_sample *s = &r->samples[i];
    heap_node *n = node_of(r, s);
    if (!n) continue;
    n->samples++;
    if (!n->sized && __builtin_add_overflow(n->self, s->size, &n->self)) return SHF_E_LIMIT;
  }
  return SHF_OK;
}

/* V8's root becomes ours; any other head is an ordinary frame. */
static bool is_root(const reader *r, uint32_t row) {
  if (row != 0) return false;
  uint32_t frame = r->nodes[0].frame;
  if (frame == SHF_NONE) return true;
  shf_str name = shf_frame_name(r->p, frame);
  return shf_frame_path(r->p, frame).len == 0 &&
         (shf__str_equals(name, "(root)") || shf__str_equals(name, "(anonymous)"));
}

static int nameless(reader *r, uint32_t *frame) {
  return *frame == SHF_NONE ? shf_profile_frame(r->p, (shf_frame){0, 0, 0, 0, 0}, frame) : SHF_OK;
}

/* Parents come before their children; a row's `parent` is replaced by its own node. */
static int add_nodes(reader *r) {
  int code = SHF_OK;
  for (uint32_t i = 0; i < r->nnodes && !code; i++) {
    heap_node *n = &r->nodes[i];
    uint32_t parent = n->parent == SHF_NONE ? 0 : r->nodes[n->parent].parent;
    bool root = is_root(r, i);
    n->parent = 0;
    if (!root) code = nameless(r, &n->frame);
    if (!root && !code) code = shf_profile_node(r->p, parent, n->frame, &n->parent);
  }
  return code;
}

/* Adds the selfSize of nodes; with `sampled`, nodes with samples get their values from these. */
static int add_nodes_own(reader *r, uint32_t source, uint32_t types, bool sampled) {
  shf_bucket b = {.source = source};
  int code = SHF_OK;
  for (uint32_t i = 0; i < r->nnodes && !code; i++) {
    const heap_node *n = &r->nodes[i];
    if (n->self == 0 || (sampled && n->samples)) continue;
    b.node = n->parent;
    for (int t = SHF_ALLOC_SPACE; t < SHF_TYPES; t += 2) b.value[t] = types & 1u << t ? n->self : 0;
    b.allocated = types & SHF_HAS_ALLOC ? n->samples : 0;
    b.live = types & SHF_HAS_INUSE ? n->samples : 0;
    code = shf_profile_bucket(r->p, &b);
  }
  return code;
}

static int add_samples(reader *r, const shf__heap_facts *facts, uint32_t source, uint32_t types) {
  shf__heap_carry carry = {{0}};
  shf_bucket b = {.source = source};
  int code = SHF_OK;
  for (uint32_t i = 0; i < r->nsamples && !code; i++) {
    const heap_node *n = node_of(r, &r->samples[i]);
    if (!n) continue;
    b.node = n->parent;
    code = shf__heap_bucket(facts, &r->samples[i], types, &carry, &b);
    if (!code) code = shf_profile_bucket(r->p, &b);
  }
  return code;
}

static int add_figures(reader *r) {
  shf__heap_facts facts = shf__heap_facts_of(r->samples, r->nsamples);
  uint32_t types = r->type == SHF_ALLOC_SPACE ? SHF_HAS_ALLOC : SHF_HAS_INUSE, source;
  if (facts.dead) types = SHF_HAS_ALLOC | SHF_HAS_INUSE;
  if (!facts.lives || !facts.counted) types &= 1u << SHF_ALLOC_SPACE | 1u << SHF_INUSE_SPACE;
  shf_source made = {.gc = SHF_GC_UNKNOWN, .types = types, .interval = facts.interval};
  int code = shf_profile_source(r->p, made, &source);
  if (!code) code = add_nodes_own(r, source, types, facts.lives);
  return code || !facts.lives ? code : add_samples(r, &facts, source, types);
}

/* For a foreign kind of file, that message replaces the one about the first wrong byte. */
static int named(const reader *r, int code, shf_error *error) {
  if (code == SHF_E_FORMAT && !r->headed && r->refusal) *error = (shf_error){.message = r->refusal};
  return code;
}

static int push(void *self, const char *bytes, size_t len, shf_error *error) {
  reader *r = self;
  if (r->json.offset == 0 && len >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0) {
    bytes += 3;
    len -= 3;
    r->json.offset = 3;
  }
  return named(r, shf__json_push(&r->json, bytes, len, error), error);
}

static int finish(void *self, shf_profile **out, shf_error *error) {
  reader *r = self;
  int code = shf__json_finish(&r->json, error);
  if (!code && !r->headed)
    code = shf__damaged(error, "JSON without a head: not a .heapprofile", r->json.offset);
  if (!code) code = count_samples(r);
  if (!code) code = add_nodes(r);
  if (!code) code = add_figures(r);
  if (!code) code = shf_profile_seal(r->p);
  if (code) return named(r, code, error);
  *out = r->p;
  r->p = NULL;
  return SHF_OK;
}

static void destroy(void *self) {
  reader *r = self;
  shf__json_free(&r->json);
  shf_profile_free(r->p);
  shf__key_set_free(&r->ids);
  free(r->row_of_id);
  free(r->contexts);
  free(r->nodes);
  free(r->samples);
  free(r);
}

int shf__heapprofile_open(shf_type type, shf__input *in) {
  reader *r = calloc(1, sizeof *r);
  if (!r) return SHF_E_NOMEM;
  r->json.on_event = on_event;
  r->json.self = r;
  /* The format counts bytes. */
  r->type = shf_type_is_space(type) ? type : (shf_type)(type + 1);
  *in = (shf__input){r, push, finish, destroy};
  return shf_profile_new(&r->p);
}
