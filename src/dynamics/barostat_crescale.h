/* SPDX-License-Identifier: BSD-3-Clause */
/* Stochastic cell rescaling: a first-order barostat whose volume fluctuates as at constant pressure. */
#ifndef NNPMD_DYNAMICS_BAROSTAT_CRESCALE_H
#define NNPMD_DYNAMICS_BAROSTAT_CRESCALE_H

#include "dynamics/cell_modes.h"
#include "dynamics/ensemble.h"

typedef struct nmd_crescale {
  nmd_cell_modes modes;
  double mobility; /* of each mode: compressibility / (V_0 tau_p m), m cell vectors that move; 1/(eV fs) */
} nmd_crescale;

/* Target of the step being made. */
typedef struct nmd_bath {
  double temperature; /* K */
  double pressure;    /* eV/A^3 */
} nmd_bath;

/* compressibility: A^3/eV; tau_p: fs; the volume of `box` becomes the reference V_0. Errors: those of
 * nmd_cell_modes_init. Local. */
nmd_status nmd_crescale_init(nmd_crescale *barostat, nmd_coupling coupling, const bool axes[3], double compressibility,
                             double tau_p, const nmd_box *box) NMD_MUST_USE;
/* Energy whose Boltzmann factor the cell obeys beside K + U: P V - k T (1 + removed / 3) ln V (eV). Local. */
double nmd_crescale_energy(const nmd_motion *motion, const nmd_bath *bath);
/* slope [modes]: derivative of K + U + that energy by the amount of each mode, at fixed scaled positions and momenta
 * (eV). kinetic: reduced sum m v (x) v. Local. */
void nmd_crescale_slopes(nmd_crescale *barostat, const nmd_motion *motion, const double kinetic[3][3],
                         const nmd_bath *bath, double *slope);
/* strain [modes]: change of each mode in this step, drift and noise. Errors: EXPLODED. Local. */
nmd_status nmd_crescale_draw(const nmd_crescale *barostat, const nmd_motion *motion, const nmd_bath *bath,
                             const double *slope, double *strain) NMD_MUST_USE;
/* k T ln(probability of the strain / probability of the way back, whose amounts are -turned) from the slopes at both ends (eV). Local. */
double nmd_crescale_log_ratio(const nmd_crescale *barostat, double timestep, const double *strain, const double *turned,
                              const double *slope_before, const double *slope_after);

#endif
