/* SPDX-License-Identifier: BSD-3-Clause */
/* Stochastic cell rescaling.
 *
 * Cell vectors are put into groups: isotropic {a b c}, semi-isotropic {a b} {c}, anisotropic {a} {b} {c}; angles stay.
 * e_g is the logarithm of the product of the lengths in group g (m_g vectors of the m that move), so sum_g e_g = ln V +
 * constant. At scaled positions s and momenta pi the constant-pressure distribution of the e_g is exp(-F / k T) with
 *     F = K + U + P V - k T (1 + r / 3) ln V
 * (one ln V from dV = V d ln V; r = removed_freedoms: with the total momentum held at zero the r missing momenta would
 * otherwise take away a factor V^(r/3), <V> of N ideal atoms would be N k T / P instead of (N + 1) k T / P).
 * With A = h^-1 (1 + E) h for a stretch E of the cell vectors, x -> x A and p -> p A^-T leave dx dp alone, and
 *     dF/de_g = V P - (1/m_g) sum_{d in g} X_d - k T (1 + r / 3),   X_d = sum_ab (W + T)_ab (h^-1)_ad h_db,
 * W virial (eV), T = sum m v (x) v (eV): sum_d X_d / 3 V is the pressure inside.
 * Dynamics, M = compressibility / (V_0 tau_p), w_g = m_g / m, V_0 the volume at the start of the stage:
 *     de_g = -w_g M (dF/de_g) dt + sqrt(2 w_g M k T) dW_g.
 * The stationary distribution is exp(-F / k T) for any M. The original has V instead of V_0 in M; with the constant V_0
 * there is neither a noise-induced drift nor a random walk of the effective energy, for any number of groups (the
 * original changes variables to sqrt(V) for that, which works for one group only). For small fluctuations both relax
 * with the time tau_p if compressibility is the real one.
 *
 * A step is kick/2, [slopes -> strain drawn; drift/2, strain, drift/2], force, kick/2. For a given strain the map is
 * symmetric in time, so the probability of the way back is that of -strain with the slopes F' at the other end, and
 *     H~ = F + sum over steps k T ln(p_forward / p_back),
 *     k T ln(p_f / p_b) = sum_g [ -(F'_f + F'_b) strain / 2 + (w_g M dt / 4) (F'_b^2 - F'_f^2) ]
 * would be constant for exact dynamics (detailed balance). Its increments are the work of the barostat plus what the
 * finite step breaks: that is the quantity to watch, as in the original.
 *
 * M. Bernetti, G. Bussi, J. Chem. Phys. 153, 114107 (2020); cell vectors: V. Del Tatto, P. Raiteri, M. Bernetti,
 * G. Bussi, Appl. Sci. 12, 1139 (2022).
 *
 * Trade-off: first order, so no ringing of the volume from a poor start (fit for equilibration and production alike),
 * but the volume has no inertia: its time correlation is not physical. Angles of the cell do not relax. */
#include "dynamics/barostat_crescale.h"

#include <math.h>

#include "base/random.h"
#include "base/units.h"
#include "base/vec3.h"

/* One step may not change a log-volume by more: the neighbour list and the integrator lose their meaning. */
static const double strain_max = 0.2;

static nmd_status check_axes(const bool axes[3], const nmd_box *box) {
  for (int d = 0; d < 3; d++)
    if (axes[d] && !box->periodic[d])
      NMD_FAIL(CONFLICT, "npt: axes: cell vector %c is not periodic; expected false for it", "abc"[d]);
  if (!axes[0] && !axes[1] && !axes[2])
    NMD_FAIL(CONFLICT, "npt: axes: [false, false, false] leaves no cell vector to move; expected one true, or use nvt");
  return NMD_OK;
}

nmd_status nmd_crescale_init(nmd_crescale *barostat, nmd_coupling coupling, const bool axes[3], double compressibility,
                             double tau_p, const nmd_box *box) {
  static const int pattern[][3] = {
      [NMD_ISOTROPIC] = {0, 0, 0}, [NMD_SEMI_ISOTROPIC] = {0, 0, 1}, [NMD_ANISOTROPIC] = {0, 1, 2}};
  NMD_TRY(check_axes(axes, box));
  int number[3] = {-1, -1, -1}; /* of a pattern's group, counting those with a moving vector */
  *barostat = (nmd_crescale){.mobility = compressibility / (box->volume * tau_p)};
  for (int d = 0; d < 3; d++) {
    barostat->group[d] = -1;
    if (!axes[d]) continue;
    int *g = &number[pattern[coupling][d]];
    if (*g < 0) *g = barostat->n_groups++;
    barostat->group[d] = *g;
    barostat->members[*g]++;
  }
  return NMD_OK;
}

/* w_g M */
static double group_mobility(const nmd_crescale *barostat, int g) {
  int moving = 0;
  for (int k = 0; k < barostat->n_groups; k++) moving += barostat->members[k];
  return barostat->mobility * barostat->members[g] / moving;
}

