/* A fixed palette, and the colour of each frame, which is the same in every file. */
#ifndef SHF_FLAMEGRAPH_COLOR_H
#define SHF_FLAMEGRAPH_COLOR_H

#include "shf.h"

/* Text on fills has one of these colours. */
#define SHF_INK_LIGHT "#222"
#define SHF_INK_DARK "#eee"

typedef struct shf_paint {
  char light[5]; /* "#fb7": unique in the palette, as the style sheet selects fills by value */
  char dark[8];  /* "#8b551c" */
} shf_paint;

#define SHF_PAINTS 129u
/* The fill of what was too narrow to draw; the paints of other schemes follow it. */
#define SHF_PAINT_PRUNED 59u
/*
 * The ramp of a difference: from shrank most over unchanged to grew most. Blue and orange can be
 * distinguished by colour-blind people too.
 */
#define SHF_PAINT_RAMP 120u
#define SHF_RAMP_STEPS 4u /* of each kind */

const shf_paint *shf__paint_at(uint32_t paint);
/* A scheme by name; 0: by category, the default; -1: unknown. */
int shf__scheme_of(shf_str name);
/* The paint of a frame: hue by category or package, shade by name. SHF_NONE is `all`. */
uint32_t shf__paint_of(const shf_profile *p, uint32_t frame, int scheme);
/* The paint of a category in the legend. */
uint32_t shf__paint_of_category(enum shf_category category);
uint32_t shf__paint_of_package(shf_str package);
/* By the share of the largest change; 0: no change. */
uint32_t shf__paint_of_change(int64_t change, int64_t largest);

#endif
