/* SPDX-License-Identifier: BSD-3-Clause */
/* How many independent samples is an MSD made of? Counted from displacements over windows of time that do not overlap.
 *
 * The relative variance of a mean square displacement has two parts. (1) Of Gaussian displacements, of ions that may
 * move together: 2 / dimension * participation / windows, participation = tr(C^2) / tr(C)^2 of the covariance C between
 * ions, 1/N for N independent ions and 1 when all move as one. tr(C^2) is estimated without bias from products of
 * DIFFERENT windows, sum_{k != l} (D_k . D_l)^2 with D_k the displacements of all ions in window k (Z. Bai, H.
 * Saranadasa, Stat. Sinica 6, 311 (1996)). (2) The excess of the fourth moment over the Gaussian's: few hops are
 * counted, not measured; its relative share is 1 / (number of hops in the run) for independent hops, whatever the
 * window. */
#ifndef NNPMD_ANALYSIS_WINDOWS_H
#define NNPMD_ANALYSIS_WINDOWS_H

#include "analysis/msd.h"

enum { NMD_WINDOWS_MIN = 6, NMD_WINDOWS_MAX = 64, NMD_LEVELS_MAX = 40, NMD_DIRECTION_SETS_MAX = 8 };

/* What the variance of an MSD of one species in one set of directions is made of, from windows of one width. */
typedef struct nmd_spread {
  int64_t width;        /* frames of a window */
  int windows;          /* used */
  double participation; /* 1/N ... 1 */
  double rest;          /* likewise of displacements without the mean over ions (relative to the others) */
  double dimension;     /* tr(T)^2 / tr(T^2) of the displacement tensor: 3 isotropic, 1 along a line */
  double kurtosis;      /* <r^4> / <r^2>^2 in a window beyond the Gaussian: 1 / (hops in it) for independent hops */
  double excess;        /* relative variance of the MSD of the whole run beyond the Gaussian; >= 0 */
  double freedom;       /* degrees of freedom of participation, by jackknife over windows */
} nmd_spread;

typedef struct nmd_windows {
  int n_levels, n_kinds, n_sets;
  int64_t width[NMD_LEVELS_MAX];
  int windows[NMD_LEVELS_MAX];
  int64_t n_frames;
  const nmd_directions *sets; /* borrowed */
  int64_t *count;             /* [n_kinds] */
  double *gram;               /* [n_levels][n_kinds][192][192] products of displacements, summed over ions */
  double *mean;               /* [n_levels][n_kinds][192] sums of displacements */
  double *moments;            /* [n_levels][n_kinds][n_sets][2] sums of r^2 and r^4 over ions and windows */
} nmd_windows;

/* Count over the selected atoms; sets [n_sets] are borrowed. Widths go up by factors of about 1.3 from 1 frame to a
 * sixth of the run. Collective. Errors: MEMORY, and those of nmd_paths_visit. */
nmd_status nmd_windows_count(const nmd_paths *paths, const nmd_comm *comm, const nmd_directions *sets, int n_sets,
                             nmd_windows *windows) NMD_MUST_USE;
/* The same in steps, as in msd.h. */
typedef struct nmd_windows_counter nmd_windows_counter;
nmd_status nmd_windows_begin(const nmd_paths *paths, const nmd_comm *comm, const nmd_directions *sets, int n_sets,
                             nmd_windows_counter **counter, nmd_path_visit *visit) NMD_MUST_USE;
nmd_status nmd_windows_end(nmd_windows_counter *counter, nmd_status visited, nmd_windows *windows) NMD_MUST_USE;
void nmd_windows_free(nmd_windows *windows);
void nmd_windows_spread(const nmd_windows *windows, int level, int kind, int set, nmd_spread *spread);

#endif
