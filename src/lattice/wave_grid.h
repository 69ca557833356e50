/* SPDX-License-Identifier: BSD-3-Clause */
/* Intensities of all waves of composition that fit a supercell: what diffuse scattering of an arrangement shows. */
#ifndef NNPMD_LATTICE_WAVE_GRID_H
#define NNPMD_LATTICE_WAVE_GRID_H

#include <complex.h>

#include "lattice/walk.h"

/* A supercell of repeat[0] x repeat[1] x repeat[2] parent cells. Wave (a, b, c) has k = (a / repeat[0], ...) in
 * reciprocal cell vectors of the parent, each taken into (-1/2, 1/2]; its place in arrays [n] is (a repeat[1] + b)
 * repeat[2] + c. */
typedef struct nmd_wave_grid {
  const nmd_parent_lattice *parent; /* not owned */
  int repeat[3], n;                 /* waves = cells */
  double complex *table[3];         /* [repeat[axis]] exp(2 pi i m / repeat) */
  double complex *part, *line, *sum;
} nmd_wave_grid;

/* Owner: the caller. Local. Errors: MEMORY. */
nmd_status nmd_wave_grid_init(nmd_wave_grid *grid, const nmd_parent_lattice *parent, const int repeat[3]) NMD_MUST_USE;
void nmd_wave_grid_free(nmd_wave_grid *grid);
/* k of a wave. Local. */
void nmd_wave_grid_k(const nmd_wave_grid *grid, int wave, double k[3]);
/* intensity [n] += |sum_i w_i exp(2 pi i k x_i)|^2 / sites, w = 1 where the species is `species`; that of k = 0, the
 * mean composition, is left out. n (sum of the repeats) operations: sums along one axis after another. Local. */
void nmd_wave_grid_add(nmd_wave_grid *grid, const nmd_lattice_walk *walk, int species, double *intensity);
/* out [n] = mean of in [n] over the waves that symmetries of the parent make of each, as many as fit the supercell: the
 * pattern of a crystal with domains of all orientations. Local. */
void nmd_wave_grid_symmetrise(const nmd_wave_grid *grid, const double *in, double *out);

#endif
