/*
 * Reads profile.proto field by field as the bytes arrive. Samples are merged into a tree of
 * location ids, because the string table that names them usually comes last. Files that pprof
 * refuses are refused with the offset of the wrong field.
 */
#include "format/pprof/read.h"

#include <stdlib.h>

#include "format/pprof/fields.h"
#include "profile/location_tree.h"

enum {
  PART_BYTES = 4096,
  TYPES_MAX = 1000 /* more than any tool writes */
};
#define FIELD_MAX_BYTES (UINT64_C(1) << 30)

/* ---- Types and strings ------------------------------------------------------------ */

static uint32_t row_of_string(shf__pprof *r, const shf__field *f) {
  uint64_t place = shf__pprof_string(r, f);
  return place > UINT32_MAX ? UINT32_MAX : (uint32_t)place;
}

static int read_type(shf__pprof *r, shf__wire w, shf__pp_type *type, shf_error *error) {
  int code = SHF_OK;
  *type = (shf__pp_type){0, 0};
  for (shf__field f; shf__pprof_next(&w,
                                     "\2"
                                     "vv",
                                     &f, &code, error);) {
    if (f.number == PPROF_VALUE_TYPE_TYPE) type->type = row_of_string(r, &f);
    if (f.number == PPROF_VALUE_TYPE_UNIT) type->unit = row_of_string(r, &f);
  }
  return code;
}

static int add_type(shf__pprof *r, shf__wire w, uint64_t at, shf_error *error) {
  if (r->ntypes == TYPES_MAX) return shf__damaged(error, "more than 1000 sample types", at);
  int code =
      shf__growable_reserve((void **)&r->types, r->ntypes, &r->types_capacity, sizeof *r->types);
  return code ? code : read_type(r, w, &r->types[r->ntypes++], error);
}

static int add_string(shf__pprof *r, const shf__field *f, shf_error *error) {
  if (r->nstrings == 0 && f->value > 0)
    return shf__damaged(error, "the first string is not empty", f->offset);
  int code = shf__growable_reserve((void **)&r->strings, r->nstrings, &r->strings_capacity,
                                   sizeof *r->strings);
  shf_str text = {(const char *)f->bytes, (size_t)f->value};
  return code ? code : shf_profile_string(r->p, text, &r->strings[r->nstrings++]);
}

static int add_comments(shf__pprof *r, const shf__wire *w, const shf__field *f, shf_error *error) {
  shf__wire packed = {NULL, NULL, NULL, 0};
  shf__field one = *f;
  int code = SHF_OK;
  while (!code && shf__pprof_number(w, f, &packed, &one.value, &code, error)) {
    code = shf__growable_reserve((void **)&r->comments, r->ncomments, &r->comments_capacity,
                                 sizeof *r->comments);
    if (!code) r->comments[r->ncomments++] = shf__pprof_string(r, &one);
  }
  return code;
}

/* ---- Samples ----------------------------------------------------------------------- */

static int add_label(shf__pprof *r, shf__wire w, shf_error *error) {
  shf__pp_label made = {.sample = r->nsamples};
  int code = SHF_OK;
  for (shf__field f; shf__pprof_next(&w,
                                     "\4"
                                     "vvvv",
                                     &f, &code, error);) {
    if (f.number == PPROF_LABEL_KEY) made.key = shf__pprof_string(r, &f);
    if (f.number == PPROF_LABEL_STR) made.text = shf__pprof_string(r, &f);
    if (f.number == PPROF_LABEL_NUM) made.number = (int64_t)f.value;
    if (f.number == PPROF_LABEL_NUM_UNIT) made.unit = shf__pprof_string(r, &f);
  }
  if (code) return code;
  code = shf__growable_reserve((void **)&r->labels, r->nlabels, &r->labels_capacity, sizeof made);
  if (!code) r->labels[r->nlabels++] = made;
  return code;
}

static int add_values(shf__pprof *r, const shf__wire *w, const shf__field *f, shf_error *error) {
  shf__wire packed = {NULL, NULL, NULL, 0};
  uint64_t value;
  int code = SHF_OK;
  while (!code && shf__pprof_number(w, f, &packed, &value, &code, error)) {
    code = shf__growable_reserve((void **)&r->values, r->nvalues, &r->values_capacity,
                                 sizeof *r->values);
    if (!code) r->values[r->nvalues++] = (int64_t)value;
  }
  return code;
}

