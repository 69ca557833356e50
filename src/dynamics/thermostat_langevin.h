/* SPDX-License-Identifier: BSD-3-Clause */
/* Langevin thermostats: friction and noise on every atom. */
#ifndef NNPMD_DYNAMICS_THERMOSTAT_LANGEVIN_H
#define NNPMD_DYNAMICS_THERMOSTAT_LANGEVIN_H

#include "dynamics/motion.h"

typedef struct nmd_langevin {
  double temperature; /* K, of this step */
  double tau;         /* fs: 1 / friction rate */
  nmd_subset atoms;   /* on which it acts; zero: on all */
} nmd_langevin;

/* Of one half of a GJ-I step on this rank. */
typedef struct nmd_langevin_partial {
  nmd_partial heat;    /* eV given to the atoms */
  nmd_partial kinetic; /* eV, of the half-step velocities */
} nmd_langevin_partial;

/* GJ-I before the force: v (on step) becomes u (half step), x advances by a whole step. Local. */
nmd_langevin_partial nmd_langevin_gj_first(nmd_motion *motion, const nmd_langevin *bath);
/* GJ-I after the force: u becomes v (on step); `heat` is the rest of the step's heat. Local. */
nmd_partial nmd_langevin_gj_second(nmd_motion *motion, const nmd_langevin *bath);
/* Exact Ornstein-Uhlenbeck update of the velocities over `time` (fs); returns the heat. Local. */
nmd_partial nmd_langevin_velocities(nmd_motion *motion, const nmd_langevin *bath, double time);

#endif
