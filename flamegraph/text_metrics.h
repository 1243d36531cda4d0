/* The width of text, and how much of it fits. */
#ifndef SHF_FLAMEGRAPH_TEXT_METRICS_H
#define SHF_FLAMEGRAPH_TEXT_METRICS_H

#include "shf.h"
#include "xml.h"

enum shf_face {
  SHF_FACE_MONO, /* frames */
  SHF_FACE_SANS, /* the header */
  SHF_FACE_BOLD  /* the title */
};

/* In hundredths of the font size; an upper bound over the fonts of the font-family. */
uint32_t shf__label_width(shf_str text, enum shf_face face);

/*
 * How many bytes of the text fit into `available` hundredths of the font size; *cut: whether an
 * ellipsis follows them. 0: too little fits.
 */
size_t shf__label_fit(shf_str text, enum shf_face face, uint32_t available, bool *cut);

/* Writes what fits, with an ellipsis if it is cut. */
void shf__label_write(shf_xml *x, shf_str text, enum shf_face face, uint32_t available);

#endif
