/* SPDX-License-Identifier: BSD-3-Clause */
/* Freedoms with kinetic energy K (N_f of them) couple to M thermostats with positions xi_j, velocities w_j (1/fs) and
 * masses Q_1 = N_f k T tau^2, Q_j = k T tau^2 (eV fs^2):
 *   dv/dt = ... - w_1 v,  dw_j/dt = G_j - w_(j+1) w_j,  dxi_j/dt = w_j,
 *   G_1 = (2 K - N_f k T) / Q_1,  G_j = (Q_(j-1) w_(j-1)^2 - k T) / Q_j.
 * Energy: sum_j Q_j w_j^2 / 2 + N_f k T xi_1 + k T sum_(j>1) xi_j. Advanced by a Suzuki-Yoshida product of third order.
 *
 * Martyna, Klein & Tuckerman, J. Chem. Phys. 97, 2635 (1992); Martyna, Tuckerman, Tobias & Klein, Mol. Phys. 87, 1117
 * (1996), eqs. 33-41 for the factorisation. */
#include "dynamics/chain.h"

#include <math.h>
#include <string.h>

void nmd_chain_init(nmd_chain *chain, int n, double freedoms, double kT, double tau) {
  *chain = (nmd_chain){.n = n, .freedoms = freedoms, .kT = kT};
  for (int j = 0; j < n; j++) chain->mass[j] = (j == 0 ? freedoms : 1.0) * kT * tau * tau;
}

static double chain_force(const nmd_chain *chain, int j, double twice_kinetic) {
  if (j == 0) return (twice_kinetic - chain->freedoms * chain->kT) / chain->mass[0];
  return (chain->mass[j - 1] * chain->w[j - 1] * chain->w[j - 1] - chain->kT) / chain->mass[j];
}

/* w_j over time h/4 under its force and the friction of the next link. */
static void kick_link(nmd_chain *chain, int j, double h, double twice_kinetic) {
  const double friction = j + 1 == chain->n ? 1 : exp(-0.125 * h * chain->w[j + 1]);
  chain->w[j] *= friction;
  chain->w[j] += 0.25 * h * chain_force(chain, j, twice_kinetic);
  chain->w[j] *= friction;
}

double nmd_chain_advance(nmd_chain *chain, double kinetic, double timestep) {
  const double outer = 1 / (2 - cbrt(2.0)), weights[3] = {outer, 1 - 2 * outer, outer};
  double scale = 1;
  for (int k = 0; k < 3; k++) {
    const double h = weights[k] * timestep;
    for (int j = chain->n - 1; j >= 0; j--) kick_link(chain, j, h, 2 * kinetic * scale * scale);
    scale *= exp(-0.5 * h * chain->w[0]);
    for (int j = 0; j < chain->n; j++) chain->xi[j] += 0.5 * h * chain->w[j];
    for (int j = 0; j < chain->n; j++) kick_link(chain, j, h, 2 * kinetic * scale * scale);
  }
  return scale;
}

double nmd_chain_energy(const nmd_chain *chain) {
  double energy = chain->freedoms * chain->kT * chain->xi[0];
  for (int j = 1; j < chain->n; j++) energy += chain->kT * chain->xi[j];
  for (int j = 0; j < chain->n; j++) energy += 0.5 * chain->mass[j] * chain->w[j] * chain->w[j];
  return energy;
}

double nmd_chain_set(nmd_chain *chain, double kT) {
  const double old = nmd_chain_energy(chain);
  chain->kT = kT;
  return nmd_chain_energy(chain) - old;
}

void nmd_chain_save(const nmd_chain *chain, double state[NMD_CHAIN_STATE]) {
  state[0] = chain->kT;
  memcpy(state + 1, chain->xi, sizeof chain->xi);
  memcpy(state + 1 + NMD_CHAIN_MAX, chain->w, sizeof chain->w);
}

void nmd_chain_restore(nmd_chain *chain, const double state[NMD_CHAIN_STATE]) {
  chain->kT = state[0];
  memcpy(chain->xi, state + 1, sizeof chain->xi);
  memcpy(chain->w, state + 1 + NMD_CHAIN_MAX, sizeof chain->w);
}
