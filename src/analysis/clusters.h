/* SPDX-License-Identifier: BSD-3-Clause */
/* Atoms of one kind dissolved in another, and the clusters they form.
 *
 * A solute atom is dissolved when it has neighbours within the bond cut-off and at least a given share of them is
 * solvent: inside its own phase the share is 0, at a flat surface of it about a half, alone in the solvent 1, in a
 * small cluster in between. Dissolved atoms within the link distance of each other are adjacent; a cluster is what
 * adjacency connects. */
#ifndef NNPMD_ANALYSIS_CLUSTERS_H
#define NNPMD_ANALYSIS_CLUSTERS_H

#include <stdint.h>

#include "analysis/pairs.h"

typedef struct nmd_cluster_rule {
  int solute, solvent; /* kinds */
  double bond;         /* A: neighbours, of any kind */
  double link;         /* A: adjacent solute atoms */
  double share;        /* least share of solvent among the neighbours */
} nmd_cluster_rule;

typedef struct nmd_clusters {
  int64_t n;      /* atoms given */
  int32_t *label; /* [n] cluster of the atom (0, 1, ... by its first atom), -1: not dissolved */
  int64_t n_dissolved, n_clusters, n_adjacent; /* atoms, clusters, pairs of adjacent atoms */
  int64_t largest;                             /* atoms of the largest cluster */
  int64_t *size;                               /* [n_clusters] */
  int64_t capacity;
  int32_t *parent; /* [n] scratch */
  nmd_pairs pairs;
} nmd_clusters;

void nmd_clusters_init(nmd_clusters *clusters);
void nmd_clusters_free(nmd_clusters *clusters);
/* Clusters of one frame: x [n][3] A, kind [n] (negative: left out). Local. Errors: as nmd_pairs_build. */
nmd_status nmd_clusters_find(nmd_clusters *clusters, const nmd_cluster_rule *rule, const nmd_box *box, int64_t n,
                             const double (*x)[3], const int *kind) NMD_MUST_USE;

#endif
