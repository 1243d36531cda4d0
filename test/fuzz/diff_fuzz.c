/*
 * Any bytes as two inputs of any format: their difference goes to every writer.
 * The first byte chooses the type and whether one side is scaled, the next two
 * are the length of the first input.
 */
#include "writers.h"
#include "xml_check.h"

enum { HEAD = 3 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static shf_profile *read_part(const uint8_t *data, size_t size) {
  shf_profile *p = NULL;
  int code = shf_profile_read(data, size, SHF_TYPES, &p, NULL);
  PROMISE(code == SHF_OK || code == SHF_E_FORMAT || code == SHF_E_LIMIT);
  return code ? NULL : p;
}

static bool has_losses(const shf_profile *p) {
  for (uint32_t i = 0; i < shf_profile_buckets(p); i++)
    for (int t = 0; t < SHF_TYPES; t++)
      if (shf_profile_bucket_at(p, i).value[t] < 0) return true;
  return false;
}

static void check_written(const shf_profile *p, shf_type type) {
  bool known = shf_profile_types(p) >> type & 1;
  for (size_t f = 0; f < shf__formats_count; f++) {
    const shf__format *format = &shf__formats[f];
    output o = written(p, format, type);
    bool svg = is_format(format, "svg");
    bool absent = o.code == SHF_E_ABSENT;
    PROMISE(o.code == SHF_OK || o.code == SHF_E_LIMIT || (absent && !known) ||
            (o.code == SHF_E_ARG && svg && has_losses(p)) ||
            (o.code == SHF_E_ARG && !format->of_differences && shf_profile_is_diff(p)));
    if (svg && o.code == SHF_OK) PROMISE(xml_well_formed(o.bytes, o.len));
    free(o.bytes);
  }
}

static void check_changes(const shf_profile *p, shf_type type) {
  shf_change *rows;
  uint32_t count;
  int code = shf_profile_changes(p, type, &rows, &count);
  PROMISE(code == SHF_OK || code == SHF_E_LIMIT);
  if (code) return;
  for (uint32_t i = 0; i < count; i++) {
    PROMISE(rows[i].frame < shf_profile_frames(p));
    for (int side = 0; side < 2; side++)
      PROMISE(rows[i].self_variance[side] >= 0 && rows[i].total_variance[side] >= 0);
  }
  free(rows);
}

static void check_diff(const shf_profile *before, const shf_profile *after, shf_type type,
                       bool normalize) {
  shf_profile *p = NULL;
  int code = shf_profile_diff(before, after, type, normalize, &p);
  PROMISE(code == SHF_OK || code == SHF_E_LIMIT || code == SHF_E_ARG || code == SHF_E_ABSENT);
  if (code) return;
  check_tree(p);
  for (int t = 0; t < SHF_TYPES; t++) {
    check_written(p, (shf_type)t);
    if (!(shf_profile_types(p) >> t & 1) || !shf_profile_is_diff(p)) continue;
    check_changes(p, (shf_type)t);
    PROMISE(shf_profile_side_total(p, SHF_SIDE_AFTER, (shf_type)t) ==
            shf_profile_total(after, (shf_type)t));
    if (normalize) continue;
    PROMISE(shf_profile_side_total(p, SHF_SIDE_BEFORE, (shf_type)t) ==
            shf_profile_total(before, (shf_type)t));
  }
  shf_profile_free(p);
}

static bool same_bucket(const shf_bucket *a, const shf_bucket *b) {
  return a->size == b->size && a->node == b->node && a->source == b->source &&
         a->allocated == b->allocated && a->live == b->live && a->labels == b->labels &&
         memcmp(a->value, b->value, sizeof a->value) == 0;
}

/* Spent, they give the same once more. */
static void check_consumed(shf_profile *before, shf_profile *after, shf_type type, bool normalize) {
  shf_profile *kept = NULL, *consumed = NULL;
  int code = shf_profile_diff(before, after, type, normalize, &kept);
  shf_profile_consume(before);
  shf_profile_consume(after);
  PROMISE(shf_profile_diff(before, after, type, normalize, &consumed) == code);
  if (code) return;
  PROMISE(shf_profile_build_index(consumed) == SHF_OK);
  check_tree(consumed);
  PROMISE(shf_profile_nodes(kept) == shf_profile_nodes(consumed));
  PROMISE(shf_profile_buckets(kept) == shf_profile_buckets(consumed));
  for (uint32_t i = 0; i < shf_profile_buckets(kept); i++) {
    const shf_bucket a = shf_profile_bucket_at(kept, i), b = shf_profile_bucket_at(consumed, i);
    PROMISE(same_bucket(&a, &b));
  }
  shf_profile_free(kept);
  shf_profile_free(consumed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size < HEAD) return 0;
  shf_type type = (shf_type)(data[0] % SHF_TYPES);
  bool normalize = data[0] / SHF_TYPES % 2;
  size_t rest = size - HEAD, cut = (data[1] | (size_t)data[2] << 8) % (rest + 1);
  shf_profile *before = read_part(data + HEAD, cut);
  shf_profile *after = before ? read_part(data + HEAD + cut, rest - cut) : NULL;
  if (after) check_diff(before, after, type, normalize);
  if (after) check_consumed(before, after, type, normalize);
  shf_profile_free(before);
  shf_profile_free(after);
  return 0;
}
