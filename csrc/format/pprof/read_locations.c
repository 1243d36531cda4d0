/* Mappings, functions and locations of a profile.proto. */
#include "format/pprof/fields.h"
#include "format/pprof/read.h"

static int32_t position(uint64_t value) {
  return value <= INT32_MAX ? (int32_t)value : 0;
}

int shf__pprof_add_mapping(shf__pprof *r, shf__wire w, uint64_t at, shf_error *error) {
  shf__pp_mapping made = {.start = 0};
  uint64_t id = 0;
  int code = SHF_OK;
  for (shf__field f; shf__pprof_next(&w,
                                     "\12"
                                     "vvvvvvvvvv",
                                     &f, &code, error);) {
    if (f.number == PPROF_MAPPING_ID) id = f.value;
    if (f.number == PPROF_MAPPING_START) made.start = f.value;
    if (f.number == PPROF_MAPPING_LIMIT) made.limit = f.value;
    if (f.number == PPROF_MAPPING_OFFSET) made.offset = f.value;
    if (f.number == PPROF_MAPPING_FILENAME) made.file = shf__pprof_string(r, &f);
    if (f.number == PPROF_MAPPING_BUILD_ID) made.build_id = shf__pprof_string(r, &f);
    if (f.number >= PPROF_MAPPING_HAS_FUNCTIONS && f.value)
      made.has |= 1u << (f.number - PPROF_MAPPING_HAS_FUNCTIONS);
  }
  if (code) return code;
  if (id == 0) return shf__damaged(error, "a mapping without an id", at);
  uint32_t row, before = r->mapping_ids.count;
  code = shf__growable_reserve((void **)&r->mappings, before, &r->mappings_capacity, sizeof made);
  if (!code) code = shf__key_set_add(&r->mapping_ids, id, &row);
  if (code) return code;
  if (row < before) return shf__damaged(error, "two mappings of one id", at);
  r->mappings[row] = made;
  return SHF_OK;
}

/* The row of a function, which may be defined later. */
static int function_row(shf__pprof *r, uint64_t id, uint64_t at, uint32_t *row) {
  uint32_t before = r->function_ids.count;
  int code = shf__growable_reserve((void **)&r->functions, before, &r->functions_capacity,
                                   sizeof *r->functions);
  if (!code) code = shf__key_set_add(&r->function_ids, id, row);
  if (!code && *row == before) r->functions[*row] = (shf__pp_function){.at = at};
  return code;
}

int shf__pprof_add_function(shf__pprof *r, shf__wire w, uint64_t at, shf_error *error) {
  shf__pp_function made = {.at = at, .defined = true};
  uint64_t id = 0;
  int code = SHF_OK;
  for (shf__field f; shf__pprof_next(&w,
                                     "\5"
                                     "vvvvv",
                                     &f, &code, error);) {
    if (f.number == PPROF_FUNCTION_ID) id = f.value;
    if (f.number == PPROF_FUNCTION_NAME) made.name = shf__pprof_string(r, &f);
    if (f.number == PPROF_FUNCTION_SYSTEM_NAME) made.system_name = shf__pprof_string(r, &f);
    if (f.number == PPROF_FUNCTION_FILENAME) made.file = shf__pprof_string(r, &f);
    if (f.number == PPROF_FUNCTION_START_LINE) made.start_line = position(f.value);
  }
  uint32_t row;
  if (!code && id == 0) code = shf__damaged(error, "a function without an id", at);
  if (!code) code = function_row(r, id, at, &row);
  if (code) return code;
  if (r->functions[row].defined) return shf__damaged(error, "two functions of one id", at);
  r->functions[row] = made;
  return SHF_OK;
}

static int add_line(shf__pprof *r, shf__wire w, uint64_t at, shf_error *error) {
  shf__pp_line made = {0, 0, 0};
  uint64_t function = 0;
  int code = SHF_OK;
  for (shf__field f; shf__pprof_next(&w,
                                     "\3"
                                     "vvv",
                                     &f, &code, error);) {
    if (f.number == PPROF_LINE_FUNCTION_ID) function = f.value;
    if (f.number == PPROF_LINE_LINE) made.line = position(f.value);
    if (f.number == PPROF_LINE_COLUMN) made.column = position(f.value);
  }
  if (!code && function == 0) code = shf__damaged(error, "a line without a function", at);
  if (!code) code = function_row(r, function, at, &made.function);
  if (!code)
    code = shf__growable_reserve((void **)&r->lines, r->nlines, &r->lines_capacity, sizeof made);
  if (!code) r->lines[r->nlines++] = made;
  return code;
}

int shf__pprof_add_location(shf__pprof *r, shf__wire w, uint64_t at, shf_error *error) {
  shf__pp_location made = {.at = at, .line = r->nlines, .defined = true};
  uint64_t id = 0;
  int code = SHF_OK;
  for (shf__field f; shf__pprof_next(&w,
                                     "\5"
                                     "vvvbv",
                                     &f, &code, error);) {
    if (f.number == PPROF_LOCATION_ID) id = f.value;
    if (f.number == PPROF_LOCATION_MAPPING_ID) made.mapping = f.value;
    if (f.number == PPROF_LOCATION_ADDRESS) made.address = f.value;
    if (f.number != PPROF_LOCATION_LINE) continue;
    code = add_line(r, shf__wire_message(&w, &f), f.offset, error);
    if (code) return code;
  }
  uint32_t row;
  made.lines = r->nlines - made.line;
  if (!code && id == 0) code = shf__damaged(error, "a location without an id", at);
  if (!code) code = shf__pprof_location(r, id, at, &row);
  if (code) return code;
  if (r->locations[row].defined) return shf__damaged(error, "two locations of one id", at);
  r->locations[row] = made;
  return SHF_OK;
}