static int add_sample(shf__pprof *r, shf__wire w, uint64_t at, shf_error *error) {
  uint32_t before = r->nvalues;
  int code = shf__growable_reserve((void **)&r->sample_node, r->nsamples, &r->nodes_capacity,
                                   sizeof *r->sample_node);
  shf__pprof_stack_begin(r);
  for (shf__field f; !code && shf__pprof_next(&w,
                                              "\3"
                                              "rrb",
                                              &f, &code, error);) {
    if (f.number == PPROF_SAMPLE_LOCATION_ID) code = shf__pprof_stack_ids(r, &w, &f, error);
    if (f.number == PPROF_SAMPLE_VALUE) code = add_values(r, &w, &f, error);
    if (f.number == PPROF_SAMPLE_LABEL) code = add_label(r, shf__wire_message(&w, &f), error);
  }
  if (code) return code;
  uint32_t values = r->nvalues - before;
  if (r->nsamples == 0) {
    r->width = values;
    r->first_sample = at;
  }
  if (values != r->width) return shf__damaged(error, "a sample with another number of values", at);
  code = shf__pprof_stack_end(r, at, &r->sample_node[r->nsamples]);
  if (!code) r->nsamples++;
  return code;
}

/* ---- The profile ---------------------------------------------------------------------- */

static int set_number(shf__pprof *r, const shf__field *f, shf_error *error) {
  int64_t value = (int64_t)f->value;
  switch (f->number) {
    case PPROF_PROFILE_TIME_NANOS:
      if (r->time_nanos) return shf__damaged(error, SHF__SEVERAL_PROFILES, f->offset);
      r->time_nanos = value;
      return SHF_OK;
    case PPROF_PROFILE_DURATION_NANOS:
      r->duration_nanos = value;
      return SHF_OK;
    case PPROF_PROFILE_PERIOD:
      r->period = value;
      return SHF_OK;
    case PPROF_PROFILE_DEFAULT_SAMPLE_TYPE:
      r->default_type = shf__pprof_string(r, f);
      return SHF_OK;
    case PPROF_PROFILE_DROP_FRAMES:
      r->drop_frames = shf__pprof_string(r, f);
      return SHF_OK;
    case PPROF_PROFILE_KEEP_FRAMES:
      r->keep_frames = shf__pprof_string(r, f);
      return SHF_OK;
    default: /* doc_url */
      shf__pprof_string(r, f);
      return SHF_OK;
  }
}

static int read_field(shf__pprof *r, const shf__wire *w, const shf__field *f, shf_error *error) {
  static const char wires[] = "bbbbbbvvvvbvrvv";
  if (f->number == 0 || f->number >= sizeof wires) return SHF_OK;
  char wanted = wires[f->number - 1];
  if (f->wire == PB_VARINT ? wanted == 'b' : f->wire != PB_BYTES || wanted == 'v')
    return shf__pprof_wrong_wire(f, error);
  bool other = r->field != f->number;
  r->field = f->number;
  if (f->number == PPROF_PROFILE_SAMPLE_TYPE && other && r->ntypes && !r->again)
    r->again = f->offset;
  switch (f->number) {
    case PPROF_PROFILE_SAMPLE_TYPE:
      return add_type(r, shf__wire_message(w, f), f->offset, error);
    case PPROF_PROFILE_SAMPLE:
      return add_sample(r, shf__wire_message(w, f), f->offset, error);
    case PPROF_PROFILE_MAPPING:
      return shf__pprof_add_mapping(r, shf__wire_message(w, f), f->offset, error);
    case PPROF_PROFILE_LOCATION:
      return shf__pprof_add_location(r, shf__wire_message(w, f), f->offset, error);
    case PPROF_PROFILE_FUNCTION:
      return shf__pprof_add_function(r, shf__wire_message(w, f), f->offset, error);
    case PPROF_PROFILE_STRING_TABLE:
      return add_string(r, f, error);
    case PPROF_PROFILE_PERIOD_TYPE:
      return read_type(r, shf__wire_message(w, f), &r->period_type, error);
    case PPROF_PROFILE_COMMENT:
      return add_comments(r, w, f, error);
    default:
      return set_number(r, f, error);
  }
}

/* Reads all complete fields of `w`. */
static int read_fields(shf__pprof *r, shf__wire *w, shf_error *error) {
  shf__field f;
  while (w->at < w->end) {
    enum shf__step step = shf__wire_next(w, &f);
    bool wide = f.wire == PB_BYTES && f.value > FIELD_MAX_BYTES;
    if (step == SHF__WIRE_SHORT && !wide) return SHF_OK;
    if (step != SHF__WIRE_FIELD || wide)
      return shf__damaged(
          error, wide ? "a field of more than 1 GiB" : "no field of a pprof profile", f.offset);
    int code = read_field(r, w, &f, error);
    if (code) return code;
  }
  return SHF_OK;
}

