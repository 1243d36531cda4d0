#include "format/heapprofile/json_lex.h"

#include <stdlib.h>

#include "core/decimal.h"
#include "core/growable.h"
#include "core/str.h"
#include "format/reader.h"

enum { TOKEN_MAX_BYTES = 16 * 1024 * 1024 };

enum state {
  VALUE,       /* a value must come; all zero begins here */
  FIRST_VALUE, /* a value or ] */
  FIRST_KEY,   /* a key or } */
  KEY,         /* a key must come */
  COLON,       /* : must come */
  AFTER,       /* , or the end of what is open */
  DONE,        /* only white space may come */
  STRING,
  ESCAPE,
  UNICODE,
  PLAIN /* a number or a word */
};

static int broken(const shf__json *j, shf_error *error) {
  return shf__damaged(error, "invalid JSON", j->offset);
}

static int emit(shf__json *j, enum shf__json_event event, uint64_t at, shf_error *error) {
  shf_str text = {j->text.ptr ? j->text.ptr : "", j->text.len};
  int code = j->on_event(j->self, event, text, at, error);
  j->text.len = 0;
  return code;
}

static void value_ended(shf__json *j) {
  j->state = j->depth ? AFTER : DONE;
}

static int open_level(shf__json *j, char c, shf_error *error) {
  int code = shf__growable_reserve((void **)&j->open, j->depth, &j->open_capacity, 1);
  if (code) return code;
  j->open[j->depth++] = (uint8_t)c;
  j->state = c == '{' ? FIRST_KEY : FIRST_VALUE;
  return emit(j, c == '{' ? SHF__JSON_OBJECT : SHF__JSON_ARRAY, j->offset, error);
}

static int close_level(shf__json *j, char c, shf_error *error) {
  if (j->depth == 0 || j->open[j->depth - 1] != (c == '}' ? '{' : '[')) return broken(j, error);
  j->depth--;
  value_ended(j);
  return emit(j, SHF__JSON_CLOSE, j->offset, error);
}

static bool is_plain(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
         c == '+' || c == '.';
}

static int begin_value(shf__json *j, char c, shf_error *error) {
  if (c == '{' || c == '[') return open_level(j, c, error);
  if (c == ']' && j->state == FIRST_VALUE) return close_level(j, c, error);
  j->started = j->offset;
  if (c == '"') {
    j->key = false;
    j->state = STRING;
    return SHF_OK;
  }
  if (!is_plain(c) || c == '+' || c == '.') return broken(j, error);
  shf__builder_add(&j->text, &c, 1);
  j->state = PLAIN;
  return j->text.code;
}

static int between(shf__json *j, char c, shf_error *error) {
  if (shf__is_json_space(c)) return SHF_OK;
  switch (j->state) {
    case VALUE:
    case FIRST_VALUE:
      return begin_value(j, c, error);
    case FIRST_KEY:
      if (c == '}') return close_level(j, c, error);
      /* fall through */
    case KEY:
      if (c != '"') return broken(j, error);
      j->started = j->offset;
      j->key = true;
      j->state = STRING;
      return SHF_OK;
    case COLON:
      j->state = VALUE;
      return c == ':' ? SHF_OK : broken(j, error);
    case AFTER:
      if (c != ',') return c == '}' || c == ']' ? close_level(j, c, error) : broken(j, error);
      j->state = j->open[j->depth - 1] == '{' ? KEY : VALUE;
      return SHF_OK;
    default:
      return c == '{' ? shf__damaged(error, SHF__SEVERAL_PROFILES, j->offset) : broken(j, error);
  }
}

static int end_plain(shf__json *j, shf_error *error) {
  char c = j->text.ptr[0];
  bool word = c != '-' && (c < '0' || c > '9');
  shf_str text = shf__builder_str(&j->text);
  if (word && shf_str_compare(text, shf_str_of("true")) != 0 &&
      shf_str_compare(text, shf_str_of("false")) != 0 &&
      shf_str_compare(text, shf_str_of("null")) != 0)
    return broken(j, error);
  if (!word && !shf__decimal_valid(text.ptr, text.len))
    return shf__damaged(error, "invalid JSON", j->started);
  value_ended(j);
  return emit(j, word ? SHF__JSON_WORD : SHF__JSON_NUMBER, j->started, error);
}

