#include "format/pprof/types.h"

#include <stdlib.h>

#include "profile/metadata_lines.h"

/* ---- Units ------------------------------------------------------------------------- */

enum { WORD = 24 };

/* In lower case, without a plural s; false if it is longer than any known unit. */
static bool plain_unit(shf_str unit, char word[WORD]) {
  size_t len = unit.len;
  if (len > 2 && (unit.ptr[len - 1] | 32) == 's') len--;
  if (len >= WORD) return false;
  for (size_t i = 0; i < len; i++) {
    char c = unit.ptr[i];
    word[i] = c >= 'A' && c <= 'Z' ? (char)(c | 32) : c;
  }
  word[len] = 0;
  return true;
}

/* `words` ends with NULL. */
static bool is_among(const char *word, const char *const *words) {
  for (; *words; words++)
    if (strcmp(word, *words) == 0) return true;
  return false;
}

uint64_t shf__pprof_unit_bytes(shf_str unit) {
  static const char *const names[][6] = {
      {"b", "byte", NULL},
      {"kb", "kbyte", "kilobyte", "kib", "kibibyte", NULL},
      {"mb", "mbyte", "megabyte", "mib", "mebibyte", NULL},
      {"gb", "gbyte", "gigabyte", "gib", "gibibyte", NULL},
      {"tb", "tbyte", "terabyte", "tib", "tebibyte", NULL},
      {"pb", "pbyte", "petabyte", "pib", "pebibyte", NULL},
  };
  char word[WORD];
  if (!plain_unit(unit, word)) return 0;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (is_among(word, names[i])) return UINT64_C(1) << 10 * i;
  return 0;
}

enum unit { UNIT_BYTES, UNIT_COUNT, UNIT_TIME, UNIT_UNKNOWN };

static enum unit unit_of(shf_str unit) {
  static const char *const counts[] = {"count", "object", "sample", "allocation", "block",
                                       "event", "item",   "number", NULL};
  static const char *const times[] = {"nanosecond",  "ns", "microsecond", "us",  "\xC2\xB5s",
                                      "millisecond", "ms", "second",      "sec", "s",
                                      "minute",      "hr", "hour",        NULL};
  char word[WORD];
  if (shf__pprof_unit_bytes(unit)) return UNIT_BYTES;
  if (!plain_unit(unit, word)) return UNIT_UNKNOWN;
  if (is_among(word, counts)) return UNIT_COUNT;
  return is_among(word, times) ? UNIT_TIME : UNIT_UNKNOWN;
}

/* ---- Names ------------------------------------------------------------------------- */

/* What the words in a name mean. */
typedef struct words {
  bool alloc, inuse, heap; /* `heap` alone means in use */
  bool other;              /* another kind: resident, freed … */
  bool objects;            /* counts rather than bytes */
  bool in;                 /* the word before was `in` */
} words;

static void take_word(const char *word, words *w) {
  static const char *const inuse[] = {"inuse",       "live", "retained", "unreleased",
                                      "outstanding", "used", "leaked",   NULL};
  static const char *const other[] = {"resident", "stale", "unscaled",  "free", "freed", "frees",
                                      "limit",    "peak",  "cpu",       "wall", "lock",  "time",
                                      "mutex",    "gc",    "exception", NULL};
  static const char *const objects[] = {"objects", "object", "count",  "counts",      "samples",
                                        "sample",  "number", "blocks", "allocations", NULL};
  w->alloc = w->alloc || strncmp(word, "alloc", 5) == 0 || strncmp(word, "malloc", 6) == 0;
  w->inuse = w->inuse || is_among(word, inuse) || (w->in && strcmp(word, "use") == 0);
  w->heap = w->heap || strcmp(word, "heap") == 0;
  w->other = w->other || is_among(word, other) || strncmp(word, "dealloc", 7) == 0;
  w->objects = w->objects || is_among(word, objects);
  w->in = strcmp(word, "in") == 0;
}

static bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}

static bool is_letter(char c) {
  return is_upper(c) || (c >= 'a' && c <= 'z');
}

/* `heap-live-size`, `Unreleased malloc size` and `inUseSpace` are three words each. */
static words words_of(shf_str name) {
  words w = {.alloc = false};
  char word[WORD];
  size_t len = 0;
  for (size_t i = 0; i <= name.len; i++) {
    bool letter = i < name.len && is_letter(name.ptr[i]);
    bool begins = letter && i && is_upper(name.ptr[i]) && !is_upper(name.ptr[i - 1]);
    if (len && (!letter || begins)) {
      word[len] = 0;
      take_word(word, &w);
      len = 0;
    }
    if (letter && len < WORD - 1) word[len++] = (char)(name.ptr[i] | 32);
  }
  return w;
}

/* ---- Columns ----------------------------------------------------------------------- */

/* How certain it is that a type is what it is read as. */
enum rank {
  RANK_GUESS, /* no evidence */
  RANK_BYTES, /* by its unit alone */
  RANK_NAME,  /* by its name; the unit is unknown */
  RANK_KNOWN, /* by name and unit */
  RANK_EXACT  /* by Go's name and its unit */
};

typedef struct candidate {
  shf__pp_column column;
  enum rank rank;
} candidate;