static double log_volume_factor(const nmd_motion *motion, const nmd_bath *bath) {
  return NMD_BOLTZMANN * bath->temperature * (1.0 + motion->removed_freedoms / 3.0);
}

double nmd_crescale_energy(const nmd_motion *motion, const nmd_bath *bath) {
  const double volume = motion->box->volume;
  return bath->pressure * volume - log_volume_factor(motion, bath) * log(volume);
}

void nmd_crescale_slopes(const nmd_crescale *barostat, const nmd_motion *motion, const double kinetic[3][3],
                         const nmd_bath *bath, double slope[3]) {
  const nmd_box *box = motion->box;
  for (int g = 0; g < barostat->n_groups; g++)
    slope[g] = bath->pressure * box->volume - log_volume_factor(motion, bath);
  for (int d = 0; d < 3; d++) {
    const int g = barostat->group[d];
    if (g < 0) continue;
    double pull = 0.0; /* X_d */
    for (int a = 0; a < 3; a++)
      for (int b = 0; b < 3; b++) pull += (motion->virial[a][b] + kinetic[a][b]) * box->inverse[a][d] * box->h[d][b];
    slope[g] -= pull / barostat->members[g];
  }
}

nmd_status nmd_crescale_draw(const nmd_crescale *barostat, const nmd_motion *motion, const nmd_bath *bath,
                             const double slope[3], double strain[3]) {
  const double kt = NMD_BOLTZMANN * bath->temperature;
  for (int g = 0; g < barostat->n_groups; g++) {
    const double step = group_mobility(barostat, g) * motion->timestep;
    double r[2];
    nmd_random_normal2(motion->seed, NMD_STREAM_BAROSTAT, motion->step, g, 0, r);
    strain[g] = -step * slope[g] + sqrt(2.0 * step * kt) * r[0];
    if (!(fabs(strain[g]) <= strain_max))
      NMD_FAIL(EXPLODED,
               "npt: step %lld: the barostat asks for a volume change of %.3g %% in one step (target %g GPa); expected "
               "below %g %%: raise tau_p, lower compressibility, or relax the structure first",
               (long long)motion->step, 100.0 * strain[g], bath->pressure * NMD_EV_PER_A3_TO_GPA, 100.0 * strain_max);
  }
  return NMD_OK;
}

/* The stretched cell, and the maps of positions (x A) and momenta (p A^-T) that go with it. */
static void stretch(const nmd_crescale *barostat, const nmd_box *box, const double strain[3], double h[3][3],
                    double positions[3][3], double momenta[3][3]) {
  double inverse_row[3][3]; /* (h'^-1) with columns scaled back */
  for (int d = 0; d < 3; d++) {
    const int g = barostat->group[d];
    const double factor = g < 0 ? 1.0 : exp(strain[g] / barostat->members[g]);
    for (int k = 0; k < 3; k++) {
      h[d][k] = factor * box->h[d][k];
      inverse_row[k][d] = box->inverse[k][d] / factor;
    }
  }
  nmd_mat_times(box->inverse, (const double(*)[3])h, positions);
  double back[3][3]; /* A^-1 = h'^-1 h */
  nmd_mat_times((const double(*)[3])inverse_row, box->h, back);
  for (int a = 0; a < 3; a++)
    for (int b = 0; b < 3; b++) momenta[a][b] = back[b][a];
}

nmd_status nmd_crescale_drift(const nmd_crescale *barostat, nmd_motion *motion, const double strain[3]) {
  const nmd_atoms *atoms = motion->atoms;
  const double half = 0.5 * motion->timestep, *origin = motion->box->origin;
  double h[3][3], a[3][3], b[3][3];
  stretch(barostat, motion->box, strain, h, a, b);
  for (int i = 0; i < atoms->n_owned; i++) {
    double *x = &atoms->x[3 * i], *v = &atoms->v[3 * i], from[3], to[3], u[3];
    for (int k = 0; k < 3; k++) from[k] = x[k] + half * v[k] - origin[k];
    nmd_row_times(from, (const double(*)[3])a, to);
    nmd_row_times(v, (const double(*)[3])b, u);
    for (int k = 0; k < 3; k++) {
      v[k] = u[k];
      x[k] = origin[k] + to[k] + half * u[k];
    }
  }
  return nmd_box_set_h(motion->box, (const double(*)[3])h);
}

double nmd_crescale_log_ratio(const nmd_crescale *barostat, double timestep, const double strain[3],
                              const double slope_before[3], const double slope_after[3]) {
  double sum = 0.0;
  for (int g = 0; g < barostat->n_groups; g++) {
    const double f = slope_before[g], b = slope_after[g];
    sum += 0.25 * group_mobility(barostat, g) * timestep * (b * b - f * f) - 0.5 * (f + b) * strain[g];
  }
  return sum;
}
