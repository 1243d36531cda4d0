#include "profile/frame_totals.h"

#include <assert.h>
#include <stdlib.h>

const shf__part shf__everything = {SHF__ALL, SHF__ALL};

/* A walk through the tree. A frame is open while the walk is below one of its nodes. */
typedef struct walk {
  int64_t *sum;     /* of each node */
  double *variance; /* likewise */
  double *cross;    /* likewise */
  uint32_t *path;   /* open nodes, root first */
  uint32_t *open;   /* number of open nodes of each frame */
} walk;

static void walk_free(walk *w) {
  free(w->sum);
  free(w->variance);
  free(w->cross);
  free(w->path);
  free(w->open);
}

static int walk_init(walk *w, const shf_profile *p) {
  w->sum = calloc(p->nnodes, sizeof *w->sum);
  w->variance = calloc(p->nnodes, sizeof *w->variance);
  w->cross = calloc(p->nnodes, sizeof *w->cross);
  w->path = malloc(((size_t)p->max_depth + 1) * sizeof *w->path);
  w->open = calloc(p->nframes ? p->nframes : 1, sizeof *w->open);
  return w->sum && w->variance && w->cross && w->path && w->open ? SHF_OK : SHF_E_NOMEM;
}

static void sum_nodes(const walk *w, const shf_profile *p, shf_type type, shf__part part) {
  for (uint32_t i = 0; i < p->buckets.count; i++) {
    const shf_bucket b = shf__bucket(&p->buckets, i);
    if (!shf__part_has(part, &p->sources[b.source])) continue;
    w->sum[b.node] += b.value[type];
    double own = shf_bucket_variance(p, &b, type);
    w->variance[b.node] += own;
    w->cross[b.node] += shf__bucket_cross_variance(p, &b, type, own);
  }
}

static void add_totals(const walk *w, const shf_profile *p, shf__frame_total *rows) {
  uint32_t depth = 0;
  for (uint32_t n = 1; n < p->nnodes; n++) {
    while (depth && p->end[w->path[depth - 1]] <= n) w->open[p->frame[w->path[--depth]]]--;
    uint32_t f = p->frame[n];
    if (w->open[f]++ == 0) {
      rows[f].total += w->sum[n];
      rows[f].total_variance += w->variance[n];
      rows[f].total_cross += w->cross[n];
    }
    w->path[depth++] = n;
  }
}

int shf__frame_totals(const shf_profile *p, shf_type type, shf__part part, shf__frame_total *rows) {
  assert(p->sealed && p->parent);
  walk w;
  int code = walk_init(&w, p);
  if (!code) {
    sum_nodes(&w, p, type, part);
    for (uint32_t n = 1; n < p->nnodes; n++) {
      rows[p->frame[n]].self += w.sum[n];
      rows[p->frame[n]].self_variance += w.variance[n];
      rows[p->frame[n]].self_cross += w.cross[n];
    }
    for (uint32_t n = p->nnodes; n-- > 1;) {
      w.sum[p->parent[n]] += w.sum[n];
      w.variance[p->parent[n]] += w.variance[n];
      w.cross[p->parent[n]] += w.cross[n];
    }
    add_totals(&w, p, rows);
  }
  walk_free(&w);
  return code;
}
