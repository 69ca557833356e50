/* SPDX-License-Identifier: BSD-3-Clause */
/* Constant number, pressure, temperature with a cell that has inertia: Martyna-Tobias-Klein with Nose-Hoover chains,
 * deterministic and time-reversible.
 *
 * The cell has velocities w_k (1/fs) along its modes B_k (cell_modes.c), G = sum_k w_k B_k, with the mass
 * W = (N_f + 3) k T tau_p^2 / 3 (eV fs^2) each; a chain on the atoms (velocity w_1) and one on the cell (w_b):
 *   dx/dt = v + x G,  dh/dt = h G,  dv/dt = f/m - v G^T - alpha tr(G) v - w_1 v,  alpha = (1 + r / 3) / N_f,
 *   W dw_k/dt = (W_vir + T - P V 1) : B_k + 2 K alpha tr(B_k) - W w_b w_k.
 * r = removed freedoms: with the total momentum at zero alpha is what makes N ideal atoms have <V> = (N + 1) k T / P,
 * as in npt (barostat_crescale.c); r = 0 is the original. A step: chains/2; w_k/2; kick/2; drift/2, strain G dt with v
 * -> v exp(-(G^T + alpha tr G) dt), drift/2; force; kick/2; w_k/2; chains/2. A triclinic cell is turned back behind
 * each strain, and w with it. Conserved (eV): K + U + P V + sum_k W w_k^2 / 2 + energies of the chains; the work of
 * ramps of T and P is taken out. A target stress that is no plain pressure adds its energy E_D (load.c).
 *
 * G. Martyna, D. Tobias, M. Klein, J. Chem. Phys. 101, 4177 (1994); factorisation in the manner of M. Tuckerman,
 * J. Alejandre, R. Lopez-Rendon, A. Jochim, G. Martyna, J. Phys. A 39, 5629 (2006).
 *
 * Trade-off: no noise, so runs reverse and the time correlation of the volume is that of an elastic body with the mass
 * W; but it rings from a poor start and is not ergodic for small or harmonic systems: npt is the safer default. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "dynamics/cell_modes.h"
#include "dynamics/chain.h"
#include "dynamics/load.h"

extern const nmd_ensemble_ops nmd__ensemble_mtk;
extern const nmd_option_table nmd__ensemble_mtk_options;

typedef struct mtk_parameters {
  double temperature[2]; /* K */
  double pressure[2];    /* eV/A^3 */
  double tau, tau_p;     /* fs */
  int64_t chain;
  int coupling;
  bool axes[3];
  nmd_load_parameters load;
} mtk_parameters;

static const nmd_option options[] = {
    {"temperature", NMD_OPT_RAMP, offsetof(mtk_parameters, temperature), NMD_DIM_TEMPERATURE, .min = 0, .max = 1e6,
     .min_open = 1, .doc = "target temperature, e.g. 300 K, or 300 K -> 600 K for a linear ramp over the stage"},
    {"pressure", NMD_OPT_RAMP, offsetof(mtk_parameters, pressure), NMD_DIM_PRESSURE, "0 GPa",
     -100 / NMD_EV_PER_A3_TO_GPA, 1000 / NMD_EV_PER_A3_TO_GPA,
     .doc = "target pressure, e.g. 1 bar, or 0 GPa -> 2 GPa for a linear ramp over the stage"},
    {"tau", NMD_OPT_REAL, offsetof(mtk_parameters, tau), NMD_DIM_TIME, "100 fs", 0, 1e9, .min_open = 1,
     .doc = "time scale of the thermostats"},
    {"tau_p", NMD_OPT_REAL, offsetof(mtk_parameters, tau_p), NMD_DIM_TIME, "1 ps", 0, 1e9, .min_open = 1,
     .doc = "time scale of the cell's oscillation"},
    {"chain", NMD_OPT_INT, offsetof(mtk_parameters, chain), .fallback = "3", .min = 1, .max = NMD_CHAIN_MAX,
     .doc = "number of thermostats in each of the two chains (atoms, cell)"},
    {"coupling", NMD_OPT_CHOICE, offsetof(mtk_parameters, coupling), .fallback = "isotropic",
     .choices = NMD_COUPLING_CHOICES, .doc = NMD_COUPLING_DOC},
    {"axes", NMD_OPT_BOOL3, offsetof(mtk_parameters, axes), .fallback = "true",
     .doc = "which of the cell vectors a, b, c may stretch"},
    NMD_LOAD_OPTIONS(mtk_parameters, load),
};
const nmd_option_table nmd__ensemble_mtk_options = {
    "mtk", "constant pressure and temperature (Martyna-Tobias-Klein, deterministic)", sizeof(mtk_parameters),
    NMD_COUNT(options), options};

