/* SPDX-License-Identifier: BSD-3-Clause */
/* A Nose-Hoover chain: thermostats in a row on any set of freedoms (atoms, or a cell). */
#ifndef NNPMD_DYNAMICS_CHAIN_H
#define NNPMD_DYNAMICS_CHAIN_H

#include "base/status.h"

enum { NMD_CHAIN_MAX = 10, NMD_CHAIN_STATE = 1 + 2 * NMD_CHAIN_MAX };

typedef struct nmd_chain {
  int n;                                                           /* links */
  double freedoms;                                                 /* of what it is coupled to */
  double kT;                                                       /* eV, target */
  double xi[NMD_CHAIN_MAX], w[NMD_CHAIN_MAX], mass[NMD_CHAIN_MAX]; /* position, velocity (1/fs), Q (eV fs^2) */
} nmd_chain;

/* n links for `freedoms` at kT (eV) with the time scale tau (fs). Masses stay those of this kT when kT moves. */
void nmd_chain_init(nmd_chain *chain, int n, double freedoms, double kT, double tau);
/* The chain over half of `timestep` (fs); returns the factor for all velocities of what has this kinetic energy (eV).
 */
double nmd_chain_advance(nmd_chain *chain, double kinetic, double timestep);
double nmd_chain_energy(const nmd_chain *chain); /* eV */
/* New target; returns what that changes in the chain's energy (eV): the work of the ramp. */
double nmd_chain_set(nmd_chain *chain, double kT);
void nmd_chain_save(const nmd_chain *chain, double state[NMD_CHAIN_STATE]);
void nmd_chain_restore(nmd_chain *chain, const double state[NMD_CHAIN_STATE]);

#endif
