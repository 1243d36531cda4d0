/*
 * Reads folded stacks: `frame;frame;frame COUNT`, root first.
 *
 * The reader is lenient: blank lines and lines that begin with `# ` are skipped, as is a byte order
 * mark; a line may end in CR LF; spaces or tabs precede the count; an empty frame is anonymous. A
 * count with decimals is rounded, and the remainder is carried to the next one (meta line
 * `rounded`). Lines that are no stack (no count, a negative one, an exponent) are skipped (meta
 * line `ignored`), but a file of such lines alone is refused. A line with two counts (a
 * differential file) and a zero byte (a binary file) are refused.
 */
#include <math.h>
#include <stdlib.h>

#include "core/str.h"
#include "format/folded/stacks.h"
#include "format/reader.h"
#include "text/number.h"

enum { LINE_MAX_BYTES = 16 * 1024 * 1024 };

typedef struct folded {
  shf_profile *p;
  shf_type type;
  shf__folded_stacks *stacks;

  shf__builder part; /* start of a line that continues in the next push */
  uint64_t line;     /* of the current line, 1-based */
  uint64_t read, ignored, first_ignored;
  double fraction;            /* remainder of rounding */
  uint64_t rounded, vanished; /* counts with decimals; how many of them became 0 */
} folded;

static bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

/* Length of the line without the number at its end; SIZE_MAX: no number. */
static size_t before_number(const char *line, size_t len) {
  size_t i = len, digits = 0;
  bool point = false;
  for (; i > 0 && (shf__is_digit(line[i - 1]) || (line[i - 1] == '.' && !point)); i--) {
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
  for (; i < len && shf__is_digit(text[i]); i++) {
    if (__builtin_mul_overflow(whole, 10u, &whole) ||
        __builtin_add_overflow(whole, (uint64_t)(text[i] - '0'), &whole))
      return false;
  }
  if (whole > INT64_MAX) return false;
  *value = (int64_t)whole;
  if (i == len) return true;
  for (i++; i < len; i++) part += (text[i] - '0') * (scale /= 10);
  if (part == 0) return true;
  f->rounded++;
  f->fraction += part;
  double up = floor(f->fraction + 0.5);
  f->fraction -= up;
  if (__builtin_add_overflow(*value, (int64_t)up, value)) return false;
  if (*value == 0) f->vanished++;
  return true;
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
  if (memchr(line, 0, len))
    return refuse(f, "a zero byte: not text, pprof, .heapprofile or a capture", error);
  if (f->line == 1 && len >= 3 && memcmp(line, "\xEF\xBB\xBF", 3) == 0) {
    line += 3;
    len -= 3;
  }
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
                  "two counts: differential files are not supported; if the first belongs to the "
                  "name, write _ for the space before it",
                  error);
  f->read++;
  if (stack == 6 && memcmp(line, "(root)", 6) == 0) stack = 0;
  return shf__folded_stacks_add(f->stacks, line, stack, value);
}

/* Completes the line that began in an earlier push; *taken: bytes used. */
static int end_part(folded *f, const char *bytes, size_t len, size_t *taken, shf_error *error) {
  const char *eol = memchr(bytes, '\n', len);
  *taken = eol ? (size_t)(eol - bytes) + 1 : len;
  if (*taken > LINE_MAX_BYTES - f->part.len) {
    f->line++;
    return refuse(f, "a line of more than 16 MiB", error);
  }
  shf__builder_add(&f->part, bytes, eol ? *taken - 1 : len);
  if (f->part.code || !eol) return f->part.code;
  int code = read_line(f, f->part.ptr ? f->part.ptr : "", f->part.len, error);
  shf__folded_stacks_forget_line(f->stacks); /* its bytes are about to change */
  f->part.len = 0;
  return code;
}

static int push(void *self, const char *bytes, size_t len, shf_error *error) {
  folded *f = self;
  size_t at = 0;
  int code = f->part.len ? end_part(f, bytes, len, &at, error) : SHF_OK;
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
  shf__folded_stacks_forget_line(f->stacks);
  return code;
}

/* ---- The end ------------------------------------------------------------------------ */

static int set_ignored(folded *f) {
  shf__builder text = {NULL, 0, 0, SHF_OK};
  char number[SHF__NUMBER];
  if (f->ignored == 0) return SHF_OK;
  shf__builder_add(&text, number, shf__number_grouped(number, (int64_t)f->ignored));
  shf__builder_puts(&text, f->ignored == 1 ? " line" : " lines");
  shf__builder_puts(&text, " without a count, the first is line ");
  shf__builder_add(&text, number, shf__number_plain(number, (int64_t)f->first_ignored));
  int code = text.code;
  if (!code) code = shf_profile_meta(f->p, shf_str_of("ignored"), shf__builder_str(&text));
  shf__builder_free(&text);
  return code;
}

/* The sum is still right, as remainders are carried. */
static int set_rounded(folded *f) {
  shf__builder text = {NULL, 0, 0, SHF_OK};
  char number[SHF__NUMBER];
  if (f->rounded == 0) return SHF_OK;
  shf__builder_add(&text, number, shf__number_grouped(number, (int64_t)f->rounded));
  shf__builder_puts(&text, f->rounded == 1 ? " count" : " counts");
  shf__builder_puts(&text, " with decimals to whole numbers, ");
  shf__builder_add(&text, number, shf__number_grouped(number, (int64_t)f->vanished));
  shf__builder_puts(&text, " of them to 0");
  int code = text.code;
  if (!code) code = shf_profile_meta(f->p, shf_str_of("rounded"), shf__builder_str(&text));
  shf__builder_free(&text);
  return code;
}

static int finish(void *self, shf_profile **out, shf_error *error) {
  folded *f = self;
  int code = SHF_OK;
  if (f->part.len) {
    size_t taken;
    code = end_part(f, "\n", 1, &taken, error);
  }
  if (!code && f->read == 0 && f->ignored > 0) {
    f->line = f->first_ignored;
    return refuse(
        f, "no count at the end: not a pprof, .heapprofile, capture or folded stacks file", error);
  }
  if (!code) code = set_ignored(f);
  if (!code) code = set_rounded(f);
  if (!code) code = shf__folded_stacks_end(f->stacks, f->type);
  if (!code) code = shf_profile_seal(f->p);
  if (code) return code;
  *out = f->p;
  f->p = NULL;
  return SHF_OK;
}

static void destroy(void *self) {
  folded *f = self;
  shf__folded_stacks_free(f->stacks);
  shf_profile_free(f->p);
  shf__builder_free(&f->part);
  free(f);
}

int shf__folded_open(shf_type type, shf__input *in) {
  folded *f = calloc(1, sizeof *f);
  if (!f) return SHF_E_NOMEM;
  f->type = type;
  *in = (shf__input){f, push, finish, destroy};
  int code = shf_profile_new(&f->p);
  return code ? code : shf__folded_stacks_new(f->p, &f->stacks);
}
