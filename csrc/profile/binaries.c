#include "profile/binaries.h"

#include <string.h>

#include "profile/profile.h"

/* Sizes are rounded up to pages, as pprof does: tools differ by less than a page. */
static uint64_t pages(const shf__mapping *m) {
  return (m->limit - m->start + 4095) / 4096;
}

static uint32_t identity(const shf__mapping *m) {
  return m->build_id ? m->build_id : m->file;
}

static uint32_t mapping_hash(const shf__mapping *m) {
  uint64_t place = (m->offset ^ pages(m) * 0x9E3779B97F4A7C15u) * 0x9E3779B97F4A7C15u;
  return shf_hash_u64(place ^ identity(m));
}

static uint32_t mapping_row_hash(const void *table, uint32_t row) {
  return mapping_hash(&((const shf_profile *)table)->mappings[row]);
}

static bool same_binary(const shf__mapping *a, const shf__mapping *b) {
  return identity(a) == identity(b) && a->offset == b->offset && pages(a) == pages(b);
}

int shf__profile_mapping(shf_profile *p, shf__mapping mapping, uint32_t *row) {
  if (p->sealed) return SHF_E_ARG;
  int code = shf_hash_index_reserve(&p->mapping_index, mapping_row_hash, p);
  if (code) return code;
  uint32_t at = mapping_hash(&mapping) & p->mapping_index.mask, found;
  for (; (found = p->mapping_index.slots[at]) != SHF_NONE; at = (at + 1) & p->mapping_index.mask) {
    if (!same_binary(&p->mappings[found], &mapping)) continue;
    *row = found;
    return SHF_OK;
  }
  code = shf_arena_reserve(p->arena, (void **)&p->mappings, p->nmappings, &p->mappings_capacity,
                           sizeof mapping);
  if (code) return code;
  p->mappings[p->nmappings] = mapping;
  p->mapping_index.slots[at] = *row = p->nmappings++;
  p->mapping_index.used++;
  return SHF_OK;
}

int shf__profile_code(shf_profile *p, uint32_t frame, shf__code location) {
  static const shf__code none = {.mapping = SHF_NONE};
  while (p->ncodes <= frame) {
    int code = shf_arena_reserve(p->arena, (void **)&p->codes, p->ncodes, &p->codes_capacity,
                                 sizeof location);
    if (code) return code;
    p->codes[p->ncodes++] = none;
  }
  shf__code *code = &p->codes[frame];
  bool known = code->mapping != SHF_NONE || code->address;
  if (!known)
    *code = location;
  else if (code->mapping == location.mapping && location.address &&
           location.address < code->address)
    code->address = location.address;
  return SHF_OK;
}

int shf__codes_order(shf_profile *p) {
  if (p->ncodes == 0) return SHF_OK;
  shf__code *moved = shf_arena_alloc(p->arena, p->nframes, sizeof *moved);
  if (!moved) return SHF_E_NOMEM;
  for (uint32_t f = 0; f < p->nframes; f++) moved[p->rank[f]] = shf__profile_code_of(p, f);
  p->codes = moved;
  p->ncodes = p->codes_capacity = p->nframes;
  return SHF_OK;
}

/* Adds a mapping of `from` to `to`. */
static int copy_mapping(const shf_profile *from, const shf__mapping *of, shf_profile *to,
                        uint32_t *row) {
  shf__mapping m = *of;
  int code = shf_profile_string(to, shf_profile_text(from, m.file), &m.file);
  if (!code) code = shf_profile_string(to, shf_profile_text(from, m.build_id), &m.build_id);
  return code ? code : shf__profile_mapping(to, m, row);
}

int shf__mappings_copy(const shf_profile *from, shf_profile *to) {
  uint32_t row;
  int code = SHF_OK;
  to->unmapped = to->unmapped || from->unmapped;
  for (uint32_t i = 0; i < from->nmappings && !code; i++)
    code = copy_mapping(from, &from->mappings[i], to, &row);
  return code;
}

uint64_t shf__address_moved(uint64_t address, const shf__mapping *from, const shf__mapping *to) {
  uint64_t moved;
  if (address == 0 || address < from->start) return address;
  if (from->limit > from->start && address >= from->limit) return address;
  return __builtin_add_overflow(address - from->start, to->start, &moved) ? address : moved;
}

static shf_str program_of(const shf_profile *p) {
  shf_str path = shf_profile_meta_get(p, "exec");
  return path.len ? path : shf_str_of("node");
}

void shf__mix_programs(shf_profile *to, const shf_profile *a, const shf_profile *b) {
  bool same = a->unmapped == b->unmapped &&
              (a->unmapped || shf_str_compare(program_of(a), program_of(b)) == 0);
  to->unmapped = to->unmapped || !same;
}

/* Adds the mapping that is implied in `from` to `to`, where it is not. */
static int spell_program(const shf_profile *from, shf_profile *to, uint32_t *row) {
  shf__mapping m = {.has = SHF__HAS_SYMBOLS};
  int code = shf_profile_string(to, program_of(from), &m.file);
  return code ? code : shf__profile_mapping(to, m, row);
}

int shf__codes_copy(const shf_profile *from, uint32_t frame, shf_profile *to, uint32_t id) {
  shf__code location = shf__profile_code_of(from, frame);
  int code = SHF_OK;
  if (location.mapping == SHF_NONE && !location.bare) {
    if (from->unmapped || !to->unmapped) return SHF_OK;
    code = spell_program(from, to, &location.mapping);
  } else if (location.mapping != SHF_NONE) {
    const shf__mapping *of = &from->mappings[location.mapping];
    code = copy_mapping(from, of, to, &location.mapping);
    if (!code)
      location.address = shf__address_moved(location.address, of, &to->mappings[location.mapping]);
  }
  return code ? code : shf__profile_code(to, id, location);
}

void shf__profile_set_unmapped(shf_profile *p) {
  p->unmapped = true;
}

bool shf__profile_unmapped(const shf_profile *p) {
  return p->unmapped;
}

uint32_t shf__profile_mappings(const shf_profile *p) {
  return p->nmappings;
}

const shf__mapping *shf__profile_mapping_at(const shf_profile *p, uint32_t row) {
  return &p->mappings[row];
}

shf__code shf__profile_code_of(const shf_profile *p, uint32_t frame) {
  return frame < p->ncodes ? p->codes[frame] : (shf__code){.mapping = SHF_NONE};
}
