/* SPDX-License-Identifier: BSD-3-Clause */
/* Minimisation of the potential energy at constant cell: FIRE 2.0.
 *
 * Damped dynamics that steers the velocity to the force while it goes downhill (power P = f . v > 0) and stops, half a
 * step back, when it goes uphill. One step, semi-implicit Euler:
 *     P > 0:  after `delay` such steps dt <- min(1.1 dt, 10 dt_0) and alpha <- 0.99 alpha
 *     P <= 0: x <- x - dt v / 2, v <- 0, alpha <- alpha_0; after the first `delay` steps dt <- max(dt / 2, 0.02 dt_0)
 *     v <- v + dt f / m;   v <- (1 - alpha) v + alpha |v| f / |f|;   x <- x + dt v
 * x (A), v (A/fs), f (eV/A), dt_0 the stage's time step (fs), alpha_0 = 0.25, delay = 20. All atoms get one mass m (the
 * mean over species, u): the path is unphysical anyway, and equal masses are better conditioned. No atom moves more
 * than max_move in a step. Norms and P run over all atoms of all ranks.
 *
 * "Conserved": the potential energy (eV); it falls, with small rises before each stop.
 *
 * J. Guenole, W. Nohring, A. Vaid, F. Houlle, Z. Xie, A. Prakash, E. Bitzek, Comput. Mater. Sci. 175, 109584 (2020).
 *
 * Trade-off: slower than L-BFGS near a quadratic minimum, but needs only forces (no energy comparison, no line search,
 * one reduction a step), survives poor starts and small discontinuities. The cell stays as it is. */
#include <math.h>

#include "base/memory.h"
#include "base/vec3.h"
#include "dynamics/motion.h"

extern const nmd_ensemble_ops nmd__ensemble_minimise;
extern const nmd_option_table nmd__ensemble_minimise_options;

static const double grow = 1.1, shrink = 0.5, alpha_start = 0.25, alpha_shrink = 0.99;
static const double timestep_largest = 10.0, timestep_smallest = 0.02; /* in units of the stage's time step */
enum { DELAY = 20 };

typedef struct minimise_parameters {
  double force_tolerance; /* eV/A */
  int64_t max_steps;
  double max_move; /* A */
} minimise_parameters;

static const nmd_option options[] = {
    {"force_tolerance", NMD_OPT_REAL, offsetof(minimise_parameters, force_tolerance), NMD_DIM_FORCE, "0.001 eV/A", 0,
     1e3, .min_open = 1, .doc = "converged when the longest force vector of all atoms is below this"},
    {"max_steps", NMD_OPT_INT, offsetof(minimise_parameters, max_steps), .fallback = "10000", .min = 1, .max = 1e12,
     .doc = "give up (with a warning) after so many steps"},
    {"max_move", NMD_OPT_REAL, offsetof(minimise_parameters, max_move), NMD_DIM_LENGTH, "0.1 A", 0, 10, .min_open = 1,
     .doc = "longest move of an atom in one step"},
};
const nmd_option_table nmd__ensemble_minimise_options = {"minimise", "minimise the energy at constant cell (FIRE 2.0)",
                                                         sizeof(minimise_parameters), NMD_COUNT(options), options};

typedef struct minimise {
  minimise_parameters parameters;
  double mass;           /* u, of every atom */
  double timestep_start; /* fs */
  /* state */
  double timestep, alpha;
  double drifted;         /* time of the last drift (fs): the time step unless max_move cut it */
  double steps, downhill; /* made in all; since the last uphill one */
  double power, ff, vv;   /* f . v, f . f, v . v over all atoms */
  double force_max;       /* eV/A */
} minimise;

static void velocities_stop(minimise *own, nmd_motion *motion) {
  nmd_velocities_scale(motion, 0.0);
  own->power = own->vv = 0.0;
}

static double longest(const double (*vectors)[3], int n) {
  double most = 0.0;
  for (int i = 0; i < n; i++) most = fmax(most, nmd_dot(vectors[i], vectors[i]));
  return sqrt(most);
}

/* Norms of the forces just evaluated, and the power they have with the velocities. */
static void measure(minimise *own, const nmd_motion *motion) {
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
  own->force_max = longest((const double(*)[3])atoms->f, atoms->n_owned);
  nmd_comm_max(motion->comm, &own->force_max, 1);
}

/* Velocities of an earlier stage have no meaning here; they are zeroed with the first step, since create may not. */
static nmd_status create(const void *parameters, const nmd_motion *motion, void **self) {
  minimise *own;
  NMD_TRY(NMD_ALLOC(own, 1));
  own->parameters = *(const minimise_parameters *)parameters;
  for (int s = 0; s < motion->species->n; s++) own->mass += motion->species->mass[s] / motion->species->n;
  own->timestep = own->timestep_start = motion->timestep;
  own->alpha = alpha_start;
  measure(own, motion);
  *self = own;
  return NMD_OK;
}

