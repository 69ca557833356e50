/* SPDX-License-Identifier: BSD-3-Clause */
/* Energies of atoms outside the network, and those between two reference levels: least squares in the compositions. */
#ifndef NNPMD_TRAINING_OFFSETS_H
#define NNPMD_TRAINING_OFFSETS_H

#include "training/objective.h"

/* Normal equations of sum_e fraction[e] x_e = target, collected sample by sample; they may be summed over ranks. */
typedef struct nmd_offset_sums {
  int n;           /* elements */
  double *numbers; /* [n][n] matrix, then [n] right-hand side; owned */
} nmd_offset_sums;

nmd_status nmd_offset_sums_init(nmd_offset_sums *sums, int n_elements) NMD_MUST_USE;
void nmd_offset_sums_free(nmd_offset_sums *sums);
/* `energy`: eV that the offsets of this sample should add up to. Counts per atom: large cells weigh no more. */
void nmd_offset_sums_add(nmd_offset_sums *sums, const nmd_sample *sample, double energy);
static inline int nmd_offset_sums_length(const nmd_offset_sums *sums) { return sums->n * (sums->n + 1); }
/* x [n]; a little damping decides what the compositions leave open. Overwrites the sums. */
void nmd_offset_sums_solve(nmd_offset_sums *sums, double *x);

/* objective->offset[0] from the energies of level 0, offset[1] = offset[0] + a second fit to level 1; the network
 * counts as zero. Errors: MEMORY. Local. */
nmd_status nmd_offsets_fit(const nmd_sample_set *set, nmd_objective *objective) NMD_MUST_USE;

#endif
