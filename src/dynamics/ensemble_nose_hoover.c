/* SPDX-License-Identifier: BSD-3-Clause */
/* Constant number, volume, temperature by a Nose-Hoover chain: deterministic and time-reversible.
 *
 * Atoms (kinetic energy K, N_f freedoms) couple to a chain of M thermostats with positions xi_j, velocities w_j (1/fs) and
 * masses Q_1 = N_f k T tau^2, Q_j = k T tau^2 (eV fs^2):
 *   dv/dt = f/m - w_1 v,  dw_j/dt = G_j - w_(j+1) w_j,  dxi_j/dt = w_j,
 *   G_1 = (2 K - N_f k T) / Q_1,  G_j = (Q_(j-1) w_(j-1)^2 - k T) / Q_j.
 * A step: chain over dt/2, velocity Verlet over dt, chain over dt/2; the chain is advanced by a Suzuki-Yoshida product of
 * third order. Conserved (eV): K + U + sum_j Q_j w_j^2 / 2 + N_f k T xi_1 + k T sum_(j>1) xi_j; what a ramp of T changes in
 * it is the ramp's work and taken out.
 *
 * Martyna, Klein & Tuckerman, J. Chem. Phys. 97, 2635 (1992); Martyna, Tuckerman, Tobias & Klein, Mol. Phys. 87, 1117
 * (1996), eqs. 33-41 for the factorisation.
 *
 * Trade-off: no noise, so runs reverse; but not ergodic for small or harmonic systems: csvr (nvt) is the safer default. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "dynamics/ensemble.h"

extern const nmd_ensemble_ops nmd__ensemble_nose_hoover;
extern const nmd_option_table nmd__ensemble_nose_hoover_options;

enum { CHAIN_MAX = 10 };

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
    {"chain", NMD_OPT_INT, offsetof(nose_hoover_parameters, chain), .fallback = "3", .min = 1, .max = CHAIN_MAX,
     .doc = "number of thermostats in the chain"},
};
const nmd_option_table nmd__ensemble_nose_hoover_options = {
    "nose_hoover", "constant volume and temperature by a Nose-Hoover chain (deterministic)",
    sizeof(nose_hoover_parameters), NMD_COUNT(options), options};

typedef struct nose_hoover {
  nose_hoover_parameters parameters;
  double xi[CHAIN_MAX], w[CHAIN_MAX], mass[CHAIN_MAX];
  double kT;     /* eV, of the last step */
  double booked; /* eV, work of the ramp */
} nose_hoover;

static double ramp_kT(const nose_hoover *own, const nmd_motion *motion) {
  return NMD_BOLTZMANN * nmd_ramp(own->parameters.temperature, motion->progress);
}

/* Masses stay those of the ramp's middle, so that the chain's kinetic energy has no hidden work. */
static nmd_status create(const void *parameters, const nmd_motion *motion, void **self) {
  nose_hoover *own;
  NMD_TRY(NMD_ALLOC(own, 1));
  own->parameters = *(const nose_hoover_parameters *)parameters;
  const nose_hoover_parameters *p = &own->parameters;
  const double mass = NMD_BOLTZMANN * 0.5 * (p->temperature[0] + p->temperature[1]) * p->tau * p->tau;
  for (int64_t j = 0; j < p->chain; j++) own->mass[j] = j == 0 ? nmd_freedoms(motion) * mass : mass;
  own->kT = ramp_kT(own, motion);
  *self = own;
  return NMD_OK;
}

static double chain_force(const nose_hoover *own, int64_t j, double twice_kinetic, double freedoms) {
  if (j == 0) return (twice_kinetic - freedoms * own->kT) / own->mass[0];
  return (own->mass[j - 1] * own->w[j - 1] * own->w[j - 1] - own->kT) / own->mass[j];
}

/* w_j over time h/4 under its force and the friction of the next link. */
static void kick_link(nose_hoover *own, int64_t j, double h, double twice_kinetic, double freedoms) {
  const bool last = j + 1 == own->parameters.chain;
  const double friction = last ? 1 : exp(-0.125 * h * own->w[j + 1]);
  own->w[j] *= friction;
  own->w[j] += 0.25 * h * chain_force(own, j, twice_kinetic, freedoms);
  own->w[j] *= friction;
}

