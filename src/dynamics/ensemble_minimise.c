/* SPDX-License-Identifier: BSD-3-Clause */
/* Minimisation of the potential energy, or of the enthalpy U + P V where the cell may change: FIRE 2.0, or L-BFGS
 * (minimise_lbfgs.c) on the same coordinates.
 *
 * FIRE: damped dynamics that steers the velocity to the force while it goes downhill (power P = f . v > 0) and stops, half a
 * step back, when it goes uphill. One step, semi-implicit Euler:
 *     P > 0:  after `delay` such steps dt <- min(1.1 dt, 10 dt_0) and alpha <- 0.99 alpha
 *     P <= 0: x <- x - dt v / 2, v <- 0, alpha <- alpha_0; after the first `delay` steps dt <- max(dt / 2, 0.02 dt_0)
 *     v <- v + dt f / m;   v <- (1 - alpha) v + alpha |v| f / |f|;   x <- x + dt v
 * x (A), v (A/fs), f (eV/A), dt_0 the stage's time step (fs), alpha_0 = 0.25, delay = 20. All atoms get one mass m (the
 * mean over species, u): the path is unphysical anyway, and equal masses are better conditioned. No atom moves more
 * than max_move in a step. Norms and P run over all atoms of all ranks.
 *
 * A cell that may change adds coordinates q_k = L sqrt(N) e_k, e_k the amounts of its modes (cell_modes.c), with forces
 * -dH/dq_k = (W - P V 1) : B_k / (L sqrt(N)), W virial (eV), B_k basis of the mode, P target pressure, N atoms; they
 * count in norms and power like those of the atoms, which follow the strain affinely. L = (V / N)^(1/3) (A), so that q
 * has the stiffness B V / (N L^2) = B L, B bulk modulus, which is near that of an atom in its cage, whatever the size
 * of the system. Converged when besides the stress of each mode differs from the target by less than stress_tolerance.
 *
 * "Conserved": U + P V with a moving cell, else U (eV); it falls, with small rises before each stop.
 *
 * J. Guenole, W. Nohring, A. Vaid, F. Houlle, Z. Xie, A. Prakash, E. Bitzek, Comput. Mater. Sci. 175, 109584 (2020).
 *
 * Trade-off: FIRE is slower than L-BFGS near a quadratic minimum, but needs only forces (no energy comparison, no line search,
 * one reduction a step), survives poor starts and small discontinuities. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/vec3.h"
#include "dynamics/minimise.h"
#include "dynamics/motion.h"

extern const nmd_ensemble_ops nmd__ensemble_minimise;
extern const nmd_option_table nmd__ensemble_minimise_options;

static const double grow = 1.1, shrink = 0.5, alpha_start = 0.25, alpha_shrink = 0.99;
static const double timestep_largest = 10.0, timestep_smallest = 0.02; /* in units of the stage's time step */
enum { DELAY = 20, FIXED = 0, FIRE = 0, LBFGS };

static const nmd_option options[] = {
    {"method", NMD_OPT_CHOICE, offsetof(nmd_minimise_parameters, method), .fallback = "fire", .choices = "fire|lbfgs",
     .doc = "fire: damped dynamics, robust; lbfgs: quasi-Newton with a line search, fewer forces near the minimum"},
    {"force_tolerance", NMD_OPT_REAL, offsetof(nmd_minimise_parameters, force_tolerance), NMD_DIM_FORCE, "0.001 eV/A", 0,
     1e3, .min_open = 1, .doc = "converged when the longest force vector of all atoms is below this"},
    {"max_steps", NMD_OPT_INT, offsetof(nmd_minimise_parameters, max_steps), .fallback = "10000", .min = 1, .max = 1e12,
     .doc = "give up (with a warning) after so many steps"},
    {"max_move", NMD_OPT_REAL, offsetof(nmd_minimise_parameters, max_move), NMD_DIM_LENGTH, "0.1 A", 0, 10, .min_open = 1,
     .doc = "longest move of an atom in one step"},
    {"cell", NMD_OPT_CHOICE, offsetof(nmd_minimise_parameters, cell), .fallback = "fixed",
     .choices = "fixed|" NMD_COUPLING_CHOICES, .doc = "how the cell may change with the atoms; " NMD_COUPLING_DOC},
    {"axes", NMD_OPT_BOOL3, offsetof(nmd_minimise_parameters, axes), .fallback = "true",
     .doc = "which of the cell vectors a, b, c may change (a slab: [true, true, false])"},
    {"pressure", NMD_OPT_REAL, offsetof(nmd_minimise_parameters, pressure), NMD_DIM_PRESSURE, "0 GPa",
     -100 / NMD_EV_PER_A3_TO_GPA, 1000 / NMD_EV_PER_A3_TO_GPA, .doc = "target pressure of a cell that may change"},
    {"stress_tolerance", NMD_OPT_REAL, offsetof(nmd_minimise_parameters, stress_tolerance), NMD_DIM_PRESSURE, "0.01 GPa", 0,
     1e3, .min_open = 1,
     .doc = "converged when besides the stress of a cell that may change is within this of the target"},
    NMD_LOAD_OPTIONS(nmd_minimise_parameters, load),
};
const nmd_option_table nmd__ensemble_minimise_options = {"minimise",
                                                         "minimise the energy, with or without the cell",
                                                         sizeof(nmd_minimise_parameters), NMD_COUNT(options), options};

