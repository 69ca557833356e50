/* SPDX-License-Identifier: BSD-3-Clause */
/* Atoms counted by kind in slices across a cell vector, and the degree of mixing that follows. */
#ifndef NNPMD_ANALYSIS_SLICES_H
#define NNPMD_ANALYSIS_SLICES_H

#include <stdint.h>

#include "base/status.h"
#include "system/box.h"

typedef struct nmd_slices {
  int axis, bins, kinds; /* axis: 0 to 2 for a, b, c */
  int64_t *count;        /* [bins][kinds]; owned */
} nmd_slices;

nmd_status nmd_slices_init(nmd_slices *slices, int axis, int bins, int kinds) NMD_MUST_USE; /* Errors: MEMORY */
void nmd_slices_free(nmd_slices *slices);
/* Count n atoms at x [n][3] A anew; kind [n] (negative: left out). Slices are cut in fractional coordinates, so that
 * they follow a changing cell; positions out of the cell count for the slice of their image. Local. */
void nmd_slices_count(nmd_slices *slices, const nmd_box *box, int64_t n, const double (*x)[3], const int *kind);
double nmd_slices_thickness(const nmd_slices *slices, const nmd_box *box);       /* A, along the cell vector */
double nmd_slices_centre(const nmd_slices *slices, const nmd_box *box, int bin); /* A, along the cell vector */
double nmd_slices_volume(const nmd_slices *slices, const nmd_box *box);          /* A^3, of one */

/* Mixing fraction M = 1 - I, I Danckwerts' intensity of segregation (Appl. Sci. Res. A 3, 279 (1952)): with n_b atoms
 * in slice b, the fraction x_b of them of one kind, x the overall fraction, I = sum_b n_b (x_b - x)^2 / (N x (1 - x)).
 * 0: every slice pure; 1: every slice as the whole. Several kinds: sums of numerators over sum of denominators. Slices
 * of n_b atoms bias I up by about 1 / n_b. One kind: 1. Local. */
double nmd_slices_mixing(const nmd_slices *slices);

#endif
