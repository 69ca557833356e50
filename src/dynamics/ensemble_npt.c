/* SPDX-License-Identifier: BSD-3-Clause */
/* Constant number, pressure, temperature: stochastic cell rescaling with a thermostat.
 *
 * A step: kick/2; strain of the cell drawn from the forces on it; drift/2, strain, drift/2 (barostat_crescale.c);
 * force; kick/2; thermostat over dt. csvr: one factor for all velocities; langevin: exact Ornstein-Uhlenbeck update of
 * the velocities (GJ-I has no room for a strain inside its step). Targets T (K) and P (eV/A^3) follow linear ramps; the
 * barostat's noise always has the T of the thermostat.
 *
 * Conserved (eV): H~ = K + U + P V - k T (1 + r / 3) ln V + sum [ k T ln(p_forward / p_back) - heat ], r = removed
 * freedoms, heat = change of K by the thermostat. When a ramp moves T or P, the jump of P V - k T (1 + r / 3) ln V is
 * the ramp's work and is taken out, so that H~ stays constant on ramps, too.
 *
 * A target stress that is no plain pressure adds its energy E_D to F and to H~ (load.c).
 *
 * References: in barostat_crescale.c and the files of the thermostats.
 *
 * Trade-off: one force a step, the volume distribution is exact up to the order of the integrator at any tau_p; H~ has,
 * beside the dt^2 of velocity Verlet, a part of order k T dt / tau_p from the overdamped cell, too small to see for the
 * usual tau_p of a thousand steps. */
#include <string.h>

#include "base/memory.h"
#include "dynamics/barostat_crescale.h"
#include "dynamics/load.h"
#include "dynamics/thermostat_csvr.h"
#include "dynamics/thermostat_langevin.h"

extern const nmd_ensemble_ops nmd__ensemble_npt;
extern const nmd_option_table nmd__ensemble_npt_options;

enum { CSVR, LANGEVIN };

typedef struct npt_parameters {
  double temperature[2]; /* K */
  double pressure[2];    /* eV/A^3 */
  int thermostat;
  double tau, tau_p;          /* fs */
  double compressibility_GPa; /* 1/GPa */
  int coupling;
  bool axes[3];
  nmd_load_parameters load;
} npt_parameters;

static const nmd_option options[] = {
    {"temperature", NMD_OPT_RAMP, offsetof(npt_parameters, temperature), NMD_DIM_TEMPERATURE, .min = 0, .max = 1e6,
     .doc = "target temperature, e.g. 300 K, or 300 K -> 600 K for a linear ramp over the stage"},
    {"pressure", NMD_OPT_RAMP, offsetof(npt_parameters, pressure), NMD_DIM_PRESSURE, "0 GPa",
     -100 / NMD_EV_PER_A3_TO_GPA, 1000 / NMD_EV_PER_A3_TO_GPA,
     .doc = "target pressure, e.g. 1 bar, or 0 GPa -> 2 GPa for a linear ramp over the stage"},
    {"thermostat", NMD_OPT_CHOICE, offsetof(npt_parameters, thermostat), .fallback = "csvr", .choices = "csvr|langevin",
     .doc = "csvr: stochastic velocity rescaling (global, keeps dynamics); langevin: local friction and noise"},
    {"tau", NMD_OPT_REAL, offsetof(npt_parameters, tau), NMD_DIM_TIME, "100 fs", 0, 1e9, .min_open = 1,
     .doc = "relaxation time of the thermostat (langevin: 1 / friction rate)"},
    {"tau_p", NMD_OPT_REAL, offsetof(npt_parameters, tau_p), NMD_DIM_TIME, "1 ps", 0, 1e9, .min_open = 1,
     .doc = "relaxation time of the volume, if compressibility is that of the material"},
    {"compressibility", NMD_OPT_REAL, offsetof(npt_parameters, compressibility_GPa), NMD_DIM_NONE, "0.02", 0, 1e6,
     .min_open = 1,
     .doc = "isothermal compressibility in 1/GPa (1 / bulk modulus; metals and oxides 0.005-0.1, water 0.45); only "
            "compressibility / tau_p matters, averages do not depend on it"},
    {"coupling", NMD_OPT_CHOICE, offsetof(npt_parameters, coupling), .fallback = "isotropic",
     .choices = NMD_COUPLING_CHOICES, .doc = NMD_COUPLING_DOC},
    {"axes", NMD_OPT_BOOL3, offsetof(npt_parameters, axes), .fallback = "true",
     .doc = "which of the cell vectors a, b, c may stretch"},
    NMD_LOAD_OPTIONS(npt_parameters, load),
};
const nmd_option_table nmd__ensemble_npt_options = {"npt",
                                                    "constant pressure and temperature (stochastic cell rescaling)",
                                                    sizeof(npt_parameters), NMD_COUNT(options), options};

typedef struct npt {
  npt_parameters parameters;
  nmd_crescale barostat;
  nmd_load load;
  nmd_bath bath; /* targets of the last step */
  double booked; /* eV: the sum in H~, and what ramps put in */
  /* of the step being made */
  double slope[NMD_CELL_MODES_MAX], strain[NMD_CELL_MODES_MAX], turned[NMD_CELL_MODES_MAX];
} npt;

static nmd_bath bath_at(const npt *own, const nmd_motion *motion) {
  return (nmd_bath){nmd_ramp(own->parameters.temperature, motion->progress),
                    nmd_ramp(own->parameters.pressure, motion->progress) + own->load.mean};
}

