/* SPDX-License-Identifier: BSD-3-Clause */
/* All pairs of atoms closer than a cut-off in one frame: any cell (triclinic, left-handed, smaller than the cut-off,
 * open along some axes), images counted as often as they are there, an atom's own images included.
 *
 * The atoms are wrapped, copied with every image that the cut-off can reach, and sorted into Cartesian cells, whose
 * rows are then read as contiguous memory. */
#ifndef NNPMD_ANALYSIS_PAIRS_H
#define NNPMD_ANALYSIS_PAIRS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "system/box.h"

/* Neighbours of one atom; arrays [n] valid until the next call. */
typedef struct nmd_neighbours {
  int n;
  int32_t *atom;   /* index of the neighbour (of which it may be an image) */
  int32_t *kind;   /* its kind */
  double *d[3];    /* vector to it (A) */
  double *squared; /* distance squared (A^2) */
} nmd_neighbours;

typedef struct nmd_pairs {
  double cutoff;
  bool once;
  int n_points;                 /* atoms and images, in order of the cells */
  int32_t *atom, *kind, *order; /* [n_points]; order: slot of a real atom, INT32_MAX of an image */
  double *x[3];                 /* [n_points] A */
  int32_t *slot;                /* [n_atoms] slot of the atom itself, -1: left out */
  int cells[3];
  double low[3], width;
  int32_t *start, *cell; /* [cells + 1], [n_points] */
  int32_t *hits;         /* [n_points + 1] slots found */
  nmd_neighbours found;
  int64_t capacity_points, capacity_cells, capacity_atoms, capacity_found;
  void *scratch; /* [capacity_points] points before sorting */
} nmd_pairs;

void nmd_pairs_init(nmd_pairs *pairs);
void nmd_pairs_free(nmd_pairs *pairs);
/* Prepare a frame of n atoms at x [n][3] A. kind [n] goes along with each atom; kind < 0 leaves the atom out; NULL: all
 * 0. once: every pair is found at one of its two ends only (a pair of images likewise). Local. O(n) at fixed density.
 * Errors: OUT_OF_RANGE (cut-off not above 0, position not finite, more than 2^31 images), MEMORY. */
nmd_status nmd_pairs_build(nmd_pairs *pairs, const nmd_box *box, int64_t n, const double (*x)[3], const int *kind,
                           double cutoff, bool once) NMD_MUST_USE;
/* Neighbours of atom i with distance < cut-off; without any for an atom left out. Errors: MEMORY. */
nmd_status nmd_pairs_around(nmd_pairs *pairs, int64_t i, const nmd_neighbours **neighbours) NMD_MUST_USE;

#endif
