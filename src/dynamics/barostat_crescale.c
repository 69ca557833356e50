/* SPDX-License-Identifier: BSD-3-Clause */
/* Stochastic cell rescaling.
 *
 * The cell moves along orthonormal strains, its modes (cell_modes.c), with amounts e_k: isotropic 1, semi-isotropic 2,
 * anisotropic 3, triclinic 6. At scaled positions s and momenta pi the constant-pressure distribution of the cell is
 * exp(-F / k T), with respect to the measure that strains leave alone (d ln V for one mode), with
 *     F = K + U + P V - k T (1 + r / 3) ln V
 * (one ln V from dV = V d ln V; r = removed_freedoms: with the total momentum held at zero the r missing momenta would
 * otherwise take away a factor V^(r/3), <V> of N ideal atoms would be N k T / P instead of (N + 1) k T / P).
 * With A = exp(E) for a strain E, x -> x A and p -> p A^-T leave dx dp alone, and
 *     dF/de_k = tr(B_k) [V P - k T (1 + r / 3)] - (W + T) : B_k,
 * B_k basis of the mode, W virial (eV), T = sum m v (x) v (eV): tr(W + T) / 3 V is the pressure inside.
 * Dynamics, M = compressibility / (V_0 tau_p m), m cell vectors that move, V_0 the volume at the start of the stage:
 *     de_k = -M (dF/de_k) dt + sqrt(2 M k T) dW_k.
 * The stationary distribution is exp(-F / k T) for any M: the noise is the same in all directions, so for triclinic
 * cells the steps are a Brownian motion on the shapes of cells, which leaves the measure alone as the line does. The
 * original has V instead of V_0 in M; with the constant V_0 there is neither a noise-induced drift nor a random walk of
 * the effective energy, for any number of modes (the original changes variables to sqrt(V) for that, which works for
 * one mode only). For small fluctuations the volume relaxes with the time tau_p if compressibility is the real one.
 *
 * A step is kick/2, [slopes -> strain drawn; drift/2, strain, drift/2], force, kick/2. Behind the strain of a triclinic
 * cell everything is turned by R so that a and the plane of a and b keep their directions. The map is symmetric in
 * time: the way back has the strain -R^T E R, with amounts -e', and the slopes F' at the other end, so H~ = F + sum
 * over steps k T ln(p_forward / p_back), k T ln(p_f / p_b) = sum_k [ -(F'_f e + F'_b e') / 2 + (M dt / 4) (F'_b^2 -
 * F'_f^2) ] would be constant for exact dynamics (detailed balance). Its increments are the work of the barostat plus
 * what the finite step breaks: that is the quantity to watch, as in the original.
 *
 * M. Bernetti, G. Bussi, J. Chem. Phys. 153, 114107 (2020); cell vectors: V. Del Tatto, P. Raiteri, M. Bernetti,
 * G. Bussi, Appl. Sci. 12, 1139 (2022).
 *
 * Trade-off: first order, so no ringing of the volume from a poor start (fit for equilibration and production alike),
 * but the volume has no inertia: its time correlation is not physical. */
#include "dynamics/barostat_crescale.h"

#include <math.h>

#include "base/random.h"
#include "base/units.h"

nmd_status nmd_crescale_init(nmd_crescale *barostat, nmd_coupling coupling, const bool axes[3], double compressibility,
                             double tau_p, const nmd_box *box) {
  NMD_TRY(nmd_cell_modes_init(&barostat->modes, coupling, axes, box, "npt"));
  barostat->mobility = compressibility / (box->volume * tau_p * barostat->modes.moving);
  return NMD_OK;
}

static double log_volume_factor(const nmd_motion *motion, const nmd_bath *bath) {
  return NMD_BOLTZMANN * bath->temperature * (1.0 + motion->removed_freedoms / 3.0);
}

double nmd_crescale_energy(const nmd_motion *motion, const nmd_bath *bath) {
  const double volume = motion->box->volume;
  return bath->pressure * volume - log_volume_factor(motion, bath) * log(volume);
}

void nmd_crescale_slopes(nmd_crescale *barostat, const nmd_motion *motion, const double kinetic[3][3],
                         const nmd_bath *bath, double *slope) {
  nmd_cell_modes *modes = &barostat->modes;
  nmd_cell_modes_inside(modes, motion, kinetic, slope);
  const double outside = bath->pressure * motion->box->volume - log_volume_factor(motion, bath);
  for (int k = 0; k < modes->n; k++) slope[k] = modes->trace[k] * outside - slope[k];
}

nmd_status nmd_crescale_draw(const nmd_crescale *barostat, const nmd_motion *motion, const nmd_bath *bath,
                             const double *slope, double *strain) {
  const double kt = NMD_BOLTZMANN * bath->temperature, step = barostat->mobility * motion->timestep;
  for (int k = 0; k < barostat->modes.n; k++) {
    double r[2];
    nmd_random_normal2(motion->seed, NMD_STREAM_BAROSTAT, motion->step, k, 0, r);
    strain[k] = -step * slope[k] + sqrt(2.0 * step * kt) * r[0];
    if (!(fabs(strain[k]) <= NMD_STRAIN_MAX))
      NMD_FAIL(EXPLODED,
               "npt: step %lld: the barostat asks to change the cell by %.3g %% in one step (target %g GPa); expected "
               "below %g %%: raise tau_p, lower compressibility, or relax the structure first",
               (long long)motion->step, 100.0 * strain[k], bath->pressure * NMD_EV_PER_A3_TO_GPA,
               100.0 * NMD_STRAIN_MAX);
  }
  return NMD_OK;
}

double nmd_crescale_log_ratio(const nmd_crescale *barostat, double timestep, const double *strain, const double *turned,
                              const double *slope_before, const double *slope_after) {
  double sum = 0.0;
  for (int k = 0; k < barostat->modes.n; k++) {
    const double f = slope_before[k], b = slope_after[k];
    sum += 0.25 * barostat->mobility * timestep * (b * b - f * f) - 0.5 * (f * strain[k] + b * turned[k]);
  }
  return sum;
}