/* An unpaired high surrogate becomes U+FFFD. */
static void drop_half(shf__json *j) {
  if (j->high) shf__builder_code_point(&j->text, 0xFFFD);
  j->high = 0;
}

static void end_unicode(shf__json *j) {
  uint32_t unit = j->unicode;
  bool low = unit >= 0xDC00 && unit < 0xE000;
  j->state = STRING;
  if (low && j->high) {
    shf__builder_code_point(&j->text, 0x10000 + ((j->high - 0xD800) << 10) + (unit - 0xDC00));
    j->high = 0;
    return;
  }
  drop_half(j);
  if (unit >= 0xD800 && unit < 0xDC00)
    j->high = unit;
  else
    shf__builder_code_point(&j->text, low ? 0xFFFD : unit);
}

static int escape(shf__json *j, char c, shf_error *error) {
  static const char letters[] = "\"\\/bfnrt", bytes[] = "\"\\/\b\f\n\r\t";
  if (c == 'u') {
    j->unicode = 0;
    j->digits = 4;
    j->state = UNICODE;
    return SHF_OK;
  }
  const char *at = c ? strchr(letters, c) : NULL;
  if (!at) return broken(j, error);
  drop_half(j);
  shf__builder_add(&j->text, &bytes[at - letters], 1);
  j->state = STRING;
  return j->text.code;
}

static int hex_digit(shf__json *j, char c, shf_error *error) {
  int value = shf__hex_value(c);
  if (value < 0) return broken(j, error);
  j->unicode = j->unicode << 4 | (uint32_t)value;
  if (--j->digits == 0) end_unicode(j);
  return j->text.code;
}

/* Bytes of a string up to its end, an escape, or the end of the input. */
static size_t string_run(const char *bytes, size_t len) {
  size_t i = 0;
  while (i < len && bytes[i] != '"' && bytes[i] != '\\' && (uint8_t)bytes[i] >= 0x20) i++;
  return i;
}

static int in_string(shf__json *j, const char *bytes, size_t len, size_t *used, shf_error *error) {
  size_t run = string_run(bytes, len);
  if (run) drop_half(j);
  shf__builder_add(&j->text, bytes, run);
  if (j->text.code) return j->text.code;
  if (j->text.len > TOKEN_MAX_BYTES)
    return shf__damaged(error, "a string of more than 16 MiB", j->started);
  *used = run;
  if (run == len) return SHF_OK;
  *used = run + 1;
  j->offset += run; /* for error messages; restored below */
  if (bytes[run] == '\\')
    j->state = ESCAPE;
  else if (bytes[run] != '"')
    return broken(j, error);
  j->offset -= run;
  if (bytes[run] == '\\') return SHF_OK;
  drop_half(j);
  if (j->text.code) return j->text.code;
  if (!j->key) {
    value_ended(j);
    return emit(j, SHF__JSON_STRING, j->started, error);
  }
  j->state = COLON;
  return emit(j, SHF__JSON_KEY, j->started, error);
}

static int in_plain(shf__json *j, char c, size_t *used, shf_error *error) {
  enum { PLAIN_MAX = 1024 };
  *used = is_plain(c);
  if (!*used) return end_plain(j, error);
  if (j->text.len >= PLAIN_MAX) return broken(j, error);
  shf__builder_add(&j->text, &c, 1);
  return j->text.code;
}

int shf__json_push(shf__json *j, const char *bytes, size_t len, shf_error *error) {
  for (size_t i = 0; i < len;) {
    size_t used = 1;
    int code;
    switch (j->state) {
      case STRING:
        code = in_string(j, bytes + i, len - i, &used, error);
        break;
      case ESCAPE:
        code = escape(j, bytes[i], error);
        break;
      case UNICODE:
        code = hex_digit(j, bytes[i], error);
        break;
      case PLAIN:
        code = in_plain(j, bytes[i], &used, error);
        break;
      default:
        code = between(j, bytes[i], error);
    }
    if (code) return code;
    i += used;
    j->offset += used;
  }
  return SHF_OK;
}

int shf__json_finish(shf__json *j, shf_error *error) {
  if (j->state == DONE) return SHF_OK;
  return shf__damaged(error, "the JSON is cut short", j->offset);
}

void shf__json_free(shf__json *j) {
  free(j->open);
  shf__builder_free(&j->text);
}