static void velocities_stop(nmd_minimise *own, nmd_motion *motion) {
  nmd_velocities_scale(motion, 0.0);
  memset(own->rate, 0, sizeof own->rate);
  own->power = own->vv = 0.0;
}

static double longest(const double (*vectors)[3], int n) {
  double most = 0.0;
  for (int i = 0; i < n; i++) most = fmax(most, nmd_dot(vectors[i], vectors[i]));
  return sqrt(most);
}

static double fastest_atom(const nmd_motion *motion) {
  double fastest = longest((const double(*)[3])motion->atoms->v, motion->atoms->n_owned);
  nmd_comm_max(motion->comm, &fastest, 1);
  return fastest;
}

static double pressure_of(const nmd_minimise *own) { return own->parameters.pressure + own->load.mean; }

/* Forces on the modes of the cell, and their part in norms and power. */
static void measure_cell(nmd_minimise *own, const nmd_motion *motion) {
  double work[3][3];
  memcpy(work, motion->virial, sizeof work);
  for (int a = 0; a < 3; a++) work[a][a] -= pressure_of(own) * motion->box->volume;
  nmd_cell_modes_follow(&own->modes, motion->box);
  nmd_cell_modes_project(&own->modes, (const double(*)[3])work, own->pull);
  nmd_load_add_slopes(&own->load, motion->box, &own->modes, -1.0, own->pull);
  for (int k = 0; k < own->modes.n; k++) {
    const double force = own->pull[k] / own->length, velocity = own->rate[k] * own->length;
    own->power += force * velocity;
    own->ff += force * force;
    own->vv += velocity * velocity;
  }
}

/* Norms of the forces just evaluated, and the power they have with the velocities. */
static void measure(nmd_minimise *own, const nmd_motion *motion) {
  const nmd_atoms *atoms = motion->atoms;
  double sum[3] = {0.0, 0.0, 0.0};
  for (int k = 0; k < 3 * atoms->n_owned; k++) {
    sum[0] += atoms->f[k] * atoms->v[k];
    sum[1] += atoms->f[k] * atoms->f[k];
    sum[2] += atoms->v[k] * atoms->v[k];
  }
  nmd_comm_sum(motion->comm, sum, 3);
  own->power = sum[0];
  own->ff = sum[1];
  own->vv = sum[2];
  measure_cell(own, motion);
  own->force_max = longest((const double(*)[3])atoms->f, atoms->n_owned);
  nmd_comm_max(motion->comm, &own->force_max, 1);
}

static nmd_status cell_init(nmd_minimise *own, const nmd_motion *motion) {
  const nmd_minimise_parameters *p = &own->parameters;
  const double n = (double)motion->n_atoms;
  own->length = sqrt(n) * cbrt(motion->box->volume / n);
  NMD_TRY(nmd_load_init(&own->load, &p->load, p->cell - 1, motion->box, "minimise"));
  if (p->cell == FIXED) return NMD_OK;
  return nmd_cell_modes_init(&own->modes, (nmd_coupling)(p->cell - 1), p->axes, motion->box, "minimise");
}

