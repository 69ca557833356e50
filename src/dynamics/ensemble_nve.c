/* SPDX-License-Identifier: BSD-3-Clause */
/* Constant number, volume, energy: velocity Verlet.
 *
 *     v += dt f / 2m;  x += dt v;  f = -dU/dx;  v += dt f / 2m
 * x (A), v (A/fs), f (eV/A), m (u), dt (fs). Conserved: K + U (eV); its fluctuation is of order dt^2, without drift,
 * and the map is symmetric in time and symplectic.
 *
 * W. Swope, H. Andersen, P. Berens, K. Wilson, J. Chem. Phys. 76, 637 (1982).
 *
 * Trade-off: second order with one force a step; higher orders pay off only for accuracies that no potential has. */
#include "base/memory.h"
#include "dynamics/ensemble.h"

extern const nmd_ensemble_ops nmd__ensemble_nve;
extern const nmd_option_table nmd__ensemble_nve_options;

typedef struct nve_parameters {
  char unused; /* C has no empty structs */
} nve_parameters;

const nmd_option_table nmd__ensemble_nve_options = {"nve", "constant volume and energy (velocity Verlet)",
                                                    sizeof(nve_parameters), 0, NULL};

static nmd_status create(const void *parameters, const nmd_motion *motion, void **self) {
  (void)parameters, (void)motion;
  nve_parameters *nve;
  NMD_TRY(NMD_ALLOC(nve, 1));
  *self = nve;
  return NMD_OK;
}

static nmd_status before_force(void *self, nmd_motion *motion) {
  (void)self;
  nmd_kick(motion, 0.5 * motion->timestep);
  nmd_drift(motion, motion->timestep);
  return NMD_OK;
}

static nmd_status after_force(void *self, nmd_motion *motion) {
  (void)self;
  nmd_kick(motion, 0.5 * motion->timestep);
  return NMD_OK;
}

static double conserved(const void *self, const nmd_motion *motion) {
  (void)self;
  return nmd_kinetic_energy(motion) + motion->potential_energy;
}

const nmd_ensemble_ops nmd__ensemble_nve = {
    .name = "nve",
    .options = &nmd__ensemble_nve_options,
    .create = create,
    .before_force = before_force,
    .after_force = after_force,
    .conserved = conserved,
    .state_size = nmd_no_state_size,
    .save = nmd_no_save,
    .restore = nmd_no_restore,
    .destroy = nmd_free,
    .conserves_momentum = nmd_keeps_momentum,
};
