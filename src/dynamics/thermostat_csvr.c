/* SPDX-License-Identifier: BSD-3-Clause */
/* Canonical sampling through velocity rescaling (CSVR).
 *
 * The kinetic energy K (eV) obeys
 *     dK = (K_target - K) dt / tau + 2 sqrt(K K_target / N_f) dW / sqrt(tau),   K_target = N_f k T / 2,
 * whose exact solution over a time t multiplies all velocities by alpha with
 *     alpha^2 = c + (1 - c) K_target / (N_f K) (R^2 + S) + 2 R sqrt(c (1 - c) K_target / (N_f K)),   c = exp(-t / tau),
 * R a standard normal, S the sum of N_f - 1 squared standard normals (chi-squared, drawn as 2 Gamma((N_f - 1) / 2)),
 *     sign(alpha) = sign(R + sqrt(c N_f K / ((1 - c) K_target))).
 * N_f degrees of freedom, tau relaxation time (fs), T target (K).
 *
 * G. Bussi, D. Donadio, M. Parrinello, J. Chem. Phys. 126, 014101 (2007), eq. (A7); the sign: G. Bussi, M. Parrinello,
 * Comput. Phys. Commun. 179, 26 (2008). Gamma variate: G. Marsaglia, W. Tsang, ACM TOMS 26, 363 (2000).
 *
 * Trade-off: a global thermostat disturbs dynamics (diffusion) hardly at all and conserves momentum, but does not by
 * itself share energy between parts of the system that exchange none. */
#include "dynamics/thermostat_csvr.h"

#include <math.h>

#include "base/log.h"
#include "base/random.h"
#include "base/units.h"

/* Shape >= 1. Rejection accepts > 95 %, so the bound on draws (2^16 of the generator) is never met. */
static double gamma_variate(uint64_t seed, nmd_stream stream, int64_t step, int64_t id, double shape) {
  const double d = shape - 1.0 / 3.0, c = 1.0 / sqrt(9.0 * d);
  for (unsigned draw = 1; draw < 65534; draw += 2) {
    double g[2], u[2];
    nmd_random_normal2(seed, stream, step, id, draw, g);
    nmd_random_uniform2(seed, stream, step, id, draw + 1, u);
    const double root = 1.0 + c * g[0];
    if (root <= 0.0) continue;
    const double v = root * root * root;
    if (log(u[0]) < 0.5 * g[0] * g[0] + d - d * v + d * log(v)) return d * v;
  }
  return shape;
}

static double squared_normals(uint64_t seed, nmd_stream stream, int64_t step, int64_t id, double n) {
  if (n < 0.5) return 0.0;
  if (n > 1.5) return 2.0 * gamma_variate(seed, stream, step, id, 0.5 * n);
  double g[2]; /* one normal: the gamma variate would need shape 1/2 */
  nmd_random_normal2(seed, stream, step, id, 1, g);
  return g[0] * g[0];
}

double nmd_sum_of_squared_normals(uint64_t seed, int stream, int64_t step, double n) {
  return squared_normals(seed, (nmd_stream)stream, step, 0, n);
}

double nmd_csvr_factor_of(const nmd_motion *motion, const nmd_csvr_bath *bath, double kinetic_energy, double time) {
  if (bath->freedoms < 1.0 || !(kinetic_energy > 0.0)) return 1.0;
  const double c = exp(-time / bath->tau);
  const double ratio = (1.0 - c) * 0.5 * NMD_BOLTZMANN * bath->temperature / kinetic_energy; /* (1-c) K_target / (N_f K) */
  double g[2];
  nmd_random_normal2(motion->seed, NMD_STREAM_CSVR, motion->step, bath->index, 0, g);
  const double s = squared_normals(motion->seed, NMD_STREAM_CSVR, motion->step, bath->index, bath->freedoms - 1.0);
  const double root = sqrt(c) + g[0] * sqrt(ratio); /* alpha^2 = root^2 + ratio S, the sign is that of root */
  const double alpha = sqrt(root * root + ratio * s);
  return root < 0.0 ? -alpha : alpha;
}

double nmd_csvr_factor(const nmd_motion *motion, double kinetic_energy, double temperature, double tau, double time) {
  const nmd_csvr_bath bath = {temperature, tau, nmd_freedoms(motion), 0};
  return nmd_csvr_factor_of(motion, &bath, kinetic_energy, time);
}

double nmd_csvr_apply(nmd_motion *motion, double kinetic_energy, double temperature, double tau, double time) {
  const double factor = nmd_csvr_factor(motion, kinetic_energy, temperature, tau, time);
  nmd_velocities_scale(motion, factor);
  return (factor * factor - 1.0) * kinetic_energy;
}

void nmd_csvr_warn_at_rest(const nmd_motion *motion, double kinetic_energy, double temperature) {
  if (kinetic_energy > 0.0 || temperature <= 0.0 || motion->n_atoms < 2) return;
  nmd_log_warning("csvr: all velocities are zero and cannot be scaled to %g K: give velocities, or use langevin",
                  temperature);
}
