/* The frames of a pprof file: their ids, and names for anonymous ones. */
#ifndef SHF_FORMAT_PPROF_WRITE_FRAMES_H
#define SHF_FORMAT_PPROF_WRITE_FRAMES_H

#include "text/string_builder.h"

typedef struct shf__pprof_frames {
  uint32_t *id_of;       /* row f: location id of frame f; 0: not written */
  uint32_t *function_of; /* row f: function id of frame f: the least id of its locations. NULL: each
                            frame is a function */
  uint32_t *order;       /* row i: the frame of id i + 1 */
  uint32_t used;         /* rows of order */
  uint8_t *naming; /* row f: how the function of that frame is named, if it is written there */
} shf__pprof_frames;

/* By name; anonymous: by place; anonymous and the place is ambiguous: by whole path. */
enum { SHF__NAMED, SHF__ANONYMOUS, SHF__CROWDED };

/* `types` is the bit set of types written. To be freed after a failure too. */
int shf__pprof_frames_make(const shf_profile *p, uint32_t types, shf__pprof_frames *frames);
void shf__pprof_frames_free(shf__pprof_frames *frames);

/* The function id of a frame. */
static inline uint32_t shf__pprof_function_of(const shf__pprof_frames *frames, uint32_t frame) {
  return frames->function_of ? frames->function_of[frame] : frames->id_of[frame];
}

/* Whether a function is written for that frame; else it is that of a frame before it. */
static inline bool shf__pprof_has_function(const shf__pprof_frames *frames, uint32_t frame) {
  return shf__pprof_function_of(frames, frame) == frames->id_of[frame];
}

/* Whether a bucket has a figure of one of the types. */
bool shf__pprof_written(const shf_bucket *b, uint32_t types);
/* Adds `(anonymous) (file.js:12:3)`, with the whole path if the place is ambiguous. */
void shf__pprof_anonymous_name(const shf_profile *p, const shf__pprof_frames *frames,
                               uint32_t frame, shf__builder *name);

#endif
