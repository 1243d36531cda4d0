/* Recognizes common files that are not memory profiles, to refuse them with a helpful message. */
#ifndef SHF_FORMAT_UNSUPPORTED_INPUTS_H
#define SHF_FORMAT_UNSUPPORTED_INPUTS_H

#include "text/string_builder.h"

/* By the first bytes. @return the message, or NULL */
const char *shf__unsupported_bytes(const char *bytes, size_t len);

/* By a key of the top-level JSON object. */
typedef struct shf__json_kind {
  const char *key;
  const char *refusal; /* the message */
  bool certain;        /* no .heapprofile has this key, so reading ends */
} shf__json_kind;
/* @return NULL if the key is not known */
const shf__json_kind *shf__unsupported_json(shf_str key);
/* By the `$schema` of such an object. @return the message, or NULL */
const char *shf__unsupported_schema(shf_str schema);

#endif