/* Adapts dt and alpha to the sign of the power. */
static void steer(minimise *own, nmd_motion *motion) {
  if (own->power > 0.0) {
    own->downhill += 1.0;
    if (own->downhill <= DELAY) return;
    own->timestep = fmin(grow * own->timestep, timestep_largest * own->timestep_start);
    own->alpha *= alpha_shrink;
    return;
  }
  own->downhill = 0.0;
  nmd_drift(motion, -0.5 * own->drifted);
  velocities_stop(own, motion);
  own->alpha = alpha_start;
  if (own->steps > DELAY) own->timestep = fmax(shrink * own->timestep, timestep_smallest * own->timestep_start);
}

/* v + dt f / m turned towards f. The norm of the new v follows from the sums at hand, without another reduction. */
static void velocities_advance(minimise *own, nmd_motion *motion) {
  const nmd_atoms *atoms = motion->atoms;
  const double kick = own->timestep * NMD_FORCE_TO_ACCELERATION / own->mass;
  const double vv = own->vv + 2.0 * kick * own->power + kick * kick * own->ff;
  const double turn = own->ff > 0.0 ? own->alpha * sqrt(fmax(vv, 0.0) / own->ff) : 0.0;
  for (int k = 0; k < 3 * atoms->n_owned; k++)
    atoms->v[k] = (1.0 - own->alpha) * (atoms->v[k] + kick * atoms->f[k]) + turn * atoms->f[k];
}

static nmd_status before_force(void *self, nmd_motion *motion) {
  minimise *own = self;
  if (own->steps < 0.5) velocities_stop(own, motion);
  own->steps += 1.0;
  if (own->vv > 0.0) steer(own, motion);
  velocities_advance(own, motion);
  double fastest = longest((const double(*)[3])motion->atoms->v, motion->atoms->n_owned);
  nmd_comm_max(motion->comm, &fastest, 1);
  own->drifted = own->timestep;
  if (own->drifted * fastest > own->parameters.max_move) own->drifted = own->parameters.max_move / fastest;
  nmd_drift(motion, own->drifted);
  return NMD_OK;
}

static bool finished(const void *self, const nmd_motion *motion) {
  const minimise *own = self;
  (void)motion;
  return own->force_max < own->parameters.force_tolerance;
}

static nmd_status after_force(void *self, nmd_motion *motion) {
  minimise *own = self;
  measure(own, motion);
  const bool given_up = own->steps >= (double)own->parameters.max_steps;
  if (finished(own, motion) || given_up) velocities_stop(own, motion);
  if (!finished(own, motion) && given_up)
    nmd_log_warning("minimise: not converged after %lld steps: largest force %.3g eV/A, tolerance %.3g eV/A",
                    (long long)own->parameters.max_steps, own->force_max, own->parameters.force_tolerance);
  return NMD_OK;
}

static double conserved(const void *self, const nmd_motion *motion) {
  (void)self;
  return motion->potential_energy;
}

static double target_temperature(const void *self, const nmd_motion *motion) {
  (void)self, (void)motion;
  return -1.0;
}

static bool conserves_momentum(const void *parameters) {
  (void)parameters;
  return true;
}

static int64_t max_steps(const void *parameters) { return ((const minimise_parameters *)parameters)->max_steps; }

/* Every member that a step changes. */
#define NMD_STATE(own)                                                                                                 \
  {                                                                                                                    \
    &(own)->timestep, &(own)->alpha, &(own)->drifted, &(own)->steps, &(own)->downhill, &(own)->power, &(own)->ff,      \
        &(own)->vv, &(own)->force_max                                                                                  \
  }
enum { STATE_SIZE = 9 };

static int state_size(const void *self) {
  (void)self;
  return STATE_SIZE;
}

static void save(const void *self, double *state) {
  const minimise *own = self;
  const double *const members[STATE_SIZE] = NMD_STATE(own);
  for (int k = 0; k < STATE_SIZE; k++) state[k] = *members[k];
}

static void restore(void *self, const double *state) {
  minimise *own = self;
  double *const members[STATE_SIZE] = NMD_STATE(own);
  for (int k = 0; k < STATE_SIZE; k++) *members[k] = state[k];
}

const nmd_ensemble_ops nmd__ensemble_minimise = {
    .name = "minimise",
    .options = &nmd__ensemble_minimise_options,
    .create = create,
    .before_force = before_force,
    .after_force = after_force,
    .conserved = conserved,
    .target_temperature = target_temperature,
    .state_size = state_size,
    .save = save,
    .restore = restore,
    .finished = finished,
    .destroy = nmd_free,
    .conserves_momentum = conserves_momentum,
    .max_steps = max_steps,
};
