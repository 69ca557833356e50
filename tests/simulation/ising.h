/* SPDX-License-Identifier: BSD-3-Clause */
/* Two elements on a small lattice with energies between nearest neighbours only: every arrangement counted. */
#ifndef NNPMD_TESTS_SIMULATION_ISING_H
#define NNPMD_TESTS_SIMULATION_ISING_H

#include <stdbool.h>

enum { ISING_SITES_MAX = 16, ISING_LEVELS_MAX = 128 };

/* A crystal of lattice constant a (A): sites, and how many bonds (images counted) join each two of them. */
typedef struct ising_lattice {
  int n;
  double x[ISING_SITES_MAX][3];
  double cell[3];
  int bonds[ISING_SITES_MAX][ISING_SITES_MAX]; /* i < j, and i == j: to images of itself */
} ising_lattice;

/* n sites at x in a cell with right angles; a bond is a distance below `reach`. */
void ising_connect(ising_lattice *lattice, double reach);
/* Bonds of each kind in the arrangement whose bit i says that site i is of the second element: AA, BB, AB. */
void ising_count(const ising_lattice *lattice, unsigned arrangement, int bonds[3]);

/* All arrangements by energy (eV): those with `second` atoms of the second element, or (second < 0) all of them, each then
 * with energy E - mu (number of the second element). */
typedef struct ising_levels {
  int n;
  double energy[ISING_LEVELS_MAX], count[ISING_LEVELS_MAX]; /* of the level without mu, and of arrangements */
  int second[ISING_LEVELS_MAX];                             /* atoms of the second element */
  double mu;
} ising_levels;
void ising_enumerate(const ising_lattice *lattice, const double bond_energy[3], int second, double mu,
                     ising_levels *levels);
/* Probability of each level at kT (eV). */
void ising_probabilities(const ising_levels *levels, double kT, double *p);
/* Mean of the energy, and heat capacity var(E) / kT^2 (1/eV). */
void ising_moments(const ising_levels *levels, double kT, double *mean, double *heat_capacity);

/* The same through the engine: Lennard-Jones pairs cut between first and second neighbours of a simple cubic lattice. */
#define ISING_A 3.0      /* A, lattice constant */
#define ISING_CUTOFF 3.3 /* A */
extern const double ising_bond_energy[3]; /* eV: AA, BB, AB */
/* n0 x n1 x n2 sites, elements in turn, as an extxyz text (static buffer), and the same as a lattice (at most 16 sites). */
const char *ising_structure(const int n[3], ising_lattice *lattice);
#define ISING_POTENTIAL                                                                                                \
  "lennard_jones: {epsilon: 0.05, sigma: 2.672696153632, cutoff: 3.3, truncation: shift, pairs: [{elements: [Ar, Kr], " \
  "epsilon: 0.25, sigma: 2.672696153632}]}"

#endif
