/* SPDX-License-Identifier: BSD-3-Clause */
/* Do the atoms that have dissolved when alloying starts sit together, more than chance would have it?
 *
 * A frame is the onset when the number of dissolved atoms (clusters.h) first reaches a threshold. Statistic: the number
 * of pairs of adjacent dissolved atoms. Null model: the same atoms dissolved independently of each other. Places where
 * an atom may be dissolved are those of the dissolved atoms and of all solvent atoms that are themselves surrounded by
 * solvent as the rule asks of a dissolved one; cut into layers across an axis, so that more atoms near the interface
 * than far from it is no evidence. A permutation draws in every layer as many places as atoms are dissolved there,
 * without putting back. With N permutations p = (1 + number of those with as many pairs or more) / (1 + N): the chance
 * of an error when saying "together" is at most p (B. Phipson, G. Smyth, Stat. Appl. Genet. Mol. Biol. 9, 39 (2010)).
 * Several replicas are judged by the sum of their pairs against the sums of their permutations. */
#ifndef NNPMD_ANALYSIS_ONSET_H
#define NNPMD_ANALYSIS_ONSET_H

#include "analysis/clusters.h"

typedef struct nmd_onset_rule {
  nmd_cluster_rule cluster;
  int axis;     /* 0, 1, 2: layers across a, b, c */
  double layer; /* A, thickness of a layer */
  int64_t permutations;
  uint64_t seed;
} nmd_onset_rule;

typedef struct nmd_onset {
  int64_t dissolved, places;  /* places: where a dissolved atom might be, the dissolved ones among them */
  int64_t pairs, largest;     /* adjacent pairs, atoms of the largest cluster */
  double expected, deviation; /* of the pairs in the null model */
  double p;
} nmd_onset;

/* Test one frame: x [n][3] A, kind [n]. null [permutations] becomes the pairs of each permutation. `replica` is part of
 * the key of the random numbers. Local. Errors: as nmd_clusters_find. */
nmd_status nmd_onset_test(const nmd_onset_rule *rule, const nmd_box *box, int64_t n, const double (*x)[3],
                          const int *kind, int64_t replica, nmd_onset *onset, double *null) NMD_MUST_USE;
/* p of `pairs` against null [permutations]. Local. */
double nmd_onset_p(double pairs, const double *null, int64_t permutations);

#endif