typedef struct mtk {
  mtk_parameters parameters;
  nmd_cell_modes modes;
  nmd_load load;
  double mass;  /* W, eV fs^2 */
  double alpha; /* (1 + r / 3) / N_f */
  /* state */
  nmd_chain atoms, cell;
  double rate[NMD_CELL_MODES_MAX]; /* w_k, 1/fs */
  double pressure;                 /* eV/A^3, of the last step */
  double booked;                   /* eV, work of ramps, taken out */
} mtk;

static nmd_status create(const void *parameters, const nmd_motion *motion, void **self) {
  const mtk_parameters *p = parameters;
  mtk *own;
  NMD_TRY(NMD_ALLOC(own, 1));
  own->parameters = *p;
  nmd_status status = nmd_cell_modes_init(&own->modes, (nmd_coupling)p->coupling, p->axes, motion->box, "mtk");
  if (status == NMD_OK) status = nmd_load_init(&own->load, &p->load, p->coupling, motion->box, "mtk");
  if (status != NMD_OK) {
    nmd_free(own);
    return status;
  }
  const double freedoms = nmd_freedoms(motion);
  const double middle = NMD_BOLTZMANN * 0.5 * (p->temperature[0] + p->temperature[1]);
  const double kT = NMD_BOLTZMANN * nmd_ramp(p->temperature, motion->progress);
  own->mass = (freedoms + 3.0) * middle * p->tau_p * p->tau_p / 3.0;
  own->alpha = (1.0 + motion->removed_freedoms / 3.0) / fmax(freedoms, 1.0);
  nmd_chain_init(&own->atoms, (int)p->chain, freedoms, middle, p->tau);
  nmd_chain_init(&own->cell, (int)p->chain, own->modes.n, middle, p->tau_p);
  nmd_chain_set(&own->atoms, kT);
  nmd_chain_set(&own->cell, kT);
  own->pressure = nmd_ramp(p->pressure, motion->progress) + own->load.mean;
  *self = own;
  return NMD_OK;
}

static void follow_ramps(mtk *own, const nmd_motion *motion) {
  const double kT = NMD_BOLTZMANN * nmd_ramp(own->parameters.temperature, motion->progress);
  const double pressure = nmd_ramp(own->parameters.pressure, motion->progress) + own->load.mean;
  own->booked -= nmd_chain_set(&own->atoms, kT) + nmd_chain_set(&own->cell, kT);
  own->booked -= (pressure - own->pressure) * motion->box->volume;
  own->pressure = pressure;
}

static double cell_kinetic(const mtk *own) {
  double twice = 0.0;
  for (int k = 0; k < own->modes.n; k++) twice += own->mass * own->rate[k] * own->rate[k];
  return 0.5 * twice;
}

/* Both chains over half a step; returns the factor for the velocities of the atoms. */
static double advance_chains(mtk *own, const nmd_motion *motion, double kinetic) {
  const double scale = nmd_chain_advance(&own->cell, cell_kinetic(own), motion->timestep);
  for (int k = 0; k < own->modes.n; k++) own->rate[k] *= scale;
  return nmd_chain_advance(&own->atoms, kinetic, motion->timestep);
}

/* Half a step of w_k under the pressures inside and outside. */
static void kick_cell(mtk *own, const nmd_motion *motion, const double kinetic[3][3]) {
  const double twice = kinetic[0][0] + kinetic[1][1] + kinetic[2][2];
  double force[NMD_CELL_MODES_MAX];
  nmd_cell_modes_inside(&own->modes, motion, kinetic, force);
  nmd_load_add_slopes(&own->load, motion->box, &own->modes, -1.0, force);
  for (int k = 0; k < own->modes.n; k++) {
    force[k] += own->modes.trace[k] * (own->alpha * twice - own->pressure * motion->box->volume);
    own->rate[k] += 0.5 * motion->timestep * force[k] / own->mass;
  }
}

