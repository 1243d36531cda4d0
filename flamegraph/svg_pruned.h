/* Values of pruned frames by category and package, so that the legend counts them too. */
#ifndef SHF_FLAMEGRAPH_SVG_PRUNED_H
#define SHF_FLAMEGRAPH_SVG_PRUNED_H

#include "viewer_rows.h"

typedef struct shf_pruned shf_pruned;

/*
 * Writes [[row, category, package, paint, value of each type …] …]: the content of sums from a row
 * on, up to the next process or thread. While bytes are only counted, counts an upper bound. Sets
 * d->code if memory is short.
 */
void shf__pruned_write(shf_viewer_data *d, shf_xml *x);
void shf__pruned_free(shf_pruned *r);

#endif
