/* SPDX-License-Identifier: BSD-3-Clause */
#include "analysis/clusters.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"

void nmd_clusters_init(nmd_clusters *clusters) {
  memset(clusters, 0, sizeof *clusters);
  nmd_pairs_init(&clusters->pairs);
}

void nmd_clusters_free(nmd_clusters *clusters) {
  nmd_free(clusters->label);
  nmd_free(clusters->size);
  nmd_free(clusters->parent);
  nmd_pairs_free(&clusters->pairs);
  nmd_clusters_init(clusters);
}

static nmd_status reserve(nmd_clusters *c, int64_t n) {
  if (n <= c->capacity) return NMD_OK;
  c->capacity = 0;
  NMD_TRY(NMD_GROW(c->label, 0, n));
  NMD_TRY(NMD_GROW(c->size, 0, n));
  NMD_TRY(NMD_GROW(c->parent, 0, n));
  c->capacity = n;
  return NMD_OK;
}

/* Root of the tree of an atom; halves the path on the way (R. E. Tarjan, J. ACM 22, 215 (1975)). */
static int32_t root_of(int32_t *parent, int32_t i) {
  while (parent[i] != i) i = parent[i] = parent[parent[i]];
  return i;
}

static void connect(int32_t *parent, int32_t i, int32_t j) {
  const int32_t a = root_of(parent, i), b = root_of(parent, j);
  if (a < b) parent[b] = a; /* the first atom is the root: labels do not depend on the order of the pairs */
  if (b < a) parent[a] = b;
}

/* parent: the atom itself if it is dissolved, else -1. */
static nmd_status find_dissolved(nmd_clusters *c, const nmd_cluster_rule *rule, const int *kind) {
  for (int64_t i = 0; i < c->n; i++) {
    const nmd_neighbours *near;
    int64_t neighbours = 0, solvent = 0;
    c->parent[i] = -1;
    if (kind[i] != rule->solute) continue;
    NMD_TRY(nmd_pairs_around(&c->pairs, i, &near));
    for (int k = 0; k < near->n; k++) {
      if (!(near->squared[k] < rule->bond * rule->bond)) continue;
      neighbours++;
      solvent += near->kind[k] == rule->solvent;
    }
    if (neighbours > 0 && (double)solvent >= rule->share * (double)neighbours) c->parent[i] = (int32_t)i;
  }
  return NMD_OK;
}

static nmd_status link_dissolved(nmd_clusters *c, const nmd_cluster_rule *rule) {
  int64_t ends = 0;
  for (int64_t i = 0; i < c->n; i++) {
    const nmd_neighbours *near;
    if (c->parent[i] < 0) continue;
    NMD_TRY(nmd_pairs_around(&c->pairs, i, &near));
    for (int k = 0; k < near->n; k++) {
      const int32_t j = near->atom[k];
      if (c->parent[j] < 0 || !(near->squared[k] < rule->link * rule->link)) continue;
      ends++;
      connect(c->parent, (int32_t)i, j);
    }
  }
  c->n_adjacent = ends / 2;
  return NMD_OK;
}

static void label_clusters(nmd_clusters *c) {
  c->n_dissolved = c->n_clusters = c->largest = 0;
  for (int64_t i = 0; i < c->n; i++) {
    c->label[i] = -1;
    if (c->parent[i] < 0) continue;
    const int32_t root = root_of(c->parent, (int32_t)i); /* not after i */
    if (root == i) {
      c->label[i] = (int32_t)c->n_clusters;
      c->size[c->n_clusters++] = 0;
    }
    c->label[i] = c->label[root];
    c->n_dissolved++;
    const int64_t size = ++c->size[c->label[i]];
    if (size > c->largest) c->largest = size;
  }
}

nmd_status nmd_clusters_find(nmd_clusters *clusters, const nmd_cluster_rule *rule, const nmd_box *box, int64_t n,
                             const double (*x)[3], const int *kind) {
  NMD_TRY(reserve(clusters, n));
  clusters->n = n;
  NMD_TRY(nmd_pairs_build(&clusters->pairs, box, n, x, kind, fmax(rule->bond, rule->link), false));
  NMD_TRY(find_dissolved(clusters, rule, kind));
  NMD_TRY(link_dissolved(clusters, rule));
  label_clusters(clusters);
  return NMD_OK;
}
