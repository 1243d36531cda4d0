/* Colours: a fixed palette, and which of it a frame gets, the same in every file. */
#ifndef SHF_COLOR_H
#define SHF_COLOR_H

#include "shf.h"

/* Every text on a fill has one of these. */
#define SHF_INK_LIGHT "#222"
#define SHF_INK_DARK "#eee"

typedef struct shf_paint {
  char light[5]; /* "#fb7": no two of the palette are equal, for style by attribute */
  char dark[8];  /* "#8b551c" */
} shf_paint;

#define SHF_PAINTS 57u
/* The fill of what was too narrow to draw. */
#define SHF_PAINT_PRUNED (SHF_PAINTS - 1)

const shf_paint *shf__paint_at(uint32_t paint);
/* The paint of a frame: by category or package, the shade by name. SHF_NONE is `all`. */
uint32_t shf__paint_of(const shf_profile *p, uint32_t frame);
/* What stands for a category in a legend. */
uint32_t shf__paint_of_category(enum shf_category category);
uint32_t shf__paint_of_package(shf_str package);

#endif
