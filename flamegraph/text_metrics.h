/* How wide text is, and how much of it fits. */
#ifndef SHF_FLAMEGRAPH_TEXT_METRICS_H
#define SHF_FLAMEGRAPH_TEXT_METRICS_H

#include "shf.h"
#include "xml.h"

enum shf_face {
  SHF_FACE_MONO, /* frames */
  SHF_FACE_SANS, /* the header */
  SHF_FACE_BOLD  /* the title */
};

/* Hundredths of the font size; an upper bound over the fonts that families resolve to. */
uint32_t shf__label_width(shf_str text, enum shf_face face);

/*
 * How many bytes of the text fit into `room` hundredths of the font size, and
 * whether an ellipsis has to follow them. 0: nothing worth reading fits.
 */
size_t shf__label_fit(shf_str text, enum shf_face face, uint32_t available, bool *cut);

/* Writes what fits, if anything does. */
void shf__label_write(shf_xml *x, shf_str text, enum shf_face face, uint32_t available);

#endif
