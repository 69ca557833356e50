/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/units.h"
#include "dynamics/toy_system.h"
#include "support/test.h"

#define CSVR "nvt: {temperature: 900 K, tau: 500 fs}"
#define LANGEVIN "nvt: {temperature: 900 K, thermostat: langevin, tau: 500 fs}"

static void make(toy_system *toy) {
  toy_crystal(toy, TEST_COMM, 3, 0.1);
  toy->motion.removed_freedoms = 3;
  TEST_OK(nmd_velocities_set(&toy->motion, 1800.0));
}

static void test_order_of_conserved_energy(void) {
  TEST_NEAR(toy_order(make, CSVR, 60000.0), 2.0, 0.1);
  TEST_NEAR(toy_order(make, LANGEVIN, 60000.0), 2.0, 0.1);
}

static void check_no_drift(const char *text) {
  double error;
  const double drift = toy_drift(make, text, 2.0, 100000.0, &error);
  TEST_NEAR(drift, 0.0, 4.0 * error);
  TEST_CHECK(error < 60.0, "run too short to tell: +- %g meV/ns/atom", error);
}

static void test_no_drift(void) {
  check_no_drift("nvt: {temperature: 900 K, tau: 100 fs}");
  check_no_drift("nvt: {temperature: 900 K, thermostat: langevin, tau: 100 fs}");
}

/* sum |f|^2 / sum of second derivatives: the temperature that the POSITIONS have (H. Rugh, Phys. Rev. Lett. 78, 772
 * (1997)); of a bond, the Laplacian over both atoms is 2 (u'' + 2 u' / r). */
static void configurational(const toy_system *toy, double *forces, double *curvature) {
  *forces = *curvature = 0.0;
  for (int k = 0; k < 3 * toy->atoms.n_owned; k++) *forces += toy->atoms.f[k] * toy->atoms.f[k];
  for (int n = 0; n < toy->n_bonds; n++) {
    const toy_bond *bond = &toy->bonds[n];
    double rr = 0.0;
    for (int k = 0; k < 3; k++) {
      double r = toy->atoms.x[3 * bond->j + k] - toy->atoms.x[3 * bond->i + k];
      for (int d = 0; d < 3; d++) r += bond->shift[d] * toy->box.h[d][k];
      rr += r * r;
    }
    const double r = sqrt(rr), d = r - bond->length;
    *curvature +=
        2.0 * (bond->spring + 3.0 * bond->quartic * d * d) + 4.0 * (bond->spring * d + bond->quartic * d * d * d) / r;
  }
}

/* Kinetic and configurational temperature, and the canonical variance of K. */
static void check_canonical(const char *text) {
  enum { STEPS = 100000 };
  static double kinetic[STEPS], forces[STEPS], curvature[STEPS];
  toy_system toy;
  make(&toy);
  TEST_OK(toy_stage(&toy, text, 1.0, STEPS + 2000));
  for (int n = -2000; n < STEPS; n++) {
    TEST_OK(toy_step(&toy));
    if (n < 0) continue;
    kinetic[n] = toy_temperature(&toy);
    configurational(&toy, &forces[n], &curvature[n]);
  }
  const toy_statistics t = toy_analyse(kinetic, STEPS), f = toy_analyse(forces, STEPS);
  const toy_statistics c = toy_analyse(curvature, STEPS);
  const double positions = f.mean / c.mean / NMD_BOLTZMANN, error = positions * f.mean_error / f.mean;
  const double variance = 2.0 * 900.0 * 900.0 / nmd_freedoms(&toy.motion);
  toy_show("  %s: T %.2f +- %.2f, of positions %.2f +- %.2f K; var T / canonical %.3f +- %.3f\n", text, t.mean,
           t.mean_error, positions, error, t.variance / variance, t.variance_error / variance);
  TEST_NEAR(t.mean, 900.0, 4.0 * t.mean_error + 1.0); /* 1 K: order (omega dt)^2 */
  TEST_NEAR(positions, 900.0, 4.0 * error + 1.0);
  TEST_NEAR(t.variance, variance, 4.0 * t.variance_error);
  TEST_CHECK(t.mean_error < 6.0 && error < 9.0, "run too short to tell");
  toy_free(&toy);
}

