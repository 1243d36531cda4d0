/* Columns of a text on a terminal. */
#ifndef SHF_TEXT_DISPLAY_WIDTH_H
#define SHF_TEXT_DISPLAY_WIDTH_H

#include "shf.h"

/* Wide East Asian characters and emoji count 2, combining marks 0, others 1. */
size_t shf__display_width(shf_str text);
/* The longest prefix of at most `columns`. */
shf_str shf__display_width_head(shf_str text, size_t columns);
/* The longest suffix of at most `columns`. */
shf_str shf__display_width_tail(shf_str text, size_t columns);

#endif
