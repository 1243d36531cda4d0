/* Kinds of file that are no profile of memory, but often at hand: they are refused by their name.
 */
#ifndef SHF_FORMAT_FOREIGN_KINDS_H
#define SHF_FORMAT_FOREIGN_KINDS_H

#include "text/string_builder.h"

/* By the first bytes. @return what to say, or NULL */
const char *shf__foreign_kind_of(const char *bytes, size_t len);

/* By a key of a JSON object that is the whole file. */
typedef struct shf__json_kind {
  const char *key;
  const char *refusal; /* what to say */
  bool sure;           /* no .heapprofile has the key: nothing more need be read */
} shf__json_kind;
/* @return NULL: the key tells nothing */
const shf__json_kind *shf__foreign_json_kind_of(shf_str key);
/* By the `$schema` of such an object. @return what to say, or NULL */
const char *shf__foreign_schema_of(shf_str schema);

#endif