/*
 * Completes the field that began in an earlier push, and reads on in the bytes that were added to
 * it. *taken is set to the number of bytes used.
 */
static int end_part(shf__pprof *r, const char *bytes, size_t len, size_t *taken, shf_error *error) {
  size_t begun = r->part.len, step = begun > PART_BYTES ? begun : PART_BYTES;
  *taken = len < step ? len : step;
  shf__builder_add(&r->part, bytes, *taken);
  if (r->part.code) return r->part.code;
  const unsigned char *from = (const unsigned char *)r->part.ptr;
  shf__wire w = {from, from + r->part.len, from, r->offset};
  int code = read_fields(r, &w, error);
  size_t read = (size_t)(w.at - from);
  if (code || read < begun) return code; /* the field is still incomplete */
  r->offset += read;
  r->part.len = 0;
  *taken = read - begun;
  return SHF_OK;
}

/* Concatenated profiles get a message of their own. */
static int explain(const shf__pprof *r, int code, shf_error *error) {
  return code == SHF_E_FORMAT && r->again ? shf__damaged(error, SHF__SEVERAL_PROFILES, r->again)
                                          : code;
}

static int take(shf__pprof *r, const char *bytes, size_t len, shf_error *error) {
  size_t taken;
  while (r->part.len && len) {
    int code = end_part(r, bytes, len, &taken, error);
    if (code) return code;
    bytes += taken;
    len -= taken;
  }
  const unsigned char *from = (const unsigned char *)bytes;
  shf__wire w = {from, from + len, from, r->offset};
  int code = len ? read_fields(r, &w, error) : SHF_OK;
  if (code) return code;
  taken = (size_t)(w.at - from);
  r->offset += taken;
  shf__builder_add(&r->part, w.at, len - taken);
  return r->part.code;
}

static int push(void *self, const char *bytes, size_t len, shf_error *error) {
  return explain(self, take(self, bytes, len, error), error);
}

/* References can be checked only at the end of the input. */
static int check_whole(const shf__pprof *r, shf_error *error) {
  if (r->part.len) return shf__damaged(error, "the profile is cut short", r->offset + r->part.len);
  if (r->nstrings == 0) return shf__damaged(error, "a profile without strings", r->offset);
  if (r->furthest >= r->nstrings)
    return shf__damaged(error, "a string that is not in the table", r->furthest_at);
  if (r->nsamples && r->width != r->ntypes) {
    const char *why =
        r->ntypes ? "a sample with another number of values" : "samples, and no type of them";
    return explain(r, shf__damaged(error, why, r->first_sample), error);
  }
  for (uint32_t i = 0; i < r->location_ids.count; i++) {
    if (!r->locations[i].defined)
      return shf__damaged(error, "a sample with an unknown location", r->locations[i].at);
  }
  for (uint32_t i = 0; i < r->function_ids.count; i++) {
    if (!r->functions[i].defined)
      return shf__damaged(error, "a line with an unknown function", r->functions[i].at);
  }
  return SHF_OK;
}

static int finish(void *self, shf_profile **out, shf_error *error) {
  shf__pprof *r = self;
  int code = check_whole(r, error);
  if (!code) code = shf__pprof_model(r);
  if (code) return code;
  *out = r->p;
  r->p = NULL;
  return SHF_OK;
}

static void destroy(void *self) {
  shf__pprof *r = self;
  shf_profile_free(r->p);
  shf__builder_free(&r->part);
  shf__key_set_free(&r->mapping_ids);
  shf__key_set_free(&r->function_ids);
  shf__key_set_free(&r->location_ids);
  free(r->strings);
  free(r->types);
  free(r->comments);
  free(r->mappings);
  free(r->functions);
  free(r->locations);
  free(r->near);
  free(r->lines);
  shf__pprof_samples_drop(r);
  free(r->stack);
  free(r->path);
  free(r->ids.buffer);
  free(r);
}

int shf__pprof_open(shf__input *in) {
  shf__pprof *r = calloc(1, sizeof *r);
  if (!r) return SHF_E_NOMEM;
  *in = (shf__input){r, push, finish, destroy};
  int code = shf_profile_new(&r->p);
  return code ? code : shf__profile_rows_begin(r->p);
}
