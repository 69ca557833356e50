/* SPDX-License-Identifier: BSD-3-Clause */
/* Mean squared displacements: self, per species, as a tensor; collective; distinct.
 *
 * M_ab(m) = <[r_a(t + m) - r_a(t)] [r_b(t + m) - r_b(t)]> over atoms and all times t. With S_ab(t) = sum_i r_a r_b the
 * sum over t is one of prefix sums of S minus twice the correlation of the paths, which comes from their spectra in O(N
 * log N) (V. Calandrini et al., Ecole thematique de la Societe Francaise de la Neutronique 12, 201 (2011)). The spectra
 * are summed over atoms first, so that only one transform back is needed a species. */
#ifndef NNPMD_ANALYSIS_MSD_H
#define NNPMD_ANALYSIS_MSD_H

#include "analysis/paths.h"

enum { NMD_TENSOR = 6 }; /* xx, yy, zz, yz, xz, xy */

typedef struct nmd_msd {
  int64_t n_frames, n_lags; /* lags 0 ... n_lags - 1 */
  double spacing;           /* fs */
  int n_kinds;
  int64_t *count; /* [n_kinds] atoms averaged over */
  double *tensor; /* [n_kinds][NMD_TENSOR][n_lags] A^2 */
} nmd_msd;

/* Self MSD of every species of the selected atoms. origin_stride: 1 all times as origins (by FFT); N > 1 every N-th, 0
 * the first frame only (both by direct sums). n_lags: at most n_frames. Collective. Errors: OUT_OF_RANGE, MEMORY, and
 * those of nmd_paths_visit. */
nmd_status nmd_msd_self(const nmd_paths *paths, const nmd_comm *comm, int64_t n_lags, int64_t origin_stride,
                        nmd_msd *msd) NMD_MUST_USE;
/* The same in steps, for one visit of the paths together with others: begin, nmd_paths_visit with *visit, end, which
 * frees the counter and takes what the visit returned. Begin and end are collective. */
typedef struct nmd_msd_counter nmd_msd_counter;
nmd_status nmd_msd_begin(const nmd_paths *paths, const nmd_comm *comm, int64_t n_lags, int64_t origin_stride,
                         nmd_msd_counter **counter, nmd_path_visit *visit) NMD_MUST_USE;
nmd_status nmd_msd_end(nmd_msd_counter *counter, nmd_status visited, nmd_msd *msd) NMD_MUST_USE;
/* The same of given series, as of one atom: x [3][n_frames]. Local. */
nmd_status nmd_msd_of_series(const double *x, int64_t n_frames, double spacing, int64_t n_lags,
                             nmd_msd *msd) NMD_MUST_USE;
/* Collective displacement of the selected atoms, sum_i q_i r_i, with a charge a species: charge [species.n]; the result
 * (one kind) is in A^2 e^2, not divided by a number of atoms. Local. Errors: MEMORY. */
nmd_status nmd_msd_collective(const nmd_paths *paths, const double *charge, int64_t n_lags, nmd_msd *msd) NMD_MUST_USE;
void nmd_msd_free(nmd_msd *msd);

/* A set of directions: 1 to 3 orthonormal rows. */
typedef struct nmd_directions {
  int n;
  double axis[3][3];
} nmd_directions;
/* "x", "y", "z", "xyz", "ab" (plane of the vectors a and b of h), "c" (along c), or "u,v,w" (Cartesian).
 * Errors: BAD_CHOICE. */
nmd_status nmd_directions_parse(const char *text, const double h[3][3], nmd_directions *directions) NMD_MUST_USE;
/* Sum over the directions of u . T . u for every lag: out [n_lags]. */
void nmd_msd_project(const nmd_msd *msd, int kind, const nmd_directions *directions, double *out);

#endif
