/* SPDX-License-Identifier: BSD-3-Clause */
/* Constant number, volume, temperature by a Nose-Hoover chain (chain.c): deterministic and time-reversible.
 *
 * A step: chain over dt/2, velocity Verlet over dt, chain over dt/2. Conserved (eV): K + U + energy of the chain; what
 * a ramp of T changes in it is the ramp's work and taken out.
 *
 * References: in chain.c.
 *
 * Trade-off: no noise, so runs reverse; but not ergodic for small or harmonic systems: csvr (nvt) is the safer default.
 */
#include "base/memory.h"
#include "dynamics/chain.h"
#include "dynamics/ensemble.h"

extern const nmd_ensemble_ops nmd__ensemble_nose_hoover;
extern const nmd_option_table nmd__ensemble_nose_hoover_options;

typedef struct nose_hoover_parameters {
  double temperature[2]; /* K */
  double tau;            /* fs */
  int64_t chain;
} nose_hoover_parameters;

static const nmd_option options[] = {
    {"temperature", NMD_OPT_RAMP, offsetof(nose_hoover_parameters, temperature), NMD_DIM_TEMPERATURE, .min = 0,
     .max = 1e6, .min_open = 1,
     .doc = "target temperature, e.g. 300 K, or 300 K -> 600 K for a linear ramp over the stage"},
    {"tau", NMD_OPT_REAL, offsetof(nose_hoover_parameters, tau), NMD_DIM_TIME, "100 fs", 0, 1e9, .min_open = 1,
     .doc = "time scale of the thermostat: Q = N_f k T tau^2"},
    {"chain", NMD_OPT_INT, offsetof(nose_hoover_parameters, chain), .fallback = "3", .min = 1, .max = NMD_CHAIN_MAX,
     .doc = "number of thermostats in the chain"},
};
const nmd_option_table nmd__ensemble_nose_hoover_options = {
    "nose_hoover", "constant volume and temperature by a Nose-Hoover chain (deterministic)",
    sizeof(nose_hoover_parameters), NMD_COUNT(options), options};

typedef struct nose_hoover {
  nose_hoover_parameters parameters;
  nmd_chain chain;
  double booked; /* eV, work of the ramp */
} nose_hoover;

/* Masses stay those of the ramp's middle, so that the chain's kinetic energy has no hidden work. */
static nmd_status create(const void *parameters, const nmd_motion *motion, void **self) {
  const nose_hoover_parameters *p = parameters;
  nose_hoover *own;
  NMD_TRY(NMD_ALLOC(own, 1));
  own->parameters = *p;
  const double middle = NMD_BOLTZMANN * 0.5 * (p->temperature[0] + p->temperature[1]);
  nmd_chain_init(&own->chain, (int)p->chain, nmd_freedoms(motion), middle, p->tau);
  nmd_chain_set(&own->chain, NMD_BOLTZMANN * nmd_ramp(p->temperature, motion->progress));
  *self = own;
  return NMD_OK;
}

static nmd_status before_force(void *self, nmd_motion *motion) {
  nose_hoover *own = self;
  own->booked -= nmd_chain_set(&own->chain, NMD_BOLTZMANN * nmd_ramp(own->parameters.temperature, motion->progress));
  nmd_velocities_scale(motion, nmd_chain_advance(&own->chain, nmd_kinetic_energy(motion), motion->timestep));
  nmd_kick(motion, 0.5 * motion->timestep);
  nmd_drift(motion, motion->timestep);
  return NMD_OK;
}

static nmd_status after_force(void *self, nmd_motion *motion) {
  nose_hoover *own = self;
  nmd_kick(motion, 0.5 * motion->timestep);
  nmd_velocities_scale(motion, nmd_chain_advance(&own->chain, nmd_kinetic_energy(motion), motion->timestep));
  return NMD_OK;
}

static double conserved(const void *self, const nmd_motion *motion) {
  const nose_hoover *own = self;
  return nmd_kinetic_energy(motion) + motion->potential_energy + nmd_chain_energy(&own->chain) + own->booked;
}

static int state_size(const void *self) {
  (void)self;
  return 1 + NMD_CHAIN_STATE;
}

static void save(const void *self, double *state) {
  const nose_hoover *own = self;
  state[0] = own->booked;
  nmd_chain_save(&own->chain, state + 1);
}

static void restore(void *self, const double *state) {
  nose_hoover *own = self;
  own->booked = state[0];
  nmd_chain_restore(&own->chain, state + 1);
}

const nmd_ensemble_ops nmd__ensemble_nose_hoover = {
    .name = "nose_hoover",
    .options = &nmd__ensemble_nose_hoover_options,
    .create = create,
    .before_force = before_force,
    .after_force = after_force,
    .conserved = conserved,
    .state_size = state_size,
    .save = save,
    .restore = restore,
    .destroy = nmd_free,
    .conserves_momentum = nmd_keeps_momentum,
};