static nmd_status strain_cell(mtk *own, nmd_motion *motion) {
  double amount[NMD_CELL_MODES_MAX], growth = 0.0;
  for (int k = 0; k < own->modes.n; k++) {
    amount[k] = motion->timestep * own->rate[k];
    growth += own->modes.trace[k] * amount[k];
    if (!(fabs(amount[k]) <= NMD_STRAIN_MAX))
      NMD_FAIL(EXPLODED,
               "mtk: step %lld: the cell strains by %.3g %% in one step; expected below %g %%: raise tau_p, or relax "
               "the structure first",
               (long long)motion->step, 100.0 * amount[k], 100.0 * NMD_STRAIN_MAX);
  }
  NMD_TRY(nmd_cell_modes_drift(&own->modes, motion, exp(-own->alpha * growth), amount));
  for (int k = 0; k < own->modes.n; k++) own->rate[k] = amount[k] / motion->timestep;
  return NMD_OK;
}

static nmd_status before_force(void *self, nmd_motion *motion) {
  mtk *own = self;
  double kinetic[3][3];
  follow_ramps(own, motion);
  nmd_kinetic_tensor(motion, kinetic);
  const double scale = advance_chains(own, motion, 0.5 * (kinetic[0][0] + kinetic[1][1] + kinetic[2][2]));
  nmd_velocities_scale(motion, scale);
  for (int k = 0; k < 9; k++) kinetic[k / 3][k % 3] *= scale * scale;
  kick_cell(own, motion, (const double(*)[3])kinetic);
  nmd_kick(motion, 0.5 * motion->timestep);
  return strain_cell(own, motion);
}

static nmd_status after_force(void *self, nmd_motion *motion) {
  mtk *own = self;
  double kinetic[3][3];
  nmd_kick(motion, 0.5 * motion->timestep);
  nmd_kinetic_tensor(motion, kinetic);
  kick_cell(own, motion, (const double(*)[3])kinetic);
  nmd_velocities_scale(motion, advance_chains(own, motion, 0.5 * (kinetic[0][0] + kinetic[1][1] + kinetic[2][2])));
  return NMD_OK;
}

static double conserved(const void *self, const nmd_motion *motion) {
  const mtk *own = self;
  return nmd_kinetic_energy(motion) + motion->potential_energy + own->pressure * motion->box->volume +
         nmd_load_energy(&own->load, motion->box) + cell_kinetic(own) + nmd_chain_energy(&own->atoms) +
         nmd_chain_energy(&own->cell) + own->booked;
}

enum { PLAIN = 3 + NMD_CELL_MODES_MAX };

static int state_size(const void *self) {
  (void)self;
  return PLAIN + 2 * NMD_CHAIN_STATE + NMD_LOAD_STATE;
}

static void save(const void *self, double *state) {
  const mtk *own = self;
  state[0] = own->booked;
  state[1] = own->pressure;
  state[2] = own->mass;
  memcpy(state + 3, own->rate, sizeof own->rate);
  nmd_chain_save(&own->atoms, state + PLAIN);
  nmd_chain_save(&own->cell, state + PLAIN + NMD_CHAIN_STATE);
  nmd_load_save(&own->load, state + PLAIN + 2 * NMD_CHAIN_STATE);
}

static void restore(void *self, const double *state) {
  mtk *own = self;
  own->booked = state[0];
  own->pressure = state[1];
  own->mass = state[2];
  memcpy(own->rate, state + 3, sizeof own->rate);
  nmd_chain_restore(&own->atoms, state + PLAIN);
  nmd_chain_restore(&own->cell, state + PLAIN + NMD_CHAIN_STATE);
  nmd_load_restore(&own->load, state + PLAIN + 2 * NMD_CHAIN_STATE);
}

const nmd_ensemble_ops nmd__ensemble_mtk = {
    .name = "mtk",
    .options = &nmd__ensemble_mtk_options,
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
