#include "core/string_table.h"

#include <string.h>

static uint32_t hash_row(const void *table, uint32_t row) {
  const shf_string_table *s = table;
  return shf_hash_bytes(s->rows[row].ptr, s->rows[row].len);
}

int shf_string_table_init(shf_string_table *s, shf_arena *arena) {
  memset(s, 0, sizeof *s);
  uint32_t id;
  return shf_string_table_intern(s, arena, (shf_str){"", 0}, &id);
}

int shf_string_table_intern(shf_string_table *s, shf_arena *arena, shf_str text, uint32_t *id) {
  if (text.len == 0 && s->count) {
    *id = 0;
    return SHF_OK;
  }
  int code = shf_hash_index_reserve(&s->index, hash_row, s);
  if (code) return code;
  uint32_t at = shf_hash_bytes(text.ptr, text.len) & s->index.mask;
  for (uint32_t row; (row = s->index.slots[at]) != SHF_NONE; at = (at + 1) & s->index.mask) {
    if (s->rows[row].len == text.len && memcmp(s->rows[row].ptr, text.ptr, text.len) == 0) {
      *id = row;
      return SHF_OK;
    }
  }
  code = shf_arena_reserve(arena, (void **)&s->rows, s->count, &s->capacity, sizeof *s->rows);
  if (code) return code;
  char *copy = shf_arena_alloc(arena, text.len ? text.len : 1, 1);
  if (!copy) return SHF_E_NOMEM;
  if (text.len) memcpy(copy, text.ptr, text.len);
  s->rows[s->count] = (shf_str){copy, text.len};
  s->index.slots[at] = *id = s->count++;
  s->index.used++;
  return SHF_OK;
}

shf_str shf_str_of(const char *text) {
  return (shf_str){text, strlen(text)};
}

int shf_str_compare(shf_str a, shf_str b) {
  size_t n = a.len < b.len ? a.len : b.len;
  int order = n ? memcmp(a.ptr, b.ptr, n) : 0;
  if (order) return order;
  return (a.len > b.len) - (a.len < b.len);
}
