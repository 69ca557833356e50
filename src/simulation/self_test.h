/* SPDX-License-Identifier: BSD-3-Clause */
/* Are the forces of this potential, on these ranks, the slope of its energy? A few atoms, before a long run. */
#ifndef NNPMD_SIMULATION_SELF_TEST_H
#define NNPMD_SIMULATION_SELF_TEST_H

#include "simulation/simulation.h"

typedef struct nmd_self_test {
  int atoms;      /* tested: the first and the last id of each element */
  double largest; /* eV/A, difference between force and slope */
} nmd_self_test;

/* Needs list and forces of the present positions; leaves the simulation as it was, bit for bit. Three evaluations an
 * atom. Collective. Errors: CONFLICT (names the atom), those of the potential. */
nmd_status nmd_simulation_self_test(nmd_simulation *simulation, nmd_self_test *result) NMD_MUST_USE;

#endif
