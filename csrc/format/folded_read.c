/*
 * Folded stacks: `frame;frame;frame COUNT`, root first.
 *
 * Taken as the most lenient sane reader takes them: blank lines and lines that
 * begin with `# ` are left out; a line may end in CR LF; spaces or tabs stand
 * before the count; a count with decimals is rounded, what is lost or gained
 * goes on to the next one; an empty frame is an anonymous one. Lines that no
 * reader takes for a stack (no count, a negative one, one with an exponent) are
 * left out and told in the meta line `ignored`; a text of such lines alone is
 * refused. So is a line with two counts: that is a differential file.
 *
 * Frames are told apart by their bytes, whatever these are. Neighbouring lines
 * have most of their frames in common, so what a line shares with the one before
 * is not looked up again.
 */
#include <math.h>
#include <stdlib.h>

#include "core/pages.h"
#include "format/number.h"
#include "format/reader.h"
#include "format/rows.h"
#include "profile/stacks.h"

enum { LINE_MAX_BYTES = 16 * 1024 * 1024, BATCH = SHF__STACKS_MAX };

/* A frame that is known: its text is texts[at .. at + len). */
typedef struct slot {
  uint32_t hash, len;
  uint32_t at;
  uint32_t frame; /* SHF_NONE: a free slot */
} slot;

/* A frame of the line at hand. */
typedef struct span {
  uint32_t at, len; /* in the line */
  uint32_t hash;
} span;

typedef struct pending {
  uint32_t first, depth; /* in `ids` */
  uint32_t shared;       /* frames that the stack before has too */
  int64_t value;
} pending;

typedef struct folded {
  shf_profile *p;
  shf_type type;

  slot *slots;
  uint32_t mask, used;
  shf__text texts;

  /* The line before: where each frame ends, and its frame. */
  const char *last;
  size_t last_len;
  span *spans;
  uint32_t *frames;
  uint32_t depth, room;
  uint32_t shared; /* frames that it has in common with the last stack of the batch */

  uint32_t *ids;
  uint32_t nids, ids_room;
  pending batch[BATCH];
  uint32_t waiting;

  int64_t *values; /* row n: what node n itself has */
  uint32_t values_room;

  shf__text part; /* of a line that has not ended */
  uint64_t line;  /* of the line at hand, 1-based */
  uint64_t stacks, ignored, first_ignored;
  double fraction; /* what rounding left over */
} folded;

/* ---- Frames by their text ------------------------------------------------------ */

static int grow_slots(folded *f) {
  uint32_t slots = f->slots ? f->mask + 1 : 0;
  if (f->used < slots - slots / 4) return SHF_OK;
  uint64_t want = slots ? (uint64_t)slots * 2 : 1024;
  if (want > UINT32_MAX) return SHF_E_LIMIT;
  slot *fresh = malloc((size_t)want * sizeof *fresh);
  if (!fresh) return SHF_E_NOMEM;
  uint32_t mask = (uint32_t)want - 1;
  memset(fresh, 0xff, (size_t)want * sizeof *fresh);
  for (uint32_t i = 0; i < slots; i++) {
    if (f->slots[i].frame == SHF_NONE) continue;
    uint32_t at = f->slots[i].hash & mask;
    while (fresh[at].frame != SHF_NONE) at = (at + 1) & mask;
    fresh[at] = f->slots[i];
  }
  free(f->slots);
  f->slots = fresh;
  f->mask = mask;
  return SHF_OK;
}

static int add_frame(folded *f, shf_str text, uint32_t hash, uint32_t *frame) {
  int code = grow_slots(f);
  if (!code) code = shf__frame_parse(f->p, text, frame);
  if (code) return code;
  size_t from = f->texts.len;
  shf__text_add(&f->texts, text.ptr, text.len);
  if (f->texts.code) return f->texts.code;
  if (f->texts.len > UINT32_MAX) return SHF_E_LIMIT;
  uint32_t at = hash & f->mask;
  while (f->slots[at].frame != SHF_NONE) at = (at + 1) & f->mask;
  f->slots[at] = (slot){hash, (uint32_t)text.len, (uint32_t)from, *frame};
  f->used++;
  return SHF_OK;
}

