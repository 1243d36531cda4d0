/* Colours: a fixed palette, and which of it a frame gets, the same in every file. */
#ifndef SHF_FLAMEGRAPH_COLOR_H
#define SHF_FLAMEGRAPH_COLOR_H

#include "shf.h"

/* Every text on a fill has one of these. */
#define SHF_INK_LIGHT "#222"
#define SHF_INK_DARK "#eee"

typedef struct shf_paint {
  char light[5]; /* "#fb7": no two of the palette are equal, for style by attribute */
  char dark[8];  /* "#8b551c" */
} shf_paint;

#define SHF_PAINTS 126u
/* The fill of what was too narrow to draw; schemes other than by category stand behind it. */
#define SHF_PAINT_PRUNED 56u
/*
 * Behind these the ramp of a difference: from what shrank most over what did not
 * change to what grew most. Blue and orange are told apart by all eyes.
 */
#define SHF_PAINT_RAMP 117u
#define SHF_RAMP_STEPS 4u /* of each kind */

const shf_paint *shf__paint_at(uint32_t paint);
/* A scheme by its name; 0 is by category, the default; -1 when there is none. */
int shf__scheme_of(shf_str name);
/* The paint of a frame: by category or package, the shade by name. SHF_NONE is `all`. */
uint32_t shf__paint_of(const shf_profile *p, uint32_t frame, int scheme);
/* What stands for a category in a legend. */
uint32_t shf__paint_of_category(enum shf_category category);
uint32_t shf__paint_of_package(shf_str package);
/* By its share of the largest change; 0 is no change. */
uint32_t shf__paint_of_change(int64_t change, int64_t largest);

#endif
