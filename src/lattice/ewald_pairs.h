/* SPDX-License-Identifier: BSD-3-Clause */
/* Point charges on the sites of a supercell: Ewald's sum as a matrix over its sites, so that a change of two charges
 * costs nothing but look-ups.
 *
 *   E = constant + sum_i q_i field_i + 1/2 sum_ij q_i q_j pair_ij
 *
 * pair_ij = g(x_i - x_j), the potential of a unit charge with all its images and a uniform background that makes the
 * cell neutral; field and constant come from the frame. P. P. Ewald, Ann. Phys. 369, 253 (1921). Both sums are carried
 * to 1e-14 of their first term; half of the terms are in either. */
#ifndef NNPMD_LATTICE_EWALD_PAIRS_H
#define NNPMD_LATTICE_EWALD_PAIRS_H

#include "lattice/supercell.h"

enum { NMD_EWALD_SITES_MAX = 8192, NMD_LATTICE_Z_MAX = 119 };

typedef struct nmd_ewald_pairs {
  int n;
  double *pair;    /* [n][n] eV/e^2 */
  double *self;    /* [n] its diagonal */
  double *field;   /* [n] eV/e */
  double constant; /* eV */
} nmd_ewald_pairs;

/* charge [NMD_LATTICE_Z_MAX] e by atomic number, of the vacancy at 0. Owner: the caller. Local. Errors: OUT_OF_RANGE
 * (more than NMD_EWALD_SITES_MAX sites), MEMORY. */
nmd_status nmd_ewald_pairs_init(nmd_ewald_pairs *ewald, const nmd_parent_lattice *parent, const nmd_supercell *super,
                                const double *charge) NMD_MUST_USE;
void nmd_ewald_pairs_free(nmd_ewald_pairs *ewald);
/* eV, for charges q [n] of the sites. Local. */
double nmd_ewald_pairs_energy(const nmd_ewald_pairs *ewald, const double *q);

/* The function g of a periodic cell. */
typedef struct nmd_ewald_kernel {
  double alpha, shift; /* 1/A; eV/e^2 of the background */
  int n_real, n_wave;
  double (*real)[3]; /* translations, A */
  double (*wave)[4]; /* wave vector (1/A) and weight (eV/e^2); of k and -k one */
} nmd_ewald_kernel;
nmd_status nmd_ewald_kernel_init(nmd_ewald_kernel *kernel, const nmd_box *box) NMD_MUST_USE; /* Errors: MEMORY */
void nmd_ewald_kernel_free(nmd_ewald_kernel *kernel);
/* eV/e^2; x (A) = 0 or a lattice vector: of a charge with its own images and itself. */
double nmd_ewald_kernel_value(const nmd_ewald_kernel *kernel, const double x[3]);

#endif