/* Velocities of an earlier stage have no meaning here; they are zeroed with the first step, since create may not. */
static nmd_status create(const void *parameters, const nmd_motion *motion, void **self) {
  nmd_minimise *own;
  NMD_TRY(NMD_ALLOC(own, 1));
  own->parameters = *(const nmd_minimise_parameters *)parameters;
  const nmd_status status = cell_init(own, motion);
  if (status != NMD_OK) {
    nmd_free(own);
    return status;
  }
  for (int s = 0; s < motion->species->n; s++) own->mass += motion->species->mass[s] / motion->species->n;
  own->timestep = own->timestep_start = motion->timestep;
  own->alpha = alpha_start;
  measure(own, motion);
  *self = own;
  return NMD_OK;
}

/* Atoms by their velocities, and everything by the strain of the cell. */
static nmd_status move(const nmd_minimise *own, nmd_motion *motion, double time) {
  const nmd_atoms *atoms = motion->atoms;
  nmd_drift(motion, time);
  if (own->modes.n == 0) return NMD_OK;
  double amount[NMD_CELL_MODES_MAX];
  for (int k = 0; k < own->modes.n; k++) amount[k] = time * own->rate[k];
  nmd_cell_move cell;
  nmd_cell_modes_move(&own->modes, motion->box, amount, &cell);
  const double *origin = motion->box->origin;
  for (int i = 0; i < atoms->n_owned; i++) {
    double *x = &atoms->x[3 * i], to[3];
    const double from[3] = {x[0] - origin[0], x[1] - origin[1], x[2] - origin[2]};
    nmd_row_times(from, (const double(*)[3])cell.positions, to);
    for (int k = 0; k < 3; k++) x[k] = origin[k] + to[k];
  }
  return nmd_box_set_h(motion->box, (const double(*)[3])cell.h);
}

/* Adapts dt and alpha to the sign of the power. */
static nmd_status steer(nmd_minimise *own, nmd_motion *motion) {
  if (own->power > 0.0) {
    own->downhill += 1.0;
    if (own->downhill <= DELAY) return NMD_OK;
    own->timestep = fmin(grow * own->timestep, timestep_largest * own->timestep_start);
    own->alpha *= alpha_shrink;
    return NMD_OK;
  }
  own->downhill = 0.0;
  NMD_TRY(move(own, motion, -0.5 * own->drifted));
  velocities_stop(own, motion);
  own->alpha = alpha_start;
  if (own->steps > DELAY) own->timestep = fmax(shrink * own->timestep, timestep_smallest * own->timestep_start);
  return NMD_OK;
}

/* v + dt f / m turned towards f. The norm of the new v follows from the sums at hand, without another reduction. */
static void velocities_advance(nmd_minimise *own, nmd_motion *motion) {
  const nmd_atoms *atoms = motion->atoms;
  const double kick = own->timestep * NMD_FORCE_TO_ACCELERATION / own->mass;
  const double vv = own->vv + 2.0 * kick * own->power + kick * kick * own->ff;
  const double turn = own->ff > 0.0 ? own->alpha * sqrt(fmax(vv, 0.0) / own->ff) : 0.0;
  for (int k = 0; k < 3 * atoms->n_owned; k++)
    atoms->v[k] = (1.0 - own->alpha) * (atoms->v[k] + kick * atoms->f[k]) + turn * atoms->f[k];
  for (int k = 0; k < own->modes.n; k++) {
    const double force = own->pull[k] / (own->length * own->length);
    own->rate[k] = (1.0 - own->alpha) * (own->rate[k] + kick * force) + turn * force;
  }
}

/* The time step, shorter where an atom or the cell would go too far. */
static double longest_drift(const nmd_minimise *own, const nmd_motion *motion) {
  const double fastest = fastest_atom(motion);
  double time = own->timestep;
  if (time * fastest > own->parameters.max_move) time = own->parameters.max_move / fastest;
  for (int k = 0; k < own->modes.n; k++)
    if (time * fabs(own->rate[k]) > nmd__strain_max) time = nmd__strain_max / fabs(own->rate[k]);
  return time;
}

static nmd_status before_force(void *self, nmd_motion *motion) {
  nmd_minimise *own = self;
  if (own->steps < 0.5) velocities_stop(own, motion);
  own->steps += 1.0;
  if (own->parameters.method == LBFGS) return nmd__lbfgs_before_force(own, motion);
  if (own->vv > 0.0) NMD_TRY(steer(own, motion));
  velocities_advance(own, motion);
  own->drifted = longest_drift(own, motion);
  return move(own, motion, own->drifted);
}

