/* SPDX-License-Identifier: BSD-3-Clause */
/* What an arrangement looks like: short-range order by shells, and intensities of waves of composition. */
#ifndef NNPMD_LATTICE_ORDER_H
#define NNPMD_LATTICE_ORDER_H

#include "lattice/clusters.h"
#include "lattice/walk.h"

/* Pairs of sites by symmetry and distance: the orbits of two points. Warren and Cowley's parameter of species a and b
 * in a shell is 1 - P_ab / (c_a c_b), P_ab the share of its (directed) pairs with a at the first and b at the second
 * site, c the shares of a and b among the ends of the pairs: 0 at random, 1 never together, negative: preferred. J. M.
 * Cowley, J. Appl. Phys. 21, 24 (1950). */
typedef struct nmd_shells {
  int n;
  double *distance;   /* [n] A */
  int64_t *first;     /* [n + 1] */
  int32_t (*pair)[2]; /* [first[n]] sites of the supercell */
} nmd_shells;

/* Owner: the caller. Local. Errors: MEMORY. */
nmd_status nmd_shells_init(nmd_shells *shells, const nmd_cluster_list *list, const nmd_parent_lattice *parent,
                           const nmd_supercell *super, double longest) NMD_MUST_USE;
void nmd_shells_free(nmd_shells *shells);
/* alpha [shells->n] of species a and b (of all kinds together); NaN where one of them is missing. Local. */
void nmd_warren_cowley(const nmd_shells *shells, const nmd_lattice_walk *walk, int a, int b, double *alpha);

/* Waves k (in reciprocal cell vectors of the parent, row) that symmetries turn into each other. */
typedef struct nmd_wave_star {
  int n;
  double (*k)[3]; /* [n] modulo whole reciprocal vectors and sign */
} nmd_wave_star;
nmd_status nmd_wave_star_init(nmd_wave_star *star, const nmd_parent_lattice *parent, const double k[3]) NMD_MUST_USE;
void nmd_wave_star_free(nmd_wave_star *star);

/* |sum_i w_i exp(2 pi i k x_i)|^2 / n over the sites, w = 1 where the species is `species`, and 0 elsewhere. Local. */
double nmd_wave_intensity(const nmd_parent_lattice *parent, const nmd_supercell *super, const nmd_lattice_walk *walk,
                          int species, const double k[3]);

#endif
