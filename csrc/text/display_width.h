/* Columns that text takes on a terminal. */
#ifndef SHF_TEXT_DISPLAY_WIDTH_H
#define SHF_TEXT_DISPLAY_WIDTH_H

#include "shf.h"

/* 2 for wide East Asian characters and emoji, 0 for combining marks, else 1. */
size_t shf__display_width(shf_str text);
/* The longest beginning of at most `columns`. */
shf_str shf__display_width_head(shf_str text, size_t columns);
/* The longest end of at most `columns`. */
shf_str shf__display_width_tail(shf_str text, size_t columns);

#endif
