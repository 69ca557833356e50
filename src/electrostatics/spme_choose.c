/* SPDX-License-Identifier: BSD-3-Clause */
/* Settings from a wanted error.
 *
 * Real space, charges without correlation (J. Kolafa, J. W. Perram, Mol. Simul. 9, 351 (1992), eq. 18):
 *   dF = 2 k q2 sqrt(n / rc) exp(-alpha^2 rc^2)
 * Mesh: by dimension dF = k q2 sqrt(alpha n) g_p(alpha h), n the density, h the spacing; g of each order p was measured
 * on 400 random charges against a direct sum (the table below). tests/electrostatics/test_spme.c holds both to real
 * errors. */
#include <math.h>

#include "base/units.h"
#include "electrostatics/spme.h"

enum { POINTS = 16, ORDERS = 7 };
static const double typical_density = 0.1; /* 1/A^3, of solids and liquids; enters under a root, and in the cost */

static const double products[POINTS] = {0.06,  0.08, 0.1,   0.125, 0.15, 0.2,   0.25, 0.3,
                                        0.343, 0.4,  0.444, 0.5,   0.6,  0.667, 0.8,  1.0}; /* alpha h */
static const double log10_g[ORDERS][POINTS] = {
    /* order 4, 6, ... 16 */
    {-4.82, -4.44, -4.15, -3.85, -3.60, -3.23, -2.92, -2.65, -2.47, -2.22, -2.06, -1.86, -1.55, -1.39, -1.09, -0.76},
    {-8.03, -7.39, -6.90, -6.40, -5.98, -5.32, -4.78, -4.31, -3.96, -3.52, -3.21, -2.85, -2.27, -1.97, -1.48, -0.96},
    {-11.03, -10.14, -9.44, -8.73, -8.13, -7.17, -6.37, -5.68, -5.15, -4.49, -4.02, -3.48, -2.67, -2.26, -1.66, -1.01},
    {-13.69, -12.73, -11.82, -10.88, -10.09, -8.82, -7.76, -6.83, -6.12, -5.22, -4.58, -3.89, -2.89, -2.40, -1.75,
     -1.03},
    {-13.82, -13.82, -13.80, -12.90, -11.92, -10.33, -9.00, -7.82, -6.91, -5.76, -4.97, -4.15, -3.01, -2.48, -1.82,
     -1.03},
    {-13.82, -13.82, -13.82, -13.82, -13.57, -11.72, -10.11, -8.67, -7.55, -6.15, -5.24, -4.31, -3.08, -2.51, -1.87,
     -1.03},
    {-13.84, -13.84, -13.84, -13.84, -13.84, -13.02, -11.11, -9.40, -8.05, -6.43, -5.43, -4.41, -3.11, -2.53, -1.87,
     -1.03},
};

/* Linear in the logarithms; beyond the ends the end values. */
static double interpolate(double at, const double *xs, const double *ys) {
  int k = 1;
  while (k < POINTS - 1 && at > xs[k]) k++;
  const double t = fmin(fmax(log(at / xs[k - 1]) / log(xs[k] / xs[k - 1]), 0), 1);
  return ys[k - 1] + t * (ys[k] - ys[k - 1]);
}

/* The largest alpha h with g below `g`. */
static double largest_product(const double *row, double g) {
  const double wanted = log10(g);
  double low = products[0], high = products[POINTS - 1];
  if (interpolate(high, products, row) <= wanted) return high;
  for (int k = 0; k < 50; k++) {
    const double middle = 0.5 * (low + high);
    if (interpolate(middle, products, row) <= wanted)
      low = middle;
    else
      high = middle;
  }
  return low;
}

/* Nanoseconds per cubic A: atoms on the mesh, and two transforms of it. Measured once; only the choice depends on it.
 */
static double cost(int order, double spacing) {
  return typical_density * (60 + 0.55 * order * order * order) + 45 / (spacing * spacing * spacing);
}

void nmd_spme_choose(double error, double cutoff, double q2, nmd_spme_settings *settings) {
  const double half = error / sqrt(2), strength = NMD_COULOMB * q2 * sqrt(typical_density);
  settings->alpha = sqrt(fmax(log(2 * strength / sqrt(cutoff) / half), 1)) / cutoff;
  double least = INFINITY;
  for (int o = 0; o < ORDERS; o++) {
    const double spacing = largest_product(log10_g[o], half / (strength * sqrt(settings->alpha))) / settings->alpha;
    if (cost(4 + 2 * o, spacing) >= least) continue;
    least = cost(4 + 2 * o, spacing);
    settings->order = 4 + 2 * o;
    settings->spacing = spacing;
  }
}

void nmd_spme_errors(const nmd_spme_settings *settings, double cutoff, double q2, double density, double errors[2]) {
  const double strength = NMD_COULOMB * q2 * sqrt(density), x = settings->alpha * cutoff;
  errors[0] = 2 * strength / sqrt(cutoff) * exp(-x * x);
  errors[1] = strength * sqrt(settings->alpha) *
              pow(10, interpolate(settings->alpha * settings->spacing, products, log10_g[settings->order / 2 - 2]));
}
