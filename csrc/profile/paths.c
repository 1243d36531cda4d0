/* The nearest functions of the app above those that allocate. */
#include <stdlib.h>
#include <string.h>

#include "profile/profile.h"

/* Self of a frame that came through one path. */
typedef struct share {
  uint32_t index; /* index of the frame in the question */
  uint32_t path[SHF_PATH];
  int64_t value;
} share;

typedef struct walk {
  uint32_t *app; /* of each node: the nearest node of the app, itself included; or SHF_NONE */
  uint32_t *up; /* of a node of the app: the nearest one above with another function; or SHF_NONE */
  uint32_t *wanted; /* of each frame: its index in the question, or SHF_NONE */
  share *shares;
} walk;

static void walk_free(walk *w) {
  free(w->app);
  free(w->up);
  free(w->wanted);
  free(w->shares);
}

/* A parent comes before its children. */
static void find_nodes(const shf_profile *p, const bool *own, walk *w) {
  w->app[0] = w->up[0] = SHF_NONE;
  for (uint32_t n = 1; n < p->nnodes; n++) {
    uint32_t above = w->app[p->parent[n]];
    w->app[n] = above;
    w->up[n] = SHF_NONE;
    if (!own[p->frame[n]]) continue;
    w->app[n] = n;
    w->up[n] = above != SHF_NONE && p->frame[above] == p->frame[n] ? w->up[above] : above;
  }
}

static int walk_init(walk *w, const shf_profile *p, const uint32_t *frames, uint32_t count) {
  size_t nodes = p->nnodes, known = (size_t)p->nframes + 1;
  bool *own = malloc(known);
  *w = (walk){malloc(nodes * sizeof *w->app), malloc(nodes * sizeof *w->up),
              malloc(known * sizeof *w->wanted),
              malloc(((size_t)p->buckets.count + 1) * sizeof *w->shares)};
  int code = own && w->app && w->up && w->wanted && w->shares ? SHF_OK : SHF_E_NOMEM;
  if (!code) {
    for (uint32_t f = 0; f < p->nframes; f++) {
      own[f] = shf_frame_category(p, f, NULL) == SHF_CAT_APP;
      w->wanted[f] = SHF_NONE;
    }
    for (uint32_t i = 0; i < count; i++) w->wanted[frames[i]] = i;
    find_nodes(p, own, w);
  }
  free(own);
  return code;
}

static void find_path(const shf_profile *p, const walk *w, uint32_t node, uint32_t *path) {
  uint32_t n = w->app[p->parent[node]];
  if (n != SHF_NONE && p->frame[n] == p->frame[node]) n = w->up[n];
  for (int i = 0; i < SHF_PATH; i++) {
    path[i] = n == SHF_NONE ? SHF_NONE : p->frame[n];
    if (n != SHF_NONE) n = w->up[n];
  }
}

/* In a difference, values after minus values before. */
static uint32_t collect(const shf_profile *p, shf_type type, const walk *w) {
  uint32_t count = 0;
  for (uint32_t i = 0; i < p->buckets.count; i++) {
    const shf_bucket b = shf__bucket(&p->buckets, i);
    bool was = p->sources[b.source].side == SHF_SIDE_BEFORE;
    if (b.node == 0 || b.value[type] == 0 || (b.value[type] < 0 && !was)) continue;
    share *s = &w->shares[count];
    s->index = w->wanted[p->frame[b.node]];
    if (s->index == SHF_NONE) continue;
    s->value = was ? -b.value[type] : b.value[type];
    find_path(p, w, b.node, s->path);
    count++;
  }
  return count;
}

static int by_path(const void *a, const void *b) {
  const share *x = a, *y = b;
  if (x->index != y->index) return x->index < y->index ? -1 : 1;
  for (int i = 0; i < SHF_PATH; i++)
    if (x->path[i] != y->path[i]) return x->path[i] < y->path[i] ? -1 : 1;
  return 0;
}

/* At each step, the function through which most was allocated; the first one of equals. */
static void choose(const share *shares, uint32_t from, uint32_t end, uint32_t *path) {
  for (int step = 0; step < SHF_PATH; step++) {
    uint32_t first = from, last = from;
    int64_t largest = 0;
    for (uint32_t i = from, next; i < end; i = next) {
      int64_t sum = 0;
      for (next = i; next < end && shares[next].path[step] == shares[i].path[step]; next++)
        sum += shares[next].value;
      if (sum <= largest) continue;
      largest = sum;
      first = i;
      last = next;
    }
    if (first == last || shares[first].path[step] == SHF_NONE) return;
    path[step] = shares[first].path[step];
    from = first;
    end = last;
  }
}

int shf_profile_paths(const shf_profile *p, shf_type type, const uint32_t *frames, uint32_t count,
                      uint32_t (*paths)[SHF_PATH]) {
  walk w;
  for (uint32_t i = 0; i < count; i++)
    for (int step = 0; step < SHF_PATH; step++) paths[i][step] = SHF_NONE;
  int code = walk_init(&w, p, frames, count);
  if (!code) {
    uint32_t all = collect(p, type, &w);
    qsort(w.shares, all, sizeof *w.shares, by_path);
    for (uint32_t from = 0, end; from < all; from = end) {
      for (end = from + 1; end < all && w.shares[end].index == w.shares[from].index;) end++;
      choose(w.shares, from, end, paths[w.shares[from].index]);
    }
  }
  walk_free(&w);
  return code;
}
