/* SPDX-License-Identifier: BSD-3-Clause */
/* Constant energy with particle-mesh Ewald: forces are derivatives of the energy at any mesh, so even a coarse one
 * keeps it. LINKS: engine */
#include "parallel/comm.h"
#include "support/engine.h"
#include "support/test.h"

/* Slope of a straight line through e, per step. */
static double slope_of(const double *e, int n) {
  double num = 0, den = 0;
  for (int k = 0; k < n; k++) {
    num += (k - 0.5 * (n - 1)) * e[k];
    den += (k - 0.5 * (n - 1)) * (k - 0.5 * (n - 1));
  }
  return num / den;
}

enum { SAMPLES = 200, EVERY = 10 };

static void check_drift(double accuracy, double most) {
  static const engine_crystal crystal = {.sites = "b2", .a = 2.5, .cells = {4, 4, 4}, .z = {3, 9}, .rattle = 0.03};
  engine_write_crystal(&crystal, "start.extxyz");
  const char *input = engine_write_input("input.yaml",
                                         "seed: 5\nstructure: {file: start.extxyz}\npotential:\n  sum: {terms: "
                                         "[{buckingham: {cutoff: 6, pairs: [{elements: "
                                         "[Li, F], A: 900, rho: 0.27}]}}, {spme: {cutoff: 6, accuracy: %g, ions: "
                                         "[{element: Li, charge: 1}, {element: F, charge: "
                                         "-1}]}}]}\nstages: [nve: {steps: 2000, timestep: 1 fs, velocities: 300 K}]\n",
                                         accuracy);
  nmd_simulation *s = engine_open(TEST_COMM, input);
  if (s == NULL) return;
  double energy[SAMPLES];
  for (int k = 0; k < SAMPLES && engine_steps(s, EVERY); k++) energy[k] = engine_conserved(s) / 128;
  const double drift = slope_of(energy, SAMPLES) / (EVERY * 1e-3);
  printf("  accuracy %.0e: drift %.2e eV/atom/ps\n", accuracy, drift);
  TEST_CHECK(fabs(drift) < most, "drift %g eV/atom/ps", drift);
  nmd_simulation_destroy(s);
}

static void test_drift(void) {
  check_drift(1e-3, 2e-5);
  check_drift(1e-5, 4e-6);
}

TEST_SUITE("potential/spme_drift", TEST(test_drift))
