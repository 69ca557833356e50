/* SPDX-License-Identifier: BSD-3-Clause */
/* Stochastic cell rescaling: a first-order barostat whose volume fluctuates as at constant pressure. */
#ifndef NNPMD_DYNAMICS_BAROSTAT_CRESCALE_H
#define NNPMD_DYNAMICS_BAROSTAT_CRESCALE_H

#include "dynamics/ensemble.h"

typedef enum nmd_coupling { NMD_ISOTROPIC, NMD_SEMI_ISOTROPIC, NMD_ANISOTROPIC } nmd_coupling;

/* Cell vectors that stretch by a common factor form a group. */
typedef struct nmd_crescale {
  int n_groups, group[3]; /* of each cell vector; -1: does not move */
  int members[3];         /* cell vectors in each group */
  double mobility;        /* compressibility / (V_0 tau_p), 1/(eV fs) */
} nmd_crescale;

/* Target of the step being made. */
typedef struct nmd_bath {
  double temperature; /* K */
  double pressure;    /* eV/A^3 */
} nmd_bath;

/* compressibility: A^3/eV; tau_p: fs; the volume of `box` becomes the reference V_0. Errors: CONFLICT (no axis, an axis
 * that is not periodic). Local. */
nmd_status nmd_crescale_init(nmd_crescale *barostat, nmd_coupling coupling, const bool axes[3], double compressibility,
                             double tau_p, const nmd_box *box) NMD_MUST_USE;
/* Energy whose Boltzmann factor the log-volumes obey beside K + U: P V - k T (1 + removed / 3) ln V (eV). Local. */
double nmd_crescale_energy(const nmd_motion *motion, const nmd_bath *bath);
/* slope [n_groups]: derivative of K + U + that energy by the log-volume of each group, at fixed scaled positions and
 * momenta (eV). kinetic: reduced sum m v (x) v. Local. */
void nmd_crescale_slopes(const nmd_crescale *barostat, const nmd_motion *motion, const double kinetic[3][3],
                         const nmd_bath *bath, double slope[3]);
/* strain [n_groups]: change of each log-volume in this step, drift and noise. Errors: EXPLODED. Local. */
nmd_status nmd_crescale_draw(const nmd_crescale *barostat, const nmd_motion *motion, const nmd_bath *bath,
                             const double slope[3], double strain[3]) NMD_MUST_USE;
/* Half a drift, the strain on cell, positions and velocities, half a drift. Errors: BAD_CELL. Local. */
nmd_status nmd_crescale_drift(const nmd_crescale *barostat, nmd_motion *motion, const double strain[3]) NMD_MUST_USE;
/* k T ln(probability of the strain / probability of the way back) from the slopes at both ends (eV). Local. */
double nmd_crescale_log_ratio(const nmd_crescale *barostat, double timestep, const double strain[3],
                              const double slope_before[3], const double slope_after[3]);

#endif