static int find_frame(folded *f, shf_str text, uint32_t hash, uint32_t *frame) {
  const slot *s;
  for (uint32_t at = hash & f->mask; (s = &f->slots[at])->frame != SHF_NONE;
       at = (at + 1) & f->mask) {
    if (s->hash != hash || s->len != text.len) continue;
    /* a slot of a text has its bytes: NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker) */
    if (text.len && memcmp(f->texts.ptr + s->at, text.ptr, text.len) != 0) continue;
    *frame = s->frame;
    return SHF_OK;
  }
  return add_frame(f, text, hash, frame);
}

/* ---- The tree ------------------------------------------------------------------- */

static int add_value(folded *f, uint32_t node, int64_t value) {
  if (node >= f->values_room) {
    uint64_t want = (uint64_t)node + node / 2 + 64;
    if (want > SIZE_MAX / sizeof *f->values) return SHF_E_NOMEM;
    if (want > UINT32_MAX) want = UINT32_MAX;
    size_t from = f->values_room * sizeof *f->values, to = (size_t)want * sizeof *f->values;
    int64_t *grown = shf_pages_resize(f->values, from, to);
    if (!grown) return SHF_E_NOMEM;
    memset((char *)grown + from, 0, to - from);
    f->values = grown;
    f->values_room = (uint32_t)want;
  }
  return __builtin_add_overflow(f->values[node], value, &f->values[node]) ? SHF_E_LIMIT : SHF_OK;
}

static int flush(folded *f) {
  shf__stack stacks[BATCH];
  for (uint32_t i = 0; i < f->waiting; i++)
    stacks[i] = (shf__stack){f->ids ? f->ids + f->batch[i].first : NULL, f->batch[i].depth,
                             f->batch[i].shared, 0};
  int code = shf__profile_stacks(f->p, stacks, f->waiting);
  for (uint32_t i = 0; i < f->waiting && !code; i++)
    code = add_value(f, stacks[i].node, f->batch[i].value);
  f->waiting = f->nids = 0;
  return code;
}

static int add_stack(folded *f, int64_t value) {
  while (f->ids_room - f->nids < f->depth) {
    int code = shf__rows_room((void **)&f->ids, f->ids_room, &f->ids_room, sizeof *f->ids);
    if (code) return code;
  }
  if (f->depth) memcpy(f->ids + f->nids, f->frames, f->depth * sizeof *f->ids);
  uint32_t shared = f->waiting ? f->shared : 0;
  f->batch[f->waiting++] = (pending){f->nids, f->depth, shared, value};
  f->shared = f->depth;
  f->nids += f->depth;
  return f->waiting == BATCH ? flush(f) : SHF_OK;
}

/* ---- Lines ------------------------------------------------------------------------ */

static size_t common_length(const char *a, const char *b, size_t n) {
  size_t i = 0;
  for (; i + 8 <= n; i += 8) {
    uint64_t x, y;
    memcpy(&x, a + i, 8);
    memcpy(&y, b + i, 8);
    if (x != y) break;
  }
  while (i < n && a[i] == b[i]) i++;
  return i;
}

/* Frames that the stack has in common with the line before. */
static uint32_t common_frames(const folded *f, const char *stack, size_t len) {
  if (!f->last) return 0;
  size_t n = common_length(stack, f->last, len < f->last_len ? len : f->last_len);
  bool whole = n == len || stack[n] == ';';
  for (uint32_t i = 0; i < f->depth; i++) {
    size_t end = (size_t)f->spans[i].at + f->spans[i].len;
    if (end > n || (end == n && !whole)) return i;
  }
  return f->depth;
}

static int grow_stack(folded *f) {
  uint32_t room = f->room;
  int code = shf__rows_room((void **)&f->spans, room, &room, sizeof *f->spans);
  if (code) return code;
  room = f->room;
  code = shf__rows_room((void **)&f->frames, room, &room, sizeof *f->frames);
  if (!code) f->room = room;
  return code;
}

/* Cuts the stack behind its first `depth` frames, and sends for what is known of each. */
static int cut(folded *f, const char *stack, size_t len, uint32_t depth) {
  size_t at = depth ? (size_t)f->spans[depth - 1].at + f->spans[depth - 1].len + 1 : 0;
  for (; at <= len; depth++) {
    const char *end = memchr(stack + at, ';', len - at);
    size_t n = (end ? (size_t)(end - stack) : len) - at;
    int code = depth < f->room ? SHF_OK : grow_stack(f);
    if (code) return code;
    uint32_t hash = shf_hash_bytes(stack + at, n);
    __builtin_prefetch(&f->slots[hash & f->mask]);
    f->spans[depth] = (span){(uint32_t)at, (uint32_t)n, hash};
    at += n + 1;
  }
  f->depth = depth;
  return SHF_OK;
}

