/* SPDX-License-Identifier: BSD-3-Clause */
/* Constant number, volume, temperature.
 *
 * csvr: a step of velocity Verlet, then all velocities times one stochastic factor (thermostat_csvr.c).
 * langevin: a step of GJ-I (thermostat_langevin.c).
 * The target T follows its ramp linearly over the stage: T = T_start + (T_end - T_start) progress.
 *
 * Conserved (eV): K + U - sum of the heat given to the atoms; csvr: heat = (factor^2 - 1) K, langevin: heat =
 * (v + v') / 2 . (beta - gamma m (x' - x)). Its fluctuation and drift are those of velocity Verlet, as in nve.
 *
 * References: in the files of the thermostats.
 *
 * Trade-off: csvr is the default because it leaves diffusion alone (one global degree of freedom is stirred); langevin
 * also equilibrates parts that exchange no energy (harmonic solids, gases, interfaces from a cold start). */
#include "base/memory.h"
#include "dynamics/thermostat_csvr.h"
#include "dynamics/thermostat_langevin.h"

extern const nmd_ensemble_ops nmd__ensemble_nvt;
extern const nmd_option_table nmd__ensemble_nvt_options;

enum { CSVR, LANGEVIN };

typedef struct nvt_parameters {
  double temperature[2]; /* K */
  int thermostat;
  double tau; /* fs */
} nvt_parameters;

static const nmd_option options[] = {
    {"temperature", NMD_OPT_RAMP, offsetof(nvt_parameters, temperature), NMD_DIM_TEMPERATURE, .min = 0, .max = 1e6,
     .doc = "target temperature, e.g. 300 K, or 300 K -> 600 K for a linear ramp over the stage"},
    {"thermostat", NMD_OPT_CHOICE, offsetof(nvt_parameters, thermostat), .fallback = "csvr", .choices = "csvr|langevin",
     .doc = "csvr: stochastic velocity rescaling (global, keeps dynamics); langevin: GJ-I (local friction and noise)"},
    {"tau", NMD_OPT_REAL, offsetof(nvt_parameters, tau), NMD_DIM_TIME, "100 fs", 0, 1e9, .min_open = 1,
     .doc = "relaxation time of the thermostat (langevin: 1 / friction rate)"},
};
const nmd_option_table nmd__ensemble_nvt_options = {"nvt", "constant volume and temperature", sizeof(nvt_parameters),
                                                    NMD_COUNT(options), options};

typedef struct nvt {
  nvt_parameters parameters;
  nmd_langevin_partial first; /* langevin: of the step being made */
  double heat;                /* eV given to the atoms since the start of the stage */
  double half_step_kinetic;   /* langevin: eV, of the last step */
} nvt;

static nmd_status create(const void *parameters, const nmd_motion *motion, void **self) {
  nvt *own;
  NMD_TRY(NMD_ALLOC(own, 1));
  own->parameters = *(const nvt_parameters *)parameters;
  own->half_step_kinetic = nmd_kinetic_energy(motion);
  if (own->parameters.thermostat == CSVR)
    nmd_csvr_warn_at_rest(motion, own->half_step_kinetic, own->parameters.temperature[1]);
  *self = own;
  return NMD_OK;
}

static nmd_langevin bath(const nvt *own, const nmd_motion *motion) {
  return (nmd_langevin){nmd_ramp(own->parameters.temperature, motion->progress), own->parameters.tau};
}

static nmd_status before_force(void *self, nmd_motion *motion) {
  nvt *own = self;
  if (own->parameters.thermostat == LANGEVIN) {
    const nmd_langevin now = bath(own, motion);
    own->first = nmd_langevin_gj_first(motion, &now);
    return NMD_OK;
  }
  nmd_kick(motion, 0.5 * motion->timestep);
  nmd_drift(motion, motion->timestep);
  return NMD_OK;
}

static void finish_langevin(nvt *own, nmd_motion *motion) {
  const nmd_langevin now = bath(own, motion);
  const nmd_partial second = nmd_langevin_gj_second(motion, &now);
  double sum[2] = {own->first.heat.value + second.value, own->first.kinetic.value};
  nmd_comm_sum(motion->comm, sum, 2);
  own->heat += sum[0];
  own->half_step_kinetic = sum[1];
}

static void finish_csvr(nvt *own, nmd_motion *motion) {
  const nmd_langevin now = bath(own, motion);
  nmd_kick(motion, 0.5 * motion->timestep);
  own->heat += nmd_csvr_apply(motion, nmd_kinetic_energy(motion), now.temperature, now.tau, motion->timestep);
}

static nmd_status after_force(void *self, nmd_motion *motion) {
  nvt *own = self;
  if (own->parameters.thermostat == LANGEVIN)
    finish_langevin(own, motion);
  else
    finish_csvr(own, motion);
  return NMD_OK;
}

static double conserved(const void *self, const nmd_motion *motion) {
  return nmd_kinetic_energy(motion) + motion->potential_energy - ((const nvt *)self)->heat;
}

static double target_temperature(const void *self, const nmd_motion *motion) {
  return nmd_ramp(((const nvt *)self)->parameters.temperature, motion->progress);
}

static double kinetic_energy(const void *self, const nmd_motion *motion) {
  const nvt *own = self;
  return own->parameters.thermostat == LANGEVIN ? own->half_step_kinetic : nmd_kinetic_energy(motion);
}

static bool conserves_momentum(const void *parameters) {
  return ((const nvt_parameters *)parameters)->thermostat == CSVR;
}

static int state_size(const void *self) {
  (void)self;
  return 2;
}

static void save(const void *self, double *state) {
  const nvt *own = self;
  state[0] = own->heat;
  state[1] = own->half_step_kinetic;
}

static void restore(void *self, const double *state) {
  nvt *own = self;
  own->heat = state[0];
  own->half_step_kinetic = state[1];
}

const nmd_ensemble_ops nmd__ensemble_nvt = {
    .name = "nvt",
    .options = &nmd__ensemble_nvt_options,
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
    .kinetic_energy = kinetic_energy,
};
