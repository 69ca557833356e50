/* SPDX-License-Identifier: BSD-3-Clause */
/* Sums over this rank's atoms that ensembles reduce themselves, several at a time (one message instead of three). */
#ifndef NNPMD_DYNAMICS_MOTION_H
#define NNPMD_DYNAMICS_MOTION_H

#include "dynamics/ensemble.h"

/* A rank's part of sums: named apart from reduced values, which are plain doubles. */
typedef struct nmd_partial {
  double value;
} nmd_partial;
typedef struct nmd_partial_tensor {
  double value[6]; /* xx, yy, zz, yz, xz, xy */
} nmd_partial_tensor;

nmd_partial nmd__kinetic_partial(const nmd_motion *motion);               /* eV; Local */
nmd_partial nmd__kinetic_partial_of(const nmd_motion *motion, nmd_subset atoms);
nmd_partial_tensor nmd__kinetic_tensor_partial(const nmd_motion *motion); /* eV; Local */
void nmd__tensor_unpack(const double packed[6], double tensor[3][3]);     /* of a reduced one; Local */

/* As nmd_kick, nmd_drift and nmd_velocities_scale, for some of the atoms. Local. */
void nmd__kick_of(nmd_motion *motion, nmd_subset atoms, double time);
void nmd__drift_of(nmd_motion *motion, nmd_subset atoms, double time);
void nmd__velocities_scale_of(nmd_motion *motion, nmd_subset atoms, double factor);

static inline nmd_subset nmd__mobile(const nmd_motion *motion) { return (nmd_subset){0, motion->frozen}; }

static inline double nmd__mass(const nmd_motion *motion, int i) {
  return motion->species->mass[motion->atoms->species[i]];
}

#endif