static int split(folded *f, const char *stack, size_t len) {
  uint32_t from = common_frames(f, stack, len);
  if (from < f->shared) f->shared = from;
  f->last = NULL;
  int code = cut(f, stack, len, from);
  for (uint32_t i = from; i < f->depth && !code; i++) {
    const slot *s = &f->slots[f->spans[i].hash & f->mask];
    if (s->frame != SHF_NONE && f->texts.ptr) __builtin_prefetch(f->texts.ptr + s->at);
  }
  for (uint32_t i = from; i < f->depth && !code; i++) {
    const span *s = &f->spans[i];
    code = find_frame(f, (shf_str){stack + s->at, s->len}, s->hash, &f->frames[i]);
  }
  f->last = stack;
  f->last_len = len;
  return code;
}

static bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/* Length of the line without the number at its end, SIZE_MAX when there is none. */
static size_t before_number(const char *line, size_t len) {
  size_t i = len, digits = 0;
  bool point = false;
  for (; i > 0 && (is_digit(line[i - 1]) || (line[i - 1] == '.' && !point)); i--) {
    if (line[i - 1] == '.')
      point = true;
    else
      digits++;
  }
  bool number = digits > 0 && line[i] != '.' && i > 0 && is_blank(line[i - 1]);
  return number ? i : SIZE_MAX;
}

static size_t trimmed(const char *line, size_t len) {
  while (len > 0 && is_blank(line[len - 1])) len--;
  return len;
}

/* @return false beyond 2^63 - 1 */
static bool parse_count(folded *f, const char *text, size_t len, int64_t *value) {
  uint64_t whole = 0;
  double part = 0, scale = 1;
  size_t i = 0;
  for (; i < len && is_digit(text[i]); i++) {
    if (__builtin_mul_overflow(whole, 10u, &whole) ||
        __builtin_add_overflow(whole, (uint64_t)(text[i] - '0'), &whole))
      return false;
  }
  if (whole > INT64_MAX) return false;
  *value = (int64_t)whole;
  if (i == len) return true;
  for (i++; i < len; i++) part += (text[i] - '0') * (scale /= 10);
  f->fraction += part;
  double up = floor(f->fraction + 0.5);
  f->fraction -= up;
  return !__builtin_add_overflow(*value, (int64_t)up, value);
}

static int refuse(const folded *f, const char *message, shf_error *error) {
  *error = (shf_error){.message = message, .line = f->line};
  return SHF_E_FORMAT;
}

static int ignore(folded *f) {
  if (f->ignored++ == 0) f->first_ignored = f->line;
  return SHF_OK;
}

static int read_line(folded *f, const char *line, size_t len, shf_error *error) {
  f->line++;
  if (len && line[len - 1] == '\r') len--;
  len = trimmed(line, len);
  if (len == 0 || (len >= 2 && line[0] == '#' && line[1] == ' ') || (len == 1 && line[0] == '#'))
    return SHF_OK;
  size_t stack = before_number(line, len);
  if (stack == SIZE_MAX) return ignore(f);
  int64_t value;
  if (!parse_count(f, line + stack, len - stack, &value))
    return refuse(f, "a count beyond 2^63", error);
  stack = trimmed(line, stack);
  if (before_number(line, stack) != SIZE_MAX)
    return refuse(f,
                  "two counts: differential files are not read; where the first belongs to the "
                  "name, write _ for the space before it",
                  error);
  f->stacks++;
  int code = SHF_OK;
  bool root = stack == 0 || (stack == 6 && memcmp(line, "(root)", 6) == 0);
  if (root)
    f->depth = f->shared = 0, f->last = NULL;
  else
    code = split(f, line, stack);
  return code || value == 0 ? code : add_stack(f, value);
}

