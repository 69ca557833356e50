/* SPDX-License-Identifier: BSD-3-Clause */
/* Atoms counted by element in slices across a cell vector, and the degree of mixing that follows. */
#ifndef NNPMD_OUTPUT_SLICES_H
#define NNPMD_OUTPUT_SLICES_H

#include "output/output.h"

/* Keys of outputs that cut the cell into slices; NMD_SLICE_OPTIONS(struct, member) makes their option lines. */
typedef struct nmd_slice_parameters {
  int axis;
  int64_t bins;
} nmd_slice_parameters;

#define NMD_SLICE_OPTIONS(type, member)                                                                                \
  {"axis", NMD_OPT_CHOICE, offsetof(type, member.axis), .fallback = "c", .choices = "a|b|c",                           \
   .doc = "cell vector across which the slices are cut"},                                                              \
  {"bins", NMD_OPT_INT, offsetof(type, member.bins), .fallback = "40", .min = 1, .max = 100000,                        \
   .doc = "number of slices"}

typedef struct nmd_slices {
  int axis, bins, n_species;
  int64_t *count; /* [bins][n_species], the same on all ranks after counting; owned */
} nmd_slices;

nmd_status nmd_slices_init(nmd_slices *slices, const nmd_slice_parameters *parameters, int n_species) NMD_MUST_USE;
void nmd_slices_free(nmd_slices *slices);
void nmd_slices_count(nmd_slices *slices, const nmd_observation *seen); /* Collective */

/* Mixing fraction M = 1 - I, I Danckwerts' intensity of segregation (Appl. Sci. Res. A 3, 279 (1952)): with n_b atoms in
 * slice b, the fraction x_b of them of one element, x the overall fraction,
 * I = sum_b n_b (x_b - x)^2 / (N x (1 - x)). 0: every slice pure; 1: every slice as the whole. Several elements: sums of
 * numerators over sum of denominators. Slices of n_b atoms bias I up by about 1 / n_b. One element: 1. Local. */
double nmd_slices_mixing(const nmd_slices *slices);

#endif
