/* SPDX-License-Identifier: BSD-3-Clause */
/* Self part of the van Hove function: how the lengths of displacements over a time are distributed.
 * Density 4 pi r^2 G_s(r, t) in 1/A; it integrates to 1 (L. van Hove, Phys. Rev. 95, 249 (1954)). */
#ifndef NNPMD_ANALYSIS_VAN_HOVE_H
#define NNPMD_ANALYSIS_VAN_HOVE_H

#include "analysis/paths.h"

enum { NMD_VAN_HOVE_MAX = 16, NMD_VAN_HOVE_BINS = 400 };

typedef struct nmd_van_hove {
  int n_times, n_kinds, n_bins;
  double time[NMD_VAN_HOVE_MAX]; /* fs, of whole frames */
  int64_t lag[NMD_VAN_HOVE_MAX];
  double bin;      /* A; lengths beyond the last bin are left out */
  double *density; /* [n_times][n_kinds][n_bins] 1/A */
} nmd_van_hove;

/* All origins, all selected atoms. Collective. Errors: OUT_OF_RANGE (time below a frame or beyond the run), MEMORY. */
nmd_status nmd_van_hove_count(const nmd_paths *paths, const nmd_comm *comm, int n_times, const double *time,
                              nmd_van_hove *result) NMD_MUST_USE;
void nmd_van_hove_free(nmd_van_hove *result);
const double *nmd_van_hove_density(const nmd_van_hove *result, int time, int kind);

#endif
