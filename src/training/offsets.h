/* SPDX-License-Identifier: BSD-3-Clause */
/* Energies of free-standing atoms by least squares, and those between two reference levels. */
#ifndef NNPMD_TRAINING_OFFSETS_H
#define NNPMD_TRAINING_OFFSETS_H

#include "training/objective.h"

/* objective->offset[0][e] from the energies of level 0, then offset[1][e] = offset[0][e] + a second fit to level 1. A
 * little damping decides what compositions leave open. Errors: MEMORY. Local. */
nmd_status nmd_offsets_fit(const nmd_sample_set *set, nmd_objective *objective) NMD_MUST_USE;
/* Least squares of sum_e counts[e] x_e = target; counts [n][n_elements]. Errors: MEMORY. Local. */
nmd_status nmd_offsets_solve(int n, int n_elements, const double *counts, const double *target, double *x) NMD_MUST_USE;

#endif
