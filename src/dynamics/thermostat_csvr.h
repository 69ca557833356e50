/* SPDX-License-Identifier: BSD-3-Clause */
/* Canonical sampling through velocity rescaling: one stochastic factor for all velocities. */
#ifndef NNPMD_DYNAMICS_THERMOSTAT_CSVR_H
#define NNPMD_DYNAMICS_THERMOSTAT_CSVR_H

#include "dynamics/ensemble.h"

/* The factor for all velocities, from the kinetic energy (eV) before and the target temperature (K); `time` is the time
 * the thermostat acts (fs), tau its relaxation time (fs). The same on all ranks: key (seed, CSVR, step). 1 if there is
 * nothing to scale (no kinetic energy, no degrees of freedom). Local. Bussi, Donadio, Parrinello (2007), eq. (A7). */
double nmd_csvr_factor(const nmd_motion *motion, double kinetic_energy, double temperature, double tau, double time);

/* The same for part of the atoms: bath number `index` draws numbers of its own (0: those of nmd_csvr_factor). */
typedef struct nmd_csvr_bath {
  double temperature; /* K, target */
  double tau;         /* fs */
  double freedoms;
  int index;
} nmd_csvr_bath;
double nmd_csvr_factor_of(const nmd_motion *motion, const nmd_csvr_bath *bath, double kinetic_energy, double time);

/* Scales the velocities; returns the energy given to the atoms (eV). Local: kinetic_energy is already reduced. */
double nmd_csvr_apply(nmd_motion *motion, double kinetic_energy, double temperature, double tau, double time);

/* Logs a warning if there is nothing to scale although the target is above 0 K: such a run would warm up only along the
 * forces that happen to act. Local: kinetic_energy is already reduced. */
void nmd_csvr_warn_at_rest(const nmd_motion *motion, double kinetic_energy, double temperature);

/* Sum of the squares of n independent standard normals for (seed, stream, step), starting at draw 1. Local. */
double nmd_sum_of_squared_normals(uint64_t seed, int stream, int64_t step, double n);

#endif