/* The rest of a line that began in bytes before these. @return bytes taken, in *taken */
static int end_part(folded *f, const char *bytes, size_t len, size_t *taken, shf_error *error) {
  const char *eol = memchr(bytes, '\n', len);
  *taken = eol ? (size_t)(eol - bytes) + 1 : len;
  if (*taken > LINE_MAX_BYTES - f->part.len) {
    f->line++;
    return refuse(f, "a line of more than 16 MiB", error);
  }
  shf__text_add(&f->part, bytes, eol ? *taken - 1 : len);
  if (f->part.code || !eol) return f->part.code;
  f->last = NULL;
  int code = read_line(f, f->part.ptr ? f->part.ptr : "", f->part.len, error);
  f->last = NULL; /* the text is in a buffer that changes */
  f->part.len = 0;
  return code;
}

static int push(void *self, const char *bytes, size_t len, shf_error *error) {
  folded *f = self;
  size_t at = 0;
  int code = f->part.len ? end_part(f, bytes, len, &at, error) : SHF_OK;
  f->last = NULL;
  while (!code && at < len) {
    const char *eol = memchr(bytes + at, '\n', len - at);
    if (!eol) {
      size_t taken;
      code = end_part(f, bytes + at, len - at, &taken, error);
      break;
    }
    code = read_line(f, bytes + at, (size_t)(eol - bytes) - at, error);
    at = (size_t)(eol - bytes) + 1;
  }
  f->last = NULL;
  return code;
}

/* ---- The end ------------------------------------------------------------------------ */

static int set_ignored(folded *f) {
  shf__text text = {NULL, 0, 0, SHF_OK};
  char number[SHF__NUMBER];
  if (f->ignored == 0) return SHF_OK;
  shf__text_add(&text, number, shf__number_grouped(number, (int64_t)f->ignored));
  shf__text_puts(&text, f->ignored == 1 ? " line" : " lines");
  shf__text_puts(&text, " without a count, the first is line ");
  shf__text_add(&text, number, shf__number_plain(number, (int64_t)f->first_ignored));
  int code = text.code;
  if (!code) code = shf_profile_meta(f->p, shf_str_of("ignored"), shf__text_str(&text));
  shf__text_free(&text);
  return code;
}

static void drop_texts(folded *f) {
  shf__text_free(&f->texts);
  free(f->slots);
  f->slots = NULL;
}

static void drop_values(folded *f) {
  shf_pages_free(f->values, f->values_room * sizeof *f->values);
  f->values = NULL;
  f->values_room = 0;
}

static int add_buckets(folded *f) {
  shf_source source = {.gc = SHF_GC_UNKNOWN, .types = 1u << f->type};
  shf_bucket b = {.size = 0};
  int code = shf_profile_source(f->p, source, &b.source);
  uint32_t rows = f->values_room;
  for (uint32_t n = 0; n < rows && !code; n++) {
    if (f->values[n] == 0) continue;
    b.node = n;
    b.value[f->type] = f->values[n];
    code = shf_profile_bucket(f->p, &b);
  }
  drop_values(f);
  return code;
}

static int finish(void *self, shf_profile **out, shf_error *error) {
  folded *f = self;
  int code = SHF_OK;
  if (f->part.len) {
    size_t taken;
    code = end_part(f, "\n", 1, &taken, error);
  }
  if (!code && f->stacks == 0 && f->ignored > 0) {
    f->line = f->first_ignored;
    return refuse(
        f, "no count at its end: this is no pprof, .heapprofile, capture or folded stacks", error);
  }
  if (!code) code = flush(f);
  drop_texts(f);
  if (!code) code = set_ignored(f);
  if (!code) code = add_buckets(f);
  if (!code) code = shf_profile_seal(f->p);
  if (code) return code;
  *out = f->p;
  f->p = NULL;
  return SHF_OK;
}

static void destroy(void *self) {
  folded *f = self;
  drop_texts(f);
  shf_profile_free(f->p);
  shf__text_free(&f->part);
  free(f->spans);
  free(f->frames);
  free(f->ids);
  drop_values(f);
  free(f);
}

int shf__folded_open(shf_type type, shf__input *in) {
  folded *f = calloc(1, sizeof *f);
  if (!f) return SHF_E_NOMEM;
  f->type = type;
  *in = (shf__input){f, push, finish, destroy};
  int code = shf_profile_new(&f->p);
  return code ? code : grow_slots(f);
}
