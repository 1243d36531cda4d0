/* A streaming JSON lexer that reports events: no recursion, any depth. */
#ifndef SHF_FORMAT_HEAPPROFILE_JSON_LEX_H
#define SHF_FORMAT_HEAPPROFILE_JSON_LEX_H

#include "text/string_builder.h"

enum shf__json_event {
  SHF__JSON_OBJECT, /* { */
  SHF__JSON_ARRAY,  /* [ */
  SHF__JSON_CLOSE,  /* } or ] */
  SHF__JSON_KEY,    /* text */
  SHF__JSON_STRING, /* text */
  SHF__JSON_NUMBER, /* text */
  SHF__JSON_WORD    /* true, false, null: text */
};

typedef struct shf__json {
  /* @return 0, or a code that ends the reading; `text` is valid only during the call */
  int (*on_event)(void *self, enum shf__json_event event, shf_str text, uint64_t at,
                  shf_error *error);
  void *self;
  uint64_t offset;  /* of the next byte */
  uint64_t started; /* where the current token begins */
  int state;
  uint8_t *open; /* `{` or `[` of each level */
  uint32_t depth, open_capacity;
  shf__builder text;
  bool key;         /* the current string is a key */
  uint32_t unicode; /* digits of \uXXXX so far */
  uint32_t digits;  /* digits missing */
  uint32_t high;    /* a high surrogate that waits for the low one */
} shf__json;

int shf__json_push(shf__json *j, const char *bytes, size_t len, shf_error *error);
/* SHF_E_FORMAT if the value is incomplete. */
int shf__json_finish(shf__json *j, shf_error *error);
void shf__json_free(shf__json *j);

#endif
