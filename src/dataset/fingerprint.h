/* SPDX-License-Identifier: BSD-3-Clause */
/* A few numbers that two structures share when one is the other turned, moved, renumbered or repeated. */
#ifndef NNPMD_DATASET_FINGERPRINT_H
#define NNPMD_DATASET_FINGERPRINT_H

#include "dataset/dataset.h"
#include "dataset/environments.h"

enum { NMD_FINGERPRINT_SHELLS = 8, NMD_FINGERPRINT_SIZE = 8 * NMD_FINGERPRINT_SHELLS };

/* Means over the atoms of radial sums around them, of their squares and of their products with the elements' weights;
 * smooth in the positions. Radial only: mirror images are alike. neighbours: within `cutoff` (A). */
void nmd_fingerprint(const nmd_structure *structure, const nmd_neighbours *neighbours, double cutoff,
                     double out[NMD_FINGERPRINT_SIZE]);
/* Relative difference: the largest over the components, each against the larger norm of the two. */
double nmd_fingerprint_difference(const double a[NMD_FINGERPRINT_SIZE], const double b[NMD_FINGERPRINT_SIZE]);

typedef struct nmd_duplicate {
  int64_t first, second; /* frames; first < second */
  double difference;     /* of the fingerprints */
} nmd_duplicate;

/* Frames of the same composition whose fingerprints differ by less than `tolerance` (say 1e-6), each with the first one
 * like it. fingerprints [set->n][SIZE]. *found (owner: caller, nmd_free). Errors: MEMORY. */
nmd_status nmd_duplicates_find(const nmd_dataset *set, const double *fingerprints, double tolerance,
                               nmd_duplicate **found, int64_t *n) NMD_MUST_USE;

#endif
