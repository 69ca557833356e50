/* SPDX-License-Identifier: BSD-3-Clause */
#include "simulation/ising.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { REACH = 2 }; /* images along each axis */

static int bonds_between(const ising_lattice *l, int i, int j, double reach) {
  int n = 0;
  for (int c = 0; c < (2 * REACH + 1) * (2 * REACH + 1) * (2 * REACH + 1); c++) {
    const int s[3] = {c % (2 * REACH + 1) - REACH, c / (2 * REACH + 1) % (2 * REACH + 1) - REACH,
                      c / ((2 * REACH + 1) * (2 * REACH + 1)) - REACH};
    double d2 = 0;
    for (int k = 0; k < 3; k++) d2 += pow(l->x[j][k] - l->x[i][k] + s[k] * l->cell[k], 2);
    n += d2 < reach * reach && d2 > 1e-6;
  }
  return i == j ? n / 2 : n;
}

void ising_connect(ising_lattice *l, double reach) {
  memset(l->bonds, 0, sizeof l->bonds);
  for (int i = 0; i < l->n; i++)
    for (int j = i; j < l->n; j++) l->bonds[i][j] = bonds_between(l, i, j, reach);
}

void ising_count(const ising_lattice *l, unsigned arrangement, int bonds[3]) {
  bonds[0] = bonds[1] = bonds[2] = 0;
  for (int i = 0; i < l->n; i++)
    for (int j = i; j < l->n; j++) {
      const int a = arrangement >> i & 1, b = arrangement >> j & 1;
      bonds[a != b ? 2 : a] += l->bonds[i][j];
    }
}

static void add_level(ising_levels *levels, double energy, int second) {
  int k = 0;
  while (k < levels->n && (fabs(levels->energy[k] - energy) > 1e-9 || levels->second[k] != second)) k++;
  if (k == ISING_LEVELS_MAX) return; /* the probabilities then do not add up to one, and tests fail */
  if (k == levels->n) levels->n++;
  levels->energy[k] = energy;
  levels->second[k] = second;
  levels->count[k]++;
}

void ising_enumerate(const ising_lattice *l, const double bond_energy[3], int second, double mu, ising_levels *levels) {
  memset(levels, 0, sizeof *levels);
  levels->mu = mu;
  for (unsigned arrangement = 0; arrangement < 1u << l->n; arrangement++) {
    int bonds[3], n = 0;
    for (int i = 0; i < l->n; i++) n += arrangement >> i & 1;
    if (second >= 0 && n != second) continue;
    ising_count(l, arrangement, bonds);
    double energy = 0;
    for (int k = 0; k < 3; k++) energy += bond_energy[k] * bonds[k];
    add_level(levels, energy, n);
  }
}

void ising_probabilities(const ising_levels *levels, double kT, double *p) {
  double sum = 0;
  for (int k = 0; k < levels->n; k++) {
    p[k] = levels->count[k] * exp(-(levels->energy[k] - levels->mu * levels->second[k]) / kT);
    sum += p[k];
  }
  for (int k = 0; k < levels->n; k++) p[k] /= sum;
}

void ising_moments(const ising_levels *levels, double kT, double *mean, double *heat_capacity) {
  double p[ISING_LEVELS_MAX], square = 0;
  ising_probabilities(levels, kT, p);
  *mean = 0;
  for (int k = 0; k < levels->n; k++) {
    *mean += p[k] * levels->energy[k];
    square += p[k] * levels->energy[k] * levels->energy[k];
  }
  *heat_capacity = (square - *mean * *mean) / (kT * kT);
}

/* 4 epsilon (s^12 - s^6), s = sigma / r, less its value at the cut-off. With the minimum (-epsilon) at the lattice constant,
 * s^6 = 1/2 there and (a / rc)^6 / 2 at the cut-off. */
#define LEVEL (-1 - 4 * (CUT * CUT - CUT))
#define RATIO (ISING_A / ISING_CUTOFF)
#define CUT (0.5 * RATIO * RATIO * RATIO * RATIO * RATIO * RATIO)
const double ising_bond_energy[3] = {0.05 * LEVEL, 0.05 * LEVEL, 0.25 * LEVEL};

const char *ising_structure(const int n[3], ising_lattice *l) {
  static char text[4096];
  const int sites = n[0] * n[1] * n[2];
  int used = snprintf(text, sizeof text, "%d\nLattice=\"%g 0 0 0 %g 0 0 0 %g\" Properties=species:S:1:pos:R:3\n", sites,
                      ISING_A * n[0], ISING_A * n[1], ISING_A * n[2]);
  *l = (ising_lattice){.n = sites};
  for (int k = 0; k < 3; k++) l->cell[k] = ISING_A * n[k];
  for (int i = 0; i < sites; i++) {
    const int at[3] = {i / (n[1] * n[2]), i / n[2] % n[1], i % n[2]};
    for (int k = 0; k < 3; k++) l->x[i][k] = ISING_A * at[k];
    used += snprintf(text + used, sizeof text - (size_t)used, "%s %g %g %g\n", (at[0] + at[1] + at[2]) % 2 ? "Kr" : "Ar",
                     l->x[i][0], l->x[i][1], l->x[i][2]);
  }
  ising_connect(l, ISING_CUTOFF);
  return text;
}