/* The chain over half of `timestep`; returns the factor for all velocities. */
static double advance_chain(nose_hoover *own, double kinetic, double freedoms, double timestep) {
  const double outer = 1 / (2 - cbrt(2.0)), weights[3] = {outer, 1 - 2 * outer, outer};
  const int64_t n = own->parameters.chain;
  double scale = 1;
  for (int k = 0; k < 3; k++) {
    const double h = weights[k] * timestep;
    for (int64_t j = n - 1; j >= 0; j--) kick_link(own, j, h, 2 * kinetic * scale * scale, freedoms);
    scale *= exp(-0.5 * h * own->w[0]);
    for (int64_t j = 0; j < n; j++) own->xi[j] += 0.5 * h * own->w[j];
    for (int64_t j = 0; j < n; j++) kick_link(own, j, h, 2 * kinetic * scale * scale, freedoms);
  }
  return scale;
}

/* Energy of the chain (eV). */
static double chain_energy(const nose_hoover *own, double freedoms) {
  double energy = freedoms * own->kT * own->xi[0];
  for (int64_t j = 1; j < own->parameters.chain; j++) energy += own->kT * own->xi[j];
  for (int64_t j = 0; j < own->parameters.chain; j++) energy += 0.5 * own->mass[j] * own->w[j] * own->w[j];
  return energy;
}

static nmd_status before_force(void *self, nmd_motion *motion) {
  nose_hoover *own = self;
  const double freedoms = nmd_freedoms(motion), old = chain_energy(own, freedoms);
  own->kT = ramp_kT(own, motion);
  own->booked += old - chain_energy(own, freedoms);
  nmd_velocities_scale(motion, advance_chain(own, nmd_kinetic_energy(motion), freedoms, motion->timestep));
  nmd_kick(motion, 0.5 * motion->timestep);
  nmd_drift(motion, motion->timestep);
  return NMD_OK;
}

static nmd_status after_force(void *self, nmd_motion *motion) {
  nose_hoover *own = self;
  nmd_kick(motion, 0.5 * motion->timestep);
  const double kinetic = nmd_kinetic_energy(motion);
  nmd_velocities_scale(motion, advance_chain(own, kinetic, nmd_freedoms(motion), motion->timestep));
  return NMD_OK;
}

static double conserved(const void *self, const nmd_motion *motion) {
  const nose_hoover *own = self;
  return nmd_kinetic_energy(motion) + motion->potential_energy + chain_energy(own, nmd_freedoms(motion)) + own->booked;
}

static double target_temperature(const void *self, const nmd_motion *motion) {
  return nmd_ramp(((const nose_hoover *)self)->parameters.temperature, motion->progress);
}

static bool conserves_momentum(const void *parameters) {
  (void)parameters;
  return true;
}

enum { STATE_SIZE = 2 + 2 * CHAIN_MAX };

static int state_size(const void *self) {
  (void)self;
  return STATE_SIZE;
}

static void save(const void *self, double *state) {
  const nose_hoover *own = self;
  state[0] = own->kT;
  state[1] = own->booked;
  memcpy(state + 2, own->xi, sizeof own->xi);
  memcpy(state + 2 + CHAIN_MAX, own->w, sizeof own->w);
}

static void restore(void *self, const double *state) {
  nose_hoover *own = self;
  own->kT = state[0];
  own->booked = state[1];
  memcpy(own->xi, state + 2, sizeof own->xi);
  memcpy(own->w, state + 2 + CHAIN_MAX, sizeof own->w);
}

const nmd_ensemble_ops nmd__ensemble_nose_hoover = {
    .name = "nose_hoover",
    .options = &nmd__ensemble_nose_hoover_options,
    .create = create,
    .before_force = before_force,
    .after_force = after_force,
    .conserved = conserved,
    .target_temperature = target_temperature,
    .state_size = state_size,
    .save = save,
    .restore = restore,
    .destroy = nmd_free,
    .conserves_momentum = conserves_momentum,
};
