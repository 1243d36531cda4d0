#include "format/pprof/write_frames.h"

#include <stdlib.h>

#include "profile/metadata_lines.h"
#include "profile/same_function.h"
#include "text/number.h"

bool shf__pprof_written(const shf_bucket *b, uint32_t types) {
  for (int t = 0; t < SHF_TYPES; t++) {
    if (types & 1u << t && b->value[t] != 0) return true;
  }
  return false;
}

/*
 * Counts for each frame the samples below its nodes, and finds its first node with a sample.
 * `below` has max_depth + 2 rows, all zero.
 */
static void count_uses(const shf_profile *p, uint32_t types, uint32_t *below, uint64_t *uses,
                       uint32_t *first) {
  const uint32_t *frames = shf_profile_frame_rows(p), *depths = shf_profile_depth_rows(p);
  uint32_t b = shf_profile_buckets(p);
  shf_bucket last = {.node = 0};
  if (b) last = shf_profile_bucket_at(p, b - 1);
  for (uint32_t n = shf_profile_nodes(p) - 1; n > 0; n--) {
    /* in reverse preorder: row d sums the samples of nodes of depth d until their parent comes */
    uint32_t depth = depths[n], frame = frames[n], samples = below[depth + 1];
    below[depth + 1] = 0;
    while (b > 0 && last.node == n) {
      samples += shf__pprof_written(&last, types);
      if (--b) last = shf_profile_bucket_at(p, b - 1);
    }
    if (samples == 0) continue;
    below[depth] += samples;
    uses[frame] += samples;
    first[frame] = n;
  }
}

/* Eight classes per power of two: a finer order saves no byte. */
static uint32_t class_of(uint64_t uses) {
  uint32_t shift = 0;
  while (uses >> shift >= 16) shift++;
  return shift * 8 + (uint32_t)(uses >> shift);
}
enum { CLASSES = 512 };

/*
 * Numbers the frames that samples use, the most frequent first, so that most ids take one byte;
 * equals by their first node in the tree.
 */
static void number_frames(const shf_profile *p, const uint64_t *uses, const uint32_t *first,
                          shf__pprof_frames *frames) {
  const uint32_t *frame = shf_profile_frame_rows(p);
  uint32_t nodes = shf_profile_nodes(p), starts[CLASSES] = {0};
  for (uint32_t f = 0; f < shf_profile_frames(p); f++)
    if (uses[f]) starts[class_of(uses[f])]++;
  for (int c = CLASSES - 1; c >= 0; c--) {
    uint32_t count = starts[c];
    starts[c] = frames->used;
    frames->used += count;
  }
  for (uint32_t n = 1; n < nodes; n++) {
    uint32_t f = frame[n];
    if (first[f] != n) continue;
    uint32_t place = starts[class_of(uses[f])]++;
    frames->order[place] = f;
    frames->id_of[f] = place + 1;
  }
}

static int choose_frames(const shf_profile *p, uint32_t types, shf__pprof_frames *frames) {
  size_t rows = (size_t)shf_profile_frames(p) + 1;
  uint32_t *below = calloc((size_t)shf_profile_max_depth(p) + 2, sizeof *below);
  uint64_t *uses = calloc(rows, sizeof *uses);
  uint32_t *first = calloc(rows, sizeof *first);
  int code = below && uses && first ? SHF_OK : SHF_E_NOMEM;
  if (code == SHF_OK) {
    count_uses(p, types, below, uses, first);
    number_frames(p, uses, first, frames);
  }
  free(below);
  free(uses);
  free(first);
  return code;
}

/* Frames of a function follow each other in a profile, but not in the order of their ids. */
static int number_functions(const shf_profile *p, shf__pprof_frames *frames) {
  uint32_t count = shf_profile_frames(p), function = 0;
  uint32_t *least = calloc((size_t)count + 1, sizeof *least); /* of each function */
  frames->function_of = calloc((size_t)count + 1, sizeof *frames->function_of);
  if (!least || !frames->function_of) {
    free(least);
    return SHF_E_NOMEM;
  }
  for (uint32_t f = 0; f < count; f++) {
    if (f && !shf__same_function(shf_profile_frame_at(p, f - 1), shf_profile_frame_at(p, f)))
      function++;
    frames->function_of[f] = function;
  }
  for (uint32_t i = 0; i < frames->used; i++) {
    uint32_t *id = &least[frames->function_of[frames->order[i]]];
    if (*id == 0) *id = i + 1;
  }
  for (uint32_t f = 0; f < count; f++) frames->function_of[f] = least[frames->function_of[f]];
  free(least);
  return SHF_OK;
}

