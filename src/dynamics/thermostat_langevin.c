/* SPDX-License-Identifier: BSD-3-Clause */
/* Langevin dynamics  m dv = f dt - gamma m v dt + sqrt(2 gamma m k T) dW,  gamma = 1 / tau for every species.
 *
 * GJ-I (GJF with the half-step velocity u, "GJF-2GJ"), one step dt from (x, v, f) to (x', v', f'):
 *     u  = sqrt(b) (v + dt f / 2m + beta / 2m)
 *     x' = x + sqrt(b) dt u
 *     v' = (a / sqrt(b)) u + beta / 2m + dt f' / 2m
 *     b  = 1 / (1 + gamma dt / 2),  a = (1 - gamma dt / 2) b,  beta ~ N(0, 2 gamma m k T dt) for each component.
 * For a harmonic oscillator <x^2> = kT / k and <m u^2> = kT hold at ANY stable dt; diffusion on a flat potential and
 * drift on a slope are exact too. The on-step v carries the usual Verlet error (its temperature is low by
 * (omega dt)^2 / 4), so temperatures are measured with u.
 *
 * Heat: momentum changes by exactly dt (f + f') / 2 - gamma m (x' - x) + beta; the last two terms are the bath's, and
 *     Q = (v + v') / 2 . (beta - gamma m (x' - x))
 * its work (Sekimoto). Then K + U - sum Q changes in a step by the trapezoid error of the work of f and by
 * dt^2 / 8m (f'^2 - f^2), which are those of velocity Verlet without bath: bounded, of order dt^2, and the bath adds no
 * drift. The noise is keyed on (seed, LANGEVIN, step, atom id): the second half draws the same beta again instead of
 * storing it, so atoms may change ranks in between, and the result does not depend on the number of ranks.
 *
 * For barostats, which scale x and u inside the step, there is the exact Ornstein-Uhlenbeck update of v alone, applied
 * after a velocity Verlet step:  v' = c v + sqrt((1 - c^2) k T / m) R,  c = exp(-gamma t),  Q = change of K.
 *
 * N. Gronbech-Jensen, O. Farago, Mol. Phys. 111, 983 (2013); L. Jensen, N. Gronbech-Jensen, Mol. Phys.
 * 117, 2511 (2019); N. Gronbech-Jensen, J. Chem. Phys. 153, 134101 (2020). K. Sekimoto, Prog. Theor. Phys. Suppl. 130,
 * 17 (1998).
 *
 * Trade-off: local friction thermalises everything, also uncoupled parts, but slows diffusion down: tau of a picosecond
 * or more where dynamics matters. Momentum is not conserved. */
#include "dynamics/thermostat_langevin.h"

#include <math.h>

#include "base/random.h"
#include "base/units.h"
#include "base/vec3.h"

typedef struct gj_factors {
  double a, b, root_b;
  double noise; /* times sqrt(1/m): standard deviation of beta / 2m */
  double rate;  /* gamma, 1/fs */
} gj_factors;

static gj_factors factors(const nmd_langevin *bath, double dt) {
  const double rate = 1.0 / bath->tau, half = 0.5 * rate * dt, b = 1.0 / (1.0 + half);
  return (gj_factors){.a = (1.0 - half) * b,
                      .b = b,
                      .root_b = sqrt(b),
                      .rate = rate,
                      .noise = sqrt(0.5 * rate * dt * NMD_BOLTZMANN * bath->temperature / NMD_MV2_TO_EV)};
}

/* beta / 2m of atom i, A/fs */
static void half_impulse(const nmd_motion *motion, int i, double noise, double mass, double impulse[3]) {
  nmd_random_normal3(motion->seed, NMD_STREAM_LANGEVIN, motion->step, motion->atoms->id[i], 0, impulse);
  const double sigma = noise / sqrt(mass);
  for (int k = 0; k < 3; k++) impulse[k] *= sigma;
}

nmd_langevin_partial nmd_langevin_gj_first(nmd_motion *motion, const nmd_langevin *bath) {
  const nmd_atoms *atoms = motion->atoms;
  const double dt = motion->timestep;
  const gj_factors c = factors(bath, dt);
  double heat = 0.0, kinetic = 0.0;
  for (int i = 0; i < atoms->n_owned; i++) {
    if (!nmd_in_subset(bath->atoms, atoms, i)) continue;
    const double mass = nmd__mass(motion, i), kick = 0.5 * dt * NMD_FORCE_TO_ACCELERATION / mass;
    double n[3];
    half_impulse(motion, i, c.noise, mass, n);
    double vq = 0.0, uu = 0.0;
    for (int k = 0; k < 3; k++) {
      const double v = atoms->v[3 * i + k], u = c.root_b * (v + kick * atoms->f[3 * i + k] + n[k]);
      const double step = c.root_b * dt * u;
      atoms->v[3 * i + k] = u;
      atoms->x[3 * i + k] += step;
      vq += v * (2.0 * n[k] - c.rate * step);
      uu += u * u;
    }
    heat += 0.5 * NMD_MV2_TO_EV * mass * vq;
    kinetic += 0.5 * NMD_MV2_TO_EV * mass * uu;
  }
  return (nmd_langevin_partial){{heat}, {kinetic}};
}

nmd_partial nmd_langevin_gj_second(nmd_motion *motion, const nmd_langevin *bath) {
  const nmd_atoms *atoms = motion->atoms;
  const double dt = motion->timestep;
  const gj_factors c = factors(bath, dt);
  double heat = 0.0;
  for (int i = 0; i < atoms->n_owned; i++) {
    if (!nmd_in_subset(bath->atoms, atoms, i)) continue;
    const double mass = nmd__mass(motion, i), kick = 0.5 * dt * NMD_FORCE_TO_ACCELERATION / mass;
    double n[3], vq = 0.0;
    half_impulse(motion, i, c.noise, mass, n);
    for (int k = 0; k < 3; k++) {
      const double u = atoms->v[3 * i + k], step = c.root_b * dt * u;
      const double v = c.a / c.root_b * u + n[k] + kick * atoms->f[3 * i + k];
      atoms->v[3 * i + k] = v;
      vq += v * (2.0 * n[k] - c.rate * step);
    }
    heat += 0.5 * NMD_MV2_TO_EV * mass * vq;
  }
  return (nmd_partial){heat};
}

nmd_partial nmd_langevin_velocities(nmd_motion *motion, const nmd_langevin *bath, double time) {
  const nmd_atoms *atoms = motion->atoms;
  const double c = exp(-time / bath->tau);
  const double noise = sqrt((1.0 - c * c) * NMD_BOLTZMANN * bath->temperature / NMD_MV2_TO_EV);
  double heat = 0.0;
  for (int i = 0; i < atoms->n_owned; i++) {
    if (!nmd_in_subset(bath->atoms, atoms, i)) continue;
    const double mass = nmd__mass(motion, i);
    double *v = &atoms->v[3 * i], g[3];
    const double before = nmd_dot(v, v);
    half_impulse(motion, i, noise, mass, g);
    for (int k = 0; k < 3; k++) v[k] = c * v[k] + g[k];
    heat += 0.5 * NMD_MV2_TO_EV * mass * (nmd_dot(v, v) - before);
  }
  return (nmd_partial){heat};
}
