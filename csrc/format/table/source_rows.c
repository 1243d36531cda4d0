#include "format/table/source_rows.h"

#include <stdlib.h>

#include "core/growable.h"

static int add_source(shf__source_rows *s, uint32_t frame, int32_t line, uint32_t row) {
  int code =
      shf__growable_reserve((void **)&s->sources, s->count, &s->capacity, sizeof *s->sources);
  if (!code)
    code =
        shf__growable_reserve((void **)&s->lines, s->count, &s->lines_capacity, sizeof *s->lines);
  if (code) return code;
  s->sources[s->count] = (shf__source){frame, line, UINT64_MAX};
  s->lines[s->count++] = row;
  return SHF_OK;
}

static int add_row(shf__source_rows *s, const shf__table *table, uint32_t at, uint32_t *lines) {
  const shf_profile *p = table->p;
  const shf_row *row = &table->rows[at];
  uint32_t count = shf__table_lines(table, row, table->o->source_lines, lines, &s->rest[at]);
  if (count == 0)
    return add_source(s, row->frame, shf_profile_frame_at(p, row->frame)->line, SHF_NONE);
  int code = SHF_OK;
  for (uint32_t i = 0; i < count && !code; i++)
    code = add_source(s, row->frame, shf_profile_line_at(p, lines[i])->line, lines[i]);
  return code;
}

int shf__source_rows_find(shf__source_rows *s, const shf__table *table) {
  *s = (shf__source_rows){0};
  uint32_t *lines = malloc(((size_t)table->o->source_lines + 1) * sizeof *lines);
  s->first = malloc(((size_t)table->shown + 1) * sizeof *s->first);
  s->rest = malloc(((size_t)table->shown + 1) * sizeof *s->rest);
  int code = lines && s->first && s->rest ? SHF_OK : SHF_E_NOMEM;
  for (uint32_t i = 0; i < table->shown && !code; i++) {
    s->first[i] = s->count;
    code = add_row(s, table, i, lines);
  }
  if (!code) s->first[table->shown] = s->count;
  if (!code) code = shf__source_find(table->p, table->o->source_roots, s->sources, s->count);
  free(lines);
  return code;
}

void shf__source_rows_free(shf__source_rows *s) {
  free(s->sources);
  free(s->lines);
  free(s->first);
  free(s->rest);
}
