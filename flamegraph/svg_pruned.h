/* What was pruned, by category and package: a legend counts it with the rest. */
#ifndef SHF_FLAMEGRAPH_SVG_PRUNED_H
#define SHF_FLAMEGRAPH_SVG_PRUNED_H

#include "viewer_rows.h"

typedef struct shf_pruned shf_pruned;

/*
 * [[row, category, package, paint, value of each type …] …]: what is among the
 * sums from a row on, up to where another process or thread begins. While bytes
 * are only counted, as many as there can be. Sets d->code where memory is short.
 */
void shf__pruned_write(shf_viewer_data *d, shf_xml *x);
void shf__pruned_free(shf_pruned *r);

#endif
