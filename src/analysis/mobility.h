/* SPDX-License-Identifier: BSD-3-Clause */
/* How mobile atoms are where: mean squared displacements by the place at which they begin, in regions by distance from
 * planes (grain boundaries, interfaces, electrodes).
 *
 * D_a(region) = [M_a(t) - M_a(t/2)] / t,  M_a(t) = <[x_a(s + t) - x_a(s)]^2> over times s at which the atom is in the
 * region
 *
 * The difference takes the vibration out. Atoms may leave within t: D is of what begins in a region, so t should be
 * short against the time to cross it, and long enough for hops. Errors: from blocks of time. */
#ifndef NNPMD_ANALYSIS_MOBILITY_H
#define NNPMD_ANALYSIS_MOBILITY_H

#include "analysis/paths.h"

enum { NMD_MOBILITY_PLANES = 16, NMD_MOBILITY_REGIONS = 9, NMD_MOBILITY_BLOCKS = 8 };

typedef struct nmd_mobility_options {
  int axis; /* cell vector 0, 1, 2 that the planes cut */
  int n_planes, n_edges;
  double plane[NMD_MOBILITY_PLANES];     /* fractions of that vector */
  double edge[NMD_MOBILITY_REGIONS - 1]; /* A, ascending: distances from the nearest plane between regions */
  double lag;                            /* fs */
} nmd_mobility_options;

typedef struct nmd_mobility {
  int n_regions, n_blocks;
  double lag;                            /* fs, of whole frames */
  double atoms[NMD_MOBILITY_REGIONS];    /* mean number in the region */
  double D[NMD_MOBILITY_REGIONS][4];     /* A^2/fs: x, y, z, and all directions; NaN: nothing was there */
  double sigma[NMD_MOBILITY_REGIONS][4]; /* standard errors; NaN: fewer than two blocks */
} nmd_mobility;

/* Of all selected atoms together. Collective. Errors: OUT_OF_RANGE (a lag of fewer than two frames or beyond a quarter
 * of the run), and those of nmd_paths_visit. */
nmd_status nmd_mobility_count(const nmd_paths *paths, const nmd_comm *comm, const nmd_mobility_options *options,
                              nmd_mobility *mobility) NMD_MUST_USE;

#endif