static nmd_status create(const void *parameters, const nmd_motion *motion, void **self) {
  const npt_parameters *p = parameters;
  npt *own;
  NMD_TRY(NMD_ALLOC(own, 1));
  own->parameters = *p;
  nmd_status status = nmd_crescale_init(&own->barostat, (nmd_coupling)p->coupling, p->axes,
                                        p->compressibility_GPa * NMD_EV_PER_A3_TO_GPA, p->tau_p, motion->box);
  if (status == NMD_OK) status = nmd_load_init(&own->load, &p->load, p->coupling, motion->box, "npt");
  if (status != NMD_OK) {
    nmd_free(own);
    return status;
  }
  own->bath = bath_at(own, motion);
  if (p->thermostat == CSVR) nmd_csvr_warn_at_rest(motion, nmd_kinetic_energy(motion), own->bath.temperature);
  *self = own;
  return NMD_OK;
}

static void follow_ramps(npt *own, const nmd_motion *motion) {
  const nmd_bath next = bath_at(own, motion);
  own->booked += nmd_crescale_energy(motion, &own->bath) - nmd_crescale_energy(motion, &next);
  own->bath = next;
}

/* Slopes of F and of the load's energy. */
static void slopes(npt *own, const nmd_motion *motion, const double kinetic[3][3], double *slope) {
  nmd_crescale_slopes(&own->barostat, motion, kinetic, &own->bath, slope);
  nmd_load_add_slopes(&own->load, motion->box, &own->barostat.modes, 1.0, slope);
}

static nmd_status before_force(void *self, nmd_motion *motion) {
  npt *own = self;
  follow_ramps(own, motion);
  nmd_kick(motion, 0.5 * motion->timestep);
  double kinetic[3][3];
  nmd_kinetic_tensor(motion, kinetic);
  slopes(own, motion, (const double(*)[3])kinetic, own->slope);
  NMD_TRY(nmd_crescale_draw(&own->barostat, motion, &own->bath, own->slope, own->strain));
  memcpy(own->turned, own->strain, sizeof own->turned);
  return nmd_cell_modes_drift(&own->barostat.modes, motion, 1.0, own->turned);
}

/* The last half kick. The slopes of the way back belong to the velocities before it, the thermostat needs the energy
 * after it: both in one reduction, by far the larger part of the cost on many ranks. */
static double kick_and_measure(nmd_motion *motion, double tensor[3][3]) {
  const nmd_partial_tensor before = nmd__kinetic_tensor_partial(motion);
  nmd_kick(motion, 0.5 * motion->timestep);
  double sum[7];
  memcpy(sum, before.value, sizeof before.value);
  sum[6] = nmd__kinetic_partial(motion).value;
  nmd_comm_sum(motion->comm, sum, 7);
  nmd__tensor_unpack(sum, tensor);
  return sum[6];
}

static double thermostat(npt *own, nmd_motion *motion, double kinetic_energy) {
  const nmd_langevin bath = {own->bath.temperature, own->parameters.tau, nmd__mobile(motion)};
  if (own->parameters.thermostat == CSVR)
    return nmd_csvr_apply(motion, kinetic_energy, bath.temperature, bath.tau, motion->timestep);
  double heat = nmd_langevin_velocities(motion, &bath, motion->timestep).value;
  nmd_comm_sum(motion->comm, &heat, 1);
  return heat;
}

static nmd_status after_force(void *self, nmd_motion *motion) {
  npt *own = self;
  double kinetic[3][3], slope[NMD_CELL_MODES_MAX];
  const double kinetic_energy = kick_and_measure(motion, kinetic);
  slopes(own, motion, (const double(*)[3])kinetic, slope);
  own->booked += nmd_crescale_log_ratio(&own->barostat, motion->timestep, own->strain, own->turned, own->slope, slope);
  own->booked -= thermostat(own, motion, kinetic_energy);
  return NMD_OK;
}

static double conserved(const void *self, const nmd_motion *motion) {
  const npt *own = self;
  return nmd_kinetic_energy(motion) + motion->potential_energy + nmd_crescale_energy(motion, &own->bath) +
         nmd_load_energy(&own->load, motion->box) + own->booked;
}

static bool conserves_momentum(const void *parameters) {
  return ((const npt_parameters *)parameters)->thermostat == CSVR;
}

static int state_size(const void *self) {
  (void)self;
  return 4 + NMD_LOAD_STATE;
}

static void save(const void *self, double *state) {
  const npt *own = self;
  state[0] = own->booked;
  state[1] = own->bath.temperature;
  state[2] = own->bath.pressure;
  state[3] = own->barostat.mobility; /* holds the volume at the start of the stage */
  nmd_load_save(&own->load, state + 4);
}

static void restore(void *self, const double *state) {
  npt *own = self;
  own->booked = state[0];
  own->bath = (nmd_bath){state[1], state[2]};
  own->barostat.mobility = state[3];
  nmd_load_restore(&own->load, state + 4);
}

const nmd_ensemble_ops nmd__ensemble_npt = {
    .name = "npt",
    .options = &nmd__ensemble_npt_options,
    .create = create,
    .before_force = before_force,
    .after_force = after_force,
    .conserved = conserved,
    .state_size = state_size,
    .save = save,
    .restore = restore,
    .destroy = nmd_free,
    .conserves_momentum = conserves_momentum,
};