static shf_type exact_type(shf_str name) {
  int t = 0;
  while (t < SHF_TYPES && !shf__str_equals(name, shf_type_name((shf_type)t))) t++;
  return (shf_type)t;
}

static shf_type type_of(bool inuse, bool objects) {
  if (inuse) return objects ? SHF_INUSE_OBJECTS : SHF_INUSE_SPACE;
  return objects ? SHF_ALLOC_OBJECTS : SHF_ALLOC_SPACE;
}

/* Old heap profilers call live objects `objects` and `space`. */
static candidate candidate_of(shf_str name, shf_str unit_text) {
  enum unit unit = unit_of(unit_text);
  uint64_t bytes = shf__pprof_unit_bytes(unit_text);
  shf_type exact = exact_type(name);
  words w = words_of(name);
  bool old = shf__str_equals(name, "objects") || shf__str_equals(name, "space");
  bool inuse = w.inuse || old || (w.heap && !w.alloc);
  bool named = exact < SHF_TYPES || (!w.other && (inuse || w.alloc));
  bool objects = unit == UNIT_COUNT || (unit == UNIT_UNKNOWN && named && w.objects);
  candidate c = {{type_of(named && inuse, objects), bytes ? bytes : 1}, RANK_GUESS};
  if (named && unit == UNIT_UNKNOWN) c.rank = RANK_NAME;
  if (named && (unit == UNIT_BYTES || unit == UNIT_COUNT)) c.rank = RANK_KNOWN;
  if (!named && unit == UNIT_BYTES) c.rank = RANK_BYTES;
  if (exact == SHF_TYPES) return c;
  bool fits = unit == (shf_type_is_space(exact) ? UNIT_BYTES : UNIT_COUNT);
  c.column.type = exact;
  if (!fits && c.rank == RANK_KNOWN) c.rank = RANK_NAME;
  if (fits) c.rank = RANK_EXACT;
  return c;
}

/* Keeps the best candidate for each of our types. */
static uint32_t keep_best(candidate *list, uint32_t count) {
  uint32_t types = 0;
  enum rank best = RANK_GUESS;
  for (uint32_t i = 0; i < count; i++)
    if (list[i].rank > best) best = list[i].rank;
  /* if any type is known by its name, guesses are dropped */
  enum rank least = best > RANK_NAME ? RANK_NAME : best;
  for (int rank = RANK_EXACT; rank >= (int)least; rank--) {
    for (uint32_t i = 0; i < count; i++) {
      if ((int)list[i].rank != rank || list[i].column.type == SHF_TYPES) continue;
      uint32_t bit = 1u << list[i].column.type;
      if (types & bit) list[i].column.type = SHF_TYPES;
      types |= bit;
    }
  }
  for (uint32_t i = 0; i < count; i++)
    if (list[i].rank < least) list[i].column.type = SHF_TYPES;
  return types;
}

static void add_type_name(const shf__pprof *r, uint32_t row, const candidate *c,
                          shf__builder *out) {
  shf_str name = shf__pprof_text(r, r->types[row].type);
  shf_str unit = shf__pprof_text(r, r->types[row].unit);
  if (out->len) shf__builder_puts(out, ", ");
  shf__builder_add(out, name.ptr, name.len);
  shf__builder_puts(out, "/");
  shf__builder_add(out, unit.ptr, unit.len);
  if (c->column.type == SHF_TYPES) {
    shf__builder_puts(out, " not read");
    return;
  }
  shf__builder_puts(out, c->rank >= RANK_KNOWN ? " as " : " taken for ");
  shf__builder_puts(out, shf_type_name(c->column.type));
}

/* Sets the meta line `sample_types` unless all are Go's. */
static int set_sample_types(const shf__pprof *r, const candidate *list) {
  shf__builder text = {NULL, 0, 0, SHF_OK};
  bool exact = true;
  for (uint32_t i = 0; i < r->ntypes; i++) {
    exact = exact && list[i].rank == RANK_EXACT && list[i].column.type < SHF_TYPES;
    add_type_name(r, i, &list[i], &text);
  }
  int code = text.code;
  if (!code && !exact)
    code = shf_profile_meta(r->p, shf_str_of("sample_types"), shf__builder_str(&text));
  shf__builder_free(&text);
  return code;
}

int shf__pprof_choose_types(shf__pprof *r, shf__pp_column **columns, uint32_t *types) {
  candidate *list = calloc((size_t)r->ntypes + 1, sizeof *list);
  shf__pp_column *made = calloc((size_t)r->ntypes + 1, sizeof *made);
  int code = list && made ? SHF_OK : SHF_E_NOMEM;
  for (uint32_t i = 0; i < r->ntypes && !code; i++)
    list[i] =
        candidate_of(shf__pprof_text(r, r->types[i].type), shf__pprof_text(r, r->types[i].unit));
  if (!code) {
    *types = keep_best(list, r->ntypes);
    for (uint32_t i = 0; i < r->ntypes; i++) made[i] = list[i].column;
    code = set_sample_types(r, list);
  }
  free(list);
  if (code) {
    free(made);
    return code;
  }
  *columns = made;
  return SHF_OK;
}
