/* Interned text: equal bytes have one row. Row 0 is the empty string. */
#ifndef SHF_CORE_STRING_TABLE_H
#define SHF_CORE_STRING_TABLE_H

#include "core/arena.h"
#include "core/hash_index.h"
#include "shf.h"

typedef struct shf_string_table {
  shf_str *rows; /* texts and rows live in the arena */
  uint32_t count, capacity;
  shf_hash_index index;
} shf_string_table;

int shf_string_table_init(shf_string_table *s, shf_arena *arena);
int shf_string_table_intern(shf_string_table *s, shf_arena *arena, shf_str text, uint32_t *id);

#endif