/* Largest difference of a mode's stress from the target (eV/A^3). */
static double stress_max(const nmd_minimise *own, const nmd_motion *motion) {
  double most = 0.0;
  for (int k = 0; k < own->modes.n; k++) most = fmax(most, fabs(own->pull[k]) / motion->box->volume);
  return most;
}

static bool finished(const void *self, const nmd_motion *motion) {
  const nmd_minimise *own = self;
  return own->force_max < own->parameters.force_tolerance && stress_max(own, motion) < own->parameters.stress_tolerance;
}

static nmd_status after_force(void *self, nmd_motion *motion) {
  nmd_minimise *own = self;
  measure(own, motion);
  if (own->parameters.method == LBFGS) nmd__lbfgs_after_force(own, motion);
  const bool given_up = own->steps >= (double)own->parameters.max_steps;
  if (finished(own, motion) || given_up) velocities_stop(own, motion);
  if (!finished(own, motion) && given_up)
    nmd_log_warning(
        "minimise: not converged after %lld steps: largest force %.3g eV/A, tolerance %.3g eV/A; stress off by "
        "%.3g GPa, tolerance %.3g GPa",
        (long long)own->parameters.max_steps, own->force_max, own->parameters.force_tolerance,
        stress_max(own, motion) * NMD_EV_PER_A3_TO_GPA, own->parameters.stress_tolerance * NMD_EV_PER_A3_TO_GPA);
  return NMD_OK;
}

double nmd__minimise_energy(const nmd_minimise *own, const nmd_motion *motion) {
  if (own->modes.n == 0) return motion->potential_energy;
  return motion->potential_energy + pressure_of(own) * motion->box->volume + nmd_load_energy(&own->load, motion->box);
}

static double conserved(const void *self, const nmd_motion *motion) { return nmd__minimise_energy(self, motion); }

static int64_t max_steps(const void *parameters) { return ((const nmd_minimise_parameters *)parameters)->max_steps; }

/* Every member that a step changes; length is of the start of the stage. */
#define NMD_STATE(own)                                                                                                 \
  {                                                                                                                    \
    &(own)->timestep, &(own)->alpha, &(own)->drifted, &(own)->steps, &(own)->downhill, &(own)->power, &(own)->ff,      \
        &(own)->vv, &(own)->force_max, &(own)->length                                                                  \
  }
enum { MEMBERS = 10, LOAD_AT = MEMBERS + 2 * NMD_CELL_MODES_MAX, LBFGS_AT = LOAD_AT + NMD_LOAD_STATE,
       STATE_SIZE = LBFGS_AT + (int)(sizeof(nmd_lbfgs) / sizeof(double)) };

static int state_size(const void *self) {
  (void)self;
  return STATE_SIZE;
}

static void save(const void *self, double *state) {
  const nmd_minimise *own = self;
  const double *const members[MEMBERS] = NMD_STATE(own);
  for (int k = 0; k < MEMBERS; k++) state[k] = *members[k];
  memcpy(state + MEMBERS, own->pull, sizeof own->pull);
  memcpy(state + MEMBERS + NMD_CELL_MODES_MAX, own->rate, sizeof own->rate);
  nmd_load_save(&own->load, state + LOAD_AT);
  memcpy(state + LBFGS_AT, &own->lbfgs, sizeof own->lbfgs); /* doubles only */
}

static void restore(void *self, const double *state) {
  nmd_minimise *own = self;
  double *const members[MEMBERS] = NMD_STATE(own);
  for (int k = 0; k < MEMBERS; k++) *members[k] = state[k];
  memcpy(own->pull, state + MEMBERS, sizeof own->pull);
  memcpy(own->rate, state + MEMBERS + NMD_CELL_MODES_MAX, sizeof own->rate);
  nmd_load_restore(&own->load, state + LOAD_AT);
  memcpy(&own->lbfgs, state + LBFGS_AT, sizeof own->lbfgs);
}

const nmd_ensemble_ops nmd__ensemble_minimise = {
    .name = "minimise",
    .options = &nmd__ensemble_minimise_options,
    .create = create,
    .before_force = before_force,
    .after_force = after_force,
    .conserved = conserved,
    .state_size = state_size,
    .save = save,
    .restore = restore,
    .finished = finished,
    .destroy = nmd_free,
    .conserves_momentum = nmd_keeps_momentum,
    .max_steps = max_steps,
    .kinetic_energy = nmd_no_kinetic_energy, /* the velocities are those of a path */
};
