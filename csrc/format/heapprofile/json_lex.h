/* JSON in pieces as it comes, told as events; no recursion, any depth. */
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
  /* @return 0, or a code that ends the reading; `text` is gone after the call */
  int (*on_event)(void *self, enum shf__json_event event, shf_str text, uint64_t at,
                  shf_error *error);
  void *self;
  uint64_t offset;  /* of the next byte */
  uint64_t started; /* where the token at hand begins */
  int state;
  uint8_t *open; /* `{` or `[` of each level */
  uint32_t depth, open_capacity;
  shf__builder text;
  bool key;         /* the string at hand is one */
  uint32_t unicode; /* of \uXXXX, as far as it is there */
  uint32_t digits;  /* of it still to come */
  uint32_t high;    /* half of a surrogate pair that waits for its other half */
} shf__json;

int shf__json_push(shf__json *j, const char *bytes, size_t len, shf_error *error);
/* SHF_E_FORMAT where the value has not ended. */
int shf__json_finish(shf__json *j, shf_error *error);
void shf__json_free(shf__json *j);

#endif