/* pprof merges functions of one name, so anonymous ones get their place as part of the name. */
static bool is_anonymous(const shf_profile *p, uint32_t frame) {
  return shf__str_equals(shf_frame_name(p, frame), "(anonymous)");
}

void shf__pprof_anonymous_name(const shf_profile *p, const shf__pprof_frames *frames,
                               uint32_t frame, shf__builder *name) {
  const shf_frame *f = shf_profile_frame_at(p, frame);
  shf_str path = shf_frame_path(p, frame);
  char number[SHF__NUMBER];
  shf__builder_puts(name, "(anonymous)");
  if (path.len == 0) return;
  shf_str file = frames->naming[frame] == SHF__CROWDED ? path : shf__base_name(path);
  shf__builder_puts(name, " (");
  shf__builder_add(name, file.ptr, file.len);
  if (f->line > 0) {
    shf__builder_puts(name, ":");
    shf__builder_add(name, number, shf__number_plain(number, f->line));
    if (f->column > 0) {
      shf__builder_puts(name, ":");
      shf__builder_add(name, number, shf__number_plain(number, f->column));
    }
  }
  shf__builder_puts(name, ")");
}

typedef struct place {
  shf_str base;
  int32_t line, column;
  uint32_t frame;
} place;

static int by_place(const void *a, const void *b) {
  const place *x = a, *y = b;
  if (x->line != y->line) return x->line < y->line ? -1 : 1;
  if (x->column != y->column) return x->column < y->column ? -1 : 1;
  return shf_str_compare(x->base, y->base);
}

/* Anonymous functions at the same place of files with the same name get the whole path. */
static int choose_names(const shf_profile *p, shf__pprof_frames *frames) {
  size_t count = 0;
  place *places = calloc((size_t)frames->used + 1, sizeof *places);
  if (!places) return SHF_E_NOMEM;
  for (uint32_t i = 0; i < frames->used; i++) {
    uint32_t frame = frames->order[i];
    if (!shf__pprof_has_function(frames, frame) || !is_anonymous(p, frame)) continue;
    const shf_frame *f = shf_profile_frame_at(p, frame);
    frames->naming[frame] = SHF__ANONYMOUS;
    places[count++] = (place){shf__base_name(shf_frame_path(p, frame)), f->line, f->column, frame};
  }
  if (count > 1) qsort(places, count, sizeof *places, by_place);
  for (size_t i = 1; i < count; i++) {
    if (by_place(&places[i - 1], &places[i]) != 0) continue;
    frames->naming[places[i - 1].frame] = SHF__CROWDED;
    frames->naming[places[i].frame] = SHF__CROWDED;
  }
  free(places);
  return SHF_OK;
}

int shf__pprof_frames_make(const shf_profile *p, uint32_t types, shf__pprof_frames *frames) {
  size_t rows = (size_t)shf_profile_frames(p) + 1;
  *frames = (shf__pprof_frames){.used = 0};
  frames->id_of = calloc(rows, sizeof *frames->id_of);
  frames->order = calloc(rows, sizeof *frames->order);
  frames->naming = calloc(rows, sizeof *frames->naming);
  if (!frames->id_of || !frames->order || !frames->naming) return SHF_E_NOMEM;
  int code = choose_frames(p, types, frames);
  if (code == SHF_OK && shf_profile_has_lines(p)) code = number_functions(p, frames);
  return code == SHF_OK ? choose_names(p, frames) : code;
}

void shf__pprof_frames_free(shf__pprof_frames *frames) {
  free(frames->id_of);
  free(frames->function_of);
  free(frames->order);
  free(frames->naming);
}
