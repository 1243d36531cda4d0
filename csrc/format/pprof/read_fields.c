/* The fields of a profile.proto's messages, and the tables that they refer to. */
#include <stdlib.h>

#include "format/pprof/fields.h"
#include "format/pprof/read.h"

static int bad_wire(enum shf__step step, const shf__field *f, shf_error *error) {
  return shf__damaged(error,
                      step == SHF__WIRE_SHORT ? "a field is longer than its message"
                                              : "no field of a protocol buffer",
                      f->offset);
}

int shf__pprof_wrong_wire(const shf__field *f, shf_error *error) {
  return shf__damaged(error, "a field of the wrong wire type", f->offset);
}

uint64_t shf__pprof_string(shf__pprof *r, const shf__field *f) {
  if (f->value > r->furthest) {
    r->furthest = f->value;
    r->furthest_at = f->offset;
  }
  return f->value;
}

bool shf__pprof_next(shf__wire *w, const char *wires, shf__field *f, int *code, shf_error *error) {
  while (w->at < w->end) {
    enum shf__step step = shf__wire_next(w, f);
    if (step != SHF__WIRE_FIELD) {
      *code = bad_wire(step, f, error);
      return false;
    }
    if (f->number == 0 || f->number > (unsigned char)wires[0]) continue;
    char wanted = wires[f->number];
    bool fits = f->wire == PB_VARINT ? wanted != 'b' : f->wire == PB_BYTES && wanted != 'v';
    if (fits) return true;
    *code = shf__pprof_wrong_wire(f, error);
    return false;
  }
  return false;
}

bool shf__pprof_number(const shf__wire *w, const shf__field *f, shf__wire *packed, uint64_t *value,
                       int *code, shf_error *error) {
  if (f->wire == PB_VARINT) {
    bool first = packed->start == NULL;
    *packed = *w;
    *value = f->value;
    return first;
  }
  if (!packed->start) *packed = shf__wire_message(w, f);
  if (packed->at == packed->end) return false;
  if (shf__wire_varint(packed, value) == SHF__WIRE_FIELD) return true;
  *code = shf__damaged(error, "a packed number that does not end",
                       packed->offset + (uint64_t)(packed->at - packed->start));
  return false;
}

shf_str shf__pprof_text(const shf__pprof *r, uint64_t place) {
  return shf_profile_text(r->p, r->strings[place]);
}

void shf__pprof_samples_drop(shf__pprof *r) {
  free(r->sample_node);
  free(r->values);
  free(r->labels);
  r->sample_node = NULL;
  r->values = NULL;
  r->labels = NULL;
}
