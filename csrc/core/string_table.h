/* Interned text: the same bytes have one row. Row 0 is the empty string. */
#ifndef SHF_CORE_STRING_TABLE_H
#define SHF_CORE_STRING_TABLE_H

#include "core/arena.h"
#include "core/hash_index.h"
#include "shf.h"

typedef struct shf_strings {
  shf_str *rows; /* text and rows live in the profile's arena */
  uint32_t count, capacity;
  shf_index index;
} shf_strings;

int shf_strings_init(shf_strings *s, shf_arena *arena);
int shf_strings_intern(shf_strings *s, shf_arena *arena, shf_str text, uint32_t *id);

#endif
