/* Labels as frames, for outputs that have no labels, and for sums by label. */
#include <stdio.h>
#include <stdlib.h>

#include "profile/labels.h"
#include "profile/profile.h"
#include "text/string_builder.h"

/* The memory of sets with the same frames at the root is copied at once, as one group. */
typedef struct copier {
  shf__copy *c;
  const shf_label_frames *how;
  uint32_t *root;  /* of each set: the node below which its stacks are */
  uint32_t *group; /* of each node that is such a root: its group, from 0 on */
  uint32_t groups;
  uint32_t *first;  /* of each group: its first row in `rows`; groups + 1 of them */
  uint32_t *rows;   /* buckets by group */
  uint32_t *copied; /* of each node: 1 and the last group that it was copied for; 0: none */
  uint32_t *path;   /* nodes of a stack that are not copied yet, leaf first */
} copier;

/* ---- Names */

static void add_value(const shf_profile *p, const shf_label *l, shf__builder *name) {
  char number[24];
  shf_str unit = shf_profile_text(p, l->unit), text = shf_profile_text(p, l->text);
  shf__builder_add(name, text.ptr, text.len);
  if (l->text) return;
  snprintf(number, sizeof number, "%lld", (long long)l->number);
  shf__builder_puts(name, number);
  if (unit.len) shf__builder_puts(name, " ");
  shf__builder_add(name, unit.ptr, unit.len);
}

/* `KEY: value`, `KEY: value, value`, or `(no KEY)`. */
static void add_name(const shf_profile *p, uint32_t set, shf_str key, shf__builder *name) {
  uint32_t count, values = 0;
  const shf_label *labels = shf_profile_labels_of(p, set, &count);
  for (uint32_t i = 0; i < count; i++) {
    if (shf_str_compare(shf_profile_text(p, labels[i].key), key) != 0) continue;
    if (values == 0) shf__builder_add(name, key.ptr, key.len);
    shf__builder_puts(name, values++ ? ", " : ": ");
    add_value(p, &labels[i], name);
  }
  if (values) return;
  shf__builder_puts(name, "(no ");
  shf__builder_add(name, key.ptr, key.len);
  shf__builder_puts(name, ")");
}

/* Adds the frames of `keys` below *node. */
static int add_frames(const shf__copy *c, uint32_t set, const shf_str *keys, uint32_t count,
                      uint32_t *node) {
  shf__builder name = {NULL, 0, 0, SHF_OK};
  int code = SHF_OK;
  for (uint32_t i = 0; i < count && !code; i++) {
    shf_frame frame = {0, 0, 0, 0, 0};
    uint32_t id;
    name.len = 0;
    add_name(c->from, set, keys[i], &name);
    code = name.code;
    if (!code) code = shf_profile_string(c->to, shf__builder_str(&name), &frame.name);
    if (!code) code = shf_profile_frame(c->to, frame, &id);
    if (!code) code = shf_profile_node(c->to, *node, id, node);
  }
  shf__builder_free(&name);
  return code;
}

/* ---- Groups */

static int make_roots(copier *m) {
  uint32_t sets = shf_profile_label_sets(m->c->from);
  int code = SHF_OK;
  m->root = calloc(sets, sizeof *m->root);
  if (!m->root) return SHF_E_NOMEM;
  for (uint32_t set = 0; set < sets && !code; set++)
    code = add_frames(m->c, set, m->how->roots, m->how->nroots, &m->root[set]);
  return code;
}

static int number_groups(copier *m) {
  uint32_t sets = shf_profile_label_sets(m->c->from), nodes = m->c->to->tree.count;
  m->group = malloc(nodes * sizeof *m->group);
  if (!m->group) return SHF_E_NOMEM;
  for (uint32_t n = 0; n < nodes; n++) m->group[n] = SHF_NONE;
  for (uint32_t set = 0; set < sets; set++)
    if (m->group[m->root[set]] == SHF_NONE) m->group[m->root[set]] = m->groups++;
  return SHF_OK;
}

static uint32_t group_of(const copier *m, uint32_t bucket) {
  return m->group[m->root[shf__bucket_labels(&m->c->from->buckets, bucket)]];
}

static int sort_buckets(copier *m) {
  uint32_t count = m->c->from->buckets.count;
  m->first = calloc((size_t)m->groups + 2, sizeof *m->first);
  m->rows = malloc(((size_t)count + 1) * sizeof *m->rows);
  if (!m->first || !m->rows) return SHF_E_NOMEM;
  /* shifted by one while the rows are placed */
  for (uint32_t b = 0; b < count; b++) m->first[group_of(m, b) + 2]++;
  for (uint32_t g = 2; g <= m->groups + 1; g++) m->first[g] += m->first[g - 1];
  for (uint32_t b = 0; b < count; b++) m->rows[m->first[group_of(m, b) + 1]++] = b;
  return SHF_OK;
}

/* ---- Stacks */

/* Finds or copies a node below the root of a group. */
static int copy_stack(copier *m, uint32_t group, uint32_t root, uint32_t node, uint32_t *id) {
  const shf_profile *p = m->c->from;
  uint32_t steps = 0;
  while (node && m->copied[node] != group + 1) {
    m->path[steps++] = node;
    node = p->parent[node];
  }
  *id = node ? m->c->node[node] : root;
  while (steps) {
    node = m->path[--steps];
    int code = shf_profile_node(m->c->to, *id, m->c->frame[p->frame[node]], id);
    if (code) return code;
    m->c->node[node] = *id;
    m->copied[node] = group + 1;
  }
  return SHF_OK;
}

static int copy_bucket(copier *m, uint32_t group, uint32_t row) {
  const shf__buckets *b = &m->c->from->buckets;
  uint32_t set = shf__bucket_labels(b, row), node = m->root[set];
  int code = SHF_OK;
  if (!m->how->alone) code = copy_stack(m, group, m->root[set], shf__bucket_node(b, row), &node);
  if (!code) code = add_frames(m->c, set, m->how->leaves, m->how->nleaves, &node);
  if (code) return code;
  shf_bucket copy = shf__copy_bucket(m->c, row, node);
  return shf_profile_bucket(m->c->to, &copy);
}

static int copy_groups(copier *m) {
  int code = m->how->alone ? SHF_OK : shf__copy_frames(m->c);
  m->copied = calloc(m->c->from->nnodes, sizeof *m->copied);
  m->path = malloc(((size_t)m->c->from->max_depth + 1) * sizeof *m->path);
  if (!m->copied || !m->path) return SHF_E_NOMEM;
  for (uint32_t g = 0; g < m->groups && !code; g++)
    for (uint32_t i = m->first[g]; i < m->first[g + 1] && !code; i++)
      code = copy_bucket(m, g, m->rows[i]);
  return code;
}

static int copy_labelled(shf__copy *c, const void *how) {
  copier m = {.c = c, .how = how};
  int code = make_roots(&m);
  if (!code) code = number_groups(&m);
  if (!code) code = sort_buckets(&m);
  if (!code) code = copy_groups(&m);
  free(m.root);
  free(m.group);
  free(m.first);
  free(m.rows);
  free(m.copied);
  free(m.path);
  return code;
}

int shf_profile_label_frames(const shf_profile *p, const shf_label_frames *how, shf_profile **out) {
  return shf__copy_filled(p, copy_labelled, how, out);
}
