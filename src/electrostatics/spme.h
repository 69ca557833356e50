/* SPDX-License-Identifier: BSD-3-Clause */
/* The reciprocal part of an Ewald sum by smooth particle-mesh Ewald: U. Essmann et al., J. Chem. Phys. 103, 8577
 * (1995).
 *
 *   E = k / (2 pi V) sum_m exp(-pi^2 m^2 / alpha^2) / m^2 B(m) |S(m)|^2 - k alpha / sqrt(pi) sum q^2 - k pi Q^2 / (2 V
 * alpha^2)
 *
 * S: transform of the charges spread by B-splines; the last two terms are that of a charge with itself, and of a net
 * charge Q (rounding) with its uniform background. Forces are exact derivatives of this energy, so that energy is
 * conserved at any mesh; their sum is then zero only to the accuracy asked for. */
#ifndef NNPMD_ELECTROSTATICS_SPME_H
#define NNPMD_ELECTROSTATICS_SPME_H

#include <stdbool.h>
#include <stdint.h>

#include "parallel/comm.h"
#include "system/box.h"

enum { NMD_SPME_ORDER_MAX = 16 };

typedef struct nmd_spme_settings {
  double alpha;   /* splitting, 1/A */
  int order;      /* of the B-splines: even, 4 to NMD_SPME_ORDER_MAX */
  double spacing; /* the mesh is at least so fine along the edges of the cell, A */
} nmd_spme_settings;

/* Settings whose RMS error of a force is `error` (eV/A; half of it, in squares, from real space) with the least work,
 * for real-space cut-off `cutoff` (A), charges of mean square `q2` (e^2) and about 0.1 atoms per cubic A. Local. */
void nmd_spme_choose(double error, double cutoff, double q2, nmd_spme_settings *settings);
/* The errors expected of settings, at a number density n (1/A^3), from real space and from the mesh (eV/A). Local. */
void nmd_spme_errors(const nmd_spme_settings *settings, double cutoff, double q2, double density, double errors[2]);

typedef struct nmd_spme nmd_spme;
typedef struct nmd_spme_atoms { /* of one rank; not owned */
  int n;
  const double *x;        /* [n][3] A */
  const int32_t *species; /* [n] */
  const double *charge;   /* [species] e */
} nmd_spme_atoms;
typedef struct nmd_spme_results { /* added to; this rank's parts */
  double energy;                  /* eV */
  double virial[9];               /* eV, -dE/dstrain */
  double (*force)[3];             /* [n] eV/A */
  double net;                     /* set: e, the charge of all atoms of all ranks */
  double *atom_energy;            /* [n] eV or NULL */
  double (*atom_virial)[9];       /* [n] eV or NULL */
} nmd_spme_results;

nmd_status nmd_spme_create(const nmd_spme_settings *settings, nmd_spme **out) NMD_MUST_USE; /* Local */
void nmd_spme_destroy(nmd_spme *spme);
/* Atoms may lie anywhere near their cell; each belongs to one rank. The mesh follows from the box alone. Collective
 * over `comm`. Errors, the same on all ranks: CONFLICT (a cell not periodic along all axes), EXPLODED (positions far
 * outside the cell or not finite), MEMORY. */
nmd_status nmd_spme_compute(nmd_spme *spme, const nmd_comm *comm, const nmd_box *box, const nmd_spme_atoms *atoms,
                            nmd_spme_results *results) NMD_MUST_USE;
/* The mesh of a box. Local. */
void nmd_spme_mesh(const nmd_spme_settings *settings, const nmd_box *box, int k[3]);

#endif