static void test_canonical_averages(void) {
  check_canonical("nvt: {temperature: 900 K, tau: 50 fs}");
  check_canonical("nvt: {temperature: 900 K, thermostat: langevin, tau: 100 fs}");
}

/* Harmonic oscillators under langevin at a large step, through the ensemble: <U> = 3 N k T / 2 exactly. */
static void test_exact_configurations_at_large_step(void) {
  enum { N = 100, STEPS = 20000 };
  static double potential[STEPS];
  toy_system toy;
  toy_einstein(&toy, TEST_COMM, N, 5.0, 0.0);
  TEST_OK(toy_stage(&toy, "nvt: {temperature: 300 K, thermostat: langevin, tau: 20 fs}", 12.0, STEPS + 500));
  for (int n = -500; n < STEPS; n++) {
    TEST_OK(toy_step(&toy));
    if (n >= 0) potential[n] = toy.motion.potential_energy / (1.5 * N * NMD_BOLTZMANN * 300.0);
  }
  const toy_statistics s = toy_analyse(potential, STEPS);
  TEST_NEAR(s.mean, 1.0, 4.0 * s.mean_error);
  TEST_CHECK(s.mean_error < 0.005, "run too short to tell");
  toy_free(&toy);
}

static void check_ramp(const char *text) {
  toy_system toy;
  make(&toy);
  TEST_OK(nmd_velocities_set(&toy.motion, 600.0));
  TEST_OK(toy_stage(&toy, text, 1.0, 40000));
  double sums[2] = {0, 0};
  for (int n = 0; n < 40000; n++) {
    TEST_OK(toy_step(&toy));
    sums[n / 20000] += toy_temperature(&toy) / 20000.0;
  }
  TEST_NEAR(sums[0], 450.0, 25.0);
  TEST_NEAR(sums[1], 750.0, 25.0);
  toy_free(&toy);
}

static void test_ramps(void) {
  check_ramp("nvt: {temperature: [300 K, 900 K], tau: 50 fs}");
  check_ramp("nvt: {temperature: [300 K, 900 K], thermostat: langevin, tau: 50 fs}");
}

static void test_restart(void) {
  CU_ASSERT(toy_restart_is_exact(make, CSVR, 2.0, 100));
  CU_ASSERT(toy_restart_is_exact(make, LANGEVIN, 2.0, 100));
  CU_ASSERT(toy_restart_is_exact(make, "nvt: {temperature: [100 K, 200 K]}", 2.0, 100));
}

static void test_momentum(void) {
  toy_system toy;
  make(&toy);
  CU_ASSERT(toy_run(&toy, CSVR, 2.0, 500));
  double p[3] = {0, 0, 0};
  for (int k = 0; k < 81; k++) p[k % 3] += toy.species.mass[toy.atoms.species[k / 3]] * toy.atoms.v[k];
  for (int k = 0; k < 3; k++) TEST_NEAR(p[k], 0.0, 1e-11);
  CU_ASSERT_EQUAL(toy.motion.removed_freedoms, 3);
  CU_ASSERT(toy_run(&toy, LANGEVIN, 2.0, 1));
  CU_ASSERT_EQUAL(toy.motion.removed_freedoms, 0);
  toy_free(&toy);
}

static void test_bad_values(void) {
  toy_system toy;
  make(&toy);
  TEST_FAILS(toy_stage(&toy, "nvt", 1.0, 10), NMD_MISSING_KEY);
  TEST_FAILS(toy_stage(&toy, "nvt: {temperature: -1 K}", 1.0, 10), NMD_OUT_OF_RANGE);
  TEST_FAILS(toy_stage(&toy, "nvt: {temperature: 300 K, tau: 0 fs}", 1.0, 10), NMD_OUT_OF_RANGE);
  TEST_FAILS(toy_stage(&toy, "nvt: {temperature: 300 K, thermostat: nose}", 1.0, 10), NMD_BAD_CHOICE);
  toy_free(&toy);
}

TEST_SUITE("dynamics/ensemble_nvt", TEST(test_order_of_conserved_energy), TEST(test_no_drift),
           TEST(test_canonical_averages), TEST(test_exact_configurations_at_large_step), TEST(test_ramps),
           TEST(test_restart), TEST(test_momentum), TEST(test_bad_values))
